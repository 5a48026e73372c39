// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// event reports a status event of a right by the IP office, now unless more says
// otherwise.
func (w *world) event(right, name string, more args) ledger.Outcome {
	w.t.Helper()
	return w.do("rights.status_event", w.eventArgs(right, name, more), w.two(IPO))
}

func (w *world) eventArgs(right, name string, more args) args {
	a := args{"right_id": right, "event": name, "fact_time": w.time}
	maps.Copy(a, more)
	return a
}

func (w *world) happened(right, name string, more args) {
	w.t.Helper()
	if o := w.event(right, name, more); o.Status != ledger.Final {
		w.t.Fatalf("%s: %+v", name, o)
	}
}

func (w *world) stateOf(number string) rights.BaseState { return w.status(number).BaseState }

// pledgeState is the state of a pledge now.
func (w *world) pledgeState(no string) string {
	w.t.Helper()
	p := read[pledges.Record](w, pledges.RecordKey(no))
	var of []rights.Record
	for _, right := range p.Rights {
		of = append(of, read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, right.Number)))
	}
	return string(p.StateAt(of, w.time, read[contracts.Parameters](w, contracts.ParametersKey)))
}

// moment is a time in China in ms since 1970 UTC; it leaves the clock alone.
func (w *world) moment(text string) int64 {
	now := w.time
	defer func() { w.time = now }()
	return w.at(text)
}

func TestAnUnpaidFeeLapsesTheRightFromTheDueDate(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-05-20", "fee_status": ""}, MD)
	w.at("2026-05-20 23:00")
	want(t, w.event(id, "FEE_DUE_MISSED", args{"fee_due": "2026-05-20"}), contracts.EClock, "")
	w.at("2026-06-02 10:00")
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.happened(id, "FEE_DUE_MISSED", args{"fact_time": w.moment("2026-05-21 00:00")})
	if s := w.status(modelCanonical); !s.Has(rights.FlagInGrace) || s.FeeGraceEnds != "2026-11-20" || s.Value != rights.Free {
		t.Fatalf("%+v", s)
	}
	w.refused(contracts.EFee, contracts.R04, "pledges.submit", submission(BA, MD, id), w.with(w.two(BA), MD))
	want(t, w.event(id, "FEE_DUE_MISSED", nil), contracts.EState, "")
	lapse := args{"fact_time": w.moment("2026-05-20 00:00")}
	want(t, w.event(id, "TERMINATED", lapse), contracts.EClock, "") // the grace has not ended
	w.at("2026-11-20 23:59")
	want(t, w.event(id, "TERMINATED", lapse), contracts.EClock, "")
	w.at("2026-11-21 00:00")
	want(t, w.event(id, "FEE_PAID", nil), contracts.EClock, "")   // too late
	want(t, w.event(id, "TERMINATED", nil), contracts.EClock, "") // it ends from the due date, not today
	w.happened(id, "TERMINATED", lapse)
	record := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, modelCanonical))
	if record.BaseState != rights.Lapsed || record.EndedFrom != lapse["fact_time"] || record.EndedAt <= record.EndedFrom {
		t.Fatalf("%+v", record)
	}
	want(t, w.event(id, "FEE_PAID", nil), contracts.EState, "")
	w.at("2027-01-10 09:00")
	w.happened(id, "RESTORED", args{"fee_due": "2027-05-20"})
	if s := w.status(modelCanonical); s.BaseState != rights.Confirmed || s.Has(rights.FlagInGrace) {
		t.Fatalf("%+v", s)
	}
}

func TestAFeePaidInGraceMakesTheRightPledgeableAgain(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-05-20", "fee_status": ""}, MD)
	want(t, w.event(id, "FEE_PAID", nil), contracts.EState, "") // nothing is owed
	w.at("2026-06-05 10:00")
	w.happened(id, "FEE_DUE_MISSED", nil)
	w.at("2026-06-08 10:00")
	w.happened(id, "FEE_PAID", args{"fact_time": w.moment("2026-06-05 15:00"), "fee_due": "2027-05-20"})
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.must("pledges.submit", submission(BA, MD, id), w.with(w.two(BA), MD))
}

