// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/ipledger/ipledger/ledger"
)

var purpose = Purpose{Name: "test database", Mark: "test\x00", Format: 1, Intact: "all is well", Mend: "mend it"}

func open(disk vfs.FS, w Watch) (*pebble.DB, error) {
	return purpose.Open("db", disk, nil, w, func(o *pebble.Options) { o.MemTableSize = 64 << 10 })
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// written is a journal that Pebble has written.
func written(t *testing.T, seed uint64) []byte {
	t.Helper()
	disk := vfs.NewMem()
	db, err := open(disk, Watch{})
	noError(t, err)
	noError(t, Begin(db))
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 16 {
		noError(t, db.Set(fmt.Append(nil, i), bytes.Repeat([]byte{byte(i)}, r.IntN(600)), pebble.Sync))
	}
	names, err := disk.List("db")
	noError(t, err)
	all := numbered(names, ".log")
	content, err := readFile(disk, fmt.Sprintf("db/%06d.log", all[len(all)-1]))
	noError(t, err)
	noError(t, db.Close())
	// Padded to the block, as a file that was set apart beforehand is.
	return append(content, make([]byte, 4096)...)
}

func number(content []byte) uint32 { return uint32(content[numberAt]) }

// TestATornEndIsNoDamage cuts a journal at every byte, or at every sector and fills
// the rest with what a disk may hold there. That is the end of it, not damage.
func TestATornEndIsNoDamage(t *testing.T) {
	content := written(t, 1)
	old := written(t, 2) // of the file that was used before
	for i := range old {
		old[i] ^= 0x5a
	}
	for keep := range content {
		for what, rest := range map[string][]byte{"nothing": nil, "zeros": make([]byte, 5000), "what was there before": old[min(keep, len(old)):]} {
			if rest != nil && keep%sectorSize != 0 {
				continue
			}
			torn := append(bytes.Clone(content[:keep]), rest...)
			l := chunkLog{content: torn, formats: journalFormats, number: number(content)}
			for {
				record, err := l.record()
				if err != nil {
					t.Fatalf("cut at %d, followed by %s: %v", keep, what, err)
				}
				if record == nil {
					break
				}
			}
			if l.at > keep && keep > 0 {
				t.Fatalf("cut at %d, it is read to %d", keep, l.at)
			}
		}
	}
}

// TestEveryWrongByteOfAJournalIsFound changes bytes of every part of a record.
func TestEveryWrongByteOfAJournalIsFound(t *testing.T) {
	content := written(t, 3)
	whole := chunkLog{content: content, formats: journalFormats, number: number(content)}
	records := 0
	for record, err := whole.record(); record != nil; record, err = whole.record() {
		noError(t, err)
		records++
	}
	if records < 16 {
		t.Fatalf("%d records", records)
	}
	for at := 0; at < whole.at; at += 3 {
		spoiled := bytes.Clone(content)
		spoiled[at] ^= byte(1 + at%255)
		l := chunkLog{content: spoiled, formats: journalFormats, number: number(content)}
		var record []byte
		err := error(nil)
		for record, err = l.record(); record != nil; record, err = l.record() {
		}
		if !errors.Is(err, ledger.ErrCorrupt) {
			t.Fatalf("byte %d of %d: %v", at, whole.at, err)
		}
	}
}

// TestChunksAreReadAsPebbleReadsThem compares with Pebble's reader, on manifests
// with records of all sizes.
func TestChunksAreReadAsPebbleReadsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 30 {
		var file bytes.Buffer
		w := record.NewWriter(&file)
		var want [][]byte
		for range 1 + r.IntN(30) {
			b := make([]byte, 1+r.IntN([]int{50, 500, 40_000, 120_000}[r.IntN(4)]))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			_, err := w.WriteRecord(b)
			noError(t, err)
			want = append(want, b)
		}
		noError(t, w.Close())
		l := chunkLog{content: file.Bytes(), formats: manifestFormats}
		reader := record.NewReader(bytes.NewReader(file.Bytes()), 0)
		for i, b := range want {
			got, err := l.record()
			noError(t, err)
			theirs, err := reader.Next()
			noError(t, err)
			pebbles, err := io.ReadAll(theirs)
			noError(t, err)
			if !bytes.Equal(got, b) || !bytes.Equal(pebbles, b) {
				t.Fatalf("record %d of %d is another one", i, len(want))
			}
		}
		if rest, err := l.record(); rest != nil || err != nil {
			t.Fatalf("more than was written: %d bytes, %v", len(rest), err)
		}
	}
}

// TestAGapInTheWritesIsDamage takes a journal away that was not in tables yet.
func TestAGapInTheWritesIsDamage(t *testing.T) {
	disk := vfs.NewCrashableMem()
	db, err := open(disk, Watch{})
	noError(t, err)
	noError(t, Begin(db))
	for i := range 20 {
		noError(t, db.Set(fmt.Append(nil, i), []byte("value"), pebble.Sync))
	}
	left := disk.CrashClone(vfs.CrashCloneCfg{})
	noError(t, db.Close())
	names, err := left.List("db")
	noError(t, err)
	last := numbered(names, ".log")
	path := fmt.Sprintf("db/%06d.log", last[len(last)-1])
	content, err := readFile(left, path)
	noError(t, err)
	l := chunkLog{content: content, formats: journalFormats, number: number(content)}
	_, err = l.record()
	noError(t, err)
	// The journal begins with its second record now, which is a good one.
	f, err := left.Create(path, "")
	noError(t, err)
	_, err = f.Write(content[l.at:])
	noError(t, errors.Join(err, f.Sync(), f.Close()))
	if _, err := open(left, Watch{}); !errors.Is(err, ledger.ErrCorrupt) || !strings.Contains(err.Error(), "are nowhere") {
		t.Errorf("a lost write is passed over: %v", err)
	}
}

// fullDisk fails every change from when it is full on, but to journals.
type fullDisk struct{ full chan bool }

func (d fullDisk) MaybeError(op errorfs.Op) error {
	select {
	case <-d.full:
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && strings.HasSuffix(op.Path, ".sst") {
			return syscall.ENOSPC
		}
	default:
	}
	return nil
}

func (fullDisk) String() string { return "full disk" }

// TestAFailureInTheBackgroundIsToldToTheWatch fills the disk under a flush. Pebble
// must not go on after it.
func TestAFailureInTheBackgroundIsToldToTheWatch(t *testing.T) {
	disk, told := fullDisk{make(chan bool)}, make(chan error, 16)
	db, err := open(errorfs.Wrap(vfs.NewMem(), disk), Watch{Failed: func(err error) {
		told <- err
		select {} // as a process that has ended
	}})
	noError(t, err)
	noError(t, db.Set([]byte("key"), []byte("value"), pebble.Sync))
	close(disk.full)
	if _, err := db.AsyncFlush(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-told:
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "test database db") {
			t.Errorf("it is told %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
	select {
	case err := <-told:
		t.Errorf("it went on: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
}
