// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
)

// pledgeCall takes a pledge a step further, or brings a new application.
func (h *history) pledgeCall(s subject, d *dossier) call {
	if realised := h.realised(); len(realised) > 0 && h.draw.chance(35) {
		return h.stepCall(pick(h.draw, realised...))
	}
	if selling := h.inSale(); len(selling) > 0 && h.draw.chance(map[bool]int{false: 20, true: 62}[h.selling]) {
		return h.saleCall(pick(h.draw, selling...))
	}
	if n := len(d.live(h.time)); n > 0 && h.draw.chance(14) || n > 1 && h.draw.chance(20) || h.selling && h.draw.chance(1) {
		return h.consentCall(d)
	}
	var open []*applied
	for _, no := range h.ref.order {
		if p := h.ref.pledges[no]; p.pending(h.time) || p.alive() && slices.Contains([]string{"EFFECTIVE", "ENFORCING", "RELEASE_PENDING"}, h.ref.stateOf(p, h.time)) {
			open = append(open, p)
		}
	}
	if len(open) > 0 && h.draw.chance(72) {
		p := open[len(open)-1]
		if p.alive() || h.draw.chance(40) {
			p = pick(h.draw, open...)
		}
		if h.draw.chance(4) {
			p = h.ref.pledges[pick(h.draw, h.ref.order...)]
		}
		if len(h.ref.loans) > 0 && h.draw.chance(5) || p.state == "EFFECTIVE" && h.draw.chance(8) {
			return h.loanCall(p)
		}
		if !p.alive() || h.draw.chance(70) { // let it stand for a while
			return h.stepCall(p)
		}
	}
	live := len(d.live(h.time))
	if full := live >= h.ref.figures.most(d.space); full && h.draw.chance(80) || live > 0 && h.draw.chance(15) {
		return pick(h.draw, h.eventCall(d), h.freezeCall(d), h.refreshCall(d))
	}
	if older(d.read, h.time, h.ref.figures.evidenceDays) && h.draw.chance(85) {
		return h.refreshCall(d)
	}
	return h.applicationCall(s, d)
}

// beside are other rights that the register of one has, and that a pledge could have.
func (h *history) beside(right string) (out []*dossier) {
	for _, s := range h.subjects {
		if d := h.ref.know(s.right); d.id != "" && d.right != right && (registrarOf(d.right) == registrarOf(right) || h.draw.chance(10)) {
			out = append(out, d)
		}
	}
	return out
}

func (h *history) applicationCall(s subject, d *dossier) call {
	holders := slices.Clone(d.owners)
	refs := []string{pick(h.draw, d.id, s.ref())}
	for _, e := range h.beside(d.right) {
		if h.draw.chance(35) {
			holders, refs = append(holders, e.owners...), append(refs, e.id)
		}
	}
	slices.Sort(holders)
	pledgors := slices.Compact(holders)
	if len(pledgors) == 0 { // all of its owners are elsewhere
		pledgors = []string{pick(h.draw, owners...)}
	}
	banks := slices.DeleteFunc([]string{BA, BB, BA, BB, BA, BB, SG}, func(id string) bool { return slices.Contains(pledgors, id) && h.draw.chance(90) })
	if len(banks) == 0 {
		banks = []string{BA, BB}
	}
	bank := pick(h.draw, banks...)
	pledgees, with := []string{bank}, slices.Clone(pledgors)
	if h.draw.chance(14) { // a syndicate
		pledgees = []string{BA, BB}
		if bank == SG {
			pledgees = []string{BB, SG}
		}
		with = append(with, pledgees...)
	}
	if h.draw.chance(5) {
		pledgors = []string{pick(h.draw, owners...)}
	}
	a := args{"rights": refs, "pledgors": pledgors, "pledgees": pledgees, "method": pick(h.draw, "ONLINE", "PAPER")}
	if h.draw.chance(60) {
		a["kind"] = pick(h.draw, "ORDINARY", "MAX_AMOUNT", "MAX_AMOUNT")
	}
	if h.draw.chance(30) {
		a["atomic"] = h.draw.chance(20)
		if len(refs) > 1 {
			a["atomic"] = false
		}
	}
	if h.draw.chance(3) {
		a["registrar"] = pick(h.draw, registrarOf(d.right), "CNIPA", "NCA", "MARA", "NFGA")
	}
	if h.draw.chance(70) {
		a["acknowledgements"] = []string{contracts.R10, contracts.R11}
	}
	if h.draw.chance(20) {
		a["office"] = h.office(d.right)
	}
	if h.draw.chance(4) {
		with = with[1:]
	}
	if len(h.beside(d.right)) > 0 && h.draw.chance(12) {
		return h.poolCall(s, d, call{actor: bank, a: a})
	}
	return call{method: "pledges.submit", actor: bank, a: a, signers: h.and(h.pair(bank), with...)}
}

