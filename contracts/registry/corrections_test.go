// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/corrections"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// entry runs a transaction that has to succeed and gives its id.
func (w *world) entry(method string, a args, signers []ledger.Signer) string {
	w.t.Helper()
	o := w.do(method, a, signers)
	if o.Status != ledger.Final {
		w.t.Fatalf("%s: %v %s %+v", method, o.Status, o.Code, o.Details)
	}
	return o.Transaction.String()
}

// told reports an event by the IP office and gives the id of its entry.
func (w *world) told(right, name string, more args) string {
	w.t.Helper()
	return w.entry("rights.status_event", w.eventArgs(right, name, more), w.two(IPO))
}

// correcting are the arguments of corrections.correct_error.
func correcting(subject, entry string, more args) args {
	a := args{"subject": subject, "transaction": entry, "reason": "录入错误"}
	maps.Copy(a, more)
	return a
}

// corrected corrects an entry of the IP office with the signatures of others.
func (w *world) corrected(subject, entry string, more args, others ...string) string {
	w.t.Helper()
	return w.entry("corrections.correct_error", correcting(subject, entry, more), w.with(w.two(IPO), others...))
}

// uncorrected is corrected for what has to be refused with a code and a reason.
func (w *world) uncorrected(code, reason, subject, entry string, more args, others ...string) {
	w.t.Helper()
	wantReason(w.t, w.do("corrections.correct_error", correcting(subject, entry, more), w.with(w.two(IPO), others...)), code, reason)
}

func (w *world) right() rights.Record {
	w.t.Helper()
	return read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical))
}

func (w *world) eventOf(seq uint64) rights.Event {
	w.t.Helper()
	return read[rights.Event](w, rights.EventKey(identifier.PatentSpace, canonical, seq))
}

func (w *world) correctionOf(entry string, seq uint64) corrections.Record {
	w.t.Helper()
	id, err := keys.ParseHash(entry)
	if err != nil {
		w.t.Fatal(err)
	}
	return read[corrections.Record](w, corrections.RecordKey(id, seq))
}

func TestAMistypedFactDateIsCorrectedAndStaysReadable(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.at("2026-03-01 09:00")
	w.effective(BA, "Y2026510000123", id)
	w.at("2026-03-05 10:00")
	// The court took the suit in on 28 February; the clerk typed 28 in the wrong month.
	typed, true28 := w.moment("2026-03-03 00:00"), w.moment("2026-02-28 00:00")
	suit := w.told(id, "OWNERSHIP_SUIT", args{"case_no": "(2026)川01知民初7号", "fact_time": typed})
	if s := w.status(canonical); !s.Has(rights.FlagDisputed) || s.Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", s)
	}
	w.at("2026-03-06 10:00")
	by := w.corrected(id, suit, args{"fact_time": true28}, RX, BA)

	// The fact is older than the pledge now, and came to light after it.
	f := w.right().Facts[0]
	if f.FactTime != true28 || f.LedgerTime != w.moment("2026-03-05 10:00") || !w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", f)
	}
	e := w.eventOf(1)
	if e.FactTime != typed || e.Told.FactTime != typed || e.Since() != true28 || e.CorrectedBy.String() != by || e.Annulled {
		t.Fatalf("%+v", e)
	}
	c := w.correctionOf(suit, 1)
	if c.Kind != corrections.Correction || c.Subject != id || c.Corrects.String() != suit || c.Transaction.String() != by ||
		c.Text != "录入错误" || c.Time != w.moment("2026-03-06 10:00") || !slices.Equal(c.SignedFor, slices.Sorted(slices.Values([]string{IPO, RX, BA}))) {
		t.Fatalf("%+v", c)
	}
	last := c.Changes[len(c.Changes)-1]
	if last.Field != "fact_time" || last.Before.Time != typed || last.After.Time != true28 {
		t.Fatalf("%+v", c.Changes)
	}

	// The correction was mistyped, too. It is an entry of its own, and is corrected.
	true27 := w.moment("2026-02-27 00:00")
	again := w.corrected(id, by, args{"fact_time": true27}, RX, BA)
	if e := w.eventOf(1); e.Since() != true27 || e.CorrectedBy.String() != again || w.right().Facts[0].FactTime != true27 {
		t.Fatalf("%+v", e)
	}
	if c := w.correctionOf(by, 1); c.Corrects.String() != by {
		t.Fatalf("%+v", c)
	}
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, id, again, args{"annulled": true}, RX, BA)
	w.corrected(id, suit, args{"annulled": true}, RX, BA)
	if len(w.right().Facts) != 0 || w.status(canonical).Has(rights.FlagConflictReview) || !w.eventOf(1).Annulled {
		t.Fatalf("%+v", w.right().Facts)
	}
	w.uncorrected(contracts.EState, contracts.ReasonAnnulled, id, suit, args{"fact_time": true28}, RX, BA)
}

