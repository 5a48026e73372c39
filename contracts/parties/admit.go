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
// transactions that decide about it, so the proof that it holds its key comes with
// them: its signature over PossessionBytes.
type AdmitArgs struct {
	USCC       string         `cbor:"1,keyasint" json:"uscc" schema:"format=uscc"`
	NameZH     string         `cbor:"2,keyasint" json:"name_zh" schema:"max=128"`
	NameEN     string         `cbor:"3,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`
	Role       string         `cbor:"4,keyasint" json:"role" schema:"enum=BANK|IPO|REGISTRAR|CPC|GUARANTOR|INSURER|FUND|EXCHANGE|COURT|REGULATOR|AUDITOR|OPERATOR|CREDIT"`
	AreaCode   string         `cbor:"5,keyasint" json:"area_code" schema:"format=area"`
	AdminKey   keys.PublicKey `cbor:"6,keyasint" json:"admin_key"`
	Possession []byte         `cbor:"7,keyasint" json:"possession" schema:"max=64"`
}

// PossessionBytes is what the holder of a key signs to be an organisation's first
// administrator: "ipledger/admit/v1\0" ‖ genesis hash ‖ credit code ‖ key in text. The
// code is in canonical form, of which all have one length.
func PossessionBytes(n ledger.Network, uscc string, key keys.PublicKey) []byte {
	message := append([]byte("ipledger/admit/v1\x00"), n.Chain[:]...)
	return append(append(message, uscc...), key.String()...)
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
		if !v.Network().Suite.Verify(args.AdminKey, PossessionBytes(v.Network(), id, args.AdminKey), args.Possession) {
			r.Add(ledger.Failure{Code: contracts.ESignature, Field: "possession", Reason: contracts.ReasonPossession})
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
