// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// paperOf adds the register's paper to what is put right.
func paperOf(more args) args {
	more["document"] = paper
	return more
}

// cancelling releases a pledge of BA and gives the entry of its cancellation.
func (w *world) cancelling(no string) string {
	w.t.Helper()
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"}, w.two(BA))
	w.time += 60_000
	return w.entry("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time - 1000}, w.two(IPO))
}

func TestAPledgeThatWasCancelledByMistakeStandsAsItDid(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.time += contracts.Days(1)
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"}, w.two(BA))
	before, was := w.pledge(no), w.right().Pledges[0]
	w.time += contracts.Days(1)
	told := w.time
	entry := w.entry("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": told}, w.two(IPO))
	w.time += contracts.Days(1)
	annulledAt := w.time
	w.corrected(no, entry, paperOf(args{"annulled": true}), RX, BA)
	after := w.pledge(no)
	annulled := after.Changes[0].Annulled
	if annulled == nil || *annulled != (pledges.Cancellation{State: pledges.Released, Ref: "C1", Time: told, Ground: "DEBT_PAID", ToldAt: told}) {
		t.Fatalf("%+v", after.Changes)
	}
	after.Version, after.Changes, after.CertificateNo = before.Version, before.Changes, before.CertificateNo
	if !reflect.DeepEqual(after, before) {
		t.Fatalf("%+v, want %+v", after, before)
	}
	is := w.right().Pledges[0]
	if g := is.Gaps[0]; g != (rights.Gap{Since: told, From: told, Until: annulledAt}) {
		t.Fatalf("%+v", g)
	}
	is.Gaps = nil
	if !reflect.DeepEqual(is, was) {
		t.Fatalf("%+v, want %+v", is, was)
	}
	// It is released on the day on which it really is, or the consent is taken back.
	w.must("pledges.withdraw_release", args{"pledge_no": no}, w.with(w.two(BA), RX))
	if w.pledgeState(no) != "EFFECTIVE" || w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatal(w.pledgeState(no))
	}
}