func TestWhoCorrectsAnEventOfARight(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX, MD)
	w.must("pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX, MD}, "pledgees": []string{BA}}, w.with(w.two(BA), RX, MD))
	suit := w.told(id, "OWNERSHIP_SUIT", nil)
	earlier := args{"fact_time": w.time - 3600_000}
	w.uncorrected(contracts.ESignature, "", id, suit, earlier)
	w.uncorrected(contracts.ESignature, "", id, suit, earlier, RX)
	// Another office reports for the same register, and has not made the entry.
	wantReason(t, w.do("corrections.correct_error", correcting(id, suit, earlier), w.with(w.two(IP2), RX, MD)), contracts.ERole, contracts.ReasonNotActor)
	w.refused(contracts.ERole, "", "corrections.correct_error", correcting(id, suit, earlier), w.two(VAL))
	w.uncorrected(contracts.ENotFound, contracts.ReasonNotEntry, id, paper, earlier, RX, MD)
	w.uncorrected(contracts.ENotFound, "", "LON-510100-20260306-0000001-U", suit, earlier, RX, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonMissing, id, suit, nil, RX, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonMissing, id, suit, args{"fact_time": earlier["fact_time"], "reason": ""}, RX, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, id, suit, args{"received_at": w.time}, RX, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, id, suit, args{"fact_time": earlier["fact_time"], "annulled": true}, RX, MD)
	w.uncorrected(contracts.EFormat, contracts.ReasonEmpty, id, suit, args{"fact_time": earlier["fact_time"], "document": strings.Repeat("00", 32)}, RX, MD)
	w.uncorrected(contracts.EClock, "", id, suit, args{"fact_time": w.time}, RX, MD) // later than it was known
	w.uncorrected(contracts.EFormat, contracts.ReasonUnchanged, id, suit, args{"fact_time": w.eventOf(1).FactTime}, RX, MD)
	w.corrected(id, suit, earlier, RX, MD)
	// Of a right that is not pledged no pledgee is asked; an application is no pledge.
	w.corrected(id, suit, args{"annulled": true}, RX, MD)
}

func TestAnAnnulledEndLetsTheFactStandAgain(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	suit := w.told(id, "OWNERSHIP_SUIT", args{"case_no": "1", "until": "2026-08-01"})
	w.at("2026-02-27 09:00")
	over := w.told(id, "SUIT_ENDED", args{"case_no": "1"})
	if s := w.status(canonical); s.Has(rights.FlagDisputed) || s.Has(rights.FlagSuspended) {
		t.Fatalf("%+v", s.Flags)
	}
	w.at("2026-02-28 09:00")
	w.effective(BA, "Y2026510000123", id) // the suit was believed to be over
	w.uncorrected(contracts.EState, contracts.ReasonFollowed, id, suit, args{"annulled": true}, RX, BA)
	w.corrected(id, over, args{"fact_time": w.moment("2026-02-26 00:00")}, RX, BA)
	if f := w.right().Facts[0]; f.EndTime != w.moment("2026-02-26 00:00") || f.EndEvent != 2 {
		t.Fatalf("%+v", f)
	}
	w.at("2026-03-01 09:00")
	w.corrected(id, over, args{"annulled": true}, RX, BA)
	// It has stood all the time, which nobody knew when the pledge was registered.
	s := w.status(canonical)
	if !s.Has(rights.FlagDisputed) || !s.Has(rights.FlagSuspended) || !s.Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", s.Flags)
	}
	w.corrected(id, suit, args{"annulled": true}, RX, BA)
	if s := w.status(canonical); s.Has(rights.FlagDisputed) || s.Has(rights.FlagSuspended) || s.Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", s.Flags)
	}
}

