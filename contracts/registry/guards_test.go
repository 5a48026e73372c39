// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// Ways in which a wrong right got in, or a right one was lost, each of them once.

func (w *world) record(number string) rights.Record {
	w.t.Helper()
	return read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, number))
}

const someHash = "cd00000000000000000000000000000000000000000000000000000000000000"

func TestAnEmptyValueIsNoneOfAList(t *testing.T) {
	w := newWorld(t)
	for method, raw := range map[string]string{
		"status_event": `{"right_id":"IPR-510100-20260105-0123456-J","event":""}`,
		"refresh":      `{"right_id":"IPR-510100-20260105-0123456-J","flags":[""]}`,
	} {
		m, _ := w.methods.Lookup("rights", 1, method)
		if _, r := m.EncodeArgs([]byte(raw)); r.Code() != contracts.EFormat {
			t.Errorf("%s: %v", method, r)
		}
	}
}

func TestAClaimThatWasLeftBehindComesToNothing(t *testing.T) {
	w := newWorld(t)
	old := w.claim(invention, MD)
	w.time += contracts.Days(91)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	key := contracts.ParametersKey
	longer, err := read[contracts.Parameters](w, key).With(contracts.ClaimExpiryDays, 3660)
	if err != nil {
		t.Fatal(err)
	}
	w.state[key] = ledger.Encode(longer) // as a vote may do
	w.refused(contracts.EState, "", "rights.confirm", w.facts(old, args{"owners": []string{MD}}), w.two(IPO))
	w.refused(contracts.EState, "", "rights.reject", args{"right_id": old, "reason": "no"}, w.two(IPO))
	if r := w.record(canonical); r.RightID != id || r.Owners[0] != RX {
		t.Fatalf("%+v", r)
	}
}

func TestOneNumberHoldsSoManyClaims(t *testing.T) {
	w := newWorld(t)
	record := rights.Record{Space: identifier.PatentSpace, Number: canonical, Type: identifier.PatInv, BaseState: rights.Claimed}
	for i := range rights.MaxClaims {
		record.ClaimsPending = append(record.ClaimsPending, rights.PendingClaim{RightID: fmt.Sprint(i), ClaimedAt: w.time})
	}
	w.state[record.Key()] = ledger.Encode(record)
	claim := args{"type": "PATENT", "number": invention, "owners": []string{RX}}
	w.refused(contracts.EState, "", "rights.claim", claim, []ledger.Signer{w.signer(RX, contracts.Maker)})
	w.time += contracts.Days(91)
	w.must("rights.claim", claim, []ledger.Signer{w.signer(RX, contracts.Maker)})
}

func TestARefreshGoesByTheGuardsOfEvents(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.freeze(id, "1", args{"until": "2026-03-01"})
	moved := args{"owners": []string{MD}, "owner_changed": true}
	w.refused(contracts.EFrozen, "", "rights.refresh", w.facts(id, moved), w.two(IPO))
	w.refused(contracts.EFrozen, "", "rights.refresh", w.facts(id, args{"legal_status": "ABANDONED"}), w.two(IPO))
	w.at("2026-03-02 09:00")
	w.effective(BA, "Y2026510000123", id)
	w.refused(contracts.EConsent, "", "rights.refresh", w.facts(id, args{"flags": []string{"OPEN_LICENCE"}}), w.two(IPO))
	w.refused(contracts.EConsent, "", "rights.refresh", w.facts(id, moved), w.two(IPO))
}

func TestNoOlderLookAtTheRegisterUndoesAnEvent(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	yesterday := w.time
	w.time += contracts.Days(1)
	w.happened(id, "OWNERSHIP_SUIT", args{"until": "2026-09-01"})
	w.happened(id, "INVALIDATION_FILED", nil)
	old := args{"evidence": w.evidence(yesterday), "flags": []string{}}
	w.refused(contracts.EStale, "", "rights.refresh", w.facts(id, old), w.two(IPO))
	if s := w.status(canonical); !s.Has(rights.FlagDisputed) || !s.Has(rights.FlagInvalidationPending) {
		t.Fatalf("%+v", s)
	}
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "flags": []string{}}), w.two(IPO))
	if s := w.status(canonical); s.Has(rights.FlagDisputed) {
		t.Fatalf("%+v", s)
	}
}

func TestFactsAreInTheOrderOfTheirTimes(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.time += contracts.Days(1)
	w.happened(id, "TRANSFERRED", args{"owners": []string{MD}, "fact_time": w.time - 3600_000})
	w.happened(id, "TRANSFERRED", args{"owners": []string{LQ}, "fact_time": w.time - 7200_000}) // told late
	if r := w.record(canonical); r.Owners[0] != MD || r.Events != 2 {
		t.Fatalf("%+v", r)
	}
	w.happened(id, "OWNERSHIP_SUIT", nil)
	want(t, w.event(id, "SUIT_ENDED", args{"fact_time": w.time - contracts.Days(1)}), contracts.EState, "")
}

