// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// RegisterArgs are the arguments of parties.register.
type RegisterArgs struct {
	USCC           string         `cbor:"1,keyasint" json:"uscc" schema:"format=uscc"`
	NameZH         string         `cbor:"2,keyasint" json:"name_zh" schema:"max=128"`
	NameEN         string         `cbor:"3,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`
	Role           string         `cbor:"4,keyasint" json:"role" schema:"alias=kind,enum=BORROWER|PLEDGOR|COOWNER|VALUER|BANK|IPO|REGISTRAR|CPC|GUARANTOR|INSURER|FUND|EXCHANGE|COURT|REGULATOR|AUDITOR|OPERATOR|CREDIT"`
	AreaCode       string         `cbor:"5,keyasint" json:"area_code" schema:"format=area"`
	OrgCheckWaived bool           `cbor:"6,keyasint,omitempty" json:"org_check_waived,omitempty"` // an IP office has seen the code in the register
	AdminKey       keys.PublicKey `cbor:"7,keyasint" json:"admin_key"`
}

// RegisterResult names what parties.register made.
type RegisterResult struct {
	PartyID  string `cbor:"1,keyasint" json:"party_id"`
	PersonID string `cbor:"2,keyasint" json:"person_id"` // the first administrator
}

func register(v *contracts.View, args RegisterArgs) (RegisterResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	check := identifier.USCC
	if args.OrgCheckWaived {
		check = identifier.USCCOrgCheckWaived
	}
	id, err := check(args.USCC)
	if err != nil {
		r.Add(contracts.IdentifierFailure(err, "uscc"))
	}
	if args.NameZH == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_zh", Reason: contracts.ReasonEmpty})
	}
	if !contracts.IsArea(args.AreaCode) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "area_code", Reason: contracts.ReasonValue})
	}
	if args.OrgCheckWaived && v.ActingParty().Role != contracts.IPOffice {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "org_check_waived", Reason: contracts.ReasonPartyRole})
	}
	if !slices.Contains(contracts.Registrable(), contracts.PartyRole(args.Role)) {
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "role", Reason: contracts.ReasonValue})
	}
	if err == nil {
		if _, exists := v.Get(contracts.PartyKey(id)); exists {
			r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: "uscc", Subject: id})
		}
	}
	contracts.CheckNewKey(v, id, contracts.Admin, args.AdminKey, "admin_key", r)
	if r.Refuses() {
		return RegisterResult{}, r
	}

	contracts.StoreParty(v, contracts.Party{
		PartyID: id, Role: contracts.PartyRole(args.Role), NameZH: args.NameZH, NameEN: args.NameEN, USCC: id,
		AreaCode: args.AreaCode, Status: contracts.PartyActive, RegisteredAt: v.Time(),
	})
	person := contracts.EnrolPerson(v, id, args.AdminKey, []string{contracts.Admin, contracts.Maker})
	v.Emit("party.registered", id)
	return RegisterResult{PartyID: id, PersonID: person}, nil
}
