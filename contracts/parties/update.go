// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// UpdateArgs are the arguments of parties.update. What is absent stays.
type UpdateArgs struct {
	NameEN     string   `cbor:"1,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`
	AreaCode   string   `cbor:"2,keyasint,omitempty" json:"area_code,omitempty" schema:"format=area"`
	LEI        string   `cbor:"3,keyasint,omitempty" json:"lei,omitempty" schema:"format=lei"`
	CNAPS      string   `cbor:"4,keyasint,omitempty" json:"cnaps,omitempty" schema:"format=cnaps"`
	FICode     string   `cbor:"5,keyasint,omitempty" json:"fi_code,omitempty" schema:"format=pboc_fi_code"`
	SMEClass   string   `cbor:"6,keyasint,omitempty" json:"sme_class,omitempty" schema:"enum=MICRO|SMALL|MEDIUM|LARGE"`
	TechLabels []string `cbor:"7,keyasint,omitempty" json:"tech_labels,omitempty" schema:"enum=TECH_SME|HIGH_TECH|SPECIALISED|LITTLE_GIANT|GAZELLE,items=5"`
	Clear      []string `cbor:"8,keyasint,omitempty" json:"clear,omitempty" schema:"enum=name_en|lei|cnaps|fi_code|sme_class|tech_labels,items=6"` // what no longer holds
}

// Details are what an organisation says of itself to the members.
type Details struct {
	PartyID    string   `cbor:"1,keyasint" json:"party_id"`
	CNAPS      string   `cbor:"2,keyasint,omitempty" json:"cnaps,omitempty"`       // 支付系统行号
	FICode     string   `cbor:"3,keyasint,omitempty" json:"fi_code,omitempty"`     // 金融机构编码
	SMEClass   string   `cbor:"4,keyasint,omitempty" json:"sme_class,omitempty"`   // 微型 小型 中型 大型
	TechLabels []string `cbor:"5,keyasint,omitempty" json:"tech_labels,omitempty"` // sorted: 科技型中小企业 高新技术企业 专精特新 小巨人 瞪羚
	UpdatedAt  int64    `cbor:"6,keyasint" json:"updated_at"`                      // block time, ms since 1970 UTC
}

// DetailsKey is the state key of an organisation's details.
func DetailsKey(partyID string) string { return "party_details/" + partyID }

func update(v *contracts.View, args UpdateArgs) (Result, *contracts.Refusal) {
	party := v.ActingParty()
	details, _ := contracts.Load[Details](v, DetailsKey(party.PartyID))
	details.PartyID, details.UpdatedAt = party.PartyID, v.Time()

	e := edit{clear: args.Clear}
	e.text("name_en", &party.NameEN, args.NameEN)
	e.text("area_code", &party.AreaCode, args.AreaCode)
	e.number("lei", &party.LEI, args.LEI, identifier.LEI)
	e.number("cnaps", &details.CNAPS, args.CNAPS, identifier.CNAPS)
	e.number("fi_code", &details.FICode, args.FICode, identifier.FinancialInstitutionCode)
	e.text("sme_class", &details.SMEClass, args.SMEClass)
	if e.changes("tech_labels", len(args.TechLabels) > 0) {
		details.TechLabels = slices.Compact(slices.Sorted(slices.Values(args.TechLabels)))
	}
	if party.LEI != "" {
		contracts.CheckLEI(v, party.PartyID, party.LEI, "lei", &e.r)
	}
	if party.Foreign() {
		checkForeignUpdate(party, &e.r)
	} else if !contracts.IsArea(party.AreaCode) {
		e.r.Add(ledger.Failure{Code: contracts.EFormat, Field: "area_code", Reason: contracts.ReasonValue})
	}
	if !e.any {
		e.r.Add(ledger.Failure{Code: contracts.EFormat, Field: "args", Reason: contracts.ReasonEmpty})
	}
	if e.r.Refuses() {
		return Result{}, &e.r
	}
	contracts.StoreParty(v, party)
	contracts.Store(v, DetailsKey(party.PartyID), details)
	v.Emit("party.updated", party.PartyID)
	return Result{PartyID: party.PartyID}, nil
}

// checkForeignUpdate keeps to a foreign organisation what it is: the LEI that is its
// party id, its name in English, and no seat in this country.
func checkForeignUpdate(party contracts.Party, r *contracts.Refusal) {
	if party.LEI != party.PartyID {
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "lei", Subject: party.PartyID, Reason: contracts.ReasonForeign})
	}
	if party.NameEN == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_en", Reason: contracts.ReasonEmpty})
	}
	if party.AreaCode != "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "area_code", Reason: contracts.ReasonForeign})
	}
}

// An edit applies the arguments that are given, and empties the fields to clear.
type edit struct {
	clear []string
	any   bool // something changes
	r     contracts.Refusal
}

// changes tells whether a field is given or to be emptied. It is not both.
func (e *edit) changes(field string, given bool) bool {
	cleared := slices.Contains(e.clear, field)
	if given && cleared {
		e.r.Add(ledger.Failure{Code: contracts.EFormat, Field: "clear", Subject: field, Reason: contracts.ReasonRepeated})
	}
	e.any = e.any || given || cleared
	return given || cleared
}

func (e *edit) text(field string, stored *string, given string) {
	if e.changes(field, given != "") {
		*stored = given
	}
}

// number applies a number that has a check of its own.
func (e *edit) number(field string, stored *string, given string, check func(string) (string, error)) {
	if !e.changes(field, given != "") {
		return
	}
	*stored = ""
	if given == "" {
		return
	}
	var err error
	if *stored, err = check(given); err != nil {
		e.r.Add(contracts.IdentifierFailure(err, field))
	}
}
