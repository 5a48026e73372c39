// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// chooseSigners names who has to sign. Of the acting organisation the method's
// rule says which roles. Who else has to is known to the contract alone, so it is
// asked: the draft is executed, and whoever it misses is added, until it misses
// nobody.
func (s *server) chooseSigners(v *view, rules *contracts.Registry, c *caller, m contracts.Method, body *ledger.Body, args json.RawMessage) error {
	params, err := v.parameters()
	if err != nil {
		return err
	}
	people, err := v.people()
	if err != nil {
		return err
	}
	var admins []string
	if _, err := v.load(contracts.AdminsKey(body.Actor), &admins); err != nil {
		return err
	}
	roles := m.Rule.Roles
	if len(roles) == 0 && len(m.Rule.May) > 0 {
		roles = []string{contracts.Admin}
		if argument(args, "person_id") == c.person.PersonID { // of the own key
			roles = c.person.RolesAt(v.header.Time)[:1]
		}
	}
	var needed []string
	for _, role := range roles {
		needed = append(needed, role)
		for n := int64(1); role == contracts.Admin && n < contracts.AdminQuorum(len(admins), params); n++ {
			needed = append(needed, role)
		}
	}
	candidates, err := v.candidates(people, body.Actor, m.FullName())
	if err != nil {
		return err
	}
	slices.SortStableFunc(candidates, func(a, b contracts.Person) int { return cmp.Compare(rankOf(a, c), rankOf(b, c)) })
	chosen, missing := assign(needed, candidates, func(p contracts.Person, role string) bool {
		return p.Holds(role, v.header.Time) && (role != contracts.Admin || p.Organisation == body.Actor)
	})
	if missing != "" {
		return lacking(missing)
	}
	for i, person := range chosen {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: body.Actor, Role: needed[i], Key: person.KeyAt(v.header.Time)})
	}
	if len(body.Signers) == 0 {
		return lacking(contracts.Maker)
	}
	for len(body.Signers) < ledger.MaxSigners {
		failures, err := s.failures(v, rules, *body)
		if err != nil {
			return err
		}
		before := len(body.Signers)
		for _, f := range failures {
			if err := v.addSigner(m, body, args, people, f); err != nil {
				return err
			}
		}
		if len(body.Signers) == before {
			return nil
		}
	}
	return nil
}

// addSigner adds whom a failure says to be missing, if it says so.
func (v *view) addSigner(m contracts.Method, body *ledger.Body, args json.RawMessage, people map[string][]contracts.Person, f ledger.Failure) error {
	if f.Code != contracts.ESignature && f.Code != contracts.ECoowner || len(body.Signers) == ledger.MaxSigners {
		return nil
	}
	signer := ledger.Signer{Organisation: f.Subject}
	switch {
	case f.Reason == contracts.ReasonPossession && m.Rule.NewKey != "":
		key, err := keys.ParsePublicKey(argument(args, f.Field))
		if err != nil {
			return nil // the contract refuses the argument itself
		}
		signer = ledger.Signer{Organisation: newcomer(args, body.Actor), Role: m.Rule.NewKey, Key: key}
	case f.Subject == "" || !slices.Contains(m.Rule.Others, contracts.Countersigner):
		return nil
	case slices.ContainsFunc(body.Signers, func(have ledger.Signer) bool {
		return have.Organisation == f.Subject && have.Role == contracts.Countersigner
	}):
		return nil
	default:
		candidates, err := v.candidates(people, f.Subject, m.FullName())
		if err != nil {
			return err
		}
		at := slices.IndexFunc(candidates, func(p contracts.Person) bool {
			return p.Holds(contracts.Countersigner, v.header.Time) &&
				!slices.ContainsFunc(body.Signers, func(have ledger.Signer) bool { return have.Key == p.KeyAt(v.header.Time) })
		})
		if at < 0 {
			return lacking(f.Subject)
		}
		signer.Role, signer.Key = contracts.Countersigner, candidates[at].KeyAt(v.header.Time)
	}
	if !slices.ContainsFunc(body.Signers, func(have ledger.Signer) bool { return have.Key == signer.Key }) {
		body.Signers = append(body.Signers, signer)
	}
	return nil
}

