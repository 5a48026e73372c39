// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// EventArgs are the arguments of rights.status_event: what happened at the statutory
// register, when, and since when the reporter knows. Which of the further ones an
// event takes is in the list of rules.
type EventArgs struct {
	RightID      string                  `cbor:"1,keyasint" json:"right_id" schema:"format=platform_number"`
	Event        string                  `cbor:"2,keyasint" json:"event" schema:"alias=kind|event_type|type,enum=FEE_DUE_MISSED|FEE_PAID|TERMINATED|RESTORED|RENEWED|TERM_CHANGED|INVALIDATION_FILED|UPHELD|PARTLY_INVALID|INVALID_FINAL|OWNERSHIP_SUIT|SUSPENSION_EXTENDED|SUIT_ENDED|TRANSFERRED|ABANDONED|TWIN_FOUND|TWIN_CLEARED|LICENSED|LICENSED_EXCLUSIVE|LICENCE_ENDED|OPEN_LICENCE|OPEN_LICENCE_ENDED"`
	FactTime     int64                   `cbor:"3,keyasint,omitempty" json:"fact_time,omitempty"`                      // ms since 1970 UTC, when it became true at the register
	KnownTime    int64                   `cbor:"4,keyasint,omitempty" json:"known_time,omitempty"`                     // when the reporter learned of it; absent: now
	Evidence     *Evidence               `cbor:"5,keyasint,omitempty" json:"evidence,omitempty" schema:"alias=source"` // of the register's entry
	Encumbrances *[]RegistrarEncumbrance `cbor:"6,keyasint,omitempty" json:"registrar_encumbrances,omitempty" schema:"items=32"`

	FeeDue        string       `cbor:"7,keyasint,omitempty" json:"fee_due,omitempty" schema:"format=date,alias=due"`
	ExpiryDate    string       `cbor:"8,keyasint,omitempty" json:"expiry_date,omitempty" schema:"format=date"`                        // new last day
	Until         string       `cbor:"9,keyasint,omitempty" json:"until,omitempty" schema:"format=date,alias=suspended_until"`        // last day of a suspension or a licence
	Owners        []string     `cbor:"10,keyasint,omitempty" json:"owners,omitempty" schema:"format=party,items=16,alias=new_owners"` // after a transfer
	Outsiders     []string     `cbor:"11,keyasint,omitempty" json:"outside_owners,omitempty" schema:"max=128,items=16"`
	Claims        string       `cbor:"12,keyasint,omitempty" json:"struck_claims,omitempty" schema:"max=64,alias=claims|claims_struck"` // "1-4"
	Twin          string       `cbor:"13,keyasint,omitempty" json:"twin,omitempty" schema:"format=right_number,max=64"`                 // number of the same day's invention
	CaseNo        string       `cbor:"14,keyasint,omitempty" json:"case_no,omitempty" schema:"max=64"`                                  // of the suit, proceeding or licence: what ends names what it ends
	CourtDocument *ledger.Hash `cbor:"15,keyasint,omitempty" json:"court_document,omitempty"`                                           // stands for the consent of pledgees
	Consent       *ledger.Hash `cbor:"16,keyasint,omitempty" json:"consent_document,omitempty"`                                         // of pledgees who are not on this ledger, on paper
	ConsentNo     string       `cbor:"17,keyasint,omitempty" json:"consent_no,omitempty" schema:"format=platform_number"`               // of those who are, see package consents
}

