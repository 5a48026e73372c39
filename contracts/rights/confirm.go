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
// statutory register says. Lists that are absent are empty in the register. At
// a refresh, title, dates, owners, fee and legal status that are absent stay as
// they were.
type SnapshotArgs struct {
	RightID      string                 `cbor:"1,keyasint" json:"right_id" schema:"format=platform_number"`
	Evidence     *Evidence              `cbor:"2,keyasint,omitempty" json:"evidence,omitempty"`
	Owners       []string               `cbor:"3,keyasint,omitempty" json:"owners,omitempty" schema:"format=party,items=16"` // party ids
	Title        string                 `cbor:"4,keyasint,omitempty" json:"title,omitempty"`
	FilingDate   string                 `cbor:"5,keyasint,omitempty" json:"filing_date,omitempty" schema:"format=date"`
	GrantDate    string                 `cbor:"6,keyasint,omitempty" json:"grant_date,omitempty" schema:"format=date"`
	ExpiryDate   string                 `cbor:"7,keyasint,omitempty" json:"expiry_date,omitempty" schema:"format=date"` // absent: from the filing date
	LegalStatus  string                 `cbor:"8,keyasint,omitempty" json:"legal_status,omitempty" schema:"enum=GRANTED|NOT_GRANTED|LAPSED|EXPIRED|INVALIDATED|ABANDONED"`
	FeeStatus    string                 `cbor:"9,keyasint,omitempty" json:"fee_status,omitempty" schema:"enum=PAID|IN_GRACE|UNPAID"`
	FeeDue       string                 `cbor:"10,keyasint,omitempty" json:"fee_due,omitempty" schema:"format=date"`
	Flags        []string               `cbor:"11,keyasint,omitempty" json:"flags,omitempty" schema:"enum=DISPUTED|SUSPENDED|INVALIDATION_PENDING|TWIN_APPLICATION|LICENSED|LICENSED_EXCLUSIVE|OPEN_LICENCE,items=8"`
	Encumbrances []RegistrarEncumbrance `cbor:"12,keyasint,omitempty" json:"registrar_encumbrances,omitempty" schema:"items=32"`
	OwnerChanged bool                   `cbor:"13,keyasint,omitempty" json:"owner_changed,omitempty"` // the register shows a transfer
}

// Legal statuses of a register that no base state has the name of. At a
// confirmation, absent is granted.
const (
	legalGranted    = "GRANTED"
	legalNotGranted = "NOT_GRANTED"
)

// RightResult names the right a method was about.
type RightResult struct {
	RightID   string    `cbor:"1,keyasint" json:"right_id"`
	Number    string    `cbor:"2,keyasint" json:"number"`
	BaseState BaseState `cbor:"3,keyasint" json:"base_state"`
}

// RejectArgs are the arguments of rights.reject.
type RejectArgs struct {
	RightID string `cbor:"1,keyasint" json:"right_id" schema:"format=platform_number"`
	Reason  string `cbor:"2,keyasint,omitempty" json:"reason,omitempty"`
}

