// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// AdmitArgs are the arguments of parties.admit. The newcomer signs nothing of the
// transactions that decide about it, so the proof that it holds its key, and that it
// asks to be admitted as this, comes with them: its signature over PossessionBytes.
type AdmitArgs struct {
	USCC       string         `cbor:"1,keyasint" json:"uscc" schema:"format=uscc"`
	NameZH     string         `cbor:"2,keyasint" json:"name_zh" schema:"max=128"`
	NameEN     string         `cbor:"3,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`
	Role       string         `cbor:"4,keyasint" json:"role" schema:"alias=kind,enum=BANK|IPO|REGISTRAR|CPC|GUARANTOR|INSURER|FUND|EXCHANGE|COURT|REGULATOR|AUDITOR|OPERATOR|CREDIT"`
	AreaCode   string         `cbor:"5,keyasint" json:"area_code" schema:"format=area"`
	AdminKey   keys.PublicKey `cbor:"6,keyasint" json:"admin_key"`
	Possession []byte         `cbor:"7,keyasint" json:"possession" schema:"max=64"`
}

// PossessionBytes is what the holder of the key signs: "ipledger/admit/v1\0" ‖ genesis
// hash ‖ the encoded arguments, without the signature.
func (a AdmitArgs) PossessionBytes(n ledger.Network) []byte {
	a.Possession = nil
	return contracts.PossessionBytes(n, "ipledger/admit/v1\x00", a)
}

func checkAdmit(n ledger.Network, args AdmitArgs, r *contracts.Refusal) {
	contracts.CheckPossession(n, args.AdminKey, args.PossessionBytes(n), args.Possession, r)
}

func admit(v *contracts.View, args AdmitArgs) (RegisterResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	id, err := identifier.USCC(args.USCC)
	if err != nil {
		r.Add(contracts.IdentifierFailure(err, "uscc"))
	}
	if args.NameZH == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_zh", Reason: contracts.ReasonEmpty})
	}
	if !contracts.IsArea(args.AreaCode) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "area_code", Reason: contracts.ReasonValue})
	}
	if err == nil {
		if _, exists := v.Get(contracts.PartyKey(id)); exists {
			r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: "uscc", Subject: id})
		}
	}
	contracts.CheckUnusedKey(v, args.AdminKey, "admin_key", r)
	if r.Refuses() {
		return RegisterResult{}, r
	}
	contracts.AddMember(v, id)
	contracts.StoreParty(v, contracts.Party{
		PartyID: id, Role: contracts.PartyRole(args.Role), NameZH: args.NameZH, NameEN: args.NameEN, USCC: id,
		AreaCode: args.AreaCode, Status: contracts.PartyActive, RegisteredAt: v.Time(),
	})
	person := contracts.EnrolPerson(v, id, args.AdminKey, []string{contracts.Admin, contracts.Maker})
	v.Emit("party.admitted", id)
	return RegisterResult{PartyID: id, PersonID: person}, nil
}
