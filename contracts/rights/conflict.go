// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import "slices"

// A Conflict is a live pledge and a fact of the register that came to light after it
// and is as old as it or older, so that it would have kept the pledge from being
// registered. Both stand until people have found out which record is wrong.
type Conflict struct {
	PledgeNo string `json:"pledge_no"`
	Fact     string `json:"fact"` // a flag, a base state, the kind of an encumbrance, FREEZE or OWNER
	FactTime int64  `json:"fact_time"`
}

// What a conflict may be about, beside flags, base states and kinds of encumbrance.
const (
	factFreeze = "FREEZE"
	factOwner  = "OWNER"
)

// barring are the flags that keep a right from being pledged (CNIPA Announcement
// 461, article 11, grounds 5, 10 and 11), the last two unless the parties agreed.
var barring = []string{FlagDisputed, FlagSuspended, FlagTwinApplication, FlagInvalidationPending}

// Conflicts lists the conflicts of a record at a time, by pledge.
//
// A right that was held invalid is none: it never was (Patent Law, article 47), its
// pledges are extinguished, and there is nothing to review.
func Conflicts(r Record, at int64) []Conflict {
	var out []Conflict
	for _, p := range r.Pledges {
		found := func(fact string, factTime int64) {
			if factTime <= p.StatutoryTime {
				out = append(out, Conflict{PledgeNo: p.PledgeNo, Fact: fact, FactTime: factTime})
			}
		}
		for _, e := range r.Encumbrances {
			if e.InForce(at) && e.Kind != kindLicence {
				found(e.Kind, e.Time)
			}
		}
		for _, f := range r.Freezes {
			if f.Stands(at) && f.RecordedAt > p.RegisteredAt {
				found(factFreeze, f.ReceivedAt)
			}
		}
		for _, f := range r.Facts {
			if f.Stands(at) && f.LedgerTime > p.RegisteredAt && slices.Contains(barring, f.Flag) {
				found(f.Flag, f.FactTime)
			}
		}
		if r.BaseState.Ended() && r.BaseState != Invalidated && r.EndedAt > p.RegisteredAt {
			found(string(r.BaseState), r.EndedFrom)
		}
		if r.OwnersAt > p.RegisteredAt {
			found(factOwner, r.OwnersSince)
		}
	}
	return out
}
