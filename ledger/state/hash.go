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

// bit is the i-th bit of h from the root down: 0 goes left.
func bit(h *keys.Hash, i int) byte { return h[i/8] >> (7 - i%8) & 1 }

// nibble is the i-th group of four bits of h.
func nibble(h *keys.Hash, i int) int { return int(h[i/2] >> (4 * (1 - i%2)) & 15) }
