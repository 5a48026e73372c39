// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestARightIsAddedOnlyWithItsOwnersSignature(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", one)
	w.must("rights.status_event", args{"right_id": one, "event": "TRANSFERRED", "fact_time": w.time, "owners": []string{LQ}}, w.with(w.two(IPO), BA))
	a := args{"pledge_no": no, "add_rights": []string{two}, "statutory_time": w.time}
	w.refused(contracts.EConsent, "", "pledges.change", a, w.with(w.two(IPO), BA, LQ))
	w.must("pledges.change", a, w.with(w.two(IPO), BA, LQ, RX))
}

func TestAnOwnerOutsideTheLedgerIsNotPassedOver(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.must("rights.status_event", args{"right_id": id, "event": "TRANSFERRED", "fact_time": w.time, "outside_owners": []string{"王某"}}, w.with(w.two(IPO), BA))
	w.refused(contracts.EConsent, "", "pledges.change", args{"pledge_no": no, "changes": []string{"AMOUNT"}, "statutory_time": w.time}, w.with(w.two(IPO), BA), sealing)
}

func TestAPledgeeDoesNotBecomeOwnerUnderItsNameAlone(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	a := args{"right_id": id, "event": "TRANSFERRED", "fact_time": w.time, "outside_owners": []string{"机构" + BA[14:]}}
	w.refused(contracts.EForbidden, "", "rights.status_event", a, w.with(w.two(IPO), BA))
}

func TestAnAddedRightDoesNotRankBeforeOthersWithoutThem(t *testing.T) {
	w := newWorld(t)
	one, two := w.mark("12345678"), w.mark("23456789")
	first := w.submitted(BA, one)
	w.registered(first, args{"statutory_no": "商1号"})
	early := w.time
	w.time += 3600_000
	second := w.submitted(BB, two)
	w.registered(second, args{"statutory_no": "商2号"})
	w.wantRanks(identifier.MarkSpace, "23456789", second+" 1")
	a := args{"pledge_no": first, "add_rights": []string{two}, "statutory_time": early}
	w.refused(contracts.ERank, "", "pledges.change", a, w.with(w.two(IPO), BA, RX))
	w.must("pledges.change", a, w.with(w.two(IPO), BA, RX, BB))
}

func TestACoPledgeeIsNotLeftOutOfAnApplicationWithoutItsWord(t *testing.T) {
	w := newWorld(t)
	s := submission(BA, RX, w.confirmed(invention, nil, RX))
	s["pledgees"] = []string{BA, BB}
	no := w.must("pledges.submit", s, w.with(w.two(BA), RX, BB))["pledge_no"].(string)
	w.must("pledges.correct", args{"pledge_no": no, "reason": "请补正"}, w.two(IPO))
	a := args{"pledge_no": no, "pledgees": []string{BA}}
	o := w.refused(contracts.ESignature, "", "pledges.resubmit", a, w.with(w.two(BA), RX))
	if len(o.Details) != 1 || o.Details[0].Subject != BB {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.resubmit", a, w.with(w.two(BA), RX, BB))
}

// A co-owner who let the right be pledged need not be a pledgor. What becomes of the
// pledge later is no less its matter (CNIPA Announcement 461, article 4).
func TestACoownerAgreesToAChangeAsToTheApplication(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX, LQ)
	no := w.must("pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX, LQ))["pledge_no"].(string)
	w.registered(no, nil)
	a := args{"pledge_no": no, "changes": []string{"AMOUNT"}, "statutory_time": w.time}
	o := w.refused(contracts.EConsent, "", "pledges.change", a, w.with(w.two(IPO), BA, RX), sealing)
	if len(o.Details) != 1 || o.Details[0].Subject != LQ {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.change", a, w.with(w.two(IPO), BA, RX, LQ), sealing)
}
