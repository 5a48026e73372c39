// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
)

// objectPledge judges a step of a pledge (DOMAIN 3.3).
func (m *reference) objectPledge(c call, at int64) string {
	if c.method == "pledges.submit" {
		return m.objectApplication(c, at)
	}
	p := m.pledges[text(c.a, "pledge_no")]
	if castRoles[c.actor] == "BANK" {
		if !slices.Contains(p.pledgees, c.actor) {
			return "no pledgee of it"
		}
		for _, pledgee := range p.pledgees {
			if pledgee != c.actor && !c.signs(pledgee) {
				return pledgee + " has not agreed"
			}
		}
	}
	switch c.method {
	case "pledges.accept":
		return unless(p.office == c.actor && p.state == "SUBMITTED")
	case "pledges.refuse":
		return unless(p.office == c.actor && p.state == "ACCEPTED")
	case "pledges.withdraw":
		for _, pledgor := range p.pledgors {
			if !c.signs(pledgor) {
				return pledgor + " has not agreed"
			}
		}
		return unless(p.state == "SUBMITTED" || p.state == "ACCEPTED")
	case "pledges.register":
		return m.objectRegistration(c, p, at)
	case "pledges.consent_release":
		return unless(p.state == "EFFECTIVE")
	}
	court := text(c.a, "court_document") != ""
	then := number(c.a, "cancellation_time")
	switch {
	case !reports(c.actor, p.rights[0]):
		return "another register"
	case p.state != "RELEASE_PENDING" && !(court && p.state == "EFFECTIVE"):
		return "nobody has let go"
	case then > at || then < p.statutoryAt || !court && dayOf(then) < dayOf(p.last):
		return "cancelled too early"
	}
	return ""
}

func (m *reference) objectApplication(c call, at int64) string {
	var list []*dossier
	for _, ref := range texts(c.a, "rights") {
		list = append(list, m.know(m.rightOf(ref)))
	}
	pledgors, pledgees := texts(c.a, "pledgors"), texts(c.a, "pledgees")
	acknowledged := texts(c.a, "acknowledgements")
	var owners []string
	for i, d := range list {
		o := d.at(at)
		switch {
		case d.space != "PATENT":
			return "only patents by now"
		case slices.ContainsFunc(list[:i], func(other *dossier) bool { return other.right == d.right }):
			return "one right twice"
		case o.base != "CONFIRMED":
			return "no living right" // INV-03
		case older(d.read, at, m.figures.evidenceDays):
			return "an old look at the register"
		case o.inForce != "" || o.has("FROZEN") || o.has("SUSPENDED") || o.has("DISPUTED"):
			return "frozen, suspended or disputed" // INV-04
		case o.has("IN_GRACE"):
			return "a fee is owed" // R04
		case len(o.pledges) >= m.figures.livePledges, o.reservations > 0,
			slices.ContainsFunc(d.burdens, func(b burden) bool { return b.burdens(at) }):
			return "pledged, or spoken for" // R09
		case o.has("TWIN_APPLICATION") && !slices.Contains(acknowledged, "R10_TWIN_APPLICATION"),
			o.has("INVALIDATION_PENDING") && !slices.Contains(acknowledged, "R11_INVALIDATION_PENDING"):
			return "the parties have not been told"
		}
		owners = append(owners, d.owners...)
		if why := objectOwners(d.right, d.owners, pledgors, c.signs); why != "" {
			return why
		}
	}
	for _, pledgor := range pledgors {
		if !slices.Contains(owners, pledgor) || !c.signs(pledgor) {
			return pledgor + " does not own it, or has not signed" // R01, INV-05
		}
	}
	if !slices.Contains(pledgees, c.actor) {
		return "the bank is no pledgee"
	}
	for _, pledgee := range pledgees {
		if castRoles[pledgee] != "BANK" || slices.Contains(pledgors, pledgee) || pledgee != c.actor && !c.signs(pledgee) {
			return pledgee + " is no bank, or has not signed"
		}
	}
	office := text(c.a, "office")
	if office == "" {
		office = list[0].by
	}
	return unless(reports(office, list[0].right))
}

// objectOwners finds a right that none of the pledgors owns, and a co-owner who has not
// signed (R08, INV-06).
func objectOwners(right string, owners, pledgors []string, signed func(string) bool) string {
	if !slices.ContainsFunc(owners, func(o string) bool { return slices.Contains(pledgors, o) }) {
		return "none of the pledgors owns " + right
	}
	for _, owner := range owners {
		if len(owners) > 1 && !signed(owner) {
			return "the co-owner " + owner + " has not signed"
		}
	}
	return ""
}

// objectRegistration judges a registration by what held when the registrar registered.
func (m *reference) objectRegistration(c call, p *applied, at int64) string {
	no, then := text(c.a, "statutory_no"), number(c.a, "statutory_time")
	switch {
	case p.office != c.actor || p.state != "ACCEPTED":
		return "not accepted, or by another office"
	case m.numbers[no] != "":
		return "the number is another pledge's" // INV-25
	case then > at || dayOf(then) < dayOf(p.last):
		return "registered too early"
	}
	var owners []string
	for _, right := range p.rights {
		d := m.know(right)
		then := number(c.a, "statutory_time")
		owners = append(owners, d.ownersAt(then)...)
		preserved, others := len(d.standing(then)) > 0, 0
		for _, b := range d.burdens {
			if b.is(no, then) {
				continue // the register shows this very pledge already
			}
			preserved = preserved || b.kind == "PRESERVATION" && b.inForce(then)
			if b.kind != "PRESERVATION" && b.burdens(at) {
				others++
			}
		}
		annual := d.space == "PATENT" || d.space == "VARIETY"
		switch {
		case preserved || d.flagged("SUSPENDED", then) || d.flagged("DISPUTED", then):
			return "frozen, suspended or disputed then" // INV-04
		case ended(d.then(then)):
			return "the right was over" // INV-03
		case annual && d.feeOwed(then):
			return "a fee was owed" // R04
		case len(d.live) >= m.figures.livePledges || others > 0:
			return "pledged already" // INV-02
		case d.flagged("TWIN_APPLICATION", then) && !slices.Contains(p.acknowledged, "R10_TWIN_APPLICATION"),
			d.flagged("INVALIDATION_PENDING", then) && !slices.Contains(p.acknowledged, "R11_INVALIDATION_PENDING"):
			return "the parties had not been told"
		}
		signed := func(owner string) bool { return slices.Contains(p.signed, owner) }
		if why := objectOwners(right, d.ownersAt(then), p.pledgors, signed); why != "" {
			return why
		}
	}
	for _, pledgor := range p.pledgors {
		if !slices.Contains(owners, pledgor) {
			return pledgor + " owns nothing of it any more"
		}
	}
	return ""
}
