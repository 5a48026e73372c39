// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A newcomer is what is said of an organisation that the ledger does not know yet.
type newcomer struct {
	uscc           string
	orgCheckWaived bool
	lei            string
	nameZH, nameEN string
	role           string
	area           string
}

// party checks what is said and makes the record of it. One that has a unified social
// credit code is named by it and may have an LEI besides; a foreign one has its LEI
// alone. What is wrong is added to r; the party id is empty if that is.
func (n newcomer) party(v *contracts.View, r *contracts.Refusal) contracts.Party {
	p := contracts.Party{
		Role: contracts.PartyRole(n.role), NameZH: n.nameZH, NameEN: n.nameEN, AreaCode: n.area,
		Status: contracts.PartyActive, RegisteredAt: v.Time(),
	}
	p.USCC = checked(n.uscc, "uscc", n.check(), r)
	p.LEI = checked(n.lei, "lei", identifier.LEI, r)
	if n.uscc == "" && n.lei == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "uscc", Reason: contracts.ReasonMissing})
	}
	switch {
	case n.uscc != "":
		p.PartyID = p.USCC
		n.checkDomestic(r)
	default:
		p.PartyID = p.LEI
		n.checkForeign(r)
	}
	if _, exists := v.Get(contracts.PartyKey(p.PartyID)); p.PartyID != "" && exists {
		field := "uscc"
		if p.Foreign() {
			field = "lei"
		}
		r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: field, Subject: p.PartyID})
	} else if p.LEI != "" {
		contracts.CheckLEI(v, p.PartyID, p.LEI, "lei", r)
	}
	return p
}

// check judges the credit code, the 17th character only if no office has seen it.
func (n newcomer) check() func(string) (string, error) {
	if n.orgCheckWaived {
		return identifier.USCCOrgCheckWaived
	}
	return identifier.USCC
}

// checked gives the canonical form of a number that may be absent.
func checked(typed, field string, check func(string) (string, error), r *contracts.Refusal) string {
	if typed == "" {
		return ""
	}
	number, err := check(typed)
	if err != nil {
		r.Add(contracts.IdentifierFailure(err, field))
	}
	return number
}

func (n newcomer) checkDomestic(r *contracts.Refusal) {
	if n.nameZH == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_zh", Reason: contracts.ReasonEmpty})
	}
	if !contracts.IsArea(n.area) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "area_code", Reason: contracts.ReasonValue})
	}
}

// checkForeign requires the name that the LEI was issued under; a Chinese one is a
// translation, which it may lack. An area is of this country, where it has no seat. It
// does business and nothing else: it confirms, registers and supervises nothing here.
func (n newcomer) checkForeign(r *contracts.Refusal) {
	if n.nameEN == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_en", Reason: contracts.ReasonEmpty})
	}
	if n.area != "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "area_code", Reason: contracts.ReasonForeign})
	}
	if n.lei != "" && !contracts.PartyRole(n.role).MayDelegate() {
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "role", Subject: n.role, Reason: contracts.ReasonForeign})
	}
}
