// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import "github.com/ipledger/ipledger/ledger/state"

// nodes are nodes of the state tree in memory. All but a few have a short key; a
// map of those takes a third of the memory and half of the time.
type nodes struct {
	short map[state.ShortKey]*state.Content
	long  map[state.NodeKey]*state.Content
}

func newNodes() nodes {
	return nodes{make(map[state.ShortKey]*state.Content), make(map[state.NodeKey]*state.Content)}
}

// some tells whether n was made by newNodes.
func (n nodes) some() bool { return n.short != nil }

func (n nodes) len() int { return len(n.short) + len(n.long) }

// get gives nil for what is not there.
func (n nodes) get(key state.NodeKey) *state.Content {
	if s, ok := key.Short(); ok {
		return n.short[s]
	}
	return n.long[key]
}

func (n nodes) put(key state.NodeKey, c *state.Content) {
	if s, ok := key.Short(); ok {
		n.short[s] = c
		return
	}
	n.long[key] = c
}

func (n nodes) remove(key state.NodeKey) {
	if s, ok := key.Short(); ok {
		delete(n.short, s)
		return
	}
	delete(n.long, key)
}

// each calls fn for all of them, in no order.
func (n nodes) each(fn func(state.NodeKey, *state.Content)) {
	for s, c := range n.short {
		fn(s.Key(), c)
	}
	for k, c := range n.long {
		fn(k, c)
	}
}
