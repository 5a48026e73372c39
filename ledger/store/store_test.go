// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

func open(t testing.TB, c *chain, fs vfs.FS) *store.Store {
	t.Helper()
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: fs, Index: index})
	noError(t, err)
	return s
}

func TestEveryHeightGivesWhatWasCommitted(t *testing.T) {
	c, fs := chainOf(t, 1, 40, 12), vfs.NewMem()
	s := open(t, c, fs)
	if _, ok := s.Head(); ok {
		t.Fatal("an empty ledger has a head")
	}
	c.fill(t, s)
	c.check(t, s)
	for h := range c.states {
		c.checkState(t, s, uint64(h))
	}
	noError(t, s.Close())

	s = open(t, c, fs)
	c.check(t, s)
	noError(t, s.Flush())
	for h := range c.states {
		c.checkState(t, s, uint64(h))
	}
	if m := s.Metrics(); m.DiskBytes == 0 {
		t.Fatalf("metrics: %+v", m)
	}
	noError(t, s.Close())
}

func TestExecutionGoesOnFromTheStoredState(t *testing.T) {
	c := newChain(t, 2)
	s := open(t, c, vfs.NewMem())
	c.fill(t, s)
	for range 30 {
		f := c.add(t, 10, 2)
		noError(t, s.Commit(*f))
		var err error
		c.tree, err = c.tree.Detach(s, f.Block.Header.Height)
		noError(t, err)
	}
	c.check(t, s)
	noError(t, s.Close())
}

func TestIterateStopsAtThePrefixAndWhenTold(t *testing.T) {
	c := newChain(t, 3)
	s := open(t, c, vfs.NewMem())
	c.fill(t, s)
	tree, err := c.tree.Apply(1, []state.Change{
		{Key: "a", Value: []byte("1")}, {Key: "a/\x01", Value: []byte("2")}, {Key: "a/b", Value: []byte("3")},
		{Key: "a/é", Value: []byte("4")}, {Key: "a0", Value: []byte("5")}, {Key: "b", Value: []byte("6")},
	})
	noError(t, err)
	c.tree = tree
	f := c.add1(t, tree)
	noError(t, s.Commit(f))

	v, err := s.State(1)
	noError(t, err)
	for prefix, want := range map[string]string{"a": "a a/\x01 a/b a/é a0", "a/": "a/\x01 a/b a/é", "a/b": "a/b", "a/c": "", "a\x00": "", "a/\xff": "", "b": "b", "a/\xc3": "a/é"} {
		var got []string
		noError(t, v.Iterate(prefix, func(key string, value []byte) bool {
			again, ok, err := v.Get(key) // a view may be read while it is walked
			noError(t, err)
			equal(t, key, []any{string(again), ok}, []any{string(value), true})
			got = append(got, key)
			return true
		}))
		equal(t, fmt.Sprintf("prefix %q", prefix), strings.Join(got, " "), want)
	}
	for _, c := range []struct{ prefix, after, want string }{
		{"a/", "", "a/\x01 a/b a/é"}, {"a/", "a", "a/\x01 a/b a/é"}, {"a/", "a/\x01", "a/b a/é"}, {"a/", "a/a", "a/b a/é"},
		{"a/", "a/b", "a/é"}, {"a/", "a/é", ""}, {"a/", "a0", ""}, {"a/", "zz", ""}, {"", "a/é", "a0 b"}, {"a", "a\x00\xff", "a/\x01 a/b a/é a0"},
		{"a/", "a/\xff", ""}, {"a/", "A", "a/\x01 a/b a/é"}, {"", "\x00", "a a/\x01 a/b a/é a0 b"},
	} {
		var got []string
		noError(t, v.IterateAfter(c.prefix, c.after, func(key string, _ []byte) bool {
			if strings.HasPrefix(key, "a") || key == "b" { // and not those of the chain
				got = append(got, key)
			}
			return true
		}))
		equal(t, fmt.Sprintf("prefix %q after %q", c.prefix, c.after), strings.Join(got, " "), c.want)
	}
	calls := 0
	noError(t, v.Iterate("a", func(string, []byte) bool { calls++; return calls < 2 }))
	equal(t, "calls", calls, 2)
	if _, ok, err := v.Get("a\x00\xff\xff\xff\xff\xff\xff\xff"); ok || err != nil {
		t.Fatalf("a key with a zero byte matches: %v %v", ok, err)
	}
	noError(t, v.Close())
	noError(t, s.Close())
}

// add1 makes the block that follows the genesis block from a given state.
func (c *chain) add1(t testing.TB, tree *state.Tree) store.FinalBlock {
	t.Helper()
	f := store.FinalBlock{Block: ledger.Block{Header: ledger.Header{
		Version: 1, Chain: c.network.Chain, Height: 1, Parent: c.blocks[0].Hash, Time: 2000, StateRoot: tree.Root(), HistoryRoot: c.history.Root(),
	}}}
	f.Hash = c.network.HeaderHash(f.Block.Header)
	f.Proof.Header, f.State, f.History = f.Block.Header, tree.Writes(), c.history.Append(f.Hash).Hashes()
	return f
}