func TestOfSeveralProceedingsEachHasItsEnd(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.happened(id, "INVALIDATION_FILED", args{"case_no": "4W1"})
	want(t, w.event(id, "INVALIDATION_FILED", args{"case_no": "4W1"}), contracts.EState, "")
	w.happened(id, "INVALIDATION_FILED", args{"case_no": "4W2"})
	want(t, w.event(id, "UPHELD", nil), contracts.EFormat, "") // which of them?
	w.happened(id, "UPHELD", args{"case_no": "4W1"})
	if !w.status(canonical).Has(rights.FlagInvalidationPending) {
		t.Fatal("the second is over with the first")
	}
	w.refused(contracts.EConsent, contracts.R11, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	w.happened(id, "PARTLY_INVALID", args{"case_no": "4W2", "struck_claims": "1-4"})
	w.happened(id, "INVALIDATION_FILED", args{"case_no": "4W3"})
	w.happened(id, "PARTLY_INVALID", args{"case_no": "4W3", "struck_claims": "6"})
	if r := w.record(canonical); r.StruckClaims != "1-4; 6" {
		t.Fatalf("%+v", r)
	}
	w.happened(id, "LICENSED", nil)
	w.happened(id, "LICENSED", nil)                                                         // there may be several
	want(t, w.event(id, "SUIT_ENDED", args{"owners": []string{MD}}), contracts.EFormat, "") // a suit's end moves nothing
}

func TestPaidMeansWhatWasDueThen(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-05-20", "fee_status": "PAID"}, MD)
	w.at("2026-06-01 10:00")
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO)) // says nothing of the fee
	w.refused(contracts.EFee, contracts.R04, "pledges.submit", submission(BA, MD, id), w.with(w.two(BA), MD))
	w.refused(contracts.EFormat, "", "rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "fee_due": "2027-05-20"}), w.two(IPO))
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "fee_status": "PAID"}), w.two(IPO))
	if r := w.record(modelCanonical); r.FeeDue != "2026-05-20" || w.status(modelCanonical).Has(rights.FlagInGrace) {
		t.Fatalf("%+v", r)
	}
	w.must("pledges.submit", submission(BA, MD, id), w.with(w.two(BA), MD))
}

func TestAnOwnerWhoIsNotOnTheLedgerIsWrittenByName(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.happened(id, "TRANSFERRED", args{"outside_owners": []string{"外地科技有限公司"}})
	if r := w.record(canonical); len(r.Owners) != 0 || r.Outsiders[0] != "外地科技有限公司" {
		t.Fatalf("%+v", r)
	}
	w.refused(contracts.EOwner, contracts.R01, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	w.time += 1000
	w.happened(id, "TRANSFERRED", args{"owners": []string{RX}, "outside_owners": []string{"外地科技有限公司"}})
	w.refused(contracts.ECoowner, contracts.R08, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
}

func TestAPledgeeDoesNotBecomeOwnerByTheRegisterAlone(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	toBank := w.eventArgs(id, "TRANSFERRED", args{"owners": []string{BA}})
	w.refused(contracts.EForbidden, "", "rights.status_event", toBank, w.with(w.two(IPO), BA))
	toBank["court_document"] = someHash
	w.must("rights.status_event", toBank, w.two(IPO))
}

func TestPledgeesOfTheRegisterAgreeOnPaper(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "Y2026980000999", "time": w.time - 86400_000}}}, RX)
	want(t, w.event(id, "TRANSFERRED", args{"owners": []string{MD}}), contracts.EConsent, "")
	w.happened(id, "TRANSFERRED", args{"owners": []string{MD}, "consent_document": someHash})
}

func TestWhatWasRegisteredBeforeStands(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"expiry_date": "2026-02-28"}, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	registered := w.time
	w.time += 3600_000
	w.happened(id, "TRANSFERRED", args{"owners": []string{MD}})
	w.at("2026-03-01 09:00") // and the right is over
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": registered}, w.two(IPO))
	if s := w.status(canonical); len(s.Pledges) != 1 || !s.Has(rights.FlagConflictReview) { // the transfer needed BA
		t.Fatalf("%+v", s)
	}
}

func TestASuitOfTheDayOfRegistrationStopsItHoweverLateItIsTold(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	registered := w.time
	w.happened(id, "OWNERSHIP_SUIT", args{"fact_time": registered - 1})
	w.time += contracts.Days(5)
	w.happened(id, "SUIT_ENDED", nil)
	w.refused(contracts.EDispute, contracts.R05, "pledges.register",
		args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": registered}, w.two(IPO))
}

func TestARegistrationDoesNotSwallowAnothersPledge(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "registrar_encumbrances": []args{
		{"kind": "PLEDGE", "statutory_no": "Y2026980000999", "time": w.time - contracts.Days(30), "party_name": "外地银行"},
	}}), w.two(IPO))
	w.refused(contracts.EPledged, contracts.R09, "pledges.register",
		args{"pledge_no": no, "statutory_no": "Y2026980000999", "statutory_time": w.time}, w.two(IPO))
}

