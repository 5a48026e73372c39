// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
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

// sealing commits a transaction to one sealed part.
func sealing(b *ledger.Body) { b.Commitments = [][]byte{[]byte(strings.Repeat("s", 32))} }

// mark claims and confirms a mark of RX.
func (w *world) mark(number string) string {
	w.t.Helper()
	id := w.must("rights.claim", args{"type": "TM", "number": number, "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}, "grant_date": "2020-05-01", "expiry_date": "2030-04-30"}), w.two(IPO))
	return id
}

// registered carries an application to its registration with further arguments.
func (w *world) registered(no string, more args) args {
	w.t.Helper()
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	a := args{"pledge_no": no, "statutory_no": fmt.Sprintf("Y202651%07d", w.refs), "statutory_time": w.time}
	for name, value := range more {
		a[name] = value
	}
	return w.must("pledges.register", a, w.two(IPO))
}

func (w *world) pledge(no string) pledges.Record {
	return read[pledges.Record](w, pledges.RecordKey(no))
}

func (w *world) application(no string) pledges.Application {
	return read[pledges.Application](w, pledges.ApplicationKey(no))
}

// steps reads what happened to a pledge, from its records.
func (w *world) steps(no string) []pledges.Step {
	steps, _ := pledges.StepsOf(w.application(no), func(key string, step *pledges.Step) error {
		*step = read[pledges.Step](w, key)
		return nil
	})
	return steps
}

// wantState compares the state of a pledge at the time of the world.
func (w *world) wantState(no string, want pledges.State) {
	w.t.Helper()
	record := w.pledge(no)
	var of []rights.Record
	for _, right := range record.Rights {
		space, _ := right.Type.Space()
		of = append(of, read[rights.Record](w, rights.RecordKey(space, right.Number)))
	}
	if got := record.StateAt(of, w.time, read[contracts.Parameters](w, contracts.ParametersKey)); got != want {
		w.t.Fatalf("%s is %s, want %s", no, got, want)
	}
}

// ranks lists the pledges of a right by rank: "PLG-… 1".
func (w *world) ranks(space identifier.Space, number string) (out []string) {
	record := read[rights.Record](w, rights.RecordKey(space, number))
	s := rights.StatusOf(record, w.time, read[contracts.Parameters](w, contracts.ParametersKey))
	for i, p := range s.Pledges {
		out = append(out, fmt.Sprintf("%s %d", p.PledgeNo, s.Ranks[i]))
	}
	return out
}

func (w *world) wantRanks(space identifier.Space, number string, want ...string) {
	w.t.Helper()
	if got := w.ranks(space, number); !slices.Equal(got, want) {
		w.t.Fatalf("ranks of %s: %v, want %v", number, got, want)
	}
}

func TestAnApplicationIsCorrectedAndBroughtAgain(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	both := w.with(w.two(BA), RX)
	again := args{"pledge_no": no}
	w.refused(contracts.EState, "", "pledges.resubmit", again, both)
	w.refused(contracts.EFormat, "", "pledges.correct", args{"pledge_no": no}, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.correct", args{"pledge_no": no, "codes": []string{contracts.T02}}, w.two(IPO))
	w.refused(contracts.ERole, "", "pledges.correct", args{"pledge_no": no, "reason": "合同缺少债务期限"}, w.two(IP2))
	result := w.must("pledges.correct", args{"pledge_no": no, "codes": []string{contracts.R07}, "reason": "合同缺少债务期限"}, w.two(IPO))
	if result["due_date"] != "2026-03-26" || result["state"] != "CORRECTION" {
		t.Fatal(result)
	}
	w.refused(contracts.EState, "", "pledges.accept", again, w.two(IPO))
	w.refused(contracts.EState, "", "pledges.withdraw", again, both)
	w.refused(contracts.ESignature, "", "pledges.resubmit", again, w.two(BA))
	w.refused(contracts.ERole, "", "pledges.resubmit", again, w.with(w.two(BB), RX))
	before := w.application(no).Commitment
	w.must("pledges.resubmit", again, both, sealing)
	if after := w.application(no); after.Commitment == before || after.Codes != nil || after.DueDate != "" {
		t.Fatalf("%+v", after)
	}
	w.must("pledges.accept", again, w.two(IPO))
	w.must("pledges.correct", args{"pledge_no": no, "reason": "请补正"}, w.two(IPO)) // of an accepted one, too
	w.must("pledges.resubmit", again, both)
	w.registered(no, nil)
	w.wantStatus(canonical, rights.Pledged)
}

func TestAnApplicationNobodyCorrectsIsWithdrawnByItself(t *testing.T) {
	w := newWorld(t, `{"pledge":{"reservation":60}}`)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	w.must("pledges.correct", args{"pledge_no": no, "reason": "请补正"}, w.two(IPO))
	w.at("2026-03-26 23:59")
	w.wantState(no, pledges.Correction)
	if s := w.status(canonical); s.Pending != 1 || len(s.Reservations) != 1 {
		t.Fatalf("%+v", s)
	}
	w.at("2026-03-27 00:00")
	w.wantState(no, pledges.Withdrawn)
	if s := w.status(canonical); s.Pending != 0 || len(s.Reservations) != 0 {
		t.Fatalf("%+v", s)
	}
	w.refused(contracts.EState, "", "pledges.resubmit", args{"pledge_no": no}, w.with(w.two(BA), RX))
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.submitted(BB, id)
}

func TestACorrectedApplicationNamesOtherRightsAndIsJudgedAnew(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	other := w.confirmed("202111223344.5", nil, RX)
	no := w.submitted(BA, one, two)
	w.submitted(BB, other)
	w.must("pledges.correct", args{"pledge_no": no, "reason": "标的有误"}, w.two(IPO))
	a := args{"pledge_no": no, "rights": []string{two, other}}
	o := w.refused(contracts.EPledged, contracts.R09, "pledges.resubmit", a, w.with(w.two(BA), RX))
	if o.Details[0].Reason != contracts.ReasonReservation || len(o.Details) != 1 {
		t.Fatalf("its own reservation stands in its way: %+v", o.Details)
	}
	third := w.confirmed("201610777888.9", nil, RX)
	w.must("pledges.resubmit", args{"pledge_no": no, "rights": []string{two, third}}, w.with(w.two(BA), RX))
	if s := w.status(canonical); s.Pending != 0 {
		t.Fatalf("the right that was left out waits still: %+v", s)
	}
	w.submitted(BB, one)
	w.registered(no, nil)
	for _, number := range []string{"2017106018623", "2016107778889"} {
		if s := w.status(number); s.Value != rights.Pledged || s.Pending != 0 {
			t.Fatalf("%s: %+v", number, s)
		}
	}
}

func TestABatchThatIsNotAtomicLeavesOutWhatCannotBePledged(t *testing.T) {
	w := newWorld(t)
	good, better := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	unpaid := w.confirmed("202111223344.5", args{"fee_status": "UNPAID"}, RX)
	a := submission(BA, RX, good, unpaid, "PATENT:201610777888.9", better)
	signers := w.with(w.two(BA), RX)
	w.refused(contracts.ENotFound, contracts.R03, "pledges.submit", a, signers) // atomic, if nothing is said
	a["atomic"] = true
	w.refused(contracts.ENotFound, contracts.R03, "pledges.submit", a, signers)
	a["atomic"] = false
	result := w.must("pledges.submit", a, signers)
	no := result["pledge_no"].(string)
	m := w.application(no).Manifest
	want := []pledges.RefusedLine{
		{Right: "PATENT:201610777888.9", Code: contracts.ENotFound, Ground: contracts.R03},
		{Right: unpaid, Code: contracts.EFee, Ground: contracts.R04},
	}
	if m.Listed != 4 || !slices.Equal(m.Refused, want) || result["manifest"] == nil {
		t.Fatalf("%+v", m)
	}
	if got := w.pledge(no).Rights; len(got) != 2 || got[0].RightID != good || got[1].RightID != better {
		t.Fatalf("%+v", got)
	}
	// The registrar registers a part of it.
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	reg := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time, "refused": []args{{"right_id": better, "code": contracts.R12}, {"right_id": good, "code": contracts.R12}}}
	w.refused(contracts.EState, "", "pledges.register", reg, w.two(IPO)) // that would be all
	reg["refused"] = []args{{"right_id": better, "code": contracts.R12}}
	w.must("pledges.register", reg, w.two(IPO))
	w.wantStatus(canonical, rights.Pledged)
	w.wantStatus("2017106018623", rights.Free)
	if m := w.application(no).Manifest; len(m.Refused) != 3 || m.Refused[2].Ground != contracts.R12 {
		t.Fatalf("%+v", m)
	}
	// An atomic one is registered whole, or not.
	whole := w.submitted(BA, better)
	w.must("pledges.accept", args{"pledge_no": whole}, w.two(IPO))
	o := w.refused(contracts.EContract, "", "pledges.register", args{"pledge_no": whole, "statutory_no": "Y2026510000124", "statutory_time": w.time, "refused": []args{{"right_id": better, "code": contracts.R12}}}, w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonAtomic {
		t.Fatalf("%+v", o.Details)
	}
}

func TestABatchOfWhichNothingIsLeftIsRefused(t *testing.T) {
	w := newWorld(t)
	unpaid := w.confirmed(invention, args{"fee_status": "UNPAID"}, RX)
	a := submission(BA, RX, unpaid)
	a["atomic"] = false
	w.refused(contracts.EFee, contracts.R04, "pledges.submit", a, w.with(w.two(BA), RX))
}

func TestMarksHaveRanksByStatutoryTime(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.refused(contracts.EPledged, contracts.T05, "pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX)) // reserved
	w.registered(first, args{"statutory_no": "商标质字[2026]第1号"})
	second := w.submitted(BB, id)
	w.registered(second, args{"statutory_no": "商标质字[2026]第2号"})
	w.wantRanks(identifier.MarkSpace, "12345678", first+" 1", second+" 2")
	o := w.refused(contracts.EDuplicate, "", "pledges.register", args{"pledge_no": w.acceptedMark(id), "statutory_no": "商标质字［2026］第2号", "statutory_time": w.time}, w.two(IPO))
	if o.Details[0].Subject != second {
		t.Fatalf("%+v", o.Details)
	}
	// A burden that the register shows from elsewhere has a rank, too.
	w.must("rights.refresh", w.facts(id, args{"registrar_encumbrances": []args{
		{"kind": "PLEDGE", "statutory_no": "外一号", "time": w.pledge(first).StatutoryTime - 1},
		{"kind": "PLEDGE", "statutory_no": "商标质字[2026]第1号"}, {"kind": "PLEDGE", "statutory_no": "商标质字[2026]第2号"},
	}}), w.two(IPO))
	w.wantRanks(identifier.MarkSpace, "12345678", first+" 2", second+" 3")
	w.time += 3600_000
	w.must("rights.refresh", w.facts(id, args{"registrar_encumbrances": []args{}}), w.two(IPO))
	record := read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "12345678"))
	if c := rights.Conflicts(record, w.time); len(c) != 2 || c[0].Fact != "NOT_IN_REGISTER" {
		t.Fatalf("the register shows neither pledge: %+v", c)
	}
	// When the first is released the others move up.
	w.must("pledges.consent_release", args{"pledge_no": first, "ground": "DEBT_PAID"}, w.two(BA))
	w.must("pledges.cancel", args{"pledge_no": first, "cancellation_ref": "注1", "cancellation_time": w.time}, w.two(IPO))
	w.wantRanks(identifier.MarkSpace, "12345678", second+" 1")
}

// acceptedMark applies for one more pledge of a mark.
func (w *world) acceptedMark(id string) string {
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	return no
}

func TestAsManyPledgesAsRanks(t *testing.T) {
	w := newWorld(t, `{"pledge":{"max_live":{"tm":1,"other":2}}}`)
	id := w.mark("12345678")
	w.registered(w.submitted(BA, id), args{"statutory_no": "商1号"})
	w.refused(contracts.EPledged, contracts.T05, "pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX))
	w = newWorld(t, `{"pledge":{"max_live":{"tm":2}}}`)
	id = w.mark("12345678")
	w.registered(w.submitted(BA, id), args{"statutory_no": "商1号"})
	w.registered(w.submitted(BB, id), args{"statutory_no": "商2号"})
	o := w.refused(contracts.ERank, contracts.T05, "pledges.submit", submission(BB, RX, id), w.with(w.two(BB), RX))
	if o.Details[0].Reason != contracts.ReasonRanks {
		t.Fatalf("%+v", o.Details)
	}
}

func TestAMarksRegistrationEndsWithItsLastDay(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	reg := args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time, "registration_end": "2030-05-01"}
	o := w.refused(contracts.ETerm, contracts.T05, "pledges.register", reg, w.two(IPO)) // the mark itself ends a day before
	if o.Details[0].Subject != "2030-04-30" {
		t.Fatalf("%+v", o.Details)
	}
	reg["registration_end"] = "2027-03-01"
	w.must("pledges.register", reg, w.two(IPO))
	extension := args{"pledge_no": no, "registration_end": "2027-03-01", "statutory_time": w.time, "change_ref": "延1"}
	all := w.with(w.two(IPO), BA, RX)
	w.refused(contracts.ETerm, "", "pledges.extend", extension, all)
	extension["registration_end"] = "2028-03-01"
	w.refused(contracts.EConsent, "", "pledges.extend", extension, w.with(w.two(IPO), BA))
	w.refused(contracts.EConsent, "", "pledges.extend", extension, w.with(w.two(IPO), RX))
	w.refused(contracts.ESignature, "", "pledges.extend", extension, w.with(w.two(BA), RX))
	w.must("pledges.extend", extension, w.with(w.two(BA), RX, IPO)) // the bank may enter it, too
	w.at("2028-03-01 23:59")
	w.wantState(no, pledges.Effective)
	w.at("2028-03-02 00:00")
	w.wantState(no, pledges.EndedByTime)
	if got := w.ranks(identifier.MarkSpace, "12345678"); len(got) > 0 {
		t.Fatal(got)
	}
	extension["registration_end"] = "2029-03-01"
	extension["statutory_time"] = w.time
	w.refused(contracts.EState, "", "pledges.extend", extension, all)
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.submitted(BB, id)
}

func TestAChangeIsSignedByAllAndIssuesANewCertificate(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", one)
	first := w.pledge(no).CertificateNo
	a := args{"pledge_no": no, "changes": []string{"AMOUNT", "TERM"}, "statutory_time": w.time, "change_ref": "变1"}
	all := w.with(w.two(IPO), BA, RX)
	w.refused(contracts.EContract, contracts.R07, "pledges.change", a, all) // nothing sealed
	w.refused(contracts.EConsent, "", "pledges.change", a, w.with(w.two(IPO), BA), sealing)
	w.refused(contracts.EConsent, "", "pledges.change", a, w.with(w.two(IPO), RX), sealing)
	w.refused(contracts.ERole, "", "pledges.change", a, w.with(w.two(BB), BA, RX, IPO), sealing)
	w.refused(contracts.ERole, "", "pledges.change", a, w.with(w.two(CPC), BA, RX), sealing)
	w.refused(contracts.EFormat, "", "pledges.change", args{"pledge_no": no, "statutory_time": w.time}, all)
	early := args{"pledge_no": no, "changes": []string{"NAMES"}, "statutory_time": w.pledge(no).StatutoryTime - 1}
	w.refused(contracts.EClock, "", "pledges.change", early, all)
	result := w.must("pledges.change", a, all, sealing)
	if result["version"] != float64(2) || result["certificate_no"] == first {
		t.Fatal(result)
	}
	for number, version := range map[string]uint64{first: 1, w.pledge(no).CertificateNo: 2} {
		if c := read[pledges.Certificate](w, pledges.CertificateKey(number)); c.PledgeNo != no || c.Version != version {
			t.Fatalf("%+v", c)
		}
	}
	// A right that is added is pledged since then, not since the beginning.
	since := w.time
	w.must("pledges.change", args{"pledge_no": no, "add_rights": []string{two}, "statutory_time": since}, all)
	entry := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, "2017106018623")).Pledges[0]
	if entry.StatutoryTime != since || w.pledge(no).Rights[1].PledgedSince != since {
		t.Fatalf("%+v", entry)
	}
	w.refused(contracts.EPledged, contracts.R09, "pledges.submit", submission(BB, RX, two), w.with(w.two(BB), RX))
	// Nor can one be added that could not be pledged.
	pledged := w.confirmed("202111223344.5", nil, RX)
	w.effective(BB, "Y2026510000124", pledged)
	w.refused(contracts.EPledged, contracts.R09, "pledges.change", args{"pledge_no": no, "add_rights": []string{pledged}, "statutory_time": w.time}, all)
	w.refused(contracts.EContract, contracts.C02, "pledges.change", args{"pledge_no": w.effective(BA, "Y2026510000125", w.confirmed("201610777888.9", nil, RX)), "add_rights": []string{w.software()}, "statutory_time": w.time}, all)
	// And the last one is not taken away.
	w.must("pledges.change", args{"pledge_no": no, "remove_rights": []string{one}, "statutory_time": w.time}, all)
	w.wantStatus(canonical, rights.Free)
	o := w.refused(contracts.EState, "", "pledges.change", args{"pledge_no": no, "remove_rights": []string{two}, "statutory_time": w.time}, all)
	if o.Details[0].Reason != contracts.ReasonLastRight {
		t.Fatalf("%+v", o.Details)
	}
}