func TestAProceedingDoesNotRunTwiceAfterACorrection(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.told(id, "INVALIDATION_FILED", args{"case_no": "W1"})
	upheld := w.told(id, "UPHELD", args{"case_no": "W1"})
	w.told(id, "INVALIDATION_FILED", args{"case_no": "W1"})
	w.uncorrected(contracts.EState, contracts.ReasonFollowed, id, upheld, args{"annulled": true}, RX)
}

func TestARightThatWasNotGivenUpLivesAgain(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	w.time += 3600_000
	gone := w.entry("rights.status_event", w.eventArgs(id, "ABANDONED", nil), w.with(w.two(IPO), BA))
	if w.stateOf(canonical) != rights.Abandoned || w.pledgeState(no) != "EXTINGUISHED" {
		t.Fatal(w.stateOf(canonical), w.pledgeState(no))
	}
	// The clerk had the number of another right before him.
	w.corrected(id, gone, args{"annulled": true}, RX, BA)
	if r := w.right(); r.BaseState != rights.Confirmed || r.EndedAt != 0 || r.EndedFrom != 0 || w.pledgeState(no) != "EFFECTIVE" {
		t.Fatalf("%+v", r)
	}
}

func TestALapsedRightIsRestoredByItsEventAndNotByACorrectionUnderneath(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"fee_due": "2026-03-20", "fee_status": ""}, RX)
	w.at("2026-06-02 10:00")
	missed := w.told(id, "FEE_DUE_MISSED", args{"fact_time": w.moment("2026-03-21 00:00")})
	w.at("2026-09-25 10:00")
	lapsed := w.told(id, "TERMINATED", args{"fact_time": w.moment("2026-03-20 00:00")})
	w.uncorrected(contracts.EClock, contracts.ReasonDueDate, id, lapsed, args{"fact_time": w.moment("2026-03-25 00:00")}, RX)
	restored := w.told(id, "RESTORED", args{"fee_due": "2027-03-20"})
	w.uncorrected(contracts.EState, contracts.ReasonMovedSince, id, lapsed, args{"annulled": true}, RX)
	w.corrected(id, restored, args{"annulled": true}, RX)
	if r := w.right(); r.BaseState != rights.Lapsed || r.FeeDue != "2026-03-20" || r.FeeStatus != rights.FeeInGrace {
		t.Fatalf("%+v", r)
	}
	w.corrected(id, lapsed, args{"annulled": true}, RX)
	w.corrected(id, missed, args{"annulled": true}, RX)
	if r := w.right(); r.BaseState != rights.Confirmed || r.FeeStatus != "" || r.FeeLedgerAt != 0 {
		t.Fatalf("%+v", r)
	}
}

func TestATransferThatWasNoneGivesTheOwnersBack(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	first := w.told(id, "TRANSFERRED", args{"owners": []string{MD}})
	before := w.right()
	second := w.told(id, "TRANSFERRED", args{"owners": []string{LQ}, "outside_owners": []string{"某公司"}})
	w.uncorrected(contracts.ESignature, "", id, second, args{"annulled": true}, MD) // the owner now is LQ
	w.uncorrected(contracts.EState, contracts.ReasonMovedSince, id, first, args{"annulled": true}, LQ)
	moved := w.eventOf(2).FactTime - 30_000
	w.corrected(id, second, args{"fact_time": moved}, LQ)
	if r := w.right(); r.OwnersSince != moved || r.OwnersAt != w.eventOf(2).LedgerTime || !slices.Equal(r.Owners, []string{LQ}) {
		t.Fatalf("%+v", r)
	}
	w.corrected(id, second, args{"annulled": true}, LQ)
	if r := w.right(); !slices.Equal(r.Owners, []string{MD}) || r.Outsiders != nil || r.OwnersSince != before.OwnersSince || r.OwnersAt != before.OwnersAt || !slices.Equal(r.OwnersBefore, []string{RX}) {
		t.Fatalf("%+v", r)
	}
	w.corrected(id, first, args{"annulled": true}, MD)
	if r := w.right(); !slices.Equal(r.Owners, []string{RX}) || r.OwnersSince != 0 || r.NewestFact != 0 {
		t.Fatalf("%+v", r)
	}
}

