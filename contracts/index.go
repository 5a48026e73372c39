// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"
	"strings"

	"github.com/ipledger/ipledger/ledger"
)

// Queries find public records by terms: "rights/owner/" and a party id is one. The
// terms follow from the record alone, so that an index of them shows nothing that
// the record does not, and can be made anew at any time. It is no part of the
// state: no method reads it.

// TermsOf makes of a function over records one over their values. An error means
// that the value is no such record.
func TermsOf[T any](terms func(record T) []string) func(value []byte) ([]string, error) {
	return func(value []byte) ([]string, error) {
		var record T
		if err := ledger.Decode(value, ledger.MaxValue, &record); err != nil {
			return nil, fmt.Errorf("%w: %w", ledger.ErrCorrupt, err)
		}
		return terms(record), nil
	}
}

// AreaTerm is the term of the records of a folder that belong to an area and are
// in a state. One term serves those who ask for either of them.
func AreaTerm(folder, area, state string) string { return AreaTerms(folder, area) + state }

// AreaTerms is what the terms of an area begin with.
func AreaTerms(folder, area string) string { return folder + "/area/" + area + "/" }

// OfState tells whether an AreaTerm is that of a state.
func OfState(term, state string) bool { return strings.HasSuffix(term, "/"+state) }

// TimeTerm is a term of a time in ms since 1970 UTC. Such terms order as their
// times do.
func TimeTerm(prefix string, ms int64) string { return fmt.Sprintf("%s%015d", prefix, max(ms, 0)) }

// AreaOf is the area in a platform number, "" if it is none.
func AreaOf(number string) string {
	_, rest, _ := strings.Cut(number, "-")
	area, _, _ := strings.Cut(rest, "-")
	return area
}
