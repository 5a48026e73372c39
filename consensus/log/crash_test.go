// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/ledger"
)

// crashN is how many writes crash tests make.
func crashN(small int) int {
	if n, err := strconv.Atoi(os.Getenv("IPLEDGER_CRASH_N")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return small / 2
	}
	return small
}

// A history is a list of writes and what should be there after each of them.
type history struct {
	writes []consensus.Write
	after  []string // after[i] is what the first i writes leave

	// Numbers of writes: those that must be there, and those that may be.
	durable, asked atomic.Int64
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
		h.asked.Store(int64(from + i + 1))
		if err := l.Write(w); err != nil {
			return err
		}
		if w.Sync {
			h.durable.Store(int64(from + i + 1))
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

// A crash is a machine's disk as a power failure leaves it.
type crash struct {
	disk        *vfs.MemFS
	least, most int64
	when        string
}

// crashes takes a crash before every change that is made to disk.
type crashes struct {
	vfs.FS
	disk *vfs.MemFS
	*history

	mu     sync.Mutex
	random *rand.Rand
	taken  []crash
}

func (d *crashes) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
		d.take(fmt.Sprintf("operation %d on %s", op.Kind, op.Path))
	}
	return nil
}

func (d *crashes) String() string { return "crashes" }

func (d *crashes) take(when string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, percent := range []int{0, 50, 100} { // of what was not synced, that is there all the same
		c := crash{when: fmt.Sprintf("%s, %d %%", when, percent), least: d.durable.Load()}
		c.disk = d.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: d.random})
		c.most = d.asked.Load()
		d.taken = append(d.taken, c)
	}
}

// Link, Lock and ReuseForWrite take the disk's own lock twice, between which a
// crash must not ask for it.

func (d *crashes) Link(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.FS.Link(from, to)
}

func (d *crashes) Lock(name string) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.FS.Lock(name)
}

func (d *crashes) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.FS.ReuseForWrite(from, to, category)
	if err != nil {
		return nil, err
	}
	return errorfs.WrapFile(f, d), nil // which errorfs leaves out
}

// TestACrashLosesOnlyTheUnsyncedEnd stops the machine before every single change
// to the disk, with and without what was not synced. Entries are large, so that
// flushes and new logs are part of it.
func TestACrashLosesOnlyTheUnsyncedEnd(t *testing.T) {
	h := newHistory(1, crashN(50), 12<<10)
	disk := vfs.NewCrashableMem()
	d := &crashes{FS: disk, disk: disk, history: h, random: rand.New(rand.NewPCG(1, 1))}
	all := h.writes
	for _, part := range []int{len(all) / 2, len(all)} { // start again, so that recovery is interrupted too
		l, saved := open(t, errorfs.Wrap(d, d))
		h.writes = all[:part]
		noError(t, h.run(l, int(saved.Cursor.Index)))
		d.take("the end")
		noError(t, l.Close())
		h.durable.Store(h.asked.Load()) // a clean end loses nothing
		d.take("the end, closed")
	}
	found := map[int]bool{}
	for _, c := range d.taken {
		found[h.check(t, c.disk, c.least, c.most)] = true
	}
	if len(found) < len(all)/2 {
		t.Errorf("crashes left only %d different ends", len(found))
	}
	t.Logf("%d crashes left %d different ends of %d writes", len(d.taken), len(found), len(all))
}

var errDisk = errors.New("input/output error")

// A fault makes the n-th call to the file system fail, and those after it if it
// is lasting. Where Pebble ends the process, the goroutine stops as it would. It
// is also the handler of the database's log, by which Pebble's last words come.
type fault struct {
	n       int64
	lasting bool
	calls   atomic.Int64
	died    chan bool
}

func (f *fault) MaybeError(errorfs.Op) error {
	call := f.calls.Add(1)
	if call < f.n || call > f.n && !f.lasting {
		return nil
	}
	stack := string(debug.Stack())
	if strings.Contains(stack, "rotateWAL") || strings.Contains(stack, "(*Marker).Move") && !strings.Contains(stack, "database.Catch") {
		f.die()
	}
	return errDisk
}

func (f *fault) String() string { return "fault" }

func (f *fault) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "the consensus database cannot go on" && !strings.Contains(string(debug.Stack()), "database.Catch") {
		f.die()
	}
	return nil
}

func (f *fault) die() {
	select {
	case f.died <- true:
	default:
	}
	select {}
}

func (f *fault) Enabled(context.Context, slog.Level) bool { return true }
func (f *fault) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f *fault) WithGroup(string) slog.Handler            { return f }

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
			f := &fault{n: n, lasting: lasting, died: make(chan bool, 1)}
			h.durable.Store(before)
			h.asked.Store(before)
			ended := make(chan error, 1)
			go func() { ended <- f.write(h, disk, before) }()
			select {
			case err := <-ended:
				if errors.Is(err, errMisled) {
					t.Fatalf("call %d: %v", n, err)
				}
				if err != nil {
					failures++
				}
			case <-f.died:
				deaths++
			case <-time.After(20 * time.Second):
				t.Fatalf("call %d: the writer hangs", n)
			}
			random := rand.New(rand.NewPCG(uint64(n), 0))
			for _, percent := range []int{0, 50, 100} {
				least := h.durable.Load()
				h.check(t, disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: random}), least, h.asked.Load())
			}
			if f.calls.Load() < n {
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
func (f *fault) write(h *history, disk vfs.FS, from int) error {
	l, _, err := log.Open("consensus", log.Options{Chain: chain, FS: errorfs.Wrap(disk, f), Logger: slog.New(f)})
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
