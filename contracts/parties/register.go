// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// RegisterArgs are the arguments of parties.register.
type RegisterArgs struct {
	USCC           string         `cbor:"1,keyasint,omitempty" json:"uscc,omitempty" schema:"format=uscc"`
	NameZH         string         `cbor:"2,keyasint,omitempty" json:"name_zh,omitempty" schema:"max=128"`
	NameEN         string         `cbor:"3,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`
	Role           string         `cbor:"4,keyasint" json:"role" schema:"alias=kind,enum=BORROWER|PLEDGOR|COOWNER|VALUER|BANK|IPO|REGISTRAR|CPC|GUARANTOR|INSURER|FUND|EXCHANGE|COURT|REGULATOR|AUDITOR|OPERATOR|CREDIT"`
	AreaCode       string         `cbor:"5,keyasint,omitempty" json:"area_code,omitempty" schema:"format=area"`
	OrgCheckWaived bool           `cbor:"6,keyasint,omitempty" json:"org_check_waived,omitempty"` // an IP office has seen the code in the register
	AdminKey       keys.PublicKey `cbor:"7,keyasint" json:"admin_key"`
	LEI            string         `cbor:"8,keyasint,omitempty" json:"lei,omitempty" schema:"format=lei"` // the party id of one that has no credit code
}

// RegisterResult names what parties.register made.
type RegisterResult struct {
	PartyID  string `cbor:"1,keyasint" json:"party_id"`
	PersonID string `cbor:"2,keyasint" json:"person_id"` // the first administrator
}

func register(v *contracts.View, args RegisterArgs) (RegisterResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	party := newcomer{
		uscc: args.USCC, orgCheckWaived: args.OrgCheckWaived, lei: args.LEI,
		nameZH: args.NameZH, nameEN: args.NameEN, role: args.Role, area: args.AreaCode,
	}.party(v, r)
	if args.OrgCheckWaived && v.ActingParty().Role != contracts.IPOffice {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "org_check_waived", Reason: contracts.ReasonPartyRole})
	}
	if !slices.Contains(contracts.Registrable(), contracts.PartyRole(args.Role)) {
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "role", Reason: contracts.ReasonValue})
	}
	contracts.CheckNewKey(v, party.PartyID, contracts.Admin, args.AdminKey, "admin_key", r)
	if r.Refuses() {
		return RegisterResult{}, r
	}

	contracts.StoreParty(v, party)
	person := contracts.EnrolPerson(v, party.PartyID, args.AdminKey, []string{contracts.Admin, contracts.Maker})
	v.Emit("party.registered", party.PartyID)
	return RegisterResult{PartyID: party.PartyID, PersonID: person}, nil
}
