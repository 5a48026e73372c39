// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// A Conflict is a live pledge, or a freeze, and a fact of the register that came to
// light after it and would have kept it out or changed it. Both stand until people
// have found out which record is wrong, or what is wrong has been put right: the fee
// is paid, the suit is won, the pledge is revoked.
type Conflict struct {
	Subject    string `json:"subject"` // number of the pledge or the freeze
	Fact       string `json:"fact"`    // a flag, a base state, the kind of an encumbrance, FREEZE, OWNER or NOT_IN_REGISTER
	FactTime   int64  `json:"fact_time"`
	LedgerTime int64  `json:"ledger_time"` // when it came to light
}

// What a conflict may be about, beside flags, base states and kinds of encumbrance.
const (
	factFreeze = "FREEZE"
	factOwner  = "OWNER"

	factNotShown = "NOT_IN_REGISTER" // the register shows the pledge no more, and the ledger does
)

// barring are the flags that keep a right from being pledged (CNIPA Announcement
// 461, article 11, grounds 5, 10 and 11), the last two unless the parties agreed.
var barring = []string{FlagDisputed, FlagSuspended, FlagTwinApplication, FlagInvalidationPending}

// Conflicts lists the conflicts of a record at a time: those of its pledges, then
// those of its freezes. What came in the block of the registration counts as after it:
// a registration that saw such a fact was refused, and one that did not is to be
// reviewed.
//
// A right that was held invalid is none: it never was (Patent Law, article 47), its
// pledges are extinguished, and there is nothing to review.
func Conflicts(r Record, at int64) []Conflict {
	var out []Conflict
	live := LivePledges(r, at)
	for _, p := range live {
		found := func(fact string, factTime, ledgerTime int64) {
			out = append(out, Conflict{Subject: p.PledgeNo, Fact: fact, FactTime: factTime, LedgerTime: ledgerTime})
		}
		before := func(factTime, ledgerTime int64) bool {
			return factTime <= p.StatutoryTime && ledgerTime >= p.RegisteredAt
		}
		for _, e := range r.Encumbrances {
			// Another pledge from elsewhere has a rank before it, where there are ranks.
			ranked := e.Pledges() && r.Space != identifier.PatentSpace
			if e.Burdens(at) && e.Time <= p.StatutoryTime && !ranked {
				found(e.Kind, e.Time, r.SnapshotTime)
			}
		}
		for _, f := range r.Freezes {
			if f.Stands(at) && before(f.ReceivedAt, f.RecordedAt) {
				found(factFreeze, f.ReceivedAt, f.RecordedAt)
			}
		}
		for _, f := range r.Facts {
			bars := before(f.FactTime, f.LedgerTime) && slices.Contains(barring, f.Flag)
			if f.Stands(at) && (bars || takesFromPledge(f.Flag) && p.unasked(f.FactTime, f.LedgerTime)) {
				found(f.Flag, f.FactTime, f.LedgerTime)
			}
		}
		if due := endOf(r.FeeDue); r.BaseState == Confirmed && feeInGrace(r, at) && before(due, r.FeeLedgerAt) {
			found(FlagInGrace, due, r.FeeLedgerAt)
		}
		givenUp := r.BaseState == Abandoned && p.unasked(r.EndedFrom, r.EndedAt)
		if r.BaseState.Ended() && r.BaseState != Invalidated && (givenUp || before(r.EndedFrom, r.EndedAt)) {
			found(string(r.BaseState), r.EndedFrom, r.EndedAt)
		}
		if p.NotShown > 0 {
			found(factNotShown, p.StatutoryTime, p.NotShown)
		}
		// Either the pledgor was no owner any more, or the transfer needed the pledgee.
		late := (r.OwnersSince <= p.StatutoryTime) == (r.OwnersAt >= p.RegisteredAt)
		if r.OwnersAt > 0 && (late || p.unasked(r.OwnersSince, r.OwnersAt)) {
			found(factOwner, r.OwnersSince, r.OwnersAt)
		}
		// Whoever was registered while it was told to be cancelled has not seen it, and
		// whether they rank is for people to say.
		for _, other := range live {
			if g, found := other.gapOf(p.RegisteredAt); found && other.PledgeNo != p.PledgeNo {
				out = append(out, Conflict{Subject: p.PledgeNo, Fact: kindPledge, FactTime: other.StatutoryTime, LedgerTime: g.Until})
			}
		}
	}
	for _, f := range r.Freezes {
		// What was transferred before the freeze came is not the debtor's; what was
		// transferred under it should not have been (provisions on seizure, article 23).
		if r.OwnersAt > 0 && f.Stands(at) && (r.OwnersSince < f.ReceivedAt) == (r.OwnersAt > f.RecordedAt) {
			out = append(out, Conflict{Subject: f.FreezeNo, Fact: factOwner, FactTime: r.OwnersSince, LedgerTime: max(r.OwnersAt, f.RecordedAt)})
		}
	}
	return out
}

// EndsPledge tells whether a pledge has lost the right at a time because the right has
// ended. While it is in doubt whether the end came before the pledge or after it, the
// pledge stands.
func EndsPledge(r Record, pledgeNo string, at int64, p contracts.Parameters) bool {
	state := StateThen(r, at, p)
	return state.Ended() && !slices.ContainsFunc(Conflicts(r, at), func(c Conflict) bool {
		return c.Subject == pledgeNo && c.Fact == string(state)
	})
}

// TellConflict tells observers of conflicts that a change of a record has brought.
func TellConflict(v *contracts.View, before, after Record) {
	if len(Conflicts(after, v.Time())) > len(Conflicts(before, v.Time())) {
		v.Emit("right.conflict_review", after.RightID)
	}
}
