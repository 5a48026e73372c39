// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package loans

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
)

// Flags of a loan that is not settled. They follow from the states of its pledges and are
// never stored.
const (
	FlagCollateralLost = "COLLATERAL_LOST" // a pledge ended by itself, or with its rights
	FlagUnsecured      = "UNSECURED"       // a pledge was revoked: it never was
)

// FlagsOf lists the flags of a loan, sorted, given the states of its pledges at a time.
func FlagsOf(r Record, states []pledges.State) []string {
	flags := []string{}
	if r.State == Settled {
		return flags
	}
	is := func(list ...pledges.State) bool {
		return slices.ContainsFunc(states, func(s pledges.State) bool { return slices.Contains(list, s) })
	}
	if is(pledges.Extinguished, pledges.EndedByTime) {
		flags = append(flags, FlagCollateralLost)
	}
	if is(pledges.Revoked) {
		flags = append(flags, FlagUnsecured)
	}
	return flags
}

// SettledAt is the block time at which the last of some loans was settled; 0 if there is
// none, or one is not settled.
func SettledAt(list []Record) int64 {
	last := int64(0)
	for _, r := range list {
		if r.State != Settled {
			return 0
		}
		last = max(last, r.SettledAt)
	}
	return last
}

// Terms gives the terms by which a loan is found: the pledges that it names.
var Terms = contracts.TermsOf(func(r Record) []string {
	var terms []string
	for _, number := range r.Pledges {
		terms = append(terms, PledgeTerm(number))
	}
	return terms
})

// PledgeTerm is the term of the loans that name a pledge.
func PledgeTerm(pledgeNo string) string { return "loans/pledge/" + pledgeNo }
