// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestARegistrationNumberHasOneSpelling(t *testing.T) {
	for typed, want := range map[string]string{
		"2026川质0012":     "2026川质0012",
		" ２０２６川质 0012 ":  "2026川质0012",
		"2026 川 质  0012": "2026川质0012",
		"bs 2026 - 17":   "BS 2026-17", // BS2026 may be another
		"BS  2026-17":    "BS 2026-17",
		"农质〔2026〕 第 3 号": "农质〔2026〕第3号",
	} {
		got, err := identifier.RegistrationNumber(typed)
		if err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", typed, got, err, want)
		}
		if again, err := identifier.RegistrationNumber(got); err != nil || again != got {
			t.Errorf("%q is no fixed point: %q, %v", got, again, err)
		}
	}
	for _, typed := range []string{"", "  ", "A 中", "-2026"} {
		if got, err := identifier.RegistrationNumber(typed); err == nil {
			t.Errorf("%q is %q", typed, got)
		}
	}
}
