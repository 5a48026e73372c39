// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// SnapshotArgs are the arguments of rights.confirm and rights.refresh: what the
// statutory register says. At a refresh what is absent stays as it was, and a list
// that is given, an empty one too, takes the place of the one before.
type SnapshotArgs struct {
	RightID      string                  `cbor:"1,keyasint" json:"right_id" schema:"format=platform_number"`
	Evidence     *Evidence               `cbor:"2,keyasint,omitempty" json:"evidence,omitempty" schema:"alias=source"`
	Owners       []string                `cbor:"3,keyasint,omitempty" json:"owners,omitempty" schema:"format=party,items=16"` // party ids
	Title        string                  `cbor:"4,keyasint,omitempty" json:"title,omitempty"`
	FilingDate   string                  `cbor:"5,keyasint,omitempty" json:"filing_date,omitempty" schema:"format=date"`
	GrantDate    string                  `cbor:"6,keyasint,omitempty" json:"grant_date,omitempty" schema:"format=date"`
	ExpiryDate   string                  `cbor:"7,keyasint,omitempty" json:"expiry_date,omitempty" schema:"format=date"` // absent: as the law counts it
	LegalStatus  string                  `cbor:"8,keyasint,omitempty" json:"legal_status,omitempty" schema:"enum=GRANTED|NOT_GRANTED|LAPSED|EXPIRED|INVALIDATED|ABANDONED"`
	FeeStatus    string                  `cbor:"9,keyasint,omitempty" json:"fee_status,omitempty" schema:"enum=PAID|IN_GRACE|UNPAID"`
	FeeDue       string                  `cbor:"10,keyasint,omitempty" json:"fee_due,omitempty" schema:"format=date"`
	Flags        *[]string               `cbor:"11,keyasint,omitempty" json:"flags,omitempty" schema:"enum=DISPUTED|SUSPENDED|INVALIDATION_PENDING|TWIN_APPLICATION|LICENSED|LICENSED_EXCLUSIVE|OPEN_LICENCE,items=8"`
	Encumbrances *[]RegistrarEncumbrance `cbor:"12,keyasint,omitempty" json:"registrar_encumbrances,omitempty" schema:"items=32"`
	OwnerChanged bool                    `cbor:"13,keyasint,omitempty" json:"owner_changed,omitempty"`                     // the register shows a transfer
	FirstPublic  string                  `cbor:"14,keyasint,omitempty" json:"first_public,omitempty" schema:"format=date"` // first publication of a work or software, first commercial use of a layout
	Classes      []string                `cbor:"15,keyasint,omitempty" json:"ipc_or_class,omitempty" schema:"items=45,max=16"`
	Outsiders    []string                `cbor:"17,keyasint,omitempty" json:"outside_owners,omitempty" schema:"max=128,items=16"` // owners not on this ledger, by their names in the register
}

// Legal statuses of a register that no base state has the name of. At a
// confirmation, absent is granted.
const (
	legalGranted    = "GRANTED"
	legalNotGranted = "NOT_GRANTED"
)

// checkEvidence checks where and when the facts were taken, and whether from the
// right's own register.
func checkEvidence(v *contracts.View, record Record, e *Evidence, r *contracts.Refusal) {
	if e.EvidenceHash.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "evidence.evidence_hash", Reason: contracts.ReasonEmpty})
	}
	v.CheckTime("evidence.captured_at", e.CapturedAt, 1, r)
	if own := RegistrarOf(record.Space, record.Number); e.Registrar != "" && e.Registrar != string(own) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "evidence.registrar", Subject: string(own), Reason: contracts.ReasonOtherRegister})
	}
}

// applySnapshot checks what the register says and writes it into the record.
func applySnapshot(v *contracts.View, record *Record, args SnapshotArgs, r *contracts.Refusal) {
	if args.Evidence == nil {
		r.Add(missing("evidence"))
	} else {
		checkEvidence(v, *record, args.Evidence, r)
		record.SnapshotTime = args.Evidence.CapturedAt
	}
	keep := func(stored *string, given string) {
		if given != "" {
			*stored = given
		}
	}
	keep(&record.Title, args.Title)
	keep(&record.FilingDate, args.FilingDate)
	keep(&record.GrantDate, args.GrantDate)
	keep(&record.ExpiryDate, args.ExpiryDate)
	keep(&record.FirstPublic, args.FirstPublic)
	if len(args.Classes) > 0 {
		record.Classes = args.Classes
	}
	shownFee(v, record, args, r)
	checkDates(record, v.Today(), r)
	record.RenewalEnds, record.FeeDeadline = renewalEnds(*record, v.Parameters()), feeDeadline(*record, v.Parameters())
	if args.Flags != nil {
		record.Facts = shownFacts(v, *record, *args.Flags, r)
	}
	if args.Encumbrances != nil {
		showBurdens(v, record, *args.Encumbrances, record.SnapshotTime, r)
	}
	shownLife(v, record, args, r)
}

