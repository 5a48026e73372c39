// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/pools"
	"github.com/ipledger/ipledger/contracts/rights"
)

// What must always hold of pledges (DOMAIN 3.9), each by its number. Those of a call are
// asked for each that was accepted, those of the state after each block of what it has
// changed.

// checkCall holds the invariants of an accepted call against what was known before it.
func (h *history) checkCall(c call) {
	p := h.ref.pledges[text(c.a, "pledge_no")]
	switch c.method {
	case "pledges.submit", "pledges.resubmit", "pools.pledge":
		d := h.ref.draftOf(c, p)
		taken := h.ref.assess(d, c, h.time)
		if taken.why != "" {
			taken.good = nil
			for _, ref := range d.refs {
				taken.good = append(taken.good, h.ref.know(h.ref.rightOf(ref)))
			}
		}
		for _, of := range taken.good {
			h.pledgedNow(of, taken.pledgors, c.agree)
		}
		h.inv05(taken.good, taken.pledgors, h.time, c.agree)
	case "pledges.register":
		list, pledgors := h.ref.registered(c, p)
		signed := func(parties ...string) bool {
			return !slices.ContainsFunc(parties, func(id string) bool { return !slices.Contains(p.signed, id) })
		}
		var of []*dossier
		for _, right := range list {
			of = append(of, h.ref.know(right))
			h.pledgedThen(h.ref.know(right), number(c.a, "statutory_time"), signed)
		}
		h.inv05(of, pledgors, number(c.a, "statutory_time"), signed)
		h.inv25(text(c.a, "statutory_no"), p.no)
	case "pledges.change":
		for _, right := range h.ref.rightsOf(texts(c.a, "add_rights")) {
			h.pledgedNow(h.ref.know(right), p.pledgors, c.agree)
			h.pledgedThen(h.ref.know(right), number(c.a, "statutory_time"), c.agree)
		}
		if len(texts(c.a, "remove_rights")) > 0 && !c.agree(p.pledgees...) {
			h.fail("INV-10: %v: rights are let go without all pledgees", c.a)
		}
	case "pledges.partial_release":
		if !c.agree(p.pledgees...) {
			h.fail("INV-10: %v: rights are let go without all pledgees", c.a)
		}
	case "pledges.cancel":
		h.inv10(c, p)
	case "corrections.correct_error":
		h.rightedNow(c)
	case "rights.status_event", "rights.refresh":
		d := h.ref.know(h.ref.claimed[text(c.a, "right_id")])
		h.inv11(c, d)
		h.inv13(c, d)
	}
}

// pledgedNow holds INV-03, 04 and 06 for a right that is applied for.
func (h *history) pledgedNow(d *dossier, pledgors []string, signed func(...string) bool) {
	if base := d.base(h.time); base != "CONFIRMED" {
		h.fail("INV-03: %s is applied for and is %s", d.right, base)
	}
	if o := d.at(h.time); o.has("FROZEN") || o.has("SUSPENDED") || o.has("DISPUTED") {
		h.fail("INV-04: %s is applied for and is %v", d.right, o.flags)
	}
	if len(d.owners) > 1 && !signed(d.owners...) || len(d.outside) > 0 {
		h.fail("INV-06: %s is applied for without all of %v", d.right, d.owners)
	}
}

// pledgedThen holds INV-03, 04 and 06 for a right that was pledged at a time.
func (h *history) pledgedThen(d *dossier, then int64, signed func(...string) bool) {
	if base := d.then(then); ended(base) || d.id == "" {
		h.fail("INV-03: %s was registered when it was %s", d.right, base)
	}
	if d.frozenAt(then) || d.flagged("SUSPENDED", then) || d.flagged("DISPUTED", then) {
		h.fail("INV-04: %s was registered when it was frozen, suspended or disputed", d.right)
	}
	if owners := d.ownersAt(then); len(owners) > 1 && !signed(owners...) || len(d.outsideAt(then)) > 0 {
		h.fail("INV-06: %s was registered without all of %v", d.right, owners)
	}
}

// rightedNow holds INV-03, 04 and 25 for a registration that was put right, and INV-11 and
// 13 for an event.
func (h *history) rightedNow(c call) {
	p := h.ref.pledges[text(c.a, "subject")]
	if p == nil {
		if root, _ := h.ref.entryAt(text(c.a, "transaction")); h.ref.log[root].method == "rights.status_event" && c.a["annulled"] != true {
			t, _ := h.ref.saidOf(root)
			d := h.ref.know(h.ref.claimed[text(c.a, "subject")])
			at := number(c.a, "fact_time")
			for _, e := range d.live(at) { // one that has ended may have a sale or a consent for it, see objectMove
				if e.since < at && !c.agree(e.pledgees...) {
					h.fail("INV-11: %s, %v: %s has not agreed to what is put right of %v", d.right, c.a, e.no, t.a)
				}
			}
		}
		return
	}
	if no := text(c.a, "statutory_no"); no != "" {
		h.inv25(no, p.no)
	}
	if !c.agree(p.pledgees...) {
		h.fail("INV-10: %v: put right without all pledgees", c.a)
	}
	then := number(c.a, "statutory_time")
	for _, right := range p.rights {
		d := h.ref.know(right)
		if then == 0 || !d.entry(p.no).first {
			continue
		}
		if base := d.then(then); ended(base) {
			h.fail("INV-03: %s was %s at the time that is put right", right, base)
		}
		if d.frozenAt(then) || d.flagged("SUSPENDED", then) || d.flagged("DISPUTED", then) {
			h.fail("INV-04: %s was frozen, suspended or disputed at the time that is put right", right)
		}
	}
}

