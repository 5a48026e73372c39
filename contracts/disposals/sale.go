// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// Result is what became of a disposal.
type Result struct {
	DisposalNo string `cbor:"1,keyasint" json:"disposal_no"`
	State      State  `cbor:"2,keyasint" json:"state"`
	Round      uint64 `cbor:"3,keyasint" json:"round"`
	Bids       uint64 `cbor:"4,keyasint,omitempty" json:"bids,omitempty"` // of the round
}

// A sale is a disposal at which a step is taken, with all that the step is judged by.
type sale struct {
	*contracts.Refusal
	v           *contracts.View
	record      Record
	file        File
	pledge      pledges.Record
	application pledges.Application
	rights      []rights.Record // in the order of the record
}

// find finds a disposal by its number as typed. Who does not keep it is refused.
func find(v *contracts.View, disposalNo string) (*sale, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(disposalNo)
	if err != nil {
		return nil, contracts.Refuse(contracts.IdentifierFailure(err, "disposal_no"))
	}
	s := &sale{Refusal: new(contracts.Refusal), v: v}
	var ok bool
	if s.record, ok = contracts.Load[Record](v, RecordKey(number.Canonical)); !ok {
		return nil, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "disposal_no", Subject: number.Canonical})
	}
	s.file, _ = contracts.Load[File](v, FileKey(s.record.DisposalNo))
	s.pledge, s.application, _ = pledges.Load(v, s.record.PledgeNo, "disposal_no")
	for _, right := range s.record.Rights {
		of, _ := contracts.Load[rights.Record](v, right.Key())
		s.rights = append(s.rights, of)
	}
	if !contracts.ActsFor(v, s.record.Venue, s.record.DisposalNo) {
		s.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: s.record.DisposalNo, Reason: contracts.ReasonOtherVenue})
	}
	return s, nil
}

// at finds a disposal in one of the states that a step is taken from, of an enforcement
// that goes on and of rights that the pledge still has.
func at(v *contracts.View, disposalNo string, from ...State) (*sale, *contracts.Refusal) {
	s, refusal := find(v, disposalNo)
	if refusal.Refuses() {
		return nil, refusal
	}
	switch state := stateNow(v, s.record); {
	case s.record.State.Open() && state == Stopped:
		s.Add(ledger.Failure{Code: contracts.EState, Field: "disposal_no", Subject: s.record.PledgeNo, Reason: contracts.ReasonNoEnforcing})
	case !slices.Contains(from, state):
		s.wrongState(state)
	}
	if s.Refuses() {
		return nil, s.Refusal
	}
	s.checkRights()
	return s, nil
}

// stateNow is StateIn for the block that runs.
func stateNow(v *contracts.View, r Record) State {
	if !r.State.Open() {
		return r.State
	}
	pledge, application, _ := pledges.Load(v, r.PledgeNo, "disposal_no")
	return r.StateIn(pledges.StateNow(v, pledge), application.Enforcement)
}

func (s *sale) wrongState(state State) {
	s.Add(ledger.Failure{Code: contracts.EState, Field: "disposal_no", Subject: s.record.DisposalNo, Reason: contracts.DisposalReason + string(state)})
}

// checkRights refuses rights that have ended or that the pledge has no more, and, but
// for a court, those that a freeze or a suspension keeps where they are.
func (s *sale) checkRights() {
	now := s.v.Time()
	for _, of := range s.rights {
		status := rights.StatusOf(of, now, s.v.Parameters())
		refuse := func(code, reason string) {
			s.Add(ledger.Failure{Code: code, Field: "rights", Subject: of.RightID, Reason: reason})
		}
		switch {
		case rights.EndsPledge(of, s.pledge.PledgeNo, now, s.v.Parameters()):
			refuse(contracts.EExpired, "")
		case !pledgedUnder(of, s.pledge.PledgeNo, now):
			refuse(contracts.EState, contracts.ReasonNotInPledge)
		case s.record.Route == pledges.RouteCourt:
		case status.Has(rights.FlagFrozen):
			refuse(contracts.EFrozen, "")
		case status.Has(rights.FlagSuspended):
			refuse(contracts.EFrozen, rights.FlagSuspended)
		}
	}
}

func pledgedUnder(of rights.Record, pledgeNo string, now int64) bool {
	return slices.ContainsFunc(rights.LivePledges(of, now), func(e rights.PledgeEntry) bool { return e.PledgeNo == pledgeNo })
}

// agreed requires the signatures of parties, or of who stands in their place in a record.
func (s *sale) agreed(code, recordNo string, parties ...string) {
	for _, party := range parties {
		if !s.v.SignedFor(party, recordNo, contracts.Countersigner) {
			s.Add(ledger.Failure{Code: code, Field: "signers", Subject: contracts.Current(s.v, party, recordNo)})
		}
	}
}

// pledgeesAgree requires the signatures of the pledgees who enforce.
func (s *sale) pledgeesAgree() {
	s.agreed(contracts.ESignature, s.pledge.PledgeNo, s.application.Pledgees...)
}

// ownersAgree requires the signatures of the pledgors, and of who owns the rights today.
// An owner who is not on this ledger cannot sign.
func (s *sale) ownersAgree() {
	s.agreed(contracts.EConsent, s.pledge.PledgeNo, s.application.Pledgors...)
	for _, of := range s.rights {
		s.agreed(contracts.EConsent, of.RightID, of.Owners...)
		if len(of.Outsiders) > 0 {
			s.Add(ledger.Failure{Code: contracts.EConsent, Field: "rights", Subject: of.RightID})
		}
	}
}

// finish moves the disposal to a state and stores it.
func (s *sale) finish(state State, method, event string) (Result, *contracts.Refusal) {
	if s.Refuses() {
		return Result{}, s.Refusal
	}
	s.record.State = state
	step := Step{State: state, Method: method, Time: s.v.Time(), Transaction: s.v.Transaction(), Actor: s.v.Actor()}
	for _, signer := range s.v.Signers() {
		step.Persons = append(step.Persons, signer.Person)
		step.SignedFor = append(step.SignedFor, signer.Organisation)
	}
	s.file.Steps = append(slices.Clone(s.file.Steps), step)
	contracts.Store(s.v, FileKey(s.record.DisposalNo), s.file)
	return s.store(event)
}

// store stores the public record alone.
func (s *sale) store(event string) (Result, *contracts.Refusal) {
	if s.Refuses() {
		return Result{}, s.Refusal
	}
	contracts.Store(s.v, RecordKey(s.record.DisposalNo), s.record)
	s.v.Emit(event, s.record.DisposalNo)
	return Result{
		DisposalNo: s.record.DisposalNo, State: s.record.State, Round: uint64(len(s.record.Rounds)), Bids: s.record.Round().Bids,
	}, nil
}
