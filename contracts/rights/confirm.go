// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
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

// confirm compares a claim with the statutory register: the owners must be the same,
// the right granted and alive, the evidence not older than the figure right.evidence.
// All other claims of the number are rejected, so that nobody can squat on it.
func confirm(v *contracts.View, args SnapshotArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := openClaim(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	r := new(contracts.Refusal)
	CheckReporter(v, record, r)
	if args.Evidence != nil && OlderThan(args.Evidence.CapturedAt, v.Time(), v.Figure(contracts.EvidenceMaxDays)) {
		r.Add(ledger.Failure{Code: contracts.EStale, Field: "evidence.captured_at", Subject: c.RightID})
	}
	if len(args.Owners) == 0 {
		r.Add(missing("owners"))
	} else if !slices.Equal(CheckParties(v, args.Owners, "owners", r), c.Owners) || !slices.Equal(inOrder(args.Outsiders), c.Outsiders) {
		r.Add(ledger.Failure{Code: contracts.EOwner, Ground: GroundOf(record.Space, contracts.R01), Field: "owners", Subject: c.RightID})
	}
	record.Owners, record.Outsiders, record.Title, record.Type = c.Owners, c.Outsiders, c.Title, c.Type
	applySnapshot(v, &record, args, r)
	switch {
	case args.LegalStatus == legalNotGranted:
		r.Add(ledger.Failure{Code: contracts.EState, Ground: GroundOf(record.Space, contracts.R03), Field: "legal_status", Subject: c.RightID})
	case record.BaseState.Ended() || hasExpired(record, v.Today()):
		r.Add(ledger.Failure{Code: contracts.EExpired, Ground: GroundOf(record.Space, contracts.R02), Field: "legal_status", Subject: c.RightID})
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
	c.Source, c.CapturedBy = args.Evidence, capturedBy(v, args.Evidence)
	decide(v, c, ClaimConfirmed, "")
	return store(v, record), nil
}

// reject turns a claim down with a reason. A new claim may follow.
func reject(v *contracts.View, args RejectArgs) (RightResult, *contracts.Refusal) {
	c, record, refusal := openClaim(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	r := new(contracts.Refusal)
	CheckReporter(v, record, r)
	if args.Reason == "" {
		r.Add(missing("reason"))
	}
	if r.Refuses() {
		return RightResult{}, r
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

// refresh reads the register again. What moves the right or ends it goes by the same
// guards as its event; a pledged right is neither transferred nor given up by a
// refresh, since that needs the pledgees' signatures.
func refresh(v *contracts.View, args SnapshotArgs) (RightResult, *contracts.Refusal) {
	c, before, refusal := confirmedRight(v, args.RightID)
	if refusal.Refuses() {
		return RightResult{}, refusal
	}
	r := new(contracts.Refusal)
	CheckReporter(v, before, r)
	record := before
	applySnapshot(v, &record, args, r)
	switch {
	case args.LegalStatus == legalNotGranted:
		r.Add(ledger.Failure{Code: contracts.EState, Ground: GroundOf(record.Space, contracts.R03), Field: "legal_status", Subject: c.RightID})
	// Only a lapsed right can be restored; the other ends are for good.
	case before.BaseState.Ended() && before.BaseState != Lapsed && record.BaseState != before.BaseState,
		hasExpired(before, v.Today()) && !hasExpired(record, v.Today()) && before.BaseState == Confirmed:
		r.Add(ledger.Failure{Code: contracts.EState, Field: "legal_status", Subject: c.RightID, Reason: string(baseState(before, v.Time(), v.Parameters()))})
	}
	// No older look at the register undoes what was seen or told since.
	if args.Evidence != nil && args.Evidence.CapturedAt <= max(before.SnapshotTime, before.NewestFact) {
		r.Add(ledger.Failure{Code: contracts.EStale, Field: "evidence.captured_at", Subject: c.RightID})
	}
	if args.OwnerChanged && len(args.Owners)+len(args.Outsiders) == 0 {
		r.Add(missing("owners"))
	}
	moved := false
	if len(args.Owners)+len(args.Outsiders) > 0 {
		owners, outsiders := []string(nil), inOrder(args.Outsiders)
		if len(args.Owners) > 0 {
			owners = CheckParties(v, args.Owners, "owners", r)
		}
		if moved = !slices.Equal(owners, before.Owners) || !slices.Equal(outsiders, before.Outsiders); moved {
			if !args.OwnerChanged {
				r.Add(ledger.Failure{Code: contracts.EOwner, Ground: GroundOf(record.Space, contracts.R01), Field: "owners", Subject: c.RightID})
			}
			record.own(v, owners, outsiders, record.SnapshotTime)
		}
	}
	if record.BaseState == Abandoned && before.BaseState != Abandoned || moved {
		field := "legal_status"
		if moved {
			field = "owners"
		}
		if len(LivePledges(before, v.Time())) > 0 && !(moved && record.BaseState == before.BaseState && succeeded(v, before, record.Owners, record.Outsiders)) {
			r.Add(ledger.Failure{Code: contracts.EConsent, Field: field, Subject: c.RightID})
		}
		if frozenAt(before, v.Time()) {
			r.Add(ledger.Failure{Code: contracts.EFrozen, Field: field, Subject: c.RightID})
		}
	}
	if r.Refuses() {
		return RightResult{}, r
	}
	c.Source, c.CapturedBy = args.Evidence, capturedBy(v, args.Evidence)
	contracts.Store(v, ClaimKey(c.RightID), c)
	v.Emit("right.refreshed", c.RightID)
	TellConflict(v, before, record)
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
	if state := c.StateIn(record, v.Time(), v.Parameters()); state != ClaimWaiting {
		return c, record, contracts.Refuse(ledger.Failure{
			Code: contracts.EState, Field: "right_id", Subject: c.RightID, Reason: string(state),
		})
	}
	if c.Office != "" && !contracts.ActsFor(v, c.Office, c.RightID) {
		return c, record, contracts.Refuse(ledger.Failure{
			Code: contracts.ERole, Field: "actor", Subject: c.RightID, Reason: contracts.ReasonOtherOffice,
		})
	}
	return c, record, nil
}

// confirmedRight finds a right that was confirmed, whatever became of it, by the id
// of its confirmed claim.
func confirmedRight(v *contracts.View, rightID string) (Claim, Record, *contracts.Refusal) {
	c, record, refusal := claimOf(v, rightID)
	if refusal.Refuses() {
		return c, record, refusal
	}
	if record.RightID != c.RightID {
		return c, record, contracts.Refuse(ledger.Failure{
			Code: contracts.EState, Field: "right_id", Subject: c.RightID, Reason: string(c.StateAt(v.Time(), v.Parameters())),
		})
	}
	return c, record, nil
}

func decide(v *contracts.View, c Claim, state ClaimState, reason string) {
	in := v.Transaction()
	c.State, c.DecidedBy, c.DecidedAt, c.DecidedIn, c.Reason = state, v.Actor(), v.Time(), &in, reason
	contracts.Store(v, ClaimKey(c.RightID), c)
	kind := "right.confirmed"
	if state == ClaimRejected {
		kind = "right.rejected"
	}
	v.Emit(kind, c.RightID)
}

func store(v *contracts.View, record Record) RightResult {
	contracts.Store(v, record.Key(), record)
	return RightResult{RightID: record.RightID, Number: record.Number, BaseState: record.BaseState}
}

// capturedBy is the pseudonym of the person who took evidence from the register: the
// one it names, or who entered the transaction.
func capturedBy(v *contracts.View, e *Evidence) string {
	if e.CapturedBy != "" {
		return e.CapturedBy
	}
	for _, s := range v.Signers() {
		if s.Organisation == v.Actor() && s.Role == contracts.Maker {
			return s.Person
		}
	}
	return ""
}
