// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// A chain is a small ledger in memory, against which a store is compared.
type chain struct {
	network ledger.Network
	random  *rand.Rand
	blocks  []store.FinalBlock // by height; the first is the genesis block
	states  []map[string]string
	tree    *state.Tree
	history *ledger.History
}

func newChain(t testing.TB, seed uint64) *chain {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	noError(t, err)
	c := &chain{
		network: ledger.Network{Suite: suite, Chain: suite.Sum([]byte("genesis"), []byte{byte(seed)})},
		random:  rand.New(rand.NewPCG(seed, 1)),
		tree:    state.Empty(suite),
		history: ledger.NewHistory(suite),
	}
	c.add(t, 20, 0)
	return c
}

// with adds blocks to a new chain.
func chainOf(t testing.TB, seed uint64, blocks, changes int) *chain {
	t.Helper()
	c := newChain(t, seed)
	for range blocks {
		c.add(t, changes, c.random.IntN(5))
	}
	return c
}

// add appends a block that changes, adds and deletes keys.
func (c *chain) add(t testing.TB, changes, transactions int) *store.FinalBlock {
	t.Helper()
	height := uint64(len(c.blocks))
	now := map[string]string{}
	if height > 0 {
		now = maps.Clone(c.states[height-1])
	}
	changed := map[string]state.Change{}
	for range changes {
		key := fmt.Sprintf("%s/%d", []string{"rights", "rights/PATENT", "parties"}[c.random.IntN(3)], c.random.IntN(60))
		if c.random.IntN(4) == 0 {
			changed[key] = state.Change{Key: key, Delete: true}
			delete(now, key)
			continue
		}
		value := strings.Repeat(fmt.Sprint(c.random.Uint64()), 1+c.random.IntN(20))
		changed[key] = state.Change{Key: key, Value: []byte(value)}
		now[key] = value
	}
	tree, err := c.tree.Apply(height, slices.Collect(maps.Values(changed)))
	noError(t, err)

	f := store.FinalBlock{Block: ledger.Block{Header: ledger.Header{
		Version: ledger.HeaderVersion, Chain: c.network.Chain, Height: height, Time: int64(1000 * (height + 1)),
		StateRoot: tree.Root(), HistoryRoot: c.history.Root(), ExecutionVersion: 1,
	}}}
	if height > 0 {
		f.Block.Header.Parent = c.blocks[height-1].Hash
	}
	for i := range transactions {
		tx := c.bytes(300)
		id := c.network.TransactionID(tx)
		f.Block.Transactions = append(f.Block.Transactions, tx)
		f.IDs = append(f.IDs, id)
		status := []ledger.Status{ledger.Final, ledger.Rejected, ledger.Void}[c.random.IntN(3)]
		f.Outcomes = append(f.Outcomes, ledger.Outcome{Transaction: id, Index: uint64(i), Count: uint64(transactions), Status: status})
	}
	f.Block.Header.TransactionRoot = c.network.TransactionRoot(f.Block.Transactions)
	f.Hash = c.network.HeaderHash(f.Block.Header)
	c.tree, c.history = tree, c.history.Append(f.Hash)
	f.State, f.History = tree.Writes(), c.history.Hashes()
	f.Proof = ledger.Certified{Header: f.Block.Header}
	if height > 0 {
		if height%3 == 0 {
			f.Proof.Descendants = []ledger.Header{{Version: 1, Height: height + 1, Parent: f.Hash}}
		}
		f.Proof.Certificate.Vote = ledger.Vote{Kind: ledger.Commit, Chain: c.network.Chain, Height: height, Block: f.Hash}
		for v := range uint64(3) {
			f.Proof.Certificate.Signers = append(f.Proof.Certificate.Signers, ledger.SignerSignature{Validator: v, Signature: c.bytes(64)})
		}
	}
	c.blocks, c.states = append(c.blocks, f), append(c.states, now)
	return &c.blocks[height]
}

func (c *chain) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(c.random.Uint32())
	}
	return b
}

func (c *chain) init(s *store.Store) error {
	g := c.blocks[0]
	return s.Init(g.Block.Header, g.State, g.History)
}

