// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// asked asks for a consent of RX's pledgees and gives its number.
func (w *world) asked(right, kind string, more args, by ...string) string {
	w.t.Helper()
	return w.must("consents.request", w.asking(right, kind, more), w.one(append(by, RX)[0]))["consent_no"].(string)
}

func (w *world) asking(right, kind string, more args) args {
	a := args{"right_id": right, "kind": kind}
	for name, value := range more {
		a[name] = value
	}
	return a
}

func (w *world) one(organisation string) []ledger.Signer {
	return []ledger.Signer{w.signer(organisation, contracts.Maker)}
}

// agreed is asked, and BA grants it for a month or so.
func (w *world) agreed(right, kind string, more args) string {
	w.t.Helper()
	no := w.asked(right, kind, more)
	if r := w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA)); r["state"] != "GRANTED" {
		w.t.Fatalf("%v", r)
	}
	return no
}

func (w *world) wantConsent(no string, state rights.ConsentState) {
	w.t.Helper()
	if got := read[rights.Consent](w, rights.ConsentKey(no)).StateAt(w.right(), w.time); got != state {
		w.t.Fatalf("%s is %s, want %s", no, got, state)
	}
}

// reason gives the reason of a refusal that has to be.
func (w *world) reason(code, reason, method string, a args, signers []ledger.Signer, change ...func(*ledger.Body)) {
	w.t.Helper()
	wantReason(w.t, w.do(method, a, signers, change...), code, reason)
}

// nowhere is the number of a consent that there is not.
func (w *world) nowhere() string {
	no, err := identifier.NewPlatformNumber(identifier.ConsentRecord, "510100", identifier.DateOf(w.time), 42)
	if err != nil {
		w.t.Fatal(err)
	}
	return no
}

func unsealed(b *ledger.Body) { b.Commitments = nil }

func TestAConsentIsAskedForGrantedUsedOnceAndItsProceedsReported(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	pledge := w.effective(BA, "Y2026510000123", id)
	want(t, w.event(id, "LICENSED", nil), contracts.EConsent, "")

	r := w.must("consents.request", args{"right_id": "PATENT:" + invention, "kind": "LICENCE", "counterparty": MD}, w.one(RX))
	no := r["consent_no"].(string)
	if !strings.HasPrefix(no, "CON-510100-20260224-0000001-") || r["state"] != "REQUESTED" || r["until"] != "2026-05-25" || fmt.Sprint(r["asked"]) != "["+pledge+"]" {
		t.Fatalf("%v", r)
	}
	o := w.event(id, "LICENSED", args{"consent_no": no})
	wantReason(t, o, contracts.EConsent, "CONSENT_REQUESTED")
	w.must("consents.grant", args{"consent_no": strings.ToLower(no), "valid_until": "2026-03-31"}, w.two(BA))
	w.wantConsent(no, rights.ConsentGranted)

	// What was true before the grant it does not cover.
	want(t, w.event(id, "LICENSED", args{"consent_no": no, "fact_time": w.time - 120_000}), contracts.EConsent, "")
	w.happened(id, "LICENSED", args{"consent_no": no, "until": "2029-02-23"})
	use := read[rights.ConsentUse](w, rights.ConsentUseKey(no))
	if use.Event != 1 || use.ConsentNo != no {
		t.Fatalf("%+v", use)
	}
	o = w.event(id, "LICENSED", args{"consent_no": no})
	wantReason(t, o, contracts.EConsent, contracts.ReasonConsentUsed)

	w.must("consents.report_proceeds", args{"consent_no": no, "fact_time": use.FactTime}, w.with(w.one(RX), BA))
	c := read[rights.Consent](w, rights.ConsentKey(no))
	if len(c.Proceeds) != 1 || c.Proceeds[0].ReportedBy != RX || c.Commitment == nil || c.Grants[0].Commitment == *c.Commitment {
		t.Fatalf("%+v", c)
	}
}

