// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"fmt"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A Step is one thing that happened to a pledge. Each is a record of its own, so that the
// next one costs the same however much has happened.
type Step struct {
	State       State        `cbor:"1,keyasint" json:"state"` // after it
	Time        int64        `cbor:"2,keyasint" json:"time"`
	Transaction ledger.Hash  `cbor:"3,keyasint" json:"transaction"`
	Actor       string       `cbor:"4,keyasint" json:"actor"`
	Persons     []string     `cbor:"5,keyasint" json:"persons"`                        // who signed, by pseudonym
	SignedFor   []string     `cbor:"6,keyasint" json:"signed_for"`                     // the organisation each of them signed for
	Method      string       `cbor:"7,keyasint" json:"method"`                         // that was called
	Commitment  *ledger.Hash `cbor:"8,keyasint,omitempty" json:"commitment,omitempty"` // of what was sealed with it
}

// maxSteps bounds what may happen to one pledge, beside its end: who asks for it gets all.
const maxSteps = 1000

// checkSteps refuses a step of a pledge to which as much has happened as may. Its end is
// not counted.
func checkSteps(application Application, r *contracts.Refusal) {
	if application.StepCount >= maxSteps {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: application.PledgeNo, Reason: contracts.ReasonLength})
	}
}

// StepKey is the state key of the nth step of a pledge, from 0.
func StepKey(pledgeNo string, n uint64) string {
	return fmt.Sprintf("pledge_steps/%s/%08d", pledgeNo, n)
}

// StepsOf gives what happened to a pledge, the oldest first: load reads one record.
func StepsOf(a Application, load func(key string, step *Step) error) ([]Step, error) {
	steps := make([]Step, a.StepCount)
	for n := range steps {
		if err := load(StepKey(a.PledgeNo, uint64(n)), &steps[n]); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// step moves a pledge to a state, stores both of its records and adds one of what was done.
func step(v *contracts.View, record Record, application Application, state State, method, event string) {
	by := v.Signers()
	s := Step{
		State: state, Time: v.Time(), Transaction: v.Transaction(), Actor: v.Actor(), Method: method, Commitment: v.Sealed(),
		Persons: make([]string, len(by)), SignedFor: make([]string, len(by)),
	}
	for i, signer := range by {
		s.Persons[i], s.SignedFor[i] = signer.Person, signer.Organisation
	}
	contracts.Store(v, StepKey(record.PledgeNo, application.StepCount), s)
	record.State = state
	if application.StepState != state {
		application.StepState, application.StepTime = state, s.Time
	}
	application.StepCount++
	contracts.Store(v, RecordKey(record.PledgeNo), record)
	contracts.Store(v, ApplicationKey(record.PledgeNo), application)
	v.Emit(event, record.PledgeNo)
}
