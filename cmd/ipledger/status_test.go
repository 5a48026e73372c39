// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestStatusSaysInOneLineWhatIsAmiss(t *testing.T) {
	for _, c := range []struct {
		ready  bool
		checks string
		want   string
	}{
		{true, "[+] phase: active\nready\n", "yes"},
		{false, "[+] phase: active\n[-] leader: none known\n[-] quorum: 0 other validators connected, 2 needed\nnot ready\n", "no: leader: none known; quorum: 0 other validators connected, 2 needed"},
		{false, "", "no"},
	} {
		if got := readiness(c.ready, c.checks); got != c.want {
			t.Errorf("%q is told as %q, want %q", c.checks, got, c.want)
		}
	}
}