func TestAConsentServesAgainIfItsEventDidNotHappen(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.agreed(id, "LICENCE", nil)
	w.time += 60_000
	first := w.told(id, "LICENSED", args{"consent_no": no, "case_no": "1"})
	wantReason(t, w.event(id, "LICENSED", args{"consent_no": no, "case_no": "2"}), contracts.EConsent, contracts.ReasonConsentUsed)
	// The event had another time: the consent is its own still.
	earlier := w.eventOf(1).FactTime - 30_000
	w.corrected(id, first, args{"fact_time": earlier}, RX, BA)
	if use := read[rights.ConsentUse](w, rights.ConsentUseKey(no)); use.Event != 1 || use.FactTime != earlier {
		t.Fatalf("%+v", use)
	}
	wantReason(t, w.do("consents.report_breach", breach(w, id, "LICENCE", args{"fact_time": earlier}), w.two(IPO)), contracts.EState, contracts.ReasonAgreed)
	// Another that did not happen at all used none.
	other := w.agreed(id, "LICENCE", nil)
	second := w.told(id, "LICENSED", args{"consent_no": other, "case_no": "2"})
	w.corrected(id, second, args{"annulled": true}, RX, BA)
	w.happened(id, "LICENSED", args{"consent_no": other, "case_no": "3"})
}

func TestEachDealHasItsKindOfConsent(t *testing.T) {
	for kind, event := range map[string]args{
		"TRANSFER":          {"event": "TRANSFERRED", "owners": []string{MD}},
		"LICENCE":           {"event": "LICENSED"},
		"LICENCE_EXCLUSIVE": {"event": "LICENSED_EXCLUSIVE"},
		"OPEN_LICENCE":      {"event": "OPEN_LICENCE"},
		"ABANDONMENT":       {"event": "ABANDONED"},
	} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			id := w.confirmed(invention, nil, RX)
			other := w.confirmed("201710601862.3", nil, RX)
			w.effective(BA, "Y2026510000123", id)
			w.effective(BA, "Y2026510000124", other)
			name := event["event"].(string)
			want(t, w.event(id, name, event), contracts.EConsent, "")
			wrong := w.agreed(id, map[bool]string{true: "LICENCE", false: "TRANSFER"}[kind == "TRANSFER"], nil)
			elsewhere := w.agreed(other, kind, nil)
			right := w.agreed(id, kind, nil)
			for _, no := range []string{wrong, elsewhere} {
				event["consent_no"] = no
				o := w.event(id, name, event)
				wantReason(t, o, contracts.EConsent, contracts.ReasonOtherDeal)
			}
			event["consent_no"] = right
			w.happened(id, name, event)
		})
	}
}

func TestOnlyAnOwnerAsksAndOnlyWhileARightIsPledged(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	const method = "consents.request"
	w.reason(contracts.EState, contracts.ReasonNotPledged, method, w.asking(id, "TRANSFER", nil), w.one(RX))
	pledge := w.effective(BA, "Y2026510000123", id)
	w.reason(contracts.EOwner, contracts.ReasonNotOwner, method, w.asking(id, "TRANSFER", nil), w.one(MD))
	w.refused(contracts.ERole, "", method, w.asking(id, "TRANSFER", nil), w.two(BA))
	w.refused(contracts.EContract, contracts.R07, method, w.asking(id, "TRANSFER", nil), w.one(RX), unsealed)
	w.refused(contracts.ENotFound, "", method, w.asking("PATENT:2023301122330", "TRANSFER", nil), w.one(RX))
	w.refused(contracts.ENotFound, "", method, w.asking(id, "TRANSFER", args{"counterparty": JG}), w.one(RX))
	w.refused(contracts.EOwner, "", method, w.asking(id, "TRANSFER", args{"counterparty": RX}), w.one(RX))
	for _, kind := range []string{"OPEN_LICENCE", "ABANDONMENT"} { // with nobody
		w.reason(contracts.EFormat, contracts.ReasonUnknown, method, w.asking(id, kind, args{"counterparty": MD}), w.one(RX))
	}
	for _, until := range []string{"2026-02-23", "2026-05-26"} { // past, and later than 90 days from the 24th of February
		w.refused(contracts.ETerm, "", method, w.asking(id, "TRANSFER", args{"until": until}), w.one(RX))
	}
	for _, until := range []string{"2026-02-24", "2026-05-25"} {
		w.asked(id, "TRANSFER", args{"until": until})
	}
	w.must("pledges.cancel", args{"pledge_no": pledge, "cancellation_ref": "C1", "cancellation_time": w.time, "court_document": paper}, w.two(IPO))
	w.reason(contracts.EState, contracts.ReasonNotPledged, method, w.asking(id, "TRANSFER", nil), w.one(RX))
}

