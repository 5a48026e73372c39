// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"cmp"
	"slices"
	"strings"
)

// correctionArrows are what may be put right (decision 20); of each there have to be fewer
// than of the arrows.
var correctionArrows = []string{
	"corrected, statutory number", "corrected, statutory time", "corrected, last day", "corrected, sealed part",
	"cancellation annulled", "cancellation at another time", "event annulled", "event at another time", "order received at another time", "order until another day",
	"annotated", "correction corrected",
}

// righted counts what was put right.
func (n *tally) righted(m *reference, c call) {
	if c.method == "corrections.annotate" {
		n.arrows["annotated"]++
		return
	}
	if root, made := m.entryAt(text(c.a, "transaction")); root != made {
		n.arrows["correction corrected"]++
	}
	annulled := "event annulled"
	if m.pledges[text(c.a, "subject")] != nil {
		annulled = "cancellation annulled"
	}
	for name, arrow := range map[string]string{
		"cancellation_time": "cancellation at another time",
		"statutory_no":      "corrected, statutory number", "statutory_time": "corrected, statutory time", "registration_end": "corrected, last day",
		"annulled": annulled, "fact_time": "event at another time", "received_at": "order received at another time", "until": "order until another day",
	} {
		if _, given := c.a[name]; given {
			n.arrows[arrow]++
		}
	}
	if c.seal {
		n.arrows["corrected, sealed part"]++
	}
}

// correctionCall puts an entry right, or remarks on it, if there is one.
func (h *history) correctionCall() (c call, found bool) {
	n := h.draw.below(120)
	switch {
	case n >= 100:
		c, found = h.rightCancellation()
	case n < 55 && len(h.ref.order) > 0:
		c, found = h.rightPledge()
	case n < 75:
		c, found = h.rightEvent(h.ref.know(pick(h.draw, h.subjects...).right))
	default:
		c, found = h.rightOrder(h.ref.know(pick(h.draw, h.subjects...).right))
	}
	if found && h.draw.chance(8) {
		c.method, c.seal = "corrections.annotate", false
		c.a = args{"subject": c.a["subject"], "transaction": c.a["transaction"], "text": h.words()}
	}
	return c, found
}

// correctingAt is a call about the entry at a place of the log, or now and then about its
// newest correction, without what is put right.
func (h *history) correctingAt(subject string, place int, others ...string) call {
	entry := h.ref.log[place]
	actor := entry.actor
	if h.draw.chance(40) {
		for _, t := range h.ref.log {
			if root, _ := h.ref.entryAt(text(t.a, "transaction")); t.method == "corrections.correct_error" && root == place {
				entry = t
			}
		}
	}
	if h.draw.chance(3) {
		actor = pick(h.draw, BA, BB, h.office(h.subjects[0].right))
	}
	if h.draw.chance(5) && len(others) > 0 {
		others = others[1:]
	}
	a := args{"subject": subject, "transaction": entry.tx.String(), "reason": h.words()}
	return call{method: "corrections.correct_error", actor: actor, a: a, signers: h.and(h.pair(actor), others...)}
}

// places are those of the entries in the log for which something holds.
func (h *history) places(holds func(t told) bool) (list []int) {
	for i, t := range h.ref.log {
		if holds(t) {
			list = append(list, i)
		}
	}
	return list
}

// rightPledge puts right what was registered of a pledge, or what was sealed.
func (h *history) rightPledge() (call, bool) {
	p := h.ref.pledges[pick(h.draw, h.ref.order...)]
	for range 4 {
		if p.alive() {
			break
		}
		p = h.ref.pledges[pick(h.draw, h.ref.order...)]
	}
	if !p.alive() && h.draw.chance(90) {
		return call{}, false
	}
	list := h.places(func(t told) bool {
		return (strings.HasPrefix(t.method, "pledges.") || t.method == "pools.pledge") && h.ref.pledgeOf(t.call, t.result) == p.no && (t.method == "pledges.register" || t.seal)
	})
	if len(list) == 0 {
		return call{}, false
	}
	place := pick(h.draw, list...)
	if i := slices.IndexFunc(list, func(i int) bool { return h.ref.log[i].method == "pledges.register" }); i >= 0 && h.draw.chance(75) {
		place = list[i]
	}
	with := slices.Concat(p.pledgors, p.pledgees, h.ref.givers(p), []string{h.office(p.rights[0])})
	if h.draw.chance(75) {
		for _, right := range p.rights {
			for _, e := range h.ref.know(right).live(h.time) {
				with = append(with, e.pledgees...)
			}
		}
	}
	c := h.correctingAt(p.no, place, with...)
	registered := h.ref.log[place].method == "pledges.register"
	if !registered || h.draw.chance(15) {
		c.seal = h.draw.chance(95)
	}
	if !registered && h.draw.chance(95) {
		return c, true
	}
	// Of a party to an agreement on ranks only what does not move it.
	fixed := slices.ContainsFunc(slices.Concat(p.rights, p.had), func(right string) bool {
		return slices.ContainsFunc(h.ref.know(right).agreed, func(order []string) bool { return slices.Contains(order, p.no) })
	})
	n := h.draw.below(100)
	if p.end != "" {
		n += h.draw.below(90)
	}
	switch {
	case n < 25 && !fixed:
		c.a["statutory_no"] = h.statutoryNo(p)
	case n < 75 && !fixed:
		c.a["statutory_time"] = h.rightTime(p)
	case strings.HasPrefix(p.rights[0], "MARK/") && p.end != "" || h.draw.chance(4):
		c.a["registration_end"] = h.lastDay(p.rights, dayOf(h.time))
		if h.draw.chance(30) && !fixed {
			c.a["statutory_time"] = h.rightTime(p)
		}
	default:
		c.seal = true
	}
	return c, true
}

