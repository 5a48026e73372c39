// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strconv"
	"strings"
)

// A disposal is a sale of pledged rights from its listing on (DOMAIN 3.7).
type disposal struct {
	no, pledge, venue, route string
	rights                   []string
	state                    string // after its last step, see disposalState
	enforced                 int64  // since when: the enforcement that it belongs to
	reference                int64
	rounds                   []round
	buyers                   []string // sorted
	settledAt                int64
}

// A round is one time that rights were offered.
type round struct {
	kind          string
	reserve       int64
	opens, closes int64
	bids          int
}

func (s *disposal) newest() *round { return &s.rounds[len(s.rounds)-1] }

func (s *disposal) open() bool {
	return s.state == "LISTED" || s.state == "FAILED" || s.state == "SOLD"
}

// disposalState is where a disposal is at a time: what is open goes no further than its
// enforcement.
func (m *reference) disposalState(s *disposal, at int64) string {
	p := m.pledges[s.pledge]
	if s.open() && (m.stateOf(p, at) != "ENFORCING" || p.enforcedAt != s.enforced) {
		return "STOPPED"
	}
	return s.state
}

// amount reads a price.
func amount(a args, name string) int64 {
	n, _ := strconv.ParseInt(text(a, name), 10, 64)
	return n
}

// hearDisposal takes a step of a disposal, and gives the rights that it concerns.
func (m *reference) hearDisposal(c call, at int64, result args) []string {
	s := m.disposals[text(c.a, "disposal_no")]
	switch strings.TrimPrefix(c.method, "disposals.") {
	case "list":
		p := m.pledges[text(c.a, "pledge_no")]
		s = &disposal{
			no: text(result, "disposal_no"), pledge: p.no, venue: c.actor, route: p.route, rights: m.offered(c, p, at), state: "LISTED",
			enforced: p.enforcedAt, reference: amount(c.a, "reference_price"), rounds: []round{roundOf(c.a)},
		}
		for _, old := range m.disposals { // what was left of an older one does not come back
			if old.open() && slices.ContainsFunc(old.rights, func(right string) bool { return slices.Contains(s.rights, right) && m.listed[right] == old.no }) {
				old.state = "STOPPED"
			}
		}
		m.disposals[s.no], m.sales = s, append(m.sales, s.no)
		for _, right := range s.rights {
			m.listed[right] = s.no
		}
	case "bid":
		s.newest().bids++
	case "fail":
		s.state = "FAILED"
	case "relist":
		s.state, s.rounds = "LISTED", append(s.rounds, roundOf(c.a))
	case "close", "set_off":
		s.state, s.buyers = "SOLD", sorted(texts(c.a, "buyers"))
	case "settle":
		s.state, s.settledAt = "SETTLED", at
	case "stop":
		s.state = "STOPPED"
	}
	return s.rights
}

func roundOf(a args) round {
	return round{kind: text(a, "kind"), reserve: amount(a, "reserve_price"), opens: number(a, "opens_at"), closes: number(a, "closes_at")}
}

// offered are the rights that a listing names, or all that live and were not sold under
// the pledge.
func (m *reference) offered(c call, p *applied, at int64) (list []string) {
	if refs := texts(c.a, "rights"); len(refs) > 0 {
		return m.rightsOf(refs)
	}
	for _, right := range p.rights {
		if d := m.know(right); !d.ends(p.no, at) && !d.soldUnder(p.no) {
			list = append(list, right)
		}
	}
	return list
}

// soldUnder tells whether the right's newest sale came of a pledge.
func (d *dossier) soldUnder(pledge string) bool { return d.sale != nil && d.sale.pledge == pledge }

// objectDisposal judges a step of a disposal.
func (m *reference) objectDisposal(c call, at int64) string {
	step := strings.TrimPrefix(c.method, "disposals.")
	if step == "list" {
		return m.objectListing(c, at)
	}
	s := m.disposals[text(c.a, "disposal_no")]
	if s.venue != c.actor {
		return "another keeps it"
	}
	if step == "stop" {
		return unless(s.open() && text(c.a, "reason") != "")
	}
	p, r := m.pledges[s.pledge], s.newest()
	from := map[string]string{"bid": "LISTED", "close": "LISTED", "fail": "LISTED", "relist": "FAILED", "set_off": "FAILED", "settle": "SOLD"}[step]
	if state := m.disposalState(s, at); state != from {
		return "it is " + state
	}
	if why := m.objectSold(s.rights, p, s.route, at); why != "" {
		return why
	}
	auction := r.kind != "AGREEMENT"
	switch step {
	case "bid":
		return unless(auction && r.opens <= at && at < r.closes)
	case "fail":
		return unless(auction && at >= r.closes && r.bids == 0)
	case "settle":
		return unless(c.signsAll(p.pledgees...) && (s.route == "COURT" || c.signsAll(m.before(p, s.rights, at)...)))
	case "relist":
		auctions, sellOff := 0, false
		for _, old := range s.rounds {
			if auctions++; old.kind == "SELL_OFF" {
				sellOff = true
			}
		}
		if sellOff || auctions > 2 || auctions == 2 && text(c.a, "kind") == "AUCTION" {
			return "two auctions and a sell-off, and no more"
		}
		return m.objectRound(c, p, s.route, s, at)
	}
	buyers := texts(c.a, "buyers")
	switch {
	case len(buyers) == 0 || len(slices.Compact(sorted(buyers))) != len(buyers):
		return "nobody buys, or one twice"
	case amount(c.a, "price") < r.reserve:
		return "under the reserve price"
	case step == "close" && auction:
		own := s.route == "PRIVATE_SALE" && m.holds(buyers, s.rights, at)
		return unless(at >= r.closes && r.bids > 0 && !(own && amount(c.a, "price") < share(s.reference, 70)))
	case !c.signsAll(p.pledgees...) || !c.signsAll(p.pledgors...):
		return "a side has not agreed"
	}
	for _, right := range s.rights {
		d := m.know(right)
		if !c.signsAll(d.owners...) || len(d.outside) > 0 {
			return "an owner has not agreed"
		}
		for _, e := range d.live(at) {
			if !c.signsAll(e.pledgees...) {
				return e.no + " has not agreed"
			}
		}
	}
	return unless(step == "close" || !slices.ContainsFunc(buyers, func(b string) bool { return !slices.Contains(p.pledgees, b) }))
}

