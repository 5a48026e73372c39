// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// An executor turns batches into blocks and keeps those that are not FINAL in
// memory, so that the ledger never needs to be rolled back.
type executor struct {
	network  ledger.Network
	versions *contracts.Versions
	store    *store.Store
	brake    *brake
	metrics  *metrics // nil: nothing is counted
	// ordered tells readers which transactions are in blocks above FINAL.
	ordered atomic.Pointer[[]orderedBlock]

	// The fields below are owned by Run.
	head    executed   // FINAL and durable
	pending []executed // above it, ascending heights
}

// executed is a block with all that follows from it.
type executed struct {
	block    ledger.Block
	hash     ledger.Hash
	ids      []ledger.Hash
	outcomes []ledger.Outcome
	ordered  orderedBlock
	tree     *state.Tree     // state after the block
	history  *ledger.History // of all blocks up to this one
}

func (e executed) height() uint64 { return e.block.Header.Height }

func newExecutor(network ledger.Network, versions *contracts.Versions, s *store.Store, b *brake, m *metrics) (*executor, error) {
	head, ok := s.Head()
	if !ok {
		return nil, fmt.Errorf("%w: the ledger holds no genesis block", ledger.ErrCorrupt)
	}
	tree, err := state.Open(network.Suite, s, head.Header.Height)
	if err != nil {
		return nil, fmt.Errorf("open the state of height %d: %w", head.Header.Height, err)
	}
	if tree.Root() != head.Header.StateRoot {
		return nil, fmt.Errorf("%w: the stored state of height %d has another root than its header", ledger.ErrCorrupt, head.Header.Height)
	}
	size, hashes := s.History()
	history, err := ledger.RestoreHistory(network.Suite, size, hashes)
	if err != nil {
		return nil, err
	}
	x := &executor{network: network, versions: versions, store: s, brake: b, metrics: m}
	x.head = executed{block: ledger.Block{Header: head.Header}, hash: head.Hash, tree: tree, history: history}
	x.publish()
	return x, nil
}

// Run performs Execute, Finalize and Adopt in the order in which they come and
// answers each. Both channels must have room for all that can be under way,
// since neither side may wait for the other.
func (x *executor) Run(ctx context.Context, requested <-chan consensus.Effect, answered chan<- consensus.Event) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-requested:
			if x.brake.wait(ctx); ctx.Err() != nil {
				return nil
			}
			events, err := x.perform(r)
			if err != nil {
				return err
			}
			for _, e := range events {
				select {
				case answered <- e:
				case <-ctx.Done():
					return nil
				}
			}
		}
	}
}

func (x *executor) perform(r consensus.Effect) ([]consensus.Event, error) {
	switch r := r.(type) {
	case consensus.Execute:
		e, err := x.execute(r)
		return []consensus.Event{e}, err
	case consensus.Finalize:
		return x.finalize(r.Proofs)
	case consensus.Adopt:
		return x.adopt(r.CertifiedBlock)
	}
	panic(fmt.Sprintf("node: executor asked for %T", r))
}

// tip is the block below height, or false if this executor does not hold it.
func (x *executor) tip(height uint64) (executed, bool) {
	if height == x.head.height()+1 {
		return x.head, true
	}
	if i := height - x.head.height() - 2; height > x.head.height()+1 && i < uint64(len(x.pending)) {
		return x.pending[i], true
	}
	return executed{}, false
}

func (x *executor) execute(r consensus.Execute) (consensus.Event, error) {
	answer := consensus.Executed{Round: r.Round, Height: r.Height, Index: r.Index}
	if r.Height <= x.head.height() {
		return x.compare(r, answer)
	}
	parent, ok := x.tip(r.Height)
	if !ok {
		answer.Stale = true
		return answer, nil
	}
	ordered := ledger.ExecutionOrder(x.network, parent.hash, r.Transactions)
	e, known, err := x.run(parent, max(parent.block.Header.Time+1, r.Time), ordered)
	switch {
	case err != nil:
		return nil, err
	case !known:
		answer.Stale = true // the node votes on what comes before, and stops there
		return answer, nil
	}
	x.drop(r.Height)
	x.pending = append(x.pending, e)
	x.publish()
	answer.Header = e.block.Header
	return answer, nil
}

