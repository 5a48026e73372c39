// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
)

// pledgeOf is the number of the pledge that a call made or was about.
func (m *reference) pledgeOf(c call, result args) string {
	if c.method == "pledges.submit" || c.method == "pools.pledge" {
		return text(result, "pledge_no")
	}
	return text(c.a, "pledge_no")
}

// hearPledge takes a step of a pledge that was accepted, and gives the rights that it
// concerns.
func (m *reference) hearPledge(c call, at int64, result args) (of []string) {
	if c.method == "pledges.change_rank" {
		right := m.rightOf(text(c.a, "right_id"))
		then := number(c.a, "statutory_time")
		if then == 0 {
			then = at
		}
		for _, no := range texts(c.a, "order") {
			p := m.pledges[no]
			p.newest, p.last, p.steps = max(p.newest, then), at, p.steps+1
			p.entered = append(slices.Clone(p.entered), then)
		}
		return []string{right}
	}
	p := m.pledges[m.pledgeOf(c, result)]
	if p == nil {
		p = &applied{no: text(result, "pledge_no"), until: make(map[string]int64)}
		m.pledges[p.no], m.order = p, append(m.order, p.no)
	}
	before := p.rights
	switch c.method {
	case "pledges.submit", "pledges.resubmit", "pools.pledge":
		m.hearApplication(c, p, at)
	case "pledges.accept":
		p.state, p.acceptedAt = "ACCEPTED", at
	case "pledges.correct":
		p.state, p.lapses = "CORRECTION", dayOver(plusDays(dayOf(at), m.figures.correctionDays))
	case "pledges.refuse":
		p.state = "REFUSED"
	case "pledges.withdraw":
		p.state = "WITHDRAWN"
	case "pledges.register":
		p.rights, p.pledgors = m.registered(c, p)
		p.state, p.registeredAt, p.end = "EFFECTIVE", at, text(c.a, "registration_end")
		p.statutory, p.statutoryAt = text(c.a, "statutory_no"), number(c.a, "statutory_time")
		m.numbers[p.statutory] = p.no
	case "pledges.change":
		p.rights = slices.DeleteFunc(slices.Clone(p.rights), func(right string) bool { return slices.Contains(m.rightsOf(texts(c.a, "remove_rights")), right) })
		p.rights = append(p.rights, m.rightsOf(texts(c.a, "add_rights"))...)
	case "pledges.partial_release":
		p.rights = slices.DeleteFunc(slices.Clone(p.rights), func(right string) bool { return slices.Contains(m.rightsOf(texts(c.a, "rights")), right) })
	case "pledges.extend":
		if end := text(c.a, "registration_end"); end != "" {
			p.end = end
		}
	case "pledges.transfer":
		p.pledgees = sorted(texts(c.a, "pledgees"))
	case "pledges.fix_claim":
		p.fixed = true
	case "pledges.start_enforcement":
		p.state, p.enforcedAt, p.route = "ENFORCING", at, text(c.a, "route")
	case "pledges.end_enforcement":
		p.state = "EFFECTIVE"
	case "pledges.consent_release":
		p.state, p.ground = "RELEASE_PENDING", text(c.a, "ground")
	case "pledges.withdraw_release":
		p.state = "EFFECTIVE"
		if p.ground == "REALISED" { // the enforcement goes on
			p.state = "ENFORCING"
		}
		p.ground = ""
	case "pledges.cancel":
		court := text(c.a, "court_document") != ""
		p.cancelled = &cancelled{place: len(m.log), at: number(c.a, "cancellation_time"), told: at, court: court, was: *p}
		p.state = "RELEASED"
		switch {
		case text(c.a, "court_document") != "":
			p.ground = "COURT"
		case p.ground == "REALISED":
			p.state = "REALISED"
		}
	case "pledges.revoke":
		p.state = "REVOKED"
	}
	switch c.method {
	case "pledges.register", "pledges.change", "pledges.partial_release", "pledges.extend", "pledges.transfer":
		then := number(c.a, "statutory_time")
		if then == 0 {
			then = at
		}
		if p.newest = max(p.newest, then); c.method != "pledges.register" {
			p.entered = append(slices.Clone(p.entered), then)
		}
	}
	p.last, p.steps = at, p.steps+1
	of = append(slices.Clone(before), p.rights...)
	if c.method == "pledges.revoke" { // it was void from the start, also for those that it had let go
		of = append(of, p.had...)
	}
	for _, right := range before {
		if p.registeredAt > 0 && !slices.Contains(p.rights, right) {
			p.had = append(p.had, right)
		}
	}
	slices.Sort(of)
	return slices.Compact(of)
}

