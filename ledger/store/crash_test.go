// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/ipledger/ipledger/internal/diskfault"
	"github.com/ipledger/ipledger/ledger/store"
)

// run writes the chain from where the store is. In p a write is a block of the
// ledger; 0 is a ledger before Init.
func run(p *diskfault.Progress, s *store.Store, c *chain) error {
	next := 0
	if head, ok := s.Head(); ok {
		next = int(head.Header.Height) + 1
	}
	p.Durable.Store(int64(next))
	for ; next < len(c.blocks); next++ {
		p.Asked.Store(int64(next) + 1)
		var err error
		if next == 0 {
			err = c.init(s)
		} else {
			err = s.Commit(c.blocks[next])
		}
		if err != nil {
			return err
		}
		p.Durable.Store(int64(next) + 1)
	}
	return nil
}

// TestACrashLeavesWholeBlocks stops the machine before every single change to
// the disk, with and without what was not synced. Small memory tables make
// flushes, compactions and new logs part of it.
func TestACrashLeavesWholeBlocks(t *testing.T) {
	c := chainOf(t, 11, diskfault.Writes(12), 10)
	progress := new(diskfault.Progress)
	d := diskfault.NewCrashes(progress)
	write := func() {
		t.Helper()
		s, err := store.Open("ledger", store.Options{Network: c.network, FS: d.Wrapped(), Index: index, MemTable: 64 << 10})
		noError(t, err)
		noError(t, run(progress, s, c))
		d.Take("the end")
		noError(t, s.Close())
		d.Take("the end, closed")
	}
	write()
	// Start again, so that recovery is interrupted too.
	c.add(t, 10, 3)
	c.add(t, 10, 3)
	write()

	heads := map[int64]int{}
	for _, crash := range d.Taken() {
		var said bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&said, nil))
		s, err := store.Open("ledger", store.Options{Network: c.network, FS: crash.Disk, Index: index, MemTable: 64 << 10, Logger: logger})
		if err != nil {
			t.Fatalf("crash before %s: %v", crash.When, err)
		}
		if strings.Contains(said.String(), "anew") {
			t.Fatalf("crash before %s: the index is not that of the block: %s", crash.When, said.String())
		}
		blocks := int64(0)
		if head, ok := s.Head(); ok {
			blocks = int64(head.Header.Height) + 1
		}
		if blocks < crash.Least || blocks > crash.Most {
			t.Fatalf("crash before %s: %d blocks are there, acknowledged were %d, asked for %d", crash.When, blocks, crash.Least, crash.Most)
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
	t.Logf("%d crashes, %d different heights", len(d.Taken()), len(heads))
}

// TestNothingIsSeenBeforeItIsDurable holds the sync of a commit back and looks.
func TestNothingIsSeenBeforeItIsDurable(t *testing.T) {
	c := chainOf(t, 12, 2, 5)
	c.add(t, 5, 40)
	gate := &gate{reached: make(chan bool), open: make(chan bool)}
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: errorfs.Wrap(vfs.NewMem(), gate), Index: index})
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
