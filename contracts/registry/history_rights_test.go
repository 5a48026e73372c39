// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// who is the person of an organisation with a role.
func (h *history) who(organisation, role string) ledger.Signer {
	return h.town.signers[organisation+role]
}

// pair are the maker and the checker of an organisation; now and then one of them is
// a person who may do both.
func (h *history) pair(organisation string) []ledger.Signer {
	two := []ledger.Signer{h.who(organisation, contracts.Maker), h.who(organisation, contracts.Checker)}
	if h.draw.chance(5) {
		two[1] = h.town.both[organisation]
	}
	return two
}

// and adds countersigners, each once and no actor.
func (h *history) and(signers []ledger.Signer, organisations ...string) []ledger.Signer {
	for _, id := range organisations {
		if id != nobody && !slices.ContainsFunc(signers, func(s ledger.Signer) bool { return s.Organisation == id }) {
			signers = append(signers, h.who(id, contracts.Countersigner))
		}
	}
	return signers
}

// office picks who reports for a right, rarely one that reports for others.
func (h *history) office(right string) string {
	if h.draw.chance(3) {
		return pick(h.draw, offices...)
	}
	return pick(h.draw, slices.DeleteFunc(slices.Clone(offices), func(o string) bool { return !reports(o, right) })...)
}

// words makes up free text, sometimes with numbers that are nobody's.
func (h *history) words() string {
	return pick(h.draw, "一种晶圆检测方法", "电子设备外壳", "青衣 3 号", "Method for inspecting wafers", "合同编号 2026-0001 之二",
		"110101199001010011", "第1101011990010100155号", "流水 9911010119900101001500", "tel. 028-8555 1234")
}

// before is a time not long before now.
func (h *history) before() int64 {
	return h.time - pick(h.draw, int64(0), 0, 1, 1000, 3600_000, aDay, 3*aDay, h.draw.span(20*aDay), int64(h.draw.below(400))*aDay)
}

// claimCall claims a right for some of the owners.
func (h *history) claimCall(s subject) call {
	list := []string{pick(h.draw, owners...)}
	if h.lending && h.draw.chance(75) {
		list[0] = h.house
	}
	if h.draw.chance(25) {
		if other := pick(h.draw, owners...); other != list[0] {
			list = append(list, other)
		}
	}
	kind := s.kind
	if strings.HasPrefix(kind, "PAT_") && h.draw.chance(50) {
		kind = "PATENT"
	}
	actor := pick(h.draw, list[0], BA, BB)
	a := args{"type": kind, "number": s.number, "owners": list, "title": h.words()}
	if h.draw.chance(20) {
		a["office"] = h.office(s.right)
	}
	if h.draw.chance(5) {
		a["outside_owners"] = h.outside()
	}
	return call{method: "rights.claim", actor: actor, a: a, signers: []ledger.Signer{h.who(actor, contracts.Maker)}}
}

// answerCall confirms or rejects a claim.
func (h *history) answerCall(d *dossier) call {
	c := d.claims[len(d.claims)-1]
	if h.draw.chance(40) {
		c = pick(h.draw, d.claims...)
	}
	office := h.office(d.right)
	if c.office != "" && h.draw.chance(90) {
		office = c.office
	}
	if h.draw.chance(25) && !(h.lending && h.draw.chance(80)) {
		return call{method: "rights.reject", actor: office, a: args{"right_id": c.id, "reason": h.words()}, signers: h.pair(office)}
	}
	a := h.shown(d, min(h.time, max(h.before(), h.time-int64(h.draw.below(8))*aDay)))
	a["right_id"], a["owners"] = c.id, c.owners
	if outside := slices.Clone(c.outside); len(outside) > 0 && h.draw.chance(92) {
		slices.Reverse(outside) // as the register has them
		a["outside_owners"] = outside
	} else if h.draw.chance(1) {
		a["outside_owners"] = h.outside()
	}
	if h.draw.chance(6) {
		a["owners"] = []string{pick(h.draw, owners...)}
	}
	filing := plusDays(dayOf(h.time), -30-h.draw.below(5000))
	a["filing_date"], a["grant_date"] = filing, plusDays(filing, h.draw.below(30))
	what := h.draw.below(4)
	if h.lending && h.draw.chance(70) { // it lives on
		what = 3
		delete(a, "fee_due")
	}
	switch what {
	case 0:
		a["first_public"] = plusDays(filing, h.draw.below(30))
	case 1, 2:
		a["expiry_date"] = plusDays(dayOf(h.time), pick(h.draw, -1, 0, 1, 20, 100, 300, 400, 2000, 6000, 6000, 6000))
	}
	if d.space == "MARK" && h.draw.chance(40) {
		a["expiry_date"] = plusDays(dayOf(h.time), h.draw.below(200))
	}
	if h.draw.chance(5) {
		a["legal_status"] = pick(h.draw, "NOT_GRANTED", "LAPSED", "INVALIDATED")
	}
	return call{method: "rights.confirm", actor: office, a: a, signers: h.pair(office)}
}

