// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"math"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

func TestAClaimSaysWhichPatentAndWhose(t *testing.T) {
	w := newWorld(t)
	maker := func(id string) []ledger.Signer { return []ledger.Signer{w.signer(id, contracts.Maker)} }
	with := func(rightType, number string, owners ...string) args {
		return args{"type": rightType, "number": number, "owners": append([]string{}, owners...)}
	}
	const method = "rights.claim"
	w.refused(contracts.ECheckDigit, "", method, with("PATENT", "201810234567.4", RX), maker(RX))
	w.refused(contracts.EFormat, "", method, with("PAT_UM", invention, RX), maker(RX))
	w.refused(contracts.EFormat, "", method, with("PATENT", "203010601862.9", RX), maker(RX))
	w.refused(contracts.EOwner, "", method, with("PATENT", invention, MD), maker(RX))
	w.refused(contracts.ENotFound, "", method, with("PATENT", invention, JG), maker(BA))
	w.refused(contracts.EFormat, "", method, with("PATENT", invention, RX, RX), maker(RX))
	w.refused(contracts.EFormat, "", method, with("PATENT", invention), maker(BA))
	office := with("PATENT", invention, RX)
	office["office"] = BA
	w.refused(contracts.ERole, "", method, office, maker(RX))
	office["office"] = JG
	w.refused(contracts.ENotFound, "", method, office, maker(RX))

	// None of the refused took a serial.
	r := w.must(method, with("PAT_INV", "ZL 2018 1 0234567.3", RX), maker(RX))
	number, err := identifier.PlatformNumber(r["right_id"].(string))
	if err != nil || number.Serial != 1 || r["number"] != canonical || r["type"] != "PAT_INV" {
		t.Fatal(r, err)
	}
	if c := read[rights.Claim](w, rights.ClaimKey(number.Canonical)); c.NumberAsTyped != "ZL 2018 1 0234567.3" {
		t.Fatalf("%+v", c)
	}
	w.wantStatus(canonical, rights.Unconfirmed)
}

func TestConfirmingOneClaimRejectsTheOthers(t *testing.T) {
	w := newWorld(t)
	squatter, owner := w.claim(invention, MD), w.claim("CN"+canonical, RX)
	w.refused(contracts.EOwner, contracts.R01, "rights.confirm", w.facts(squatter, args{"owners": []string{RX}}), w.two(IPO))
	w.must("rights.confirm", w.facts(owner, args{"owners": []string{RX}}), w.two(IPO))
	if c := read[rights.Claim](w, rights.ClaimKey(squatter)); c.State != rights.ClaimRejected {
		t.Fatalf("%+v", c)
	}
	w.refused(contracts.EState, "", "rights.confirm", w.facts(squatter, args{"owners": []string{MD}}), w.two(IPO))
	o := w.refused(contracts.EState, "", "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{MD}},
		[]ledger.Signer{w.signer(MD, contracts.Maker)})
	if o.Details[0].Subject != owner {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.EState, "", "rights.refresh", w.facts(squatter, nil), w.two(IPO))
}

func TestARejectedClaimMayBeFollowedByAnother(t *testing.T) {
	w := newWorld(t)
	id := w.claim(invention, RX)
	w.refused(contracts.EFormat, "", "rights.reject", args{"right_id": id}, w.two(IPO))
	w.must("rights.reject", args{"right_id": id, "reason": "名称不符"}, w.two(IPO))
	w.wantStatus(canonical, rights.Unconfirmed)
	w.refused(contracts.EState, "", "rights.reject", args{"right_id": id, "reason": "again"}, w.two(IPO))
	w.claim(invention, RX)
}

func TestAClaimNobodyAnswersExpires(t *testing.T) {
	w := newWorld(t)
	id := w.claim(invention, RX)
	w.at("2026-05-25 23:59") // the ninetieth day after the 24th of February counts to its end
	last := w.tx("rights.confirm", w.facts(id, args{"owners": []string{RX}}), w.two(IPO))
	probe := memory{}
	for k, v := range w.state {
		probe[k] = v
	}
	if o, _, err := contracts.Execute(w.methods, probe, w.here(), []*ledger.Transaction{last}); err != nil || o[0].Status != ledger.Final {
		t.Fatalf("on the last day: %+v %v", o, err)
	}
	w.at("2026-05-26 00:00")
	o := w.refused(contracts.EState, "", "rights.confirm", w.facts(id, args{"owners": []string{RX}}), w.two(IPO))
	if o.Details[0].Reason != string(rights.ClaimExpired) {
		t.Fatalf("%+v", o.Details)
	}
}

