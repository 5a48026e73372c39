// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// creditPattern is the form of a credit code as GB 32100 has it.
var creditPattern = regexp.MustCompile(`^[1-9ANY][1-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{8}[0-9X][0-9A-HJ-NPQRTUWXY]$`)

// near draws texts that a number becomes when up to two places of it are changed.
func near(numbers ...string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		text := []byte(rapid.SampledFrom(numbers).Draw(t, "number"))
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)).Draw(t, "place")
			with := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]byte("0359AINOSVXZ. /:@[")), rapid.Byte()), 0, 2).Draw(t, "characters")
			text = slices.Replace(text, at, at+rapid.IntRange(0, min(2, len(text)-at)).Draw(t, "cut"), with...)
		}
		return string(text)
	})
}

func TestShortWaysLeadToTheSame(t *testing.T) {
	for c := range 256 {
		for at := range 18 {
			text := []byte("91510100MA61XXXX3A")
			text[at] = byte(c)
			if got, want := identifier.IsCreditCode(string(text)), creditPattern.Match(text); got != want {
				t.Errorf("%q: a credit code %v, by its pattern %v", text, got, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		code := near("91510100MA61XXXX3A", "123456789012345678", "Y9000000ABCDEFGHXY").Draw(t, "code")
		if got, want := identifier.IsCreditCode(code), creditPattern.MatchString(code); got != want {
			t.Fatalf("%q: a credit code %v, by its pattern %v", code, got, want)
		}
		patent := near("2018102345673", "201810234567.3", "ZL 2018 1 0234567.X", "CN851000019", "98100001.9").Draw(t, "patent")
		serial, check, ok := identifier.CutPatent(patent)
		serial2, check2, ok2 := identifier.CutPatentByPattern(patent)
		if serial != serial2 || check != check2 || ok != ok2 {
			t.Fatalf("%q: %s %s %v, by its pattern %s %s %v", patent, serial, check, ok, serial2, check2, ok2)
		}
		text := rapid.StringOfN(rapid.RuneFrom([]rune(" \t\nazAZ09.")), 0, 20, -1).Draw(t, "text")
		if got, want := identifier.Fold(text), identifier.Fold(text+"\u3000"); got != want {
			t.Fatalf("%q folds to %q, in the long way to %q", text, got, want)
		}
	})
}