func TestOpenLicencesAreOfPatentsOnly(t *testing.T) {
	w := newWorld(t)
	id := w.must("rights.claim", args{"type": "TM", "number": "12345678", "owners": []string{RX}}, w.one(RX))["right_id"].(string)
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}, "grant_date": "2020-03-01"}), w.two(IPO))
	w.effective(BA, "TMP2026001", id)
	w.reason(contracts.EState, contracts.ReasonNoSuchEvent, "consents.request", w.asking(id, "OPEN_LICENCE", nil), w.one(RX))
	w.asked(id, "LICENCE", nil)
}

func TestARightThatHasEndedIsNoMatterOfConsent(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.asked(id, "LICENCE", nil)
	w.must("rights.status_event", w.eventArgs(id, "ABANDONED", args{"court_document": paper}), w.two(IPO))
	w.reason(contracts.EState, "ABANDONED", "consents.request", w.asking(id, "LICENCE", nil), w.one(RX))
	w.reason(contracts.EState, "ABANDONED", "consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA))
}

func TestRequestsAboutOneRightAreBounded(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	for range 64 {
		w.asked(id, "LICENCE", nil)
	}
	w.reason(contracts.EState, contracts.ReasonLength, "consents.request", w.asking(id, "LICENCE", nil), w.one(RX))
	w.at("2026-05-26 12:00")
	w.asked(id, "LICENCE", nil)
}

func TestOnlyAPledgeeGrantsOrRefusesAndToOthersThereIsNoConsent(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	pledge := w.effective(BA, "Y2026510000123", id)
	no := w.asked(id, "LICENCE", nil)
	grant := args{"consent_no": no, "valid_until": "2026-03-31"}
	w.refused(contracts.ENotFound, "", "consents.grant", grant, w.two(BB))
	w.refused(contracts.ENotFound, "", "consents.refuse", args{"consent_no": no, "reason": "no"}, w.two(BB))
	w.refused(contracts.ENotFound, "", "consents.grant", args{"consent_no": w.nowhere(), "valid_until": "2026-03-31"}, w.two(BA))
	w.refused(contracts.ERole, "", "consents.grant", grant, w.two(RX))
	w.refused(contracts.EContract, contracts.R07, "consents.grant", grant, w.two(BA), unsealed)
	w.reason(contracts.EFormat, contracts.ReasonMissing, "consents.grant", args{"consent_no": no}, w.two(BA))
	w.refused(contracts.ETerm, "", "consents.grant", args{"consent_no": no, "valid_until": "2026-02-23"}, w.two(BA))
	w.reason(contracts.ERole, contracts.ReasonNotPledgee, "consents.grant", args{"consent_no": no, "valid_until": "2026-03-31", "pledge_no": "PLG-510100-20260312-0000001-1"}, w.two(BA))
	w.reason(contracts.EFormat, contracts.ReasonMissing, "consents.refuse", args{"consent_no": no}, w.two(BA))
	grant["pledge_no"] = strings.ToLower(pledge)
	w.must("consents.grant", grant, w.two(BA))
	w.reason(contracts.EState, "CONSENT_GRANTED", "consents.grant", grant, w.two(BA))
	w.reason(contracts.EState, "CONSENT_GRANTED", "consents.refuse", args{"consent_no": no, "reason": "late"}, w.two(BA))
}

func TestOneRefusalIsOneForAll(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.asked(id, "LICENCE", nil)
	w.must("consents.refuse", args{"consent_no": no, "reason": "许可费过低"}, w.two(BA))
	w.wantConsent(no, rights.ConsentRefused)
	w.reason(contracts.EState, "CONSENT_REFUSED", "consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA))
	w.reason(contracts.EState, "CONSENT_REFUSED", "consents.report_proceeds", args{"consent_no": no, "fact_time": w.time}, w.with(w.one(RX), BA))
	o := w.event(id, "LICENSED", args{"consent_no": no})
	wantReason(t, o, contracts.EConsent, "CONSENT_REFUSED")
}

func TestAConsentLapsesByItself(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	asked := w.asked(id, "LICENCE", args{"until": "2026-03-10"})
	granted := w.agreed(id, "LICENCE", args{"until": "2026-03-10"})
	w.at("2026-03-10 23:59")
	w.wantConsent(asked, rights.ConsentRequested)
	w.at("2026-03-11 00:00")
	w.wantConsent(asked, rights.ConsentLapsed)
	w.reason(contracts.EState, "CONSENT_LAPSED", "consents.grant", args{"consent_no": asked, "valid_until": "2026-03-31"}, w.two(BA))
	w.wantConsent(granted, rights.ConsentGranted) // in time
	w.at("2026-03-31 23:59")
	w.wantConsent(granted, rights.ConsentGranted)
	w.at("2026-04-01 00:00")
	w.wantConsent(granted, rights.ConsentLapsed)
	o := w.event(id, "LICENSED", args{"consent_no": granted})
	wantReason(t, o, contracts.EConsent, "CONSENT_LAPSED")
	// The deal was made in time; the register tells it later.
	w.happened(id, "LICENSED", args{"consent_no": granted, "fact_time": w.moment("2026-03-31 18:00")})
}

// twoPledges has RX's patent pledged to BA, and later, if at all, to BB.
func twoPledges(t *testing.T) (w *world, id string, second func() string) {
	w = newWorld(t, `{"pledge":{"max_live":{"pat":3}}}`)
	id = w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	return w, id, func() string { return w.effective(BB, "Y2026510000124", id) }
}

func TestEveryPledgeThatLivesMustGrant(t *testing.T) {
	w, id, second := twoPledges(t)
	second()
	no := w.asked(id, "TRANSFER", nil)
	r := w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA))
	if r["state"] != "REQUESTED" || len(r["wanting"].([]any)) != 1 {
		t.Fatalf("%v", r)
	}
	o := w.event(id, "TRANSFERRED", args{"owners": []string{MD}, "consent_no": no})
	wantReason(t, o, contracts.EConsent, "CONSENT_REQUESTED")
	// Who has granted it has no second word.
	w.reason(contracts.EState, "CONSENT_GRANTED", "consents.refuse", args{"consent_no": no, "reason": "no"}, w.two(BA))
	w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-20"}, w.two(BB))
	w.wantConsent(no, rights.ConsentGranted)
	w.at("2026-03-21 00:00") // the shortest counts
	w.wantConsent(no, rights.ConsentLapsed)
}

