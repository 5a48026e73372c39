// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
)

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
		terms = append(terms, StatutoryTerm(r.StatutoryNo), StatutoryTimeTerm(r.StatutoryTime), RegisteredTerm(r.RegisteredAt))
	}
	for _, number := range r.FormerNumbers() {
		terms = append(terms, StatutoryTerm(number))
	}
	if r.PoolNo != "" {
		terms = append(terms, PoolTerm(r.PoolNo))
	}
	return terms
})

// ApplicationTerms gives the terms of an application: it is found by those whom it
// concerns now and whom the public record does not name.
var ApplicationTerms = contracts.TermsOf(func(a Application) []string {
	var concerned []string
	switch state := a.StepState; {
	case state.Pending():
		concerned = slices.Concat(a.Pledgors, a.Pledgees, []string{a.Office})
	case state == ReleasePending:
		concerned = []string{a.Office}
	case state == Enforcing && a.Enforcement != nil:
		concerned = slices.Clone(a.Enforcement.Notified)
	}
	slices.Sort(concerned)
	var terms []string
	for _, party := range slices.Compact(concerned) {
		terms = append(terms, ConcernedTerm(party))
	}
	return terms
})

// ConcernedTerm is the term of the applications that concern a party.
func ConcernedTerm(partyID string) string { return "applications/party/" + partyID }

// RightTerm is the term of the pledges of a right, which is named by the state key
// of its record.
func RightTerm(key string) string { return "pledges/right/" + key }

// PledgeeTerm is the term of the registered pledges to a party.
func PledgeeTerm(partyID string) string { return "pledges/pledgee/" + partyID }

// PledgorTerm is the term of the registered pledges by a party.
func PledgorTerm(partyID string) string { return "pledges/pledgor/" + partyID }

// StatutoryTerm is the term of the pledge that has a statutory registration number.
func StatutoryTerm(number string) string { return "pledges/statutory/" + number }

// RegisteredTerm is the term of the pledges that were registered here at a block time.
func RegisteredTerm(at int64) string { return contracts.TimeTerm("pledges/registered/", at) }

// StatutoryTimeTerm is the term of the pledges that the register has since a time.
func StatutoryTimeTerm(at int64) string { return contracts.TimeTerm("pledges/statutory_time/", at) }

// PoolTerm is the term of the pledges of a pool.
func PoolTerm(poolNo string) string { return "pledges/pool/" + poolNo }

// SubmittedTerm is the term of the pledges that were applied for at a block time.
func SubmittedTerm(at int64) string { return contracts.TimeTerm("pledges/submitted/", at) }