func TestATransferUnderAPledgeOfTheNewOwnerIsNotTakenBack(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, MD)
	moved := w.told(id, "TRANSFERRED", args{"owners": []string{RX}})
	w.effective(BA, "Y2026510000123", id)
	w.uncorrected(contracts.EState, contracts.ReasonFollowed, id, moved, args{"annulled": true}, RX, BA)

	// A pledge that followed the right to the new owner goes back with it.
	w = newWorld(t)
	id = w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	moved = w.entry("rights.status_event", w.eventArgs(id, "TRANSFERRED", args{"owners": []string{MD}}), w.with(w.two(IPO), BA))
	w.corrected(id, moved, args{"annulled": true}, MD, BA)
	if r := w.right(); !slices.Equal(r.Owners, []string{RX}) || w.status(canonical).Has(rights.FlagConflictReview) {
		t.Fatalf("%+v", r)
	}
}

func TestWhoStandsInThePlaceOfTheActorCorrects(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BB, id)
	step := w.steps(no)[0].Transaction.String()
	w.passed("parties.succeed", w.succession("MERGER", BB, args{"to": BA}))
	w.entry("corrections.annotate", args{"subject": no, "transaction": step, "text": "承继后补注"}, w.with(w.two(BA), RX))
}

func TestWhatTheRegisterHasShownSinceIsNotTakenBack(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"fee_due": "2026-03-20", "fee_status": ""}, RX)
	w.at("2026-06-02 10:00")
	w.told(id, "FEE_DUE_MISSED", args{"fact_time": w.moment("2026-03-21 00:00")})
	paid := w.told(id, "FEE_PAID", args{"fee_due": "2027-03-20"})
	w.at("2026-06-03 10:00")
	w.must("rights.refresh", w.facts(id, args{"fee_status": "PAID"}), w.two(IPO))
	w.uncorrected(contracts.EState, contracts.ReasonMovedSince, id, paid, args{"annulled": true}, RX)
}

func TestAFlagThatASnapshotHasShownStaysWhenItsEventIsAnnulled(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"flags": []string{rights.FlagDisputed}}, RX)
	shown := w.right().Facts[0]
	suit := w.told(id, "OWNERSHIP_SUIT", args{"fact_time": w.moment("2026-01-10 00:00"), "case_no": "1"})
	if f := w.right().Facts; len(f) != 1 || f[0].Event != 1 {
		t.Fatalf("%+v", f)
	}
	w.corrected(id, suit, args{"fact_time": w.moment("2026-01-11 00:00")}, RX)
	if f := w.right().Facts; len(f) != 1 || f[0].FactTime != w.moment("2026-01-11 00:00") || f[0].LedgerTime != shown.LedgerTime {
		t.Fatalf("%+v", f)
	}
	w.corrected(id, suit, args{"annulled": true}, RX)
	if f := w.right().Facts; len(f) != 1 || f[0] != shown {
		t.Fatalf("%+v, want %+v", f, shown)
	}
}

func TestAPartThatWasNotStruckIsThereAgain(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.told(id, "INVALIDATION_FILED", args{"case_no": "W1"})
	first := w.told(id, "PARTLY_INVALID", args{"case_no": "W1", "struck_claims": "1-4"})
	w.told(id, "INVALIDATION_FILED", args{"case_no": "W2"})
	second := w.told(id, "PARTLY_INVALID", args{"case_no": "W2", "struck_claims": "7"})
	w.uncorrected(contracts.EState, contracts.ReasonMovedSince, id, first, args{"annulled": true}, RX)
	w.corrected(id, second, args{"annulled": true}, RX)
	if s := w.status(canonical); w.right().StruckClaims != "1-4" || !s.Has(rights.FlagInvalidationPending) || !s.Has(rights.FlagRevalue) {
		t.Fatalf("%+v", w.right())
	}
	w.corrected(id, first, args{"annulled": true}, RX)
	if s := w.status(canonical); w.right().StruckClaims != "" || s.Has(rights.FlagRevalue) {
		t.Fatalf("%+v", w.right())
	}
}