// compare holds a batch from Raft's log against the FINAL block of its height.
func (x *executor) compare(r consensus.Execute, answer consensus.Executed) (consensus.Event, error) {
	header, err := x.store.Header(r.Height)
	if err != nil {
		return nil, err
	}
	parent, err := x.store.Header(r.Height - 1)
	if err != nil {
		return nil, err
	}
	ordered := ledger.ExecutionOrder(x.network, header.Parent, r.Transactions)
	raw := make([][]byte, len(ordered))
	for i, tx := range ordered {
		raw[i] = tx.Bytes()
	}
	answer.Header = header
	answer.Conflict = header.Time != max(parent.Time+1, r.Time) || header.TransactionRoot != x.network.TransactionRoot(raw)
	return answer, nil
}

// treeWrites are the changes of contracts as the state tree takes them.
func treeWrites(changes []contracts.Change) []state.Change {
	writes := make([]state.Change, len(changes))
	for i, c := range changes {
		writes[i] = state.Change{Key: c.Key, Value: c.Value, Delete: c.Delete}
	}
	return writes
}

// run executes transactions, given in execution order, on top of parent, by the rules
// that the parent's state says are in force. known is false if this program does not
// have them.
func (x *executor) run(parent executed, time int64, txs []*ledger.Transaction) (e executed, known bool, err error) {
	height := parent.height() + 1
	reader := stateReader{tree: parent.tree, store: x.store}
	version, rules, err := x.versions.At(reader, height)
	if err != nil || rules == nil {
		return executed{}, false, err
	}
	outcomes, changes, err := contracts.Execute(rules, reader, contracts.Block{Network: x.network, Height: height, Time: time}, txs)
	if err != nil {
		return executed{}, false, err
	}
	tree, err := parent.tree.Apply(height, treeWrites(changes))
	if err != nil {
		return executed{}, false, fmt.Errorf("apply height %d: %w", height, err)
	}
	e = executed{outcomes: outcomes, ordered: orderedOf(height, outcomes), tree: tree}
	receipts := make([][]byte, len(txs))
	for i, tx := range txs {
		e.ids = append(e.ids, tx.ID())
		e.block.Transactions = append(e.block.Transactions, tx.Bytes())
		receipts[i] = ledger.Encode(outcomes[i])
	}
	e.block.Header = ledger.Header{
		Version:          ledger.HeaderVersion,
		Chain:            x.network.Chain,
		Set:              parent.block.Header.Set,
		Height:           height,
		Parent:           parent.hash,
		Time:             time,
		TransactionRoot:  x.network.TransactionRoot(e.block.Transactions),
		StateRoot:        tree.Root(),
		ReceiptsRoot:     ledger.MerkleRoot(x.network.Suite, receipts),
		HistoryRoot:      parent.history.Root(),
		ExecutionVersion: version,
	}
	e.hash = x.network.HeaderHash(e.block.Header)
	e.history = parent.history.Append(e.hash)
	return e, true, nil
}

// drop forgets executed blocks from height on.
func (x *executor) drop(height uint64) {
	if keep := height - x.head.height() - 1; keep < uint64(len(x.pending)) {
		x.pending = x.pending[:keep]
	}
}

func (x *executor) finalize(proofs []ledger.Certified) ([]consensus.Event, error) {
	var events []consensus.Event
	for _, p := range proofs {
		if p.Header.Height <= x.head.height() {
			continue
		}
		if len(x.pending) == 0 || x.pending[0].block.Header != p.Header {
			return nil, fmt.Errorf("%w: block %d is to be made FINAL and is not the one executed here", ledger.ErrCorrupt, p.Header.Height)
		}
		if err := x.commit(p); err != nil {
			return nil, err
		}
		events = append(events, x.stored(p))
	}
	return events, nil
}

func (x *executor) stored(p ledger.Certified) consensus.Stored {
	return consensus.Stored{Header: x.head.block.Header, Transactions: x.head.ids, Certificate: p.Certificate}
}

