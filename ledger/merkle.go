// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"

	"github.com/ipledger/ipledger/ledger/keys"
)

// treeHasher is the RFC 6962 tree hash over the network's hash function.
type treeHasher struct{ suite keys.Suite }

func (t treeHasher) EmptyRoot() []byte { h := t.suite.Sum(); return h[:] }

func (t treeHasher) HashLeaf(leaf []byte) []byte { h := t.suite.Sum([]byte{0}, leaf); return h[:] }

func (t treeHasher) HashChildren(l, r []byte) []byte { h := t.suite.Sum([]byte{1}, l, r); return h[:] }

func (t treeHasher) Size() int { return len(Hash{}) }

// MerkleRoot is the RFC 6962 root over leaves.
func MerkleRoot(suite keys.Suite, leaves [][]byte) Hash {
	h := NewHistory(suite)
	for _, l := range leaves {
		h.appendLeaf(treeHasher{suite}.HashLeaf(l))
	}
	return h.Root()
}

// MerklePath is the RFC 6962 inclusion path of leaves[index], leaf upwards.
func MerklePath(suite keys.Suite, leaves [][]byte, index int) ([]Hash, error) {
	if index < 0 || index >= len(leaves) {
		return nil, fmt.Errorf("merkle path: no leaf %d of %d", index, len(leaves))
	}
	t := treeHasher{suite}
	nodes, err := proof.Inclusion(uint64(index), uint64(len(leaves)))
	if err != nil {
		return nil, fmt.Errorf("merkle path: %w", err)
	}
	stored := make(map[compact.NodeID][]byte)
	keep := func(id compact.NodeID, hash []byte) { stored[id] = hash }
	r := (&compact.RangeFactory{Hash: t.HashChildren}).NewEmptyRange(0)
	for i, l := range leaves {
		leaf := t.HashLeaf(l)
		keep(compact.NewNodeID(0, uint64(i)), leaf)
		if err := r.Append(leaf, keep); err != nil {
			return nil, fmt.Errorf("merkle path: %w", err)
		}
	}
	raw := make([][]byte, len(nodes.IDs))
	for i, id := range nodes.IDs {
		raw[i] = stored[id]
	}
	raw, err = nodes.Rehash(raw, t.HashChildren)
	if err != nil {
		return nil, fmt.Errorf("merkle path: %w", err)
	}
	path := make([]Hash, len(raw))
	for i, b := range raw {
		copy(path[i][:], b)
	}
	return path, nil
}

// CheckMerklePath verifies that leaf is the index-th of size leaves under root.
func CheckMerklePath(suite keys.Suite, leaf []byte, index, size uint64, path []Hash, root Hash) error {
	t := treeHasher{suite}
	raw := make([][]byte, len(path))
	for i := range path {
		raw[i] = path[i][:]
	}
	return proof.VerifyInclusion(t, index, size, t.HashLeaf(leaf), raw, root[:])
}

// A History is the append-only RFC 6962 tree over block hashes, kept as its
// compact range: at most one hash for each bit of its size.
type History struct {
	hasher treeHasher
	r      *compact.Range
}

// NewHistory is the history before the genesis block.
func NewHistory(suite keys.Suite) *History {
	t := treeHasher{suite}
	return &History{hasher: t, r: (&compact.RangeFactory{Hash: t.HashChildren}).NewEmptyRange(0)}
}

// RestoreHistory is the history of size blocks whose Hashes were stored.
func RestoreHistory(suite keys.Suite, size uint64, hashes []Hash) (*History, error) {
	t := treeHasher{suite}
	raw := make([][]byte, len(hashes))
	for i := range hashes {
		raw[i] = hashes[i][:]
	}
	r, err := (&compact.RangeFactory{Hash: t.HashChildren}).NewRange(0, size, raw)
	if err != nil {
		return nil, fmt.Errorf("restore history of %d blocks: %w: %w", size, ErrCorrupt, err)
	}
	return &History{hasher: t, r: r}, nil
}

// Append returns the history with one more block; h itself is unchanged.
func (h *History) Append(block Hash) *History {
	next, err := RestoreHistory(h.hasher.suite, h.Size(), h.Hashes())
	if err != nil {
		panic(err) // our own hashes always fit their size
	}
	next.appendLeaf(h.hasher.HashLeaf(block[:]))
	return next
}

func (h *History) appendLeaf(leaf []byte) {
	if err := h.r.Append(leaf, nil); err != nil {
		panic(err) // compact ranges of one factory that begin at 0 always append
	}
}

// Size is the number of blocks.
func (h *History) Size() uint64 { return h.r.End() }

// Hashes are the roots of the complete subtrees, left to right.
func (h *History) Hashes() []Hash {
	raw := h.r.Hashes()
	out := make([]Hash, len(raw))
	for i, b := range raw {
		copy(out[i][:], b)
	}
	return out
}

// Root is the RFC 6962 root over all appended blocks.
func (h *History) Root() Hash {
	if h.Size() == 0 {
		return h.hasher.suite.Sum()
	}
	b, err := h.r.GetRootHash(nil)
	if err != nil {
		panic(err) // the range begins at 0
	}
	return Hash(b)
}
