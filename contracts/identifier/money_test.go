// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestAmountsAreReadInMinorUnits(t *testing.T) {
	for text, want := range map[string]int64{
		"CNY 5,000,000.00":          500000000,
		" cny 5000000 ":             500000000,
		"ＣＮＹ　５，０００．５":               500050,
		"JPY 1200000":               1200000,
		"KWD 1.234":                 1234,
		"CNY 0":                     0,
		"CNY 90,000,000,000,000.00": identifier.MaxMinor,
		"JPY 9000000000000000":      identifier.MaxMinor,
	} {
		if got, _, err := identifier.ParseMoney(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
}

func TestAmountsAreRefusedByClass(t *testing.T) {
	for text, want := range map[string]identifier.Class{
		"CNY -1": identifier.Format, "CNY +1": identifier.Format, "CNY 1e6": identifier.Format,
		"CNY 50,00,000": identifier.Format, "CNY 5,0000": identifier.Format, "CNY 1000,000": identifier.Format,
		"CNY 0,100": identifier.Format, "CNY 007": identifier.Format, "CNY .5": identifier.Format,
		"CNY 5.": identifier.Format, "CNY 5.0.0": identifier.Format, "CNY": identifier.Format,
		"5": identifier.Format, "CNY5": identifier.Format, "CNY 1,000.00,0": identifier.Format,
		"RMB 100": identifier.Currency, "CNH 100": identifier.Currency, "XAU 1.23456": identifier.Currency,
		"CNY 0.005": identifier.Scale, "CNY 1.000": identifier.Scale, "JPY 100.5": identifier.Scale, "KWD 1.2345": identifier.Scale,
		"CNY 90000000000000.01": identifier.Range, "CNY 99999999999999999": identifier.Range,
		"KRW 9000000000000001": identifier.Range, "CNY 1" + strings.Repeat("0", 100): identifier.Range,
		"CNY 1" + strings.Repeat("0", 128): identifier.Format,
	} {
		if got, currency, err := identifier.ParseMoney(text); class(err) != want || got != 0 || currency != "" {
			t.Errorf("%q: got %d %s, %v, want class %s", text, got, currency, err, want)
		}
	}
}

func TestAmountsAreReadAsTheyAreWritten(t *testing.T) {
	if got, want := identifier.FormatMoney(-123456789, "CNY"), "CNY -1,234,567.89"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := identifier.FormatMoney(-9223372036854775808, "KWD"), "KWD -9,223,372,036,854,775.808"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(0, identifier.MaxMinor).Draw(t, "minor")
		currency := rapid.SampledFrom([]string{"CNY", "USD", "EUR", "HKD", "SGD", "GBP", "JPY", "KRW", "KWD"}).Draw(t, "currency")
		text := identifier.FormatMoney(minor, currency)
		if got, c, err := identifier.ParseMoney(text); err != nil || got != minor || c != currency {
			t.Fatalf("%s: got %d %s, %v", text, got, c, err)
		}
	})
}
