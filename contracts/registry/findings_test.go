// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// What random histories have found, each as the shortest story that shows it.

func TestAnOlderFactInTheBlockOfTheRegistrationIsToBeReviewedToo(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	outcomes := w.block(
		w.tx("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO)),
		w.tx("rights.status_event", w.eventArgs(id, "OWNERSHIP_SUIT", args{"fact_time": w.time - 1}), w.two(IPO)),
	)
	for _, o := range outcomes {
		if o.Status != ledger.Final {
			t.Fatalf("%+v", o)
		}
	}
	if s := w.status(canonical); !s.Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", s)
	}
}

func TestAPledgeIsCancelledByWhoReportsForItsRegister(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	a := args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time, "court_document": strings.Repeat("cd", 32)}
	o := w.refused(contracts.ERole, "", "pledges.cancel", a, w.two(CPC))
	if o.Details[0].Reason != contracts.ReasonOtherRegister || o.Details[0].Subject != string(rights.CNIPA) {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.cancel", a, w.two(IP2)) // the register is one, and the receiving office may be gone
}

func TestAFeePaidInTimeAndToldLateIsPaid(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-05-20", "fee_status": ""}, MD)
	w.at("2026-06-05 10:00")
	if !w.status(modelCanonical).Has(rights.FlagInGrace) {
		t.Fatal("not in grace")
	}
	w.happened(id, "FEE_PAID", args{"fact_time": w.moment("2026-05-10 15:00")})
	if w.status(modelCanonical).Has(rights.FlagInGrace) {
		t.Fatal("in grace with its fee paid")
	}
}

func TestAPartStruckEarlierMayBeToldLater(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	for _, told := range []struct {
		event  string
		ago    int64
		caseNo string
		claims string
	}{
		{"INVALIDATION_FILED", 9_000_000, "1", ""}, {"PARTLY_INVALID", 1_000_000, "", "5"},
		{"INVALIDATION_FILED", 8_000_000, "2", ""}, {"PARTLY_INVALID", 3_000_000, "", "1-4"},
	} {
		a := args{"fact_time": w.time - told.ago}
		for name, value := range map[string]string{"case_no": told.caseNo, "struck_claims": told.claims} {
			if value != "" {
				a[name] = value
			}
		}
		w.happened(id, told.event, a)
	}
	if r := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical)); r.StruckClaims != "5; 1-4" {
		t.Fatalf("%+v", r)
	}
}

func TestAnOpenLicenceIsDeclaredOnceAndCanBeWithdrawn(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.happened(id, "OPEN_LICENCE", nil)
	want(t, w.event(id, "OPEN_LICENCE", nil), contracts.EState, "")
	w.happened(id, "OPEN_LICENCE_ENDED", nil)
	w.happened(id, "OPEN_LICENCE", nil)
}

func TestTheEndOfOneSuitLeavesTheSuspensionOfAnother(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.happened(id, "OWNERSHIP_SUIT", args{"case_no": "A", "until": "2026-09-01"})
	w.happened(id, "OWNERSHIP_SUIT", args{"case_no": "B"})
	w.happened(id, "SUIT_ENDED", args{"case_no": "B"})
	if s := w.status(canonical); !s.Has(rights.FlagDisputed) || !s.Has(rights.FlagSuspended) {
		t.Fatalf("%+v", s)
	}
	w.happened(id, "SUIT_ENDED", args{"case_no": "A"})
	if s := w.status(canonical); s.Has(rights.FlagDisputed) || s.Has(rights.FlagSuspended) {
		t.Fatalf("%+v", s)
	}
}

func TestANumberNamesItsProceedingBesideOneWithout(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.happened(id, "INVALIDATION_FILED", nil)
	w.happened(id, "INVALIDATION_FILED", args{"case_no": "A"})
	w.happened(id, "UPHELD", args{"case_no": "A"})
	w.happened(id, "UPHELD", nil)
	if s := w.status(canonical); s.Has(rights.FlagInvalidationPending) {
		t.Fatalf("%+v", s)
	}
}

func TestASuitThatBeganAfterTheRegisterShowedOneIsAnother(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"flags": []string{"DISPUTED"}}, RX)
	w.time += contracts.Days(1)
	w.happened(id, "OWNERSHIP_SUIT", args{"case_no": "B"})
	w.happened(id, "SUIT_ENDED", args{"case_no": "B"})
	if !w.status(canonical).Has(rights.FlagDisputed) {
		t.Fatal("the suit that the register showed is over with another")
	}
}

func TestASuitToldAfterTheRegisterShowedItsEndIsOver(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"flags": []string{"DISPUTED"}}, RX)
	w.time += contracts.Days(1)
	w.must("rights.refresh", w.facts(id, args{"flags": []string{}}), w.two(IPO))
	w.happened(id, "OWNERSHIP_SUIT", args{"fact_time": w.time - contracts.Days(5)})
	if w.status(canonical).Has(rights.FlagDisputed) {
		t.Fatal("a suit that is over stands again")
	}
}

func TestAFeeOwedAnewIsNotAsOldAsOneThatWasPaid(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-02-01", "fee_status": "UNPAID"}, MD)
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "fee_status": "PAID", "fee_due": "2026-02-20"}), w.two(IPO))
	no := w.must("pledges.submit", submission(BA, MD, id), w.with(w.two(BA), MD))["pledge_no"].(string)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	w.time += 3600_000
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "fee_status": "UNPAID"}), w.two(IPO))
	if !w.status(modelCanonical).Has(rights.FlagConflictReview) {
		t.Fatal("the fee was owed before the pledge, and nobody is told")
	}
}

func TestWhoOwnsARightThatHasEndedSinceIsAskedAtItsRegistration(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.submitted(BA, one, two)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.happened(two, "TRANSFERRED", args{"owners": []string{MD}})
	w.time += 1000
	registered := w.time
	w.time += 1000
	w.happened(two, "ABANDONED", nil)
	o := w.refused(contracts.EOwner, contracts.R01, "pledges.register",
		args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": registered}, w.two(IPO))
	if o.Details[0].Subject != "PATENT:2017106018623" {
		t.Fatalf("%+v", o.Details)
	}
}
