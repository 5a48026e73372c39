// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"

	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// checkDisposal holds a disposal against the reference.
func (h *history) checkDisposal(no string) {
	s := h.ref.disposals[no]
	record := read[disposals.Record](h.world, disposals.RecordKey(no))
	file := read[disposals.File](h.world, disposals.FileKey(no))
	pledge, of := h.pledge(s.pledge)
	enforcement := read[pledges.Application](h.world, pledges.ApplicationKey(s.pledge)).Enforcement
	got := string(record.StateIn(pledge.StateAt(of, h.time, h.town.parameters), enforcement))
	if want := h.ref.disposalState(s, h.time); got != want || record.PledgeNo != s.pledge || len(record.Rights) != len(s.rights) ||
		int(record.Round().Bids) != s.newest().bids || len(record.Rounds) != len(s.rounds) || s.state != "STOPPED" && !slices.Equal(file.Buyers, s.buyers) {
		h.fail("disposal %s is %s, %+v %+v, want %s %+v", no, got, record, file, want, *s)
	}
}

// checkConsent holds a consent against the reference, now and at moments before and ahead.
func (h *history) checkConsent(no string) {
	k := h.ref.consents[no]
	record := read[rights.Consent](h.world, rights.ConsentKey(no))
	right, _ := h.record(k.right)
	for _, at := range []int64{h.time, h.time + h.draw.span(100*aDay), h.time - h.draw.span(10*aDay)} {
		if got, want := string(record.StateAt(right, at)), h.ref.consentState(k, at); got != want {
			h.fail("consent %s is %s at %s, want %s: %+v, want %+v", no, got, dayOf(at), want, record, *k)
		}
	}
}

// inv13 holds that no pledgee becomes owner of what is pledged to him but by a court's
// paper or as the buyer of a disposal that was settled before, which has moved the right
// once and no more.
func (h *history) inv13(c call, d *dossier) {
	if text(c.a, "event") != "TRANSFERRED" || text(c.a, "court_document") != "" {
		return
	}
	since, owners := number(c.a, "fact_time"), sorted(texts(c.a, "owners"))
	for _, owner := range owners {
		for _, e := range d.elder(since) {
			if !slices.Contains(e.pledgees, owner) || slices.Contains(d.owners, owner) {
				continue
			}
			if h.sold(d.right, owners, since) {
				h.tally.arrows["a pledgee who bought is owner"]++
			} else {
				h.fail("INV-13: %s, %v: %s is a pledgee of %s and has bought nothing", d.right, c.a, owner, e.no)
			}
		}
	}
}

// sold tells from the log whether a right was sold to those who are to own it since a
// time, and has not been theirs by that sale yet.
func (h *history) sold(right string, buyers []string, since int64) bool {
	bought := map[string][]string{} // by disposal
	sale, day := false, ""
	for place := range h.ref.log {
		t, gone := h.ref.saidOf(place)
		if gone {
			continue
		}
		no := text(t.a, "disposal_no")
		switch {
		case t.method == "disposals.close" || t.method == "disposals.set_off":
			bought[no] = sorted(texts(t.a, "buyers"))
		case t.method == "disposals.settle" && slices.Contains(h.ref.disposals[no].rights, right):
			day = dayOf(t.at)
			sale = slices.Equal(bought[no], buyers) && day <= dayOf(since)
		case t.method == "rights.status_event" && h.ref.claimed[text(t.a, "right_id")] == right && text(t.a, "event") == "TRANSFERRED":
			sale = sale && !(slices.Equal(sorted(texts(t.a, "owners")), buyers) && len(texts(t.a, "outside_owners")) == 0 && dayOf(number(t.a, "fact_time")) >= day)
		}
	}
	return sale
}