// commit writes the lowest pending block with its proof. It is the one durable
// write of a block: after a crash either all of it is there or nothing, and the
// block is executed or fetched again.
func (x *executor) commit(p ledger.Certified) error {
	e := x.pending[0]
	began := time.Now()
	err := x.store.Commit(store.FinalBlock{
		Block:    e.block,
		Hash:     e.hash,
		Proof:    p,
		IDs:      e.ids,
		Outcomes: e.outcomes,
		State:    e.tree.Writes(),
		History:  e.history.Hashes(),
	})
	if err != nil {
		return fmt.Errorf("commit block %d: %w", e.height(), err)
	}
	x.metrics.final(e.outcomes, time.Since(began))
	newest := &x.pending[len(x.pending)-1]
	detached, err := newest.tree.Detach(x.store, e.height())
	if err != nil {
		return fmt.Errorf("commit block %d: %w", e.height(), err)
	}
	newest.tree = detached
	x.head, x.pending = x.pending[0], x.pending[1:]
	x.head.block.Transactions, x.head.outcomes, x.head.ordered = nil, nil, orderedBlock{} // from here on in the store
	x.publish()
	return nil
}

// adopt makes a certified block of another member FINAL. It is executed here
// all the same: a certificate proves what a quorum says, not what this
// program computes.
func (x *executor) adopt(b consensus.CertifiedBlock) ([]consensus.Event, error) {
	header := b.Block.Header
	if header.Height <= x.head.height() {
		return nil, nil
	}
	if header.Height != x.head.height()+1 {
		return nil, fmt.Errorf("%w: block %d was fetched on top of %d", ledger.ErrCorrupt, header.Height, x.head.height())
	}
	if len(x.pending) == 0 || x.pending[0].block.Header != header {
		if len(x.pending) > 0 {
			own := x.pending[0].block.Header
			if own.TransactionRoot == header.TransactionRoot && own.Time == header.Time {
				return []consensus.Event{consensus.Stored{Header: header, Diverged: true}}, nil
			}
		}
		x.drop(header.Height)
		txs := make([]*ledger.Transaction, len(b.Block.Transactions))
		for i, raw := range b.Block.Transactions {
			tx, err := ledger.DecodeTransaction(x.network, raw)
			if err != nil {
				return nil, fmt.Errorf("certified block %d: transaction %d: %w", header.Height, i, err)
			}
			txs[i] = tx
		}
		e, known, err := x.run(x.head, header.Time, txs)
		if err != nil || !known {
			return nil, err // the node stops at what is FINAL now
		}
		if e.block.Header != header {
			return []consensus.Event{consensus.Stored{Header: header, Diverged: true}}, nil
		}
		x.pending = append(x.pending, e)
	}
	if err := x.commit(b.Proof); err != nil {
		return nil, err
	}
	return []consensus.Event{x.stored(b.Proof)}, nil
}

// A stateReader shows contracts the state after a block that may be above
// FINAL: overlays in memory over the ledger database.
type stateReader struct {
	tree  *state.Tree
	store *store.Store
}

func (r stateReader) Get(key string) ([]byte, bool, error) { return r.tree.Get(key) }

// Iterate merges the overlays' changes with the stored keys, in key order.
func (r stateReader) Iterate(prefix string, fn func(key string, value []byte) bool) error {
	pending := r.tree.Pending(prefix)
	stopped := false
	emit := func(c state.Change) bool {
		stopped = !c.Delete && !fn(c.Key, c.Value)
		return !stopped
	}
	stored, err := r.store.State(r.tree.Stored())
	if err != nil {
		return err
	}
	defer stored.Close()
	err = stored.Iterate(prefix, func(key string, value []byte) bool {
		for len(pending) > 0 && pending[0].Key < key {
			if !emit(pending[0]) {
				return false
			}
			pending = pending[1:]
		}
		c := state.Change{Key: key, Value: value}
		if len(pending) > 0 && pending[0].Key == key {
			c, pending = pending[0], pending[1:]
		}
		return emit(c)
	})
	if err != nil || stopped {
		return err
	}
	for _, c := range pending {
		if !emit(c) {
			break
		}
	}
	return nil
}
