// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import "github.com/ipledger/ipledger/contracts"

// Terms gives the terms by which the public record of a pledge is found. The
// parties of an application are not in the record until it is registered, and so
// not in the index.
var Terms = contracts.TermsOf(func(r Record) []string {
	terms := []string{
		contracts.AreaTerm("pledges", contracts.AreaOf(r.PledgeNo), string(r.State)),
		SubmittedTerm(r.SubmittedAt),
	}
	for _, right := range r.Rights {
		terms = append(terms, RightTerm(right.key()))
	}
	for _, party := range r.Pledgees {
		terms = append(terms, PledgeeTerm(party))
	}
	for _, party := range r.Pledgors {
		terms = append(terms, PledgorTerm(party))
	}
	if r.StatutoryNo != "" {
		terms = append(terms, StatutoryTerm(r.StatutoryNo))
	}
	return terms
})

// RightTerm is the term of the pledges of a right, which is named by the state key
// of its record.
func RightTerm(key string) string { return "pledges/right/" + key }

// PledgeeTerm is the term of the registered pledges to a party.
func PledgeeTerm(partyID string) string { return "pledges/pledgee/" + partyID }

// PledgorTerm is the term of the registered pledges by a party.
func PledgorTerm(partyID string) string { return "pledges/pledgor/" + partyID }

// StatutoryTerm is the term of the pledge that has a statutory registration number.
func StatutoryTerm(number string) string { return "pledges/statutory/" + number }

// SubmittedTerm is the term of the pledges that were applied for at a block time.
func SubmittedTerm(at int64) string { return contracts.TimeTerm("pledges/submitted/", at) }
