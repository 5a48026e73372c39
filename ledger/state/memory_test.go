// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

const keyDomain = "ipledger/state/key/v1\x00"

// plain is SHA-256.
type plain struct{}

func (plain) Sum(parts ...[]byte) keys.Hash { return sha256.Sum256(bytes.Join(parts, nil)) }

// narrow is SHA-256, but puts numbered keys side by side at the bottom of the
// tree, so that ways are as long as they can be.
type narrow struct{ plain }

func (n narrow) Sum(parts ...[]byte) keys.Hash {
	joined := bytes.Join(parts, nil)
	key, isKey := bytes.CutPrefix(joined, []byte(keyDomain))
	number, err := strconv.Atoi(string(key))
	if !isKey || err != nil {
		return n.plain.Sum(joined)
	}
	var h keys.Hash
	h[20], h[31] = byte(number>>6), byte(number&63)
	return h
}

// naiveRoot is the definition of the root, word for word.
func naiveRoot(h state.Hasher, m map[string]string) keys.Hash {
	var leaves []naiveLeaf
	for k, v := range m {
		path, value := h.Sum([]byte(keyDomain), []byte(k)), h.Sum([]byte(v))
		leaves = append(leaves, naiveLeaf{path, h.Sum([]byte{0}, path[:], value[:])})
	}
	return naiveSubtree(h, leaves, 0)
}

type naiveLeaf struct{ path, hash keys.Hash }

func naiveSubtree(h state.Hasher, leaves []naiveLeaf, depth int) keys.Hash {
	switch len(leaves) {
	case 0:
		return keys.Hash{}
	case 1:
		return leaves[0].hash
	}
	var half [2][]naiveLeaf
	for _, l := range leaves {
		b := l.path[depth/8] >> (7 - depth%8) & 1
		half[b] = append(half[b], l)
	}
	left, right := naiveSubtree(h, half[0], depth+1), naiveSubtree(h, half[1], depth+1)
	return h.Sum([]byte{1}, left[:], right[:])
}

// memory is a small database of nodes and values.
type memory struct {
	nodes  map[string][]byte
	stale  map[uint64][]state.Stale // by the version that superseded them
	values map[string][]written     // ascending versions
}

type written struct {
	version uint64
	state.Change
}

func newMemory() *memory {
	return &memory{map[string][]byte{}, map[uint64][]state.Stale{}, map[string][]written{}}
}

func (m *memory) Node(key state.NodeKey) ([]byte, error) {
	if b, ok := m.nodes[string(key.Bytes())]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("memory: node %v: %w", key, ledger.ErrNotFound)
}

func (m *memory) Value(key string, version uint64) ([]byte, bool, error) {
	for _, w := range slices.Backward(m.values[key]) {
		if w.version <= version {
			return w.Value, !w.Delete, nil
		}
	}
	return nil, false, nil
}

func (m *memory) write(t testing.TB, version uint64, w state.Writes) {
	t.Helper()
	for _, n := range w.Nodes {
		if n.Key.Version != version {
			t.Fatalf("version %d writes node %v", version, n.Key)
		}
		if _, twice := m.nodes[string(n.Key.Bytes())]; twice {
			t.Fatalf("node %v written twice", n.Key)
		}
		m.nodes[string(n.Key.Bytes())] = n.Bytes()
	}
	for _, k := range w.Stale {
		if _, ok := m.nodes[string(k.Bytes())]; !ok || k.Version >= version {
			t.Fatalf("version %d supersedes node %v: stored %v", version, k, ok)
		}
	}
	m.stale[version] = w.Stale
	for _, c := range w.Values {
		m.values[c.Key] = append(m.values[c.Key], written{version, c})
	}
}

// prune deletes what only versions before version need.
func (m *memory) prune(t testing.TB, version uint64) {
	t.Helper()
	for _, v := range slices.Sorted(maps.Keys(m.stale)) {
		if v > version {
			continue
		}
		for _, k := range m.stale[v] {
			if _, ok := m.nodes[string(k.Bytes())]; !ok {
				t.Fatalf("node %v superseded twice", k)
			}
			delete(m.nodes, string(k.Bytes()))
		}
		delete(m.stale, v)
	}
}

func set(key, value string) state.Change { return state.Change{Key: key, Value: []byte(value)} }

func del(key string) state.Change { return state.Change{Key: key, Delete: true} }

func sets(m map[string]string) []state.Change {
	var changes []state.Change
	for _, k := range slices.Sorted(maps.Keys(m)) {
		changes = append(changes, set(k, m[k]))
	}
	return changes
}

func apply(t testing.TB, tree *state.Tree, version uint64, changes ...state.Change) *state.Tree {
	t.Helper()
	next, err := tree.Apply(version, changes)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func prove(t testing.TB, tree *state.Tree, key string) state.Proof {
	t.Helper()
	p, err := tree.Prove(key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
