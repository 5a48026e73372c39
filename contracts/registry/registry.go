// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package registry lists the methods of every contract.
package registry

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/persons"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// New gives the methods of execution version contracts.ExecutionVersion.
func New() *contracts.Registry {
	return contracts.NewRegistry(slices.Concat(
		consortium.Methods(),
		parties.Methods(),
		persons.Methods(),
		rights.Methods(),
		freezes.Methods(),
		pledges.Methods(),
		loans.Methods(),
	)...)
}
