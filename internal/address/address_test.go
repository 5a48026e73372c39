// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"testing"

	"github.com/ipledger/ipledger/internal/address"
)

func TestOneStrangerIsOneAddressOrOneNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"203.0.113.7:1000":         "203.0.113.7/32",
		"[::ffff:203.0.113.7]:1":   "203.0.113.7/32",
		"[2001:db8:0:1::1]:1000":   "2001:db8:0:1::/64",
		"[2001:db8:0:1:ffff::2]:9": "2001:db8:0:1::/64",
		"[2001:db8:0:2::1]:1000":   "2001:db8:0:2::/64",
		"[fe80::1%eth0]:80":        "fe80::/64",
		"@":                        "invalid Prefix",
		"":                         "invalid Prefix",
		"203.0.113.7":              "invalid Prefix",
	} {
		if got := address.Of(remote).String(); got != want {
			t.Errorf("%q counts as %s, want %s", remote, got, want)
		}
	}
}