// before lists the pledgees whose pledges of the rights do not rank behind another.
func (m *reference) before(p *applied, list []string, at int64) (out []string) {
	for _, right := range list {
		ranked := m.know(right).ranked(at)
		i := slices.IndexFunc(ranked, func(e *entry) bool { return e.no == p.no })
		for _, e := range ranked {
			if e.no != p.no && (i < 0 || e.place.at <= ranked[i].place.at) {
				out = append(out, e.pledgees...)
			}
		}
	}
	return out
}

// holds tells whether any of some parties holds a pledge of the rights.
func (m *reference) holds(parties, list []string, at int64) bool {
	return slices.ContainsFunc(list, func(right string) bool {
		return slices.ContainsFunc(m.know(right).live(at), func(e *entry) bool {
			return slices.ContainsFunc(parties, func(id string) bool { return slices.Contains(e.pledgees, id) })
		})
	})
}

// signsAll tells whether all of some organisations countersign a call.
func (c call) signsAll(parties ...string) bool {
	return !slices.ContainsFunc(parties, func(id string) bool { return !c.signs(id) })
}

// objectListing judges the first offer of rights under a pledge that is being enforced.
func (m *reference) objectListing(c call, at int64) string {
	p := m.pledges[text(c.a, "pledge_no")]
	list := m.offered(c, p, at)
	court, agreement := castRoles[c.actor] == "COURT", text(c.a, "kind") == "AGREEMENT"
	switch {
	case m.stateOf(p, at) != "ENFORCING":
		return "nobody enforces it"
	case court != (p.route == "COURT"), agreement != (p.route == "AGREEMENT"):
		return "another route"
	case len(list) == 0 || len(slices.Compact(sorted(list))) != len(list):
		return "nothing to sell, or one right twice"
	case amount(c.a, "reference_price") == 0, agreement && text(c.a, "valuation") == "":
		return "nobody has valued it"
	}
	if why := m.objectSold(list, p, p.route, at); why != "" {
		return why
	}
	for _, right := range list {
		d := m.know(right)
		gone := d.sale != nil && (d.entered || d.ownersTold > d.sale.settledAt) // to its buyers, or elsewhere
		if d.sale != nil && (d.sale.pledge == p.no || !gone) {
			return right + " is sold already"
		}
		if other := m.disposals[m.listed[right]]; other != nil && other.open() && m.disposalState(other, at) != "STOPPED" {
			return right + " is offered already"
		}
	}
	return m.objectRound(c, p, p.route, nil, at)
}

// objectSold finds a right that cannot be sold: it is over, the pledge has it no more, or,
// unless a court sells, it is frozen or suspended.
func (m *reference) objectSold(rights []string, p *applied, route string, at int64) string {
	for _, right := range rights {
		d := m.know(right)
		live := slices.ContainsFunc(d.live(at), func(e *entry) bool { return e.no == p.no })
		switch {
		case d.ends(p.no, at) || !live:
			return right + " is over, or not pledged"
		case route != "COURT" && (d.frozenAt(at) || d.flagged("SUSPENDED", at)):
			return right + " is frozen or suspended"
		}
	}
	return ""
}

// objectRound judges the terms of an offer, s being the disposal that has failed before.
func (m *reference) objectRound(c call, p *applied, route string, s *disposal, at int64) string {
	r := roundOf(c.a)
	least := int64(1)
	if route == "COURT" {
		switch { // DOMAIN 3.7
		case s == nil:
			least = share(amount(c.a, "reference_price"), 70)
		case len(s.rounds) == 1:
			least = share(s.rounds[0].reserve, 80)
		default:
			least = s.newest().reserve
		}
	}
	switch {
	case route != "COURT" && !c.signsAll(p.pledgees...):
		return "a pledgee has not agreed"
	case r.reserve < max(least, 1):
		return "too low a reserve price"
	case r.kind == "AGREEMENT":
		return unless(r.opens == 0 && r.closes == 0)
	case r.opens < at || r.closes <= r.opens:
		return "the times are out of order"
	case route == "PRIVATE_SALE" && dayOf(r.opens) < plusDays(dayOf(at), 20):
		return "too short a notice"
	}
	return ""
}

// share is so many hundredths of an amount, and no less.
func share(of, percent int64) int64 { return (of*percent + 99) / 100 }
