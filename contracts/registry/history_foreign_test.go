// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// foreignArrows are what foreign organisations do through their agencies (decision 21); of
// each there have to be fewer.
var foreignArrows = []string{
	"foreign, mandate given", "foreign, mandate ended", "foreign, refused without a mandate",
	"foreign pledgee applies", "foreign pledgee acts", "foreign party countersigns", "foreign owner claims",
}

const noMandate = "has no agency with a mandate"

// hearMandate takes what a foreign organisation lets its agency do.
func (m *reference) hearMandate(c call) {
	if m.mandates[c.actor] = text(c.a, "until"); c.method == "parties.end_delegation" {
		delete(m.mandates, c.actor)
	}
}

// objectMandates judges that business of foreign organisations is signed by an agency with
// a mandate of that day, which they give and end themselves.
func (m *reference) objectMandates(c call, at int64) string {
	live := func(principal string) bool {
		until := m.mandates[principal]
		return until != "" && !past(until, at)
	}
	switch until := text(c.a, "until"); c.method {
	case "parties.delegate":
		return unless(until >= dayOf(at) && until <= plusMonths(dayOf(at), 36))
	case "parties.end_delegation":
		return unless(live(c.actor))
	}
	for _, s := range c.signers {
		if agencies[s.Organisation] != "" && !live(s.Organisation) {
			return s.Organisation + " " + noMandate
		}
	}
	return ""
}

// mandateCalls let foreign organisations choose their agency, again when its mandate is
// over, and now and then end it.
func (h *history) mandateCalls() (list []call) {
	for _, principal := range slices.Sorted(maps.Keys(agencies)) {
		until := h.ref.mandates[principal]
		c := call{method: "parties.delegate", actor: principal, a: args{"agent": agencies[principal]}, signers: []ledger.Signer{h.who(principal, contracts.Admin)}}
		switch live := until != "" && !past(until, h.time); {
		case live && h.draw.chance(1), !live && h.draw.chance(2):
			c.method = "parties.end_delegation"
		case !live && h.draw.chance(70):
			c.a["methods"] = []string{"consents", "corrections", "disposals", "freezes", "loans", "pledges", "pools", "rights"}
			c.a["until"] = plusMonths(dayOf(h.time), pick(h.draw, 1, 12, 36, 36, 36, 36, 37))
		default:
			continue
		}
		list = append(list, c)
	}
	return list
}

// foreign counts what foreign organisations do.
func (n *tally) foreign(c call) {
	_, acts := agencies[c.actor]
	switch {
	case c.method == "parties.delegate":
		n.arrows["foreign, mandate given"]++
	case c.method == "parties.end_delegation":
		n.arrows["foreign, mandate ended"]++
	case c.applies() && acts:
		n.arrows["foreign pledgee applies"]++
	case acts && strings.HasPrefix(c.method, "pledges."):
		n.arrows["foreign pledgee acts"]++
	case acts && c.method == "rights.claim":
		n.arrows["foreign owner claims"]++
	case slices.ContainsFunc(c.signers, func(s ledger.Signer) bool { return agencies[s.Organisation] != "" }):
		n.arrows["foreign party countersigns"]++
	}
}