// steps are what may come next of a pledge, each as often as it is to be tried.
var steps = map[string]string{
	"SUBMITTED":  "accept accept accept accept accept accept accept accept accept correct withdraw",
	"ACCEPTED":   "register register register register register register register register register register register refuse withdraw correct",
	"CORRECTION": "resubmit resubmit resubmit withdraw",
	"EFFECTIVE": `change change change change change partial_release partial_release extend extend transfer transfer change_rank change_rank change_rank change_rank fix_claim fix_claim fix_claim fix_claim demand
		start_enforcement start_enforcement consent_release consent_release cancel revoke`,
	"ENFORCING":       "end_enforcement end_enforcement end_enforcement fix_claim demand cancel cancel revoke consent_release",
	"RELEASE_PENDING": "cancel cancel cancel cancel withdraw_release withdraw_release withdraw_release revoke",
}

var allSteps = strings.Fields(`accept correct resubmit refuse withdraw register change partial_release extend transfer change_rank fix_claim demand
	start_enforcement end_enforcement consent_release withdraw_release cancel revoke`)

// stepCall is the next step of a pledge, or rarely another.
func (h *history) stepCall(p *applied) call {
	next := strings.Fields(steps[h.ref.stateOf(p, h.time)])
	if len(next) == 0 || h.draw.chance(6) {
		next = allSteps
	}
	step := pick(h.draw, next...)
	if h.selling && p.state == "EFFECTIVE" && h.draw.chance(40) {
		step = "start_enforcement"
	}
	if h.selling && p.state == "ENFORCING" && (step == "end_enforcement" || step == "cancel" || step == "revoke") && h.draw.chance(75) {
		step = "demand"
	}
	if p.state == "RELEASE_PENDING" && p.ground == "REALISED" && h.draw.chance(60) {
		step = "cancel"
	}
	switch {
	case p.state != "EFFECTIVE" || h.selling && step == "start_enforcement":
	case h.agreedRanks(p):
		if h.draw.chance(25) {
			step = "revoke"
		}
	case h.besides(p) && h.draw.chance(25):
		step = "change_rank"
	case len(p.rights) > 1 && h.draw.chance(55):
		step = pick(h.draw, "change", "change", "partial_release")
	}
	if step == "change_rank" && h.draw.chance(90) && !slices.ContainsFunc(h.subjects, func(s subject) bool { return len(h.ref.know(s.right).live(h.time)) > 1 }) {
		step = pick(h.draw, "change", "extend", "transfer")
	}
	if step == "partial_release" && len(p.rights) == 1 && h.draw.chance(80) {
		step = "change"
	}
	c := call{method: "pledges." + step, a: args{"pledge_no": p.no}}
	switch step {
	case "accept", "correct", "refuse", "register":
		h.decision(&c, step, p)
	case "cancel", "revoke":
		h.ending(&c, step, p)
	case "change", "partial_release", "extend", "transfer", "change_rank":
		h.entryCall(&c, step, p)
	default:
		h.sideCall(&c, step, p)
	}
	return c
}

// besides tells whether others stand with a pledge.
func (h *history) besides(p *applied) bool {
	return slices.ContainsFunc(p.rights, func(right string) bool { return len(h.ref.know(right).live(h.time)) > 1 })
}

// agreedRanks tells whether a pledge took part in an agreement on ranks with others that
// still stand.
func (h *history) agreedRanks(p *applied) bool {
	return slices.ContainsFunc(p.rights, func(right string) bool {
		d := h.ref.know(right)
		return len(d.live(h.time)) > 1 && slices.ContainsFunc(d.agreed, func(order []string) bool { return slices.Contains(order, p.no) })
	})
}

// codesOf are grounds of the register of a right, rarely those of another.
func (h *history) codesOf(right string) []string {
	list := []string{contracts.R06, contracts.R07, contracts.R12}
	space, _, _ := strings.Cut(right, "/")
	if h.draw.chance(4) {
		space = pick(h.draw, "MARK", "WORK", "PATENT")
	}
	switch space {
	case "MARK":
		list = []string{contracts.T02, contracts.T05, contracts.T04}
	case "WORK", "SOFTWARE":
		list = []string{contracts.C02, contracts.C04, contracts.C06}
	}
	if h.draw.chance(25) {
		return []string{pick(h.draw, list...), pick(h.draw, list...)}
	}
	return []string{pick(h.draw, list...)}
}

