// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// saleOf is the newest disposal of the enforcement of a pledge that was not stopped.
func (h *history) saleOf(p *applied) *disposal {
	for _, no := range slices.Backward(h.ref.sales) {
		if s := h.ref.disposals[no]; s.pledge == p.no && s.enforced == p.enforcedAt && h.ref.disposalState(s, h.time) != "STOPPED" {
			return s
		}
	}
	return nil
}

// saleCall takes the sale under a pledge that is being enforced a step further.
func (h *history) saleCall(p *applied) call {
	s := h.saleOf(p)
	if len(h.ref.sales) > 0 && h.draw.chance(3) {
		s = h.ref.disposals[pick(h.draw, h.ref.sales...)]
	}
	if s == nil {
		return h.listingCall(p)
	}
	r := s.newest()
	steps := []string{"stop"}
	switch h.ref.disposalState(s, h.time) {
	case "LISTED":
		switch {
		case h.draw.chance(4):
		case r.kind == "AGREEMENT":
			steps = []string{"close", "close", "close", "close", "bid", "fail"}
		case h.time < r.opens:
			steps = []string{"bid", "close", "refresh", "refresh", "refresh"}
		case h.time < r.closes && r.bids == 0:
			steps = []string{"bid", "bid", "bid", "fail", "refresh", "refresh"}
		case h.time < r.closes:
			steps = []string{"bid", "close", "refresh"}
		case r.bids > 0:
			steps = []string{"close", "close", "close", "close", "fail"}
		default:
			steps = []string{"fail", "fail", "fail", "close"}
		}
	case "FAILED":
		steps = []string{"set_off", "set_off", "set_off", "set_off", "set_off", "relist", "relist", "relist", "settle", "stop"}
	case "SOLD":
		steps = []string{"settle", "settle", "settle", "settle", "settle", "settle", "settle", "settle", "close", "stop"}
	case "SETTLED":
		return h.afterSale(p, s)
	}
	step := pick(h.draw, steps...)
	if step == "refresh" {
		d := h.ref.know(pick(h.draw, s.rights...))
		return pick(h.draw, h.refreshCall(d), h.eventCall(d))
	}
	return h.saleStep(step, p, s)
}

// saleStep is one step of a disposal.
func (h *history) saleStep(step string, p *applied, s *disposal) call {
	venue := s.venue
	if h.draw.chance(2) {
		venue = pick(h.draw, EX, CT)
	}
	c := call{method: "disposals." + step, actor: venue, a: args{"disposal_no": s.no}, signers: h.pair(venue)}
	var with []string
	switch step {
	case "relist":
		h.terms(&c, s.route, s)
		with = p.pledgees
	case "close", "set_off":
		c.a["price"] = fmt.Sprint(s.newest().reserve + int64(h.draw.below(20)) - 1)
		c.a["buyers"] = h.buyers(step, p, s)
		if step == "set_off" || s.newest().kind == "AGREEMENT" {
			with = h.sides(p, s)
		}
	case "settle":
		if with = p.pledgees; h.draw.chance(80) {
			with = slices.Concat(with, h.ref.before(p, s.rights, h.time))
		}
	case "stop":
		c.a["reason"] = h.words()
	}
	if h.draw.chance(5) && len(with) > 0 {
		with = with[1:]
	}
	c.signers = h.and(c.signers, with...)
	return c
}

// sides are all who have to agree to a price, or to a set-off.
func (h *history) sides(p *applied, s *disposal) []string {
	with := slices.Concat(p.pledgees, p.pledgors)
	all := h.draw.chance(60)
	for _, right := range s.rights {
		d := h.ref.know(right)
		with = append(with, d.owners...)
		for _, e := range d.live(h.time) {
			if all {
				with = append(with, e.pledgees...)
			}
		}
	}
	return with
}

// buyers are who is said to have bought: now and then those to whom the right is pledged,
// who may bid, and may take it in place of the debt as all agree, and no other way.
func (h *history) buyers(step string, p *applied, s *disposal) []string {
	switch n := h.draw.below(100); {
	case step == "set_off" && n < 90 || n < 30:
		return []string{pick(h.draw, p.pledgees...)}
	case n < 40:
		var others []string
		for _, e := range h.ref.know(s.rights[0]).live(h.time) {
			others = append(others, e.pledgees...)
		}
		if len(others) > 0 {
			return []string{pick(h.draw, others...)}
		}
	case n < 45:
		return []string{RX, MD}
	}
	return []string{pick(h.draw, owners...)}
}

// listingCall offers the rights of a pledge the first time.
func (h *history) listingCall(p *applied) call {
	venue := map[bool]string{false: EX, true: CT}[p.route == "COURT"]
	if h.draw.chance(3) {
		venue = pick(h.draw, EX, CT)
	}
	c := call{method: "disposals.list", actor: venue, a: args{"pledge_no": p.no, "currency": "CNY", "reference_price": fmt.Sprint(1 + h.draw.below(1000))}}
	h.terms(&c, p.route, nil)
	if len(p.rights) > 0 && h.draw.chance(25) {
		refs := []string{h.ref.know(pick(h.draw, p.rights...)).id}
		if h.draw.chance(10) {
			refs = append(refs, h.ref.know(pick(h.draw, h.subjects...).right).id)
		}
		if refs[len(refs)-1] != "" {
			c.a["rights"] = refs
		}
	}
	with := p.pledgees
	if h.draw.chance(4) {
		with = with[1:]
	}
	c.signers = h.and(h.pair(venue), with...)
	return c
}

