// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package registry lists the methods of every contract.
package registry

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consents"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/corrections"
	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/persons"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/pools"
	"github.com/ipledger/ipledger/contracts/rights"
)

// versions never change, and take milliseconds to make: a program has them once, however
// often it asks. Its commands ask for each method of which they are the front.
var versions = contracts.NewVersions(first())

// Versions gives the rules of every execution version that this program knows.
func Versions() *contracts.Versions { return versions }

// New gives the methods of the newest of them.
func New() *contracts.Registry { return Versions().Latest() }

// first gives the methods of contracts.FirstVersion.
func first() *contracts.Registry {
	return contracts.NewRegistry(slices.Concat(
		consortium.Methods(),
		parties.Methods(),
		persons.Methods(),
		rights.Methods(),
		freezes.Methods(),
		pledges.Methods(),
		consents.Methods(),
		pools.Methods(),
		corrections.Methods(),
		disposals.Methods(),
		loans.Methods(),
	)...).Naming(Names())
}

// Names tells, by kind of record, which organisations a record names.
func Names() map[identifier.RecordKind]contracts.Names {
	return map[identifier.RecordKind]contracts.Names{
		identifier.RightRecord:    rights.Names,
		identifier.PledgeRecord:   pledges.Names,
		identifier.LoanRecord:     loans.Names,
		identifier.PoolRecord:     pools.Names,
		identifier.DisposalRecord: disposals.Names,
	}
}

// IndexVersion is the version of what Terms gives. Whoever changes the terms of
// any record raises it: each node then makes its index anew at its next start.
const IndexVersion = 3

// Terms gives, by folder of the state, the terms by which queries find a value.
func Terms() map[string]func(value []byte) ([]string, error) {
	return map[string]func(value []byte) ([]string, error){
		"rights":              rights.Terms,
		"pledges":             pledges.Terms,
		"pledge_applications": pledges.ApplicationTerms,
		"loans":               loans.Terms,
		"corrections":         corrections.Terms,
		"consents":            consents.Terms,
		"disposals":           disposals.Terms,
	}
}
