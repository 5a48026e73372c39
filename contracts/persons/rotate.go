// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// RotateArgs are the arguments of persons.rotate_key.
type RotateArgs struct {
	PersonID string         `cbor:"1,keyasint" json:"person_id" schema:"max=64"`
	Key      keys.PublicKey `cbor:"2,keyasint" json:"key"`
}

// RotateResult says from when the new key is the person's.
type RotateResult struct {
	PersonID  string `cbor:"1,keyasint" json:"person_id"`
	HoldsFrom int64  `cbor:"2,keyasint" json:"holds_from"` // ms since 1970 UTC
}

// VetoArgs are the arguments of persons.veto_rotation.
type VetoArgs struct {
	PersonID string `cbor:"1,keyasint" json:"person_id" schema:"max=64"`
}

const hour = 60 * 60 * 1000 // ms

// maxFormerKeys bounds the former keys with which a person may still rotate. Its
// record stays so short that it can always be revoked, given roles and vetoed for;
// who needs more keys than that is enrolled anew.
const maxFormerKeys = 32

// rotateKey puts another key in the place of a person's; the pseudonym stays. Whoever
// has the old key may do so at once. Where it is lost, the administrators may, and
// the old key, if it turns up, has the lock window to object: so administrators take
// over nobody's pseudonym behind the holder's back (JR/T 0184-2020, on lost keys). A
// stolen key is for persons.revoke.
func rotateKey(v *contracts.View, args RotateArgs) (RotateResult, *contracts.Refusal) {
	person, r := ownPerson(v, args.PersonID, "person_id")
	if r.Refuses() {
		return RotateResult{}, r
	}
	person = person.Settle(v.Time())
	byHolder := signedBy(v, person.PersonID)
	switch {
	case byHolder:
	case !v.SignedByAdmins():
		r.Add(ledger.Failure{Code: contracts.EQuorum, Field: "signers", Subject: person.PersonID, Reason: contracts.ReasonHolder})
	case person.Rotation != nil:
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: person.PersonID, Reason: contracts.ReasonRotating})
	}
	if len(person.FormerKeys) >= maxFormerKeys {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: person.PersonID, Reason: contracts.ReasonLength})
	}
	contracts.CheckNewKey(v, v.Actor(), contracts.NewPerson, args.Key, "key", r)
	if r.Refuses() {
		return RotateResult{}, r
	}
	rotation := contracts.Rotation{Key: args.Key, StartedAt: v.Time(), HoldsFrom: v.Time()}
	event := "person.key_rotated"
	if byHolder {
		person = stop(person, v.Time()) // whoever has the old key has the word
	} else {
		rotation.HoldsFrom += v.Figure(contracts.LockHours) * hour
		event = "person.key_rotation_waits"
	}
	person.Rotation = &rotation
	person = person.Settle(v.Time())
	store(v, person, event)
	contracts.BindKey(v, args.Key, person.PersonID)
	return RotateResult{PersonID: person.PersonID, HoldsFrom: rotation.HoldsFrom}, nil
}

func vetoRotation(v *contracts.View, args VetoArgs) (Result, *contracts.Refusal) {
	person, r := ownPerson(v, args.PersonID, "person_id")
	if r.Refuses() {
		return Result{}, r
	}
	person = person.Settle(v.Time())
	if !signedBy(v, person.PersonID) {
		r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: person.PersonID})
	}
	if person.Rotation == nil {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: person.PersonID, Reason: contracts.ReasonNoRotation})
	}
	if r.Refuses() {
		return Result{}, r
	}
	return store(v, stop(person, v.Time()), "person.key_rotation_vetoed"), nil
}

// stop drops a rotation that waits. Its key is used up all the same.
func stop(p contracts.Person, at int64) contracts.Person {
	if p.Rotation != nil {
		p.FormerKeys = append(slices.Clone(p.FormerKeys), contracts.FormerKey{Key: p.Rotation.Key, Until: at, Vetoed: true})
		p.Rotation = nil
	}
	return p
}

// signedBy tells whether a person signed, with the key that is its own now.
func signedBy(v *contracts.View, personID string) bool {
	return slices.ContainsFunc(v.Signers(), func(s contracts.Signer) bool { return s.Person == personID })
}