// terms are those of a round, s being the disposal that has failed before.
func (h *history) terms(c *call, route string, s *disposal) {
	kind := pick(h.draw, "AUCTION", "AUCTION", "AUCTION", "SELL_OFF")
	if s != nil && len(s.rounds) > 1 {
		kind = "SELL_OFF"
	}
	if (route == "AGREEMENT" || h.draw.chance(3)) && s == nil {
		kind = "AGREEMENT"
		if h.draw.chance(96) {
			c.a["valuation"] = paper
		}
	}
	reserve := int64(1 + h.draw.below(800))
	if s == nil && h.draw.chance(80) {
		reserve = share(amount(c.a, "reference_price"), 70) - int64(h.draw.below(20)/19)
	} else if s != nil && h.draw.chance(80) {
		reserve = share(s.newest().reserve, pick(h.draw, int64(80), 100)) - int64(h.draw.below(20)/19)
	}
	c.a["kind"], c.a["reserve_price"] = kind, fmt.Sprint(max(reserve, 0))
	if kind == "AGREEMENT" {
		return
	}
	opens := h.time + h.draw.span(aDay)
	if route == "PRIVATE_SALE" {
		opens = midnight(plusDays(dayOf(h.time), 20)) + h.draw.span(2*aDay)
		if h.draw.chance(6) {
			opens -= aDay
		}
	}
	c.a["opens_at"], c.a["closes_at"] = opens, opens+h.draw.span(2*aDay)
}

// afterSale enters the buyers, and lets the pledge go that was realised. Now and then
// somebody else is to be entered who has not bought, a pledgee first of all.
func (h *history) afterSale(p *applied, s *disposal) call {
	var left []string
	for _, right := range s.rights {
		if d := h.ref.know(right); d.sale == s && !d.entered {
			left = append(left, right)
		}
	}
	if len(left) == 0 && h.draw.chance(90) || h.draw.chance(25) {
		c := call{method: "pledges.consent_release", a: args{"pledge_no": p.no}}
		h.sideCall(&c, "consent_release", p)
		c.a["ground"] = "REALISED"
		return c
	}
	d := h.ref.know(pick(h.draw, append(left, s.rights...)...))
	office := h.office(d.right)
	a := args{"right_id": d.id, "event": "TRANSFERRED", "owners": s.buyers, "fact_time": max(1, h.time-h.draw.span(max(h.time-s.settledAt, 0)+1))}
	signers := h.pair(office)
	if h.draw.chance(5) {
		a["fact_time"] = max(1, h.before())
	}
	if h.draw.chance(45) {
		var list []string
		for _, e := range d.live(h.time) {
			list = append(list, e.pledgees...)
		}
		a["owners"] = []string{pick(h.draw, append(list, BA, BB)...)}
		if h.draw.chance(80) {
			signers = h.and(signers, list...)
		}
	}
	return call{method: "rights.status_event", actor: office, a: a, signers: signers}
}

// inSale are the pledges that are being enforced.
func (h *history) inSale() (out []*applied) {
	for _, no := range h.ref.order {
		if p := h.ref.pledges[no]; p.state == "ENFORCING" && h.ref.stateOf(p, h.time) == "ENFORCING" {
			out = append(out, p)
		}
	}
	return out
}

// realised are the pledges that a sale has realised and that wait for their cancellation.
func (h *history) realised() (out []*applied) {
	for _, no := range h.ref.order {
		if p := h.ref.pledges[no]; p.state == "RELEASE_PENDING" && p.ground == "REALISED" && h.ref.stateOf(p, h.time) == "RELEASE_PENDING" {
			out = append(out, p)
		}
	}
	return out
}

// saleTimes are the moments ahead at which a round opens or closes.
func (h *history) saleTimes() (out []int64) {
	for _, no := range h.ref.sales {
		if s := h.ref.disposals[no]; s.state == "LISTED" && h.ref.disposalState(s, h.time) == "LISTED" {
			for _, at := range []int64{s.newest().opens, s.newest().closes} {
				if at > h.time {
					out = append(out, at)
					break
				}
			}
		}
	}
	return out
}

