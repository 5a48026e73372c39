// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
)

// codes are those that a step or a check can end with: of the contracts, and the two
// that only the API has.
var codes = []string{
	contracts.EFormat, contracts.ECheckDigit, contracts.EState, contracts.ERole, contracts.ESignature, contracts.EDuplicate,
	contracts.EStale, contracts.EOwner, contracts.ECoowner, contracts.EFrozen, contracts.EDispute, contracts.EFee,
	contracts.EExpired, contracts.EPledged, contracts.ETerm, contracts.ECap, contracts.EContract, contracts.EValuation,
	contracts.EConsent, contracts.ERank, contracts.EAmount, contracts.EPrivacy, contracts.EParam, contracts.EQuorum,
	contracts.EClock, contracts.ENotFound, contracts.EForbidden, contracts.ERateLimit, contracts.EEvidence,
	"E_UNAVAILABLE", "E_INTERNAL",
}

// nearest gives the codes that differ least from a text.
func nearest(text string) []string {
	all := slices.Clone(codes)
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(changes(text, a), changes(text, b)) })
	return all[:3]
}

// changes counts the letters to insert, drop or replace to get from one text to
// another.
func changes(from, to string) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			replace := diagonal
			if from[i] != to[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(to)]
}
