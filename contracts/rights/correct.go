// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"
	"strconv"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// What an event told stays for ever. If it was wrong, its effect is taken back from the
// record and, if only its time was, put there again with the right one, by the rule of
// the event: what the rule refuses then, it would have refused at first.
//
//	record ──undo──▶ as if it had not been told ──the rule, with another time──▶ record
//
// Events are taken back the last one first: what another entry has moved since, or
// built upon, has to be put right before.

// An EventChange says what an event should have told.
type EventChange struct {
	FactTime int64 // when it happened; 0: as it was told
	Annulled bool  // it did not happen
}

// CorrectEvent puts right the record of a right that an event has changed, and marks the
// event. Who may, package corrections has found out. It gives what has moved.
func CorrectEvent(v *contracts.View, record Record, event Event, c EventChange) ([]Move, *contracts.Refusal) {
	h := &happening{Refusal: new(contracts.Refusal), v: v, args: event.Told, record: record, before: record}
	rule, _ := ruleOf(event.Event)
	h.checkChange(event, c)
	if h.Refuses() {
		return nil, h.Refusal
	}
	if h.undo(event, c.Annulled); h.Refuses() {
		return nil, h.Refusal
	}
	h.record.takeBackEntry(event.LedgerTime)
	was := event.Since()
	if c.Annulled {
		h.checkAnnulled(record, event)
		h.unlook(event)
		event.Annulled = true
	} else {
		h.again(rule, record, &event, c.FactTime)
		event.HeldFrom = c.FactTime
	}
	if len(h.record.Facts) > MaxFacts {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: record.RightID, Reason: contracts.ReasonLength})
	}
	if h.Refuses() {
		return nil, h.Refusal
	}
	by := v.Transaction()
	event.CorrectedBy = &by
	contracts.Store(v, EventKey(record.Space, record.Number, event.Seq), event)
	correctUse(v, event)
	h.record.NewestFact = newestFact(v, h.record)
	moves := movesOf(record, h.record)
	if !c.Annulled {
		moves = append(moves, Move{Field: "fact_time", Before: Value{Time: was}, After: Value{Time: c.FactTime}})
	} else {
		moves = append(moves, Move{Field: "annulled", After: Value{Text: strconv.FormatBool(true)}})
	}
	TellConflict(v, record, h.record)
	store(v, h.record)
	v.Emit("right.event_corrected", record.RightID)
	return moves, nil
}

// checkChange checks the time that an event should have told.
func (h *happening) checkChange(event Event, c EventChange) {
	switch {
	case event.Annulled:
		h.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: event.RightID, Reason: contracts.ReasonAnnulled})
	case c.Annulled && c.FactTime != 0:
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "fact_time", Reason: contracts.ReasonUnknown})
	case c.Annulled:
	case c.FactTime == 0:
		h.Add(missing("fact_time"))
	case c.FactTime == event.Since():
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "fact_time", Reason: contracts.ReasonUnchanged})
	case c.FactTime < 0 || c.FactTime > event.KnownTime,
		event.Told.Evidence != nil && event.Told.Evidence.CapturedAt < c.FactTime:
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time"})
	}
}

// lowering are the events that end a fact.
var lowering = list("UPHELD", "PARTLY_INVALID", "INVALID_FINAL", "SUIT_ENDED", "TWIN_CLEARED", "LICENCE_ENDED", "OPEN_LICENCE_ENDED")

// undo takes the effect of an event back from the record. What it ended stands again,
// which the ledger learns only now if the end is annulled: a pledge that was registered
// in between has not seen it.
func (h *happening) undo(event Event, annulled bool) {
	refuse := func(subject, reason string) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: subject, Reason: reason})
	}
	if field := h.record.takeBack(event.Moves); field != "" {
		refuse(field, contracts.ReasonMovedSince)
		return
	}
	var facts []Fact
	begun, ended := 0, 0
	for _, f := range h.record.Facts {
		switch {
		case f.Event == event.Seq:
			begun++
			if annulled && (f.EndEvent != 0 || f.Flag == FlagSuspended && f.Until != event.Told.Until) {
				refuse(f.Flag, contracts.ReasonFollowed)
			}
			for _, shown := range event.Took {
				if shown.Flag == f.Flag {
					shown.EndTime, shown.EndEvent = f.EndTime, f.EndEvent
					facts = append(facts, shown)
				}
			}
			continue
		case f.EndEvent == event.Seq:
			ended++
			f.EndTime, f.EndEvent = 0, 0
			if annulled {
				f.LedgerTime = h.v.Time()
			}
		}
		facts = append(facts, f)
	}
	extended := event.Event == "SUSPENSION_EXTENDED" && begun == 0 // until when it ran before is not kept
	if extended || ended == 0 && slices.Contains(lowering, event.Event) {
		refuse(event.Event, contracts.ReasonNotUndone)
	}
	h.record.Facts = facts
}

