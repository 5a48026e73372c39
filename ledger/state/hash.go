// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"math/bits"

	"github.com/ipledger/ipledger/ledger/keys"
)

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

func (d *digester) newLeaf(path, valueHash keys.Hash) *hashedLeaf {
	l := &hashedLeaf{Leaf: Leaf{path, valueHash}}
	l.hash = d.leaf(&l.Leaf)
	return l
}

func (d *digester) inner(left, right *keys.Hash) keys.Hash {
	return d.pair(innerPrefix, left, right)
}

func (d *digester) pair(prefix byte, a, b *keys.Hash) keys.Hash {
	return d.sum(append(append(append(d.part[0][:0], prefix), a[:]...), b[:]...))
}

// fold puts the hash of the subtree over a power of two of neighbouring kids into
// hash. Which of them are what is told by bits. This is the one place that says
// when a subtree is a leaf and when it is a hash of two. Known are the hashes of
// its quarters of four kids, or nil: those that stale (bit i = quarter i) does not
// name are taken from there, the others put there.
func (d *digester) fold(kids []kid, inners, leaves uint16, known []keys.Hash, stale uint8, hash *keys.Hash) kind {
	present := inners | leaves
	switch {
	case present == 0:
		*hash = keys.Hash{}
		return empty
	case inners == 0 && present&(present-1) == 0:
		*hash = kids[bits.TrailingZeros16(present)].leaf.hash
		return leaf
	case len(kids) == 1:
		*hash = kids[0].ref.hash
		return inner
	case len(known) == 1 && stale&1 == 0:
		*hash = known[0]
		return inner
	}
	half, quarters := len(kids)/2, len(known)/2
	mask := uint16(1)<<half - 1
	var left, right keys.Hash
	d.fold(kids[:half], inners&mask, leaves&mask, known[:quarters], stale, &left)
	d.fold(kids[half:], inners>>half, leaves>>half, known[quarters:2*quarters], stale>>quarters, &right)
	*hash = d.inner(&left, &right)
	if len(known) == 1 {
		known[0] = *hash
	}
	return inner
}

// foldMany is fold over the kids of a node that is not full, but would be costly to
// make anew. Before are the quarters as they were until kids in changed did, or nil.
func (d *digester) foldMany(kids *[radix]kid, inners, leaves, changed uint16, before *quarters) (hash keys.Hash, made *quarters) {
	made = new(quarters)
	stale := uint8(1<<len(made) - 1)
	if before != nil {
		*made, stale = *before, 0
		for i := range made {
			if changed>>(4*i)&15 != 0 {
				stale |= 1 << i
			}
		}
	}
	d.fold(kids[:], inners, leaves, made[:], stale, &hash)
	return hash, made
}

// foldFull is fold over the kids of a full node. It gives the hashes between too,
// and makes anew only what the kids in changed (bit i = kid i) are part of; the
// others are taken from before, the hashes between as they were.
func (d *digester) foldFull(kids *[radix]kid, changed uint16, before *between) (keys.Hash, *between) {
	// As a heap: node i has the children 2i and 2i+1; 1 is the whole, 16 the first kid.
	made := new(between)
	if before != nil {
		*made = *before
	} else {
		changed = 1<<radix - 1
	}
	hash := func(i int) *keys.Hash {
		if i >= radix {
			return &kids[i-radix].ref.hash
		}
		return &made[i-2]
	}
	marked := uint32(changed) << radix
	for i := radix - 1; i > 1; i-- {
		if marked>>(2*i)&3 != 0 {
			marked |= 1 << i
			made[i-2] = d.inner(hash(2*i), hash(2*i+1))
		}
	}
	return d.inner(&made[0], &made[1]), made
}

// foldContent is the hash of an inner node.
func (d *digester) foldContent(c *Content) (hash keys.Hash) {
	if c.between != nil {
		return d.inner(&c.between[0], &c.between[1])
	}
	kids := c.kids()
	d.fold(kids[:], c.inners, c.leaves, nil, 0, &hash)
	return hash
}

// foldPart is fold over some kids of a node, a power of two of neighbours that
// begins at a multiple of their number.
func (d *digester) foldPart(c *Content, kids *[radix]kid, from, to int) (k kind, hash keys.Hash) {
	if size := to - from; c.between != nil && size > 1 && size < radix {
		return inner, c.between[(radix+from)/size-2] // in the heap of foldFull
	}
	inners, leaves := kinds(kids[from:to])
	k = d.fold(kids[from:to], inners, leaves, nil, 0, &hash)
	return k, hash
}

// bit is the i-th bit of h from the root down: 0 goes left.
func bit(h *keys.Hash, i int) byte { return h[i/8] >> (7 - i%8) & 1 }

// nibble is the i-th group of four bits of h.
func nibble(h *keys.Hash, i int) int { return int(h[i/2] >> (4 * (1 - i%2)) & 15) }
