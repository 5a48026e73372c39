// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
)

// pledgeCall takes an application for a right a step further, or brings a new one.
func (h *history) pledgeCall(s subject, d *dossier) call {
	var open []*applied
	for _, no := range h.ref.order {
		p := h.ref.pledges[no]
		if p.state == "SUBMITTED" || p.state == "ACCEPTED" || p.state == "EFFECTIVE" || p.state == "RELEASE_PENDING" {
			open = append(open, p)
		}
	}
	if len(open) > 0 && h.draw.chance(70) {
		p := open[len(open)-1]
		if p.state == "EFFECTIVE" || h.draw.chance(40) {
			p = pick(h.draw, open...)
		}
		if h.draw.chance(5) {
			p = h.ref.pledges[pick(h.draw, h.ref.order...)]
		}
		if len(h.ref.loans) > 0 && h.draw.chance(5) || p.state == "EFFECTIVE" && h.draw.chance(20) {
			return h.loanCall(p)
		}
		if p.state != "EFFECTIVE" || h.draw.chance(25) { // let it stand for a while
			return h.stepCall(p)
		}
	}
	if full := len(d.live) >= h.ref.figures.livePledges; full && h.draw.chance(50) || len(d.live) > 0 && h.draw.chance(20) {
		return pick(h.draw, h.eventCall(d), h.freezeCall(d))
	}
	if older(d.read, h.time, h.ref.figures.evidenceDays) && h.draw.chance(85) {
		return h.refreshCall(d)
	}
	return h.applicationCall(s, d)
}

func (h *history) applicationCall(s subject, d *dossier) call {
	holders := slices.Clone(d.owners)
	refs := []string{pick(h.draw, d.id, s.ref())}
	if h.draw.chance(25) {
		other := pick(h.draw, h.subjects...)
		if e := h.ref.know(other.right); e.id != "" && e.right != d.right && strings.HasPrefix(e.right, "PATENT/") {
			holders, refs = append(holders, e.owners...), append(refs, e.id)
		}
	}
	slices.Sort(holders)
	pledgors := slices.Compact(holders)
	bank := pick(h.draw, BA, BB)
	pledgees, with := []string{bank}, slices.Clone(pledgors)
	if h.draw.chance(10) { // a syndicate
		pledgees = []string{BA, BB}
		with = append(with, BA, BB)
	}
	if h.draw.chance(6) {
		pledgors = []string{pick(h.draw, owners...)}
	}
	a := args{"rights": refs, "pledgors": pledgors, "pledgees": pledgees, "method": pick(h.draw, "ONLINE", "PAPER")}
	if h.draw.chance(70) {
		a["acknowledgements"] = []string{contracts.R10, contracts.R11}
	}
	if h.draw.chance(20) {
		a["office"] = h.office(d.right)
	}
	if h.draw.chance(4) {
		with = with[1:]
	}
	return call{method: "pledges.submit", actor: bank, a: a, signers: h.and(h.pair(bank), with...)}
}

// stepCall is the next step of a pledge, or rarely another.
func (h *history) stepCall(p *applied) call {
	next := map[string][]string{
		"SUBMITTED":       {"accept", "accept", "accept", "accept", "accept", "accept", "accept", "withdraw"},
		"ACCEPTED":        {"register", "register", "register", "register", "register", "register", "refuse", "withdraw"},
		"EFFECTIVE":       {"consent_release", "cancel"},
		"RELEASE_PENDING": {"cancel"},
	}[p.state]
	if len(next) == 0 || h.draw.chance(8) {
		next = []string{"accept", "refuse", "withdraw", "register", "consent_release", "cancel"}
	}
	step := pick(h.draw, next...)
	a := args{"pledge_no": p.no}
	actor := p.office
	if h.draw.chance(4) {
		actor = h.office(p.rights[0])
	}
	signers := h.pair(actor)
	switch step {
	case "withdraw", "consent_release":
		actor = pick(h.draw, p.pledgees...)
		signers = h.and(h.pair(actor), p.pledgees...)
		if step == "withdraw" {
			signers = h.and(signers, p.pledgors...)
		} else {
			a["ground"] = pick(h.draw, "DEBT_PAID", "WAIVED", "OTHER")
		}
	case "refuse":
		a["codes"] = []string{pick(h.draw, contracts.R06, contracts.R07, contracts.R12)}
	case "register":
		a["statutory_no"] = fmt.Sprintf("Y%s51%07d", dayOf(h.time)[:4], h.next())
		if len(h.ref.numbers) > 0 && h.draw.chance(5) {
			a["statutory_no"] = h.ref.pledges[pick(h.draw, h.ref.order...)].statutory
		}
		if text(a, "statutory_no") == "" {
			a["statutory_no"] = fmt.Sprintf("Y%s98%07d", dayOf(h.time)[:4], h.next())
		}
		a["statutory_time"] = h.statutory(h.ref.know(p.rights[0]), p.last)
	case "cancel":
		a["cancellation_ref"] = fmt.Sprintf("C%d", h.next())
		a["cancellation_time"] = h.statutory(h.ref.know(p.rights[0]), max(p.last, p.statutoryAt))
		if p.state == "EFFECTIVE" || h.draw.chance(10) {
			a["court_document"] = strings.Repeat("cd", 32)
		}
		if h.draw.chance(10) {
			actor = pick(h.draw, offices...)
			signers = h.pair(actor)
		}
	}
	return call{method: "pledges." + step, actor: actor, a: a, signers: signers}
}

// statutory is a time of the registrar at or after another, rarely before it, and now and
// then the very time of something else that happened to the right.
func (h *history) statutory(d *dossier, from int64) int64 {
	if h.draw.chance(4) {
		return max(1, from-h.draw.span(3*aDay))
	}
	var same []int64
	for _, p := range d.live {
		if dayOf(p.statutoryAt) >= dayOf(from) && h.draw.chance(60) {
			return p.statutoryAt
		}
	}
	for _, f := range d.freezes {
		same = append(same, f.received)
	}
	for _, f := range d.facts {
		same = append(same, f.since)
	}
	same = slices.DeleteFunc(same, func(at int64) bool { return dayOf(at) < dayOf(from) })
	if len(same) > 0 && h.draw.chance(30) {
		return pick(h.draw, same...)
	}
	return from + h.draw.span(min(max(h.time-from, 0), 40*aDay)+1)
}

// loanCall pays out over a pledge. What the ledger knows of loans is little.
func (h *history) loanCall(p *applied) call {
	bank := pick(h.draw, p.pledgees...)
	if len(h.ref.loans) == 0 || h.draw.chance(50) {
		borrower := pick(h.draw, RX, MD)
		return call{method: "loans.sign", actor: bank, a: args{"borrower": borrower, "pledges": []string{p.no}}, signers: h.and(h.pair(bank), borrower)}
	}
	no := pick(h.draw, h.loanNumbers()...)
	bank = h.ref.loans[no].lender
	if h.ref.loans[no].state == "SIGNED" {
		return call{method: "loans.disburse", actor: bank, a: args{"loan_no": no}, signers: h.pair(bank)}
	}
	return call{method: "loans.settle", actor: bank, a: args{"loan_no": no}, signers: h.pair(bank)}
}

// loanNumbers are those of the log, in its order.
func (h *history) loanNumbers() (out []string) {
	for _, t := range h.ref.log {
		if t.method == "loans.sign" {
			out = append(out, text(t.result, "loan_no"))
		}
	}
	return out
}