func TestHeightAtATime(t *testing.T) {
	c := chainOf(t, 4, 9, 3)
	s := open(t, c, vfs.NewMem())
	if _, ok, err := s.HeightAt(5000); ok || err != nil {
		t.Fatalf("an empty ledger has a height: %v", err)
	}
	c.fill(t, s) // block h has time 1000 (h+1)
	for _, at := range []struct {
		time   int64
		height uint64
		ok     bool
	}{{-1, 0, false}, {999, 0, false}, {1000, 0, true}, {1999, 0, true}, {2000, 1, true}, {9999, 8, true}, {10000, 9, true}, {1 << 60, 9, true}} {
		height, ok, err := s.HeightAt(at.time)
		noError(t, err)
		equal(t, fmt.Sprint(at.time), []any{height, ok}, []any{at.height, at.ok})
	}
	noError(t, s.Close())
}

func TestAboveTheHeadIsNotFound(t *testing.T) {
	c := chainOf(t, 5, 2, 3)
	s := open(t, c, vfs.NewMem())
	c.fill(t, s)
	root := state.NodeKey{Version: 3}
	for what, f := range map[string]func() error{
		"header":   func() error { _, err := s.Header(3); return err },
		"block":    func() error { _, err := s.Block(3); return err },
		"proof":    func() error { _, err := s.Proof(3); return err },
		"outcomes": func() error { _, err := s.Outcomes(3); return err },
		"state":    func() error { _, err := s.State(3); return err },
		"node":     func() error { _, err := s.Node(root); return err },
		"value":    func() error { _, _, err := s.Value("a", 3); return err },
		"genesis":  func() error { _, err := s.Proof(0); return err },
	} {
		if err := f(); !errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, _, ok, err := s.Transaction(ledger.Hash{1}); ok || err != nil {
		t.Errorf("unknown transaction: %v %v", ok, err)
	}
	noError(t, s.Close())
}

func TestBlocksThatDoNotFitAreRefusedAndChangeNothing(t *testing.T) {
	c := chainOf(t, 6, 3, 5)
	s := open(t, c, vfs.NewMem())
	if err := s.Commit(c.blocks[1]); err == nil {
		t.Fatal("committed without a genesis block")
	}
	noError(t, c.init(s))
	noError(t, c.init(s)) // the same again is nothing new
	other := newChain(t, 6)
	other.blocks[0].Block.Header.Time++
	if err := other.init(s); err == nil {
		t.Fatal("another genesis block was taken")
	}
	noError(t, s.Commit(c.blocks[1]))

	good := c.blocks[2]
	for what, spoil := range map[string]func(f *store.FinalBlock){
		"height":   func(f *store.FinalBlock) { *f = c.blocks[3] },
		"repeated": func(f *store.FinalBlock) { *f = c.blocks[1] },
		"parent":   func(f *store.FinalBlock) { f.Block.Header.Parent[0]++ },
		"chain":    func(f *store.FinalBlock) { f.Block.Header.Chain[0]++ },
		"time":     func(f *store.FinalBlock) { f.Block.Header.Time = 1 },
		"hash":     func(f *store.FinalBlock) { f.Hash[0]++ },
		"proof":    func(f *store.FinalBlock) { f.Proof.Header.Time++ },
		"ids":      func(f *store.FinalBlock) { f.IDs = append(f.IDs, ledger.Hash{}) },
		"outcome": func(f *store.FinalBlock) {
			f.Block.Transactions, f.IDs, f.Outcomes = [][]byte{{1}}, []ledger.Hash{{1}}, make([]ledger.Outcome, 1)
		},
		"state":    func(f *store.FinalBlock) { f.State = c.blocks[3].State },
		"no state": func(f *store.FinalBlock) { f.State = state.Writes{} },
		"root":     func(f *store.FinalBlock) { f.Block.Header.StateRoot[0]++ },
		"past":     func(f *store.FinalBlock) { f.Block.Header.HistoryRoot[0]++ },
		"history":  func(f *store.FinalBlock) { f.History = append(f.History, ledger.Hash{}) },
	} {
		f := good
		spoil(&f)
		if what != "hash" && what != "repeated" {
			f.Hash = c.network.HeaderHash(f.Block.Header)
		}
		if what != "proof" {
			f.Proof.Header = f.Block.Header
		}
		if err := s.Commit(f); err == nil {
			t.Errorf("a block with a wrong %s was taken", what)
		}
		c.check(t, s)
	}
	noError(t, s.Commit(good))
	c.check(t, s)
	noError(t, s.Close())
}

func TestAnotherNetworkIsRefused(t *testing.T) {
	c, fs := chainOf(t, 8, 1, 3), vfs.NewMem()
	s := open(t, c, fs)
	c.fill(t, s)
	noError(t, s.Close())
	_, err := store.Open("ledger", store.Options{Network: newChain(t, 9).network, FS: fs})
	refused(t, err, c.network.Chain.String(), "genesis file", "nothing in it was changed")
	s = open(t, c, fs)
	c.check(t, s)
	noError(t, s.Close())
}

func TestANewerFormatIsRefused(t *testing.T) {
	c, fs := chainOf(t, 8, 1, 3), vfs.NewMem()
	s := open(t, c, fs)
	c.fill(t, s)
	noError(t, s.Overwrite([]byte{0}, store.NewerFormat(c.network.Chain)))
	noError(t, s.Close())
	_, err := store.Open("ledger", store.Options{Network: c.network, FS: fs})
	refused(t, err, "format 3", "nothing in it was changed", "run that version")
	if !errors.Is(err, store.ErrNewer) {
		t.Errorf("not told apart from other failures: %v", err)
	}
}

func TestAnOlderFormatIsRefused(t *testing.T) {
	c, fs := chainOf(t, 8, 1, 3), vfs.NewMem()
	s := open(t, c, fs)
	c.fill(t, s)
	noError(t, s.Overwrite([]byte{0}, store.OlderFormat(c.network.Chain)))
	noError(t, s.Close())
	_, err := store.Open("ledger", store.Options{Network: c.network, FS: fs})
	refused(t, err, "ledger database ledger: ", "format 1", "nothing in it was changed")
	if !errors.Is(err, database.ErrOlder) {
		t.Errorf("not told apart from other failures: %v", err)
	}

	fs = vfs.NewMem()
	noError(t, store.MakeOlder("ledger", fs, c.network.Chain))
	before, err := fs.List("ledger")
	noError(t, err)
	_, err = store.Open("ledger", store.Options{Network: c.network, FS: fs})
	refused(t, err, "ledger database ledger: ", "ipledger.ledger", "nothing in it was changed")
	if !errors.Is(err, database.ErrOlder) {
		t.Errorf("not told apart from other failures: %v", err)
	}
	after, err := fs.List("ledger")
	noError(t, err)
	if slices.Sort(before); !slices.Equal(before, slices.Sorted(slices.Values(after))) {
		t.Errorf("the files %v became %v", before, after)
	}
	noError(t, store.MakeOlder("ledger", fs, c.network.Chain))
}

func TestAnotherDatabaseIsRefused(t *testing.T) {
	c, fs := newChain(t, 8), vfs.NewMem()
	s := open(t, c, fs)
	noError(t, s.Overwrite([]byte("something"), []byte("else")))
	noError(t, s.Close())
	_, err := store.Open("ledger", store.Options{Network: c.network, FS: fs})
	refused(t, err, "not a ledger database")
}

func TestASecondProcessIsRefused(t *testing.T) {
	c, dir := newChain(t, 8), t.TempDir()
	s, err := store.Open(dir, store.Options{Network: c.network})
	noError(t, err)
	_, err = store.Open(dir, store.Options{Network: c.network})
	refused(t, err, "already running?")
	noError(t, s.Close())
}

func refused(t testing.TB, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("not refused")
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
	if errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("%q is called damage", err)
	}
}