func TestAnExtensionIsNotUndone(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	suit := w.told(id, "OWNERSHIP_SUIT", args{"until": "2026-08-01"})
	more := w.told(id, "SUSPENSION_EXTENDED", args{"until": "2026-12-01"})
	w.uncorrected(contracts.EState, contracts.ReasonNotUndone, id, more, args{"annulled": true}, RX)
	w.uncorrected(contracts.EState, contracts.ReasonFollowed, id, suit, args{"annulled": true}, RX)
	w.corrected(id, suit, args{"fact_time": w.time - 86400_000}, RX)
	if s := w.right().Facts; len(s) != 2 || s[1].Until != "2026-12-01" {
		t.Fatalf("%+v", s)
	}
}

func TestAMistypedReceiptOfAFreezeIsCorrected(t *testing.T) {
	w := newWorld(t)
	w.at("2026-07-01 10:00")
	id := w.confirmed(invention, nil, RX)
	first := w.entry("freezes.record", args{"right_id": id, "doc_no": "1", "court": court, "received_at": w.moment("2026-06-10 09:00")}, w.two(IPO))
	second := w.freeze(id, "2", args{"received_at": w.moment("2026-06-20 09:00")})
	no := w.right().Freezes[0].FreezeNo
	document := args{"document": paper}
	with := func(more args) args { maps.Copy(more, document); return more }
	w.uncorrected(contracts.EFormat, contracts.ReasonMissing, no, first, args{"received_at": w.moment("2026-06-25 09:00")})
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, no, first, with(args{"fact_time": w.time}))
	w.uncorrected(contracts.EFormat, contracts.ReasonMissing, no, first, document)
	w.uncorrected(contracts.ETerm, contracts.ReasonTooLong, no, first, with(args{"until": "2026-12-11"}))
	w.uncorrected(contracts.ETerm, contracts.ReasonTooLong, no, first, with(args{"received_at": w.moment("2026-06-09 09:00")}))
	w.uncorrected(contracts.EClock, "", no, first, with(args{"received_at": w.time}))
	w.uncorrected(contracts.ENotFound, contracts.ReasonNotEntry, second, first, with(args{"until": "2026-12-01"}))
	wantReason(t, w.do("corrections.correct_error", correcting(no, first, with(args{"until": "2026-12-01"})), w.two(IP2)), contracts.ERole, contracts.ReasonNotActor)
	// Received after the other, it waits for it.
	by := w.corrected(no, first, with(args{"received_at": w.moment("2026-06-25 09:00")}))
	if s := w.status(canonical); s.Freezes[0].FreezeNo != second || s.Queued[0].FreezeNo != no || s.Queued[0].Until != "2026-12-10" {
		t.Fatalf("%+v", s)
	}
	o := read[freezes.Record](w, freezes.RecordKey(no)).Orders[0]
	if o.ReceivedAt != w.moment("2026-06-10 09:00") || o.Since() != w.moment("2026-06-25 09:00") || o.CorrectedBy.String() != by {
		t.Fatalf("%+v", o)
	}
	w.corrected(no, by, with(args{"until": "2026-11-30"}))
	if s := w.status(canonical); s.Queued[0].Until != "2026-11-30" {
		t.Fatalf("%+v", s.Queued)
	}
	lifted := w.entry("freezes.lift", args{"freeze_no": second, "doc_no": "2-1"}, w.two(IPO))
	w.uncorrected(contracts.EState, contracts.ReasonOver, second, lifted, with(args{"received_at": w.moment("2026-06-19 09:00")}))
	w.corrected(second, lifted, with(args{"received_at": w.moment("2026-06-30 09:00")}))
	w.uncorrected(contracts.EFormat, contracts.ReasonUnknown, second, lifted, with(args{"until": "2026-11-30"}))
}

