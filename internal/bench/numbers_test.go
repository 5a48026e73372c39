// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestClaimedNumbersAreValidAndDistinct(t *testing.T) {
	today := identifier.Date{Year: 2026, Month: 3, Day: 12}
	seen := make(map[string]bool)
	numbers := newPatents(7, today)
	for range 50_000 {
		number, err := numbers.take()
		if err != nil {
			t.Fatal(err)
		}
		if seen[number] {
			t.Fatalf("%s came twice", number)
		}
		seen[number] = true
	}
	again, err := newPatents(7, today).take()
	if err != nil || !seen[again] {
		t.Errorf("the first number of the same seed is %s, %v", again, err)
	}
	if other, _ := newPatents(8, today).take(); other == again {
		t.Errorf("two seeds begin with the same number %s", other)
	}
}

func TestFirmsHaveValidCreditCodes(t *testing.T) {
	seen := make(map[string]bool)
	for n := range owners {
		code, err := creditCode(n + 1)
		if err != nil || seen[code] {
			t.Errorf("firm %d: %q, %v", n+1, code, err)
		}
		seen[code] = true
	}
}
