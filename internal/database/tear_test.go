// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
)

// formerly are what the sectors of a file may hold that were not written, by what
// should have been written. A nil content ends with the last sector that was.
var formerly = map[string]func(r *rand.Rand, whole []byte) []byte{
	"nothing": func(*rand.Rand, []byte) []byte { return nil },
	"zeros":   func(_ *rand.Rand, whole []byte) []byte { return make([]byte, len(whole)+5000) },
	"other data": func(r *rand.Rand, whole []byte) []byte {
		b := make([]byte, len(whole)+700)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	},
	// What a journal of the same length held: all as it should be, but for bytes here and there.
	"nearly the same": func(r *rand.Rand, whole []byte) []byte {
		b := bytes.Clone(whole)
		for i := r.IntN(40); i < len(b); i += 1 + r.IntN(300) {
			b[i] ^= byte(1 + r.IntN(255))
		}
		b[len(b)-1] ^= 0x80
		return b
	},
}

// tear gives what a crash leaves of a file that is synced up to a byte: of each
// later sector what was there before, unless it was written.
func tear(whole, former []byte, synced, sector int, written []bool) []byte {
	left := append(bytes.Clone(whole[:synced]), former[min(synced, len(former)):]...)
	for i, at := 0, synced/sector*sector; at < len(whole); i, at = i+1, at+sector {
		from, to := max(at, synced), min(at+sector, len(whole))
		if !written[i] {
			continue
		}
		if to > len(left) {
			left = append(left, make([]byte, to-len(left))...)
		}
		copy(left[from:to], whole[from:to])
	}
	return left
}

// tears calls try with what crashes may leave: all sets of up to four sectors at
// the end, and some of more.
func tears(r *rand.Rand, whole []byte, synced int, try func(what string, left []byte)) {
	for _, sector := range []int{512, 4096} {
		n := (len(whole)-1)/sector - synced/sector + 1
		for set := range 1 << min(n, 4) {
			written := make([]bool, n)
			for i := range written {
				switch {
				case n <= 4:
					written[i] = set>>i&1 == 1
				case set%2 == 0:
					written[i] = r.IntN(2) == 0
				default:
					written[i] = i > 0 && r.IntN(n) > 0 // nearly all
				}
			}
			for name, former := range formerly {
				try(fmt.Sprintf("of sectors of %d bytes %v were written over %s", sector, written, name),
					tear(whole, former(r, whole), synced, sector, written))
			}
		}
	}
}

// journalOf gives a journal with synced records, and the bytes that were, and an
// unsynced tail that is as long as given.
func journalOf(t testing.TB, r *rand.Rand, number, syncedRecords int, sizes []int) (whole []byte, synced int) {
	t.Helper()
	w := newJournal(number)
	for range syncedRecords {
		w.write(t, randomBytes(r, 12+r.IntN(900)), true)
	}
	synced = w.Len()
	for _, size := range sizes {
		w.write(t, randomBytes(r, size), false)
	}
	noError(t, w.log.Close())
	return bytes.Clone(w.Bytes()), synced
}

// readUp reads a journal and gives its records, or why it is damaged.
func readUp(l chunkLog, synced int) (records [][]byte, err error) {
	for record := l.record(); record != nil; record = l.record() {
		records = append(records, record)
	}
	return records, l.judgeEnd(uint64(synced))
}

// TestATornJournalIsNoDamage tears tails of all lengths in all ways. What was
// synced is read, and nothing that was not written.
func TestATornJournalIsNoDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	check := func(number, count int, sizes []int) {
		whole, synced := journalOf(t, r, number, count, sizes)
		want, err := readUp(chunkLog{content: whole, formats: journalFormats, number: uint32(number)}, len(whole))
		noError(t, err)
		if len(want) != count+len(sizes) {
			t.Fatalf("%d of %d records", len(want), count+len(sizes))
		}
		tears(r, whole, synced, func(what string, left []byte) {
			got, err := readUp(chunkLog{content: left, formats: journalFormats, number: uint32(number)}, synced)
			if err != nil || len(got) < count || len(got) > len(want) {
				t.Fatalf("tail of %v bytes from byte %d on, %s: %d of %d records, %v", sizes, synced, what, len(got), count, err)
			}
			for i, record := range got {
				if !bytes.Equal(record, want[i]) {
					t.Fatalf("%s: record %d is another one", what, i)
				}
			}
		})
	}
	for size := 1; size <= 600; size++ {
		check(900, 1, []int{size})
	}
	for _, sizes := range [][]int{{40, 3, 700, 12}, {33_000}, {70_000, 20}, {20_000, 20_000}, {500, 40_000, 500}} {
		for _, count := range []int{0, 1, 60} {
			check(901, count, sizes)
		}
	}
}

