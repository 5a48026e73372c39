// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

func TestARightThatMayNotBePledgedIsRefusedWithTheRegistrarsGround(t *testing.T) {
	for name, c := range map[string]struct {
		facts        args
		code, ground string
	}{
		"fee in grace":             {args{"fee_status": "IN_GRACE", "fee_due": "2026-02-01"}, contracts.EFee, contracts.R04},
		"fee due and nothing said": {args{"fee_status": "", "fee_due": "2026-02-23"}, contracts.EFee, contracts.R04},
		"disputed":                 {args{"flags": []string{"DISPUTED"}}, contracts.EDispute, contracts.R05},
		"suspended":                {args{"flags": []string{"SUSPENDED"}}, contracts.EFrozen, contracts.R05},
		"twin":                     {args{"flags": []string{"TWIN_APPLICATION"}}, contracts.EConsent, contracts.R10},
		"invalidation":             {args{"flags": []string{"INVALIDATION_PENDING"}}, contracts.EConsent, contracts.R11},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.confirmed(invention, c.facts, RX)
			w.refused(c.code, c.ground, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
		})
	}
}

// The registrars of marks and of copyright tell apart what that of patents has in one
// ground: a court's freeze and a dispute about the ownership.
func TestEachRegistrarsGroundSaysWhatStandsInTheWay(t *testing.T) {
	suit := func(w *world, id string, office []ledger.Signer) {
		w.must("rights.status_event", args{"right_id": id, "event": "OWNERSHIP_SUIT", "case_no": "1", "fact_time": w.time}, office)
	}
	suspended := func(w *world, id string, office []ledger.Signer) {
		w.must("rights.status_event", args{"right_id": id, "event": "OWNERSHIP_SUIT", "case_no": "1", "fact_time": w.time, "until": "2026-06-01"}, office)
	}
	frozen := func(w *world, id string, office []ledger.Signer) {
		w.must("freezes.record", args{"right_id": id, "doc_no": "(2026)川01执保1号", "court": "示例中级人民法院", "received_at": w.time}, office)
	}
	unrenewed := func(w *world, id string, office []ledger.Signer) {
		w.must("rights.refresh", w.facts(id, args{"expiry_date": "2026-02-23"}), office)
	}
	for name, c := range map[string]struct {
		mark         bool
		bar          func(w *world, id string, office []ledger.Signer)
		code, ground string
	}{
		"mark frozen":            {true, frozen, contracts.EFrozen, contracts.T04},
		"mark disputed":          {true, suit, contracts.EDispute, contracts.T05},
		"mark suspended":         {true, suspended, contracts.EFrozen, contracts.T05},
		"mark that has run out":  {true, unrenewed, contracts.EFee, contracts.T03},
		"software frozen":        {false, frozen, contracts.EFrozen, contracts.C06},
		"software disputed":      {false, suit, contracts.EDispute, contracts.C05},
		"software being decided": {false, suspended, contracts.EFrozen, contracts.C05},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id, office := "", w.two(CPC)
			if c.mark {
				id, office = w.mark("12345678"), w.two(IPO)
			} else {
				id = w.software()
			}
			c.bar(w, id, office)
			w.refused(c.code, c.ground, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
		})
	}
}

func TestAMarkThatHasRunOutIsNotPledgedUntilItIsRenewed(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	w.must("rights.refresh", w.facts(id, args{"expiry_date": "2026-02-24"}), w.two(IPO))
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.at("2026-02-25 09:00")
	a := args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time}
	w.refused(contracts.EFee, contracts.T03, "pledges.register", a, w.two(IPO))
	w.must("rights.status_event", args{"right_id": id, "event": "RENEWED", "expiry_date": "2036-02-24", "fact_time": w.time}, w.two(IPO))
	w.must("pledges.register", a, w.two(IPO))
}

func TestAcknowledgedGroundsDoNotStopAPledge(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"flags": []string{"TWIN_APPLICATION", "INVALIDATION_PENDING"}}, RX)
	a := submission(BA, RX, id)
	a["acknowledgements"] = []string{contracts.R11, contracts.R10}
	w.must("pledges.submit", a, w.with(w.two(BA), RX))
}