func TestAPledgeThatComesAfterTheGrantMustGrantToo(t *testing.T) {
	w, id, second := twoPledges(t)
	no := w.agreed(id, "TRANSFER", nil)
	late := second()
	w.wantConsent(no, rights.ConsentRequested)
	transfer := args{"owners": []string{MD}, "consent_no": no}
	o := w.event(id, "TRANSFERRED", transfer)
	want(t, o, contracts.EConsent, "")
	if o.Details[0].Subject != late {
		t.Fatalf("%+v", o.Details)
	}
	// BA has granted it; BB may also sign the event itself.
	before := w.state
	w.state = memory{}
	for k, v := range before {
		w.state[k] = v
	}
	w.must("rights.status_event", w.eventArgs(id, "TRANSFERRED", transfer), w.with(w.two(IPO), BB))
	w.state = before
	w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BB))
	w.happened(id, "TRANSFERRED", transfer)
}

func TestCoPledgeesGrantTogether(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	a := submission(BA, RX, id)
	a["pledgees"] = []string{BA, BB}
	pledge := w.must("pledges.submit", a, w.with(w.two(BA), RX, BB))["pledge_no"].(string)
	w.must("pledges.accept", args{"pledge_no": pledge}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": pledge, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	no := w.asked(id, "LICENCE", nil)
	grant := args{"consent_no": no, "valid_until": "2026-03-31"}
	o := w.refused(contracts.ESignature, "", "consents.grant", grant, w.two(BA))
	if o.Details[0].Subject != BB {
		t.Fatalf("%+v", o.Details)
	}
	w.must("consents.grant", grant, w.with(w.two(BB), BA))
	w.wantConsent(no, rights.ConsentGranted)
	w.refused(contracts.ESignature, "", "consents.report_proceeds", args{"consent_no": no, "fact_time": w.time}, w.with(w.one(RX), BA))
	w.must("consents.report_proceeds", args{"consent_no": no, "fact_time": w.time}, w.with(w.one(RX), BA, BB))
}

func TestAConsentToSellToOneIsNoneToSellToAnother(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.agreed(id, "TRANSFER", args{"counterparty": MD})
	for _, a := range []args{{"owners": []string{LQ}}, {"owners": []string{LQ, MD}}, {"outside_owners": []string{"某公司"}}} {
		a["consent_no"] = no
		o := w.event(id, "TRANSFERRED", a)
		wantReason(t, o, contracts.EConsent, contracts.ReasonOtherDeal)
	}
	w.happened(id, "TRANSFERRED", args{"owners": []string{MD}, "consent_no": no})
}

func TestAPledgeeDoesNotBecomeOwnerByAConsent(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.agreed(id, "TRANSFER", args{"counterparty": BA})
	o := w.event(id, "TRANSFERRED", args{"owners": []string{BA}, "consent_no": no})
	wantReason(t, o, contracts.EForbidden, contracts.ReasonForfeiture)
}

func TestAnEventThatNeedsNoConsentTakesNone(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.agreed(id, "LICENCE", nil)
	o := w.event(id, "OWNERSHIP_SUIT", args{"consent_no": no})
	wantReason(t, o, contracts.EFormat, contracts.ReasonUnknown)
	want(t, w.event(id, "LICENSED", args{"consent_no": w.nowhere()}), contracts.ENotFound, "")
	// A court's paper goes before it, and what is named is looked at all the same.
	want(t, w.event(id, "LICENSED_EXCLUSIVE", args{"consent_no": no, "court_document": paper}), contracts.EConsent, "")
}

func TestThePledgeesSignWhatBecameOfTheMoney(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	pledge := w.effective(BA, "Y2026510000123", id)
	no := w.asked(id, "LICENCE", nil)
	const method = "consents.report_proceeds"
	report := args{"consent_no": no, "fact_time": w.time}
	w.reason(contracts.EState, "CONSENT_REQUESTED", method, report, w.with(w.one(RX), BA))
	w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA))
	report["fact_time"] = w.time
	o := w.refused(contracts.ESignature, "", method, report, w.one(RX))
	if o.Details[0].Subject != BA {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ENotFound, "", method, report, w.with(w.one(MD), BA))
	w.refused(contracts.EContract, contracts.R07, method, report, w.with(w.one(RX), BA), unsealed)
	w.reason(contracts.EFormat, contracts.ReasonMissing, method, args{"consent_no": no}, w.with(w.one(RX), BA))
	w.refused(contracts.EClock, "", method, args{"consent_no": no, "fact_time": w.time + 1}, w.with(w.one(RX), BA))
	w.must(method, report, w.with(w.one(RX), BA))
	// Royalties of the same deal come for years, those of another are another consent's.
	w.reason(contracts.EConsent, contracts.ReasonOtherDeal, method, args{"consent_no": no, "fact_time": w.time}, w.with(w.one(RX), BA))
	w.at("2027-02-24 09:00")
	w.must(method, report, w.with(w.one(RX), BA))
	// Whoever granted it signs, though the money has ended the pledge.
	w.must("pledges.consent_release", args{"pledge_no": pledge, "ground": "DEBT_PAID"}, w.two(BA))
	w.must("pledges.cancel", args{"pledge_no": pledge, "cancellation_ref": "C1", "cancellation_time": w.time}, w.two(IPO))
	w.refused(contracts.ESignature, "", method, report, w.one(RX))
	w.must(method, report, w.with(w.one(RX), BA))
	for range 61 {
		w.must(method, report, w.with(w.one(RX), BA))
	}
	w.reason(contracts.EState, contracts.ReasonLength, method, report, w.with(w.one(RX), BA))
}

