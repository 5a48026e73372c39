// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// happyPath is the first story up to its disbursement.
func happyPath(w *world) (rightID, pledgeNo, loanNo string) {
	w.at("2026-02-24 10:00")
	rightID = w.must("rights.claim", args{"type": "PAT_INV", "number": invention, "owners": []string{RX}, "office": IPO},
		[]ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	w.must("rights.confirm", w.facts(rightID, args{
		"owners": []string{RX}, "title": "一种晶圆检测方法", "filing_date": "2018-03-19", "grant_date": "2020-06-02",
		"expiry_date": "2038-03-18", "legal_status": "GRANTED", "fee_status": "PAID", "fee_due": "2027-03-19",
	}), w.two(IPO))
	w.wantStatus(canonical, rights.Free)
	w.at("2026-03-06 10:00")
	w.must("rights.refresh", w.facts(rightID, args{"fee_status": "PAID", "fee_due": "2027-03-19"}), w.two(IPO))
	loanNo = w.must("loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX))["loan_no"].(string)
	w.at("2026-03-09 10:00")
	pledgeNo = w.submitted(BA, rightID)
	w.at("2026-03-10 10:00")
	accepted := w.must("pledges.accept", args{"pledge_no": pledgeNo}, w.two(IPO))
	if accepted["due_date"] != "2026-03-12" {
		w.t.Fatalf("review is due %v, want two working days later", accepted["due_date"])
	}
	w.at("2026-03-11 10:00")
	o := w.refused(contracts.EState, "", "loans.disburse", args{"loan_no": loanNo, "pledges": []string{pledgeNo}}, w.two(BA))
	if o.Details[0].Reason != "PLEDGE_ACCEPTED" || o.Details[0].Subject != pledgeNo {
		w.t.Fatalf("%+v", o.Details)
	}
	registered := w.at("2026-03-12 10:21")
	w.at("2026-03-12 11:00")
	w.must("pledges.register", args{"pledge_no": pledgeNo, "statutory_no": "Y2026510000123", "statutory_time": registered}, w.two(IPO))
	w.wantStatus(canonical, rights.Pledged)
	w.at("2026-03-13 10:00")
	w.must("loans.disburse", args{"loan_no": loanNo, "pledges": []string{pledgeNo}}, w.two(BA))
	return rightID, pledgeNo, loanNo
}

func TestAPledgeFromClaimToRelease(t *testing.T) {
	w := newWorld(t)
	rightID, pledgeNo, loanNo := happyPath(w)
	if rightID[:20] != "IPR-510100-20260224-" || pledgeNo[:28] != "PLG-510100-20260309-0000001-" || loanNo[:28] != "LON-510100-20260306-0000001-" {
		t.Fatal(rightID, pledgeNo, loanNo)
	}
	record := read[pledges.Record](w, pledges.RecordKey(pledgeNo))
	if record.State != pledges.Effective || record.StatutoryNo != "Y2026510000123" || !slices.Equal(record.Pledgees, []string{BA}) {
		t.Fatalf("%+v", record)
	}
	w.at("2027-03-12 10:00")
	w.must("loans.settle", args{"loan_no": loanNo}, w.two(BA))
	w.at("2027-03-15 10:00")
	w.must("pledges.consent_release", args{"pledge_no": pledgeNo, "ground": "DEBT_PAID"}, w.two(BA))
	w.wantStatus(canonical, rights.Pledged)
	w.at("2027-03-16 10:00")
	w.must("pledges.cancel", args{"pledge_no": pledgeNo, "cancellation_ref": "Y2027510000077", "cancellation_time": w.time}, w.two(IPO))
	w.wantStatus(canonical, rights.Free)
	if s := read[loans.Record](w, loans.RecordKey(loanNo)); s.State != loans.Settled {
		t.Fatalf("%+v", s)
	}
	if steps := w.steps(pledgeNo); len(steps) != 5 {
		t.Fatalf("%+v", steps)
	}
}

func TestSecondBankIsRefusedWhateverItTypes(t *testing.T) {
	w := newWorld(t)
	rightID, _, _ := happyPath(w)
	w.at("2026-03-25 10:00")
	w.must("rights.refresh", w.facts(rightID, nil), w.two(IPO))
	for _, ref := range []string{
		rightID, "PATENT:ZL2018102345673", "PAT_INV:CN201810234567.3", "patent: ZL 2018 1 0234567.3", "PATENT:２０１８１０２３４５６７．３", "　ｐａｔｅｎｔ：ＺＬ２０１８１０２３４５６７．３", invention,
	} {
		o := w.refused(contracts.EPledged, contracts.R09, "pledges.submit", submission(BB, RX, ref), w.with(w.two(BB), RX))
		if len(o.Details) != 1 || o.Details[0].Subject != "PATENT:"+canonical {
			t.Fatalf("%s: %+v", ref, o.Details)
		}
	}
	public := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical))
	if p := public.Pledges[0]; !slices.Equal(p.Pledgees, []string{BA}) || p.StatutoryNo != "Y2026510000123" {
		t.Fatalf("the second bank sees %+v", p)
	}
}