func TestOneOrganisationCannotFillANumberWithClaims(t *testing.T) {
	w := newWorld(t)
	for range 8 {
		w.claim(invention, MD)
	}
	w.refused(contracts.EDuplicate, "", "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{MD}},
		[]ledger.Signer{w.signer(BA, contracts.Maker)})
	w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})
}

func TestConfirmationNeedsFreshEvidence(t *testing.T) {
	w := newWorld(t)
	id := w.claim(invention, RX)
	owners := args{"owners": []string{RX}}
	with := func(captured int64) args {
		a := w.facts(id, owners)
		a["evidence"] = w.evidence(captured)
		return a
	}
	w.refused(contracts.EClock, "", "rights.confirm", with(w.time+1), w.two(IPO))
	w.refused(contracts.EStale, "", "rights.confirm", with(w.moment("2026-02-16 23:59")), w.two(IPO))
	o := w.refused(contracts.EFormat, "", "rights.confirm", args{"right_id": id}, w.two(IPO))
	if len(o.Details) != 2 || o.Details[0].Reason != contracts.ReasonMissing || o.Details[1].Field != "evidence" {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ENotFound, "", "rights.confirm", args{"right_id": "IPR-510100-20260105-0123456-J"}, w.two(IPO))
	w.refused(contracts.ECheckDigit, "", "rights.confirm", args{"right_id": "IPR-510100-20260105-0123456-K"}, w.two(IPO))
	w.must("rights.confirm", with(w.moment("2026-02-17 00:00")), w.two(IPO))
	w.refused(contracts.EStale, "", "rights.refresh", with(w.time-contracts.Days(8)), w.two(IPO))
}

func TestTheRegisterDecidesWhetherARightLives(t *testing.T) {
	w := newWorld(t)
	id := w.claim(invention, RX)
	with := func(more args) args {
		a := w.facts(id, args{"owners": []string{RX}})
		for k, v := range more {
			a[k] = v
		}
		return a
	}
	w.refused(contracts.EState, contracts.R03, "rights.confirm", with(args{"legal_status": "NOT_GRANTED"}), w.two(IPO))
	w.refused(contracts.EExpired, contracts.R02, "rights.confirm", with(args{"legal_status": "LAPSED"}), w.two(IPO))
	w.refused(contracts.EExpired, contracts.R02, "rights.confirm", with(args{"expiry_date": "2026-02-23"}), w.two(IPO))
	w.refused(contracts.EFormat, "", "rights.confirm", with(args{"filing_date": "2018-03-19", "grant_date": "2018-03-18"}), w.two(IPO))
	w.must("rights.confirm", with(args{"filing_date": "2018-03-19"}), w.two(IPO))
	if r := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical)); r.ExpiryDate != "2038-03-18" {
		t.Fatalf("expires %s", r.ExpiryDate)
	}
	w.must("rights.refresh", w.facts(id, args{"legal_status": "LAPSED"}), w.two(IPO))
	w.wantStatus(canonical, rights.Ended)
	w.refused(contracts.EExpired, contracts.R02, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	w.must("rights.refresh", w.facts(id, args{"legal_status": "GRANTED"}), w.two(IPO))
	w.wantStatus(canonical, rights.Free)
	w.must("rights.refresh", w.facts(id, args{"legal_status": "INVALIDATED"}), w.two(IPO))
	w.refused(contracts.EState, "", "rights.refresh", w.facts(id, args{"legal_status": "GRANTED"}), w.two(IPO))
	w.refused(contracts.EState, "", "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}},
		[]ledger.Signer{w.signer(RX, contracts.Maker)})
}

func TestARightIsFreeUntilItsLastDayEnds(t *testing.T) {
	w := newWorld(t)
	w.confirmed(invention, args{"expiry_date": "2026-02-27"}, RX)
	w.at("2026-02-27 23:59")
	w.wantStatus(canonical, rights.Free)
	w.at("2026-02-28 00:00")
	w.wantStatus(canonical, rights.Ended)
}