func confirm(v *contracts.View, args SnapshotArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := openClaim(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	r := new(contracts.Refusal)
	if args.Evidence != nil && v.Time()-args.Evidence.CapturedAt > v.Parameters().Days(contracts.EvidenceMaxDays) {
		r.Add(ledger.Failure{Code: contracts.EStale, Field: "evidence.captured_at", Subject: c.RightID})
	}
	if len(args.Owners) == 0 {
		r.Add(missing("owners"))
	} else if !slices.Equal(CheckParties(v, args.Owners, "owners", r), c.Owners) {
		r.Add(ledger.Failure{Code: contracts.EOwner, Ground: contracts.R01, Field: "owners", Subject: c.RightID})
	}
	record.Owners, record.Title = c.Owners, c.Title
	applySnapshot(v, &record, args, r)
	switch {
	case args.LegalStatus == legalNotGranted:
		r.Add(ledger.Failure{Code: contracts.EState, Ground: contracts.R03, Field: "legal_status", Subject: c.RightID})
	case record.BaseState.Ended() || isPast(record.ExpiryDate, v.Today()):
		r.Add(ledger.Failure{Code: contracts.EExpired, Ground: contracts.R02, Field: "legal_status", Subject: c.RightID})
	}
	if r.Refuses() {
		return RightResult{}, r
	}

	for _, pending := range record.ClaimsPending {
		other, ok := contracts.Load[Claim](v, ClaimKey(pending.RightID))
		if ok && other.RightID != c.RightID && other.StateAt(v.Time(), v.Parameters()) == ClaimWaiting {
			decide(v, other, ClaimRejected, "OTHER_CLAIM_CONFIRMED")
		}
	}
	record.ClaimsPending = nil
	record.RightID, record.ConfirmedAt, record.ConfirmedBy = c.RightID, v.Time(), v.Actor()
	c.Source, c.CapturedBy = args.Evidence, makerOf(v)
	decide(v, c, ClaimConfirmed, "")
	return store(v, record), nil
}

func reject(v *contracts.View, args RejectArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := openClaim(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	if args.Reason == "" {
		return RightResult{}, contracts.Refuse(missing("reason"))
	}
	decide(v, c, ClaimRejected, args.Reason)
	record.ClaimsPending = slices.DeleteFunc(slices.Clone(record.ClaimsPending), func(p PendingClaim) bool {
		return p.RightID == c.RightID
	})
	if len(record.ClaimsPending) == 0 {
		record.BaseState = Rejected
	}
	result := store(v, record)
	result.RightID = c.RightID
	return result, nil
}

func refresh(v *contracts.View, args SnapshotArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := claimOf(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	if record.RightID != c.RightID {
		return RightResult{}, contracts.Refuse(ledger.Failure{
			Code: contracts.EState, Field: "right_id", Subject: c.RightID, Reason: string(c.StateAt(v.Time(), v.Parameters())),
		})
	}
	r := new(contracts.Refusal)
	before := record
	applySnapshot(v, &record, args, r)
	switch {
	case args.LegalStatus == legalNotGranted:
		r.Add(ledger.Failure{Code: contracts.EState, Ground: contracts.R03, Field: "legal_status", Subject: c.RightID})
	// Only a lapsed right can be restored; the other ends are for good.
	case before.BaseState.Ended() && before.BaseState != Lapsed && record.BaseState != before.BaseState:
		r.Add(ledger.Failure{Code: contracts.EState, Field: "legal_status", Subject: c.RightID, Reason: string(before.BaseState)})
	}
	if args.Evidence != nil && args.Evidence.CapturedAt <= before.SnapshotTime {
		r.Add(ledger.Failure{Code: contracts.EStale, Field: "evidence.captured_at", Subject: c.RightID})
	}
	if args.OwnerChanged && len(args.Owners) == 0 {
		r.Add(missing("owners"))
	}
	if len(args.Owners) > 0 {
		owners := CheckParties(v, args.Owners, "owners", r)
		if !slices.Equal(owners, before.Owners) {
			if !args.OwnerChanged {
				r.Add(ledger.Failure{Code: contracts.EOwner, Ground: contracts.R01, Field: "owners", Subject: c.RightID})
			}
			if len(before.Pledges) > 0 {
				r.Add(ledger.Failure{Code: contracts.EConsent, Field: "owners", Subject: c.RightID})
			}
		}
		record.Owners = owners
	}
	if record.BaseState == Abandoned && before.BaseState != Abandoned && len(before.Pledges) > 0 {
		r.Add(ledger.Failure{Code: contracts.EConsent, Field: "legal_status", Subject: c.RightID})
	}
	if r.Refuses() {
		return RightResult{}, r
	}
	c.Source, c.CapturedBy = args.Evidence, makerOf(v)
	contracts.Store(v, ClaimKey(c.RightID), c)
	v.Emit("right.refreshed", c.RightID)
	conflict := func(r Record) bool { return StatusOf(r, v.Time(), v.Parameters()).Has(FlagConflictReview) }
	if conflict(record) && !conflict(before) {
		v.Emit("right.conflict_review", c.RightID)
	}
	return store(v, record), nil
}

// claimOf finds a claim and the public record of its number.
func claimOf(v *contracts.View, rightID string) (Claim, Record, *contracts.Refusal) {
	id, err := identifier.PlatformNumber(rightID)
	if err != nil {
		return Claim{}, Record{}, contracts.Refuse(contracts.IdentifierFailure(err, "right_id"))
	}
	c, ok := contracts.Load[Claim](v, ClaimKey(id.Canonical))
	if !ok {
		return Claim{}, Record{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "right_id", Subject: id.Canonical})
	}
	record, _ := contracts.Load[Record](v, RecordKey(c.Space, c.Number))
	return c, record, nil
}

// openClaim finds a claim that still waits, and for the acting office if it names
// one.
func openClaim(v *contracts.View, rightID string) (Claim, Record, *contracts.Refusal) {
	c, record, refusal := claimOf(v, rightID)
	if refusal.Refuses() {
		return c, record, refusal
	}
	if state := c.StateAt(v.Time(), v.Parameters()); state != ClaimWaiting {
		return c, record, contracts.Refuse(ledger.Failure{
			Code: contracts.EState, Field: "right_id", Subject: c.RightID, Reason: string(state),
		})
	}
	if c.Office != "" && c.Office != v.Actor() {
		return c, record, contracts.Refuse(ledger.Failure{
			Code: contracts.ERole, Field: "actor", Subject: c.RightID, Reason: contracts.ReasonOtherOffice,
		})
	}
	return c, record, nil
}

// applySnapshot checks what the register says and writes it into the record.
func applySnapshot(v *contracts.View, record *Record, args SnapshotArgs, r *contracts.Refusal) {
	if args.Evidence == nil {
		r.Add(missing("evidence"))
	} else {
		if args.Evidence.EvidenceHash.IsZero() {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "evidence.evidence_hash", Reason: contracts.ReasonEmpty})
		}
		if args.Evidence.CapturedAt <= 0 || args.Evidence.CapturedAt > v.Time() {
			r.Add(ledger.Failure{Code: contracts.EClock, Field: "evidence.captured_at"})
		}
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
	if args.FeeStatus != "" || args.FeeDue != "" {
		record.FeeStatus, record.FeeDue = args.FeeStatus, args.FeeDue
	}
	checkDates(record, v.Today(), r)
	record.Flags = slices.Compact(slices.Sorted(slices.Values(args.Flags)))
	record.Encumbrances = foreign(v, *record, args.Encumbrances, r)
	switch {
	case args.LegalStatus == "" && record.BaseState.Ended():
	case args.LegalStatus == "", args.LegalStatus == legalGranted, args.LegalStatus == legalNotGranted:
		record.BaseState = Confirmed
	default:
		record.BaseState = BaseState(args.LegalStatus)
	}
}

// checkDates puts the dates in order and fills in the last day of a right of
// which only the filing date is known.
func checkDates(record *Record, today identifier.Date, r *contracts.Refusal) {
	filing, filed := parse(record.FilingDate)
	grant, granted := parse(record.GrantDate)
	if filed && today.Before(filing) {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "filing_date"})
	}
	if granted && today.Before(grant) {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "grant_date"})
	}
	if filed && granted && grant.Before(filing) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "grant_date", Reason: string(identifier.NoDate)})
	}
	if expiry, known := parse(record.ExpiryDate); filed && known && !filing.Before(expiry) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "expiry_date", Reason: string(identifier.NoDate)})
	}
	if filed && record.ExpiryDate == "" {
		record.ExpiryDate = lastDay(record.Type, filing).String()
	}
}

