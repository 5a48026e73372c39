// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// RolesArgs are the arguments of persons.roles.
type RolesArgs struct {
	PersonID string   `cbor:"1,keyasint" json:"person_id" schema:"max=64"`
	Roles    []string `cbor:"2,keyasint" json:"roles" schema:"enum=maker|checker|approver|admin|viewer|countersigner,items=6"`
}

// SubstituteArgs are the arguments of persons.substitute. There is one substitution
// of a person for each absent colleague: another takes its place.
type SubstituteArgs struct {
	PersonID string   `cbor:"1,keyasint" json:"person_id" schema:"max=64"`
	Absent   string   `cbor:"2,keyasint" json:"absent" schema:"max=64"`                                                                            // person id
	Roles    []string `cbor:"3,keyasint,omitempty" json:"roles,omitempty" schema:"enum=maker|checker|approver|admin|viewer|countersigner,items=6"` // of the absent; absent: the substitution ends
	From     int64    `cbor:"4,keyasint,omitempty" json:"from,omitempty"`                                                                          // ms since 1970 UTC; absent: now
	Until    int64    `cbor:"5,keyasint,omitempty" json:"until,omitempty"`                                                                         // ms since 1970 UTC, exclusive
}

// maxSubstitutions bounds those of one person that have not ended.
const maxSubstitutions = 16

func setRoles(v *contracts.View, args RolesArgs) (Result, *contracts.Refusal) {
	person, r := ownPerson(v, args.PersonID, "person_id")
	if r.Refuses() {
		return Result{}, r
	}
	roles := checkRoles(v, person, args.Roles, r)
	if !slices.Contains(roles, contracts.Admin) {
		checkAdminLeft(v, person, r)
	}
	if r.Refuses() {
		return Result{}, r
	}
	person.Roles = roles
	return store(v, person, "person.roles_changed"), nil
}

// substitute lets a person stand in for another. It is one person still: it cannot
// check what it entered, whatever roles it has.
func substitute(v *contracts.View, args SubstituteArgs) (Result, *contracts.Refusal) {
	person, r := ownPerson(v, args.PersonID, "person_id")
	if r.Refuses() {
		return Result{}, r
	}
	person.Substitutions = slices.Clone(person.Substitutions)
	at := slices.IndexFunc(person.Substitutions, func(s contracts.Substitution) bool {
		return s.Absent == args.Absent && v.Time() < s.Until
	})
	if len(args.Roles) == 0 {
		if at < 0 {
			return Result{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "absent"})
		}
		person.Substitutions = slices.Delete(person.Substitutions, at, at+1)
		return store(v, person, "person.substitution_ended"), nil
	}
	s := checkSubstitution(v, args, r)
	if at >= 0 {
		person.Substitutions[at] = s
	} else {
		ended := func(old contracts.Substitution) bool { return old.Until <= v.Time() }
		person.Substitutions = append(slices.DeleteFunc(person.Substitutions, ended), s)
	}
	if len(person.Substitutions) > maxSubstitutions {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: person.PersonID, Reason: contracts.ReasonLength})
	}
	if r.Refuses() {
		return Result{}, r
	}
	return store(v, person, "person.substitution"), nil
}

func checkSubstitution(v *contracts.View, args SubstituteArgs, r *contracts.Refusal) contracts.Substitution {
	s := contracts.Substitution{Roles: sortRoles(args.Roles, r), Absent: args.Absent, From: args.From, Until: args.Until}
	if s.From == 0 {
		s.From = v.Time()
	}
	longest := v.Parameters().Days(contracts.SubstituteDays)
	if s.From < v.Time() {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "from"})
	} else if s.From-v.Time() > longest {
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "from"})
	}
	if s.Until <= s.From || s.Until-s.From > longest {
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until"})
	}
	if args.Absent == args.PersonID {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "absent", Reason: contracts.ReasonRepeated})
		return s
	}
	absent, why := ownPerson(v, args.Absent, "absent")
	if why.Refuses() {
		r.Add(why.Failures[0])
		return s
	}
	for _, role := range s.Roles {
		if !slices.Contains(absent.Roles, role) {
			r.Add(ledger.Failure{Code: contracts.ERole, Field: "roles", Subject: role, Reason: contracts.ReasonAbsent})
		}
	}
	return s
}