func TestAnInvalidatedRightNeverWas(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	want(t, w.event(id, "INVALID_FINAL", nil), contracts.EState, "") // nobody asked for it
	w.happened(id, "INVALIDATION_FILED", nil)
	want(t, w.event(id, "INVALIDATION_FILED", nil), contracts.EState, "")
	if s := w.status(canonical); !s.Has(rights.FlagInvalidationPending) || s.Value != rights.Pledged || s.Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", s)
	}
	w.happened(id, "UPHELD", nil)
	w.happened(id, "INVALIDATION_FILED", nil)
	want(t, w.event(id, "PARTLY_INVALID", nil), contracts.EFormat, "")
	w.happened(id, "PARTLY_INVALID", args{"struck_claims": "1-4"})
	if s := w.status(canonical); !s.Has(rights.FlagRevalue) || s.Has(rights.FlagInvalidationPending) || s.Value != rights.Pledged {
		t.Fatalf("%+v", s)
	}
	w.happened(id, "INVALIDATION_FILED", nil)
	w.happened(id, "INVALID_FINAL", nil)
	record := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical))
	if s := w.status(canonical); s.BaseState != rights.Invalidated || s.Has(rights.FlagConflictReview) || record.EndedFrom != 0 || len(record.Pledges) != 1 {
		t.Fatalf("%+v %+v", s, record)
	}
	if state := w.pledgeState(no); state != "EXTINGUISHED" {
		t.Fatalf("the pledge is %s", state)
	}
}

func TestASuitSuspendsForAYearAtMost(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	want(t, w.event(id, "OWNERSHIP_SUIT", args{"until": "2027-02-25"}), contracts.ETerm, "")
	want(t, w.event(id, "SUIT_ENDED", nil), contracts.EState, "")
	w.happened(id, "OWNERSHIP_SUIT", args{"until": "2027-02-24", "case_no": "(2026)川01民初1号"})
	w.refused(contracts.EFrozen, contracts.R05, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	w.at("2027-02-24 23:59")
	if s := w.status(canonical); !s.Has(rights.FlagSuspended) || !s.Has(rights.FlagDisputed) {
		t.Fatalf("%+v", s)
	}
	w.happened(id, "SUSPENSION_EXTENDED", args{"until": "2027-08-24"})
	w.at("2027-08-25 00:00")
	if s := w.status(canonical); s.Has(rights.FlagSuspended) || !s.Has(rights.FlagDisputed) {
		t.Fatalf("%+v", s)
	}
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.refused(contracts.EDispute, contracts.R05, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	w.happened(id, "SUIT_ENDED", nil)
	w.must("pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
}

func TestWhatIsPledgedMovesOnlyWithThePledgeesWord(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	moved := args{"owners": []string{MD}}
	for _, c := range []struct {
		event string
		more  args
	}{{"TRANSFERRED", moved}, {"ABANDONED", nil}, {"LICENSED", nil}, {"LICENSED_EXCLUSIVE", nil}, {"OPEN_LICENCE", nil}} {
		want(t, w.event(id, c.event, c.more), contracts.EConsent, "")
		want(t, w.do("rights.status_event", w.eventArgs(id, c.event, c.more), w.with(w.two(IPO), BB)), contracts.EConsent, "")
	}
	want(t, w.event(id, "TRANSFERRED", nil), contracts.EFormat, "")
	want(t, w.event(id, "TRANSFERRED", args{"owners": []string{RX}}), contracts.EOwner, "")
	w.must("rights.status_event", w.eventArgs(id, "OPEN_LICENCE", nil), w.with(w.two(IPO), BA))
	w.must("rights.status_event", w.eventArgs(id, "TRANSFERRED", moved), w.with(w.two(IPO), BA))
	record := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical))
	if record.Owners[0] != MD || len(record.Pledges) != 1 || w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatalf("the pledge does not follow the right: %+v", record)
	}
	w.happened(id, "ABANDONED", args{"court_document": "cd00000000000000000000000000000000000000000000000000000000000000"})
	if w.stateOf(canonical) != rights.Abandoned {
		t.Fatal("not abandoned")
	}
}

func TestAFactOlderThanAPledgeThatCameToLightAfterItIsToBeReviewed(t *testing.T) {
	for name, late := range map[string]func(w *world, id string, factTime int64) ledger.Outcome{
		"a suit": func(w *world, id string, at int64) ledger.Outcome {
			return w.event(id, "OWNERSHIP_SUIT", args{"fact_time": at})
		},
		"invalidation": func(w *world, id string, at int64) ledger.Outcome {
			return w.event(id, "INVALIDATION_FILED", args{"fact_time": at})
		},
		"a transfer": func(w *world, id string, at int64) ledger.Outcome {
			return w.event(id, "TRANSFERRED", args{"fact_time": at, "owners": []string{MD}})
		},
		"an abandonment": func(w *world, id string, at int64) ledger.Outcome {
			return w.event(id, "ABANDONED", args{"fact_time": at})
		},
		"a freeze": func(w *world, id string, at int64) ledger.Outcome {
			return w.do("freezes.record", args{"right_id": id, "doc_no": "1", "court": "示例中级人民法院", "received_at": at}, w.two(IPO))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.confirmed(invention, nil, RX)
			w.effective(BA, "Y2026510000123", id)
			registered := w.status(canonical).Pledges[0].StatutoryTime
			w.time += 3600_000
			o := late(w, id, registered-1)
			if o.Status != ledger.Final {
				t.Fatalf("a fact of the register is refused: %+v", o)
			}
			if s := w.status(canonical); !s.Has(rights.FlagConflictReview) || len(s.Pledges) != 1 {
				t.Fatalf("%+v", s)
			}
		})
	}
}

