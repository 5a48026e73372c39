// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import "github.com/ipledger/ipledger/ledger"

// An Intake judges transactions before they are ordered, over the state after one
// block. It keeps what it has read of keys, people and rules, so it has one owner,
// and a block that changes one of them takes a new one.
type Intake struct {
	registry *Registry
	view     View
	layer    overlay // nothing is written here: it needs no room
}

// NewIntake makes the intake over the state after block.
func NewIntake(g *Registry, b Block) *Intake {
	return &Intake{registry: g, view: View{block: b, known: newKnown(), methods: g}}
}

// Over moves the intake to the state after another block, in which the keys, people
// and rules are the same.
func (in *Intake) Over(b Block) {
	in.view.block = b
	clear(in.view.known.serials) // they are of the day of the block before
}

// maxKnown bounds the records that an intake keeps.
const maxKnown = 1 << 14

// CheckIntake judges one transaction, see Intake.Check.
func CheckIntake(g *Registry, r Reader, b Block, tx *ledger.Transaction) (*Refusal, error) {
	_, refusal, err := NewIntake(g, b).Check(r, tx)
	return refusal, err
}

// Check tells what a node refuses at submission, over the state r shows, which is
// that after the intake's block; its time is the block's. That is a reference that
// another body consumed (a conflict, naming the first transaction), an unknown
// method, arguments that do not decode or hold personal data, a validity that is
// over or lies too far ahead. A transaction that has ended, with its outcome in
// that state, is never refused: the same request gives the same receipt for ever.
// Whether its signers may act is left to execution, but one of them must hold a key
// that is or was enrolled for the actor, or for an agent of the actor in this, or be a
// node of it where the method lets nodes sign: nobody else may use up the actor's
// share of the mempool. An error is a failure to read the state.
func (in *Intake) Check(r Reader, tx *ledger.Transaction) (ended bool, refusal *Refusal, err error) {
	v := &in.view
	if len(v.known.records)+len(v.known.holders) > maxKnown {
		v.known = newKnown()
	}
	in.layer.below = r
	v.state = &in.layer
	if err := v.begin(tx); err != nil {
		return false, nil, err
	}
	body := tx.Body()
	first, consumed := Load[ledger.Hash](v, v.refKey)
	if consumed && first == tx.ID() {
		return true, nil, v.err
	}
	m := in.registry.find(body)
	if m == nil {
		return false, unknownMethod(body), v.err
	}
	if _, refusal := in.registry.judgeArgs(m, v.Network(), body, v.Today()); refusal.Refuses() {
		return false, refusal, v.err
	}
	if f, void := untimely(v); void {
		return false, Refuse(f), v.err
	}
	if consumed {
		return false, Refuse(taken(first)), v.err
	}
	for _, s := range body.Signers {
		if person, ok := personOfKey(v, s.Key); ok &&
			(person.Organisation == body.Actor || s.Organisation == body.Actor && agency(v, person.Organisation, s) == "") {
			return false, nil, v.err
		}
		if m.Rule.ByNode && s.Role == Validator && isNode(v, body.Actor, s.Key) {
			return false, nil, v.err
		}
	}
	return false, Refuse(ledger.Failure{Code: ERole, Field: "signers", Subject: body.Actor, Reason: ReasonKey}), v.err
}
