// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"testing"

	"github.com/ipledger/ipledger/ledger/state"
)

// nodeAt is a node of version 7 at a place of so many nibbles, all alike.
func nodeAt(t *testing.T, nibbles int, nibble byte) state.Node {
	t.Helper()
	b := append(binary.BigEndian.AppendUint64(nil, 7), byte(nibbles))
	for range nibbles / 2 {
		b = append(b, nibble<<4|nibble)
	}
	if nibbles%2 == 1 {
		b = append(b, nibble<<4)
	}
	k, ok := state.ParseNodeKey(b)
	if !ok {
		t.Fatalf("%x is no key", b)
	}
	return state.Node{Key: k, Content: new(state.Content)}
}

// TestANodeIsFoundAtItsPlaceOnly asks for nodes near the root and deeper than any
// will be, by indexes that are right, of others, and unknown.
func TestANodeIsFoundAtItsPlaceOnly(t *testing.T) {
	nodes := []state.Node{nodeAt(t, 40, 3), nodeAt(t, 41, 3), nodeAt(t, 3, 3), nodeAt(t, 3, 4), nodeAt(t, 0, 0)}
	root := uint32(len(nodes) - 1)
	y := young{versions: []version{newVersion(7, nodes)}}
	for i, n := range nodes {
		if got := y.versions[0].node(i); got != n {
			t.Errorf("node %d is %v, was %v", i, got.Key, n.Key)
		}
		for index := range root + 3 {
			c, ok := y.held(n.Key, index)
			if want := index == uint32(i) || uint32(i) == root; ok != want || ok && c != n.Content {
				t.Errorf("%v is held at index %d: %v, want %v", n.Key, index, ok, want)
			}
		}
	}
	stale := []state.Stale{{NodeKey: nodes[1].Key, Index: 1}, {NodeKey: nodes[1].Key, Index: 1}, {NodeKey: nodes[2].Key, Index: 3}}
	y.forget(stale)
	if _, ok := y.held(nodes[1].Key, 1); ok || y.versions[0].left != 4 {
		t.Errorf("of five nodes one was removed, %d are left", y.versions[0].left)
	}
}
