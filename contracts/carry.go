// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"reflect"
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A Call is a method with its encoded arguments. A proposal holds one, for the
// members to decide on.
type Call struct {
	Contract string
	Version  uint64
	Method   string
	Args     []byte
}

// An inner call is one that the arguments of another method hold. What it says is
// written to the ledger with them, so it is held to the same rules at the same time:
// by every node at submission.
type inner interface {
	Inner() Call
}

// Mandate is the id of the proposal that a method with Rule.Vote runs by; other
// methods have none. Actor and Signers are those of the ballot that carried it.
func (v *View) Mandate() ledger.Hash { return v.mandate }

// Carry runs a method with Rule.Vote in this transaction, as the members have decided
// on a proposal. If the method refuses, nothing that it wrote remains, and the
// transaction goes on. It must be called before the transaction itself writes
// anything. The result is encoded.
func (v *View) Carry(c Call, proposal ledger.Hash, proposer string) (result []byte, r *Refusal) {
	m, r := v.methods.votable(c)
	if r.Refuses() {
		return nil, r
	}
	args, r := m.readArgs(v.Network(), c.Args)
	if r.Refuses() {
		return nil, r
	}
	party, _ := partyOf(v, proposer)
	within := *v
	within.state, within.events = newOverlay(v.state, fewWrites), nil
	within.mandate, within.carried = proposal, &party
	out, r := m.run(&within, args)
	if !r.Refuses() {
		r = within.overlong()
	}
	if v.err = within.err; v.err != nil || r.Refuses() {
		return nil, r
	}
	for _, w := range within.state.writes {
		v.state.put(w.Key, w.Value)
	}
	v.events = append(v.events, within.events...)
	return ledger.Encode(out), nil
}

// votable finds the method of a call that the members may decide on.
func (g *Registry) votable(c Call) (*Method, *Refusal) {
	body := ledger.Body{Contract: c.Contract, Version: c.Version, Method: c.Method}
	m := g.find(&body)
	switch {
	case m == nil:
		return nil, unknownMethod(&body)
	case !m.Rule.Vote:
		return nil, Refuse(ledger.Failure{Code: EForbidden, Field: "method", Subject: m.FullName(), Reason: ReasonNoVote})
	}
	return m, nil
}

// checkInner holds the call in arguments, if they hold one, to what its method asks:
// that it exists, that its arguments are well formed, and that they hold no personal
// data.
func (g *Registry) checkInner(args any, n ledger.Network, today identifier.Date) *Refusal {
	outer, ok := args.(inner)
	if !ok {
		return nil
	}
	c := outer.Inner()
	m, r := g.votable(c)
	if r.Refuses() {
		return r
	}
	decoded, r := m.readArgs(n, c.Args)
	if !r.Refuses() {
		r = new(Refusal)
		m.args.checkPrivacy(reflect.ValueOf(decoded).Elem(), limits{}, "", today, r)
	}
	within := new(Refusal)
	for _, f := range r.Failures {
		if f.Field != "args" && !strings.HasPrefix(f.Field, "args.") {
			f.Field = "args." + f.Field
		}
		within.Add(f)
	}
	return within
}
