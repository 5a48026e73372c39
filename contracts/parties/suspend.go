// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// SuspendArgs are the arguments of parties.suspend.
type SuspendArgs struct {
	PartyID  string      `cbor:"1,keyasint" json:"party_id" schema:"format=party"`
	Ground   string      `cbor:"2,keyasint" json:"ground" schema:"enum=BREACH|REGULATOR_ORDER|OTHER"`
	Document ledger.Hash `cbor:"3,keyasint" json:"document"`                  // of the decision or order
	Until    int64       `cbor:"4,keyasint,omitempty" json:"until,omitempty"` // ms since 1970 UTC, exclusive; absent: until it is reinstated
}

// ReinstateArgs are the arguments of parties.reinstate.
type ReinstateArgs struct {
	PartyID  string      `cbor:"1,keyasint" json:"party_id" schema:"format=party"`
	Document ledger.Hash `cbor:"2,keyasint" json:"document"` // of the decision
}

// groundOrder is the ground of a frozen account.
const groundOrder = "REGULATOR_ORDER"

// suspend keeps an organisation from submitting and countersigning (JR/T 0184-2020:
// accounts are frozen and unfrozen by consensus). A new decision takes the place of
// the one before, but the members' own does not that of a regulator's order.
func suspend(v *contracts.View, args SuspendArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	party := existing(v, args.PartyID, "party_id", r)
	checkDocument(args.Document, r)
	if args.Until != 0 && args.Until <= v.Time() {
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until"})
	}
	status := contracts.PartySuspended
	if args.Ground == groundOrder {
		status = contracts.PartyFrozen
	}
	checkOrder(v, party, status, "party_id", r)
	checkVoterLeft(v, party, "party_id", r)
	if r.Refuses() {
		return Result{}, r
	}
	party.Status = status
	party.Suspension = &contracts.Suspension{Ground: args.Ground, Document: args.Document, From: v.Time(), Until: args.Until}
	contracts.StoreParty(v, party)
	event := "party.suspended"
	if status == contracts.PartyFrozen {
		event = "party.account_frozen"
	}
	v.Emit(event, party.PartyID)
	return Result{PartyID: party.PartyID}, nil
}

func reinstate(v *contracts.View, args ReinstateArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	party := existing(v, args.PartyID, "party_id", r)
	checkDocument(args.Document, r)
	if party.ActiveAt(v.Time()) {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "party_id", Subject: party.PartyID, Reason: contracts.ReasonNotSuspended})
	}
	checkOrder(v, party, contracts.PartyActive, "party_id", r)
	if r.Refuses() {
		return Result{}, r
	}
	party.Status, party.Suspension = contracts.PartyActive, nil
	contracts.StoreParty(v, party)
	v.Emit("party.reinstated", party.PartyID)
	return Result{PartyID: party.PartyID}, nil
}

// checkOrder leaves it to the regulators to propose that an account be frozen, that a
// frozen one be anything else, and that a regulator act no more: nobody rids himself of
// who may object.
func checkOrder(v *contracts.View, party contracts.Party, to, field string, r *contracts.Refusal) {
	frozen := party.StatusAt(v.Time()) == contracts.PartyFrozen || to == contracts.PartyFrozen
	supervises := party.Role == contracts.Regulator && to != contracts.PartyActive
	if (frozen || supervises) && !v.ProposedBy(contracts.Regulator) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: field, Subject: party.PartyID, Reason: contracts.ReasonRegulator})
	}
}

// checkVoterLeft keeps the consortium from losing its last voter, as a party is: with
// none left nobody could reinstate another.
func checkVoterLeft(v *contracts.View, party contracts.Party, field string, r *contracts.Refusal) {
	voters, err := contracts.Electorate(v.Reader(), v.Time())
	if err != nil {
		v.Fail(err)
	}
	if len(voters) == 1 && voters[0] == party.PartyID {
		r.Add(ledger.Failure{Code: contracts.EState, Field: field, Subject: party.PartyID, Reason: contracts.ReasonLastVoter})
	}
}

// checkDocument requires the hash of a paper kept off the ledger.
func checkDocument(document ledger.Hash, r *contracts.Refusal) {
	if document.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "document", Reason: contracts.ReasonEmpty})
	}
}
