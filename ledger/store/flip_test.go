// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// livedIn is a disk whose ledger has tables, a manifest of several records and a
// journal. It is as the process left it: closed, or killed after a commit.
func livedIn(t testing.TB, c *chain, closed bool) *vfs.MemFS {
	t.Helper()
	disk := vfs.NewCrashableMem()
	steps := []int{len(c.blocks) / 3, len(c.blocks) / 2, len(c.blocks)}
	next := 0
	for _, upTo := range steps {
		s, err := store.Open("ledger", store.Options{Network: c.network, FS: disk, Index: index})
		noError(t, err)
		for ; next < upTo; next++ {
			if next == 0 {
				noError(t, c.init(s))
			} else {
				noError(t, s.Commit(c.blocks[next]))
			}
		}
		if upTo == len(c.blocks) && !closed {
			return disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1))})
		}
		noError(t, s.Close())
	}
	return disk.CrashClone(vfs.CrashCloneCfg{})
}

// TestAWrongByteNeverTakesAnythingAway spoils bytes of every file in turn and
// reads everything. Either all is there, or the damage is told.
func TestAWrongByteNeverTakesAnythingAway(t *testing.T) {
	c, positions := chainOf(t, 23, 12, 5), 20
	if os.Getenv("IPLEDGER_FAULTS") != "" {
		positions = 2000
	}
	for state, closed := range map[string]bool{"closed": true, "killed": false} {
		disk := livedIn(t, c, closed)
		names, err := disk.List("ledger")
		noError(t, err)
		found := map[string]int{}
		for _, name := range names {
			whole, err := disk.UnsafeGetFileDataBuffer("ledger/" + name)
			if err != nil || len(whole) == 0 {
				continue // markers have no content
			}
			n := min(positions, len(whole))
			for i := range n {
				at, change := len(whole)-1-i*len(whole)/n, []byte{0x01, 0x80, 0xff}[i%3]
				left := disk.CrashClone(vfs.CrashCloneCfg{})
				b, err := left.UnsafeGetFileDataBuffer("ledger/" + name)
				noError(t, err)
				b[at] ^= change
				err = c.readAll(left)
				switch {
				case err == nil:
				case errors.Is(err, ledger.ErrCorrupt):
					found[strings.Trim(name, "0123456789")]++
				default:
					t.Errorf("%s: byte %d of %d of %s, changed by %#x: %v", state, at, len(whole), name, change, err)
				}
			}
		}
		t.Logf("%s: found %v", state, found)
		for _, kind := range []string{".log", ".sst", "MANIFEST-"} {
			if found[kind] == 0 {
				t.Errorf("%s: no damage was found in any %s", state, kind)
			}
		}
	}
}

// TestALostMarkerIsNotANewLedger takes away the file that names the manifest.
// Pebble would begin an empty database and delete the tables.
func TestALostMarkerIsNotANewLedger(t *testing.T) {
	c := chainOf(t, 24, 6, 5)
	disk := livedIn(t, c, true)
	names, err := disk.List("ledger")
	noError(t, err)
	for _, name := range names {
		if strings.HasPrefix(name, "marker.manifest.") {
			noError(t, disk.Remove("ledger/"+name))
		}
	}
	if _, err := store.Open("ledger", store.Options{Network: c.network, FS: disk}); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("a ledger without its marker: %v", err)
	}
	left, err := disk.List("ledger")
	noError(t, err)
	if len(left) < len(names)-1 {
		t.Errorf("of the files %v only %v are left", names, left)
	}
}
