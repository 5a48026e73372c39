// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// EnrolArgs are the arguments of persons.enrol.
type EnrolArgs struct {
	Key   keys.PublicKey `cbor:"1,keyasint" json:"key"`
	Roles []string       `cbor:"2,keyasint" json:"roles" schema:"enum=maker|checker|approver|admin|viewer|countersigner,items=6"`
}

// RevokeArgs are the arguments of persons.revoke.
type RevokeArgs struct {
	PersonID string `cbor:"1,keyasint" json:"person_id" schema:"max=64"`
	FactTime int64  `cbor:"2,keyasint,omitempty" json:"fact_time,omitempty"` // ms since 1970 UTC, when it became true; absent: now
	Reason   string `cbor:"3,keyasint,omitempty" json:"reason,omitempty" schema:"enum=KEY_LOST|KEY_STOLEN|LEFT|ROLE_CHANGE|OTHER"`
}

// Result names the person a method was about.
type Result struct {
	PersonID string `cbor:"1,keyasint" json:"person_id"`
}

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "persons", Name: name, Version: 1, Doc: en, DocZH: zh}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("enrol",
			"Enrols a person of the acting organisation; the new key signs too, in the role person.",
			"为本机构登记人员；新密钥须以 person 角色同时签署。"), enrol),
		contracts.NewMethod(spec("roles",
			"Gives a person of the acting organisation other roles, in place of those it has.",
			"变更本机构人员的角色，以所列角色替代原有角色。"), setRoles),
		contracts.NewMethod(spec("substitute",
			"Gives a person the roles of an absent colleague for a time; ends such a substitution if no roles are named.",
			"人员在限定期间内代行缺勤同事的角色；未列角色的，终止该替岗。"), substitute),
		contracts.NewMethod(spec("revoke",
			"Revokes a person of the acting organisation, effective in this block.",
			"吊销本机构人员，自本区块起生效。"), revoke),
		contracts.NewMethod(spec("rotate_key",
			"Gives a person another key, which signs too, in the role person: at once if the old key signs; if administrators sign, once the lock window is over.",
			"更换人员密钥，新密钥须以 person 角色同时签署：原密钥签署的即时生效；由管理员签署的，锁定期满后生效。"), rotateKey),
		contracts.NewMethod(spec("veto_rotation",
			"Stops a rotation that waits for the end of the lock window; the old key signs.",
			"否决锁定期内的密钥更换，须以原密钥签署。"), vetoRotation),
		contracts.WithCheck(contracts.NewMethod(spec("reset_admin",
			"Gives an administrator another key by vote, once the lock window is over, for an organisation that has lost its administrators' keys. The new key's holder has signed that it is held.",
			"机构遗失管理员密钥的，经表决为其管理员更换密钥，锁定期满后生效；新密钥持有人已签署证明持有。"), resetAdmin), checkReset),
	}
}

func enrol(v *contracts.View, args EnrolArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	roles := checkRoles(v, contracts.Person{Organisation: v.Actor()}, args.Roles, r)
	contracts.CheckNewKey(v, v.Actor(), contracts.NewPerson, args.Key, "key", r)
	if r.Refuses() {
		return Result{}, r
	}
	return Result{PersonID: contracts.EnrolPerson(v, v.Actor(), args.Key, roles)}, nil
}

// revoke ends a person for good. What it signed after the fact time and before this
// block stands; the record says both times, so that it can be found.
func revoke(v *contracts.View, args RevokeArgs) (Result, *contracts.Refusal) {
	person, r := ownPerson(v, args.PersonID, "person_id")
	if r.Refuses() {
		return Result{}, r
	}
	if args.FactTime < 0 || args.FactTime > v.Time() {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time"})
	}
	checkAdminLeft(v, person, r)
	if r.Refuses() {
		return Result{}, r
	}
	person.RevokedAt, person.RevokedFactTime, person.RevokedReason = v.Time(), args.FactTime, args.Reason
	if args.FactTime == 0 {
		person.RevokedFactTime = v.Time()
	}
	return store(v, person, "person.revoked"), nil
}

// ownPerson finds a person of the acting organisation who is not revoked. Another
// organisation's is not to be told from one that does not exist.
func ownPerson(v *contracts.View, id, field string) (contracts.Person, *contracts.Refusal) {
	person, r := findPerson(v, id, field)
	if person.PersonID != "" && person.Organisation != v.Actor() {
		return contracts.Person{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: id})
	}
	return person, r
}

// findPerson finds a person who is not revoked; one who is it gives with the refusal.
func findPerson(v *contracts.View, id, field string) (contracts.Person, *contracts.Refusal) {
	if !ledger.IsKeyPart(id) {
		return contracts.Person{}, contracts.Refuse(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonValue})
	}
	person, ok := contracts.Load[contracts.Person](v, contracts.PersonKey(id))
	switch {
	case !ok:
		return contracts.Person{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: id})
	case person.RevokedAt != 0:
		return person, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: field, Subject: id, Reason: contracts.ReasonRevoked})
	}
	return person, new(contracts.Refusal)
}

// checkRoles gives the roles that a person shall have, sorted.
func checkRoles(v *contracts.View, person contracts.Person, given []string, r *contracts.Refusal) []string {
	person.Roles = sortRoles(given, r)
	if !contracts.HasRoomFor(v, person) {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "roles", Subject: contracts.Admin, Reason: contracts.ReasonLength})
	}
	return person.Roles
}

func sortRoles(given []string, r *contracts.Refusal) []string {
	roles, ok := contracts.SortRoles(given)
	if !ok {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "roles", Reason: contracts.ReasonValue})
	}
	return roles
}

// checkAdminLeft keeps an organisation from losing its last administrator.
func checkAdminLeft(v *contracts.View, person contracts.Person, r *contracts.Refusal) {
	if contracts.IsLastAdmin(v, person) {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: person.PersonID, Reason: contracts.ReasonLastAdmin})
	}
}

func store(v *contracts.View, person contracts.Person, event string) Result {
	contracts.StorePerson(v, person)
	v.Emit(event, person.PersonID)
	return Result{PersonID: person.PersonID}
}