func TestAllOrdersOfAFreezeAreJudgedAgainInTheirOrder(t *testing.T) {
	w := newWorld(t)
	w.at("2026-07-01 10:00")
	id := w.confirmed(invention, nil, RX)
	first := w.entry("freezes.record", args{"right_id": id, "doc_no": "1", "court": court, "received_at": w.time, "until": "2026-08-31"}, w.two(IPO))
	no := w.right().Freezes[0].FreezeNo
	w.at("2026-08-20 10:00")
	renewed := w.entry("freezes.renew", args{"freeze_no": no, "doc_no": "2", "received_at": w.time, "until": "2026-12-31"}, w.two(IPO))
	until := func(day string) args { return args{"until": day, "document": paper} }
	w.uncorrected(contracts.EState, contracts.ReasonOver, no, first, until("2026-08-19"))      // the renewal came too late then
	w.uncorrected(contracts.ETerm, contracts.ReasonNoLonger, no, first, until("2026-12-31"))   // and renewed nothing
	w.uncorrected(contracts.ETerm, contracts.ReasonNoLonger, no, renewed, until("2026-08-31")) // nor so
	w.uncorrected(contracts.EFormat, contracts.ReasonUnchanged, no, first, until("2026-08-31"))
	w.corrected(no, first, until("2026-08-20"))
	if f := w.right().Freezes[0]; f.Until != "2026-12-31" { // which the newest order says
		t.Fatalf("%+v", f)
	}
	w.corrected(no, renewed, until("2026-10-31"))
	if f := w.right().Freezes[0]; f.Until != "2026-10-31" {
		t.Fatalf("%+v", f)
	}
	w.at("2028-01-01 10:00")
	w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
	w.freeze(id, "9", nil) // by now the first is not listed any more
	w.uncorrected(contracts.EState, contracts.ReasonOver, no, renewed, until("2026-12-31"))
}