// consentCall is what is done about a deal over a pledged right.
func (h *history) consentCall(d *dossier) call {
	for _, no := range slices.Backward(h.ref.asked) { // that somebody waits for an answer to, or may use
		k := h.ref.consents[no]
		if state := h.ref.consentState(k, h.time); (state == "REQUESTED" || state == "GRANTED" && !k.used) && h.draw.chance(70) {
			if of := h.ref.know(k.right); of.base(h.time) == "CONFIRMED" && len(of.live(h.time)) > 0 {
				d = of
				break
			}
		}
	}
	var open, granted []*consent
	for _, no := range h.ref.asked {
		k := h.ref.consents[no]
		if k.right != d.right {
			continue
		}
		switch h.ref.consentState(k, h.time) {
		case "REQUESTED":
			open = append(open, k)
		case "GRANTED":
			granted = append(granted, k)
		}
	}
	n := h.draw.below(100)
	switch {
	case n < 4:
		return h.breachCall(d)
	case len(h.ref.asked) > 0 && n < 8:
		return h.answerConsent(h.ref.consents[pick(h.draw, h.ref.asked...)])
	case len(granted) > 0 && n < 60:
		return h.dealCall(d, pick(h.draw, granted...))
	case len(granted) > 0 && n < 78:
		return h.proceedsCall(pick(h.draw, granted...))
	case len(open) > 0 && n < 90:
		return h.answerConsent(pick(h.draw, open...))
	}
	asks := pick(h.draw, append([]string{pick(h.draw, owners...)}, slices.Concat(d.owners, d.owners, d.owners, d.owners)...)...)
	if castRoles[asks] == "BANK" { // it asks nobody
		return h.breachCall(d)
	}
	kind := pick(h.draw, "TRANSFER", "LICENCE", "LICENCE", "LICENCE", "LICENCE_EXCLUSIVE", "OPEN_LICENCE", "ABANDONMENT")
	c := call{method: "consents.request", actor: asks, a: args{"right_id": d.id, "kind": kind}, signers: []ledger.Signer{h.who(asks, "maker")}}
	if (kind == "TRANSFER" || kind == "LICENCE") && h.draw.chance(30) || h.draw.chance(2) {
		c.a["counterparty"] = pick(h.draw, owners...)
	}
	if h.draw.chance(40) {
		c.a["until"] = plusDays(dayOf(h.time), pick(h.draw, 0, 3, 10, 30, 90, 91, -1))
	}
	return c
}

// answerConsent grants a consent, or refuses it.
func (h *history) answerConsent(k *consent) call {
	bank := pick(h.draw, BA, BB)
	var with []string
	for _, e := range h.ref.know(k.right).live(h.time) {
		if _, granted := k.grants[e.no]; !granted && h.draw.chance(80) {
			bank = pick(h.draw, e.pledgees...)
			with = append(with, e.pledgees...)
		}
	}
	if h.draw.chance(12) {
		return call{method: "consents.refuse", actor: bank, a: args{"consent_no": k.no, "reason": h.words()}, signers: h.pair(bank)}
	}
	last := plusDays(dayOf(h.time), pick(h.draw, 0, 1, 5, 30, 30, 100, 400, -1))
	if h.draw.chance(8) && len(with) > 0 {
		with = with[1:]
	}
	return call{method: "consents.grant", actor: bank, a: args{"consent_no": k.no, "valid_until": last}, signers: h.and(h.pair(bank), with...)}
}

// dealCall enters a deal that rests on a consent alone.
func (h *history) dealCall(d *dossier, k *consent) call {
	kind := k.kind
	if h.draw.chance(3) {
		kind = "LICENCE"
	}
	for event, of := range deals {
		if of != kind {
			continue
		}
		c := h.eventOf(d, h.office(d.right), event)
		delete(c.a, "court_document")
		c.signers, c.a["consent_no"] = c.signers[:2], k.no
		if h.draw.chance(70) {
			delete(c.a, "known_time")
			c.a["fact_time"] = h.time
		}
		if k.with != "" && event == "TRANSFERRED" && h.draw.chance(80) {
			c.a["owners"] = []string{k.with}
		}
		return c
	}
	panic("no event of " + kind)
}

func (h *history) proceedsCall(k *consent) call {
	actor := EX
	if k.by != "" && h.draw.chance(60) {
		actor = k.by
	}
	var with []string
	for _, no := range h.ref.order {
		if _, granted := k.grants[no]; granted && h.draw.chance(95) {
			with = append(with, h.ref.pledges[no].pledgees...)
		}
	}
	then := h.time
	switch {
	case len(k.proceeds) > 0 && h.draw.chance(70):
		then = k.proceeds[0]
	case k.used && h.draw.chance(60):
		then = k.usedAt
	}
	return call{method: "consents.report_proceeds", actor: actor, a: args{"consent_no": k.no, "fact_time": then}, signers: h.and([]ledger.Signer{h.who(actor, "maker")}, with...)}
}

// breachCall tells of a deal that was made without a consent.
func (h *history) breachCall(d *dossier) call {
	actor := pick(h.draw, EX, BA, BB, h.office(d.right))
	a := args{
		"right_id": d.id, "kind": pick(h.draw, "TRANSFER", "LICENCE", "LICENCE_EXCLUSIVE", "OPEN_LICENCE", "ABANDONMENT"), "evidence": paper,
		"fact_time": max(1, pick(h.draw, h.time, h.before())),
	}
	if h.draw.chance(20) {
		a["counterparty"] = pick(h.draw, owners...)
	}
	return call{method: "consents.report_breach", actor: actor, a: a, signers: h.pair(actor)}
}