func TestOneOfTwoBanksInABlockHoldsTheReservation(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	outcomes := w.block(
		w.tx("pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX)),
		w.tx("pledges.submit", submission(BA, RX, "PATENT:"+invention), w.with(w.two(BA), RX)),
	)
	if outcomes[0].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[0])
	}
	want(t, outcomes[1], contracts.EPledged, contracts.R09)
	if outcomes[1].Details[0].Reason != contracts.ReasonReservation {
		t.Fatalf("%+v", outcomes[1].Details)
	}
	// The right stays free: a reservation has no legal force.
	w.wantStatus(canonical, rights.Free)
	if s := w.status(canonical); !s.Has(rights.FlagReserved) || s.Pending != 1 {
		t.Fatalf("%+v", s)
	}
	public := read[pledges.Record](w, pledges.RecordKey(w.result("pledges.submit", outcomes[0])["pledge_no"].(string)))
	if len(public.Pledgees)+len(public.Pledgors) != 0 {
		t.Fatalf("a pending application shows its parties: %+v", public)
	}
}

func TestAPledgeOutsideThisLedgerBlocksToo(t *testing.T) {
	w := newWorld(t)
	outside := []args{{"kind": "PLEDGE", "statutory_no": "Y2026980000999", "time": w.time - 86400_000, "party_name": "外地银行"}}
	id := w.confirmed(invention, args{"registrar_encumbrances": outside}, RX)
	w.wantStatus(canonical, rights.Encumbered)
	o := w.refused(contracts.EPledged, contracts.R09, "pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX))
	if o.Details[0].Reason != contracts.ReasonEncumbered {
		t.Fatalf("%+v", o.Details)
	}
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "registrar_encumbrances": []args{}}), w.two(IPO))
	w.wantStatus(canonical, rights.Free)
	w.submitted(BB, id)
}

func TestTheLedgersOwnPledgeInTheRegisterIsNotAnother(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	statutory := "Y2026510000123"
	shown := args{"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": statutory, "time": w.time - 1000}}}
	w.must("rights.refresh", w.facts(id, shown), w.two(IPO))
	w.wantStatus(canonical, rights.Encumbered)
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": statutory, "statutory_time": w.time}, w.two(IPO))
	w.wantStatus(canonical, rights.Pledged)
	w.must("rights.refresh", w.facts(id, shown), w.two(IPO))
	if s := w.status(canonical); len(s.Encumbrances) != 0 {
		t.Fatalf("%+v", s.Encumbrances)
	}
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(BA))
	w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "X1", "cancellation_time": w.time}, w.two(IPO))
	w.wantStatus(canonical, rights.Free)
}
