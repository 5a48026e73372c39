// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// A StatusValue is the answer to "may this right be pledged to me?", as far as
// the public tier knows.
type StatusValue string

// The values, the weightiest first: of several that apply, Status gives the
// first.
const (
	Unknown     StatusValue = "UNKNOWN"     // no record: this ledger never saw the right
	Unconfirmed StatusValue = "UNCONFIRMED" // claimed only, nobody has compared it with the register
	Ended       StatusValue = "ENDED"       // lapsed, expired, invalidated or abandoned
	Pledged     StatusValue = "PLEDGED"     // at least one live pledge
	Encumbered  StatusValue = "ENCUMBERED"  // the statutory register shows a burden from elsewhere
	Frozen      StatusValue = "FROZEN"      // a court's freeze is in force
	Free        StatusValue = "FREE"        // confirmed, and none of the above
)

// Status is what follows from a record at a time.
type Status struct {
	Value        StatusValue            `json:"value"`
	Flags        []string               `json:"flags"`                    // stored and computed, sorted
	Pledges      []PledgeEntry          `json:"pledges"`                  // live, by rank
	Ranks        []int                  `json:"ranks"`                    // of Pledges, from 1; equal times share a rank
	Encumbrances []RegistrarEncumbrance `json:"registrar_encumbrances"`   // in force
	Freezes      []Freeze               `json:"freezes"`                  // in force
	Reservations []PendingPledge        `json:"reservations"`             // applications that keep others out
	Pending      int                    `json:"pending"`                  // all applications
	FeeGraceEnds string                 `json:"fee_grace_ends,omitempty"` // last day to pay with surcharge
	AgeMs        int64                  `json:"snapshot_age_ms"`          // since the register was read
}

// StatusOf computes the status of a right from its public record at a time in ms
// since 1970 UTC, usually a header's. FREE means: confirmed and not ended, no
// live pledge, no registrar encumbrance, no freeze. A reservation, a pending
// application, an old snapshot, a fee in grace or a dispute do not make a right
// burdened; they are told beside the value. It reads nothing but its arguments:
// contracts, API and verifiers all ask it.
func StatusOf(r Record, at int64, p contracts.Parameters) Status {
	s := Status{Pending: len(r.Pending), Pledges: slices.Clone(r.Pledges)}
	s.Ranks = Rank(s.Pledges)
	for _, e := range r.Encumbrances {
		if e.InForce(at) {
			s.Encumbrances = append(s.Encumbrances, e)
		}
	}
	for _, f := range r.Freezes {
		if f.InForce(at) {
			s.Freezes = append(s.Freezes, f)
		}
	}
	for _, a := range r.Pending {
		if at < a.ReservationUntil {
			s.Reservations = append(s.Reservations, a)
		}
	}
	today := identifier.DateOf(at)
	ended := r.BaseState.Ended() || r.BaseState == Confirmed && isPast(r.ExpiryDate, today)
	switch {
	case r.BaseState == Claimed || r.BaseState == Rejected:
		s.Value = Unconfirmed
	case ended:
		s.Value = Ended
	case len(s.Pledges) > 0:
		s.Value = Pledged
	case len(s.Encumbrances) > 0:
		s.Value = Encumbered
	case len(s.Freezes) > 0:
		s.Value = Frozen
	case r.BaseState == Confirmed:
		s.Value = Free
	default:
		s.Value = Unconfirmed
	}
	s.Flags = slices.Clone(r.Flags)
	if r.SnapshotTime != 0 {
		s.AgeMs = at - r.SnapshotTime
		s.flag(FlagStale, s.AgeMs > p.Days(contracts.StaleDays))
	}
	grace := feeInGrace(r, today)
	s.flag(FlagInGrace, grace)
	if due, err := identifier.ParseDate(r.FeeDue); err == nil && grace {
		s.FeeGraceEnds = due.AddMonths(int(p.Of(contracts.FeeGraceMonths))).String()
	}
	s.flag(FlagFrozen, len(s.Freezes) > 0 || slices.ContainsFunc(s.Encumbrances, RegistrarEncumbrance.Freezes))
	s.flag(FlagCoowned, len(r.Owners) > 1)
	s.flag(FlagReserved, len(s.Reservations) > 0)
	s.flag(FlagConflictReview, s.inConflict())
	slices.Sort(s.Flags)
	return s
}

func (s *Status) flag(name string, set bool) {
	if set && !slices.Contains(s.Flags, name) {
		s.Flags = append(s.Flags, name)
	}
}

// inConflict tells whether a burden that is not of this ledger is as old as a
// live pledge or older, or of unknown age. The burden came to light after the
// pledge, which it would have kept from being registered. Both stand until people
// have found out which register is wrong.
func (s Status) inConflict() bool {
	return slices.ContainsFunc(s.Pledges, func(p PledgeEntry) bool {
		return slices.ContainsFunc(s.Encumbrances, func(e RegistrarEncumbrance) bool {
			return e.Kind != kindLicence && e.Time <= p.StatutoryTime
		}) || slices.ContainsFunc(s.Freezes, func(f Freeze) bool { return f.ReceivedAt <= p.StatutoryTime })
	})
}

// Has tells whether a flag is set.
func (s Status) Has(flag string) bool { return slices.Contains(s.Flags, flag) }

// feeInGrace tells whether the annual fee is owed: the register says so, or it
// said nothing and the due date is over.
func feeInGrace(r Record, today identifier.Date) bool {
	switch r.FeeStatus {
	case FeePaid:
		return false
	case FeeInGrace, FeeUnpaid:
		return true
	}
	return isPast(r.FeeDue, today)
}

// isPast tells whether a date, the last day of something, is over.
func isPast(date string, today identifier.Date) bool {
	d, err := identifier.ParseDate(date)
	return err == nil && d.Before(today)
}

// Rank sorts pledges by statutory time and number and gives their ranks from 1:
// priority is the time of registration (Civil Code, article 414), and equal
// times share a rank.
func Rank(pledges []PledgeEntry) []int {
	slices.SortFunc(pledges, func(a, b PledgeEntry) int {
		return cmp.Or(cmp.Compare(a.StatutoryTime, b.StatutoryTime), cmp.Compare(a.StatutoryNo, b.StatutoryNo))
	})
	ranks := make([]int, len(pledges))
	for i := range pledges {
		ranks[i] = i + 1
		if i > 0 && pledges[i].StatutoryTime == pledges[i-1].StatutoryTime {
			ranks[i] = ranks[i-1]
		}
	}
	return ranks
}

// StateAt is the claim's state at a time: one that was not answered within the
// parameter's days has expired.
func (c Claim) StateAt(at int64, p contracts.Parameters) ClaimState {
	if c.State == ClaimWaiting && at-c.ClaimedAt > p.Days(contracts.ClaimExpiryDays) {
		return ClaimExpired
	}
	return c.State
}
