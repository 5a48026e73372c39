// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A Registrar keeps the statutory register of a kind of rights.
type Registrar string

// The registrars.
const (
	CNIPA Registrar = "CNIPA" // patents, marks, layout designs: 国家知识产权局
	NCA   Registrar = "NCA"   // works and software: 国家版权局
	MARA  Registrar = "MARA"  // varieties of farming: 农业农村部
	NFGA  Registrar = "NFGA"  // varieties of forestry: 国家林业和草原局
)

// RegistrarOf is the statutory registrar of a right. The varieties of forestry have
// numbers of eight digits, those of farming begin with CNA.
func RegistrarOf(space identifier.Space, number string) Registrar {
	switch {
	case space == identifier.WorkSpace || space == identifier.SoftwareSpace:
		return NCA
	case space == identifier.VarietySpace && strings.HasPrefix(number, "CNA"):
		return MARA
	case space == identifier.VarietySpace:
		return NFGA
	}
	return CNIPA
}

// reporters says which kinds of organisations report for which registrar: the IP
// office for all but copyright, the copyright centre for copyright, and a registrar
// that takes part for its own.
var reporters = map[contracts.PartyRole][]Registrar{
	contracts.IPOffice:     {CNIPA, MARA, NFGA},
	contracts.CopyrightHub: {NCA},
	contracts.Registrar:    {CNIPA, NCA, MARA, NFGA},
}

// Reports tells whether an organisation of a kind reports for a registrar.
func Reports(role contracts.PartyRole, r Registrar) bool { return slices.Contains(reporters[role], r) }

// ReportsAny tells whether organisations of a kind report for any registrar.
func ReportsAny(role contracts.PartyRole) bool { return len(reporters[role]) > 0 }

// CheckReporter refuses an actor that reports for another register than that of the
// right.
func CheckReporter(v *contracts.View, r Record, refusal *contracts.Refusal) {
	if registrar := RegistrarOf(r.Space, r.Number); !Reports(v.ActingParty().Role, registrar) {
		refusal.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: string(registrar), Reason: contracts.ReasonOtherRegister})
	}
}
