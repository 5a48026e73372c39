// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"
)

// objectPledge judges a step of a pledge (DOMAIN 3.3). What is not listed there is
// refused.
func (m *reference) objectPledge(c call, at int64) string {
	if c.method == "pledges.submit" {
		return m.assess(m.draftOf(c, nil), c, at).why
	}
	if c.method == "pledges.change_rank" {
		return m.objectRanks(c, at)
	}
	p := m.pledges[text(c.a, "pledge_no")]
	state := m.stateOf(p, at)
	one := func(from ...string) bool { return slices.Contains(from, state) }
	bank := slices.Contains(p.pledgees, c.actor)
	if p.steps >= 100 && one("CORRECTION", "EFFECTIVE", "ENFORCING", "RELEASE_PENDING") {
		return "" // see unsure: more has happened than the ledger keeps
	}
	switch c.method {
	case "pledges.accept":
		return unless(p.office == c.actor && one("SUBMITTED"))
	case "pledges.correct":
		return unless(p.office == c.actor && one("SUBMITTED", "ACCEPTED") && len(texts(c.a, "codes"))+len(text(c.a, "reason")) > 0 && ownCodes(p.rights, texts(c.a, "codes")))
	case "pledges.refuse":
		return unless(p.office == c.actor && one("ACCEPTED") && len(texts(c.a, "codes")) > 0 && ownCodes(p.rights, texts(c.a, "codes")))
	case "pledges.register":
		return m.objectRegistration(c, p, at)
	case "pledges.resubmit":
		d := m.draftOf(c, p)
		taken := m.assess(d, c, at)
		switch {
		case !one("CORRECTION") || !bank:
			return "nobody waits for it"
		case !c.agree(p.pledgees...):
			return "a pledgee is left out unasked"
		case taken.why == "" && registrarOf(taken.good[0].right) != registrarOf(p.rights[0]):
			return "to another registrar"
		}
		return taken.why
	case "pledges.withdraw":
		return unless(one("SUBMITTED", "ACCEPTED") && bank && c.agree(p.pledgees...) && c.agree(p.pledgors...))
	case "pledges.start_enforcement":
		return unless(one("EFFECTIVE") && bank && c.agree(p.pledgees...) && text(c.a, "ground") != "" && text(c.a, "route") != "" && p.since(c, at))
	case "pledges.end_enforcement":
		return unless(one("ENFORCING") && bank && c.agree(p.pledgees...) && text(c.a, "outcome") != "")
	case "pledges.consent_release":
		from := "EFFECTIVE"
		if text(c.a, "ground") == "REALISED" { // by a sale that is settled, of some of its rights at least
			if from = "ENFORCING"; !slices.ContainsFunc(p.rights, func(right string) bool { return m.know(right).soldUnder(p.no) }) {
				return "nothing was sold"
			}
		}
		return unless(one(from) && bank && c.agree(p.pledgees...) && text(c.a, "ground") != "")
	case "pledges.withdraw_release":
		return unless(one("RELEASE_PENDING") && bank && c.agree(p.pledgees...) && c.agree(m.givers(p)...))
	case "pledges.demand":
		of := map[string][]string{"PAYMENT": p.pledgees, "ENFORCEMENT": p.pledgors}[text(c.a, "kind")]
		return unless(one("EFFECTIVE", "ENFORCING") && slices.Contains(of, c.actor) && p.since(c, at))
	case "pledges.fix_claim":
		return m.objectFix(c, p, state, at)
	case "pledges.cancel":
		court := text(c.a, "court_document") != ""
		then := number(c.a, "cancellation_time")
		switch {
		case !reports(c.actor, p.rights[0]):
			return "another register"
		case !one("RELEASE_PENDING") && !(court && one("EFFECTIVE", "ENFORCING")): // INV-10
			return "nobody has let go"
		case then > at || then < p.newest || !court && dayOf(then) < dayOf(p.last):
			return "cancelled too early"
		}
		return ""
	case "pledges.revoke":
		then := number(c.a, "revocation_time")
		if then == 0 {
			then = at
		}
		return unless(reports(c.actor, p.rights[0]) && one("EFFECTIVE", "RELEASE_PENDING", "ENFORCING") && ownCodes(p.rights, texts(c.a, "codes")) &&
			len(texts(c.a, "codes"))+len(text(c.a, "ground")) > 0 && (text(c.a, "ground") != "GROUND_FOUND" || len(texts(c.a, "codes")) > 0) && p.statutoryAt <= then && then <= at)
	}
	return m.objectEntry(c, p, state, at)
}

// agree tells whether all of some organisations have signed: those that act have.
func (c call) agree(parties ...string) bool {
	return !slices.ContainsFunc(parties, func(id string) bool { return id != c.actor && !c.signs(id) })
}

