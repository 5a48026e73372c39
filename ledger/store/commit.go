// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

// A FinalBlock is a block with the proof that it is FINAL and with all that
// follows from it.
type FinalBlock struct {
	Block    ledger.Block
	Hash     ledger.Hash      // of the header
	Proof    ledger.Certified // checked by the caller
	IDs      []ledger.Hash    // of the transactions, in their order
	Outcomes []ledger.Outcome // of the transactions, in their order
	State    state.Writes     // of the block alone
	History  []ledger.Hash    // compact range of all blocks up to and with this one
}

// Init writes the genesis block and its state as height 0, in one synced batch.
// A crash leaves all of it or an empty database. It does nothing if the same
// genesis block is there already, and refuses another.
func (s *Store) Init(genesis ledger.Header, w state.Writes, history []ledger.Hash) error {
	hash := s.network.HeaderHash(genesis)
	if _, ok := s.Head(); ok {
		stored, err := s.Header(0)
		if err == nil && stored != genesis {
			err = fmt.Errorf("the ledger database begins with block %v, this genesis is block %v", s.network.HeaderHash(stored), hash)
		}
		return err
	}
	switch {
	case genesis.Height != 0:
		return fmt.Errorf("genesis block of height %d", genesis.Height)
	case genesis.Chain != s.network.Chain:
		return fmt.Errorf("genesis block of the network %v, the database is for %v", genesis.Chain, s.network.Chain)
	}
	before := ledger.NewHistory(s.network.Suite)
	n := &newest{Head{genesis, hash, ledger.Certified{Header: genesis}}, before.Append(hash)}
	if err := s.checkState(genesis, w, before, history); err != nil {
		return fmt.Errorf("genesis block: %w", err)
	}
	entries, err := s.indexChanges(w.Values)
	if err != nil {
		return fmt.Errorf("genesis block: index: %w", err)
	}
	return s.write(n, before, func(b batch) {
		b.set([]byte{keyFormat}, purpose.FormatRecord(s.network.Chain))
		b.setBlock(ledger.Block{Header: genesis}, nil)
		b.setValues(0, w.Values)
		for _, n := range w.Nodes {
			b.set(nodeKey(n.Key), n.Bytes())
		}
		b.set([]byte{keyFlushed}, flushed{}.record())
		b.setIndex(s.index.Version, 0, entries)
	}, func() {})
}

// Commit writes the block that follows the head, in one synced batch, and makes
// it the head. When it returns nil the block is durable. An error that says so
// refuses the block and changes nothing. After a failed write the block may be
// there or not, whole in either case; readers see the head before it, further
// writes are refused, and the process must end and begin again with Open.
func (s *Store) Commit(f FinalBlock) error {
	header, parent := f.Block.Header, s.newest.Load()
	if parent == nil {
		return fmt.Errorf("refuse block %d: the ledger database has no genesis block", header.Height)
	}
	n := &newest{Head{header, f.Hash, f.Proof}, parent.history.Append(f.Hash)}
	if err := s.check(f, parent); err != nil {
		return fmt.Errorf("refuse block %d: %w", header.Height, err)
	}
	entries, err := s.indexChanges(f.State.Values)
	if err != nil {
		return fmt.Errorf("refuse block %d: index: %w", header.Height, err)
	}
	whole := false
	return s.write(n, parent.history, func(b batch) {
		b.setBlock(f.Block, f.Outcomes)
		b.set(heightKey(keyProof, header.Height), ledger.Encode(proof{f.Proof.Descendants, f.Proof.Certificate}))
		for i, id := range f.IDs {
			if f.Outcomes[i].Status != ledger.Void {
				b.set(transactionKey(id), place{header.Height, i}.record())
			}
		}
		b.setValues(header.Height, f.State.Values)
		b.set(heightKey(keyChanged, header.Height), keysRecord(f.State.Values))
		b.setIndex(s.index.Version, header.Height, entries)
		whole = b.setTree(&s.young, parent.Header.Height)
	}, func() {
		if whole {
			s.young.thaw()
		}
		s.young.add(header.Height, f.State)
		s.memory.tell(header.Height, f.State.Values)
	})
}

