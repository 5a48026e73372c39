// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// DelegateArgs are the arguments of parties.delegate. There is one delegation to each
// agent: another takes its place.
type DelegateArgs struct {
	Agent   string   `cbor:"1,keyasint" json:"agent" schema:"format=party"`
	Methods []string `cbor:"2,keyasint" json:"methods" schema:"max=65,items=64"` // contract.method, or a contract with all of its methods
	Until   string   `cbor:"3,keyasint" json:"until" schema:"format=date"`       // the last day
}

// EndArgs are the arguments of parties.end_delegation.
type EndArgs struct {
	Agent string `cbor:"1,keyasint" json:"agent" schema:"format=party"`
}

func delegate(v *contracts.View, args DelegateArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	agent := existing(v, args.Agent, "agent", r)
	principal := v.ActingParty()
	switch {
	case agent.PartyID == "":
	case agent.PartyID == principal.PartyID:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "agent", Subject: agent.PartyID, Reason: contracts.ReasonRepeated})
	case !principal.Role.MayDelegate():
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "actor", Subject: principal.PartyID, Reason: contracts.ReasonNoDelegate})
	case !agent.Role.MayDelegate():
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "agent", Subject: agent.PartyID, Reason: contracts.ReasonNoDelegate})
	case agent.Foreign(): // it needs an agency itself
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "agent", Subject: agent.PartyID, Reason: contracts.ReasonForeign})
	}
	methods := slices.Sorted(slices.Values(args.Methods))
	if len(methods) == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "methods", Reason: contracts.ReasonEmpty})
	}
	for i, name := range methods {
		if i > 0 && methods[i-1] == name {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "methods", Reason: contracts.ReasonRepeated})
		}
		if !v.Delegable(name) {
			r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "methods", Subject: name, Reason: contracts.ReasonNoDelegate})
		}
	}
	today := v.Today()
	if until, err := identifier.ParseDate(args.Until); err != nil {
		r.Add(contracts.IdentifierFailure(err, "until"))
	} else if until.Before(today) || today.AddMonths(int(v.Figure(contracts.DelegationMonths))).Before(until) {
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until"})
	}
	if r.Refuses() {
		return Result{}, r
	}
	contracts.Store(v, contracts.DelegationKey(principal.PartyID, agent.PartyID), contracts.Delegation{
		Principal: principal.PartyID, Agent: agent.PartyID, Methods: methods, Until: args.Until, GrantedAt: v.Time(),
	})
	v.Emit("party.delegated", principal.PartyID)
	return Result{PartyID: agent.PartyID}, nil
}

func endDelegation(v *contracts.View, args EndArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	agent := contracts.FindParty(v, args.Agent, "agent", r)
	if r.Refuses() {
		return Result{}, r
	}
	key := contracts.DelegationKey(v.Actor(), agent.PartyID)
	d, ok := contracts.Load[contracts.Delegation](v, key)
	if !ok || !d.LiveOn(v.Today()) {
		return Result{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "agent", Subject: agent.PartyID, Reason: contracts.ReasonDelegation})
	}
	d.EndedAt = v.Time()
	contracts.Store(v, key, d)
	v.Emit("party.delegation_ended", v.Actor())
	return Result{PartyID: agent.PartyID}, nil
}