func TestAMarksRegistrationWithoutALastDayIsNotExtended(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	no := w.submitted(BA, id)
	w.registered(no, args{"statutory_no": "商1号"})
	a := args{"pledge_no": no, "registration_end": "2026-12-31", "statutory_time": w.time}
	all := w.with(w.two(IPO), BA, RX)
	o := w.refused(contracts.ETerm, "", "pledges.extend", a, all) // it would be shorter by it
	if o.Details[0].Reason != contracts.ReasonNoEnd {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.extend", args{"pledge_no": no, "statutory_time": w.time}, all, sealing)
}

func TestALastDayBeforeTheRegistrationIsSaidToBeTooEarly(t *testing.T) {
	w := newWorld(t)
	no := w.acceptedOf(w.mark("12345678"))
	a := args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time, "registration_end": "2020-01-01"}
	o := w.refused(contracts.ETerm, "", "pledges.register", a, w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonEndsEarly || o.Details[0].Subject != identifier.DateOf(w.time).String() {
		t.Fatalf("%+v", o.Details)
	}
}

func TestAWrongTimeIsNamedWithWhatItIsHeldAgainst(t *testing.T) {
	w := newWorld(t)
	no := w.acceptedOf(w.mark("12345678"))
	wrong := func(reason string, bound int64, method string, a args, signers []ledger.Signer) {
		t.Helper()
		o := w.refused(contracts.EClock, "", method, a, signers)
		if f := o.Details[0]; len(o.Details) > 1 || f.Reason != reason || f.Subject != identifier.TimeText(bound) {
			t.Errorf("%s: %+v, want %s %s alone", method, o.Details, reason, identifier.TimeText(bound))
		}
	}
	reg := args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time + 1}
	wrong(contracts.ReasonFuture, w.time, "pledges.register", reg, w.two(IPO))
	reg["statutory_time"] = w.time - contracts.Days(1)
	wrong(contracts.ReasonTooEarly, identifier.DateOf(w.time).Start(), "pledges.register", reg, w.two(IPO)) // of the acceptance's day
	registered := w.time
	reg["statutory_time"] = registered
	w.must("pledges.register", reg, w.two(IPO))
	wrong(contracts.ReasonTooEarly, registered, "pledges.change", args{"pledge_no": no, "changes": []string{"NAMES"}, "statutory_time": registered - 1}, w.with(w.two(IPO), BA, RX))
	wrong(contracts.ReasonFuture, w.time, "pledges.demand", args{"pledge_no": no, "kind": "PAYMENT", "fact_time": w.time + 1}, w.two(BA))
	wrong(contracts.ReasonTooEarly, registered, "pledges.revoke", args{"pledge_no": no, "ground": "FRAUD", "revocation_time": registered - 1}, w.two(IPO))
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(BA))
	wrong(contracts.ReasonFuture, w.time, "pledges.cancel", args{"pledge_no": no, "cancellation_ref": "注1", "cancellation_time": w.time + 1}, w.two(IPO))
}

