// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/rights"
)

const court = "示例中级人民法院"

func (w *world) freeze(right, docNo string, more args) string {
	w.t.Helper()
	a := args{"right_id": right, "doc_no": docNo, "court": court, "received_at": w.time}
	for k, v := range more {
		a[k] = v
	}
	return w.must("freezes.record", a, w.two(IPO))["freeze_no"].(string)
}

func TestAFreezeEndsByTimeAlone(t *testing.T) {
	w := newWorld(t)
	w.at("2026-07-01 10:00")
	id := w.confirmed(invention, nil, RX)
	at := w.time
	a := func(more args) args {
		out := args{"right_id": id, "doc_no": "(2026)川01执保1号", "court": court, "received_at": at}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	for _, c := range []struct {
		code string
		more args
	}{
		{contracts.ETerm, args{"until": "2027-01-02"}}, // half a year at most, counted from the day after the receipt
		{contracts.ETerm, args{"until": "2026-06-30"}},
		{contracts.EClock, args{"received_at": at + 86400_000}},
		{contracts.EFormat, args{"doc_no": ""}}, {contracts.EFormat, args{"received_at": 0}}, {contracts.EFormat, args{"court": ""}},
		{contracts.EOwner, args{"against": MD}}, {contracts.ENotFound, args{"right_id": "PATENT:201710601862.3"}},
	} {
		o := w.do("freezes.record", a(c.more), w.two(IPO))
		want(t, o, c.code, o.Ground)
	}
	w.refused(contracts.ERole, "", "freezes.record", a(nil), w.two(CPC))
	w.refused(contracts.ERole, "", "freezes.record", a(nil), w.two(BA))
	r := w.must("freezes.record", a(nil), w.two(IPO))
	if r["until"] != "2027-01-01" {
		t.Fatalf("%v", r)
	}
	w.refused(contracts.EDuplicate, "", "freezes.record", a(nil), w.two(IPO))
	w.at("2027-01-01 23:59")
	w.wantStatus(canonical, rights.Frozen)
	w.at("2027-01-02 00:00")
	w.wantStatus(canonical, rights.Free)
	o := w.refused(contracts.EState, "", "freezes.renew", args{"freeze_no": r["freeze_no"], "doc_no": "2", "received_at": w.time}, w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonOver {
		t.Fatalf("%+v", o.Details)
	}
	// A renewal that the registrar had in time is not late because the ledger hears of it later.
	w.must("freezes.renew", args{"freeze_no": r["freeze_no"], "doc_no": "2", "received_at": w.moment("2026-12-31 16:00")}, w.two(IPO))
	w.wantStatus(canonical, rights.Frozen)
	if f := read[freezes.Record](w, freezes.RecordKey(r["freeze_no"].(string))); len(f.Orders) != 2 || f.Orders[1].Until != "2027-06-30" {
		t.Fatalf("%+v", f)
	}
}

func TestFreezesQueueInTheOrderOfReceipt(t *testing.T) {
	w := newWorld(t)
	w.at("2026-07-01 10:00")
	id := w.confirmed(invention, nil, RX)
	first := w.freeze(id, "1", nil)
	w.time += 1000
	second := w.freeze(id, "2", nil)
	inForce := func(no string, queued int) {
		t.Helper()
		s := w.status(canonical)
		if len(s.Freezes) != 1 || s.Freezes[0].FreezeNo != no || len(s.Queued) != queued || s.Has(rights.FlagFreezeQueued) != (queued > 0) {
			t.Fatalf("%+v", s)
		}
	}
	inForce(first, 1)
	// One that the registrar had before both, and the ledger hears of last, goes before them.
	zero := w.freeze(id, "0", args{"received_at": w.moment("2026-06-30 09:00")})
	inForce(zero, 2)
	w.must("freezes.lift", args{"freeze_no": zero, "doc_no": "0-1"}, w.two(IPO))
	inForce(first, 1)
	w.refused(contracts.EState, "", "freezes.lift", args{"freeze_no": zero, "doc_no": "0-2"}, w.two(IPO))
	w.refused(contracts.EState, "", "freezes.renew", args{"freeze_no": zero, "doc_no": "0-2", "received_at": w.time}, w.two(IPO))
	w.refused(contracts.ETerm, "", "freezes.renew", args{"freeze_no": first, "doc_no": "1-1", "received_at": w.time, "until": "2026-12-31"}, w.two(IPO))
	w.refused(contracts.EClock, "", "freezes.lift", args{"freeze_no": first, "doc_no": "1-1", "lifted_at": w.time + 86400_000}, w.two(IPO))
	w.must("freezes.lift", args{"freeze_no": first, "doc_no": "1-1"}, w.two(IPO))
	inForce(second, 0)
	w.at("2027-01-02 00:00")
	w.wantStatus(canonical, rights.Free)
}

func TestWithoutAQueueALaterFreezeIsRefused(t *testing.T) {
	w := newWorld(t, `{"freeze":{"queue":{"pat":0}}}`)
	id := w.confirmed(invention, nil, RX)
	w.freeze(id, "1", args{"until": "2026-03-01"})
	o := w.refused(contracts.EFrozen, "", "freezes.record", args{"right_id": id, "doc_no": "2", "court": court, "received_at": w.time}, w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonNoQueue {
		t.Fatalf("%+v", o.Details)
	}
	w.at("2026-03-02 00:00")
	w.freeze(id, "2", nil)
}

func TestAFreezeTakesNothingFromAnEarlierPledge(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	w.freeze(id, "1", nil)
	s := w.status(canonical)
	if s.Value != rights.Pledged || s.Ranks[0] != 1 || !s.Has(rights.FlagFrozen) || s.Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", s)
	}
	// Under a freeze nothing moves, not even with the pledgee's word.
	o := w.do("rights.status_event", w.eventArgs(id, "TRANSFERRED", args{"owners": []string{MD}}), w.with(w.two(IPO), BA))
	want(t, o, contracts.EFrozen, "")
	// A transfer that was finished before the freeze came stands.
	w.must("rights.status_event", w.eventArgs(id, "TRANSFERRED", args{"owners": []string{MD}, "fact_time": w.time - 1800_000}), w.with(w.two(IPO), BA))
}
