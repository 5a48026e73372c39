// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
)

// Terms gives the terms by which the public record of a right is found. One that
// is only claimed has a single term: most of what a busy ledger writes are
// claims, and their owners are not public.
var Terms = contracts.TermsOf(func(r Record) []string {
	terms := []string{contracts.AreaTerm("rights", Area(r), string(r.BaseState))}
	for _, owner := range r.Owners {
		terms = append(terms, OwnerTerm(owner))
	}
	for _, p := range r.Pledges {
		for _, pledgee := range p.Pledgees {
			if term := PledgeeTerm(pledgee); !slices.Contains(terms, term) {
				terms = append(terms, term)
			}
		}
	}
	if r.ConfirmedAt > 0 {
		terms = append(terms, ConfirmedTerm(r.ConfirmedAt))
	}
	return terms
})

// OwnerTerm is the term of the rights of an owner.
func OwnerTerm(partyID string) string { return "rights/owner/" + partyID }

// PledgeeTerm is the term of the rights on which a party holds a live pledge.
func PledgeeTerm(partyID string) string { return "rights/pledgee/" + partyID }

// ConfirmedTerm is the term of the rights that were confirmed at a block time.
func ConfirmedTerm(at int64) string { return contracts.TimeTerm("rights/confirmed/", at) }

// Area is the area that a right belongs to: that of its right id or, while it is
// only claimed, of the first claim that waits. It is "" if no claim does.
func Area(r Record) string {
	if r.RightID == "" && len(r.ClaimsPending) > 0 {
		return contracts.AreaOf(r.ClaimsPending[0].RightID)
	}
	return contracts.AreaOf(r.RightID)
}