// shownFee notes what a snapshot says of the fee. What it leaves out stays, and that a
// fee which is owed has been paid is not guessed from a later due date.
func shownFee(v *contracts.View, record *Record, args SnapshotArgs, r *contracts.Refusal) {
	if args.FeeDue != "" && args.FeeStatus == "" && feeInGrace(*record, v.Time()) {
		r.Add(missing("fee_status"))
	}
	if args.FeeDue != "" {
		record.FeeDue = args.FeeDue
	}
	if args.FeeStatus != "" {
		if args.FeeStatus != FeePaid && (record.FeeLedgerAt == 0 || record.FeeStatus == FeePaid) {
			record.FeeLedgerAt = v.Time() // of this fee, not of one that was paid since
		}
		record.FeeStatus, record.FeeStatusAt = args.FeeStatus, record.SnapshotTime
	}
}

// shownLife notes whether the register shows the right alive. One that lapsed for its
// fee ended on the due date, whenever the register was read.
func shownLife(v *contracts.View, record *Record, args SnapshotArgs, r *contracts.Refusal) {
	switch state := BaseState(args.LegalStatus); {
	case args.LegalStatus == "" && record.BaseState.Ended(), state == record.BaseState:
	case args.LegalStatus == "" || args.LegalStatus == legalGranted || args.LegalStatus == legalNotGranted:
		if record.BaseState == Lapsed && args.FeeStatus == "" { // it was restored
			record.FeeStatus, record.FeeStatusAt = FeePaid, record.SnapshotTime
		}
		record.BaseState, record.EndedFrom, record.EndedAt = Confirmed, 0, 0
	case state == Lapsed && feeInGrace(*record, record.SnapshotTime):
		if record.FeeDeadline != "" && !isPast(record.FeeDeadline, identifier.DateOf(record.SnapshotTime)) {
			r.Add(ledger.Failure{Code: contracts.EClock, Field: "legal_status", Subject: record.FeeDeadline, Reason: contracts.ReasonGrace})
		}
		since := record.SnapshotTime
		if due, known := parse(record.FeeDue); known {
			since = due.Start()
		}
		end(v, record, Lapsed, since)
	default:
		end(v, record, state, record.SnapshotTime)
	}
}

// end notes that a right is over since a time at the register.
func end(v *contracts.View, record *Record, state BaseState, since int64) {
	record.BaseState, record.EndedFrom, record.EndedAt = state, since, v.Time()
	if state == Invalidated {
		record.EndedFrom = 0 // it never was: Patent Law, article 47
	}
}

// shownFacts gives the facts of a record after a look at the register that shows
// flags. What was known keeps its times, and what is shown no more has ended by then.
// Since when a new one is true the register does not say, so it is taken to be true
// since it was read; a suspension lasts no longer than the law lets it.
func shownFacts(v *contracts.View, record Record, shown []string, r *contracts.Refusal) []Fact {
	captured := record.SnapshotTime
	out := slices.Clone(record.Facts)
	for i, f := range out {
		if f.Flag != FlagRevalue && f.EndTime == 0 && f.Stands(captured) && !slices.Contains(shown, f.Flag) {
			out[i].EndTime = captured
		}
	}
	for _, flag := range slices.Compact(slices.Sorted(slices.Values(shown))) {
		if (flag == FlagTwinApplication || flag == FlagOpenLicence) && record.Space != identifier.PatentSpace {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "flags", Subject: flag, Reason: contracts.ReasonNoSuchEvent})
		}
		if slices.ContainsFunc(out, func(f Fact) bool { return f.Flag == flag && f.Stands(captured) }) {
			continue
		}
		if takesFromPledge(flag) && len(LivePledges(Then(v, record, captured), captured)) > 0 {
			r.Add(ledger.Failure{Code: contracts.EConsent, Field: "flags", Subject: flag})
		}
		f := Fact{Flag: flag, FactTime: captured, KnownTime: captured, LedgerTime: v.Time()}
		if flag == FlagSuspended {
			f.Until = identifier.DateOf(captured).AddMonths(int(v.Figure(contracts.SuspensionMonths))).String()
		}
		out = append(out, f)
	}
	out = slices.DeleteFunc(out, func(f Fact) bool { return over(f, v.Time()) })
	if len(out) > MaxFacts {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "flags", Subject: record.RightID, Reason: contracts.ReasonLength})
	}
	return out
}

