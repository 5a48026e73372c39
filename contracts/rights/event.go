// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// EventArgs are the arguments of rights.status_event: what happened at the statutory
// register, when, and since when the reporter knows.
type EventArgs struct {
	RightID       string       `cbor:"1,keyasint" json:"right_id" schema:"format=platform_number"`
	Event         string       `cbor:"2,keyasint" json:"event" schema:"enum=FEE_DUE_MISSED|FEE_PAID|TERMINATED|RESTORED|RENEWED|TERM_CHANGED|INVALIDATION_FILED|UPHELD|PARTLY_INVALID|INVALID_FINAL|OWNERSHIP_SUIT|SUSPENSION_EXTENDED|SUIT_ENDED|TRANSFERRED|ABANDONED|TWIN_FOUND|TWIN_CLEARED|LICENSED|LICENSED_EXCLUSIVE|LICENCE_ENDED|OPEN_LICENCE|OPEN_LICENCE_ENDED"`
	FactTime      int64        `cbor:"3,keyasint,omitempty" json:"fact_time,omitempty"`  // ms since 1970 UTC, when it became true at the register
	KnownTime     int64        `cbor:"4,keyasint,omitempty" json:"known_time,omitempty"` // when the reporter learned of it; absent: now
	Evidence      *Evidence    `cbor:"5,keyasint,omitempty" json:"evidence,omitempty"`   // of the register's entry
	FeeDue        string       `cbor:"6,keyasint,omitempty" json:"fee_due,omitempty" schema:"format=date"`
	ExpiryDate    string       `cbor:"7,keyasint,omitempty" json:"expiry_date,omitempty" schema:"format=date"`          // new last day
	Until         string       `cbor:"8,keyasint,omitempty" json:"suspended_until,omitempty" schema:"format=date"`      // last day of a suspension
	Owners        []string     `cbor:"9,keyasint,omitempty" json:"owners,omitempty" schema:"format=party,items=16"`     // after a transfer
	Claims        string       `cbor:"10,keyasint,omitempty" json:"struck_claims,omitempty" schema:"max=128"`           // "1-4"
	Twin          string       `cbor:"11,keyasint,omitempty" json:"twin,omitempty" schema:"format=right_number,max=64"` // number of the same day's invention
	CaseNo        string       `cbor:"12,keyasint,omitempty" json:"case_no,omitempty" schema:"max=64"`
	CourtDocument *ledger.Hash `cbor:"13,keyasint,omitempty" json:"court_document,omitempty"` // stands for the pledgees' consent
}

// An Event is the member-level record of a status event, kept for ever.
type Event struct {
	Seq           uint64       `cbor:"1,keyasint" json:"seq"` // of this right, from 1
	RightID       string       `cbor:"2,keyasint" json:"right_id"`
	Event         string       `cbor:"3,keyasint" json:"event"`
	FactTime      int64        `cbor:"4,keyasint" json:"fact_time"`
	KnownTime     int64        `cbor:"5,keyasint" json:"known_time"`
	LedgerTime    int64        `cbor:"6,keyasint" json:"ledger_time"`
	ReportedBy    string       `cbor:"7,keyasint" json:"reported_by"` // party id
	Evidence      *Evidence    `cbor:"8,keyasint,omitempty" json:"evidence,omitempty"`
	CaseNo        string       `cbor:"9,keyasint,omitempty" json:"case_no,omitempty"`
	CourtDocument *ledger.Hash `cbor:"10,keyasint,omitempty" json:"court_document,omitempty"`
	Transaction   ledger.Hash  `cbor:"11,keyasint" json:"transaction"`
}

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
	record Record // changed by the rule
	status Status // before
}

// A rule says what an event means: where the law has it, in which base states it can
// happen, and what it does to the record.
type rule struct {
	event string
	law   string
	from  []BaseState
	apply func(h *happening)
}

// rules are all events of a register (Implementing Rules of the Patent Law, article
// 106, and the like of other registers). What is not listed is refused.
var rules = []rule{
	{"FEE_DUE_MISSED", "Implementing Rules of the Patent Law, article 115", living, feeDueMissed},
	{"FEE_PAID", "Implementing Rules of the Patent Law, article 115", living, feePaid},
	{"TERMINATED", "Implementing Rules of the Patent Law, article 115; Patent Law, article 44", living, terminated},
	{"RESTORED", "Implementing Rules of the Patent Law, article 6", []BaseState{Lapsed}, restored},
	{"RENEWED", "Trademark Law, article 40", living, renewed},
	{"TERM_CHANGED", "Patent Law, article 42, compensation of the term", living, termChanged},
	{"INVALIDATION_FILED", "Patent Law, article 45", living, invalidationFiled},
	{"UPHELD", "Patent Law, article 46", living, upheld},
	{"PARTLY_INVALID", "Patent Law, articles 46 and 47", living, partlyInvalid},
	{"INVALID_FINAL", "Patent Law, article 47", living, invalidFinal},
	{"OWNERSHIP_SUIT", "Implementing Rules of the Patent Law, article 103", living, ownershipSuit},
	{"SUSPENSION_EXTENDED", "Implementing Rules of the Patent Law, article 103", living, suspensionExtended},
	{"SUIT_ENDED", "Implementing Rules of the Patent Law, article 105", living, suitEnded},
	{"TRANSFERRED", "Civil Code, article 444; Patent Law, article 10", living, transferred},
	{"ABANDONED", "CNIPA Announcement 461; Patent Law, article 44", living, abandoned},
	{"TWIN_FOUND", "Patent Law, article 9; CNIPA Announcement 461, article 11, ground 10", living, twinFound},
	{"TWIN_CLEARED", "Patent Law, article 9", living, twinCleared},
	{"LICENSED", "Civil Code, article 444", living, licensed},
	{"LICENSED_EXCLUSIVE", "Civil Code, article 444", living, licensed},
	{"LICENCE_ENDED", "Implementing Rules of the Patent Law, article 15", living, licenceEnded},
	{"OPEN_LICENCE", "Implementing Rules of the Patent Law, article 86", living, openLicence},
	{"OPEN_LICENCE_ENDED", "Implementing Rules of the Patent Law, article 86", living, openLicenceEnded},
}

