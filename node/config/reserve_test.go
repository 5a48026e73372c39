// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

func TestAReserveIsReadInWordsAndSizes(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 64 << 20, "auto": 64 << 20, "off": 0, "0": 0, "4096": 4096, "3KiB": 3 << 10, "256MiB": 256 << 20, "2 GiB": 2 << 30,
	} {
		r, err := ParseReserve(text)
		if err != nil || r.Of(100<<20) != want {
			t.Errorf("%q: %d, %v; want %d", text, r.Of(100<<20), err, want)
		}
	}
	for total, want := range map[uint64]uint64{1 << 20: 64 << 20, 4 << 30: 4 << 30 / 20, 1 << 40: 512 << 20} {
		if got := automatic.Of(total); got != want {
			t.Errorf("of %d bytes: %d, want %d", total, got, want)
		}
	}
	for _, text := range []string{"-1", "much", "1TiB", "1.5GiB", "MiB", "9223372036854775807GiB"} {
		if _, err := ParseReserve(text); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%q is taken: %v", text, err)
		}
	}
}
