// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// large is a ledger on the machine's disk with many keys, written in blocks.
func large(b *testing.B, keysInAll, perBlock int) (*chain, *store.Store) {
	b.Helper()
	c := newChain(b, 30)
	s, err := store.Open(b.TempDir(), store.Options{Network: c.network})
	noError(b, err)
	noError(b, c.init(s))
	b.Cleanup(func() { noError(b, s.Close()) })
	for n := 0; n < keysInAll; n += perBlock {
		c.write(b, s, n, perBlock)
	}
	return c, s
}

// write commits a block of new keys, each with one transaction of 300 bytes.
func (c *chain) write(b *testing.B, s *store.Store, from, n int) {
	b.Helper()
	var changes []state.Change
	for i := range n {
		changes = append(changes, state.Change{Key: fmt.Sprintf("rights/PATENT/%013d", from+i), Value: c.bytes(200)})
	}
	c.tree = must(c.tree.Apply(uint64(len(c.blocks)), changes))(b)
	f := store.FinalBlock{Block: ledger.Block{Header: ledger.Header{
		Version: 1, Chain: c.network.Chain, Height: uint64(len(c.blocks)), Parent: c.blocks[len(c.blocks)-1].Hash,
		Time: int64(1000 * (len(c.blocks) + 1)), StateRoot: c.tree.Root(), HistoryRoot: c.history.Root(),
	}}}
	for i := range n {
		tx := c.bytes(300)
		id := c.network.TransactionID(tx)
		f.Block.Transactions, f.IDs = append(f.Block.Transactions, tx), append(f.IDs, id)
		f.Outcomes = append(f.Outcomes, ledger.Outcome{Transaction: id, Index: uint64(i), Count: uint64(n), Status: ledger.Final})
	}
	f.Hash = c.network.HeaderHash(f.Block.Header)
	c.history = c.history.Append(f.Hash)
	f.Proof.Header, f.State, f.History = f.Block.Header, c.tree.Writes(), c.history.Hashes()
	c.blocks = append(c.blocks, f)
	noError(b, s.Commit(f))
	c.tree = must(c.tree.Detach(s, f.Block.Header.Height))(b)
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		noError(t, err)
		return v
	}
}

// BenchmarkBlock is the whole of a block of 200 transactions at 100,000 keys:
// building it, the state tree and the synced write. It reports bytes on disk.
func BenchmarkBlock(b *testing.B) {
	c, s := large(b, 100_000, 2000)
	before := s.Metrics().DiskBytes
	n := 0
	for b.Loop() {
		c.write(b, s, 100_000+200*n, 200)
		n++
	}
	b.ReportMetric(float64(s.Metrics().DiskBytes-before)/float64(200*n), "disk-B/tx")
}

// BenchmarkGet reads one key at the head and at an old height.
func BenchmarkGet(b *testing.B) {
	c, s := large(b, 100_000, 2000)
	top := uint64(len(c.blocks) - 1)
	for _, height := range []uint64{top, top / 2} {
		b.Run(fmt.Sprintf("height=%d", height), func(b *testing.B) {
			for b.Loop() {
				_, _, err := s.Value(fmt.Sprintf("rights/PATENT/%013d", c.random.IntN(100_000)), height)
				noError(b, err)
			}
		})
	}
	b.Run("view", func(b *testing.B) {
		v := must(s.State(top))(b)
		for b.Loop() {
			_, _, err := v.Get(fmt.Sprintf("rights/PATENT/%013d", c.random.IntN(100_000)))
			noError(b, err)
		}
		noError(b, v.Close())
	})
	b.Run("absent", func(b *testing.B) {
		for b.Loop() {
			_, _, err := s.Value(fmt.Sprintf("rights/PATENT/%013dx", c.random.IntN(100_000)), top)
			noError(b, err)
		}
	})
}

// BenchmarkTransaction looks up ids, one in two of which are there.
func BenchmarkTransaction(b *testing.B) {
	c, s := large(b, 100_000, 2000)
	for b.Loop() {
		f := c.blocks[1+c.random.IntN(len(c.blocks)-1)]
		id := f.IDs[c.random.IntN(len(f.IDs))]
		id[0] ^= byte(c.random.IntN(2))
		_, _, _, err := s.Transaction(id)
		noError(b, err)
	}
}