func TestAnnotationsAreMadeByWhoMadeTheEntry(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	step := w.steps(no)[0].Transaction.String()
	remark := func(entry string, more args) args {
		a := args{"subject": no, "transaction": entry, "text": "合同附件另行寄送"}
		maps.Copy(a, more)
		return a
	}
	refused := func(code, reason string, a args, signers []ledger.Signer) {
		t.Helper()
		wantReason(t, w.do("corrections.annotate", a, signers), code, reason)
	}
	refused(contracts.ESignature, "", remark(step, nil), w.two(BA))
	refused(contracts.ERole, contracts.ReasonNotActor, remark(step, nil), w.with(w.two(BB), RX))
	refused(contracts.ENotFound, contracts.ReasonNotEntry, remark(paper, nil), w.with(w.two(BA), RX))
	refused(contracts.ENotFound, contracts.ReasonNotEntry, remark(step, args{"subject": id}), w.with(w.two(BA), RX))
	refused(contracts.EFormat, contracts.ReasonMissing, remark(step, args{"text": ""}), w.with(w.two(BA), RX))
	w.refused(contracts.EPrivacy, "", "corrections.annotate", remark(step, args{"text": "身份证 11010519491231002X"}), w.with(w.two(BA), RX))
	before := read[pledges.Record](w, pledges.RecordKey(no))
	one := w.entry("corrections.annotate", remark(step, nil), w.with(w.two(BA), RX))
	w.entry("corrections.annotate", remark(step, args{"text": "附件已寄出", "document": paper}), w.with(w.two(BA), RX))
	w.entry("corrections.annotate", remark(one, args{"text": "前注有误"}), w.with(w.two(BA), RX))
	if c := w.correctionOf(step, 2); c.Seq != 2 || c.Kind != corrections.Annotation || c.Document == nil || len(c.Changes) > 0 {
		t.Fatalf("%+v", c)
	}
	if after := read[pledges.Record](w, pledges.RecordKey(no)); after.State != before.State || after.Version != before.Version {
		t.Fatalf("%+v", after)
	}
	wantReason(t, w.do("corrections.correct_error", correcting(no, step, nil), w.with(w.two(BA), RX)), contracts.EState, string(pledges.Submitted))
	// What an office did between the two, both sides sign.
	accepted := w.entry("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	refused(contracts.ESignature, "", remark(accepted, nil), w.with(w.two(IPO), RX))
	wantReason(t, w.do("corrections.correct_error", correcting(no, accepted, nil), w.with(w.two(IPO), RX, BA)), contracts.EState, contracts.ReasonUncorrected)
	w.entry("corrections.annotate", remark(accepted, nil), w.with(w.two(IPO), RX, BA))
	// A decision on a claim is an entry, too.
	claim := read[rights.Claim](w, rights.ClaimKey(id))
	w.entry("corrections.annotate", remark(claim.DecidedIn.String(), args{"subject": id}), w.with(w.two(IPO), RX))
}

func TestAnEntryOfOneClaimIsNoneOfAnother(t *testing.T) {
	w := newWorld(t)
	lost := w.claim(invention, MD)
	won := w.confirmed(invention, nil, RX)
	decided := read[rights.Claim](w, rights.ClaimKey(won)).DecidedIn.String()
	remark := func(subject, entry string) args {
		return args{"subject": subject, "transaction": entry, "text": "另案处理"}
	}
	one := w.entry("corrections.annotate", remark(lost, decided), w.with(w.two(IPO), MD))
	w.entry("corrections.annotate", remark(won, decided), w.with(w.two(IPO), RX))
	wantReason(t, w.do("corrections.annotate", remark(won, one), w.with(w.two(IPO), RX)), contracts.ENotFound, contracts.ReasonNotEntry)
}

func TestTheMembersMarkEntriesAndEndTheReview(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.submitted(BA, id)
	step := w.steps(no)[0].Transaction
	doubt := func(more args) args {
		a := args{"transactions": []string{step.String(), paper}, "reason": "复核岗密钥被盗", "document": paper}
		maps.Copy(a, more)
		return a
	}
	wantReason(t, w.do("corrections.review", doubt(nil), w.admin(BA)), contracts.EQuorum, contracts.ReasonVote)
	w.wantFailed(w.carried("corrections.review", doubt(args{"transactions": []string{}})), contracts.EFormat, "transactions", contracts.ReasonEmpty)
	w.wantFailed(w.carried("corrections.review", doubt(args{"transactions": []string{paper, paper}})), contracts.EFormat, "transactions", contracts.ReasonRepeated)
	w.wantFailed(w.carried("corrections.review", doubt(args{"reason": ""})), contracts.EFormat, "reason", contracts.ReasonMissing)
	w.wantFailed(w.carried("corrections.review", doubt(args{"person": "nobody"})), contracts.ENotFound, "person", "")
	before := maps.Clone(w.state)
	p := w.carried("corrections.review", doubt(args{"person": w.person(BA, contracts.Checker).PersonID}))
	review := read[corrections.Review](w, corrections.ReviewKey(step))
	if m := review.Marks[0]; !review.Open() || m.Proposal != p.ID || m.Since != p.EndedAt || m.Person == "" || m.Reason != "复核岗密钥被盗" {
		t.Fatalf("%+v", review)
	}
	for key, value := range before {
		if strings.HasPrefix(key, "pledge") && string(w.state[key]) != string(value) {
			t.Fatalf("%s has changed", key)
		}
	}
	w.wantFailed(w.carried("corrections.review", doubt(nil)), contracts.EState, "transactions", contracts.ReasonUnderReview)
	// An entry under review goes on as any other.
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	end := args{"transactions": []string{step.String()}, "outcome": "CONFIRMED"}
	w.passed("corrections.end_review", end)
	w.wantFailed(w.carried("corrections.end_review", end), contracts.EState, "transactions", contracts.ReasonNotFlagged)
	if review := read[corrections.Review](w, corrections.ReviewKey(step)); review.Open() || review.Marks[0].Outcome != "CONFIRMED" || review.Marks[0].EndedBy == nil {
		t.Fatalf("%+v", review)
	}
	// A second doubt does not blot out the first.
	w.passed("corrections.review", doubt(args{"transactions": []string{step.String()}}))
	if review := read[corrections.Review](w, corrections.ReviewKey(step)); !review.Open() || len(review.Marks) != 2 {
		t.Fatalf("%+v", review)
	}
}