// TestDamageIsFound spoils each record that Open reads, one at a time.
func TestDamageIsFound(t *testing.T) {
	c, fs := chainOf(t, 10, 3, 5), vfs.NewMem()
	s := open(t, c, fs)
	c.fill(t, s)
	root := state.NodeKey{}
	records := map[string][]byte{
		"a": nil, "f": nil, "k\x00\x00\x00\x00\x00\x00\x00\x03": nil, "h\x00\x00\x00\x00\x00\x00\x00\x03": nil, "c\x00\x00\x00\x00\x00\x00\x00\x03": nil,
		"n" + string(root.Bytes()): nil,
	}
	noError(t, s.Records(func(key, value []byte) {
		if _, ok := records[string(key)]; ok {
			records[string(key)] = append([]byte(nil), value...)
		}
	}))
	for key, value := range records {
		if len(value) == 0 {
			t.Fatalf("no record %x", key)
		}
		for _, spoilt := range [][]byte{value[:len(value)-1], append(append([]byte(nil), value...), 0), flipped(value, 40), {}} {
			noError(t, s.Overwrite([]byte(key), spoilt))
			noError(t, s.Close())
			damaged, err := store.Open("ledger", store.Options{Network: c.network, FS: fs})
			if err == nil && key[0] != 'c' { // what a certificate says is for verifiers, and they check it
				t.Fatalf("record %x: damage was not found", key)
			}
			if err == nil {
				noError(t, damaged.Close())
			} else if !errors.Is(err, ledger.ErrCorrupt) || !strings.Contains(err.Error(), "fetches all blocks from other members") {
				t.Fatalf("record %x: %v", key, err)
			}
			s = repaired(t, c, fs, key, value)
		}
	}
	c.check(t, s)
	noError(t, s.Close())
}

// repaired puts a record right by way of a store that does not look at it.
func repaired(t testing.TB, c *chain, fs vfs.FS, key string, value []byte) *store.Store {
	t.Helper()
	noError(t, store.Repair("ledger", fs, []byte(key), value))
	return open(t, c, fs)
}

func flipped(b []byte, i int) []byte {
	out := append([]byte(nil), b...)
	out[min(i, len(out)-1)] ^= 1
	return out
}