func TestAFrozenRightIsNotPledgedUntilTheFreezeEnds(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.must("freezes.record", args{"right_id": id, "doc_no": "(2026)川01执保1号", "court": "示例中级人民法院", "received_at": w.time - 1000, "until": "2026-02-25"}, w.two(IPO))
	w.wantStatus(canonical, rights.Frozen)
	w.refused(contracts.EFrozen, contracts.R05, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	w.at("2026-02-26 00:00")
	w.wantStatus(canonical, rights.Free)
	w.submitted(BA, id)
}

func TestAnOldSnapshotMustBeRefreshed(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.at("2026-03-04 00:00") // seven days after the 24th of February are over
	w.refused(contracts.EStale, "", "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	if w.status(canonical).Has(rights.FlagStale) {
		t.Error("stale after a week")
	}
	w.at("2026-05-25 23:59")
	if w.status(canonical).Has(rights.FlagStale) {
		t.Error("stale on the ninetieth day")
	}
	w.at("2026-05-26 00:00")
	if !w.status(canonical).Has(rights.FlagStale) {
		t.Error("not stale after 90 days")
	}
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.submitted(BA, id)
}

func TestThePledgorsAreTheOwnersAndAllOfThemSign(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	const method = "pledges.submit"
	w.refused(contracts.EOwner, contracts.R01, method, submission(BA, MD, id), w.with(w.two(BA), MD))
	o := w.refused(contracts.ESignature, "", method, submission(BA, RX, id), w.two(BA))
	if len(o.Details) != 1 || o.Details[0].Subject != RX {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.EContract, contracts.R07, method, submission(BB, RX, id), w.with(w.two(BA), RX, BB))
	w.refused(contracts.EContract, contracts.R07, method, submission(BA, RX, id), w.with(w.two(BA), RX), func(b *ledger.Body) { b.Commitments = nil })

	owned := w.confirmed("201710601862.3", nil, MD, RX)
	both := submission(BA, RX, owned)
	both["pledgors"] = []string{RX, MD}
	o = w.refused(contracts.ECoowner, contracts.R08, method, both, w.with(w.two(BA), RX))
	if len(o.Details) != 1 || o.Details[0].Subject != MD {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ECoowner, contracts.R08, method, submission(BA, RX, owned), w.with(w.two(BA), RX))
	w.must(method, both, w.with(w.two(BA), RX, MD))
	syndicate := submission(BA, RX, id)
	syndicate["pledgees"] = []string{BA, BB}
	w.refused(contracts.ESignature, "", method, syndicate, w.with(w.two(BA), RX))
	w.must(method, syndicate, w.with(w.two(BA), RX, BB))
}

func TestAllFailedRulesAreListedTheWeightiestFirst(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{
		"fee_status": "UNPAID", "flags": []string{"DISPUTED"},
		"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "Y2025980000001"}},
	}, RX)
	w.time += contracts.Days(8)
	o := w.refused(contracts.EStale, "", "pledges.submit", submission(BA, MD, id), w.two(BA))
	var got []string
	for _, f := range o.Details {
		got = append(got, f.Code)
	}
	if s := strings.Join(got, " "); s != "E_STALE E_DISPUTE E_FEE E_PLEDGED E_OWNER E_OWNER E_SIGNATURE" {
		t.Fatal(s)
	}
}