// fill writes all blocks that s does not have.
func (c *chain) fill(t testing.TB, s *store.Store) {
	t.Helper()
	noError(t, c.init(s))
	head, _ := s.Head()
	for _, f := range c.blocks[head.Header.Height+1:] {
		noError(t, s.Commit(f))
	}
}

// check compares all that s shows with the chain up to its head, and finds
// nothing beyond.
func (c *chain) check(t testing.TB, s *store.Store) {
	t.Helper()
	head, ok := s.Head()
	if !ok {
		highest, err := s.Highest()
		noError(t, err)
		if highest > 0 {
			t.Fatalf("no head, but a record of height %d", highest)
		}
		return
	}
	top := head.Header.Height
	want := c.blocks[top]
	equal(t, "head", head, store.Head{Header: want.Block.Header, Hash: want.Hash, Certified: want.Proof})
	highest, err := s.Highest()
	noError(t, err)
	equal(t, "highest record", highest, top)
	size, hashes := s.History()
	equal(t, "history size", size, top+1)
	equal(t, "history", hashes, want.History)

	for h := range top + 1 {
		c.checkBlock(t, s, h)
	}
	c.checkState(t, s, top)
	c.checkState(t, s, c.random.Uint64N(top+1))
}

func (c *chain) checkBlock(t testing.TB, s *store.Store, h uint64) {
	t.Helper()
	want := c.blocks[h]
	block, err := s.Block(h)
	noError(t, err)
	equal(t, "header", block.Header, want.Block.Header)
	equal(t, "transactions", len(block.Transactions), len(want.Block.Transactions))
	equal(t, "transaction root", c.network.TransactionRoot(block.Transactions), want.Block.Header.TransactionRoot)
	if h > 0 {
		proof, err := s.Proof(h)
		noError(t, err)
		equal(t, "proof", proof, want.Proof)
	}
	outcomes, err := s.Outcomes(h)
	noError(t, err)
	equal(t, "outcomes", len(outcomes), len(want.Outcomes))
	for i, o := range want.Outcomes {
		equal(t, "outcome", outcomes[i], ledger.Encode(o))
		height, index, ok, err := s.Transaction(want.IDs[i])
		noError(t, err)
		if o.Status == ledger.Void {
			equal(t, "void transaction is indexed", ok, false)
			continue
		}
		equal(t, "place of transaction", []any{height, index, ok}, []any{h, i, true})
	}
}

// checkState compares the state of a height key by key, and recomputes its root
// both from the stored tree and from the stored values.
func (c *chain) checkState(t testing.TB, s *store.Store, h uint64) {
	t.Helper()
	v, err := s.State(h)
	noError(t, err)
	got := map[string]string{}
	var order []string
	var all []state.Change
	noError(t, v.Iterate("", func(key string, value []byte) bool {
		got[key] = string(value)
		order = append(order, key)
		all = append(all, state.Change{Key: key, Value: value})
		return true
	}))
	equal(t, fmt.Sprintf("state of height %d", h), got, c.states[h])
	if !slices.IsSorted(order) {
		t.Fatalf("keys out of order: %q", order)
	}
	c.checkIndex(t, v)
	rebuilt, err := state.Empty(c.network.Suite).Apply(0, all)
	noError(t, err)
	equal(t, "root of the values", rebuilt.Root(), c.blocks[h].Block.Header.StateRoot)
	head, _ := s.Head()
	tree, err := v.Tree()
	if h < head.Header.Height && errors.Is(err, ledger.ErrNotFound) {
		noError(t, v.Close())
		return // old trees are not kept; which ones are has a test of its own
	}
	noError(t, err)
	equal(t, "root of the tree", tree.Root(), c.blocks[h].Block.Header.StateRoot)
	for _, key := range []string{"rights/7", "parties/0", "no such key"} {
		want, there := c.states[h][key]
		value, ok, err := v.Get(key)
		noError(t, err)
		equal(t, key, []any{string(value), ok}, []any{want, there})
		p, err := tree.Prove(key)
		noError(t, err)
		if there {
			noError(t, state.VerifyInclusion(c.network.Suite, tree.Root(), key, value, p))
		} else {
			noError(t, state.VerifyAbsence(c.network.Suite, tree.Root(), key, p))
		}
	}
	noError(t, v.Close())
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %v\nwant %v", what, got, want)
	}
}