// lastDay is the last day of a patent's life (Patent Law, article 42): 20 years
// from filing for an invention, 10 for a utility model, 15 for a design, 10 for
// a design filed before 2021-06-01. The register's own date goes before it.
func lastDay(t identifier.RightType, filing identifier.Date) identifier.Date {
	years := 20
	switch {
	case t == identifier.PatUM, t == identifier.PatDes && filing.Before(identifier.Date{Year: 2021, Month: 6, Day: 1}):
		years = 10
	case t == identifier.PatDes:
		years = 15
	}
	return filing.AddYears(years).AddDays(-1)
}

func parse(date string) (identifier.Date, bool) {
	d, err := identifier.ParseDate(date)
	return d, err == nil
}

// maxTime is the end of the last year that a date can be written of, in ms.
const maxTime = 253_402_300_799_999

// foreign leaves out of the register's encumbrances the live pledges of the
// record: those came about on this ledger. A pledge of the ledger that the
// register shows for a right of which the ledger has it not, or no longer, is a
// burden: the register is right.
func foreign(v *contracts.View, record Record, shown []RegistrarEncumbrance, r *contracts.Refusal) []RegistrarEncumbrance {
	var out []RegistrarEncumbrance
	for _, e := range shown {
		if number, err := identifier.CNIPAPledgeNumber(e.StatutoryNo, v.Today()); err == nil {
			e.StatutoryNo = number
			if slices.ContainsFunc(record.Pledges, func(p PledgeEntry) bool { return p.StatutoryNo == number }) {
				continue
			}
		}
		switch {
		case e.Kind == "" || e.Time < 0 || e.Until < 0 || e.Until != 0 && e.Until <= e.Time || e.Until > maxTime:
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "registrar_encumbrances", Subject: e.StatutoryNo, Reason: contracts.ReasonValue})
		case e.Time > v.Time():
			r.Add(ledger.Failure{Code: contracts.EClock, Field: "registrar_encumbrances", Subject: e.StatutoryNo})
		}
		out = append(out, e)
	}
	return out
}

func decide(v *contracts.View, c Claim, state ClaimState, reason string) {
	c.State, c.DecidedBy, c.DecidedAt, c.Reason = state, v.Actor(), v.Time(), reason
	contracts.Store(v, ClaimKey(c.RightID), c)
	kind := "right.confirmed"
	if state == ClaimRejected {
		kind = "right.rejected"
	}
	v.Emit(kind, c.RightID)
}

func store(v *contracts.View, record Record) RightResult {
	contracts.Store(v, RecordKey(record.Space, record.Number), record)
	return RightResult{RightID: record.RightID, Number: record.Number, BaseState: record.BaseState}
}

// makerOf is the pseudonym of the person who entered the transaction.
func makerOf(v *contracts.View) string {
	for _, s := range v.Signers() {
		if s.Organisation == v.Actor() && s.Role == contracts.Maker {
			return s.Person
		}
	}
	return ""
}

func missing(field string) ledger.Failure {
	return ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonMissing}
}