// newcomer is the organisation that a new key is for: the one that the arguments
// register, or the acting one.
func newcomer(args json.RawMessage, actor string) string {
	for _, field := range []string{"uscc", "lei"} {
		if id, err := identifier.PartyID(argument(args, field)); err == nil {
			return id
		}
	}
	return actor
}

// people are the persons who are not revoked, by organisation, in the order of their
// ids.
func (v *view) people() (map[string][]contracts.Person, error) {
	people := make(map[string][]contracts.Person)
	err := v.each(personsPrefix, func(key string, value []byte) error {
		var p contracts.Person
		if err := decode(key, value, &p); err != nil {
			return err
		}
		if p.RevokedAt == 0 {
			people[p.Organisation] = append(people[p.Organisation], p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, colleagues := range people {
		find := func(id string) (contracts.Person, bool) {
			i := slices.IndexFunc(colleagues, func(p contracts.Person) bool { return p.PersonID == id })
			if i < 0 {
				return contracts.Person{}, false
			}
			return colleagues[i], true
		}
		for i, p := range colleagues {
			colleagues[i] = p.InForce(find)
		}
	}
	return people, nil
}

// candidates are those who may sign a call of a method for an organisation: its own
// people, then those of its agents. A foreign one does business through these alone.
func (v *view) candidates(people map[string][]contracts.Person, organisation, method string) ([]contracts.Person, error) {
	list := slices.Clone(people[organisation])
	var party contracts.Party
	if ok, err := v.load(contracts.PartyKey(organisation), &party); err != nil {
		return nil, err
	} else if contract, _, _ := strings.Cut(method, "."); ok && party.Foreign() && !contracts.Administers(contract) {
		list = nil
	}
	delegations, err := v.delegations(organisation)
	if err != nil {
		return nil, err
	}
	for _, d := range delegations {
		if !d.LiveOn(v.today()) || !d.Covers(method) {
			continue
		}
		var agent contracts.Party
		if ok, err := v.load(contracts.PartyKey(d.Agent), &agent); err != nil {
			return nil, err
		} else if ok && agent.ActiveAt(v.header.Time) {
			list = append(list, people[d.Agent]...)
		}
	}
	return list, nil
}

// rankOf puts the caller first, and then the colleagues: of two who may sign, those
// who are at hand.
func rankOf(p contracts.Person, c *caller) int {
	switch {
	case p.PersonID == c.person.PersonID:
		return 0
	case p.Organisation == c.party.PartyID:
		return 1
	}
	return 2
}

// assign finds a person of its own for each role, first ones first. If there
// are too few it names the role that lacks one. A later role may move an earlier
// one to another person, who holds it too (a bipartite matching by augmenting
// paths), so that one person who may do all does not stand in the way.
func assign(roles []string, people []contracts.Person, holds func(p contracts.Person, role string) bool) (chosen []contracts.Person, missing string) {
	holder := make([]int, len(roles)) // place in people
	owner := make(map[int]int)        // the reverse
	var place func(role int, seen map[int]bool) bool
	place = func(role int, seen map[int]bool) bool {
		for i, p := range people {
			if seen[i] || !holds(p, roles[role]) {
				continue
			}
			seen[i] = true
			if other, taken := owner[i]; !taken || place(other, seen) {
				holder[role], owner[i] = i, role
				return true
			}
		}
		return false
	}
	for role := range roles {
		if !place(role, make(map[int]bool)) {
			return nil, roles[role]
		}
	}
	for _, i := range holder {
		chosen = append(chosen, people[i])
	}
	return chosen, ""
}

// lacking says for which signer, by role or organisation, nobody was found.
func lacking(subject string) error {
	return refused(http.StatusBadRequest, ledger.Failure{
		Code: contracts.ERole, Field: "signers", Subject: subject, Reason: contracts.ReasonMissingRole,
	})
}