func TestALongerTermOfTheDebtDoesNotReviveARegistration(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.mark("12345678"))
	w.registered(no, args{"statutory_no": "商1号", "registration_end": "2026-03-01"})
	extended := w.at("2026-03-01 16:00")
	w.at("2026-03-03 09:00")
	a := args{"pledge_no": no, "statutory_time": extended}
	all := w.with(w.two(IPO), BA, RX)
	o := w.refused(contracts.EState, "", "pledges.extend", a, all, sealing)
	if o.Details[0].Reason != string(pledges.EndedByTime) {
		t.Fatalf("%+v", o.Details)
	}
	a["registration_end"] = "2026-03-02" // in time, but over by now: two extensions may be told one after the other
	if got := w.must("pledges.extend", a, all)["state"]; got != string(pledges.EndedByTime) {
		t.Fatalf("the result says %v", got)
	}
	a["registration_end"], a["statutory_time"] = "2027-03-01", w.at("2026-03-03 09:10")
	w.refused(contracts.EState, "", "pledges.extend", a, all)
	a["statutory_time"] = extended
	if got := w.must("pledges.extend", a, all)["state"]; got != string(pledges.Effective) {
		t.Fatalf("the result says %v", got)
	}
}

func TestARegistrationThatIsToldAfterItsEndIsSaidToBeOver(t *testing.T) {
	w := newWorld(t)
	no := w.acceptedOf(w.mark("12345678"))
	then := w.time
	w.at("2026-06-01 09:00")
	a := args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": then, "registration_end": identifier.DateOf(then).String()}
	if got := w.must("pledges.register", a, w.two(IPO))["state"]; got != string(pledges.EndedByTime) {
		t.Fatalf("the result says %v", got)
	}
	w.wantState(no, pledges.EndedByTime)
}