func TestTheExchangeReportsProceedsAndBreaches(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	exchange := read[contracts.Party](w, contracts.PartyKey(VAL))
	exchange.Role = contracts.Exchange
	w.apply([]contracts.Change{{Key: contracts.PartyKey(VAL), Value: ledger.Encode(exchange)}})
	no := w.agreed(id, "TRANSFER", nil)
	w.must("consents.report_proceeds", args{"consent_no": no, "fact_time": w.time}, w.with(w.one(VAL), BA))
	w.must("consents.report_breach", breach(w, id, "LICENCE", nil), w.two(VAL))
}

// breach are the arguments of consents.report_breach, of a deal made a second ago.
func breach(w *world, right, kind string, more args) args {
	a := args{"right_id": right, "kind": kind, "fact_time": w.time - 1000, "evidence": paper}
	for name, value := range more {
		a[name] = value
	}
	return a
}

func TestADealWithoutAConsentIsABreachAndThePledgeesAreTold(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	const method = "consents.report_breach"
	w.time += 60_000
	w.reason(contracts.EState, contracts.ReasonNotPledged, method, breach(w, id, "LICENCE", nil), w.two(IPO))
	before := w.time
	pledge := w.effective(BA, "Y2026510000123", id)
	w.reason(contracts.EState, contracts.ReasonNotPledged, method, breach(w, id, "LICENCE", args{"fact_time": before}), w.two(IPO))
	w.refused(contracts.ERole, "", method, breach(w, id, "LICENCE", nil), w.two(RX))
	w.reason(contracts.ERole, contracts.ReasonNotPledgee, method, breach(w, id, "LICENCE", nil), w.two(BB))
	w.reason(contracts.ERole, contracts.ReasonOtherRegister, method, breach(w, id, "LICENCE", nil), w.two(CPC))
	w.reason(contracts.EFormat, contracts.ReasonEmpty, method, breach(w, id, "LICENCE", args{"evidence": strings.Repeat("0", 64)}), w.two(IPO))
	w.reason(contracts.EFormat, contracts.ReasonMissing, method, breach(w, id, "LICENCE", args{"fact_time": 0}), w.two(IPO))
	w.refused(contracts.EClock, "", method, breach(w, id, "LICENCE", args{"fact_time": w.time + 1}), w.two(IPO))
	w.refused(contracts.ENotFound, "", method, breach(w, id, "LICENCE", args{"counterparty": JG}), w.two(IPO))

	a := breach(w, id, "LICENCE", args{"counterparty": LQ})
	o := w.do(method, a, w.two(BA))
	if o.Status != ledger.Final || len(o.Events) != 1 || o.Events[0].Kind != "consent.breach" {
		t.Fatalf("%+v", o)
	}
	no := w.result(method, o)["consent_no"].(string)
	w.refused(contracts.EDuplicate, "", method, a, w.two(IPO))
	w.wantConsent(no, rights.ConsentBreach)
	c := read[rights.Consent](w, rights.ConsentKey(no))
	if c.Counterparty != LQ || c.Asked[0].PledgeNo != pledge || !slices.Equal(c.Breach.Owners, []string{RX}) {
		t.Fatalf("%+v", c)
	}
	w.reason(contracts.EState, "CONSENT_BREACH", "consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA))
	o = w.event(id, "LICENSED", args{"consent_no": no})
	wantReason(t, o, contracts.EConsent, "CONSENT_BREACH")
	alerts := rights.ConsentAlerts(c, w.right(), w.time)
	if len(alerts) != 1 || alerts[0].Kind != rights.AlertBreach || alerts[0].Severity != rights.Urgent || !slices.Equal(alerts[0].To, []string{BA}) {
		t.Fatalf("%+v", alerts)
	}
}

func TestADealThatWasAgreedToIsNoBreach(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.agreed(id, "LICENCE", args{"counterparty": MD})
	const method = "consents.report_breach"
	w.time += 60_000
	w.reason(contracts.EState, contracts.ReasonAgreed, method, breach(w, id, "LICENCE", args{"counterparty": MD}), w.two(IPO))
	w.reason(contracts.EState, contracts.ReasonAgreed, method, breach(w, id, "LICENCE", nil), w.two(IPO))
	w.must(method, breach(w, id, "LICENCE", args{"counterparty": LQ}), w.two(IPO)) // with another
	w.must(method, breach(w, id, "LICENCE_EXCLUSIVE", args{"counterparty": MD}), w.two(IPO))

	// A consent that names nobody is to the first deal that uses it.
	open := w.agreed(id, "TRANSFER", nil)
	w.time += 60_000
	w.reason(contracts.EState, contracts.ReasonAgreed, method, breach(w, id, "TRANSFER", args{"counterparty": LQ}), w.two(IPO))
	sold := w.time
	w.happened(id, "TRANSFERRED", args{"owners": []string{MD}, "consent_no": open})
	w.reason(contracts.EState, contracts.ReasonAgreed, method, breach(w, id, "TRANSFER", args{"fact_time": sold}), w.two(IPO))
	w.must(method, breach(w, id, "TRANSFER", nil), w.two(IPO))

	// So is one whose pledgees signed the register's event itself.
	at := w.time
	w.must("rights.status_event", w.eventArgs(id, "OPEN_LICENCE", nil), w.with(w.two(IPO), BA))
	w.reason(contracts.EState, contracts.ReasonAgreed, method, breach(w, id, "OPEN_LICENCE", args{"fact_time": at}), w.two(IPO))
}

func TestWhoHasNotAnsweredIsToldThatAConsentWaits(t *testing.T) {
	w, id, second := twoPledges(t)
	no := w.asked(id, "LICENCE", args{"until": "2026-03-10"})
	told := func() string {
		alerts := rights.ConsentAlerts(read[rights.Consent](w, rights.ConsentKey(no)), w.right(), w.time)
		if len(alerts) == 0 {
			return ""
		}
		if a := alerts[0]; len(alerts) > 1 || a.Kind != rights.AlertConsentWaiting || a.Subject != no || a.Due != "2026-03-10" || a.RightID != id {
			t.Fatalf("%+v", alerts)
		}
		return strings.Join(alerts[0].To, " ")
	}
	if got := told(); got != BA {
		t.Fatal(got)
	}
	second()
	if got := told(); got != BB+" "+BA {
		t.Fatal(got)
	}
	w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BA))
	if got := told(); got != BB {
		t.Fatal(got)
	}
	w.at("2026-03-11 00:00")
	if got := told(); got != "" {
		t.Fatal(got)
	}
}

func TestAConsentFollowsWhoSucceedsItsParties(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	no := w.asked(id, "LICENCE", nil)
	w.succeeded("MERGER", BA, args{"to": BB})
	w.succeeded("MERGER", RX, args{"to": MD})
	w.must("consents.grant", args{"consent_no": no, "valid_until": "2026-03-31"}, w.two(BB))
	w.refused(contracts.ESignature, "", "consents.report_proceeds", args{"consent_no": no, "fact_time": w.time}, w.one(MD))
	w.must("consents.report_proceeds", args{"consent_no": no, "fact_time": w.time}, w.with(w.one(MD), BB))
	w.must("consents.report_breach", breach(w, id, "TRANSFER", nil), w.two(BB))
	w.asked(id, "TRANSFER", nil, MD)
}