// shown is a look at the register at a time.
func (h *history) shown(d *dossier, captured int64) args {
	a := args{"evidence": args{"evidence_hash": strings.Repeat("ab", 32), "captured_at": captured, "method": h.words()}, "title": h.words()}
	switch h.draw.below(8) {
	case 0, 1, 2, 3:
		a["fee_status"] = "PAID"
	case 4, 5:
		a["fee_due"] = plusDays(dayOf(h.time), h.draw.below(200)-20)
	case 6:
		a["fee_status"], a["fee_due"] = pick(h.draw, "IN_GRACE", "UNPAID", "PAID"), plusDays(dayOf(h.time), h.draw.below(300)-200)
	}
	if h.draw.chance(10) {
		a["flags"] = []string{pick(h.draw, "DISPUTED", "SUSPENDED", "INVALIDATION_PENDING", "LICENSED")}
		if slices.ContainsFunc(d.facts, func(f *fact) bool { return f.flag == "SUSPENDED" }) {
			a["flags"] = []string{"SUSPENDED"}
		}
	}
	if h.draw.chance(10) || len(d.live(h.time)) > 0 && h.draw.chance(20) {
		b := args{"kind": pick(h.draw, "PLEDGE", "PRESERVATION", "LICENCE", "LICENCE", "OTHER"), "time": h.before(), "statutory_no": fmt.Sprintf("Z%d", h.next())}
		if h.draw.chance(60) {
			b["until"] = number(b, "time") + 1 + h.draw.span(300*aDay)
		}
		list := []args{b}
		if len(d.live(h.time)) > 0 && h.draw.chance(50) {
			list = []args{}
		}
		missing := slices.ContainsFunc(d.live(h.time), func(e *entry) bool { return e.missing })
		if h.draw.chance(60) || missing && h.draw.chance(60) { // mostly it shows what the ledger has
			for _, e := range d.live(h.time) {
				list = append(list, args{"kind": "PLEDGE", "time": e.since, "statutory_no": e.statutory})
			}
		}
		a["registrar_encumbrances"] = list
	}
	if _, given := a["flags"]; !given && h.draw.chance(30) {
		a["flags"] = []string{} // the register shows none
	}
	if _, given := a["registrar_encumbrances"]; !given && h.draw.chance(30) {
		a["registrar_encumbrances"] = []args{}
	}
	return a
}

// refreshCall reads the register again.
func (h *history) refreshCall(d *dossier) call {
	captured := h.time
	if h.draw.chance(30) {
		captured = h.before()
	}
	office := h.office(d.right)
	a := h.shown(d, captured)
	a["right_id"] = d.id
	if len(d.live(h.time)) == 0 && h.draw.chance(map[bool]int{false: 60, true: 85}[h.lending]) { // nothing but the look
		a = args{"right_id": d.id, "evidence": a["evidence"]}
	}
	if h.draw.chance(4) {
		a["legal_status"] = pick(h.draw, "LAPSED", "GRANTED", "INVALIDATED", "ABANDONED", "EXPIRED")
	}
	if h.draw.chance(6) {
		a["owners"] = []string{pick(h.draw, owners...)}
		if h.draw.chance(15) {
			a["outside_owners"] = h.outside()
		}
		if h.draw.chance(80) {
			a["owner_changed"] = true
		}
	} else if len(d.outside) > 0 && h.draw.chance(30) { // it shows the same, in any order
		outside := slices.Clone(d.outside)
		slices.Reverse(outside)
		if a["outside_owners"] = outside; len(d.owners) > 0 {
			a["owners"] = d.owners
		}
	}
	return call{method: "rights.refresh", actor: office, a: a, signers: h.pair(office)}
}

// next counts papers and numbers.
func (h *history) next() int {
	h.serial++
	return h.serial
}

