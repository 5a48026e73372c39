// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// authorise checks the signers that a body names against the records of
// organisations and persons and against the method's rule. That the signatures
// verify was checked before, without any state.
func authorise(v *View, rule Rule) *Refusal {
	r := new(Refusal)
	body := v.tx.Body()
	refuse := func(field, subject, reason string) {
		r.Add(ledger.Failure{Code: ERole, Field: field, Subject: subject, Reason: reason})
	}

	actor, ok := loadShared[Party](v, PartyKey(body.Actor))
	switch {
	case !ok || actor.Status != PartyActive:
		refuse("actor", body.Actor, ReasonParty)
		return r
	case len(rule.Actors) > 0 && !slices.Contains(rule.Actors, actor.Role):
		refuse("actor", body.Actor, ReasonPartyRole)
		return r
	}

	v.signers = make([]Signer, 0, len(body.Signers))
	for i, s := range body.Signers {
		field := fmt.Sprintf("signers[%d]", i)
		signer := Signer{Organisation: s.Organisation, Role: s.Role, Key: s.Key}
		switch {
		case rule.NewKey != "" && s.Role == rule.NewKey:
			if alreadySigns(v.signers, signer) {
				refuse(field, s.Organisation, ReasonSamePerson)
			}
			v.signers = append(v.signers, signer)
			continue
		case s.Organisation == body.Actor && !slices.Contains(rule.Roles, s.Role),
			s.Organisation != body.Actor && !slices.Contains(rule.Others, s.Role):
			refuse(field, s.Organisation, ReasonUnexpected)
			continue
		}
		person, reason := personOf(v, s)
		if reason != "" {
			refuse(field, s.Organisation, reason)
			continue
		}
		signer.Person = person.PersonID
		// A maker must not check the own entry, nor lend a second key to it.
		if alreadySigns(v.signers, signer) {
			refuse(field, person.PersonID, ReasonSamePerson)
			continue
		}
		v.signers = append(v.signers, signer)
	}
	for _, role := range rule.Roles {
		if !slices.ContainsFunc(body.Signers, func(s ledger.Signer) bool { return s.Organisation == body.Actor && s.Role == role }) {
			refuse("signers", role, ReasonMissingRole)
		}
	}
	if r.Refuses() {
		return r
	}
	if slices.Contains(rule.Roles, Admin) {
		if n := countSigned(v.signers, body.Actor, Admin); n < v.params.AdminThreshold {
			r.Add(ledger.Failure{Code: EQuorum, Field: "signers", Subject: body.Actor})
		}
	}
	return r
}

// personOf finds the person behind a signer and the reason why it may not sign
// so, "" if it may.
func personOf(v *View, s ledger.Signer) (Person, string) {
	person, ok := personOfKey(v, s.Key)
	switch {
	case !ok:
		return Person{}, ReasonKey
	case person.Organisation != s.Organisation:
		return Person{}, ReasonOther
	case person.RevokedAt != 0:
		return Person{}, ReasonRevoked
	case !holds(person, s.Role):
		return Person{}, ReasonPersonRole
	}
	if s.Organisation != v.Actor() {
		if party, ok := loadShared[Party](v, PartyKey(s.Organisation)); !ok || party.Status != PartyActive {
			return Person{}, ReasonParty
		}
	}
	return person, ""
}

// personOfKey finds the person a key is or was enrolled for.
func personOfKey(v *View, key keys.PublicKey) (Person, bool) {
	id, ok := loadShared[string](v, keyKey(key))
	if !ok {
		return Person{}, false
	}
	return loadShared[Person](v, PersonKey(id))
}

// holds tells whether a person may sign in a role. Whoever may enter, check or
// approve for an organisation may also countersign for it.
func holds(p Person, role string) bool {
	if role == Countersigner {
		return slices.ContainsFunc(p.Roles, func(r string) bool {
			return r == Countersigner || r == Maker || r == Checker || r == Approver
		})
	}
	return slices.Contains(p.Roles, role)
}

func alreadySigns(signers []Signer, s Signer) bool {
	return slices.ContainsFunc(signers, func(other Signer) bool {
		return other.Key == s.Key || s.Person != "" && other.Person == s.Person
	})
}

func countSigned(signers []Signer, organisation, role string) int64 {
	var n int64
	for _, s := range signers {
		if s.Organisation == organisation && s.Role == role {
			n++
		}
	}
	return n
}