// rightCancellation puts right that a pledge was cancelled, or when.
func (h *history) rightCancellation() (call, bool) {
	var ended []*applied
	for _, no := range h.ref.order {
		if p := h.ref.pledges[no]; p.cancelled != nil {
			ended = append(ended, p)
		}
	}
	if len(ended) == 0 {
		return call{}, false
	}
	p := pick(h.draw, ended...)
	places := h.places(func(t told) bool { return t.method == "pledges.cancel" && text(t.a, "pledge_no") == p.no })
	place := p.cancelled.place
	if h.draw.chance(10) {
		place = pick(h.draw, places...)
	}
	c := h.correctingAt(p.no, place, slices.Concat(p.pledgors, p.pledgees, h.ref.givers(p))...)
	if h.draw.chance(96) {
		c.a["document"] = paper
	}
	if h.draw.chance(60) {
		c.a["annulled"] = true
		return c, true
	}
	from := max(p.newest, p.cancelled.was.last)
	c.a["cancellation_time"] = max(1, from-h.draw.span(aDay)/4+h.draw.span(max(p.cancelled.told-from, 0)+1))
	return c, true
}

// rightTime is another statutory time of a registration: between its acceptance and the
// entry after it, or thereabouts, and often where something else of its rights stands.
func (h *history) rightTime(p *applied) int64 {
	last := p.registeredAt
	if len(p.entered) > 0 && h.draw.chance(90) {
		last = min(last, slices.Min(p.entered))
	}
	then := p.acceptedAt + h.draw.span(max(last-p.acceptedAt, 0)+1)
	if h.draw.chance(30) {
		then = h.statutory(h.ref.know(pick(h.draw, p.rights...)), p.acceptedAt)
	}
	for _, e := range h.ref.know(pick(h.draw, p.rights...)).live(h.time) { // before one that stood before it
		if e.no != p.no && e.since > p.acceptedAt && h.draw.chance(50) {
			then = e.since - pick(h.draw, int64(0), 1, h.draw.span(aDay))
		}
	}
	if then == p.statutoryAt || then <= 0 {
		then = p.statutoryAt + 1
	}
	return then
}

// rightEvent puts right the newest thing that the register was said to show of a right:
// what came before it has to wait until that was put right.
func (h *history) rightEvent(d *dossier) (call, bool) {
	place := -1
	for _, i := range slices.Backward(h.ref.about[d.right]) {
		t, gone := h.ref.saidOf(i)
		if gone || t.method == "corrections.correct_error" || strings.HasPrefix(t.method, "pledges.") || strings.HasPrefix(t.method, "freezes.") || t.method == "rights.claim" {
			continue
		}
		if t.method == "rights.status_event" {
			place = i
		}
		break
	}
	if place < 0 {
		return call{}, false
	}
	with := slices.Clone(d.owners)
	for _, e := range d.live(h.time) {
		with = append(with, e.pledgees...)
	}
	c := h.correctingAt(d.id, place, with...)
	if h.draw.chance(40) {
		c.a["annulled"] = true
		return c, true
	}
	t, _ := h.ref.saidOf(place)
	since := number(t.a, "fact_time")
	then := max(1, since-pick(h.draw, int64(1), 1000, h.draw.span(aDay), h.draw.span(30*aDay)))
	if h.draw.chance(40) {
		then = since + h.draw.span(max(cmp.Or(number(t.a, "known_time"), t.at)-since, 0)+1)
	}
	for _, e := range d.live(h.time) { // before the pledge, or after it
		if h.draw.chance(30) {
			then = e.since + pick(h.draw, int64(-1), 0, 1)
		}
	}
	c.a["fact_time"] = then
	return c, true
}

// rightOrder puts right what was typed of a court's paper.
func (h *history) rightOrder(d *dossier) (call, bool) {
	if len(d.freezes) == 0 {
		return call{}, false
	}
	f := pick(h.draw, d.freezes...)
	place := pick(h.draw, h.places(func(t told) bool {
		return strings.HasPrefix(t.method, "freezes.") && (text(t.a, "freeze_no") == f.no || text(t.result, "freeze_no") == f.no)
	})...)
	var with []string
	if castRoles[f.court] == "COURT" {
		with = []string{f.court}
	}
	c := h.correctingAt(f.no, place, with...)
	if h.draw.chance(95) {
		c.a["document"] = paper
	}
	t, _ := h.ref.saidOf(place)
	since := cmp.Or(number(t.a, "received_at"), number(t.a, "lifted_at"), t.at)
	if h.draw.chance(60) {
		c.a["received_at"] = max(1, min(since+h.draw.span(10*aDay)-5*aDay, t.at))
		since = number(c.a, "received_at")
	}
	if t.method != "freezes.lift" && (c.a["received_at"] == nil || h.draw.chance(70)) {
		c.a["until"] = plusDays(dayOf(since), h.draw.below(31*h.ref.figures.freeze(d.space)))
	}
	return c, true
}