// An Event is the member-level record of a status event, kept for ever as it was told.
// One that was corrected says by which entry, and what holds in its place.
type Event struct {
	Seq         uint64      `cbor:"1,keyasint" json:"seq"` // of this right, from 1
	RightID     string      `cbor:"2,keyasint" json:"right_id"`
	Event       string      `cbor:"3,keyasint" json:"event"`
	FactTime    int64       `cbor:"4,keyasint" json:"fact_time"`
	KnownTime   int64       `cbor:"5,keyasint" json:"known_time"`
	LedgerTime  int64       `cbor:"6,keyasint" json:"ledger_time"`
	ReportedBy  string      `cbor:"7,keyasint" json:"reported_by"` // party id
	Transaction ledger.Hash `cbor:"8,keyasint" json:"transaction"`
	Told        EventArgs   `cbor:"9,keyasint" json:"told"`

	// What it changed in the record, beside the facts that name it.
	Moves []Move `cbor:"10,keyasint,omitempty" json:"moves,omitempty"`
	Took  []Fact `cbor:"11,keyasint,omitempty" json:"took,omitempty"` // facts of a snapshot whose place its own have taken

	Shown *Shown `cbor:"15,keyasint,omitempty" json:"shown,omitempty"` // what its burdens changed

	CorrectedBy *ledger.Hash `cbor:"12,keyasint,omitempty" json:"corrected_by,omitempty"`        // transaction of the newest correction
	HeldFrom    int64        `cbor:"13,keyasint,omitempty" json:"corrected_fact_time,omitempty"` // in place of FactTime; absent: that holds
	Annulled    bool         `cbor:"14,keyasint,omitempty" json:"annulled,omitempty"`            // it did not happen
}

// Since is the time of the fact as it is known now.
func (e Event) Since() int64 { return cmp.Or(e.HeldFrom, e.FactTime) }

// EventKey is the state key of a right's status event.
func EventKey(space identifier.Space, number string, seq uint64) string {
	return fmt.Sprintf("%s%06d", EventPrefix(space, number), seq)
}

// EventPrefix begins the state keys of all events of a right.
func EventPrefix(space identifier.Space, number string) string {
	return "right_events/" + string(space) + "/" + number + "/"
}

// A happening is a status event that is being judged.
type happening struct {
	*contracts.Refusal
	v      *contracts.View
	args   EventArgs
	record Record   // changed by the rule
	before Record   // with the pledges of the time of the fact, where they matter
	took   []Fact   // of a snapshot, replaced by those of the event
	owners []string // on this ledger, after a transfer
	used   string   // number of the consent that the event uses
}

// statusEvent records what the register says has happened. It is judged by what held
// when it happened, not when it is told. A fact that is late, which is true since
// before a pledge that the ledger already holds, is recorded all the same: the law
// does not wait for the ledger. The pledge is then to be reviewed.
func statusEvent(v *contracts.View, args EventArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := confirmedRight(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	h := &happening{Refusal: new(contracts.Refusal), v: v, args: args, record: record, before: record}
	CheckReporter(v, record, h.Refusal)
	h.checkTimes()
	rule, ok := ruleOf(args.Event)
	if !ok {
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "event", Reason: contracts.ReasonValue})
	}
	h.checkTaken(rule)
	if h.Refuses() {
		return RightResult{}, h.Refusal
	}
	if !slices.Contains(rule.spaces, record.Space) || len(rule.types) > 0 && !slices.Contains(rule.types, record.Type) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: string(record.Type), Reason: contracts.ReasonNoSuchEvent})
	}
	if state := StateThen(record, h.args.FactTime, v.Parameters()); !slices.Contains(rule.from, state) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: c.RightID, Reason: string(state)})
	}
	if h.Refuses() {
		return RightResult{}, h.Refusal
	}
	h.record.Events++
	h.recall()
	rule.apply(h)
	if args.ConsentNo != "" && h.used == "" && !h.Refuses() { // nobody need agree
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "consent_no", Reason: contracts.ReasonUnknown})
	}
	var shown *Shown
	if args.Encumbrances != nil {
		before := h.record
		showBurdens(v, &h.record, *args.Encumbrances, h.args.KnownTime, h.Refusal)
		h.record.Looked.Event = h.record.Events
		shown = shownBy(before, h.record)
	}
	if len(h.record.Facts) > MaxFacts {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: c.RightID, Reason: contracts.ReasonLength})
	}
	if h.Refuses() {
		return RightResult{}, h.Refusal
	}
	h.record.NewestFact = max(h.record.NewestFact, h.args.FactTime)
	contracts.Store(v, EventKey(record.Space, record.Number, h.record.Events), Event{
		Seq: h.record.Events, RightID: c.RightID, Event: args.Event, FactTime: h.args.FactTime, KnownTime: h.args.KnownTime,
		LedgerTime: v.Time(), ReportedBy: v.Actor(), Transaction: v.Transaction(), Told: args,
		Moves: movesOf(record, h.record), Took: h.took, Shown: shown,
	})
	v.Emit("right.status_event", c.RightID)
	h.use()
	TellConflict(v, record, h.record)
	return store(v, h.record), nil
}