func TestAPatentsRegistrationNeverEndsByItself(t *testing.T) {
	w := newWorld(t)
	no := w.acceptedOf(w.confirmed(invention, nil, RX))
	a := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time, "registration_end": "2027-03-01"}
	o := w.refused(contracts.EFormat, "", "pledges.register", a, w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonNoPeriod {
		t.Fatalf("%+v", o.Details)
	}
	delete(a, "registration_end")
	w.must("pledges.register", a, w.two(IPO))
	longer := args{"pledge_no": no, "statutory_time": w.time}
	all := w.with(w.two(IPO), BA, RX)
	w.refused(contracts.EFormat, "", "pledges.extend", longer, all)
	w.must("pledges.extend", longer, all, sealing) // the term of the debt, which is sealed
	if c := w.pledge(no).Changes[0]; !slices.Equal(c.Kinds, []string{"TERM"}) {
		t.Fatalf("%+v", c)
	}
}

// software claims and confirms a program of RX.
func (w *world) software() string {
	id := w.must("rights.claim", args{"type": "COPY_SOFT", "number": "2023SR1234567", "owners": []string{RX}}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	a := w.facts(id, args{"owners": []string{RX}, "first_public": "2023-01-05"})
	a["evidence"].(args)["registrar"] = "NCA"
	w.must("rights.confirm", a, w.two(CPC))
	return id
}

func TestADebtorIsNotReplacedWithoutThePledgor(t *testing.T) { // L23, S18
	w := newWorld(t)
	id := w.confirmed(invention, nil, LQ)
	no := w.must("pledges.submit", submission(BA, LQ, id), w.with(w.two(BA), LQ))["pledge_no"].(string)
	w.registered(no, nil)
	a := args{"pledge_no": no, "changes": []string{"DEBTOR"}, "statutory_time": w.time}
	w.refused(contracts.EConsent, "", "pledges.change", a, w.with(w.two(IPO), BA), sealing)
	w.must("pledges.change", a, w.with(w.two(IPO), BA, LQ), sealing)
}

func TestRightsAreReleasedInPartButNeverTheLast(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", one, two)
	a := args{"pledge_no": no, "rights": []string{one}, "statutory_time": w.time}
	w.refused(contracts.EConsent, "", "pledges.partial_release", a, w.two(IPO))             // never by the office alone
	w.refused(contracts.EConsent, "", "pledges.partial_release", a, w.with(w.two(IPO), RX)) // nor with the pledgor
	w.refused(contracts.ESignature, "", "pledges.partial_release", a, w.two(BA))
	w.refused(contracts.EState, "", "pledges.partial_release", args{"pledge_no": no, "rights": []string{one, two}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	w.must("pledges.partial_release", a, w.with(w.two(IPO), BA))
	w.wantStatus(canonical, rights.Free)
	w.wantStatus("2017106018623", rights.Pledged)
	if r := w.pledge(no); r.Version != 2 || len(r.Rights) != 1 || !slices.Equal(r.Changes[0].Released, []string{one}) {
		t.Fatalf("%+v", r)
	}
	o := w.refused(contracts.EState, "", "pledges.partial_release", args{"pledge_no": no, "rights": []string{two}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	if o.Details[0].Reason != contracts.ReasonLastRight {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ENotFound, "", "pledges.partial_release", a, w.with(w.two(IPO), BA))
}

func TestAPledgeMovesWithItsDebtAndKeepsItsRank(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.registered(first, args{"statutory_no": "商1号"})
	second := w.submitted(BA, id)
	w.registered(second, args{"statutory_no": "商2号"})
	a := args{"pledge_no": first, "pledgees": []string{BB}, "notice": paper}
	w.refused(contracts.ESignature, "", "pledges.transfer", a, w.two(BA))
	w.refused(contracts.ERole, "", "pledges.transfer", a, w.with(w.two(BB), RX))
	w.refused(contracts.EFormat, "", "pledges.transfer", args{"pledge_no": first, "pledgees": []string{BB}}, w.with(w.two(BA), BB))
	w.refused(contracts.ERole, "", "pledges.transfer", args{"pledge_no": first, "pledgees": []string{LQ}, "notice": paper}, w.with(w.two(BA), LQ))
	w.must("pledges.transfer", a, w.with(w.two(BA), BB))
	w.wantRanks(identifier.MarkSpace, "12345678", first+" 1", second+" 2")
	w.refused(contracts.ERole, "", "pledges.consent_release", args{"pledge_no": first, "ground": "WAIVED"}, w.two(BA))
	w.must("pledges.consent_release", args{"pledge_no": first, "ground": "WAIVED"}, w.two(BB))
}

func TestAMaximumAmountMovesOnlyWhenItsClaimsAreFixed(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	s := submission(BA, RX, id)
	s["kind"] = "MAX_AMOUNT"
	no := w.must("pledges.submit", s, w.with(w.two(BA), RX))["pledge_no"].(string)
	fix := args{"pledge_no": no, "ground": "NO_NEW_DEBT", "fact_time": w.time}
	w.refused(contracts.EState, "", "pledges.fix_claim", fix, w.two(BA), sealing)
	w.registered(no, nil)
	to := args{"pledge_no": no, "pledgees": []string{BB}, "notice": paper}
	o := w.refused(contracts.EConsent, "", "pledges.transfer", to, w.with(w.two(BA), BB))
	if o.Details[0].Reason != contracts.ReasonNotFixed {
		t.Fatalf("%+v", o.Details)
	}
	fix["fact_time"] = w.time
	w.refused(contracts.EContract, contracts.R07, "pledges.fix_claim", fix, w.two(BA))
	w.refused(contracts.ERole, "", "pledges.fix_claim", fix, w.two(BB), sealing)
	fix["ground"] = "ON_REQUEST"
	o = w.refused(contracts.ETerm, "", "pledges.fix_claim", fix, w.two(BA), sealing)
	if o.Details[0].Subject != "2028-02-25" {
		t.Fatalf("%+v", o.Details)
	}
	fix["ground"] = "SEIZURE"
	w.refused(contracts.EState, "", "pledges.fix_claim", fix, w.two(BA), sealing) // there is none
	w.must("freezes.record", args{"right_id": id, "doc_no": "(2026)川01执保1号", "court": "示例中级人民法院", "received_at": w.time}, w.two(IPO))
	fix["fact_time"] = w.time
	w.refused(contracts.EFormat, "", "pledges.fix_claim", fix, w.two(IPO)) // without a paper
	fix["document"] = paper
	w.must("pledges.fix_claim", fix, w.two(IPO))
	w.refused(contracts.EState, "", "pledges.fix_claim", fix, w.two(BA), sealing)
	w.must("pledges.transfer", to, w.with(w.two(BA), BB))

	ordinary := w.effective(BA, "Y2026510000124", w.confirmed("201710601862.3", nil, RX))
	w.refused(contracts.EState, "", "pledges.fix_claim", args{"pledge_no": ordinary, "ground": "NO_NEW_DEBT", "fact_time": w.time}, w.two(BA), sealing)
}

func TestClaimsAreFixedOnRequestOnceTwoYearsAreFull(t *testing.T) { // Civil Code, article 423(2)
	w := newWorld(t)
	s := submission(BA, RX, w.confirmed(invention, nil, RX))
	s["kind"] = "MAX_AMOUNT"
	no := w.must("pledges.submit", s, w.with(w.two(BA), RX))["pledge_no"].(string)
	w.registered(no, nil) // on 24 February 2026
	fix := func(at string) args {
		w.at(at)
		return args{"pledge_no": no, "ground": "ON_REQUEST", "fact_time": w.time}
	}
	w.refused(contracts.ETerm, "", "pledges.fix_claim", fix("2028-02-24 23:59"), w.two(BA), sealing)
	w.must("pledges.fix_claim", fix("2028-02-25 00:00"), w.two(BA), sealing)
}

func TestAnUnfixedMaximumAmountMovesIfThePledgorsAgree(t *testing.T) {
	w := newWorld(t)
	s := submission(BA, RX, w.confirmed(invention, nil, RX))
	s["kind"] = "MAX_AMOUNT"
	no := w.must("pledges.submit", s, w.with(w.two(BA), RX))["pledge_no"].(string)
	w.registered(no, nil)
	w.must("pledges.transfer", args{"pledge_no": no, "pledgees": []string{BB}, "notice": paper}, w.with(w.two(BA), BB, RX))
}

func TestRanksAreChangedWithTheSignatureOfWhoeverRanksWorse(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	var list []string
	for i, bank := range []string{BA, BB, BA} {
		no := w.submitted(bank, id)
		w.registered(no, args{"statutory_no": fmt.Sprintf("商%d号", i)})
		list = append(list, no)
	}
	order := func(places ...int) args {
		var names []string
		for _, i := range places {
			names = append(names, list[i])
		}
		return args{"right_id": id, "order": names, "statutory_time": w.time}
	}
	o := w.refused(contracts.ERank, "", "pledges.change_rank", order(2, 0, 1), w.with(w.two(IPO), BA, RX))
	if len(o.Details) != 1 || o.Details[0].Subject != list[1] {
		t.Fatalf("BB ranks worse: %+v", o.Details)
	}
	w.refused(contracts.EConsent, "", "pledges.change_rank", order(2, 0, 1), w.with(w.two(IPO), BA, BB))
	w.refused(contracts.ERank, "", "pledges.change_rank", order(2, 0), w.with(w.two(IPO), BA, BB, RX))
	w.refused(contracts.ERank, "", "pledges.change_rank", order(0, 1, 2), w.with(w.two(IPO), BA, BB, RX))
	w.must("pledges.change_rank", order(2, 0, 1), w.with(w.two(IPO), BA, BB, RX))
	w.wantRanks(identifier.MarkSpace, "12345678", list[2]+" 1", list[0]+" 2", list[1]+" 3")
	// One that comes later stands behind, and those behind one that ends move up.
	last := w.submitted(BB, id)
	w.registered(last, args{"statutory_no": "商9号"})
	w.must("pledges.consent_release", args{"pledge_no": list[0], "ground": "WAIVED"}, w.two(BA))
	w.must("pledges.cancel", args{"pledge_no": list[0], "cancellation_ref": "注1", "cancellation_time": w.time}, w.two(IPO))
	w.wantRanks(identifier.MarkSpace, "12345678", list[2]+" 1", list[1]+" 2", last+" 3")
	// More is secured by the first only if the others agree; less always.
	more := args{"pledge_no": list[2], "changes": []string{"AMOUNT"}, "statutory_time": w.time}
	w.refused(contracts.ERank, "", "pledges.change", more, w.with(w.two(IPO), BA, RX), sealing)
	w.must("pledges.change", more, w.with(w.two(IPO), BA, RX, BB), sealing)
	more["lessens"] = true
	more["statutory_time"] = w.time
	w.must("pledges.change", more, w.with(w.two(IPO), BA, RX), sealing)
}

func TestARevokedPledgeIsAsIfItHadNeverBeen(t *testing.T) { // INV-21, S12
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.registered(first, args{"statutory_no": "商1号"})
	second := w.submitted(BB, id)
	w.registered(second, args{"statutory_no": "商2号"})
	a := args{"pledge_no": first, "ground": "FORGED_PAPERS", "codes": []string{contracts.T01}, "document": paper}
	w.refused(contracts.ERole, "", "pledges.revoke", a, w.two(CPC))
	w.refused(contracts.EFormat, "", "pledges.revoke", args{"pledge_no": first}, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.revoke", args{"pledge_no": first, "ground": "GROUND_FOUND"}, w.two(IPO)) // which one?
	w.refused(contracts.EFormat, "", "pledges.revoke", args{"pledge_no": first, "ground": "DECISION"}, w.two(IPO))     // of whom?
	w.refused(contracts.EFormat, "", "pledges.revoke", args{"pledge_no": first, "ground": "DECISION", "document": strings.Repeat("0", 64)}, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.revoke", args{"pledge_no": first, "codes": []string{contracts.C01}}, w.two(IPO))
	w.must("pledges.revoke", a, w.two(IPO))
	w.wantRanks(identifier.MarkSpace, "12345678", second+" 1")
	w.wantState(first, pledges.Revoked)
	w.refused(contracts.EState, "", "pledges.revoke", a, w.two(IPO))
	third := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": third}, w.two(IPO))
	w.refused(contracts.EDuplicate, "", "pledges.register", args{"pledge_no": third, "statutory_no": "商1号", "statutory_time": w.time}, w.two(IPO))
}

func TestAReleaseIsTakenBackBeforeTheCancellationIfThePledgorAgrees(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.refused(contracts.EState, "", "pledges.withdraw_release", args{"pledge_no": no}, w.with(w.two(BA), RX))
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"}, w.two(BA))
	w.refused(contracts.EConsent, "", "pledges.withdraw_release", args{"pledge_no": no}, w.two(BA))
	w.must("pledges.withdraw_release", args{"pledge_no": no}, w.with(w.two(BA), RX))
	w.refused(contracts.EState, "", "pledges.cancel", args{"pledge_no": no, "cancellation_ref": "1", "cancellation_time": w.time}, w.two(IPO))
	if r := w.pledge(no); r.State != pledges.Effective || r.Ground != "" {
		t.Fatalf("%+v", r)
	}
}

func TestEnforcementTellsTheOthersAndMovesNothing(t *testing.T) { // L13, L18
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.registered(first, args{"statutory_no": "商1号"})
	second := w.submitted(BB, id)
	w.registered(second, args{"statutory_no": "商2号"})
	a := args{"pledge_no": first, "ground": "DEFAULT", "route": "PRIVATE_SALE"}
	w.refused(contracts.ERole, "", "pledges.start_enforcement", a, w.two(BB))
	w.refused(contracts.EFormat, "", "pledges.start_enforcement", args{"pledge_no": first, "ground": "DEFAULT"}, w.two(BA))
	w.must("pledges.start_enforcement", a, w.two(BA))
	if e := w.application(first).Enforcement; !slices.Equal(e.Notified, []string{BB, RX}) {
		t.Fatalf("%+v", e)
	}
	w.refused(contracts.EState, "", "pledges.consent_release", args{"pledge_no": first, "ground": "DEBT_PAID"}, w.two(BA))
	o := w.refused(contracts.EState, "", "pledges.consent_release", args{"pledge_no": first, "ground": "REALISED"}, w.two(BA))
	if o.Details[0].Reason != contracts.ReasonNotSold {
		t.Fatalf("%+v", o.Details)
	}
	taken := args{"right_id": id, "event": "TRANSFERRED", "fact_time": w.time, "owners": []string{BA}}
	w.refused(contracts.EForbidden, "", "rights.status_event", taken, w.with(w.two(IPO), BA, BB))
	w.must("pledges.end_enforcement", args{"pledge_no": first, "outcome": "CURED"}, w.two(BA))
	w.wantState(first, pledges.Effective)
	w.refused(contracts.ERole, "", "pledges.demand", args{"pledge_no": first, "kind": "ENFORCEMENT"}, w.two(BA))
	w.must("pledges.demand", args{"pledge_no": first, "kind": "PAYMENT"}, w.two(BA))
	w.must("pledges.demand", args{"pledge_no": first, "kind": "ENFORCEMENT"}, []ledger.Signer{w.signer(RX, contracts.Maker)})
}

func TestAWrongNumberOfARegistrationIsCorrectedAndFree(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000124", one) // it was …123
	first := w.pledge(no).CertificateNo
	steps := w.steps(no)
	a := args{"subject": no, "transaction": steps[2].Transaction.String(), "reason": "登记号录入错误", "statutory_no": "Y2026510000123"}
	w.refused(contracts.ESignature, "", "corrections.correct_error", a, w.with(w.two(IPO), BA))
	w.refused(contracts.ESignature, "", "corrections.correct_error", a, w.with(w.two(IPO), RX))
	w.refused(contracts.ERole, "", "corrections.correct_error", a, w.with(w.two(BA), IPO, RX)) // the office entered it
	late := maps.Clone(a)
	late["transaction"] = steps[1].Transaction.String()
	w.refused(contracts.EState, "", "corrections.correct_error", late, w.with(w.two(IPO), BA, RX))
	w.must("corrections.correct_error", a, w.with(w.two(IPO), BA, RX))
	if r := w.pledge(no); r.StatutoryNo != "Y2026510000123" || r.Version != 2 || r.Changes[0].FormerNo != "Y2026510000124" {
		t.Fatalf("%+v", r)
	}
	if w.pledge(no).CertificateNo == first {
		t.Fatal("the old certificate stands")
	}
	other := w.effective(BB, "Y2026510000124", two) // whose number it is
	w.refused(contracts.EDuplicate, "", "pledges.register", args{"pledge_no": w.acceptedOf(w.confirmed("202111223344.5", nil, RX)), "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	_ = other
}

// acceptedOf applies for a pledge of a right of RX.
func (w *world) acceptedOf(id string) string {
	no := w.submitted(BA, id)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	return no
}

func TestAWrongAmountIsCorrectedByAnotherSealedPart(t *testing.T) { // S17
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	before := w.application(no)
	a := args{"subject": no, "transaction": w.steps(no)[0].Transaction.String(), "reason": "金额录入错误"}
	w.refused(contracts.EFormat, "", "corrections.correct_error", a, w.with(w.two(BA), RX, IPO)) // of nothing
	w.refused(contracts.ESignature, "", "corrections.correct_error", a, w.with(w.two(BA), IPO), sealing)
	w.refused(contracts.ESignature, "", "corrections.correct_error", a, w.with(w.two(BA), RX), sealing)
	w.must("corrections.correct_error", a, w.with(w.two(BA), RX, IPO), sealing)
	after := w.application(no)
	if after.Commitment == before.Commitment || *w.steps(no)[0].Commitment != before.Commitment || w.pledge(no).Version != 2 {
		t.Fatalf("%+v", after)
	}
}

func TestAStatutoryTimeIsNotMovedBeforeOthersWithoutThem(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.registered(first, args{"statutory_no": "商1号"})
	second := w.submitted(BB, id)
	w.registered(second, args{"statutory_no": "商2号"})
	a := args{"subject": second, "transaction": w.steps(second)[2].Transaction.String(), "reason": "时间录入错误", "statutory_time": w.pledge(first).StatutoryTime - 1}
	o := w.refused(contracts.ERank, "", "corrections.correct_error", a, w.with(w.two(IPO), BB, RX))
	if o.Details[0].Subject != first {
		t.Fatalf("%+v", o.Details)
	}
	w.must("corrections.correct_error", a, w.with(w.two(IPO), BB, RX, BA))
	w.wantRanks(identifier.MarkSpace, "12345678", second+" 1", first+" 2")
}

func TestARegistrationIsNotMovedBehindTheDayItWasTold(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	told := w.pledge(no).RegisteredAt
	w.time += contracts.Days(30)
	a := args{"subject": no, "transaction": w.steps(no)[2].Transaction.String(), "reason": "时间录入错误", "statutory_time": told + 1}
	w.refused(contracts.EClock, "", "corrections.correct_error", a, w.with(w.two(IPO), BA, RX))
	a["statutory_time"] = told
	w.must("corrections.correct_error", a, w.with(w.two(IPO), BA, RX))
}

func TestWhoeverOwnsThePledgedRightNowAgreesToItsChanges(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, MD)
	s := submission(BA, RX, one, two)
	s["pledgors"] = []string{RX, MD}
	no := w.must("pledges.submit", s, w.with(w.two(BA), RX, MD))["pledge_no"].(string)
	w.registered(no, nil)
	w.must("rights.status_event", args{"right_id": one, "event": "TRANSFERRED", "fact_time": w.time, "owners": []string{LQ}}, w.with(w.two(IPO), BA))
	a := args{"pledge_no": no, "changes": []string{"NAMES"}, "statutory_time": w.time}
	o := w.refused(contracts.EConsent, "", "pledges.change", a, w.with(w.two(IPO), BA, RX, MD))
	if len(o.Details) != 1 || o.Details[0].Subject != LQ {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.change", a, w.with(w.two(IPO), BA, LQ, MD))
}

func TestAnExtensionMadeInTimeAndToldAfterTheEndRevivesThePledge(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	no := w.submitted(BA, id)
	w.registered(no, args{"statutory_no": "商1号", "registration_end": "2026-03-01"})
	extended := w.at("2026-03-01 16:00")
	w.at("2026-03-02 09:00")
	w.wantState(no, pledges.EndedByTime)
	a := args{"pledge_no": no, "registration_end": "2027-03-01", "statutory_time": w.time}
	all := w.with(w.two(IPO), BA, RX)
	w.refused(contracts.EState, "", "pledges.extend", a, all) // made after the end
	a["statutory_time"] = extended
	w.refused(contracts.EState, "", "pledges.change", args{"pledge_no": no, "changes": []string{"NAMES"}, "statutory_time": extended}, all)
	between := w.submitted(BB, id)
	w.registered(between, args{"statutory_no": "商2号"})
	o := w.refused(contracts.ERank, "", "pledges.extend", a, all) // it took the first rank meanwhile
	if o.Details[0].Subject != between {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.extend", a, w.with(w.two(IPO), BA, RX, BB))
	w.wantState(no, pledges.Effective)
	w.wantRanks(identifier.MarkSpace, "12345678", no+" 1", between+" 2")
}
