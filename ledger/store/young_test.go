// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/internal/diskfault"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// eager writes a tree to disk whenever it may.
func eager(t testing.TB, c *chain, fs vfs.FS, keep bool) *store.Store {
	t.Helper()
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: fs, Young: 1, KeepTrees: keep})
	noError(t, err)
	return s
}

// TestACrashBetweenThePartsOfATreeLosesNothing stops the machine after each block
// while trees go to disk in parts, and goes on from what is left.
func TestACrashBetweenThePartsOfATreeLosesNothing(t *testing.T) {
	c, disk := chainOf(t, 15, diskfault.Writes(80), 10), vfs.NewCrashableMem()
	random := rand.New(rand.NewPCG(15, 1))
	s := eager(t, c, disk, false)
	noError(t, c.init(s))
	for h, f := range c.blocks[1:] {
		noError(t, s.Commit(f))
		left := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100 * (h % 2), RNG: random})
		again := eager(t, c, left, false)
		c.checkState(t, again, uint64(h+1))
		for _, f := range c.blocks[h+2 : min(h+2+h%40, len(c.blocks))] {
			noError(t, again.Commit(f))
		}
		head, _ := again.Head()
		c.checkState(t, again, head.Header.Height)
		noError(t, again.Close())
	}
	noError(t, s.Close())
	s = eager(t, c, disk, false)
	c.check(t, s)
	noError(t, s.Close())
}

// TestNodesThatNoTreeNeedsLeaveTheDisk restarts now and then, in the middle of
// writing a tree too, and looks at what remains.
func TestNodesThatNoTreeNeedsLeaveTheDisk(t *testing.T) {
	c, fs := chainOf(t, 16, 400, 10), vfs.NewMem()
	s := eager(t, c, fs, false)
	noError(t, c.init(s))
	for h, f := range c.blocks[1:] {
		if h%41 == 40 {
			noError(t, s.Close())
			s = eager(t, c, fs, false)
		}
		noError(t, s.Commit(f))
	}
	head := uint64(len(c.blocks) - 1)
	since := map[string]uint64{} // from when on a node is not needed
	for h, f := range c.blocks {
		for _, k := range f.State.Stale {
			since[string(k.Bytes())] = uint64(h)
		}
	}
	found := map[string]bool{}
	noError(t, s.Records(func(key, _ []byte) {
		if key[0] != 'n' {
			return
		}
		found[string(key[1:])] = true
		// Three trees are written until it must be gone: one that does not need it,
		// one whose parts delete it, and one that began before a restart.
		if gone, ok := since[string(key[1:])]; ok && gone+4*store.Parts < head {
			t.Errorf("node %x is not needed since height %d and still there", key, gone)
		}
	}))
	missing := 0
	for _, f := range c.blocks {
		for _, n := range f.State.Nodes {
			b := n.Key.Bytes()
			if _, stale := since[string(b)]; !stale && !found[string(b)] {
				missing++
				if n.Key.Version+3*store.Parts < head {
					t.Errorf("node %v is needed and not on disk", n.Key)
				}
			}
		}
	}
	if missing == 0 {
		t.Error("all nodes are on disk: this test saw none in memory")
	}
	c.check(t, s)
	noError(t, s.Close())
}

// TestTreesOfTheNewestHeightsAreKept asks for every one after every block, where
// memory holds no more than it must.
func TestTreesOfTheNewestHeightsAreKept(t *testing.T) {
	c, fs := chainOf(t, 17, 60, 10), vfs.NewMem()
	s := eager(t, c, fs, false)
	noError(t, c.init(s))
	lowest := uint64(0)
	for h := uint64(1); h < uint64(len(c.blocks)); h++ {
		noError(t, s.Commit(c.blocks[h]))
		if h == 45 {
			noError(t, s.Close())
			s = eager(t, c, fs, false)
		}
		was := lowest
		if lowest = oldestKept(t, c, s); lowest < was || h > store.Window && lowest+store.Window+1 < h {
			t.Fatalf("trees from height %d on are kept at height %d, before it from %d on", lowest, h, was)
		}
		if h != 45 && lowest+store.Window > h && lowest > 45 {
			t.Fatalf("trees from height %d on only are kept at height %d", lowest, h)
		}
	}
	noError(t, s.Close())
}

// TestAsManyTreesAreKeptAsMemoryHolds writes small blocks, as an idle network has
// them, and restarts.
func TestAsManyTreesAreKeptAsMemoryHolds(t *testing.T) {
	c := chainOf(t, 19, store.MaxWindow+100, 1)
	head := uint64(len(c.blocks) - 1)
	for _, test := range []struct {
		young       int
		least, most uint64 // oldest height
	}{
		{young: 0, least: head - store.MaxWindow, most: head - store.MaxWindow},
		{young: 1 << 20, least: head - 700, most: head - 2*store.Window},
		{young: 1, least: head - store.Window - 1, most: head - store.Window},
	} {
		fs := vfs.NewMem()
		start := func() *store.Store {
			s, err := store.Open("ledger", store.Options{Network: c.network, FS: fs, Young: test.young})
			noError(t, err)
			return s
		}
		s := start()
		c.fill(t, s)
		before := oldestKept(t, c, s)
		if before < test.least || before > test.most {
			t.Errorf("%d bytes: trees are kept from height %d of %d on, want %d to %d", test.young, before, head, test.least, test.most)
		}
		noError(t, s.Close())
		s = start()
		if whole := s.Flushed(); oldestKept(t, c, s) != max(whole, before) {
			t.Errorf("%d bytes: after a restart trees are kept from height %d on; on disk is that of %d, before they were kept from %d on",
				test.young, oldestKept(t, c, s), whole, before)
		}
		noError(t, s.Close())
	}
}