// decision is what the office says of an application.
func (h *history) decision(c *call, step string, p *applied) {
	c.actor = p.office
	if h.draw.chance(4) {
		c.actor = h.office(p.rights[0])
	}
	c.signers = h.pair(c.actor)
	d := h.ref.know(p.rights[0])
	switch step {
	case "correct", "refuse":
		c.a["codes"] = h.codesOf(pick(h.draw, p.rights...))
		if h.draw.chance(50) {
			c.a["reason"] = h.words()
		}
	case "register":
		c.a["statutory_no"] = h.statutoryNo(p)
		c.a["statutory_time"] = h.statutory(d, p.last)
		marks := !slices.ContainsFunc(p.rights, func(right string) bool { return !strings.HasPrefix(right, "MARK/") })
		if h.draw.chance(1) {
			delete(c.a, pick(h.draw, "statutory_no", "statutory_time"))
		}
		if marks && h.draw.chance(75) || h.draw.chance(1) {
			c.a["registration_end"] = h.lastDay(p.rights, dayOf(h.time))
		}
		if len(p.rights) > 1 && p.partial && h.draw.chance(50) || h.draw.chance(2) {
			right := pick(h.draw, p.rights...)
			c.a["refused"] = []args{{"right_id": h.ref.know(right).id, "code": h.codesOf(right)[0]}}
		}
	}
}

// statutoryNo is a new number of the register of a pledge, rarely one that is another's.
func (h *history) statutoryNo(p *applied) string {
	if len(h.ref.numbers) > 0 && h.draw.chance(4) {
		if other := h.ref.pledges[pick(h.draw, h.ref.order...)]; other.statutory != "" && strings.HasPrefix(p.rights[0], "PATENT/") == strings.HasPrefix(other.rights[0], "PATENT/") {
			return other.statutory
		}
	}
	switch space, _, _ := strings.Cut(p.rights[0], "/"); space {
	case "PATENT":
		return fmt.Sprintf("Y%s51%07d", dayOf(h.time)[:4], h.next())
	case "MARK":
		return fmt.Sprintf("%sTZ%06d", dayOf(h.time)[:4], h.next())
	}
	return fmt.Sprintf("质登%s-%06d", dayOf(h.time)[:4], h.next())
}

// lastDay is a day on which a registration may end: soon, or with the first of its rights.
func (h *history) lastDay(list []string, from string) string {
	last := plusDays(from, pick(h.draw, 0, 3, 10, 30, 60, 400, 1000))
	for _, right := range list {
		if expiry := h.ref.know(right).expiry; expiry != "" && expiry < last && h.draw.chance(95) {
			last = expiry
		}
	}
	return last
}

// ending is a cancellation or a revocation.
func (h *history) ending(c *call, step string, p *applied) {
	c.actor = h.office(p.rights[0])
	if h.draw.chance(4) {
		c.actor = pick(h.draw, offices...)
	}
	c.signers = h.pair(c.actor)
	d := h.ref.know(p.rights[0])
	if step == "revoke" {
		c.a["ground"] = pick(h.draw, "GROUND_FOUND", "CONTRACT_VOID", "FORGED_PAPERS", "FRAUD", "OTHER")
		if h.draw.chance(60) {
			c.a["revocation_time"] = h.statutory(d, p.newest)
		}
		if h.draw.chance(40) {
			c.a["codes"] = h.codesOf(pick(h.draw, p.rights...))
		}
		c.a["revocation_ref"] = fmt.Sprintf("X%d", h.next())
		return
	}
	c.a["cancellation_ref"] = fmt.Sprintf("C%d", h.next())
	c.a["cancellation_time"] = h.statutory(d, max(p.last, p.newest))
	if p.state != "RELEASE_PENDING" || h.draw.chance(10) {
		c.a["court_document"] = paper
	}
}

// statutory is a time of the registrar at or after another, rarely before it, and now and
// then the very time of something else that happened to the right.
func (h *history) statutory(d *dossier, from int64) int64 {
	if h.draw.chance(4) {
		return max(1, from-h.draw.span(3*aDay))
	}
	var same []int64
	for _, e := range d.live(h.time) {
		if dayOf(e.since) >= dayOf(from) && h.draw.chance(60) {
			return e.since
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
