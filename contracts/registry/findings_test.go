// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
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

// marked claims and confirms a mark of RX.
func (w *world) marked(number string, more args, owners ...string) string {
	w.t.Helper()
	id := w.must("rights.claim", args{"type": "TM", "number": number, "owners": owners}, []ledger.Signer{w.signer(BA, contracts.Maker)})["right_id"].(string)
	a := w.facts(id, args{"owners": owners, "expiry_date": "2030-01-01"})
	maps.Copy(a, more)
	w.must("rights.confirm", a, w.two(IPO))
	return id
}

// pledged carries an application of RX for a bank to its registration, with more that is
// told of it.
func (w *world) pledged(bank, no string, more args, refs ...string) string {
	w.t.Helper()
	pledge := w.submitted(bank, refs...)
	w.must("pledges.accept", args{"pledge_no": pledge}, w.two(IPO))
	a := args{"pledge_no": pledge, "statutory_no": no, "statutory_time": w.time}
	maps.Copy(a, more)
	w.must("pledges.register", a, w.two(IPO))
	return pledge
}

func TestOnlyTheRegistrationOfMarksEndsByItself(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.confirmed(invention, nil, RX))
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	a := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time, "registration_end": "2026-12-31"}
	o := w.refused(contracts.EFormat, "", "pledges.register", a, w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonNoPeriod {
		t.Fatalf("%+v", o.Details)
	}
	delete(a, "registration_end")
	w.must("pledges.register", a, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.extend", args{"pledge_no": no, "registration_end": "2027-12-31", "statutory_time": w.time}, w.with(w.two(IPO), BA, RX))
}

func TestAPledgeThatHasEndedByTimeIsNotEndedAgainByItsRight(t *testing.T) {
	w := newWorld(t)
	id := w.marked("4512345", nil, RX)
	no := w.pledged(BA, "TZ0001", args{"registration_end": "2026-03-31"}, id)
	w.at("2026-04-10 10:00")
	w.happened(id, "ABANDONED", nil)
	record := read[pledges.Record](w, pledges.RecordKey(no))
	of := []rights.Record{read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "4512345"))}
	if state := record.StateAt(of, w.time, contracts.DefaultParameters("510100")); state != pledges.EndedByTime {
		t.Fatal(state)
	}
}

func TestATransferToABankBeforeItsPledgeIsToBeReviewedAndNotRefused(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.happened(id, "TRANSFERRED", args{"owners": []string{BA}, "fact_time": w.time - contracts.Days(2)})
	if !w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatal("nobody is told")
	}
}

func TestWhoIsJumpedOverHasToSignTheAgreementOnRanks(t *testing.T) {
	w := newWorld(t)
	id := w.marked("4512345", nil, RX)
	var order []string
	for i, bank := range []string{BA, BB, BA} {
		order = append(order, w.pledged(bank, "TZ000"+string(rune('1'+i)), nil, id))
	}
	slices.Reverse(order)
	a := args{"right_id": id, "order": order}
	o := w.refused(contracts.ERank, "", "pledges.change_rank", a, w.with(w.two(IPO), BA, RX))
	if o.Details[0].Subject != order[1] || o.Details[0].Reason != contracts.ReasonWorseOff {
		t.Fatalf("the bank in the middle: %+v", o.Details)
	}
	w.must("pledges.change_rank", a, w.with(w.two(IPO), BA, BB, RX))
}

func TestAPledgeThatHadThePlaceOfARevokedOneStandsAsIfThatHadNeverBeen(t *testing.T) {
	w := newWorld(t)
	id := w.marked("4512345", nil, RX)
	one := w.pledged(BA, "TZ0001", nil, id)
	two := w.pledged(BB, "TZ0002", nil, id)
	w.must("pledges.change_rank", args{"right_id": id, "order": []string{two, one}}, w.with(w.two(IPO), BA, BB, RX))
	w.must("pledges.revoke", args{"pledge_no": one, "ground": "FORGED_PAPERS"}, w.two(IPO))
	record := read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "4512345"))
	if e := record.Pledges[0]; e.PledgeNo != two || e.Ranked() != (rights.Place{Time: e.StatutoryTime, No: "TZ0002"}) {
		t.Fatalf("%+v at %+v", e, e.Ranked())
	}
}

func TestAChangeLeavesARightThatLives(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", one, two)
	w.must("rights.status_event", w.eventArgs(two, "ABANDONED", nil), w.with(w.two(IPO), BA))
	a := args{"pledge_no": no, "remove_rights": []string{one}, "statutory_time": w.time}
	o := w.refused(contracts.EState, "", "pledges.change", a, w.with(w.two(IPO), BA, RX))
	if o.Details[0].Reason != contracts.ReasonLastRight {
		t.Fatalf("%+v", o.Details)
	}
}

func TestWhoOwnedAPartOfABatchWhenItWasRegisteredIsAPledgor(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, MD)
	a := submission(BA, RX, one, two)
	a["pledgors"], a["atomic"] = []string{RX, MD}, false
	no := w.must("pledges.submit", a, w.with(w.two(BA), RX, MD))["pledge_no"].(string)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	registered := w.time
	w.time += 1000
	w.happened(one, "TRANSFERRED", args{"owners": []string{LQ}})
	w.must("pledges.register", args{
		"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": registered,
		"refused": []args{{"right_id": two, "code": contracts.R12}},
	}, w.two(IPO))
	if r := read[pledges.Record](w, pledges.RecordKey(no)); !slices.Equal(r.Pledgors, []string{RX}) {
		t.Fatalf("%+v", r)
	}
}

func TestTheRegisterShowsAPledgeOfMarksAndPatentsUnderOneNumber(t *testing.T) {
	w := newWorld(t)
	mark, patent := w.marked("4512345", nil, RX), w.confirmed(invention, nil, RX)
	w.pledged(BA, "TZ0001", nil, mark, patent)
	w.must("rights.refresh", w.facts(patent, args{
		"evidence": w.evidence(w.time), "registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "TZ0001"}},
	}), w.two(IPO))
	if s := w.status(canonical); s.Has(rights.FlagConflictReview) || len(s.Encumbrances) != 0 {
		t.Fatalf("%+v", s)
	}
}

func TestASaleWhoseEntryIsToldLateIsUsedUpToo(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", BA) // who bid like anybody else
	h.settled()
	settled := h.world.record(canonical).Sale.SettledAt
	h.time += contracts.Days(3)
	// BA was entered, and has sold to MD since, which is told first.
	o := h.do("rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": []string{MD}, "fact_time": settled + contracts.Days(2)}), h.with(h.two(IPO), BA))
	if o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{BA}, "fact_time": settled + contracts.Days(1)})
	if r := h.world.record(canonical); !slices.Equal(r.Owners, []string{MD}) || r.Sale.EnteredAt == 0 {
		t.Fatalf("%v %+v", r.Owners, r.Sale)
	}
	// It does not take the right from MD by the same sale (INV-13).
	o = h.refused(contracts.EForbidden, "", "rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": []string{BA}}), h.with(h.two(IPO), BA))
	if o.Details[0].Reason != contracts.ReasonForfeiture {
		t.Fatalf("%+v", o.Details)
	}
}