// takesFromPledge tells of which flags the pledgees must have agreed: such a thing is
// told by its event, with their signatures or a court's paper.
func takesFromPledge(flag string) bool {
	return flag == FlagLicensed || flag == FlagLicensedExclusive || flag == FlagOpenLicence
}

// checkDates puts the dates in order and fills in the last day of a right that the
// register has not given.
func checkDates(record *Record, today identifier.Date, r *contracts.Refusal) {
	filing, filed := parse(record.FilingDate)
	grant, granted := parse(record.GrantDate)
	public, published := parse(record.FirstPublic)
	for _, d := range []struct {
		field string
		date  identifier.Date
		known bool
	}{{"filing_date", filing, filed}, {"grant_date", grant, granted}, {"first_public", public, published}} {
		if d.known && today.Before(d.date) {
			r.Add(ledger.Failure{Code: contracts.EClock, Field: d.field})
		}
	}
	if filed && granted && grant.Before(filing) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "grant_date", Reason: string(identifier.NoDate)})
	}
	if expiry, known := parse(record.ExpiryDate); filed && known && !filing.Before(expiry) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "expiry_date", Reason: string(identifier.NoDate)})
	}
	if record.ExpiryDate == "" {
		record.ExpiryDate = lastDay(*record)
	}
}

// maxTime is the end of the last year that a date can be written of, in ms.
const maxTime = 253_402_300_799_999

// showBurdens writes down the register's encumbrances, as it was read at a time, without
// the live pledges and freezes of the record, which the ledger knows better. A pledge of
// the ledger that the register shows for a right of which the ledger has it not, or no
// longer, is a burden: the register is right. One that the register does not show is
// noted with the pledge, for people to find out why. A preservation without an end lasts
// as long as the law lets one order.
func showBurdens(v *contracts.View, record *Record, shown []RegistrarEncumbrance, at int64, r *contracts.Refusal) {
	var out []RegistrarEncumbrance
	var seen []string // numbers of pledges
	for _, e := range shown {
		number, err := StatutoryNumber(record.Space, e.StatutoryNo, v.Today())
		if err != nil { // of a pledge together with rights of another kind
			number, err = identifier.RegistrationNumber(e.StatutoryNo)
		}
		if err == nil && e.Kind == kindPledge {
			e.StatutoryNo = number
			seen = append(seen, number)
			if slices.ContainsFunc(LivePledges(*record, at), func(p PledgeEntry) bool { return p.StatutoryNo == number }) {
				continue
			}
		}
		switch {
		case e.Kind == "" || e.Time < 0 || e.Until < 0 || e.Until != 0 && e.Until <= e.Time || e.Until > maxTime:
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "registrar_encumbrances", Subject: e.StatutoryNo, Reason: contracts.ReasonValue})
			continue
		case e.Time > v.Time():
			r.Add(ledger.Failure{Code: contracts.EClock, Field: "registrar_encumbrances", Subject: e.StatutoryNo})
			continue
		}
		if e.Freezes() {
			received := identifier.DateOf(e.Time)
			if slices.ContainsFunc(record.Freezes, func(f Freeze) bool { return identifier.DateOf(f.ReceivedAt) == received }) {
				continue
			}
			if e.Until == 0 {
				from := received
				if e.Time == 0 {
					from = v.Today()
				}
				e.Until = from.AddMonths(LongestFreeze(v.Parameters(), record.Space)).AddDays(1).Start()
			}
		}
		out = append(out, e)
	}
	record.Encumbrances, record.Looked = out, &Look{ReadAt: at, ToldAt: v.Time()}
	record.Pledges = slices.Clone(record.Pledges)
	for i, p := range record.Pledges {
		switch {
		case slices.Contains(seen, p.StatutoryNo):
			record.Pledges[i].NotShown = 0
		case p.NotShown == 0 && p.StatutoryTime <= at && p.Live(at):
			record.Pledges[i].NotShown = at
		}
	}
}

// LongestFreeze is for how many months one order of a court may freeze a right of a
// number space.
func LongestFreeze(p contracts.Parameters, s identifier.Space) int {
	switch s {
	case identifier.PatentSpace:
		return int(p.Of(contracts.FreezeMonthsPat))
	case identifier.MarkSpace:
		return int(p.Of(contracts.FreezeMonthsTM))
	}
	return int(p.Of(contracts.FreezeMonthsOther))
}

func missing(field string) ledger.Failure {
	return ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonMissing}
}
