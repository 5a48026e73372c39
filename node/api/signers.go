// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

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
	people, err := v.people(c)
	if err != nil {
		return err
	}
	var needed []string
	for _, role := range m.Rule.Roles {
		needed = append(needed, role)
		for n := int64(1); role == contracts.Admin && n < params.Of(contracts.AdminThreshold); n++ {
			needed = append(needed, role)
		}
	}
	chosen, missing := assign(needed, people[body.Actor])
	if missing != "" {
		return lacking("signers", missing)
	}
	for i, person := range chosen {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: body.Actor, Role: needed[i], Key: person.Key})
	}
	if len(body.Signers) == 0 {
		return lacking("signers", contracts.Maker)
	}
	for len(body.Signers) < ledger.MaxSigners {
		failures, err := s.failures(v, rules, *body)
		if err != nil {
			return err
		}
		before := len(body.Signers)
		for _, f := range failures {
			if err := addSigner(m, body, args, people, f); err != nil {
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
func addSigner(m contracts.Method, body *ledger.Body, args json.RawMessage, people map[string][]contracts.Person, f ledger.Failure) error {
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
	default:
		at := slices.IndexFunc(people[f.Subject], func(p contracts.Person) bool { return mayCountersign(p) })
		if at < 0 {
			return lacking("signers", f.Subject)
		}
		signer.Role, signer.Key = contracts.Countersigner, people[f.Subject][at].Key
	}
	if !slices.ContainsFunc(body.Signers, func(have ledger.Signer) bool { return have.Key == signer.Key }) {
		body.Signers = append(body.Signers, signer)
	}
	return nil
}

// newcomer is the organisation that a new key is for: the one that the arguments
// register, or the acting one.
func newcomer(args json.RawMessage, actor string) string {
	if id, err := identifier.USCCOrgCheckWaived(argument(args, "uscc")); err == nil {
		return id
	}
	return actor
}

// mayCountersign tells whether a person may agree for an organisation that does
// not act.
func mayCountersign(p contracts.Person) bool {
	return slices.ContainsFunc(p.Roles, func(role string) bool {
		return role == contracts.Countersigner || role == contracts.Maker || role == contracts.Checker || role == contracts.Approver
	})
}

// people are the active persons by organisation, in the order of their ids, the
// caller first.
func (v *view) people(c *caller) (map[string][]contracts.Person, error) {
	people := make(map[string][]contracts.Person)
	var fault error
	err := v.Iterate(personsPrefix, func(key string, value []byte) bool {
		var p contracts.Person
		if fault = decode(key, value, &p); fault != nil {
			return false
		}
		if p.RevokedAt == 0 {
			people[p.Organisation] = append(people[p.Organisation], p)
		}
		return true
	})
	if err == nil {
		err = fault
	}
	if err != nil {
		return nil, err
	}
	own := people[c.party.PartyID]
	slices.SortStableFunc(own, func(a, b contracts.Person) int {
		return cmp.Compare(rankOf(a, c), rankOf(b, c))
	})
	return people, nil
}

func rankOf(p contracts.Person, c *caller) int {
	if p.PersonID == c.person.PersonID {
		return 0
	}
	return 1
}

// assign finds a person of its own for each role, first ones first. If there
// are too few it names the role that lacks one. A later role may move an earlier
// one to another person, who holds it too (a bipartite matching by augmenting
// paths), so that one person who may do all does not stand in the way.
func assign(roles []string, people []contracts.Person) (chosen []contracts.Person, missing string) {
	holder := make([]int, len(roles)) // place in people
	owner := make(map[int]int)        // the reverse
	var place func(role int, seen map[int]bool) bool
	place = func(role int, seen map[int]bool) bool {
		for i, p := range people {
			if seen[i] || !slices.Contains(p.Roles, roles[role]) {
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

func lacking(field, subject string) error {
	return refused(http.StatusBadRequest, ledger.Failure{
		Code: contracts.ERole, Field: field, Subject: subject, Reason: contracts.ReasonMissingRole,
	})
}
