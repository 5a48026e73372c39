// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/internal/diskfault"
	"github.com/ipledger/ipledger/ledger"
)

// A history is a list of writes and what should be there after each of them.
type history struct {
	writes []consensus.Write
	after  []string // after[i] is what the first i writes leave

	diskfault.Progress
}

func newHistory(seed uint64, writes, entrySize int) *history {
	h, s, m := new(history), newSource(seed), newModel()
	s.entrySize, s.syncOne = entrySize, 3
	for range writes {
		h.after = append(h.after, text(m.saved()))
		w := s.next()
		h.writes = append(h.writes, w)
		m.write(w)
	}
	h.after = append(h.after, text(m.saved()))
	return h
}

// run writes all from the first one on that is not there yet.
func (h *history) run(l *log.Log, from int) error {
	for i, w := range h.writes[from:] {
		h.Asked.Store(int64(from + i + 1))
		if err := l.Write(w); err != nil {
			return err
		}
		if w.Sync {
			h.Durable.Store(int64(from + i + 1))
		}
	}
	return nil
}

// check opens what a crash has left and finds the first n writes there, whole,
// with n between least and most, and nothing of any other.
func (h *history) check(t testing.TB, fs vfs.FS, least, most int64) int {
	t.Helper()
	l, saved := open(t, fs)
	noError(t, l.Close())
	n := int64(saved.Cursor.Index)
	if n < least || n > most {
		t.Fatalf("%d writes are there: %d must be, %d may be", n, least, most)
	}
	if got := text(saved); got != h.after[n] {
		t.Fatalf("of %d writes is there\n%s\nand should be\n%s", n, got, h.after[n])
	}
	return int(n)
}

// TestACrashLosesOnlyTheUnsyncedEnd stops the machine before every single change
// to the disk, with and without what was not synced. Entries are large, so that
// flushes and new logs are part of it.
func TestACrashLosesOnlyTheUnsyncedEnd(t *testing.T) {
	h := newHistory(1, diskfault.Writes(50), 12<<10)
	d := diskfault.NewCrashes(&h.Progress)
	all := h.writes
	for _, part := range []int{len(all) / 2, len(all)} { // start again, so that recovery is interrupted too
		l, saved := open(t, d.Wrapped())
		h.writes = all[:part]
		noError(t, h.run(l, int(saved.Cursor.Index)))
		d.Take("the end")
		noError(t, l.Close())
		h.Durable.Store(h.Asked.Load()) // a clean end loses nothing
		d.Take("the end, closed")
	}
	found := map[int]bool{}
	for _, c := range d.Taken() {
		found[h.check(t, c.Disk, c.Least, c.Most)] = true
	}
	if len(found) < len(all)/2 {
		t.Errorf("crashes left only %d different ends", len(found))
	}
	t.Logf("%d crashes left %d different ends of %d writes", len(d.Taken()), len(found), len(all))
}

// TestAFailingDiskStopsTheDatabase lets each single call to the file system
// fail, from Open to Close.
func TestAFailingDiskStopsTheDatabase(t *testing.T) {
	const before = 15
	h := newHistory(2, before+15, 300)
	begun, all := vfs.NewCrashableMem(), h.writes
	l, _ := open(t, begun)
	h.writes = all[:before]
	noError(t, h.run(l, 0))
	noError(t, l.Close())
	h.writes = all
	for _, lasting := range []bool{false, true} {
		failures, deaths, n := 0, 0, int64(1)
		for ; ; n++ {
			disk := begun.CrashClone(vfs.CrashCloneCfg{})
			f := diskfault.NewRefusal(n, lasting, "the consensus database cannot go on")
			h.Durable.Store(before)
			h.Asked.Store(before)
			ended := make(chan error, 1)
			go func() { ended <- write(f, h, disk, before) }()
			select {
			case err := <-ended:
				if errors.Is(err, errMisled) {
					t.Fatalf("call %d: %v", n, err)
				}
				if err != nil {
					failures++
				}
			case <-f.Died():
				deaths++
			case <-time.After(20 * time.Second):
				t.Fatalf("call %d: the writer hangs", n)
			}
			random := rand.New(rand.NewPCG(uint64(n), 0))
			for _, percent := range []int{0, 50, 100} {
				least := h.Durable.Load()
				h.check(t, disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: random}), least, h.Asked.Load())
			}
			if !f.Reached() {
				break
			}
		}
		t.Logf("lasting %v: %d calls, %d reported, %d ended the process", lasting, n-1, failures, deaths)
		if failures == 0 {
			t.Error("no failure was reported")
		}
	}
}

var errMisled = errors.New("misled")

// write is the writer on the failing disk. After a failure it tries again, which
// must not succeed even if the disk would.
func write(f *diskfault.Refusal, h *history, disk vfs.FS, from int) error {
	l, _, err := log.Open("consensus", log.Options{Chain: chain, FS: f.Wrap(disk), Logger: f.Logger()})
	if err != nil {
		return err
	}
	if err = h.run(l, from); err == nil {
		return l.Close()
	}
	if again := l.Write(consensus.Write{Joined: true, Sync: true}); again == nil || !strings.Contains(again.Error(), "stopped") {
		return fmt.Errorf("%w: written again after a failure: %w", errMisled, again)
	}
	if l.Close() == nil {
		return fmt.Errorf("%w: closed after a failure", errMisled)
	}
	return err
}

// TestDamageInTheMiddleOfTheJournalIsFound flips bits of what was synced long
// ago. The journal may not be taken to end there: the votes behind it were sent.
func TestDamageInTheMiddleOfTheJournalIsFound(t *testing.T) {
	h := newHistory(3, 120, 300)
	disk := vfs.NewCrashableMem()
	l, _ := open(t, disk)
	noError(t, h.run(l, 0))
	noError(t, l.Write(consensus.Write{Sync: true}))
	noError(t, l.Write(consensus.Write{Sync: true}))
	names, err := disk.List("consensus")
	noError(t, err)
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".log") })
	journal := "consensus/" + names[len(names)-1]
	whole, err := disk.UnsafeGetFileDataBuffer(journal)
	noError(t, err)
	size := len(whole)
	found := 0
	for at := 1; at < 10; at++ {
		left := disk.CrashClone(vfs.CrashCloneCfg{})
		b, err := left.UnsafeGetFileDataBuffer(journal)
		noError(t, err)
		b[size*at/12] ^= 0x10
		_, _, err = log.Open("consensus", log.Options{Chain: chain, FS: left})
		switch {
		case errors.Is(err, ledger.ErrCorrupt) && strings.Contains(err.Error(), "must not vote"):
			found++
		case err == nil:
			t.Errorf("damage at byte %d of %d was passed over", size*at/12, size)
		default:
			t.Errorf("damage at byte %d of %d: %v", size*at/12, size, err)
		}
	}
	t.Logf("%d of 9 found", found)
	noError(t, l.Close())
}

func TestASyncWithoutAnythingElseCoversTheWritesBefore(t *testing.T) {
	disk := vfs.NewCrashableMem()
	l, _ := open(t, disk)
	noError(t, l.Write(consensus.Write{Joined: true}))
	noError(t, l.Write(consensus.Write{Sync: true}))
	if !durable(t, disk).Joined {
		t.Fatal("the write before is lost")
	}
	noError(t, l.Close())
}
