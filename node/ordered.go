// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import "github.com/ipledger/ipledger/ledger"

// An orderedBlock is a block above FINAL and its transactions, those left out
// that are void in it. It does not change.
type orderedBlock struct {
	height uint64
	ids    map[ledger.Hash]struct{}
}

func orderedOf(height uint64, outcomes []ledger.Outcome) orderedBlock {
	b := orderedBlock{height, make(map[ledger.Hash]struct{}, len(outcomes))}
	for i := range outcomes {
		if outcomes[i].Status != ledger.Void {
			b.ids[outcomes[i].Transaction] = struct{}{}
		}
	}
	return b
}

// publish shows readers what is pending, which has changed.
func (x *executor) publish() {
	blocks := make([]orderedBlock, len(x.pending))
	for i := range x.pending {
		blocks[i] = x.pending[i].ordered
	}
	x.ordered.Store(&blocks)
}

// orderedAt gives the height of the block above FINAL that a transaction is in,
// or false. Any goroutine may ask.
func (x *executor) orderedAt(id ledger.Hash) (height uint64, ok bool) {
	for _, b := range *x.ordered.Load() {
		if _, ok := b.ids[id]; ok {
			return b.height, true
		}
	}
	return 0, false
}
