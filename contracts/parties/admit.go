// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// AdmitArgs are the arguments of parties.admit. The newcomer signs nothing of the
// transactions that decide about it, so the proof that it holds its key, and that it
// asks to be admitted as this, comes with them: its signature over PossessionBytes.
type AdmitArgs struct {
	USCC       string         `cbor:"1,keyasint,omitempty" json:"uscc,omitempty" schema:"format=uscc"`
	NameZH     string         `cbor:"2,keyasint,omitempty" json:"name_zh,omitempty" schema:"max=128"`
	NameEN     string         `cbor:"3,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`
	Role       string         `cbor:"4,keyasint" json:"role" schema:"alias=kind,enum=BANK|IPO|REGISTRAR|CPC|GUARANTOR|INSURER|FUND|EXCHANGE|COURT|REGULATOR|AUDITOR|OPERATOR|CREDIT"`
	AreaCode   string         `cbor:"5,keyasint,omitempty" json:"area_code,omitempty" schema:"format=area"`
	AdminKey   keys.PublicKey `cbor:"6,keyasint" json:"admin_key"`
	Possession []byte         `cbor:"7,keyasint" json:"possession" schema:"max=64"`
	LEI        string         `cbor:"8,keyasint,omitempty" json:"lei,omitempty" schema:"format=lei"` // the party id of one that has no credit code
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
	party := newcomer{
		uscc: args.USCC, lei: args.LEI, nameZH: args.NameZH, nameEN: args.NameEN, role: args.Role, area: args.AreaCode,
	}.party(v, r)
	contracts.CheckUnusedKey(v, args.AdminKey, "admin_key", r)
	if r.Refuses() {
		return RegisterResult{}, r
	}
	contracts.AddMember(v, party.PartyID)
	contracts.StoreParty(v, party)
	person := contracts.EnrolPerson(v, party.PartyID, args.AdminKey, []string{contracts.Admin, contracts.Maker})
	v.Emit("party.admitted", party.PartyID)
	return RegisterResult{PartyID: party.PartyID, PersonID: person}, nil
}
