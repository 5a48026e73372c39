// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import "github.com/ipledger/ipledger/ledger"

// CheckIntake tells what a node refuses at submission, over the state r shows
// and with b.Time the time of the newest block: a reference that another body
// consumed (a conflict, naming the first transaction), an unknown method,
// arguments that do not decode or hold personal data, a validity that is over or
// lies too far ahead. A transaction that has its outcome already is never
// refused: the same request gives the same receipt for ever. Whether its signers
// may act is left to execution, but one of them must hold a key that is or was
// enrolled for the actor: nobody else may use up the actor's share of the
// mempool. An error is a failure to read the state.
func CheckIntake(g *Registry, r Reader, b Block, tx *ledger.Transaction) (*Refusal, error) {
	v, err := newView(r, make(map[string]any), b, tx)
	if err != nil {
		return nil, err
	}
	body := tx.Body()
	if first, ok := Load[ledger.Hash](v, RefKey(body.Actor, body.ClientRef)); ok && first == tx.ID() {
		return nil, v.err
	}
	m, ok := g.Lookup(body.Contract, body.Version, body.Method)
	if !ok {
		return unknownMethod(body), v.err
	}
	args, refusal := m.decodeArgs(body.Args)
	if refusal.Refuses() {
		return refusal, v.err
	}
	if refusal := checkTexts(m, args, body, v.Today()); refusal.Refuses() {
		return refusal, v.err
	}
	if f, void := voidness(v); void {
		return Refuse(f), v.err
	}
	for _, s := range body.Signers {
		if person, ok := personOfKey(v, s.Key); ok && person.Organisation == body.Actor {
			return nil, v.err
		}
	}
	return Refuse(ledger.Failure{Code: ERole, Field: "signers", Subject: body.Actor, Reason: ReasonKey}), v.err
}