// recall lets a deal be judged by the pledges that stood when it was made.
func (h *happening) recall() {
	if DealOf(h.args.Event) != "" {
		h.before = Then(h.v, h.before, h.args.FactTime)
	}
}

// OwnersThen are the owners on this ledger that a right had at a time at the register,
// as far as is known now.
func OwnersThen(r Record, at int64) []string {
	if at < r.OwnersSince {
		return r.OwnersBefore
	}
	return r.Owners
}

// OutsidersThen are the owners of that time that are not on this ledger.
func OutsidersThen(r Record, at int64) []string {
	if at < r.OwnersSince {
		return r.OutsidersBefore
	}
	return r.Outsiders
}

// StateThen is the base state that a right had at a time at the register, as far as
// is known now. What ended later had not ended then.
func StateThen(r Record, at int64, p contracts.Parameters) BaseState {
	if r.BaseState.Ended() && at < r.EndedFrom {
		r.BaseState = Confirmed
	}
	return baseState(r, at, p)
}

// checkTimes puts the three times in order: fact, known, ledger.
func (h *happening) checkTimes() {
	if h.args.KnownTime == 0 {
		h.args.KnownTime = h.v.Time()
	}
	switch {
	case h.args.FactTime == 0:
		h.Add(missing("fact_time"))
	case h.args.KnownTime >= 0 && h.args.FactTime > h.args.KnownTime && h.args.KnownTime < h.v.Time(): // nobody knows what has not happened
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "known_time", Subject: identifier.TimeText(h.args.FactTime), Reason: contracts.ReasonTooEarly})
	default:
		h.v.CheckTime("fact_time", h.args.FactTime, 0, h.Refusal)
	}
	h.v.CheckTime("known_time", h.args.KnownTime, 0, h.Refusal)
	if e := h.args.Evidence; e != nil {
		checkEvidence(h.v, h.record, e, h.Refusal)
		if e.CapturedAt < h.args.FactTime { // it cannot show what had not happened
			h.Add(ledger.Failure{Code: contracts.EClock, Field: "evidence.captured_at", Subject: identifier.TimeText(h.args.FactTime), Reason: contracts.ReasonTooEarly})
		}
	}
}

// checkTaken refuses arguments that the event has no use for: dropped in silence they
// would be believed to be recorded.
func (h *happening) checkTaken(r rule) {
	a := h.args
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"fee_due", a.FeeDue != ""}, {"expiry_date", a.ExpiryDate != ""}, {"until", a.Until != ""},
		{"owners", len(a.Owners) > 0}, {"outside_owners", len(a.Outsiders) > 0}, {"struck_claims", a.Claims != ""},
		{"twin", a.Twin != ""}, {"case_no", a.CaseNo != ""}, {"court_document", a.CourtDocument != nil}, {"consent_document", a.Consent != nil},
		{"consent_no", a.ConsentNo != ""},
	} {
		if field.given && !slices.Contains(r.takes, field.name) {
			h.Add(ledger.Failure{Code: contracts.EFormat, Field: field.name, Reason: contracts.ReasonUnknown})
		}
	}
	if a.CourtDocument != nil && a.CourtDocument.IsZero() {
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "court_document", Reason: contracts.ReasonEmpty})
	}
	if a.Consent != nil && a.Consent.IsZero() {
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "consent_document", Reason: contracts.ReasonEmpty})
	}
}

