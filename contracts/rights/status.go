// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// A StatusValue says how a right is burdened, as far as the public tier knows. Whether
// it may be pledged depends on its flags, too.
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
	BaseState    BaseState              `json:"base_state"`
	Flags        []string               `json:"flags"`                    // stored and computed, sorted
	Pledges      []PledgeEntry          `json:"pledges"`                  // live, by rank
	Ranks        []int                  `json:"ranks"`                    // of Pledges, from 1; equal times share a rank
	Encumbrances []RegistrarEncumbrance `json:"registrar_encumbrances"`   // in force
	Freezes      []Freeze               `json:"freezes"`                  // in force: one at most
	Queued       []Freeze               `json:"freezes_queued"`           // received, waiting for the one before to end
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
// contracts, API and verifiers all ask it. The figures bear on the base state of a
// claim and on what is called stale, never on the value.
func StatusOf(r Record, at int64, p contracts.Parameters) Status {
	today := identifier.DateOf(at)
	s := Status{Pledges: LivePledges(r, at), BaseState: baseState(r, at, p)}
	s.Ranks = Rank(s.Pledges)
	for _, e := range r.Encumbrances {
		if !e.InForce(at) {
			continue
		}
		s.Encumbrances = append(s.Encumbrances, e)
		for i, p := range s.Pledges { // one from elsewhere has a rank, too
			if e.Pledges() && e.Time < p.Ranked().Time {
				s.Ranks[i]++
			}
		}
	}
	s.Freezes, s.Queued = queue(r.Freezes, at)
	for _, a := range r.Pending {
		if a.Waits(at) {
			s.Pending++
		}
		if a.Reserves(at) {
			s.Reservations = append(s.Reservations, a)
		}
	}
	switch {
	case s.BaseState.Ended():
		s.Value = Ended
	case s.BaseState != Confirmed:
		s.Value = Unconfirmed
	case len(s.Pledges) > 0:
		s.Value = Pledged
	case slices.ContainsFunc(s.Encumbrances, func(e RegistrarEncumbrance) bool { return e.Burdens(at) }):
		s.Value = Encumbered
	case len(s.Freezes) > 0:
		s.Value = Frozen
	default:
		s.Value = Free
	}
	for _, f := range r.Facts {
		s.flag(f.Flag, f.Stands(at))
	}
	if r.SnapshotTime != 0 {
		s.AgeMs = at - r.SnapshotTime
		s.flag(FlagStale, OlderThan(r.SnapshotTime, at, p.Of(contracts.StaleDays)))
	}
	if s.BaseState == Confirmed {
		feeOwed, renewalOwed := feeInGrace(r, at), isPast(r.ExpiryDate, today)
		s.flag(FlagInGrace, feeOwed || renewalOwed)
		if feeOwed {
			s.FeeGraceEnds = r.FeeDeadline
		}
	}
	s.flag(FlagPledged, len(s.Pledges) > 0)
	s.flag(FlagFrozen, len(s.Freezes) > 0 || slices.ContainsFunc(s.Encumbrances, RegistrarEncumbrance.Freezes))
	s.flag(FlagFreezeQueued, len(s.Queued) > 0)
	s.flag(FlagCoowned, len(r.Owners)+len(r.Outsiders) > 1)
	s.flag(FlagReserved, len(s.Reservations) > 0)
	s.flag(FlagConflictReview, len(Conflicts(r, at)) > 0)
	slices.Sort(s.Flags)
	return s
}

func (s *Status) flag(name string, set bool) {
	if set && !slices.Contains(s.Flags, name) {
		s.Flags = append(s.Flags, name)
	}
}

// Has tells whether a flag is set.
func (s Status) Has(flag string) bool { return slices.Contains(s.Flags, flag) }

// baseState is the base state at a time: what the register told last, and what has
// come by time alone since.
func baseState(r Record, at int64, p contracts.Parameters) BaseState {
	switch {
	case r.BaseState == Claimed && !slices.ContainsFunc(r.ClaimsPending, func(c PendingClaim) bool {
		return !OlderThan(c.ClaimedAt, at, p.Of(contracts.ClaimExpiryDays))
	}):
		return ExpiredClaim
	case r.BaseState == Confirmed && hasExpired(r, identifier.DateOf(at)):
		return Expired
	}
	return r.BaseState
}

// StoredAs lists, in order, the base states that a record may hold of a right whose
// base state at some time is the one given; none for the empty one.
func StoredAs(s BaseState) []BaseState {
	switch s {
	case "":
		return nil
	case ExpiredClaim:
		return []BaseState{Claimed}
	case Expired:
		return []BaseState{Confirmed, Expired}
	}
	return []BaseState{s}
}

// hasExpired tells whether the last day of a right is over; of a mark, the last day
// on which it may be renewed.
func hasExpired(r Record, today identifier.Date) bool {
	if r.RenewalEnds != "" {
		return isPast(r.RenewalEnds, today)
	}
	return isPast(r.ExpiryDate, today)
}

// queue sorts the freezes that stand at a time into the one that is in force, the
// first received, and those that wait for it to end (Supreme Court, provisions on
// seizure (2020), article 26).
func queue(freezes []Freeze, at int64) (inForce, queued []Freeze) {
	for _, f := range freezes {
		if f.Stands(at) {
			queued = append(queued, f)
		}
	}
	slices.SortStableFunc(queued, func(a, b Freeze) int { return cmp.Compare(a.ReceivedAt, b.ReceivedAt) })
	if len(queued) == 0 {
		return nil, nil
	}
	return queued[:1:1], queued[1:]
}

// Rank sorts pledges by their places and gives their ranks from 1: priority is the
// time of registration (Civil Code, article 414) unless the pledgees agreed on another
// (article 409), and equal times share a rank.
func Rank(pledges []PledgeEntry) []int {
	slices.SortFunc(pledges, func(a, b PledgeEntry) int { return a.Ranked().Compare(b.Ranked()) })
	ranks := make([]int, len(pledges))
	for i := range pledges {
		ranks[i] = i + 1
		if i > 0 && pledges[i].Ranked().Time == pledges[i-1].Ranked().Time {
			ranks[i] = ranks[i-1]
		}
	}
	return ranks
}

// StateIn is the claim's state at a time, given the record of its number: one that was
// left behind when another was confirmed, or that was dropped, has expired.
func (c Claim) StateIn(r Record, at int64, p contracts.Parameters) ClaimState {
	state := c.StateAt(at, p)
	listed := slices.ContainsFunc(r.ClaimsPending, func(w PendingClaim) bool { return w.RightID == c.RightID })
	if state == ClaimWaiting && (r.BaseState != Claimed || !listed) {
		return ClaimExpired
	}
	return state
}

// StateAt is the claim's state at a time: one that was not answered within the
// figure's days has expired.
func (c Claim) StateAt(at int64, p contracts.Parameters) ClaimState {
	if c.State == ClaimWaiting && OlderThan(c.ClaimedAt, at, p.Of(contracts.ClaimExpiryDays)) {
		return ClaimExpired
	}
	return c.State
}
