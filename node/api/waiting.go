// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"sync"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// waiting lets many requests wait for their transactions at the cost of one.
// Of those that wait one holds the turn and reads each new FINAL block for all;
// when its own wait ends, the turn passes to another. So no goroutine is needed,
// and a block is read once, however many wait.
type waiting struct {
	node  Node
	store *store.Store
	turn  chan struct{} // holds one value while somebody has the turn

	mu      sync.Mutex
	looked  uint64 // height up to which blocks were read for those who wait
	waiters map[ledger.Hash][]*waiter
}

// A waiter is one request; its end is sent at most once.
type waiter struct {
	id         ledger.Hash
	validUntil int64
	end        chan *ending
}

// An ending is what became of a transaction: its outcome in a FINAL block, or
// none any more. A void outcome means that its reference went to another.
type ending struct {
	height  uint64
	outcome ledger.Outcome
	expired bool
}

func newWaiting(node Node, s *store.Store) *waiting {
	return &waiting{node: node, store: s, turn: make(chan struct{}, 1), waiters: make(map[ledger.Hash][]*waiter)}
}

// join begins to wait for a transaction. Whoever joins looks into the ledger
// afterwards: blocks that became FINAL before are not read again.
func (w *waiting) join(id ledger.Hash, validUntil int64) *waiter {
	one := &waiter{id: id, validUntil: validUntil, end: make(chan *ending, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiters) == 0 {
		w.looked = w.node.Head().Header.Height
	}
	w.waiters[id] = append(w.waiters[id], one)
	return one
}

// leave ends a wait, whatever came of it.
func (w *waiting) leave(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := w.waiters[one.id][:0]
	for _, other := range w.waiters[one.id] {
		if other != one {
			left = append(left, other)
		}
	}
	if len(left) == 0 {
		delete(w.waiters, one.id)
		return
	}
	w.waiters[one.id] = left
}

// wait gives the ending of a transaction, nil if ctx ended first.
func (w *waiting) wait(ctx context.Context, one *waiter) (*ending, error) {
	select {
	case end := <-one.end:
		return end, nil
	case <-ctx.Done():
		return nil, nil
	case w.turn <- struct{}{}:
	}
	defer func() { <-w.turn }()
	for {
		changed := w.node.Changed()
		if err := w.look(); err != nil {
			return nil, err
		}
		select {
		case end := <-one.end:
			return end, nil
		case <-ctx.Done():
			return nil, nil
		case <-changed:
		}
	}
}

// look reads the blocks that became FINAL since the last look.
func (w *waiting) look() error {
	head := w.node.Head().Header
	w.mu.Lock()
	defer w.mu.Unlock()
	for ; w.looked < head.Height; w.looked++ {
		height := w.looked + 1
		outcomes, err := w.store.Outcomes(height)
		if err != nil {
			return fmt.Errorf("read block %d: %w", height, err)
		}
		for _, raw := range outcomes {
			if id, ok := ledger.OutcomeOf(raw); ok && w.waiters[id] == nil {
				continue // nobody here asks for it
			}
			o, err := decodeOutcome(raw)
			if err != nil {
				return fmt.Errorf("read block %d: %w", height, err)
			}
			if o.Status != ledger.Void || lostReference(o) {
				w.tell(o.Transaction, &ending{height: height, outcome: o})
			}
		}
	}
	for id, all := range w.waiters {
		if all[0].validUntil < head.Time {
			w.tell(id, &ending{expired: true})
		}
	}
	return nil
}

// lostReference tells of a void outcome whether the reference was taken by
// another transaction: then this one can never have an effect. What is void for
// another reason may come in a later block, or has its outcome already.
func lostReference(o ledger.Outcome) bool {
	return len(o.Details) > 0 && o.Details[0].Code == contracts.EDuplicate && o.Details[0].Subject != o.Transaction.String()
}

// tell sends the ending to all who wait for a transaction; the first counts.
func (w *waiting) tell(id ledger.Hash, end *ending) {
	for _, one := range w.waiters[id] {
		select {
		case one.end <- end:
		default:
		}
	}
}

func decodeOutcome(raw []byte) (ledger.Outcome, error) {
	var o ledger.Outcome
	if err := ledger.Decode(raw, ledger.MaxFile, &o); err != nil {
		return ledger.Outcome{}, fmt.Errorf("%w: outcome: %w", ledger.ErrCorrupt, err)
	}
	return o, nil
}
