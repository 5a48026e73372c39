// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
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
	w.time += contracts.Days(90) - 60_000
	last := w.tx("rights.confirm", w.facts(id, args{"owners": []string{RX}}), w.two(IPO))
	probe := memory{}
	for k, v := range w.state {
		probe[k] = v
	}
	if o, _, err := contracts.Execute(w.methods, probe, w.here(), []*ledger.Transaction{last}); err != nil || o[0].Status != ledger.Final {
		t.Fatalf("on the last day: %+v %v", o, err)
	}
	w.time++
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
	w.refused(contracts.EStale, "", "rights.confirm", with(w.time-contracts.Days(7)-1), w.two(IPO))
	o := w.refused(contracts.EFormat, "", "rights.confirm", args{"right_id": id}, w.two(IPO))
	if len(o.Details) != 2 || o.Details[0].Reason != contracts.ReasonMissing || o.Details[1].Field != "evidence" {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ENotFound, "", "rights.confirm", args{"right_id": "IPR-510100-20260105-0123456-J"}, w.two(IPO))
	w.refused(contracts.ECheckDigit, "", "rights.confirm", args{"right_id": "IPR-510100-20260105-0123456-K"}, w.two(IPO))
	w.must("rights.confirm", with(w.time-contracts.Days(7)), w.two(IPO))
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
	w.refused(contracts.EState, "", "rights.refresh", w.facts(id, nil), w.two(IPO))
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
	moved["owner_changed"] = true
	w.must("rights.refresh", w.facts(id, moved), w.two(IPO))
	w.must("rights.refresh", w.facts(id, args{"owners": []string{RX}, "owner_changed": true}), w.two(IPO))
	w.effective(BA, "Y2026510000123", id)
	w.refused(contracts.EConsent, "", "rights.refresh", w.facts(id, moved), w.two(IPO))
	w.refused(contracts.EConsent, "", "rights.refresh", w.facts(id, args{"legal_status": "ABANDONED"}), w.two(IPO))
}