func TestAnApplicationNamesItsRightsOnce(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	unconfirmed := w.claim("201710601862.3", RX)
	const method = "pledges.submit"
	signers := w.with(w.two(BA), RX)
	w.refused(contracts.EFormat, "", method, submission(BA, RX), signers)
	w.refused(contracts.EFormat, "", method, submission(BA, RX, id, "PAT_INV:"+invention), signers)
	w.refused(contracts.EFormat, "", method, submission(BA, RX, "PAT_UM:"+invention), signers)
	w.refused(contracts.EFormat, "", method, submission(BA, RX, "GI_PRODUCT:1"), signers)
	w.refused(contracts.ECheckDigit, "", method, submission(BA, RX, "PATENT:201810234567.4"), signers)
	w.refused(contracts.ENotFound, contracts.R03, method, submission(BA, RX, "PATENT:2023301122330"), signers)
	w.refused(contracts.EState, contracts.R03, method, submission(BA, RX, unconfirmed), signers)
	for ref, ground := range map[string]string{ // each register's own, or none
		"TM:4455667": contracts.T05, "COPY_SOFT:2021SR0000001": contracts.C06, "IC_LAYOUT:BS.235609870": "", "IPR-510100-20260105-0123456-J": "",
	} {
		if o := w.refused(contracts.ENotFound, ground, method, submission(BA, RX, ref), signers); len(o.Details) != 1 {
			t.Fatalf("%s: %+v", ref, o.Details)
		}
	}
	var many []string
	for i := range 201 {
		many = append(many, fmt.Sprintf("PATENT:%d", i))
	}
	raw := args{"rights": many[:200], "pledgors": []string{RX}, "pledgees": []string{BA}}
	w.refused(contracts.EFormat, "", method, raw, signers)
	m, _ := w.methods.Lookup("pledges", 1, "submit")
	if _, refusal := m.EncodeArgs(fmt.Appendf(nil, `{"rights":["%s"],"pledgors":[],"pledgees":[]}`, strings.Join(many, `","`))); refusal.Code() != contracts.EFormat {
		t.Fatal(refusal)
	}
}

