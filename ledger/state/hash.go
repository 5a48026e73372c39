// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import "github.com/ipledger/ipledger/ledger/keys"

// A Hasher is the hash function of the network. A keys.Suite is one.
type Hasher interface {
	// Sum hashes the concatenation of parts and keeps none of them.
	Sum(parts ...[]byte) keys.Hash
}

const (
	keyDomain   = "ipledger/state/key/v1\x00"
	leafPrefix  = 0x00
	innerPrefix = 0x01
)

// A digester hashes without allocating: one goroutine owns it, and its buffer is
// the single part of every sum.
type digester struct {
	h    Hasher
	part [1][]byte
}

func newDigester(h Hasher) *digester {
	return &digester{h: h, part: [1][]byte{make([]byte, 0, 2*MaxKey)}}
}

func (d *digester) sum(b []byte) keys.Hash {
	d.part[0] = b
	return d.h.Sum(d.part[:]...)
}

// path is the place of key in the tree.
func (d *digester) path(key string) keys.Hash {
	return d.sum(append(append(d.part[0][:0], keyDomain...), key...))
}

// value is what a leaf holds of a value. The value is no buffer of ours.
func (d *digester) value(v []byte) keys.Hash {
	buf := d.part[0]
	h := d.sum(v)
	d.part[0] = buf
	return h
}

func (d *digester) leaf(l *Leaf) keys.Hash {
	return d.pair(leafPrefix, &l.Path, &l.ValueHash)
}

func (d *digester) inner(left, right *keys.Hash) keys.Hash {
	return d.pair(innerPrefix, left, right)
}

func (d *digester) pair(prefix byte, a, b *keys.Hash) keys.Hash {
	return d.sum(append(append(append(d.part[0][:0], prefix), a[:]...), b[:]...))
}

// fold is the subtree over a power of two of neighbouring children. This is the
// one place that says when a subtree is a leaf and when it is a hash of two.
func (d *digester) fold(children []child) subtree {
	if len(children) == 1 {
		return children[0].subtree
	}
	half := len(children) / 2
	left, right := d.fold(children[:half]), d.fold(children[half:])
	switch {
	case left.kind == empty && right.kind != inner:
		return right
	case right.kind == empty && left.kind != inner:
		return left
	}
	return subtree{kind: inner, hash: d.inner(&left.hash, &right.hash)}
}

// foldFull is fold over the children of a full node. It gives the hashes between
// too, and makes anew only what the children in changed (bit i = child i) are part
// of; the others are taken from before, the hashes between as they were.
func (d *digester) foldFull(children *[radix]child, changed uint16, before []byte) (subtree, []byte) {
	// As a heap: node i has the children 2i and 2i+1; 1 is the whole, 16 the first child.
	between := make([]byte, betweenSize)
	copy(between, before)
	if before == nil {
		changed = 1<<radix - 1
	}
	var marked [2 * radix]bool
	hash := func(i int) []byte {
		if i >= radix {
			return children[i-radix].hash[:]
		}
		return between[(i-2)*hashSize : (i-1)*hashSize]
	}
	for i := range radix {
		marked[radix+i] = changed>>i&1 == 1
	}
	for i := radix - 1; i > 1; i-- {
		if marked[i] = marked[2*i] || marked[2*i+1]; marked[i] {
			h := d.sum(append(append(append(d.part[0][:0], innerPrefix), hash(2*i)...), hash(2*i+1)...))
			copy(hash(i), h[:])
		}
	}
	return subtree{kind: inner, hash: d.sum(append(append(append(d.part[0][:0], innerPrefix), hash(2)...), hash(3)...))}, between
}

// foldNode is fold over all children of a node.
func (d *digester) foldNode(n *node) subtree {
	if n.between != nil {
		return subtree{kind: inner, hash: d.sum(append(append(d.part[0][:0], innerPrefix), n.between[:2*hashSize]...))}
	}
	return d.fold(n.children[:])
}

// foldPart is fold over some children of a node, a power of two of neighbours
// that begins at a multiple of their number.
func (d *digester) foldPart(n *node, from, to int) subtree {
	if size := to - from; n.between != nil && size > 1 && size < radix {
		i := (radix+from)/size - 2 // in the heap of foldFull
		return subtree{kind: inner, hash: keys.Hash(n.between[i*hashSize:])}
	}
	return d.fold(n.children[from:to])
}

// bit is the i-th bit of h from the root down: 0 goes left.
func bit(h *keys.Hash, i int) byte { return h[i/8] >> (7 - i%8) & 1 }

// nibble is the i-th group of four bits of h.
func nibble(h *keys.Hash, i int) int { return int(h[i/2] >> (4 * (1 - i%2)) & 15) }