// oldestKept is the oldest height whose tree can be read: all newer ones can, and
// older ones are refused as no longer kept.
func oldestKept(t testing.TB, c *chain, s *store.Store) uint64 {
	t.Helper()
	head, _ := s.Head()
	kept := uint64(0)
	for h := range head.Header.Height + 1 {
		err := proveAll(t, c, s, h)
		switch {
		case errors.Is(err, state.ErrPruned) && !errors.Is(err, ledger.ErrCorrupt) && kept == h:
			kept = h + 1
		case err != nil:
			t.Fatalf("tree of height %d at height %d, where it is kept since %d: %v", h, head.Header.Height, kept, err)
		}
	}
	return kept
}

func TestAllTreesAreKeptIfAskedFor(t *testing.T) {
	c, fs := chainOf(t, 18, 90, 10), vfs.NewMem()
	s := eager(t, c, fs, true)
	noError(t, c.init(s))
	for h, f := range c.blocks[1:] {
		noError(t, s.Commit(f))
		if h%25 == 24 {
			noError(t, s.Close())
			s = eager(t, c, fs, true)
		}
	}
	for h := range c.blocks {
		noError(t, proveAll(t, c, s, uint64(h)))
	}
	noError(t, s.Close())

	// Once they are not kept any more, those that are gone are not shown in part.
	s = eager(t, c, fs, false)
	for range 3*store.Parts + 5 { // and stop while a tree is being written
		f := c.add(t, 10, 1)
		noError(t, s.Commit(*f))
	}
	noError(t, s.Close())
	s = eager(t, c, fs, true)
	if kept := oldestKept(t, c, s); kept < 90 {
		t.Errorf("trees are kept from height %d on", kept)
	}
	noError(t, s.Close())
}

// TestKeepingAllTreesBeginsAndEnds switches it on, off and on again, at all places
// of a tree that is being written.
func TestKeepingAllTreesBeginsAndEnds(t *testing.T) {
	for shift := range 2 * store.Parts / 5 {
		c, fs := chainOf(t, 22, 60+5*shift, 5), vfs.NewMem()
		run := func(keep bool, blocks int) (kept uint64) {
			s := eager(t, c, fs, keep)
			head, _ := s.Head()
			for i := range blocks {
				f := c.add(t, 5, 1)
				equal(t, "height", f.Block.Header.Height, head.Header.Height+uint64(i)+1)
				noError(t, s.Commit(*f))
			}
			kept = oldestKept(t, c, s)
			noError(t, s.Close())
			return kept
		}
		s := eager(t, c, fs, false)
		c.fill(t, s)
		whole := s.Flushed()
		noError(t, s.Close())

		on := run(true, 3*store.Parts+shift)
		equal(t, "oldest once all are kept", on, whole)
		equal(t, "oldest later", run(true, 7), on)
		top := uint64(len(c.blocks) - 1)
		if off := run(false, 0); off <= on || off > top {
			t.Fatalf("once they are not all kept, trees are from height %d of %d on", off, top)
		}
		equal(t, "oldest if switched on before anything was deleted", run(true, 0), on)
		run(false, 2*store.Parts+7)
		again := run(true, 5)
		if again <= on {
			t.Fatalf("trees of heights from %d on are said to be there", again)
		}
		equal(t, "oldest later", run(true, 2*store.Parts), again)
	}
}

// proveAll proves the presence or absence of keys at a height, or gives the error
// of the first that cannot be.
func proveAll(t testing.TB, c *chain, s *store.Store, h uint64) error {
	t.Helper()
	v, err := s.State(h)
	noError(t, err)
	defer v.Close()
	tree, err := v.Tree()
	if err != nil {
		return err
	}
	equal(t, "root of the tree", tree.Root(), c.blocks[h].Block.Header.StateRoot)
	for _, key := range []string{"rights/7", "rights/PATENT/9", "parties/0", "no such key"} {
		p, err := tree.Prove(key)
		if err != nil {
			return err
		}
		if value, there := c.states[h][key]; there {
			noError(t, state.VerifyInclusion(c.network.Suite, tree.Root(), key, []byte(value), p))
		} else {
			noError(t, state.VerifyAbsence(c.network.Suite, tree.Root(), key, p))
		}
	}
	return nil
}

func FuzzChangedKeys(f *testing.F) {
	f.Add("claims/1", "claims/2", "parties/é")
	f.Add("a", "a/b", "a/bc")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		keys := []string{a, b, c}
		got, err := store.ParseKeys(store.KeysRecord(keys))
		noError(t, err)
		equal(t, "keys", got, keys)
		_, _ = store.ParseKeys([]byte(a)) // must not panic
	})
}