// inv05: each right is pledged by somebody who owns it, and each pledgor owns one and has
// signed.
func (h *history) inv05(list []*dossier, pledgors []string, at int64, signed func(...string) bool) {
	owns := func(d *dossier, pledgor string) bool { return slices.Contains(d.ownersAt(at), pledgor) }
	for _, d := range list {
		if !slices.ContainsFunc(pledgors, func(pledgor string) bool { return owns(d, pledgor) }) {
			h.fail("INV-05: %s of %v is pledged by %v", d.right, d.ownersAt(at), pledgors)
		}
	}
	for _, pledgor := range pledgors {
		if !signed(pledgor) || !slices.ContainsFunc(list, func(d *dossier) bool { return owns(d, pledgor) }) {
			h.fail("INV-05: %s pledges what it does not own, or has not signed", pledgor)
		}
	}
}

// inv10: a pledge is cancelled on a court's paper, or after all of its pledgees have let it
// go and have not thought better of it.
func (h *history) inv10(c call, p *applied) {
	if text(c.a, "court_document") != "" {
		return
	}
	for _, t := range slices.Backward(h.ref.log) {
		switch {
		case text(t.a, "pledge_no") != p.no:
		case t.method == "pledges.consent_release" && t.agree(p.pledgees...):
			return
		case t.method == "pledges.consent_release", t.method == "pledges.withdraw_release":
			h.fail("INV-10: %s is cancelled, and not all of %v have let it go", p.no, p.pledgees)
		}
	}
	h.fail("INV-10: %s is cancelled, and nobody has let it go", p.no)
}

// inv11 holds that nobody takes a pledged right, or a part of its use, from under those to
// whom it was pledged: each of them has signed, or has granted the consent that the event
// names and that serves it alone, or a sale that is settled stands for them all.
func (h *history) inv11(c call, d *dossier) {
	if text(c.a, "court_document") != "" {
		return
	}
	owners := sorted(texts(c.a, "owners"))
	event, since := text(c.a, "event"), number(c.a, "fact_time")
	taken := slices.Contains([]string{"TRANSFERRED", "ABANDONED", "LICENSED", "LICENSED_EXCLUSIVE", "OPEN_LICENCE"}, event)
	if c.method == "rights.refresh" { // tells of no signatures
		since = h.time
		taken = d.others(c.a) || text(c.a, "legal_status") == "ABANDONED" && d.over != "ABANDONED"
	}
	if !taken {
		return
	}
	k := h.ref.consents[text(c.a, "consent_no")]
	if k != nil && (k.right != d.right || k.used) {
		h.fail("INV-11: %s, %v: the consent is to another deal", d.right, c.a)
	}
	for _, e := range d.elder(since) { // a younger one is to be reviewed
		signed := c.agree(e.pledgees...) || k != nil && k.grants[e.no].holds(since)
		if !signed && !(event == "TRANSFERRED" && h.sold(d.right, owners, since)) || c.method == "rights.refresh" {
			h.fail("INV-11: %s, %v: %s has not agreed", d.right, c.a, e.no)
		}
	}
}

// inv25: a statutory number belongs to one pledge.
func (h *history) inv25(number, pledge string) {
	if other := h.ref.numbers[number]; other != "" && other != pledge {
		h.fail("INV-25: %s is the number of %s and of %s", number, other, pledge)
	}
}

// checkState holds the invariants of the records that a block has changed, whose values
// before it are given.
func (h *history) checkState(changes []contracts.Change, before map[string][]byte) {
	for _, c := range changes {
		switch class, rest, _ := strings.Cut(c.Key, "/"); class {
		case "disposals":
			h.checkDisposal(rest)
		case "consents":
			h.checkConsent(rest)
		case "pools":
			h.checkPool(decoded[pools.Record](h, c.Value))
		case "pledges":
			record := decoded[pledges.Record](h, c.Value)
			h.inv01(record)
			h.inv25(record.StatutoryNo, record.PledgeNo)
			h.inv30(record)
			h.checkPledge(record.PledgeNo)
			if old, existed := before[c.Key]; existed {
				h.ended10(decoded[pledges.Record](h, old), record)
			}
		case "rights":
			record := decoded[rights.Record](h, c.Value)
			h.inv02(record)
			h.inv09(record)
		}
	}
	if len(h.ref.order) > 0 { // and one with which nothing but time has passed
		h.inv30(read[pledges.Record](h.world, pledges.RecordKey(pick(h.draw, h.ref.order...))))
	}
}