func TestAReservationEndsByItselfAndTheApplicationStays(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	until := w.time + contracts.Days(14)
	first := w.submitted(BA, id)
	w.time = until - 60_000
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.time = until - 1
	w.refused(contracts.EPledged, contracts.R09, "pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX))
	w.time = until
	second := w.submitted(BB, id)
	// Who registers first wins; the other application can only be refused.
	for _, no := range []string{first, second} {
		w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	}
	w.must("pledges.register", args{"pledge_no": first, "statutory_no": "Y2026510000001", "statutory_time": w.time}, w.two(IPO))
	w.refused(contracts.EPledged, contracts.R09, "pledges.register",
		args{"pledge_no": second, "statutory_no": "Y2026510000002", "statutory_time": w.time}, w.two(IPO))
	w.must("pledges.refuse", args{"pledge_no": second, "codes": []string{contracts.R09}}, w.two(IPO))
	if s := w.status(canonical); s.Pending != 0 || len(s.Pledges) != 1 {
		t.Fatalf("%+v", s)
	}
}

func TestRefusalAndWithdrawalFreeTheReservation(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.refused(contracts.EState, "", "pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.R12}}, w.two(IPO))
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.refuse", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.R07}}, w.two(IPO))
	if a := read[pledges.Application](w, pledges.ApplicationKey(no)); !slices.Equal(a.Codes, []string{contracts.R07}) {
		t.Fatalf("%+v", a)
	}
	second := w.submitted(BB, id)
	w.refused(contracts.ESignature, "", "pledges.withdraw", args{"pledge_no": second}, w.two(BB))
	w.refused(contracts.ERole, "", "pledges.withdraw", args{"pledge_no": second}, w.with(w.two(BA), RX))
	w.must("pledges.withdraw", args{"pledge_no": second}, w.with(w.two(BB), RX))
	w.refused(contracts.EState, "", "pledges.accept", args{"pledge_no": second}, w.two(IPO))
	w.submitted(BA, id)
}

func TestRegistrationNeedsAStatutoryNumberUsedOnceAndATimePast(t *testing.T) {
	w := newWorld(t)
	first := w.confirmed(invention, nil, RX)
	second := w.confirmed("201710601862.3", nil, RX)
	const method = "pledges.register"
	no := w.submitted(BA, first)
	w.refused(contracts.EState, "", method, args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.refused(contracts.EFormat, "", method, args{"pledge_no": no}, w.two(IPO))
	w.refused(contracts.EFormat, "", method, args{"pledge_no": no, "statutory_no": "2026510000123", "statutory_time": w.time}, w.two(IPO))
	w.refused(contracts.EClock, "", method, args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time + 1}, w.two(IPO))
	w.refused(contracts.ERole, "", method, args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IP2))
	w.must(method, args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))

	other := w.submitted(BB, second)
	w.must("pledges.accept", args{"pledge_no": other}, w.two(IPO))
	o := w.refused(contracts.EDuplicate, "", method, args{"pledge_no": other, "statutory_no": "y2026510000123", "statutory_time": w.time}, w.two(IPO))
	if o.Details[0].Subject != no {
		t.Fatalf("%+v", o.Details)
	}
	// Not even after the release of the first.
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"}, w.two(BA))
	w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time}, w.two(IPO))
	w.refused(contracts.EDuplicate, "", method, args{"pledge_no": other, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
}

func TestOnlyThePledgeeOrACourtLetsGo(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	cancellation := args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time}
	w.refused(contracts.EState, "", "pledges.cancel", cancellation, w.two(IPO))
	w.refused(contracts.ERole, "", "pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(BB))
	w.refused(contracts.EFormat, "", "pledges.consent_release", args{"pledge_no": no}, w.two(BA))
	w.refused(contracts.ENotFound, "", "pledges.consent_release", args{"pledge_no": "PLG-510100-20260312-0000042-K", "ground": "WAIVED"}, w.two(BA))
	w.refused(contracts.EClock, "", "pledges.cancel", args{
		"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time + 1, "court_document": strings.Repeat("cd", 32),
	}, w.two(IPO))
	cancellation["court_document"] = strings.Repeat("cd", 32)
	w.must("pledges.cancel", cancellation, w.two(IPO))
	if r := read[pledges.Record](w, pledges.RecordKey(no)); r.State != pledges.Released || r.Ground != pledges.GroundCourt {
		t.Fatalf("%+v", r)
	}
	w.wantStatus(canonical, rights.Free)
}

func TestALoanIsPaidOutOnlyOverEffectivePledgesOfItsLender(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.refused(contracts.EContract, "", "loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.two(BB), RX))
	w.refused(contracts.ESignature, "", "loans.sign", args{"borrower": RX}, w.two(BA))
	w.refused(contracts.ENotFound, "", "loans.sign", args{"borrower": JG}, w.two(BA))
	w.refused(contracts.EContract, contracts.R07, "loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX), func(b *ledger.Body) { b.Commitments = nil })
	bare := w.must("loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX))["loan_no"]
	w.refused(contracts.EState, "", "loans.disburse", args{"loan_no": bare}, w.two(BA))
	loan := w.must("loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.two(BA), RX))["loan_no"]
	w.refused(contracts.EState, "", "loans.settle", args{"loan_no": loan}, w.two(BA))
	w.refused(contracts.ENotFound, "", "loans.disburse", args{"loan_no": loan}, w.two(BB))
	w.must("loans.disburse", args{"loan_no": loan}, w.two(BA))
	w.refused(contracts.EState, "", "loans.disburse", args{"loan_no": loan}, w.two(BA))
	w.must("loans.settle", args{"loan_no": loan}, w.two(BA))
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"}, w.two(BA))
	w.refused(contracts.EState, "", "loans.disburse", args{"loan_no": bare, "pledges": []string{no}}, w.two(BA))
}

func TestRegistrationLooksAtTheRightsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		facts        args
		code, ground string
	}{
		"lapsed since":      {args{"legal_status": "LAPSED"}, contracts.EExpired, contracts.R02},
		"pledged elsewhere": {args{"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "Y2026980000999"}}}, contracts.EPledged, contracts.R09},
		"disputed since":    {args{"flags": []string{"DISPUTED"}}, contracts.EDispute, contracts.R05},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.confirmed(invention, nil, RX)
			no := w.submitted(BA, id)
			w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
			w.must("rights.refresh", w.facts(id, c.facts), w.two(IPO))
			a := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}
			w.refused(c.code, c.ground, "pledges.register", a, w.two(IPO))
		})
	}
}

func TestAFreezeTheRegistrarHadFirstStopsRegistration(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	received := w.time
	w.must("freezes.record", args{"right_id": id, "doc_no": "(2026)川01执保1号", "court": "示例中级人民法院", "received_at": received}, w.two(IPO))
	w.time += 3600_000
	a := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": received}
	w.refused(contracts.EFrozen, contracts.R05, "pledges.register", a, w.two(IPO))
	a["statutory_time"] = received - 1
	w.must("pledges.register", a, w.two(IPO))
}

func TestAPreservationInTheRegisterStopsOnlyLaterRegistrations(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	received := w.time
	w.time += 3600_000
	w.must("rights.refresh", w.facts(id, args{
		"evidence":               w.evidence(w.time),
		"registrar_encumbrances": []args{{"kind": "PRESERVATION", "time": received, "until": received + contracts.Days(180)}},
	}), w.two(IPO))
	a := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": received}
	o := w.refused(contracts.EFrozen, contracts.R05, "pledges.register", a, w.two(IPO))
	if len(o.Details) != 1 {
		t.Fatalf("%+v", o.Details)
	}
	a["statutory_time"] = received - 1
	w.must("pledges.register", a, w.two(IPO))
	w.wantStatus(canonical, rights.Pledged)
	if s := w.status(canonical); s.Has(rights.FlagConflictReview) || !s.Has(rights.FlagFrozen) {
		t.Fatalf("%+v", s)
	}
}

// Whose debt a pledge secures is in the sealed part; the pledgor has signed it.
func TestAThirdPartysPledgeMaySecureALoan(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, LQ)
	no := w.must("pledges.submit", submission(BA, LQ, id), w.with(w.two(BA), LQ))["pledge_no"].(string)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	w.refused(contracts.EContract, "", "loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.two(BB), RX))
	loan := w.must("loans.sign", args{"borrower": RX, "pledges": []string{no, strings.ToLower(no)}}, w.with(w.two(BA), RX))["loan_no"]
	w.must("loans.disburse", args{"loan_no": loan, "pledges": []string{no}}, w.two(BA))
	if l := read[loans.Record](w, loans.RecordKey(loan.(string))); !slices.Equal(l.Pledges, []string{no}) {
		t.Fatalf("%+v", l)
	}
}

func TestNoLoanIsPaidOutOverAnExtinguishedPledge(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	loan := w.must("loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.two(BA), RX))["loan_no"]
	w.must("rights.refresh", w.facts(id, args{"legal_status": "INVALIDATED"}), w.two(IPO))
	o := w.refused(contracts.EState, "", "loans.disburse", args{"loan_no": loan}, w.two(BA))
	if o.Details[0].Reason != "PLEDGE_EXTINGUISHED" {
		t.Fatalf("%+v", o.Details)
	}
}

func TestRegistrationLooksAtTheOwnersAgain(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string
		code, ground  string
	}{
		"sold":             {[]string{RX}, []string{MD}, contracts.EOwner, contracts.R01},
		"half of it sold":  {[]string{RX}, []string{MD, RX}, contracts.ECoowner, contracts.R08},
		"a co-owner left":  {[]string{MD, RX}, []string{RX}, "", ""},
		"pledgor left":     {[]string{MD, RX}, []string{MD}, contracts.EOwner, contracts.R01},
		"nothing happened": {[]string{MD, RX}, []string{RX, MD}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.confirmed(invention, nil, c.before...)
			no := w.must("pledges.submit", submission(BA, RX, id), w.with(w.two(BA), c.before...))["pledge_no"].(string)
			w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
			w.must("rights.refresh", w.facts(id, args{"owners": c.after, "owner_changed": true}), w.two(IPO))
			a := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}
			if c.code == "" {
				w.must("pledges.register", a, w.two(IPO))
			} else {
				w.refused(c.code, c.ground, "pledges.register", a, w.two(IPO))
			}
		})
	}
}

