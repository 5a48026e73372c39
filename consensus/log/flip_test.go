// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/ledger"
)

// flips is how many bytes of each file are tried at most.
func flips() int {
	if os.Getenv("IPLEDGER_FAULTS") != "" {
		return 2000
	}
	return 25
}

// changes are what is done to the i-th of the bytes.
func changes(i int) []byte {
	return []byte{0x01, 0x80, 0xff}[i%3 : i%3+1]
}

// livedIn is a disk whose database has tables, a manifest of several records and
// a journal. It is as the process left it: closed, or killed after a sync.
func livedIn(t testing.TB, h *history, closed bool) *vfs.MemFS {
	t.Helper()
	disk := vfs.NewCrashableMem()
	steps := []int{len(h.writes) / 3, len(h.writes) / 2, len(h.writes)}
	all, done := h.writes, 0
	for _, upTo := range steps {
		l, _ := open(t, disk)
		h.writes = all[:upTo]
		noError(t, h.run(l, done))
		done = upTo
		if upTo == len(all) && !closed {
			noError(t, l.Write(all[upTo-1])) // what is written twice counts once, and this one is synced
			return disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1))})
		}
		noError(t, l.Close())
	}
	return disk.CrashClone(vfs.CrashCloneCfg{})
}

// TestAWrongByteNeverTakesAnythingAway spoils bytes of every file in turn. Either
// everything is there, or the node is told that its votes cannot be trusted.
func TestAWrongByteNeverTakesAnythingAway(t *testing.T) {
	h := newHistory(9, 90, 100)
	last := &h.writes[len(h.writes)-1]
	last.Sync = true
	want := h.after[len(h.writes)]
	for state, closed := range map[string]bool{"closed": true, "killed": false} {
		disk := livedIn(t, h, closed)
		names, err := disk.List("consensus")
		noError(t, err)
		seen := map[string]int{}
		for _, name := range names {
			whole, err := disk.UnsafeGetFileDataBuffer("consensus/" + name)
			if err != nil || len(whole) == 0 {
				continue // markers have no content
			}
			kind := strings.Trim(name, "0123456789")
			n := min(flips(), len(whole))
			for i := range n {
				at := len(whole) - 1 - i*len(whole)/n // the last byte of all is among them
				for _, change := range changes(i) {
					left := disk.CrashClone(vfs.CrashCloneCfg{})
					b, err := left.UnsafeGetFileDataBuffer("consensus/" + name)
					noError(t, err)
					b[at] ^= change
					l, saved, err := log.Open("consensus", log.Options{Chain: chain, FS: left})
					switch {
					case err == nil:
						if got := text(saved); got != want {
							t.Errorf("%s: byte %d of %d of %s, changed by %#x: something is gone", state, at, len(whole), name, change)
						}
						noError(t, l.Close())
					case errors.Is(err, ledger.ErrCorrupt) && strings.Contains(err.Error(), "must not vote"):
						seen[kind]++
					default:
						t.Errorf("%s: byte %d of %d of %s, changed by %#x: %v", state, at, len(whole), name, change, err)
					}
				}
			}
		}
		t.Logf("%s: found %v in %v", state, seen, names)
		for _, kind := range []string{".log", ".sst", "MANIFEST-"} {
			if seen[kind] == 0 {
				t.Errorf("%s: no damage was found in any %s", state, kind)
			}
		}
	}
}