// inv01: what stands has a statutory number and time, and the number leads to it.
func (h *history) inv01(r pledges.Record) {
	if !r.State.Live() {
		return
	}
	of, listed := h.state[rights.StatutoryKey(r.StatutoryNo)]
	if r.StatutoryNo == "" || r.StatutoryTime <= 0 || !listed || decoded[string](h, of) != r.PledgeNo {
		h.fail("INV-01: %s is %s under %q at %d", r.PledgeNo, r.State, r.StatutoryNo, r.StatutoryTime)
	}
}

// inv02: a right carries no more pledges at once than it may, of a patent one; but for those
// that were registered while another was told to be cancelled, and was not: they are shown as
// in conflict with it.
func (h *history) inv02(r rights.Record) {
	for _, at := range []int64{h.time, h.time + h.draw.span(400*aDay)} {
		live := rights.LivePledges(r, at)
		for _, c := range rights.Conflicts(r, at) {
			live = slices.DeleteFunc(live, func(e rights.PledgeEntry) bool {
				return c.Subject == e.PledgeNo && c.Fact == "PLEDGE" && len(gapsBefore(r, at, e)) > 0
			})
		}
		if len(live) > h.ref.figures.most(string(r.Space)) {
			h.fail("INV-02: %s has %d live pledges", r.Key(), len(live))
		}
	}
}

// gapsBefore are the pledges that were told to be cancelled when one was registered.
func gapsBefore(r rights.Record, at int64, e rights.PledgeEntry) (list []string) {
	for _, other := range rights.LivePledges(r, at) {
		for _, g := range other.Gaps {
			if other.PledgeNo != e.PledgeNo && g.From <= e.RegisteredAt && e.RegisteredAt <= g.Until {
				list = append(list, other.PledgeNo)
			}
		}
	}
	return list
}

// inv09: pledges rank as they were registered; by an agreement they have taken each
// other's places and no others. INV-21: what was revoked has no rank, and the others
// stand as if it had never been.
func (h *history) inv09(r rights.Record) {
	d := h.ref.know(string(r.Space) + "/" + r.Number)
	own := make(map[rights.Place]bool)
	for _, e := range d.entries {
		own[rights.Place{Time: e.since, No: e.statutory}] = true
	}
	taken := make(map[rights.Place]bool)
	live := rights.LivePledges(r, h.time)
	for i, e := range live {
		switch {
		case len(d.agreed) == 0 && e.Ranked() != rights.Place{Time: e.StatutoryTime, No: e.StatutoryNo}:
			h.fail("INV-09: %s: %s stands at %v without an agreement", d.right, e.PledgeNo, e.Ranked())
		case i > 0 && live[i-1].Ranked().Compare(e.Ranked()) >= 0, !own[e.Ranked()], taken[e.Ranked()]:
			h.fail("INV-09: %s: %+v are not in the order of their places", d.right, live)
		}
		taken[e.Ranked()] = true
		if h.ref.pledges[e.PledgeNo].state == "REVOKED" {
			h.fail("INV-21: %s: %s was revoked and has a rank", d.right, e.PledgeNo)
		}
	}
	var order, got []string
	for _, e := range d.ranked(h.time) {
		order = append(order, fmt.Sprint(e.no, e.place))
	}
	for _, e := range live {
		got = append(got, fmt.Sprint(e.PledgeNo, e.Ranked()))
	}
	if !slices.Equal(order, got) {
		revoked := slices.ContainsFunc(d.entries, func(e *entry) bool { return e.void })
		h.fail("%s: %s: the order is %v, want %v", map[bool]string{false: "INV-09", true: "INV-21"}[revoked], d.right, got, order)
	}
}

// inv30: what is EFFECTIVE has a right that lives.
func (h *history) inv30(r pledges.Record) {
	var of []rights.Record
	living := 0
	for _, right := range r.Rights {
		space, _ := right.Type.Space()
		record, _ := h.record(string(space) + "/" + right.Number)
		of = append(of, record)
		if !h.ref.know(string(space)+"/"+right.Number).ends(r.PledgeNo, h.time) {
			living++
		}
	}
	if state := r.StateAt(of, h.time, h.town.parameters); state.Live() && living == 0 {
		h.fail("INV-30: %s is %s and has no right that lives", r.PledgeNo, state)
	}
}

// ended10: a pledge that stood is ended by a cancellation or a revocation of this block, or
// by time if it is of marks, and by nothing else (INV-10).
func (h *history) ended10(old, now pledges.Record) {
	if !old.State.Live() || now.State.Live() {
		return
	}
	for _, t := range slices.Backward(h.ref.log) {
		if t.at == h.time && text(t.a, "pledge_no") == now.PledgeNo && (t.method == "pledges.cancel" || t.method == "pledges.revoke") {
			return
		}
	}
	h.fail("INV-10: %s was %s and is %s", now.PledgeNo, old.State, now.State)
}
