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
	return []contracts.Method{
		contracts.NewMethod(contracts.Spec{
			Contract: "persons", Name: "enrol", Version: 1,
			Doc:   "Enrols a person of the acting organisation; the new key signs too, in the role person.",
			DocZH: "为本机构登记人员；新密钥须以 person 角色同时签署。",
		}, enrol),
		contracts.NewMethod(contracts.Spec{
			Contract: "persons", Name: "revoke", Version: 1,
			Doc:   "Revokes a person of the acting organisation, effective in this block.",
			DocZH: "吊销本机构人员，自本区块起生效。",
		}, revoke),
	}
}

func enrol(v *contracts.View, args EnrolArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	roles, ok := contracts.SortRoles(args.Roles)
	if !ok {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "roles", Reason: contracts.ReasonValue})
	}
	contracts.CheckNewKey(v, v.Actor(), contracts.NewPerson, args.Key, "key", r)
	if r.Refuses() {
		return Result{}, r
	}
	return Result{PersonID: contracts.EnrolPerson(v, v.Actor(), args.Key, roles)}, nil
}

func revoke(v *contracts.View, args RevokeArgs) (Result, *contracts.Refusal) {
	if !ledger.IsKeyPart(args.PersonID) {
		return Result{}, contracts.Refuse(ledger.Failure{Code: contracts.EFormat, Field: "person_id", Reason: contracts.ReasonValue})
	}
	person, ok := contracts.Load[contracts.Person](v, contracts.PersonKey(args.PersonID))
	if !ok || person.Organisation != v.Actor() {
		return Result{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "person_id", Subject: args.PersonID})
	}
	r := new(contracts.Refusal)
	if person.RevokedAt != 0 {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "person_id", Subject: args.PersonID, Reason: contracts.ReasonRevoked})
	}
	if args.FactTime < 0 || args.FactTime > v.Time() {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time"})
	}
	if r.Refuses() {
		return Result{}, r
	}
	person.RevokedAt, person.RevokedFactTime, person.RevokedReason = v.Time(), args.FactTime, args.Reason
	if args.FactTime == 0 {
		person.RevokedFactTime = v.Time()
	}
	contracts.Store(v, contracts.PersonKey(person.PersonID), person)
	v.Emit("person.revoked", person.PersonID)
	return Result{PersonID: person.PersonID}, nil
}