// hearApplication takes an application in, or one that is brought anew.
func (m *reference) hearApplication(c call, p *applied, at int64) {
	d := m.draftOf(c, p)
	taken := m.assess(d, c, at)
	until := maps.Clone(p.until)
	p.rights = nil
	for _, of := range taken.good {
		p.rights = append(p.rights, of.right)
		if _, reserved := until[of.right]; !reserved {
			until[of.right] = at + int64(m.figures.reservationDays)*aDay
		}
	}
	maps.DeleteFunc(until, func(right string, _ int64) bool { return !slices.Contains(p.rights, right) })
	p.until, p.state, p.lapses = until, "SUBMITTED", 0
	p.pledgors, p.pledgees, p.acknowledged = taken.pledgors, sorted(d.pledgees), d.acknowledged
	p.kind, p.method, p.partial = d.kind, d.method, d.partial
	if p.office == "" {
		p.office = d.office
		if p.office == "" {
			p.office = taken.good[0].by
		}
	}
	p.signed = nil
	for _, s := range c.signers {
		p.signed = append(p.signed, s.Organisation)
	}
}

// registered are the rights and the pledgors of an application without those that the
// registrar has refused.
func (m *reference) registered(c call, p *applied) (rights, pledgors []string) {
	rights, pledgors = p.rights, p.pledgors
	refused, _ := c.a["refused"].([]args)
	if len(refused) == 0 {
		return rights, pledgors
	}
	for _, line := range refused {
		rights = slices.DeleteFunc(slices.Clone(rights), func(right string) bool { return right == m.rightOf(text(line, "right_id")) })
	}
	pledgors = slices.DeleteFunc(slices.Clone(pledgors), func(pledgor string) bool {
		return !slices.ContainsFunc(rights, func(right string) bool {
			return slices.Contains(m.know(right).ownersAt(number(c.a, "statutory_time")), pledgor)
		})
	})
	return rights, pledgors
}

func (m *reference) rightsOf(refs []string) (out []string) {
	for _, ref := range refs {
		out = append(out, m.rightOf(ref))
	}
	return out
}

// pending tells whether an application waits at a time: one that nobody mends in time is
// withdrawn.
func (p *applied) pending(at int64) bool {
	return p.state == "SUBMITTED" || p.state == "ACCEPTED" || p.state == "CORRECTION" && at < p.lapses
}

// alive tells whether a pledge burdened its rights after its last step.
func (p *applied) alive() bool {
	return p.state == "EFFECTIVE" || p.state == "RELEASE_PENDING" || p.state == "ENFORCING"
}

// waiting are the applications for a right.
func (m *reference) waiting(right string, at int64) (out []*applied) {
	for _, no := range m.order {
		if p := m.pledges[no]; p.pending(at) && slices.Contains(p.rights, right) {
			out = append(out, p)
		}
	}
	return out
}

// stateOf is the state of a pledge at a time (DOMAIN 3.3). Once its last day is over it
// has ended by time; once all of its rights are over it is extinguished, whichever came
// first; by a right held invalid as if it had never stood.
func (m *reference) stateOf(p *applied, at int64) string {
	switch {
	case p.state == "CORRECTION" && at >= p.lapses:
		return "WITHDRAWN"
	case !p.alive():
		return p.state
	}
	timeUp := past(p.end, at)
	if timeUp {
		at = dayOver(p.end) - 1
	}
	over := 0
	for _, right := range p.rights {
		if m.know(right).ends(p.no, at) {
			over++
		}
	}
	switch {
	case over == len(p.rights):
		return "EXTINGUISHED"
	case timeUp:
		return "ENDED_BY_TIME"
	}
	return p.state
}