// factDate is the legal date of the fact.
func (h *happening) factDate() identifier.Date { return identifier.DateOf(h.args.FactTime) }

// stood tells whether a flag stood when it happened.
func (h *happening) stood(flag string) bool {
	return slices.ContainsFunc(h.record.Facts, func(f Fact) bool { return f.Flag == flag && f.Stands(h.args.FactTime) })
}

// raise adds a fact. The same proceeding, by its case number, does not begin twice
// without an end between. A flag that a snapshot of the register has shown before its
// event was told is that event's: it gets its true time. One that began after it was
// shown is another.
func (h *happening) raise(flag, until string) {
	f := Fact{
		Flag: flag, FactTime: h.args.FactTime, KnownTime: h.args.KnownTime, LedgerTime: h.v.Time(), Until: until, Event: h.record.Events,
	}
	h.record.Facts = slices.DeleteFunc(slices.Clone(h.record.Facts), func(old Fact) bool { return over(old, h.v.Time()) })
	for i, known := range h.record.Facts {
		if known.Flag != flag || known.EndTime != 0 && known.EndTime <= f.FactTime || known.Until != "" && endOf(known.Until) <= f.FactTime {
			continue
		}
		if known.Event == 0 && f.FactTime <= known.FactTime {
			f.KnownTime, f.LedgerTime = min(f.KnownTime, known.KnownTime), known.LedgerTime
			f.EndTime, f.EndEvent = known.EndTime, known.EndEvent
			h.record.Facts[i], h.took = f, append(h.took, known)
			return
		}
		many := flag == FlagLicensed || flag == FlagLicensedExclusive // licences may have no number, and are many
		if h.caseOf(known) == h.args.CaseNo && (h.args.CaseNo != "" || !many) {
			h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: flag})
			return
		}
	}
	h.record.Facts = append(h.record.Facts, f)
}

// over tells whether a fact has ended so long ago that it is not listed any more. Its
// events stay, and so do the older versions of the record.
func over(f Fact, now int64) bool {
	return f.EndTime != 0 && f.EndTime+Late <= now || f.Until != "" && endOf(f.Until)+Late <= now
}

// caseOf is the case number of a fact, "" if none was told.
func (h *happening) caseOf(f Fact) string {
	if f.Event == 0 {
		return ""
	}
	event, _ := contracts.Load[Event](h.v, EventKey(h.record.Space, h.record.Number, f.Event))
	return event.Told.CaseNo
}

// matching lists the places of the facts of some flags that stood when this happened,
// have not been ended, and are of its case; of those without a number, where none is of
// it.
func (h *happening) matching(flags ...string) (places []int) {
	var unnumbered []int
	for i, f := range h.record.Facts {
		if !slices.Contains(flags, f.Flag) || !f.Stands(h.args.FactTime) || f.EndTime != 0 {
			continue
		}
		switch no := h.caseOf(f); {
		case h.args.CaseNo == "" || no == h.args.CaseNo:
			places = append(places, i)
		case no == "":
			unnumbered = append(unnumbered, i)
		}
	}
	if len(places) == 0 {
		return unnumbered
	}
	return places
}

// lower ends the fact of one of some flags that stood when this happened. Of several,
// the case number says which.
func (h *happening) lower(flags ...string) {
	switch places := h.matching(flags...); len(places) {
	case 0:
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: contracts.ReasonNotFlagged})
	case 1:
		h.record.Facts = slices.Clone(h.record.Facts)
		f := &h.record.Facts[places[0]]
		f.EndTime, f.EndEvent = h.args.FactTime, h.record.Events
	default:
		h.Add(missing("case_no"))
	}
}
