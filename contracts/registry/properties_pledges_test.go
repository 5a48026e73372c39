// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// checkPledges holds the state of every pledge, which its rights may have ended
// (INV-21), and its statutory number (INV-25) against the reference.
func (h *history) checkPledges() {
	found, numbers := 0, make(map[string]string)
	for key := range h.state {
		if strings.HasPrefix(key, "pledges/") {
			found++
		}
	}
	if found != len(h.ref.order) {
		h.fail("%d pledges in the state, %d by the reference", found, len(h.ref.order))
	}
	for _, no := range h.ref.sales {
		h.checkDisposal(no)
	}
	for _, no := range h.ref.asked {
		h.checkConsent(no)
	}
	for _, no := range h.ref.order {
		h.checkPledge(no)
		statutory := h.ref.pledges[no].statutory
		if other := numbers[statutory]; other != "" && statutory != "" {
			h.fail("INV-25: %s is the number of %s and of %s", statutory, other, no)
		}
		numbers[statutory] = no
	}
}

// checkPledge holds one pledge against the reference: what it says, and its state now and
// at a moment ahead.
func (h *history) checkPledge(no string) {
	p := h.ref.pledges[no]
	record, of := h.pledge(no)
	var held []string
	for _, right := range record.Rights {
		space, _ := right.Type.Space()
		held = append(held, string(space)+"/"+right.Number)
	}
	application := read[pledges.Application](h.world, pledges.ApplicationKey(no))
	if !slices.Equal(held, p.rights) || !slices.Equal(application.Pledgors, p.pledgors) || !slices.Equal(application.Pledgees, p.pledgees) ||
		application.Kind != p.kind || (application.ClaimFixed != nil) != p.fixed || record.RegistrationEnd != p.end ||
		record.StatutoryNo != p.statutory || record.StatutoryTime != p.statutoryAt {
		h.fail("pledge %s: %v %+v %+v, want %+v", no, held, record, application, *p)
	}
	for _, at := range []int64{h.time, h.time + h.draw.span(3000*aDay)} {
		if got, want := string(record.StateAt(of, at, h.town.parameters)), h.ref.stateOf(p, at); got != want {
			h.fail("pledge %s is %s at %s, want %s", no, got, dayOf(at), want)
		}
	}
}

// pledge reads the record of a pledge and those of its rights.
func (h *history) pledge(no string) (record pledges.Record, of []rights.Record) {
	record = read[pledges.Record](h.world, pledges.RecordKey(no))
	for _, right := range record.Rights {
		space, _ := right.Type.Space()
		r, _ := h.record(string(space) + "/" + right.Number)
		of = append(of, r)
	}
	return record, of
}

// checkManifest holds what the ledger says of a batch against the reference, before it is
// heard: which rights were refused.
func (h *history) checkManifest(c call, result args) {
	d := h.ref.draftOf(c, h.ref.pledges[text(c.a, "pledge_no")])
	taken := h.ref.assess(d, c, h.time)
	manifest, _ := result["manifest"].(map[string]any)
	var refused []string
	lines, _ := manifest["refused"].([]any)
	for _, line := range lines {
		refused = append(refused, line.(map[string]any)["right"].(string))
	}
	slices.Sort(refused)
	if !slices.Equal(refused, taken.refused) {
		h.fail("%v: %v are refused of the batch, want %v", c.a, refused, taken.refused)
	}
	if len(refused) > 0 {
		h.tally.arrows["batch with a manifest"]++
	}
}

// checkDue holds the day by which an application has to be decided or mended.
func (h *history) checkDue(c call, result args) {
	p := h.ref.pledges[text(c.a, "pledge_no")]
	want := plusDays(dayOf(h.time), h.ref.figures.correctionDays)
	if c.method == "pledges.accept" {
		want = reviewedBy(p, h.time)
	}
	if got := text(result, "due_date"); got != want {
		h.fail("%s of %v is due on %s, want %s", c.method, p.rights, got, want)
	}
}
