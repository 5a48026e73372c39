// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// ResetArgs are the arguments of persons.reset_admin. The new key signs nothing of the
// transactions that decide about it: see PossessionBytes.
type ResetArgs struct {
	PersonID   string         `cbor:"1,keyasint" json:"person_id" schema:"max=64"`
	Key        keys.PublicKey `cbor:"2,keyasint" json:"key"`
	Document   ledger.Hash    `cbor:"3,keyasint" json:"document"` // of the organisation's request, kept off the ledger
	Possession []byte         `cbor:"4,keyasint" json:"possession" schema:"max=64"`
}

// PossessionBytes is what the holder of the new key signs: "ipledger/reset-admin/v1\0" ‖
// genesis hash ‖ the encoded arguments, without the signature.
func (a ResetArgs) PossessionBytes(n ledger.Network) []byte {
	a.Possession = nil
	return contracts.PossessionBytes(n, "ipledger/reset-admin/v1\x00", a)
}

func checkReset(n ledger.Network, args ResetArgs, r *contracts.Refusal) {
	contracts.CheckPossession(n, args.Key, args.PossessionBytes(n), args.Possession, r)
}

// resetAdmin puts another key in the place of an administrator's by vote, for an
// organisation that has lost so many keys that it cannot help itself. As with a reset by
// its own administrators the old key, if it turns up, has the lock window to object, and
// so has any other administrator, who may revoke the person.
func resetAdmin(v *contracts.View, args ResetArgs) (RotateResult, *contracts.Refusal) {
	person, r := findPerson(v, args.PersonID, "person_id")
	if r.Refuses() {
		return RotateResult{}, r
	}
	person = person.Settle(v.Time())
	party, _ := contracts.Load[contracts.Party](v, contracts.PartyKey(person.Organisation))
	refuse := func(reason string) {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: person.PersonID, Reason: reason})
	}
	switch {
	case party.Status == contracts.PartyMerged:
		refuse(contracts.ReasonMerged)
	case !slices.Contains(person.Roles, contracts.Admin):
		refuse(contracts.ReasonPersonRole)
	case person.Rotation != nil:
		refuse(contracts.ReasonRotating)
	}
	if args.Document.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "document", Reason: contracts.ReasonEmpty})
	}
	contracts.CheckUnusedKey(v, args.Key, "key", r)
	if r.Refuses() {
		return RotateResult{}, r
	}
	person.Rotation = &contracts.Rotation{Key: args.Key, StartedAt: v.Time(), HoldsFrom: v.Time() + v.Figure(contracts.LockHours)*hour}
	store(v, person, "person.key_rotation_waits")
	contracts.BindKey(v, args.Key, person.PersonID)
	return RotateResult{PersonID: person.PersonID, HoldsFrom: person.Rotation.HoldsFrom}, nil
}
