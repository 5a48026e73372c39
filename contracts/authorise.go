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
// organisations and persons, or the key of a node against the newest validator
// set, and against the method's rule. That the signatures verify was checked
// before, without any state.
func authorise(v *View, rule Rule) *Refusal {
	r := new(Refusal)
	body := v.tx.Body()
	refuse := func(field, subject, reason string) {
		r.Add(ledger.Failure{Code: ERole, Field: field, Subject: subject, Reason: reason})
	}

	actor, _ := partyOf(v, body.Actor)
	v.actor = actor
	switch why := actor.whyNot(v.Time()); {
	case why != "" && !(rule.Suspended && why == ReasonSuspended):
		refuse("actor", body.Actor, why)
		return r
	case len(rule.Actors) > 0 && !slices.Contains(rule.Actors, actor.Role):
		refuse("actor", body.Actor, ReasonPartyRole)
		return r
	}

	if rule.Vote {
		r.Add(ledger.Failure{Code: EQuorum, Field: "method", Reason: ReasonVote})
		return r
	}
	v.signers = v.signers[:0]
	var agents []string
	if rule.ByNode && len(body.Signers) == 1 && body.Signers[0].Role == Validator {
		s := body.Signers[0]
		switch {
		case s.Organisation != body.Actor:
			refuse("signers[0]", s.Organisation, ReasonUnexpected)
		case !isNode(v, s.Organisation, s.Key):
			refuse("signers[0]", s.Organisation, ReasonNode)
		}
		v.signers = append(v.signers, Signer{Organisation: s.Organisation, Role: s.Role, Key: s.Key})
		return r
	}
	for i, s := range body.Signers {
		refuse := func(subject, reason string) { refuse(fmt.Sprintf("signers[%d]", i), subject, reason) }
		signer := Signer{Organisation: s.Organisation, Role: s.Role, Key: s.Key}
		switch {
		case rule.NewKey != "" && s.Role == rule.NewKey:
			if alreadySigns(v.signers, signer) {
				refuse(s.Organisation, ReasonSamePerson)
			}
			v.signers = append(v.signers, signer)
			continue
		case s.Organisation == body.Actor && !slices.Contains(rule.Roles, s.Role) && !slices.Contains(rule.May, s.Role),
			s.Organisation != body.Actor && !slices.Contains(rule.Others, s.Role):
			refuse(s.Organisation, ReasonUnexpected)
			continue
		}
		person, reason := personOf(v, s)
		if reason != "" {
			refuse(s.Organisation, reason)
			continue
		}
		signer.Person, signer.For = person.PersonID, person.StandsFor(s.Role, v.Time())
		if person.Organisation != s.Organisation {
			agents = append(agents, person.Organisation)
		}
		// A maker must not check the own entry, nor lend a second key to it.
		if alreadySigns(v.signers, signer) {
			refuse(person.PersonID, ReasonSamePerson)
			continue
		}
		v.signers = append(v.signers, signer)
	}
	// An agent does not deal with itself for its principal (Civil Code, article 168).
	for i, s := range body.Signers {
		if slices.Contains(agents, s.Organisation) {
			refuse(fmt.Sprintf("signers[%d]", i), s.Organisation, ReasonSelfDealing)
		}
	}
	for _, role := range rule.Roles {
		if !slices.ContainsFunc(body.Signers, func(s ledger.Signer) bool { return s.Organisation == body.Actor && s.Role == role }) {
			refuse("signers", role, ReasonMissingRole)
		}
	}
	if r.Refuses() {
		return r
	}
	if slices.Contains(rule.Roles, Admin) && !v.SignedByAdmins() {
		r.Add(ledger.Failure{Code: EQuorum, Field: "signers", Subject: body.Actor})
	}
	return r
}

// personOf finds the person behind a signer and the reason why it may not sign
// so, "" if it may.
func personOf(v *View, s ledger.Signer) (Person, string) {
	person, ok := personOfKey(v, s.Key)
	if !ok {
		return Person{}, ReasonKey
	}
	if person.Organisation != s.Organisation {
		if why := agency(v, person.Organisation, s); why != "" {
			return Person{}, why
		}
	} else if party, _ := partyOf(v, s.Organisation); party.Foreign() && !Administers(v.tx.Body().Contract) {
		return Person{}, ReasonNeedsAgent // Announcement 461 of CNIPA, article 5
	}
	switch {
	case person.RevokedAt != 0:
		return Person{}, ReasonRevoked
	case person.KeyAt(v.Time()) != s.Key:
		return Person{}, whyNoKey(person, s.Key)
	}
	person = person.InForce(func(id string) (Person, bool) { return loadShared[Person](v, PersonKey(id)) })
	if !person.Holds(s.Role, v.Time()) {
		return Person{}, ReasonPersonRole
	}
	if s.Organisation != v.Actor() {
		if party, _ := partyOf(v, s.Organisation); !party.ActiveAt(v.Time()) {
			return Person{}, party.whyNot(v.Time())
		}
	}
	return person, ""
}

// agency is the reason why a person of another organisation may not sign for the
// one that a signer names, "" if its organisation is an agent in this.
func agency(v *View, agent string, s ledger.Signer) string {
	d, ok := loadShared[Delegation](v, DelegationKey(s.Organisation, agent))
	switch body := v.tx.Body(); {
	case !ok:
		return ReasonOther
	case !d.LiveOn(v.Today()) || !d.Covers(body.Contract+"."+body.Method) || s.Role == Admin:
		return ReasonDelegation
	}
	party, _ := partyOf(v, agent)
	return party.whyNot(v.Time())
}

// whyNoKey is the reason why a key is not the one that a person signs with.
func whyNoKey(p Person, key keys.PublicKey) string {
	if p.Rotation != nil && p.Rotation.Key == key {
		return ReasonKeyWaiting
	}
	return ReasonKeyReplaced
}

// personOfKey finds the person a key is or was enrolled for. It is called before the
// transaction writes anything, and a key has one person for ever, so that what is
// known of it is never forgotten.
func personOfKey(v *View, key keys.PublicKey) (Person, bool) {
	holder, ok := v.known.holders[key]
	if !ok {
		id, enrolled := Load[string](v, keyKey(key))
		if !enrolled {
			return Person{}, false
		}
		holder = PersonKey(id)
		v.known.holders[key] = holder
	}
	return loadShared[Person](v, holder)
}

func alreadySigns(signers []Signer, s Signer) bool {
	return slices.ContainsFunc(signers, func(other Signer) bool {
		return other.Key == s.Key || s.Person != "" && other.Person == s.Person
	})
}

// countStanding counts the people whose role an organisation's signers stand for: an
// absent person and its substitutes are one.
func countStanding(signers []Signer, organisation, role string) int64 {
	var standing []string
	for _, s := range signers {
		if s.Organisation == organisation && s.Role == role && !slices.Contains(standing, s.For) {
			standing = append(standing, s.For)
		}
	}
	return int64(len(standing))
}
