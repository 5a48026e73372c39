// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import "github.com/ipledger/ipledger/contracts"

// Terms gives the terms by which the public record of a disposal is found.
var Terms = contracts.TermsOf(func(r Record) []string {
	terms := []string{
		contracts.AreaTerm("disposals", contracts.AreaOf(r.DisposalNo), string(r.State)),
		PledgeTerm(r.PledgeNo),
	}
	for _, right := range r.Rights {
		terms = append(terms, RightTerm(right.Key()))
	}
	return terms
})

// RightTerm is the term of the disposals of a right, which is named by the state key of
// its record.
func RightTerm(key string) string { return "disposals/right/" + key }

// PledgeTerm is the term of the disposals of a pledge.
func PledgeTerm(pledgeNo string) string { return "disposals/pledge/" + pledgeNo }