// check finds what would break the chain for good, and whatever Open would take
// for damage. Signatures and the roots of transactions and outcomes, which cost
// more than the write, are the caller's to check.
func (s *Store) check(f FinalBlock, parent *newest) error {
	header := f.Block.Header
	switch {
	case header.Height != parent.Header.Height+1 || header.Parent != parent.Hash:
		return fmt.Errorf("it follows block %v and the head is block %v of height %d", header.Parent, parent.Hash, parent.Header.Height)
	case header.Chain != s.network.Chain:
		return fmt.Errorf("it is of the network %v", header.Chain)
	case header.Time <= parent.Header.Time:
		return fmt.Errorf("its time %d is not after that of the head, %d", header.Time, parent.Header.Time)
	case f.Hash != s.network.HeaderHash(header):
		return fmt.Errorf("its header does not have the hash %v", f.Hash)
	case f.Proof.Header != header:
		return errors.New("the proof is of another header")
	case len(f.IDs) != len(f.Block.Transactions) || len(f.Outcomes) != len(f.IDs):
		return fmt.Errorf("%d transactions, %d ids, %d outcomes", len(f.Block.Transactions), len(f.IDs), len(f.Outcomes))
	}
	for i, o := range f.Outcomes {
		if o.Transaction != f.IDs[i] {
			return fmt.Errorf("outcome %d is of another transaction", i)
		}
	}
	return s.checkState(header, f.State, parent.history, f.History)
}

// checkState holds the history before a block, and what the block leaves behind,
// against its header.
func (s *Store) checkState(header ledger.Header, w state.Writes, before *ledger.History, after []ledger.Hash) error {
	if header.HistoryRoot != before.Root() {
		return fmt.Errorf("its history root is not %v", before.Root())
	}
	if !slices.Equal(after, before.Append(s.network.HeaderHash(header)).Hashes()) {
		return errors.New("its history is another one")
	}
	for _, n := range w.Nodes {
		if n.Key.Version != header.Height {
			return fmt.Errorf("its state has the node %v", n.Key)
		}
	}
	tree, err := state.Open(s.network.Suite, rootOf(w.Nodes), header.Height)
	if err != nil {
		return err
	}
	if tree.Root() != header.StateRoot {
		return fmt.Errorf("its state has the root %v", tree.Root())
	}
	return nil
}

// rootOf reads the root node among nodes that are not written yet; it is the last.
type rootOf []state.Node

func (r rootOf) Node(key state.NodeKey) ([]byte, error) {
	if len(r) == 0 || r[len(r)-1].Key != key {
		return nil, ledger.ErrNotFound
	}
	return r[len(r)-1].Bytes(), nil
}

func (r rootOf) Held(key state.NodeKey, _ uint32) (*state.Content, bool) {
	if len(r) == 0 || r[len(r)-1].Key != key {
		return nil, false
	}
	return r[len(r)-1].Content, true
}

func (rootOf) Value(string, uint64) ([]byte, bool, error) { return nil, false, nil }

// write fills a batch, makes it durable and moves the head; what follows from the
// batch comes between. The applied record goes with the rest: whoever finds it
// finds all.
func (s *Store) write(n *newest, before *ledger.History, fill func(batch), follow func()) error {
	height := n.Header.Height
	if s.failed != nil {
		return fmt.Errorf("write block %d: stopped: %w", height, s.failed)
	}
	err := database.Catch(func() error {
		b := batch{s.db.NewBatch()}
		fill(b)
		b.set([]byte{keyApplied}, applied{height, n.Hash, before.Hashes()}.record())
		if err := b.Commit(pebble.Sync); err != nil {
			return err
		}
		return b.Close()
	})
	if err != nil {
		s.failed = err
		return fmt.Errorf("write block %d: %w", height, err)
	}
	follow()
	s.newest.Store(n) // only now: what came before was visible to Pebble but not durable
	_ = s.idle.drop() // whatever could not be read was told to whoever read it
	return nil
}

// A batch is all that one block writes. Pebble refuses no change to a batch; if
// it did, database.Catch would end the write.
type batch struct{ *pebble.Batch }

func (b batch) set(key, value []byte) {
	if err := b.Set(key, value, nil); err != nil {
		panic(err)
	}
}

func (b batch) setBlock(block ledger.Block, outcomes []ledger.Outcome) {
	height := block.Header.Height
	b.set(heightKey(keyHeader, height), ledger.Encode(block.Header))
	b.set(heightKey(keyTransactions, height), listRecord(block.Transactions))
	encoded := make([][]byte, len(outcomes))
	for i, o := range outcomes {
		encoded[i] = ledger.Encode(o)
	}
	b.set(heightKey(keyOutcomes, height), listRecord(encoded))
}

func (b batch) remove(key []byte) {
	if err := b.Delete(key, nil); err != nil {
		panic(err)
	}
}

func (b batch) setValues(height uint64, values []state.Change) {
	var key, record []byte // a batch copies what it is given
	for _, c := range values {
		record = append(record[:0], valueDeleted)
		if !c.Delete {
			record = append(append(record[:0], valuePresent), c.Value...)
		}
		key = valueKey(key[:0], c.Key, height)
		b.set(key, record)
	}
}