// A statutory time earlier than the application would buy an earlier rank.
// Registers often give the day only, so days are compared.
func TestNothingIsRegisteredBeforeItWasAcceptedNorCancelledBeforeTheConsent(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	midnight := w.at("2026-02-25 00:00")
	w.at("2026-02-25 10:00")
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.at("2026-02-26 10:00")
	a := args{"pledge_no": no, "statutory_no": "Y2026510000123"}
	for _, time := range []int64{midnight - 1, 1, -1, w.time / 1000, w.time + contracts.Days(1), math.MaxInt64, math.MinInt64} {
		a["statutory_time"] = time
		w.refused(contracts.EClock, "", "pledges.register", a, w.two(IPO))
	}
	a["statutory_time"] = midnight
	w.must("pledges.register", a, w.two(IPO))

	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"}, w.two(BA))
	c := args{"pledge_no": no, "cancellation_ref": "C1"}
	for _, time := range []int64{w.at("2026-02-26 00:00") - 1, w.at("2026-02-26 10:10") / 1000, -1, w.time + contracts.Days(1), math.MaxInt64} {
		c["cancellation_time"] = time
		w.refused(contracts.EClock, "", "pledges.cancel", c, w.two(IPO))
	}
	c["cancellation_time"] = w.at("2026-02-26 00:00")
	w.at("2026-02-26 11:00")
	w.must("pledges.cancel", c, w.two(IPO))
}

