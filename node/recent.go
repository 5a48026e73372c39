// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"sync"

	"github.com/ipledger/ipledger/ledger"
)

// recent is a bounded memory of what this node has seen, for any goroutine. It
// forgets in halves, the older first, so it may forget and never grows. What it
// holds is a convenience: the truth is in the ledger alone.
type recent[V any] struct {
	limit int

	mu         sync.Mutex
	young, old map[ledger.Hash]V
}

func newRecent[V any](limit int) *recent[V] {
	return &recent[V]{limit: limit, young: make(map[ledger.Hash]V)}
}

func (r *recent[V]) get(id ledger.Hash) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.young[id]; ok {
		return v, true
	}
	v, ok := r.old[id]
	return v, ok
}

func (r *recent[V]) put(id ledger.Hash, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= r.limit/2 {
		r.young, r.old = make(map[ledger.Hash]V), r.young
	}
	r.young[id] = v
}
