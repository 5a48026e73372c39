// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
)

// A signature is who signs, and in which role.
type signature struct {
	by   Signatory
	role string
}

// actor is the member that acts: the first one's, or if organisations of its kind may
// not call the method, the first whose may. Where nobody's may the first acts, and is
// refused.
func (c *cast) actor(rule contracts.Rule, as []Signatory) string {
	for _, one := range as {
		if len(rule.Actors) == 0 || slices.Contains(rule.Actors, c.members[one.For].party.Role) {
			return one.For
		}
	}
	return as[0].For
}

// signatures says in which roles people sign a call of a method with this rule that
// actor makes; brings tells whether the arguments hold a person's
// key, which then proves that it is held where the method enrols one.
//
// A person of the actor signs in the role of the own name where the method asks for
// it, and in a role that it lacks where it does not or another has that role already:
// so a maker who is named twice would be the own checker, and the ledger refuses. A
// person of another organisation agrees, as a countersigner.
func signatures(rule contracts.Rule, actor string, as []Signatory, brings func(Person) bool) []signature {
	out := make([]signature, len(as))
	var needed []string // of the actor, still
	needed = append(needed, rule.Roles...)
	take := func(role string) bool {
		at := slices.Index(needed, role)
		if at >= 0 {
			needed = slices.Delete(needed, at, at+1)
		}
		return at >= 0
	}
	for i, p := range as {
		out[i].by = p
		switch {
		case rule.NewKey != "" && brings(p.Person):
			out[i].role = rule.NewKey
		case p.For != actor:
			out[i].role = otherRole(rule.Others, p.role())
		case take(p.role()):
			out[i].role = p.role()
		}
	}
	for i, p := range as {
		switch {
		case out[i].role != "":
		case slices.Contains(rule.May, p.role()), len(needed) == 0:
			out[i].role = p.role()
		default:
			out[i].role, needed = needed[0], needed[1:]
		}
	}
	return out
}

// otherRole is the role of somebody whose organisation does not act.
func otherRole(others []string, own string) string {
	switch {
	case slices.Contains(others, own):
		return own
	case len(others) == 0 || slices.Contains(others, contracts.Countersigner):
		return contracts.Countersigner
	}
	return others[0]
}