func TestARightIsPledgedAnewAfterItsRelease(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	first := w.effective(BA, "Y2026510000123", id)
	w.must("pledges.consent_release", args{"pledge_no": first, "ground": "DEBT_PAID"}, w.two(BA))
	// Until the registrar has cancelled it, the pledge stands.
	w.refused(contracts.EPledged, contracts.R09, "pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX))
	w.must("pledges.cancel", args{"pledge_no": first, "cancellation_ref": "C1", "cancellation_time": w.time}, w.two(IPO))
	w.refused(contracts.EState, "", "pledges.cancel", args{"pledge_no": first, "cancellation_ref": "C1", "cancellation_time": w.time}, w.two(IPO))
	w.refused(contracts.EState, "", "pledges.register", args{"pledge_no": first, "statutory_no": "Y2026510000124", "statutory_time": w.time}, w.two(IPO))
	second := w.effective(BB, "Y2026510000124", id)
	if s := w.status(canonical); s.Value != rights.Pledged || len(s.Pledges) != 1 || s.Pledges[0].PledgeNo != second || s.Pending != 0 {
		t.Fatalf("%+v", s)
	}
}

func TestASealedPartHasACommitment(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	for _, commitments := range [][][]byte{nil, {make([]byte, 32)}, {bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}} {
		change := func(b *ledger.Body) { b.Commitments = commitments }
		w.refused(contracts.EContract, contracts.R07, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX), change)
		w.refused(contracts.EContract, contracts.R07, "loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX), change)
	}
}

func TestOnlyBanksArePledgees(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	for _, other := range []string{OP, REG, MD, IPO} {
		a := submission(BA, RX, id)
		a["pledgees"] = []string{BA, other}
		o := w.refused(contracts.ERole, "", "pledges.submit", a, w.with(w.two(BA), RX, other))
		if o.Details[0].Subject != other || o.Details[0].Reason != contracts.ReasonPartyRole {
			t.Fatalf("%+v", o.Details)
		}
	}
	o := w.refused(contracts.ERole, "", "pledges.submit", submission(BA, RX, id), append(w.with(w.two(BA), RX), w.two(BB)...))
	if o.Details[0].Reason != contracts.ReasonUnexpected {
		t.Fatalf("%+v", o.Details)
	}
}

func TestOneBadRightStopsTheWholeApplication(t *testing.T) {
	w := newWorld(t)
	good, mine := w.confirmed(invention, nil, RX), w.confirmed("202220765432.1", nil, MD)
	w.effective(BB, "Y2026510000123", w.confirmed("201710601862.3", nil, RX))
	o := w.refused(contracts.EPledged, contracts.R09, "pledges.submit",
		submission(BA, RX, good, "PATENT:201710601862.3", mine), w.with(w.two(BA), RX))
	if len(o.Details) != 2 || o.Details[1].Code != contracts.EOwner || o.Details[1].Subject != "PATENT:2022207654321" {
		t.Fatalf("%+v", o.Details)
	}
	if s := w.status(canonical); s.Pending != 0 {
		t.Fatalf("%+v", s)
	}
	w.must("pledges.submit", submission(BA, RX, good), w.with(w.two(BA), RX))
}

func TestAnOfficeSaysEachGroundOnce(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.confirmed(invention, nil, RX))
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.R07, contracts.R07}}, w.two(IPO))
	w.must("pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.R07, contracts.R12}}, w.two(IPO))
}
