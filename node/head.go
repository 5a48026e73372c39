// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"sync"

	"github.com/ipledger/ipledger/ledger/store"
)

// A head is the newest FINAL block that may be reported, and the end of the
// pipeline: all readers look here.
type head struct {
	store *store.Store

	mu      sync.Mutex
	newest  store.Head
	changed chan struct{} // closed and replaced at each change
}

func newHead(s *store.Store) *head {
	newest, _ := s.Head()
	return &head{store: s, newest: newest, changed: make(chan struct{})}
}

// announce lets readers see blocks up to height. If the store is further
// already, its own announcement follows and this one may be passed over.
func (h *head) announce(height uint64) {
	stored, _ := h.store.Head()
	if stored.Header.Height != height {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.newest = stored
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *head) get() (store.Head, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest, h.changed
}
