// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consents

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
)

// Terms gives the terms by which a consent is found: by its right, and by the parties that
// it names.
var Terms = contracts.TermsOf(func(c rights.Consent) []string {
	parties := []string{}
	if c.RequestedBy != "" {
		parties = append(parties, c.RequestedBy)
	}
	if c.Breach != nil {
		parties = append(parties, c.Breach.Owners...)
	}
	for _, asked := range c.Asked {
		parties = append(parties, asked.Pledgees...)
	}
	for _, g := range c.Grants {
		parties = append(parties, g.Pledgees...)
	}
	slices.Sort(parties)
	terms := []string{RightTerm(rights.RecordKey(c.Space, c.Number))}
	for _, party := range slices.Compact(parties) {
		terms = append(terms, PartyTerm(party))
	}
	return terms
})

// RightTerm is the term of the consents of a right, which is named by the state key of its
// record.
func RightTerm(key string) string { return "consents/right/" + key }

// PartyTerm is the term of the consents that name a party as owner or as pledgee.
func PartyTerm(partyID string) string { return "consents/party/" + partyID }
