// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strconv"
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
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(0, identifier.MaxMinor).Draw(t, "minor")
		currency := rapid.SampledFrom([]string{"CNY", "USD", "EUR", "HKD", "SGD", "GBP", "JPY", "KRW", "KWD"}).Draw(t, "currency")
		text := money(minor, currency)
		if got, c, err := identifier.ParseMoney(text); err != nil || got != minor || c != currency {
			t.Fatalf("%s: got %d %s, %v", text, got, c, err)
		}
	})
}

func TestMinorUnitsAreADecimalInteger(t *testing.T) {
	for text, want := range map[string]identifier.Class{
		"0": "", "1": "", "9000000000000000": "", "9000000000000001": identifier.Range, "99999999999999999999": identifier.Range,
		"100.5": identifier.Scale, "0.005": identifier.Scale, "": identifier.Format, "-1": identifier.Format, "+1": identifier.Format,
		"01": identifier.Format, "1e6": identifier.Format, "1,000": identifier.Format, " 1": identifier.Format, "1.x": identifier.Format, ".5": identifier.Format,
	} {
		if _, err := identifier.ParseMinor(text); class(err) != want {
			t.Errorf("%q: %v, want class %q", text, err, want)
		}
	}
}

// money writes an amount as people do, with thousands in groups.
func money(minor int64, currency string) string {
	decimals, _ := identifier.Exponent(currency)
	text := strconv.FormatInt(minor, 10)
	if missing := decimals + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	whole, fraction := text[:len(text)-decimals], text[len(text)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return currency + " " + whole + fraction
}
