// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// A Delegation lets the people of an agent sign for a principal, in the roles that
// they hold at the agent, calls of the methods named. It ends by time alone. An
// agent cannot pass it on: whoever signs for the principal is of the principal or of
// the agent itself.
type Delegation struct {
	Principal string   `cbor:"1,keyasint" json:"principal"`                    // party id
	Agent     string   `cbor:"2,keyasint" json:"agent"`                        // party id
	Methods   []string `cbor:"3,keyasint" json:"methods"`                      // sorted: contract.method, or a contract with all of its methods
	Until     string   `cbor:"4,keyasint" json:"until"`                        // its last day
	GrantedAt int64    `cbor:"5,keyasint" json:"granted_at"`                   // block time, ms since 1970 UTC
	EndedAt   int64    `cbor:"6,keyasint,omitempty" json:"ended_at,omitempty"` // block time; absent: not ended before its last day
}

// DelegationKey is the state key of what a principal has delegated to an agent.
func DelegationKey(principal, agent string) string { return DelegationPrefix(principal) + agent }

// DelegationPrefix begins the state keys of a principal's delegations.
func DelegationPrefix(principal string) string { return "delegations/" + principal + "/" }

// LiveOn tells whether the delegation holds on a day.
func (d Delegation) LiveOn(today identifier.Date) bool {
	return d.EndedAt == 0 && today.String() <= d.Until // of one form, so texts order as days do
}

// Covers tells whether the delegation names a method, contract.method.
func (d Delegation) Covers(method string) bool {
	contract, _, _ := strings.Cut(method, ".")
	return slices.Contains(d.Methods, method) || slices.Contains(d.Methods, contract)
}

// Delegable tells of a method, or of a contract with all of its methods, whether an
// agent may be let to sign calls of it: those of the business, not those by which
// organisations are administered and decide together.
func (v *View) Delegable(name string) bool {
	return slices.ContainsFunc(v.methods.methods, func(m Method) bool {
		return (name == m.FullName() || name == m.Contract) && !Administers(m.Contract)
	})
}

// Administers tells of a contract whether organisations are administered by it and
// decide together: what each does with its own people.
func Administers(contract string) bool {
	return contract == "parties" || contract == "persons" || contract == "consortium"
}

// MayDelegate tells whether an organisation of this kind may be a principal or an
// agent, or come to own what another owned: those that do business for themselves. Who confirms, registers, orders or
// supervises for others does so with its own people.
func (r PartyRole) MayDelegate() bool {
	switch r {
	case Bank, Borrower, Pledgor, Coowner, Valuer, Guarantor, Insurer, Fund, Exchange:
		return true
	}
	return false
}