// eventCall reports something that happened at the register: mostly one of those that
// fit, and of them rather one that seldom does.
func (h *history) eventCall(d *dossier) call {
	office := h.office(d.right)
	switch {
	case d.twin != "" && h.draw.chance(34):
		return h.eventOf(d, office, "ABANDONED")
	case len(d.live(h.time)) > 0 && h.draw.chance(30):
		return h.eventOf(d, office, "TRANSFERRED")
	case len(d.live(h.time)) > 0 && h.draw.chance(10):
		return h.eventOf(d, office, "ABANDONED")
	case d.over == "LAPSED" && h.draw.chance(40):
		return h.eventOf(d, office, "RESTORED")
	}
	var fitting, rare []call
	for _, event := range events {
		if !d.near(event, h.time) {
			continue
		}
		c := h.eventOf(d, office, event)
		if d.objectEvent(c, h.time) == "" {
			if fitting = append(fitting, c); !slices.Contains(common, event) {
				if rare = append(rare, c); event == "PARTLY_INVALID" || event == "TERMINATED" {
					rare = append(rare, c, c, c, c, c)
				}
			}
		}
	}
	switch {
	case len(fitting) == 0 || h.draw.chance(10):
		return h.eventOf(d, office, pick(h.draw, events...))
	case len(rare) > 0 && h.draw.chance(70):
		return pick(h.draw, rare...)
	}
	return pick(h.draw, fitting...)
}

// near tells whether an event could fit at all, so that not all have to be tried.
func (d *dossier) near(event string, at int64) bool {
	switch event {
	case "FEE_PAID", "TERMINATED":
		return d.feeOwed(at)
	case "RESTORED":
		return d.over == "LAPSED"
	case "UPHELD", "PARTLY_INVALID", "INVALID_FINAL":
		return d.flagged("INVALIDATION_PENDING", at)
	case "SUIT_ENDED", "SUSPENSION_EXTENDED":
		return d.flagged("DISPUTED", at)
	case "RENEWED":
		return d.space == "MARK"
	case "TWIN_FOUND":
		return d.kind == "PAT_UM"
	case "TWIN_CLEARED":
		return d.twin != ""
	}
	return true
}

// events are all of DOMAIN 3.1 and those that belong to them.
var events = strings.Fields(`FEE_DUE_MISSED FEE_PAID TERMINATED RESTORED RENEWED TERM_CHANGED INVALIDATION_FILED UPHELD PARTLY_INVALID
	INVALID_FINAL OWNERSHIP_SUIT SUSPENSION_EXTENDED SUIT_ENDED TRANSFERRED ABANDONED TWIN_FOUND TWIN_CLEARED LICENSED
	LICENSED_EXCLUSIVE LICENCE_ENDED OPEN_LICENCE OPEN_LICENCE_ENDED`)

// common are the events that fit nearly always.
var common = strings.Fields(`TERM_CHANGED INVALIDATION_FILED LICENSED LICENSED_EXCLUSIVE LICENCE_ENDED OPEN_LICENCE OPEN_LICENCE_ENDED TRANSFERRED ABANDONED
	OWNERSHIP_SUIT FEE_DUE_MISSED TWIN_CLEARED RENEWED`)