// TestEveryWrongByteOfWhatWasSyncedIsFound changes each byte that was synced, of
// journals with and without an unsynced tail.
func TestEveryWrongByteOfWhatWasSyncedIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, sizes := range [][]int{nil, {100}, {3000, 40}} {
		whole, synced := journalOf(t, r, 77, 12, sizes)
		if sizes == nil {
			synced = len(whole) // closed, with its trailer
		}
		for at := range synced {
			spoiled := bytes.Clone(whole)
			spoiled[at] ^= byte(1 + r.IntN(255))
			if _, err := readUp(chunkLog{content: spoiled, formats: journalFormats, number: 77}, synced); !errors.Is(err, ledger.ErrCorrupt) {
				t.Fatalf("byte %d of %d: %v", at, synced, err)
			}
		}
	}
}

// TestAChunkTellsWhatWasSyncedBeforeIt has nothing but the journal itself.
func TestAChunkTellsWhatWasSyncedBeforeIt(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	w := newJournal(78)
	ends := []int{}
	for range 10 {
		w.write(t, randomBytes(r, 700), true)
		ends = append(ends, w.Len())
	}
	whole := bytes.Clone(w.Bytes())
	noError(t, w.log.Close())
	for at := range ends[8] {
		spoiled := bytes.Clone(whole)
		spoiled[at] ^= 0x10
		if _, err := readUp(chunkLog{content: spoiled, formats: journalFormats, number: 78}, 0); !errors.Is(err, ledger.ErrCorrupt) {
			t.Fatalf("byte %d: %v", at, err)
		}
	}
}

// TestATornManifestIsNoDamage is the same for manifests, whose records are synced
// one by one.
func TestATornManifestIsNoDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	for size := 1; size <= 40_000; size += 1 + size {
		for _, before := range []int{100, 500, 32_700, 32_732} {
			whole, synced := manifestOf(t, r, before, size)
			tears(r, whole, synced, func(what string, left []byte) {
				if strings.HasSuffix(what, "data") || strings.HasSuffix(what, "same") {
					return // no file is used again for a manifest
				}
				got, err := readUp(chunkLog{content: left, formats: manifestFormats}, synced)
				if err != nil || len(got) < 2 {
					t.Fatalf("record of %d bytes at byte %d, %s: %d records, %v", size, synced, what, len(got), err)
				}
			})
		}
		whole, synced := manifestOf(t, r, 600, size)
		for at := range synced {
			spoiled := bytes.Clone(whole)
			spoiled[at] ^= byte(1 + r.IntN(255))
			if _, err := readUp(chunkLog{content: spoiled, formats: manifestFormats}, synced); !errors.Is(err, ledger.ErrCorrupt) {
				t.Fatalf("byte %d of %d: %v", at, synced, err)
			}
		}
	}
}

// TestATornDatabaseOpensWithAllThatWasSynced has Pebble open what a crash leaves,
// and refuses the same with a wrong byte in what was synced.
func TestATornDatabaseOpensWithAllThatWasSynced(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	for round := range 25 {
		killed, whole, synced := tornDatabase(t, r)
		what, left := "", []byte(nil)
		seen := 0
		tears(r, whole, synced, func(w string, l []byte) {
			if seen++; r.IntN(seen) == 0 {
				what, left = w, l
			}
		})
		disk := putBack(t, killed, left)
		db, err := open(disk, Watch{})
		if err != nil {
			t.Fatalf("round %d, %s: %v", round, what, err)
		}
		for i := range 20 {
			_, closer, err := db.Get(fmt.Append(nil, "synced", i))
			if err != nil {
				t.Fatalf("round %d, %s: write %d: %v", round, what, i, err)
			}
			noError(t, closer.Close())
		}
		noError(t, db.Close())
		left[r.IntN(synced)] ^= byte(1 + r.IntN(255))
		if _, err := open(putBack(t, killed, left), Watch{}); !errors.Is(err, ledger.ErrCorrupt) {
			t.Fatalf("round %d: a wrong byte in what was synced: %v", round, err)
		}
	}
}

// tornDatabase gives a database as a killed process left it after its last sync,
// and its journal with further writes, of which synced bytes were synced.
func tornDatabase(t *testing.T, r *rand.Rand) (killed *vfs.MemFS, whole []byte, synced int) {
	t.Helper()
	disk := vfs.NewCrashableMem()
	db, err := open(disk, Watch{})
	noError(t, err)
	noError(t, Begin(db))
	for i := range 20 {
		noError(t, db.Set(fmt.Append(nil, "synced", i), randomBytes(r, r.IntN(900)), pebble.Sync))
	}
	killed = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: r})
	synced = len(newestJournal(t, killed))
	for range 1 + r.IntN(4) {
		noError(t, db.Set([]byte("tail"), randomBytes(r, r.IntN([]int{10, 1000, 20_000, 70_000}[r.IntN(4)])), pebble.NoSync))
	}
	// A write whose sync the crash forestalls.
	noError(t, db.Set([]byte("tail"), nil, pebble.Sync))
	whole = newestJournal(t, disk)
	noError(t, db.Close())
	return killed, whole, synced
}

func putBack(t *testing.T, killed *vfs.MemFS, journal []byte) *vfs.MemFS {
	t.Helper()
	disk := killed.CrashClone(vfs.CrashCloneCfg{})
	f, err := disk.Create(newestName(t, disk), "")
	noError(t, err)
	_, err = f.Write(journal)
	noError(t, errors.Join(err, f.Sync(), f.Close()))
	return disk
}