// since tells whether what happened to a pledge happened after it was registered.
func (p *applied) since(c call, at int64) bool {
	then := number(c.a, "fact_time")
	if _, given := c.a["fact_time"]; !given {
		then = at
	}
	return p.statutoryAt <= then && then <= at
}

// ownCodes tells whether codes are of the lists of the rights' registers, and each is there
// once.
func ownCodes(rights, codes []string) bool {
	lists := make(map[string]bool)
	for _, right := range rights {
		switch space, _, _ := strings.Cut(right, "/"); space {
		case "MARK":
			lists["T"] = true
		case "WORK", "SOFTWARE":
			lists["C"] = true
		default:
			lists["R"] = true
		}
	}
	return len(slices.Compact(sorted(codes))) == len(codes) && !slices.ContainsFunc(codes, func(code string) bool { return !lists[code[:1]] })
}

// registrarOf is who keeps the register of a right (DOMAIN 1.2).
func registrarOf(right string) string {
	switch space, no, _ := strings.Cut(right, "/"); {
	case space == "WORK" || space == "SOFTWARE":
		return "NCA"
	case space == "VARIETY" && strings.HasPrefix(no, "CNA"):
		return "MARA"
	case space == "VARIETY":
		return "NFGA"
	}
	return "CNIPA"
}

// objectRegistration judges a registration by what held when the registrar registered.
func (m *reference) objectRegistration(c call, p *applied, at int64) string {
	no, then, end := text(c.a, "statutory_no"), number(c.a, "statutory_time"), text(c.a, "registration_end")
	switch {
	case p.office != c.actor || p.state != "ACCEPTED":
		return "not accepted, or by another office"
	case no == "" || then == 0:
		return "no number, or no time" // INV-01
	case m.numbers[no] != "":
		return "the number is another pledge's" // INV-25
	case then > at || dayOf(then) < dayOf(p.last):
		return "registered too early"
	}
	refused, _ := c.a["refused"].([]args)
	left := len(p.rights)
	for i, line := range refused {
		right := m.rightOf(text(line, "right_id"))
		again := slices.ContainsFunc(refused[:i], func(other args) bool { return text(other, "right_id") == text(line, "right_id") })
		if left--; !p.partial || left == 0 || again || !slices.Contains(p.rights, right) || !ownCodes([]string{right}, []string{text(line, "code")}) {
			return "this cannot be refused"
		}
	}
	list, pledgors := m.registered(c, p)
	signed := func(parties ...string) bool {
		return !slices.ContainsFunc(parties, func(id string) bool { return !slices.Contains(p.signed, id) })
	}
	var owners []string
	for _, right := range list {
		d := m.know(right)
		owners = append(owners, d.ownersAt(then)...)
		if why := d.objectThen(no, pledgors, p.acknowledged, signed, then, at); why != "" {
			return why
		}
		if end != "" && (d.expiry != "" && d.expiry < end || d.space != "MARK") { // INV-10: only a mark's ends by itself
			return "longer than the right, or no mark"
		}
	}
	for _, pledgor := range pledgors {
		if !slices.Contains(owners, pledgor) {
			return pledgor + " owns nothing of it any more"
		}
	}
	return unless(end == "" || end >= dayOf(then))
}

// objectThen says why a right could not be pledged under a number at a time.
func (d *dossier) objectThen(no string, pledgors, acknowledged []string, signed func(...string) bool, then, at int64) string {
	if why := d.barred(acknowledged, then); why != "" {
		return why
	}
	if d.full(no, then, at) {
		return "pledged already" // INV-02
	}
	return objectOwners(d.right, d.ownersAt(then), d.outsideAt(then), pledgors, signed)
}

// barred says what kept a right from being pledged at a time, whoever owned it.
func (d *dossier) barred(acknowledged []string, then int64) string {
	annual := d.space == "PATENT" || d.space == "VARIETY"
	switch {
	case d.frozenAt(then) || d.flagged("SUSPENDED", then) || d.flagged("DISPUTED", then):
		return "frozen, suspended or disputed then" // INV-04
	case ended(d.then(then)):
		return "the right was over" // INV-03
	case annual && d.feeOwed(then), d.space == "MARK" && past(d.expiry, then):
		return "a fee was owed" // R04, T03
	case d.flagged("TWIN_APPLICATION", then) && !slices.Contains(acknowledged, "R10_TWIN_APPLICATION"),
		d.flagged("INVALIDATION_PENDING", then) && !slices.Contains(acknowledged, "R11_INVALIDATION_PENDING"):
		return "the parties had not been told"
	}
	return ""
}