func TestABackDatedEndInDoubtLeavesThePledge(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	registered := w.status(canonical).Pledges[0].StatutoryTime
	w.time += 3600_000
	w.happened(id, "ABANDONED", args{"fact_time": registered - 1})
	if s := w.status(canonical); !s.Has(rights.FlagConflictReview) || w.pledgeState(no) != "EFFECTIVE" {
		t.Fatalf("%+v, the pledge is %s", s, w.pledgeState(no))
	}
}

func TestAnEventIsJudgedByTheStateOfItsTime(t *testing.T) {
	w := newWorld(t)
	id := w.must("rights.claim", args{"type": "TM", "number": "12345678", "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}, "grant_date": "2016-03-01"}), w.two(IPO))
	w.at("2026-09-10 09:00") // its grace ended on 28 August
	w.happened(id, "RENEWED", args{"fact_time": w.moment("2026-08-20 10:00")})
	mark := read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "12345678"))
	if s := rights.StatusOf(mark, w.time, contracts.DefaultParameters("510100")); s.BaseState != rights.Confirmed {
		t.Fatalf("%+v", s)
	}
	want(t, w.event(id, "TERM_CHANGED", args{"expiry_date": "9999-12-31"}), contracts.EState, "") // marks are renewed
}

func TestWhileItsProceduresAreSuspendedARightIsNotEndedForItsFee(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-05-20"}, MD)
	w.at("2026-10-01 09:00")
	w.happened(id, "OWNERSHIP_SUIT", args{"until": "2027-09-30"})
	w.at("2026-12-01 09:00")
	w.must("rights.refresh", w.facts(id, args{"fee_status": "UNPAID"}), w.two(IPO))
	lapse := args{"fact_time": w.moment("2026-05-20 00:00")}
	want(t, w.event(id, "TERMINATED", lapse), contracts.EFrozen, "")
	want(t, w.event(id, "TRANSFERRED", args{"owners": []string{RX}}), contracts.EFrozen, "")
	w.happened(id, "SUIT_ENDED", nil)
	w.time += 1000
	w.happened(id, "TERMINATED", lapse)
}

func TestAFreezeAndATransferAreInTheOrderOfTheRegister(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.time += contracts.Days(1)
	at := w.time
	w.happened(id, "TRANSFERRED", args{"owners": []string{MD}, "fact_time": at - 3600_000})
	// The registrar had the freeze before the transfer was finished: the freeze wins.
	w.freeze(id, "1", args{"received_at": at - 7200_000, "against": RX})
	if !w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatal("no conflict")
	}
	w.refused(contracts.EOwner, "", "freezes.record", args{"right_id": id, "doc_no": "2", "court": court, "received_at": at - 1800_000, "against": RX}, w.two(IPO))
}

func TestAPreservationWithoutAnEndLastsAsLongAsOneOrderMay(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"registrar_encumbrances": []args{{"kind": "PRESERVATION", "time": w.time}}}, RX)
	w.at("2026-08-24 23:59")
	w.wantStatus(canonical, rights.Encumbered)
	w.at("2026-08-25 00:00")
	w.wantStatus(canonical, rights.Free)
	// The freeze itself and its shadow in the register are one.
	no := w.freeze(id, "1", nil)
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "registrar_encumbrances": []args{{"kind": "PRESERVATION", "time": w.time - 1000}}}), w.two(IPO))
	w.must("freezes.lift", args{"freeze_no": no, "doc_no": "2"}, w.two(IPO))
	w.wantStatus(canonical, rights.Free)
}

func TestAFullChainOfOrdersCanBeLifted(t *testing.T) {
	w := newWorld(t)
	no := w.freeze(w.confirmed(invention, nil, RX), "1", nil)
	f := read[freezes.Record](w, freezes.RecordKey(no))
	for len(f.Orders) < 100 {
		f.Orders = append(f.Orders, f.Orders[0])
	}
	w.state[freezes.RecordKey(no)] = ledger.Encode(f)
	w.refused(contracts.EState, "", "freezes.renew", args{"freeze_no": no, "doc_no": "2", "received_at": w.time, "until": "2026-08-24"}, w.two(IPO))
	w.must("freezes.lift", args{"freeze_no": no, "doc_no": "2"}, w.two(IPO))
}

func TestALicenceIsNoBurdenOfAPledge(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"registrar_encumbrances": []args{{"kind": "LICENCE", "time": w.time - 1000}}}, RX)
	w.wantStatus(canonical, rights.Free)
	w.must("pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
}
