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
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipledger/ipledger/ledger"
)

var purpose = Purpose{Name: "test database", Mark: "test\x00", Format: 1, Intact: "all is well", Mend: "mend it"}

func open(disk vfs.FS, w Watch) (*pebble.DB, error) {
	return purpose.Open("db", disk, nil, w, func(o *pebble.Options) { o.MemTableSize = 512 << 10 })
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newestName(t testing.TB, disk vfs.FS) string {
	t.Helper()
	names, err := disk.List("db")
	noError(t, err)
	all := numbered(names, ".log")
	return fmt.Sprintf("db/%06d.log", all[len(all)-1])
}

func newestJournal(t testing.TB, disk vfs.FS) []byte {
	t.Helper()
	content, err := readFile(disk, newestName(t, disk))
	noError(t, err)
	return content
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// A journalWriter has Pebble write a journal into memory.
type journalWriter struct {
	bytes.Buffer
	log *record.LogWriter
}

func (*journalWriter) Sync() error { return nil }

func newJournal(number int) *journalWriter {
	w := &journalWriter{}
	w.log = begin(record.NewLogWriter, w, number)
	return w
}

// begin stands apart since the type of a file's number has no name here.
func begin[N ~uint64](newWriter func(io.Writer, N, record.LogWriterConfig) *record.LogWriter, w io.Writer, number int) *record.LogWriter {
	return newWriter(w, N(number), record.LogWriterConfig{
		WALFsyncLatency:     prometheus.NewHistogram(prometheus.HistogramOpts{}),
		WriteWALSyncOffsets: func() bool { return true },
	})
}

func (w *journalWriter) write(t testing.TB, b []byte, synced bool) {
	t.Helper()
	if !synced {
		_, err := w.log.WriteRecord(b)
		noError(t, err)
		return
	}
	var wg sync.WaitGroup
	var failed error
	wg.Add(1)
	_, err := w.log.SyncRecord(b, &wg, &failed)
	noError(t, err)
	wg.Wait()
	noError(t, failed)
}

// manifestOf gives a manifest with two synced records, the first of a given size,
// and a last one that is not synced.
func manifestOf(t testing.TB, r *rand.Rand, before, size int) (whole []byte, synced int) {
	t.Helper()
	var file bytes.Buffer
	w := record.NewWriter(&file)
	for _, n := range []int{before, 20, size} {
		synced = file.Len()
		_, err := w.WriteRecord(randomBytes(r, n))
		noError(t, err)
	}
	return file.Bytes(), synced
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
			got := l.record()
			theirs, err := reader.Next()
			noError(t, err)
			pebbles, err := io.ReadAll(theirs)
			noError(t, err)
			if !bytes.Equal(got, b) || !bytes.Equal(pebbles, b) {
				t.Fatalf("record %d of %d is another one", i, len(want))
			}
		}
		if rest := l.record(); rest != nil || l.judgeEnd(uint64(file.Len())) != nil {
			t.Fatalf("more than was written: %d bytes, %v", len(rest), l.judgeEnd(uint64(file.Len())))
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
	path, content := newestName(t, left), newestJournal(t, left)
	l := chunkLog{content: content, formats: journalFormats, number: uint32(content[numberAt])}
	l.record()
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