func TestAnEnforcementGoesOnIfACourtHasNotCancelledThePledge(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.time += 3600_000
	w.must("pledges.start_enforcement", args{"pledge_no": no, "ground": "DEFAULT", "route": "COURT"}, w.two(BA))
	w.time += 3600_000
	entry := w.entry("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time, "court_document": paper}, w.two(IPO))
	w.corrected(no, entry, paperOf(args{"annulled": true}), RX, BA)
	a := read[pledges.Application](w, pledges.ApplicationKey(no))
	if w.pledgeState(no) != "ENFORCING" || a.Enforcement.EndedAt != 0 || a.Enforcement.Outcome != "" || a.CourtDocument != nil {
		t.Fatalf("%s %+v", w.pledgeState(no), a.Enforcement)
	}
}

func TestWhoWasRegisteredWhileAPledgeWasToldToBeCancelledKeepsItsPledge(t *testing.T) {
	for name, id := range map[string]func(*world) string{
		"of a patent": func(w *world) string { return w.confirmed(invention, nil, RX) },
		"of a mark":   func(w *world) string { return w.mark("12345678") }, // with ranks, and nobody is ranked in silence
	} {
		w := newWorld(t)
		right := id(w)
		first := w.submitted(BA, right)
		w.registered(first, args{"statutory_no": "Y2026510000123"})
		w.time += 3600_000
		entry := w.cancelling(first)
		w.time += 3600_000
		second := w.submitted(BB, right)
		w.registered(second, args{"statutory_no": "Y2026510000124"})
		w.time += 3600_000
		annulledAt := w.time
		w.corrected(first, entry, paperOf(args{"annulled": true}), RX, BA)
		key := w.pledge(first).Rights[0]
		space, _ := key.Type.Space()
		r := read[rights.Record](w, rights.RecordKey(space, key.Number))
		s := rights.StatusOf(r, w.time, contracts.Parameters{})
		if len(s.Pledges) != 2 || s.Pledges[0].PledgeNo != first || s.Pledges[1].PledgeNo != second || w.pledge(second).State != pledges.Effective {
			t.Fatalf("%s: %+v", name, s.Pledges)
		}
		want := []rights.Conflict{{Subject: second, Fact: "PLEDGE", FactTime: s.Pledges[0].StatutoryTime, LedgerTime: annulledAt}}
		if got := rights.Conflicts(r, w.time); !slices.Equal(got, want) || !s.Has(rights.FlagConflictReview) {
			t.Fatalf("%s: %+v", name, got)
		}
		w.cancelled(second, BB)
		if r := read[rights.Record](w, r.Key()); len(rights.Conflicts(r, w.time)) > 0 {
			t.Fatalf("%s: %+v", name, rights.Conflicts(r, w.time))
		}
	}
}

func TestADealThatWasMadeWhileAPledgeWasToldToBeCancelledIsReviewed(t *testing.T) {
	for event, fact := range map[string]string{"TRANSFERRED": "OWNER", "LICENSED": "LICENSED", "ABANDONED": "ABANDONED"} {
		w := newWorld(t)
		id := w.confirmed(invention, nil, RX)
		no := w.effective(BA, "Y2026510000123", id)
		w.time += 3600_000
		entry := w.cancelling(no)
		w.time += 3600_000
		a := args{"fact_time": w.time}
		if event == "TRANSFERRED" {
			a["owners"] = []string{MD}
		}
		w.told(id, event, a)
		w.time += 3600_000
		w.corrected(no, entry, paperOf(args{"annulled": true}), RX, BA) // MD is not asked: it keeps what it has, under review
		got := rights.Conflicts(w.right(), w.time)
		if len(got) != 1 || got[0].Subject != no || got[0].Fact != fact || w.pledgeState(no) != "RELEASE_PENDING" {
			t.Errorf("%s: %+v, the pledge is %s", event, got, w.pledgeState(no))
		}
	}
}

func TestWhoCorrectsACancellation(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.entry("rights.status_event", w.eventArgs(id, "TRANSFERRED", args{"owners": []string{MD}}), w.with(w.two(IPO), BA))
	w.time += 3600_000
	entry := w.cancelling(no)
	at := w.pledge(no).CancellationTime
	annul := func() args { return paperOf(args{"annulled": true}) }
	w.uncorrected(contracts.ESignature, "", no, entry, annul(), BA, MD)
	w.uncorrected(contracts.ESignature, "", no, entry, annul(), RX, MD)
	w.uncorrected(contracts.ESignature, "", no, entry, annul(), RX, BA) // the pledge was on what MD bought
	w.uncorrected(contracts.EFormat, contracts.ReasonMissing, no, entry, args{"annulled": true}, RX, BA, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonMissing, no, entry, paperOf(args{}), RX, BA)
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, no, entry, paperOf(args{"annulled": true, "cancellation_time": at - 1}), RX, BA, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, no, entry, paperOf(args{"statutory_time": at - 1}), RX, BA)
	w.uncorrected(contracts.EFormat, contracts.ReasonUnchanged, no, entry, paperOf(args{"cancellation_time": at}), RX, BA)
	w.uncorrected(contracts.EClock, "", no, entry, paperOf(args{"cancellation_time": w.time + 1}), RX, BA)
	w.uncorrected(contracts.EClock, contracts.ReasonTooEarly, no, entry, paperOf(args{"cancellation_time": w.pledge(no).StatutoryTime - 1}), RX, BA)
	w.time += rights.Late
	w.uncorrected(contracts.EState, contracts.ReasonNotUndone, no, entry, annul(), RX, BA, MD) // nobody knows any more what it was
}

// Whoever would bring back a pledge that was truly cancelled meets what the ledger was shown.
func TestACancellationThatTheRegisterWasSeenToShareIsNotAnnulled(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	entry := w.cancelling(no)
	w.time += 3600_000
	since := w.pledge(no).StatutoryTime
	read := func(burdens []args) {
		w.time += 3600_000
		w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time), "registrar_encumbrances": burdens}), w.two(IPO))
		w.time += 3600_000
	}
	read([]args{})
	w.uncorrected(contracts.EState, contracts.ReasonNotShown, no, entry, paperOf(args{"annulled": true}), RX, BA)
	if w.pledgeState(no) != "RELEASED" || len(w.right().Pledges) > 0 {
		t.Fatal("it was half brought back")
	}
	read([]args{{"kind": "PLEDGE", "statutory_no": "Y2026510000123", "time": since}})
	w.corrected(no, entry, paperOf(args{"annulled": true}), RX, BA)
	if r := w.right(); len(r.Pledges) != 1 || len(r.Encumbrances) > 0 {
		t.Fatalf("%+v, and the register %+v", r.Pledges, r.Encumbrances)
	}
}

