// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"strconv"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// An Amount is money in minor units of a currency that stands beside it. In JSON it is a
// decimal integer in a text, since readers of JSON may hold numbers as floats.
type Amount int64

// MarshalText gives the decimal integer.
func (a Amount) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(a), 10), nil }

// String gives the decimal integer.
func (a Amount) String() string { return strconv.FormatInt(int64(a), 10) }

// UnmarshalText reads it. Errors are *identifier.Error.
func (a *Amount) UnmarshalText(text []byte) error {
	minor, err := identifier.ParseMinor(string(text))
	*a = Amount(minor)
	return err
}

// whyNot is the class of what is wrong with an amount, "" if nothing is.
func (a Amount) whyNot() identifier.Class {
	switch {
	case a < 0:
		return identifier.Format
	case a > identifier.MaxMinor:
		return identifier.Range
	}
	return ""
}

// CheckCurrency refuses what is no currency of the ledger.
func CheckCurrency(currency, field string, r *Refusal) {
	if _, ok := identifier.Exponent(currency); !ok {
		r.Add(ledger.Failure{Code: EAmount, Field: field, Reason: string(identifier.Currency)})
	}
}
