// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A PartyRole is what an organisation is in the business.
type PartyRole string

// The kinds of organisations.
const (
	Bank         PartyRole = "BANK"
	IPOffice     PartyRole = "IPO"
	Registrar    PartyRole = "REGISTRAR"
	CopyrightHub PartyRole = "CPC"
	Borrower     PartyRole = "BORROWER"
	Pledgor      PartyRole = "PLEDGOR"
	Coowner      PartyRole = "COOWNER"
	Valuer       PartyRole = "VALUER"
	Guarantor    PartyRole = "GUARANTOR"
	Insurer      PartyRole = "INSURER"
	Fund         PartyRole = "FUND"
	Exchange     PartyRole = "EXCHANGE"
	Court        PartyRole = "COURT"
	Regulator    PartyRole = "REGULATOR"
	Auditor      PartyRole = "AUDITOR"
	Operator     PartyRole = "OPERATOR"
	CreditAgency PartyRole = "CREDIT"
)

// Known tells whether r is one of the kinds of organisations.
func (r PartyRole) Known() bool {
	switch r {
	case Bank, IPOffice, Registrar, CopyrightHub, Borrower, Pledgor, Coowner, Valuer, Guarantor,
		Insurer, Fund, Exchange, Court, Regulator, Auditor, Operator, CreditAgency:
		return true
	}
	return false
}

const setsPrefix = "consortium/sets/"

// newestSet is the validator set of the highest number that the state names.
func newestSet(v *View) (newest ledger.ValidatorSet) {
	v.Iterate(setsPrefix, func(key string, value []byte) bool {
		set, ok := decodeRecord[ledger.ValidatorSet](v, key, value)
		if ok && set.Number >= newest.Number {
			newest = set
		}
		return ok
	})
	return newest
}

// isNode tells whether a key is that of a validator of the organisation today. It
// is no person's, and is known from the validator set alone.
func isNode(v *View, organisation string, key keys.PublicKey) bool {
	set := newestSet(v)
	place, ok := set.Find(key)
	return ok && set.Members[place].Organisation == organisation
}
