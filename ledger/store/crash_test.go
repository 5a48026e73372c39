// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/ipledger/ipledger/ledger/store"
)

// crashN is how many blocks crash tests write, or how many faults they try.
func crashN(small int) int {
	if n, err := strconv.Atoi(os.Getenv("IPLEDGER_CRASH_N")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return small / 2
	}
	return small
}

// progress is what a writer has been told and what it has asked for, as the
// number of blocks in the ledger; 0 is a ledger before Init.
type progress struct{ acknowledged, asked atomic.Int64 }

// run writes the chain from where the store is.
func (p *progress) run(s *store.Store, c *chain) error {
	next := 0
	if head, ok := s.Head(); ok {
		next = int(head.Header.Height) + 1
	}
	p.acknowledged.Store(int64(next))
	for ; next < len(c.blocks); next++ {
		p.asked.Store(int64(next) + 1)
		var err error
		if next == 0 {
			err = c.init(s)
		} else {
			err = s.Commit(c.blocks[next])
		}
		if err != nil {
			return err
		}
		p.acknowledged.Store(int64(next) + 1)
	}
	return nil
}

// A crash is a machine's disk as a power failure leaves it.
type crash struct {
	disk        *vfs.MemFS
	least, most int64 // blocks that it may hold
	when        string
}

// crashes takes a crash before every change that is made to disk.
type crashes struct {
	vfs.FS
	disk *vfs.MemFS
	progress

	mu     sync.Mutex
	random *rand.Rand
	taken  []crash
}

func newCrashes() *crashes {
	disk := vfs.NewCrashableMem()
	return &crashes{FS: disk, disk: disk, random: rand.New(rand.NewPCG(1, 1))}
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
		c := crash{when: fmt.Sprintf("%s, %d %%", when, percent), least: d.acknowledged.Load()}
		c.disk = d.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: d.random})
		c.most = d.asked.Load()
		d.taken = append(d.taken, c)
	}
}

// TestACrashLeavesWholeBlocks stops the machine before every single change to
// the disk, with and without what was not synced. Small memory tables make
// flushes, compactions and new logs part of it.
func TestACrashLeavesWholeBlocks(t *testing.T) {
	c := chainOf(t, 11, crashN(12), 10)
	d := newCrashes()
	d.watch(t, c)
	// Start again, so that recovery is interrupted too.
	c.add(t, 10, 3)
	c.add(t, 10, 3)
	d.watch(t, c)

	heads := map[int64]int{}
	for _, crash := range d.taken {
		s, err := store.Open("ledger", store.Options{Network: c.network, FS: crash.disk, MemTable: 64 << 10})
		if err != nil {
			t.Fatalf("crash before %s: %v", crash.when, err)
		}
		blocks := int64(0)
		if head, ok := s.Head(); ok {
			blocks = int64(head.Header.Height) + 1
		}
		if blocks < crash.least || blocks > crash.most {
			t.Fatalf("crash before %s: %d blocks are there, acknowledged were %d, asked for %d", crash.when, blocks, crash.least, crash.most)
		}
		heads[blocks]++
		if heads[blocks] < 12 || heads[blocks]%8 == 0 { // the head is checked by Open each time
			c.check(t, s)
		}
		noError(t, s.Close())
	}
	if len(heads) != len(c.blocks)+1 {
		t.Errorf("crashes left %d different heights, of %d", len(heads), len(c.blocks)+1)
	}
	t.Logf("%d crashes, %d different heights", len(d.taken), len(heads))
}

func (d *crashes) watch(t *testing.T, c *chain) {
	t.Helper()
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: errorfs.Wrap(d, d), MemTable: 64 << 10})
	noError(t, err)
	noError(t, d.run(s, c))
	d.take("the end")
	noError(t, s.Close())
	d.take("the end, closed")
}

// TestNothingIsSeenBeforeItIsDurable holds the sync of a commit back and looks.
func TestNothingIsSeenBeforeItIsDurable(t *testing.T) {
	c := chainOf(t, 12, 2, 5)
	c.add(t, 5, 40)
	gate := &gate{reached: make(chan bool), open: make(chan bool)}
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: errorfs.Wrap(vfs.NewMem(), gate)})
	noError(t, err)
	noError(t, c.init(s))
	noError(t, s.Commit(c.blocks[1]))
	noError(t, s.Commit(c.blocks[2]))
	gate.closed.Store(true)
	done := make(chan error)
	go func() { done <- s.Commit(c.blocks[3]) }()
	<-gate.reached

	// The block is there for Pebble soon; give it the time, so that what follows means something.
	for highest := uint64(0); highest < 3; {
		highest, err = s.Highest()
		noError(t, err)
	}
	head, _ := s.Head()
	equal(t, "head", head.Header.Height, uint64(2))
	if size, _ := s.History(); size != 3 {
		t.Errorf("history of %d blocks", size)
	}
	if _, err := s.Block(3); err == nil {
		t.Error("the block is seen")
	}
	if _, err := s.State(3); err == nil {
		t.Error("its state is seen")
	}
	if height, ok, err := s.HeightAt(1 << 60); height != 2 || !ok || err != nil {
		t.Errorf("height %d is seen: %v", height, err)
	}
	for _, id := range c.blocks[3].IDs {
		if _, _, ok, err := s.Transaction(id); ok || err != nil {
			t.Fatalf("its transaction is seen: %v", err)
		}
	}
	close(gate.open)
	noError(t, <-done)
	c.check(t, s)
	noError(t, s.Close())
}

// A gate holds syncs of logs back.
type gate struct {
	closed        atomic.Bool
	reached, open chan bool
}

func (g *gate) MaybeError(op errorfs.Op) error {
	if op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData {
		if g.closed.CompareAndSwap(true, false) {
			g.reached <- true
			<-g.open
		}
	}
	return nil
}

func (g *gate) String() string { return "gate" }