func TestAnOwnerChangesOnlyWithTheRegistersWord(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	moved := args{"owners": []string{MD}}
	w.refused(contracts.EOwner, contracts.R01, "rights.refresh", w.facts(id, moved), w.two(IPO))
	w.refused(contracts.EFormat, "", "rights.refresh", w.facts(id, args{"owner_changed": true}), w.two(IPO))
	moved["owner_changed"] = true
	w.must("rights.refresh", w.facts(id, moved), w.two(IPO))
	w.must("rights.refresh", w.facts(id, args{"owners": []string{RX}, "owner_changed": true}), w.two(IPO))
	w.effective(BA, "Y2026510000123", id)
	w.refused(contracts.EConsent, "", "rights.refresh", w.facts(id, moved), w.two(IPO))
	w.refused(contracts.EConsent, "", "rights.refresh", w.facts(id, args{"legal_status": "ABANDONED"}), w.two(IPO))
}

func TestNoEndedRightComesBackUnlessTheRegisterSaysSo(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.must("rights.refresh", w.facts(id, args{"legal_status": "LAPSED"}), w.two(IPO))
	w.must("rights.refresh", w.facts(id, args{"fee_status": "UNPAID"}), w.two(IPO))
	w.wantStatus(canonical, rights.Ended)
	o := w.refused(contracts.EState, "", "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{MD}},
		[]ledger.Signer{w.signer(MD, contracts.Maker)})
	if o.Details[0].Reason != string(rights.Lapsed) {
		t.Fatalf("%+v", o.Details)
	}
}

func TestTheOfficeThatAClaimNamesDecidesIt(t *testing.T) {
	w := newWorld(t)
	id := w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}, "office": IPO},
		[]ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	o := w.refused(contracts.ERole, "", "rights.confirm", w.facts(id, args{"owners": []string{RX}}), w.two(IP2))
	if o.Details[0].Reason != contracts.ReasonOtherOffice {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ERole, "", "rights.reject", args{"right_id": id, "reason": "no"}, w.two(IP2))
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}}), w.two(IPO))
	// The register is one: any office may read it again.
	w.must("rights.refresh", w.facts(id, nil), w.two(IP2))
}

func TestAnOwnerOfAnyKindClaimsItsOwn(t *testing.T) {
	w := newWorld(t)
	maker := []ledger.Signer{w.signer(LQ, contracts.Maker)}
	w.refused(contracts.EOwner, "", "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}}, maker)
	w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{LQ}}, maker)
}

func TestOrganisationsAreTakenInAnySpelling(t *testing.T) {
	w := newWorld(t)
	const method = "rights.claim"
	with := func(owners ...string) args { return args{"type": "PATENT", "number": invention, "owners": owners} }
	maker := []ledger.Signer{w.signer(RX, contracts.Maker)}
	w.refused(contracts.ECheckDigit, "", method, with("91510100MA6CA1R240"), maker)
	w.refused(contracts.EFormat, "", method, with(RX, "91510100ma6ca1r24n"), maker)
	a := with("９１５１０１００MA6CA1R24N")
	a["office"] = " 12510100mb0a1k3l09 "
	id := w.must(method, a, maker)["right_id"].(string)
	if c := read[rights.Claim](w, rights.ClaimKey(id)); c.Owners[0] != RX || c.Office != IPO {
		t.Fatalf("%+v", c)
	}
	w.must("rights.confirm", w.facts(id, args{"owners": []string{"91510100ma6ca1r24n"}}), w.two(IPO))
	loan := w.must("loans.sign", args{"borrower": "91510100ma6ca1r24n"}, w.with(w.two(BA), RX))["loan_no"].(string)
	if l := read[loans.Record](w, loans.RecordKey(loan)); l.Borrower != RX {
		t.Fatalf("%+v", l)
	}
}