func TestALookFromBeforeAPledgeSaysNothingOfItsCancellation(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.time += 3600_000
	read := w.time
	w.time += 3600_000
	no := w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	entry := w.cancelling(no)
	w.time += 3600_000
	w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(read), "registrar_encumbrances": []args{}}), w.two(IPO))
	w.time += 3600_000
	w.corrected(no, entry, paperOf(args{"annulled": true}), RX, BA)
	if len(w.right().Pledges) != 1 {
		t.Fatal(w.right().Pledges)
	}
}

func TestAPledgeThatStandsAgainDoesNotBurdenARightThatWasAddedTwice(t *testing.T) {
	w := newWorld(t)
	one, two := w.mark("12345678"), w.mark("12345679")
	no := w.submitted(BA, one)
	w.registered(no, args{"statutory_no": "商标质字[2026]第1号"})
	first := w.pledge(no).StatutoryTime
	w.time += contracts.Days(5)
	w.must("pledges.change", args{"pledge_no": no, "changes": []string{"RIGHTS"}, "add_rights": []string{two}, "statutory_time": w.time}, w.with(w.two(IPO), BA, RX))
	w.time += 3600_000
	entry := w.cancelling(no)
	w.time += 3600_000
	w.must("rights.refresh", w.facts(two, args{"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "商标质字[2026]第1号", "time": first}}}), w.two(IPO))
	w.time += 3600_000
	w.corrected(no, entry, paperOf(args{"annulled": true}), RX, BA)
	if r := read[rights.Record](w, rights.RecordKey("MARK", "12345679")); len(r.Pledges) != 1 || len(r.Encumbrances) > 0 {
		t.Fatalf("%+v, and the register %+v", r.Pledges, r.Encumbrances)
	}
}

func TestAChangeThatReplacesAnEndedRightSaysThatThePledgeStands(t *testing.T) {
	w := newWorld(t)
	one, two := w.mark("12345678"), w.mark("12345679")
	fact := w.time
	w.time += 3600_000
	no := w.submitted(BA, one)
	w.registered(no, args{"statutory_no": "商标质字[2026]第1号"})
	w.time += 3600_000
	w.told(one, "ABANDONED", args{"fact_time": fact}) // of before the pledge, and so in doubt
	w.time += 3600_000
	told := w.must("pledges.change", args{"pledge_no": no, "changes": []string{"RIGHTS"}, "add_rights": []string{two}, "remove_rights": []string{one}, "statutory_time": w.time}, w.with(w.two(IPO), BA, RX))
	if told["state"] != "EFFECTIVE" || w.pledge(no).State != pledges.Effective {
		t.Fatalf("the change told %v; the pledge is %s", told, w.pledge(no).State)
	}
}

func TestACancellationAtAnotherTimeJudgesWhatIsToldLate(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	entry := w.cancelling(no)
	wrong := w.pledge(no).CancellationTime
	w.time += 3600_000
	right := wrong - 60_000
	w.corrected(no, entry, paperOf(args{"cancellation_time": right}), RX, BA)
	if r := w.pledge(no); r.CancellationTime != right || r.Changes[0].FormerCancelled != wrong || r.State != pledges.Released {
		t.Fatalf("%+v", r)
	}
	refused := w.eventArgs(id, "LICENSED", args{"fact_time": right - 1})
	w.refused(contracts.EConsent, "", "rights.status_event", refused, w.two(IPO))
	w.happened(id, "LICENSED", args{"fact_time": right})
}

func TestANumberAndATimeAreAlsoPutRightAtRightsThatWereLetGo(t *testing.T) {
	w := newWorld(t)
	first, second := w.mark("12345678"), w.mark("12345679")
	no := w.submitted(BA, first, second)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	accepted := w.time
	w.time += 3600_000
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time}, w.two(IPO))
	other := w.submitted(BB, first)
	w.registered(other, args{"statutory_no": "商2号"})
	w.time += 3600_000
	w.must("pledges.change_rank", args{"right_id": first, "order": []string{other, no}}, w.with(w.two(BA), RX, BB, IPO))
	w.time += 60_000
	w.must("pledges.partial_release", args{"pledge_no": no, "rights": []string{first}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	w.putRight(no, args{"statutory_no": "商9号"})
	kept := read[rights.EndedPledges](w, rights.EndedKey("MARK", "12345678")).Pledges[0].Entry
	if kept.StatutoryNo != "商9号" {
		t.Fatalf("%+v", kept)
	}
	place := read[rights.Record](w, rights.RecordKey("MARK", "12345678")).Pledges[0].Place
	if place == nil || place.No != "商9号" { // which the other took over
		t.Fatalf("%+v", place)
	}
	// Its time is the place of the other there, who has not been asked.
	a := args{"subject": no, "transaction": w.steps(no)[2].Transaction.String(), "reason": "录入错误", "statutory_time": accepted + 1000}
	w.refused(contracts.ERank, "", "corrections.correct_error", a, w.with(w.two(IPO), RX, BA))
	// Where nobody agreed on ranks, the time is carried, too.
	w = newWorld(t)
	first, second = w.mark("12345678"), w.mark("12345679")
	no = w.submitted(BA, first, second)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	accepted = w.time
	w.time += 3600_000
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time}, w.two(IPO))
	w.time += 60_000
	w.must("pledges.partial_release", args{"pledge_no": no, "rights": []string{first}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	then := accepted + 60_000
	licensed := w.eventArgs(first, "LICENSED", args{"fact_time": then})
	w.putRight(no, args{"statutory_time": accepted})
	w.refused(contracts.EConsent, "", "rights.status_event", licensed, w.two(IPO)) // it was pledged by then
}

func TestWhatAnAnnulledEventHasShownOfTheRegisterIsShownNoMore(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"registrar_encumbrances": []args{{"kind": "OTHER", "statutory_no": "质1", "time": w.time - 1000}}}, RX)
	before := w.right()
	burden := []args{{"kind": "LICENCE", "statutory_no": "许1", "time": w.time - 1000}}
	first := w.told(id, "LICENSED", args{"registrar_encumbrances": burden})
	second := w.told(id, "LICENSED", args{"registrar_encumbrances": []args{}})
	w.corrected(id, first, args{"annulled": true}, RX) // what the second has shown stays
	if r := w.right(); len(r.Encumbrances) != 0 || r.Looked.Event != 2 {
		t.Fatalf("%+v", r.Looked)
	}
	w.corrected(id, second, args{"annulled": true}, RX) // and the first has shown nothing
	if r := w.right(); !slices.Equal(r.Encumbrances, before.Encumbrances) || *r.Looked != *before.Looked {
		t.Fatalf("%+v", r)
	}
}

func TestAPledgeIsNotInDoubtForAnEventThatDidNotHappen(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.time += 60_000
	pending := w.told(id, "INVALIDATION_FILED", args{"registrar_encumbrances": []args{}})
	if !w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", w.right())
	}
	w.corrected(id, pending, args{"annulled": true}, RX, BA)
	if r := w.right(); r.Pledges[0].NotShown != 0 || w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", r.Pledges)
	}
}