func TestAMarkExpiresHalfAYearAfterItsLastDay(t *testing.T) {
	w := newWorld(t)
	id := w.must("rights.claim", args{"type": "TM", "number": "12345678", "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}, "grant_date": "2016-03-01"}), w.two(IPO))
	status := func() rights.Status {
		return rights.StatusOf(read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "12345678")), w.time, contracts.DefaultParameters("510100"))
	}
	w.at("2026-02-28 23:59")
	if s := status(); s.Has(rights.FlagInGrace) || s.BaseState != rights.Confirmed {
		t.Fatalf("%+v", s)
	}
	w.at("2026-03-01 00:00")
	if s := status(); !s.Has(rights.FlagInGrace) || s.BaseState != rights.Confirmed {
		t.Fatalf("%+v", s)
	}
	w.at("2026-08-28 23:59")
	if s := status(); s.BaseState != rights.Confirmed {
		t.Fatalf("%+v", s)
	}
	w.at("2026-08-29 00:00")
	if s := status(); s.BaseState != rights.Expired || s.Value != rights.Ended {
		t.Fatalf("%+v", s)
	}
	want(t, w.event(id, "RENEWED", nil), contracts.EState, "")
	w.at("2026-08-28 12:00")
	w.happened(id, "RENEWED", nil)
	if r := read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "12345678")); r.ExpiryDate != "2036-02-29" && r.ExpiryDate != "2036-02-28" {
		t.Fatalf("%+v", r)
	}
	want(t, w.event(id, "RENEWED", nil), contracts.ETerm, "") // ten years too early
	want(t, w.event(id, "FEE_DUE_MISSED", nil), contracts.EState, "")
}

func TestEachRegisterHasItsReporters(t *testing.T) {
	w := newWorld(t)
	claims := map[string][2]string{"TM_CERT": {"5678901", IPO}, "COPY_SOFT": {"2023SR1234567", CPC}, "COPY_WORK": {"川作登字-2023-F-00004567", CPC},
		"IC_LAYOUT": {"BS.225612348", IPO}, "PLANT_VAR": {"CNA20191001234", IPO}}
	for rightType, c := range claims {
		id := w.must("rights.claim", args{"type": rightType, "number": c[0], "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
		other := map[string]string{IPO: CPC, CPC: IPO}[c[1]]
		a := w.facts(id, args{"owners": []string{RX}})
		delete(a["evidence"].(args), "registrar")
		o := w.refused(contracts.ERole, "", "rights.confirm", a, w.two(other))
		if o.Details[0].Reason != contracts.ReasonOtherRegister {
			t.Fatalf("%+v", o.Details)
		}
		w.must("rights.confirm", a, w.two(c[1]))
	}
	w.refused(contracts.EFormat, "", "rights.claim", args{"type": "COPY_SOFT", "number": "2023RS1234567", "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})
}

func TestTheThreeTimesOfAFactAreInOrder(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	for _, c := range []args{
		{"fact_time": w.time + 1}, {"fact_time": int64(-1)}, {"fact_time": w.time, "known_time": w.time - 1}, {"fact_time": w.time, "known_time": w.time + 3600_000},
	} {
		want(t, w.event(id, "INVALIDATION_FILED", c), contracts.EClock, "")
	}
	want(t, w.event(id, "INVALIDATION_FILED", args{"fact_time": int64(0)}), contracts.EFormat, "")
	w.happened(id, "INVALIDATION_FILED", args{"fact_time": w.time - 86400_000, "known_time": w.time - 3600_000})
	e := read[rights.Event](w, rights.EventKey(identifier.PatentSpace, canonical, 1))
	if !(e.FactTime < e.KnownTime && e.KnownTime < e.LedgerTime) || e.ReportedBy != IPO {
		t.Fatalf("%+v", e)
	}
}

func TestATimeBeforeTimeIsRefusedOnce(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.time += 3600_000
	o := w.refused(contracts.EClock, "", "rights.status_event", w.eventArgs(id, "OWNERSHIP_SUIT", args{"fact_time": w.time, "known_time": -1}), w.two(IPO))
	if len(o.Details) != 1 || o.Details[0].Field != "known_time" {
		t.Fatalf("%+v", o.Details)
	}
}