func TestNoDateOfARightLiesAhead(t *testing.T) {
	w := newWorld(t)
	id := w.claim(invention, RX)
	for field, date := range map[string]string{"filing_date": "2026-02-25", "grant_date": "2026-02-25"} {
		w.refused(contracts.EClock, "", "rights.confirm", w.facts(id, args{"owners": []string{RX}, field: date}), w.two(IPO))
	}
	m, _ := w.methods.Lookup("rights", 1, "confirm")
	for _, bad := range []string{"2026-02-30", "20260224", "2026-2-4", "0000-01-01"} {
		if _, r := m.EncodeArgs([]byte(`{"right_id":"` + id + `","filing_date":"` + bad + `"}`)); r.Code() != contracts.EFormat {
			t.Errorf("%s: %v", bad, r)
		}
	}
	burden := func(time, until int64) args {
		return args{"owners": []string{RX}, "registrar_encumbrances": []args{{"kind": "PLEDGE", "time": time, "until": until}}}
	}
	w.refused(contracts.EClock, "", "rights.confirm", w.facts(id, burden(w.time+1, 0)), w.two(IPO))
	w.refused(contracts.EFormat, "", "rights.confirm", w.facts(id, burden(-1, 0)), w.two(IPO))
	w.refused(contracts.EFormat, "", "rights.confirm", w.facts(id, burden(0, math.MaxInt64)), w.two(IPO))
	for _, captured := range []int64{0, -1, math.MinInt64, math.MaxInt64, w.time / 1000} {
		a := w.facts(id, args{"owners": []string{RX}, "evidence": w.evidence(captured)})
		if o := w.do("rights.confirm", a, w.two(IPO)); o.Code != contracts.EClock && o.Code != contracts.EStale {
			t.Errorf("captured at %d: %+v", captured, o)
		}
	}
}

func TestAPreservationInTheRegisterIsAFreeze(t *testing.T) {
	w := newWorld(t)
	court := args{"registrar_encumbrances": []args{{"kind": "PRESERVATION", "time": w.time - 1000, "until": w.time + contracts.Days(180)}}}
	id := w.confirmed(invention, court, RX)
	w.wantStatus(canonical, rights.Encumbered)
	if !w.status(canonical).Has(rights.FlagFrozen) {
		t.Error("no flag")
	}
	o := w.refused(contracts.EFrozen, contracts.R05, "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	if len(o.Details) != 1 || o.Details[0].Reason != contracts.ReasonEncumbered {
		t.Fatalf("%+v", o.Details)
	}
	w.time += contracts.Days(181)
	w.wantStatus(canonical, rights.Free)
}

func TestABurdenOlderThanAPledgeAndFoundLaterIsToBeReviewed(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	registered := w.status(canonical).Pledges[0].StatutoryTime
	found := func(kind string, time int64) ledger.Outcome {
		return w.do("rights.refresh", w.facts(id, args{
			"evidence": w.evidence(w.time),
			"registrar_encumbrances": []args{
				{"kind": "PLEDGE", "statutory_no": "Y2026510000123"}, // the pledge itself, or it would be to be reviewed
				{"kind": kind, "statutory_no": "Y2026980000999", "time": time},
			},
		}), w.two(IPO))
	}
	for _, c := range []struct {
		kind     string
		time     int64
		conflict bool
	}{
		{"PLEDGE", registered + 1, false}, {"PRESERVATION", registered + 1, false}, {"LICENCE", registered - 1, false},
		{"PLEDGE", registered, true}, {"PRESERVATION", registered - 1, true}, {"PLEDGE", 0, true},
	} {
		o := found(c.kind, c.time)
		if o.Status != ledger.Final {
			t.Fatalf("a fact of the register is refused: %+v", o)
		}
		s := w.status(canonical)
		if s.Value != rights.Pledged || len(s.Encumbrances) != 1 || s.Has(rights.FlagConflictReview) != c.conflict {
			t.Errorf("%+v: %+v", c, s)
		}
		told := slices.ContainsFunc(o.Events, func(e ledger.Event) bool { return e.Kind == "right.conflict_review" })
		if told != (c.conflict && c.time == registered) {
			t.Errorf("%+v: %+v", c, o.Events)
		}
	}
}

func TestOnlyTheOwnPledgeOfARightIsLeftOutOfItsBurdens(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	other := w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	shown := args{"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "y2026510000123"}}}
	// The register has the other patent under the same number, the ledger has not.
	w.must("rights.refresh", w.facts(other, shown), w.two(IPO))
	w.wantStatus("2017106018623", rights.Encumbered)
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(BA))
	w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time}, w.two(IPO))
	w.wantStatus(canonical, rights.Free)
	// The register shows it still: the cancellation is in doubt.
	w.must("rights.refresh", w.facts(id, shown), w.two(IPO))
	w.wantStatus(canonical, rights.Encumbered)
}