func TestAnEventThatIsCorrectedToAfterItsEndIsToldBeforeWhen(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	begun := w.time
	suit := w.told(id, "OWNERSHIP_SUIT", args{"case_no": "1", "fact_time": begun - 3600_000})
	w.at("2026-03-01 09:00")
	w.told(id, "SUIT_ENDED", args{"case_no": "1", "fact_time": begun - 1800_000})
	o := w.do("corrections.correct_error", correcting(id, suit, args{"fact_time": begun - 1800_000}), w.with(w.two(IPO), RX))
	wantReason(t, o, contracts.EClock, contracts.ReasonOverBy)
	if f := o.Details[0]; f.Field != "fact_time" || f.Subject != identifier.TimeText(begun-1800_000) {
		t.Fatalf("%+v", f)
	}
}

func TestAPledgeTakesTheAgreedPlaceAgain(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	list := w.ofAMark(id, BA, BB)
	w.time += 1000
	w.must("pledges.change_rank", args{"right_id": id, "order": []string{list[1], list[0]}}, w.with(w.two(IPO), BA, BB, RX))
	w.wantPlaces("12345678", list[1]+" 商0号", list[0]+" 商1号")
	entry := w.cancelling(list[0])
	w.time += 60_000
	w.corrected(list[0], entry, paperOf(args{"annulled": true}), RX, BA)
	if r := read[rights.Record](w, rights.RecordKey("MARK", "12345678")); r.Pledges[0].PledgeNo != list[1] || r.Pledges[1].PledgeNo != list[0] || len(rights.Conflicts(r, w.time)) > 0 {
		t.Fatalf("%+v", r.Pledges)
	}
	w.revoked(list[1]) // it never agreed, and the other has its own place
	if e := read[rights.Record](w, rights.RecordKey("MARK", "12345678")).Pledges[0]; e.PledgeNo != list[0] || e.Place != nil {
		t.Fatalf("%+v", e)
	}
}