var living = []BaseState{Confirmed}

// statusEvent records what the register says has happened. A fact that is late, which
// is true since before a pledge that the ledger already holds, is recorded all the
// same: the law does not wait for the ledger. The pledge is then to be reviewed.
func statusEvent(v *contracts.View, args EventArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := confirmedRight(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	h := &happening{
		Refusal: new(contracts.Refusal), v: v, args: args, record: record, status: StatusOf(record, v.Time(), v.Parameters()),
	}
	CheckReporter(v, record, h.Refusal)
	h.checkTimes()
	if args.Evidence != nil {
		checkEvidence(v, record, args.Evidence, h.Refusal)
	}
	i := slices.IndexFunc(rules, func(r rule) bool { return r.event == args.Event })
	if !slices.Contains(rules[i].from, h.status.BaseState) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: c.RightID, Reason: string(h.status.BaseState)})
	}
	if h.Refuses() {
		return RightResult{}, h.Refusal
	}
	if rules[i].apply(h); h.Refuses() {
		return RightResult{}, h.Refusal
	}
	h.record.Events++
	contracts.Store(v, EventKey(record.Space, record.Number, h.record.Events), Event{
		Seq: h.record.Events, RightID: c.RightID, Event: args.Event, FactTime: h.args.FactTime, KnownTime: h.args.KnownTime,
		LedgerTime: v.Time(), ReportedBy: v.Actor(), Evidence: args.Evidence, CaseNo: args.CaseNo,
		CourtDocument: args.CourtDocument, Transaction: v.Transaction(),
	})
	v.Emit("right.status_event", c.RightID)
	tellConflict(v, record, h.record)
	return store(v, h.record), nil
}

// checkTimes puts the three times in order: fact, known, ledger.
func (h *happening) checkTimes() {
	if h.args.KnownTime == 0 {
		h.args.KnownTime = h.v.Time()
	}
	switch {
	case h.args.FactTime == 0:
		h.Add(missing("fact_time"))
	case h.args.FactTime < 0 || h.args.FactTime > h.args.KnownTime:
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time"})
	}
	if h.args.KnownTime < 0 || h.args.KnownTime > h.v.Time() {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "known_time"})
	}
}

// factDate is the legal date of the fact.
func (h *happening) factDate() identifier.Date { return identifier.DateOf(h.args.FactTime) }

// only refuses an event that rights of other number spaces than these cannot have.
func (h *happening) only(spaces ...identifier.Space) {
	if !slices.Contains(spaces, h.record.Space) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: string(h.record.Type), Reason: contracts.ReasonNoSuchEvent})
	}
}

// needs refuses an event that can only follow another, which has raised a flag.
func (h *happening) needs(flag string) {
	if !h.status.Has(flag) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: contracts.ReasonNotFlagged})
	}
}

// raise adds a flag, unless it stands already: nothing happens twice without an end
// between.
func (h *happening) raise(flag, until string) {
	if i := factOf(h.record.Facts, flag); i >= 0 && h.record.Facts[i].Stands(h.v.Time()) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: flag})
		return
	}
	h.lower(flag) // one that has ended by itself
	h.record.Facts = sortFacts(append(h.record.Facts, Fact{
		Flag: flag, FactTime: h.args.FactTime, KnownTime: h.args.KnownTime, LedgerTime: h.v.Time(), Until: until,
	}))
}

// lower takes a flag away. The event of it stays, and so does the older version of
// the record.
func (h *happening) lower(flags ...string) {
	h.record.Facts = slices.DeleteFunc(slices.Clone(h.record.Facts), func(f Fact) bool { return slices.Contains(flags, f.Flag) })
}

// agreed checks that all pledgees agree to what takes the right from under their
// pledges: a transfer, a licence, an abandonment (Civil Code, article 444). A court's
// paper stands for them. A pledge that is younger than the fact is no bar to it: its
// pledgee was not one then, and the two are to be reviewed.
func (h *happening) agreed() {
	if h.args.CourtDocument != nil {
		if h.args.CourtDocument.IsZero() {
			h.Add(ledger.Failure{Code: contracts.EFormat, Field: "court_document", Reason: contracts.ReasonEmpty})
		}
		return
	}
	for _, p := range h.record.Pledges {
		if p.StatutoryTime >= h.args.FactTime {
			continue
		}
		for _, pledgee := range p.Pledgees {
			if !h.v.Signed(pledgee, contracts.Countersigner) {
				h.Add(ledger.Failure{Code: contracts.EConsent, Field: "signers", Subject: p.PledgeNo})
			}
		}
	}
}

// unfrozen refuses what a freeze forbids, if one was in force when it happened: what
// was finished at the register before the freeze came holds (Supreme Court,
// provisions on seizure, article 23).
func (h *happening) unfrozen() {
	inForce, _ := queue(h.record.Freezes, h.args.FactTime)
	shown := slices.ContainsFunc(h.record.Encumbrances, func(e RegistrarEncumbrance) bool {
		return e.Freezes() && e.InForce(h.args.FactTime)
	})
	if (len(inForce) > 0 || shown) && h.args.CourtDocument == nil {
		h.Add(ledger.Failure{Code: contracts.EFrozen, Field: "event", Subject: h.record.RightID})
	}
}