func (h *history) eventOf(d *dossier, office, event string) call {
	since := max(1, h.before())
	if deals[event] != "" && h.draw.chance(50) { // under a pledge that has ended since
		for _, e := range d.entries {
			if e.gone && !e.void && e.ended > e.since {
				since = e.since + h.draw.span(e.ended-e.since)
			}
		}
	}
	a := args{"right_id": d.id, "event": event, "fact_time": since}
	if h.draw.chance(30) {
		a["known_time"] = since + h.draw.span(min(h.time-since, aDay)+1)
	}
	var agree []string
	switch event {
	case "FEE_DUE_MISSED":
		if d.feeDue == "" || h.draw.chance(30) {
			a["fee_due"] = plusDays(dayOf(h.time), h.draw.below(250)-240)
		}
	case "FEE_PAID", "RESTORED":
		if h.draw.chance(60) {
			a["fee_due"] = plusDays(dayOf(h.time), 30+h.draw.below(330))
		}
	case "TERMINATED":
		if d.feeDue != "" && midnight(d.feeDue) <= h.time {
			a["fact_time"] = midnight(d.feeDue) + h.draw.span(aDay)
		}
		if event == "RESTORED" && h.draw.chance(30) {
			a["fact_time"] = max(1, d.overFrom-pick(h.draw, int64(0), 1))
			delete(a, "known_time")
		}
	case "TERM_CHANGED":
		a["expiry_date"] = plusDays(dayOf(h.time), pick(h.draw, 5, 50, 500, 5000))
	case "PARTLY_INVALID":
		a["struck_claims"] = fmt.Sprintf("1-%d", 2+h.draw.below(9))
	case "OWNERSHIP_SUIT", "SUSPENSION_EXTENDED":
		if event == "SUSPENSION_EXTENDED" || h.draw.chance(50) {
			a["until"] = plusDays(dayOf(h.time), h.draw.below(400))
		}
	case "TWIN_FOUND", "ABANDONED":
		switch {
		case event == "ABANDONED" && d.twin != "" && h.draw.chance(90):
			a["twin"] = d.twin
		case event == "TWIN_FOUND" && h.draw.chance(80):
			twin := h.newSubject("PAT_INV")
			a["twin"] = strings.TrimPrefix(twin.right, "PATENT/")
		}
	case "TRANSFERRED":
		a["owners"] = []string{pick(h.draw, owners...)}
		if then := d.elder(since); len(then) > 0 && h.draw.chance(12) {
			a["owners"] = []string{pick(h.draw, pick(h.draw, then...).pledgees...)}
		} else if h.draw.chance(10) {
			a["owners"] = []string{pick(h.draw, BA, BB)}
		} else if live := d.live(h.time); len(live) > 0 && h.draw.chance(12) { // to whom it is pledged
			a["owners"] = []string{pick(h.draw, pick(h.draw, live...).pledgees...)}
		}
		h.transferOutside(d, a)
	case "LICENSED", "LICENSED_EXCLUSIVE":
		if h.draw.chance(50) {
			a["until"] = plusDays(dayOf(h.time), h.draw.below(400))
		}
	}
	if live := d.live(h.time); len(live) > 0 && h.draw.chance(15) { // with a look at what burdens it
		list := []args{}
		for _, e := range live {
			if h.draw.chance(75) {
				list = append(list, args{"kind": "PLEDGE", "statutory_no": e.statutory})
			}
		}
		a["registrar_encumbrances"] = list
	}
	if no := h.caseOf(d, event); no != "" {
		a["case_no"] = no
	}
	switch event {
	case "TRANSFERRED", "ABANDONED", "LICENSED", "LICENSED_EXCLUSIVE", "OPEN_LICENCE":
		for _, no := range h.ref.asked {
			if k := h.ref.consents[no]; k.right == d.right && (k.kind == deals[event] || h.draw.chance(2)) && h.draw.chance(40) {
				a["consent_no"] = no
			}
		}
		if a["consent_no"] != nil && h.draw.chance(70) {
			break
		}
		if len(d.burdens) > 0 && h.draw.chance(50) {
			a["consent_document"] = strings.Repeat("ef", 32)
		}
		if h.draw.chance(70) {
			for _, p := range append(d.live(h.time), d.elder(since)...) {
				agree = append(agree, p.pledgees...)
			}
		} else if h.draw.chance(20) {
			a["court_document"] = strings.Repeat("cd", 32)
		}
	}
	return call{method: "rights.status_event", actor: office, a: a, signers: h.and(h.pair(office), agree...)}
}

// caseOf is the number of the proceeding that an event is of: a new one, or that of one
// under way, or none.
func (h *history) caseOf(d *dossier, event string) string {
	follows := map[string]string{
		"UPHELD": "INVALIDATION_PENDING", "PARTLY_INVALID": "INVALIDATION_PENDING", "INVALID_FINAL": "INVALIDATION_PENDING",
		"SUIT_ENDED": "DISPUTED", "SUSPENSION_EXTENDED": "DISPUTED", "LICENCE_ENDED": "LICENSED",
	}[event]
	switch event {
	case "OWNERSHIP_SUIT", "INVALIDATION_FILED", "LICENSED", "LICENSED_EXCLUSIVE":
		if h.draw.chance(50) {
			return fmt.Sprintf("(2026)川01民初%d号", h.next())
		}
	}
	var known []string
	for _, f := range d.facts {
		if follows != "" && strings.HasPrefix(f.flag, follows) {
			known = append(known, f.caseNo)
		}
	}
	if len(known) > 0 && h.draw.chance(70) {
		return pick(h.draw, known...)
	}
	return ""
}
