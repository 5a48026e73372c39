// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A Leaf is one key of the state as the tree holds it.
type Leaf struct {
	Path      keys.Hash `cbor:"1,keyasint"` // hash of the key
	ValueHash keys.Hash `cbor:"2,keyasint"`
}

// A kind says what a subtree is. The numbers are the first byte of a stored node.
type kind byte

const (
	empty kind = iota // no key: the zero hash; stored only as the root of an empty state
	leaf              // exactly one key
	inner             // two keys or more
)

type subtree struct {
	kind kind
	hash keys.Hash
}

// A child is a subtree as its parent holds it: a leaf in full, an inner node by
// the version under which it is stored, one nibble below the parent.
type child struct {
	subtree
	version uint64 // of an inner node
	leaf    *Leaf  // of a leaf; never modified
}

// radix is the number of children of a stored inner node: four binary levels.
const radix = 16

// A node is the decoded form of a stored node.
type node struct {
	kind     kind
	leaf     Leaf         // of a leaf
	children [radix]child // of an inner node
	between  []byte       // hashes between a full node and its children; nil for others
}

// Encodings of nodes. A leaf is a node of its own only as the root. A full node,
// as most near the root are, has 16 inner children and holds the hashes between
// it and them, so that few are made anew when one child changes: of 2 halves, 4
// quarters, 8 pairs of children.
//
//	empty  0x00
//	leaf   0x01 ‖ path (32) ‖ value hash (32)
//	inner  0x02 ‖ present (2, bit i = child i) ‖ leaves (2) ‖ each present child:
//	         leaf: path without the bytes that the place gives ‖ value hash (32)
//	         inner: version (uvarint) ‖ hash (32)
//	full   0x03 ‖ hashes (14 × 32) ‖ each child: version (uvarint) ‖ hash (32)
const (
	hashSize    = len(keys.Hash{})
	leafSize    = 1 + 2*hashSize
	innerHead   = 1 + 2 + 2
	innerMax    = innerHead + radix*2*hashSize
	full        = kind(3)
	betweenSize = (radix - 2) * hashSize
	fullMax     = 1 + betweenSize + radix*(binary.MaxVarintLen64+hashSize)
)

func appendLeaf(b []byte, l *Leaf) []byte {
	b = append(b, byte(leaf))
	b = append(b, l.Path[:]...)
	return append(b, l.ValueHash[:]...)
}

// isFull tells whether all children are inner nodes.
func isFull(children *[radix]child) bool {
	for i := range children {
		if children[i].kind != inner {
			return false
		}
	}
	return true
}

// appendInner encodes a node of a place. The hashes between are those of a full
// node, else nil.
func appendInner(b []byte, at Path, children *[radix]child, between []byte) []byte {
	if between != nil {
		b = append(append(b, byte(full)), between...)
		for i := range children {
			b = appendReference(b, &children[i])
		}
		return b
	}
	var present, leaves uint16
	for i := range children {
		switch children[i].kind {
		case leaf:
			leaves |= 1 << i
			present |= 1 << i
		case inner:
			present |= 1 << i
		}
	}
	b = append(b, byte(inner))
	b = binary.BigEndian.AppendUint16(b, present)
	b = binary.BigEndian.AppendUint16(b, leaves)
	for i := range children {
		switch c := &children[i]; c.kind {
		case leaf:
			b = append(b, c.leaf.Path[given(at):]...)
			b = append(b, c.leaf.ValueHash[:]...)
		case inner:
			b = appendReference(b, c)
		}
	}
	return b
}

func appendReference(b []byte, c *child) []byte {
	b = binary.AppendUvarint(b, c.version)
	return append(b, c.hash[:]...)
}

// given is how many bytes of a leaf's path the place of its parent gives.
func given(parent Path) int { return (parent.Len() + 1) / 2 }

var errNode = errors.New("malformed node")

// decode reads the node of a place from b into n, which must be zero.
func (n *node) decode(d *digester, at Path, b []byte) error {
	if len(b) == 0 {
		return errNode
	}
	n.kind = kind(b[0])
	switch n.kind {
	case empty:
		if len(b) != 1 {
			return errNode
		}
	case leaf:
		if len(b) != leafSize {
			return errNode
		}
		n.leaf.Path = keys.Hash(b[1:])
		n.leaf.ValueHash = keys.Hash(b[1+hashSize:])
	case inner:
		return n.decodeInner(d, at, b)
	case full:
		return n.decodeFull(b)
	default:
		return errNode
	}
	return nil
}

func (n *node) decodeFull(b []byte) error {
	if len(b) < 1+betweenSize {
		return errNode
	}
	n.kind, n.between, b = inner, b[1:1+betweenSize], b[1+betweenSize:]
	ok := true
	for i := range n.children {
		if b, ok = n.children[i].decodeReference(b); !ok {
			return errNode
		}
	}
	if len(b) != 0 {
		return errNode
	}
	return nil
}

func (c *child) decodeReference(b []byte) (rest []byte, ok bool) {
	version, used := binary.Uvarint(b)
	if used <= 0 || len(b) < used+hashSize {
		return nil, false
	}
	c.version, c.kind, c.hash = version, inner, keys.Hash(b[used:used+hashSize])
	return b[used+hashSize:], true
}

func (n *node) decodeInner(d *digester, at Path, b []byte) error {
	if len(b) < innerHead || at.Len() >= maxNibbles {
		return errNode
	}
	present, leaves := binary.BigEndian.Uint16(b[1:]), binary.BigEndian.Uint16(b[3:])
	// Two keys or more: one child alone must itself be an inner node.
	if leaves&^present != 0 || present == 0 || present&(present-1) == 0 && leaves == present {
		return errNode
	}
	b = b[innerHead:]
	room, skip := make([]Leaf, bits.OnesCount16(leaves)), given(at)
	for i := range n.children {
		c, ok := &n.children[i], true
		switch {
		case present>>i&1 == 0:
			continue
		case leaves>>i&1 == 0:
			if b, ok = c.decodeReference(b); !ok {
				return errNode
			}
			continue
		case len(b) < 2*hashSize-skip:
			return errNode
		}
		l := &room[0]
		room = room[1:]
		place := at.child(i)
		copy(l.Path[:], place.packed[:skip])
		copy(l.Path[skip:], b)
		if !place.covers(&l.Path) {
			return errNode
		}
		l.ValueHash = keys.Hash(b[hashSize-skip:])
		c.kind, c.leaf, c.hash = leaf, l, d.leaf(l)
		b = b[2*hashSize-skip:]
	}
	if len(b) != 0 {
		return errNode
	}
	return nil
}
