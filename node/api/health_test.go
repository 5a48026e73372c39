// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/node/api"
)

func TestANodeIsReadyOnlyIfWhatIsSubmittedCanBecomeFinal(t *testing.T) {
	w := newWorld(t)
	w.block()
	away := func(names ...int) func(*api.Status) {
		return func(st *api.Status) {
			for _, i := range names {
				st.Validators[i].Connected = false
			}
		}
	}
	ahead := func(names ...int) func(*api.Status) {
		return func(st *api.Status) {
			for _, i := range names {
				st.Validators[i].PeerFinal = 1000
			}
		}
	}
	for _, one := range []struct {
		what   string
		status func(*api.Status)
		says   string // "" if the node is ready
	}{
		{"all is well", nil, ""},
		{"one validator of four is away", away(1), ""},
		{"two validators of four are away", away(1, 3), "[-] quorum: 1 other validators connected, 2 needed"},
		{"no leader is known", func(st *api.Status) { st.Leader = nil }, "[-] leader: none known"},
		{"one validator says it is far ahead", ahead(2), ""},
		{"two validators say so", ahead(1, 2), "[-] lag: 999 blocks behind the others"},
		{"the node ends", func(st *api.Status) { st.Draining = true }, "[-] serving: draining"},
		{"the disk is almost full", func(st *api.Status) { st.Held = &api.Held{Reason: api.ReasonDisk, Detail: "1 KiB free"} }, "[-] disk: 1 KiB free\n[+] data"},
		{"the ledger is damaged", func(st *api.Status) { st.Held = &api.Held{Reason: api.ReasonDamaged, Detail: "block 7"} }, "[+] disk: room enough\n[-] data: block 7"},
		{"the program lacks the rules", func(st *api.Status) { st.Held = &api.Held{Reason: api.ReasonRules, Detail: "version 2"} }, "[-] rules: version 2"},
		{"the node asks for its votes", func(st *api.Status) { st.Phase = api.PhaseJoining }, "[-] phase: joining"},
		{"an observer has no leader", func(st *api.Status) { st.Phase, st.Leader = api.PhaseObserver, nil; away(1, 2)(st) }, ""},
		{"an observer follows nobody", func(st *api.Status) { st.Phase = api.PhaseObserver; away(1, 2, 3)(st) }, "[-] members: 0 connected"},
	} {
		w.mu.Lock()
		w.status = one.status
		w.mu.Unlock()
		ready, text, err := w.client().Ready(t.Context())
		must(t, err)
		if ready != (one.says == "") || !strings.Contains(text, one.says) {
			t.Errorf("%s: ready %v\n%s", one.what, ready, text)
		}
	}
}

func TestANodeWhoseClockIsBehindIsNotReady(t *testing.T) {
	w := newWorld(t)
	w.block()
	now := w.clock()
	for behind, want := range map[time.Duration]bool{5 * time.Second: true, time.Minute: false} {
		w.mu.Lock()
		w.now = now.Add(-behind)
		w.mu.Unlock()
		ready, text, err := w.client().Ready(t.Context())
		must(t, err)
		if ready != want {
			t.Errorf("%v behind the newest block: ready %v\n%s", behind, ready, text)
		}
	}
}
