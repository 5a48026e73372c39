// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"slices"

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

// CheckPossession checks a proof that comes with the arguments of a call on which others
// decide: the key's signature over a message that says all that is done with it.
func CheckPossession(n ledger.Network, key keys.PublicKey, message, proof []byte, r *Refusal) {
	if key.Algorithm != n.Suite.Algorithm() || len(proof) != keys.SignatureSize || !n.Suite.Verify(key, message, proof) {
		r.Add(ledger.Failure{Code: ESignature, Field: "possession", Reason: ReasonPossession})
	}
}

// PossessionBytes is what the holder of a new key signs beside the transactions: a
// domain, the genesis hash, and the encoded arguments of the call without the proof.
func PossessionBytes(n ledger.Network, domain string, args any) []byte {
	return append(append([]byte(domain), n.Chain[:]...), ledger.Encode(args)...)
}

// CheckUnusedKey checks that a key is sound and was never enrolled anywhere, nor is that
// of a validator. Whoever calls it has seen a proof that the key is held.
func CheckUnusedKey(v *View, key keys.PublicKey, field string, r *Refusal) {
	if key.Algorithm != v.Network().Suite.Algorithm() || key.Check() != nil {
		r.Add(ledger.Failure{Code: EFormat, Field: field, Reason: ReasonValue})
		return
	}
	_, used := v.Get(keyKey(key))
	_, taken := v.Get(PersonKey(PersonID(v.Network().Suite, key)))
	_, votes := newestSet(v).Find(key)
	if used || taken || votes {
		r.Add(ledger.Failure{Code: EDuplicate, Field: field, Reason: ReasonKeyUsed})
	}
}

// EnrolPerson records the holder of a key that was checked, and gives
// its pseudonym. The roles are sorted.
func EnrolPerson(v *View, organisation string, key keys.PublicKey, roles []string) string {
	id := PersonID(v.Network().Suite, key)
	StorePerson(v, Person{
		PersonID: id, Organisation: organisation, Roles: roles, Key: key, EnrolledAt: v.Time(),
	})
	BindKey(v, key, id)
	v.Emit("person.enrolled", id)
	return id
}

// BindKey names a person under a key that CheckNewKey accepted, for ever.
func BindKey(v *View, key keys.PublicKey, personID string) { Store(v, keyKey(key), personID) }

// AdminsKey is the state key of the list of an organisation's administrators: the
// pseudonyms, sorted, of those not revoked. Substitutes are not among them.
func AdminsKey(partyID string) string { return "admins/" + partyID }

// StorePerson writes the record of a person and keeps the list of administrators.
func StorePerson(v *View, p Person) {
	Store(v, PersonKey(p.PersonID), p)
	list, _ := Load[[]string](v, AdminsKey(p.Organisation))
	at, listed := slices.BinarySearch(list, p.PersonID)
	switch belongs := p.RevokedAt == 0 && slices.Contains(p.Roles, Admin); {
	case belongs && !listed:
		Store(v, AdminsKey(p.Organisation), slices.Insert(slices.Clone(list), at, p.PersonID))
	case listed && !belongs:
		Store(v, AdminsKey(p.Organisation), slices.Delete(slices.Clone(list), at, at+1))
	}
}

// MaxAdmins bounds the administrators of an organisation.
const MaxAdmins = 128

// HasRoomFor tells whether a person with these roles can be of an organisation, which
// has at most MaxAdmins administrators.
func HasRoomFor(v *View, p Person) bool {
	list, _ := Load[[]string](v, AdminsKey(p.Organisation))
	return len(list) < MaxAdmins || !slices.Contains(p.Roles, Admin) || slices.Contains(list, p.PersonID)
}

// IsLastAdmin tells of the one administrator whom an organisation cannot lose: with
// none left nobody could enrol another.
func IsLastAdmin(v *View, p Person) bool {
	list, _ := Load[[]string](v, AdminsKey(p.Organisation))
	return len(list) == 1 && list[0] == p.PersonID
}

// AdminsNeeded is how many administrators of an organisation sign its
// administration: as many as the figure says, or all of them while there are fewer.
func AdminsNeeded(v *View, partyID string) int64 {
	list, _ := Load[[]string](v, AdminsKey(partyID))
	return AdminQuorum(len(list), v.Parameters())
}

// AdminQuorum is how many of a number of administrators sign.
func AdminQuorum(admins int, p Parameters) int64 {
	return max(1, min(p.Of(AdminThreshold), int64(admins)))
}

// SignedByAdmins tells whether enough administrators of the actor signed.
func (v *View) SignedByAdmins() bool {
	return countStanding(v.signers, v.Actor(), Admin) >= AdminsNeeded(v, v.Actor())
}
