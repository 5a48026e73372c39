// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// CheckNewKey checks a key that is to be enrolled for an organisation: a sound
// key that was never enrolled anywhere and that signs the transaction in role.
func CheckNewKey(v *View, organisation, role string, key keys.PublicKey, field string, r *Refusal) {
	signed, others := false, false
	for _, s := range v.Signers() {
		if s.Person != "" {
			continue
		}
		if s.Organisation == organisation && s.Role == role && s.Key == key {
			signed = true
		} else {
			others = true
		}
	}
	if others {
		r.Add(ledger.Failure{Code: ERole, Field: "signers", Subject: organisation, Reason: ReasonUnexpected})
	}
	if !signed {
		r.Add(ledger.Failure{Code: ESignature, Field: field, Reason: ReasonPossession})
	}
	CheckUnusedKey(v, key, field, r)
}

// CheckUnusedKey checks that a key is sound and was never enrolled anywhere. Whoever
// calls it has seen a proof that the key is held.
func CheckUnusedKey(v *View, key keys.PublicKey, field string, r *Refusal) {
	if key.Algorithm != v.Network().Suite.Algorithm() || key.Check() != nil {
		r.Add(ledger.Failure{Code: EFormat, Field: field, Reason: ReasonValue})
		return
	}
	if _, used := v.Get(keyKey(key)); used {
		r.Add(ledger.Failure{Code: EDuplicate, Field: field, Reason: ReasonKeyUsed})
	}
}

// EnrolPerson records the holder of a key that was checked, and gives
// its pseudonym. The roles are sorted.
func EnrolPerson(v *View, organisation string, key keys.PublicKey, roles []string) string {
	id := PersonID(v.Network().Suite, key)
	Store(v, PersonKey(id), Person{
		PersonID: id, Organisation: organisation, Roles: roles, Key: key, EnrolledAt: v.Time(),
	})
	Store(v, keyKey(key), id)
	v.Emit("person.enrolled", id)
	return id
}