// checkAnnulled refuses to leave a record in which an event that stays rests on the one
// that is gone, or a proceeding runs twice at once.
func (h *happening) checkAnnulled(before Record, event Event) {
	refuse := func(subject, reason string) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: subject, Reason: reason})
	}
	for i, f := range h.record.Facts {
		if event.Event == "OWNERSHIP_SUIT" && f.Flag == FlagSuspended && f.Event > event.Seq && h.caseOf(f) == event.Told.CaseNo {
			refuse(f.Flag, contracts.ReasonFollowed)
		}
		reopened := f.EndTime == 0 && slices.ContainsFunc(before.Facts, func(old Fact) bool {
			return old.EndEvent == event.Seq && old.Event == f.Event && old.Flag == f.Flag && old.FactTime == f.FactTime
		})
		if reopened && h.runsTwice(i) {
			refuse(f.Flag, contracts.ReasonFollowed)
		}
	}
	if slices.Equal(h.record.Owners, before.Owners) {
		return
	}
	// Who came to own the right by it may have pledged it since.
	for _, p := range before.Pledges {
		if p.RegisteredAt >= event.LedgerTime && slices.ContainsFunc(p.Pledgors, func(pledgor string) bool {
			return !slices.ContainsFunc(h.record.Owners, func(owner string) bool { return contracts.SameParty(h.v, pledgor, owner, before.RightID) })
		}) {
			refuse(p.PledgeNo, contracts.ReasonFollowed)
		}
	}
	// And may have lost what it once split off from it.
	for _, owner := range before.Owners {
		a, ok := contracts.Load[contracts.Assignment](h.v, contracts.AssignmentKey(owner, before.RightID))
		if ok && a.OverAt == event.LedgerTime && !slices.Contains(h.record.Owners, owner) {
			refuse(owner, contracts.ReasonNotUndone)
		}
	}
}

// runsTwice tells whether the fact at a place, which has no end, and another are of one
// proceeding and of one time. Licences without a number are many.
func (h *happening) runsTwice(place int) bool {
	f := h.record.Facts[place]
	no := h.caseOf(f)
	if no == "" && (f.Flag == FlagLicensed || f.Flag == FlagLicensedExclusive) {
		return false
	}
	for i, other := range h.record.Facts {
		past := other.EndTime != 0 && other.EndTime <= f.FactTime || other.Until != "" && endOf(other.Until) <= f.FactTime
		if i != place && other.Flag == f.Flag && !past && h.caseOf(other) == no {
			return true
		}
	}
	return false
}

// again lets the rule of an event judge it with another time. What became known when it
// was told was known then, and what has ended what it began has ended it.
func (h *happening) again(rule rule, old Record, event *Event, factTime int64) {
	undone := h.record
	h.args.FactTime, h.args.KnownTime, h.before, h.took = factTime, event.KnownTime, undone, nil
	if state := StateThen(undone, factTime, h.v.Parameters()); !slices.Contains(rule.from, state) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "fact_time", Subject: event.RightID, Reason: string(state)})
		return
	}
	h.record.Events = event.Seq
	h.recall()
	rule.apply(h)
	h.record.Events = old.Events
	if s := h.record.Sale; s != nil && s.EnteredAt == h.v.Time() {
		s.EnteredAt = event.LedgerTime
	}
	for _, at := range []*int64{&h.record.EndedAt, &h.record.OwnersAt, &h.record.FeeLedgerAt} {
		if *at == h.v.Time() {
			*at = event.LedgerTime
		}
	}
	h.record.Facts = slices.Clone(h.record.Facts)
	for i := range h.record.Facts {
		f := &h.record.Facts[i]
		if f.Event != event.Seq {
			continue
		}
		was := slices.IndexFunc(old.Facts, func(o Fact) bool { return o.Event == event.Seq && o.Flag == f.Flag })
		if was < 0 { // it was over so long ago that it is not listed any more
			h.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: f.Flag, Reason: contracts.ReasonNotUndone})
			return
		}
		if f.LedgerTime == h.v.Time() { // else a look at the register had shown it before
			f.LedgerTime = event.LedgerTime
		}
		f.Until, f.EndTime, f.EndEvent = old.Facts[was].Until, old.Facts[was].EndTime, old.Facts[was].EndEvent
		if f.EndTime != 0 && f.EndTime <= factTime || f.Until != "" && endOf(f.Until) <= factTime {
			end := f.EndTime
			if last := endOf(f.Until); end == 0 || f.Until != "" && last < end {
				end = last
			}
			h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time", Subject: identifier.TimeText(end), Reason: contracts.ReasonOverBy})
		}
	}
	event.Moves, event.Took = movesOf(undone, h.record), h.took
}

// newestFact is the time of the newest fact that the events of a right tell of.
func newestFact(v *contracts.View, record Record) (newest int64) {
	for seq := uint64(1); seq <= record.Events; seq++ {
		if e, ok := contracts.Load[Event](v, EventKey(record.Space, record.Number, seq)); ok && !e.Annulled {
			newest = max(newest, e.Since())
		}
	}
	return newest
}

// EventIn finds the event of a right that a transaction told.
func EventIn(v *contracts.View, record Record, transaction ledger.Hash) (Event, bool) {
	for seq := record.Events; seq > 0; seq-- {
		if e, ok := contracts.Load[Event](v, EventKey(record.Space, record.Number, seq)); ok && e.Transaction == transaction {
			return e, true
		}
	}
	return Event{}, false
}
