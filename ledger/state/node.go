// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"encoding/binary"
	"errors"
	"math"
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

// A hashedLeaf is a leaf with its hash. All nodes that refer to it share it.
type hashedLeaf struct {
	Leaf
	hash keys.Hash
}

// A reference is an inner node as its parent holds it. It is stored under that
// version, one nibble below the parent.
type reference struct {
	version uint64
	hash    keys.Hash
	index   uint32 // where that version's Writes list it, or unlisted
}

// unlisted is the index of a node of which that is not known: it was read.
const unlisted = math.MaxUint32

// A child is a subtree on its own: that of a root, or a part of one in Apply.
type child struct {
	kind kind
	reference
	leaf *hashedLeaf // of a leaf
}

// radix is the number of children of a stored inner node: four binary levels.
const radix = 16

// A Content is what is stored as one node, without its place. It is never
// modified, and refers to no other node.
type Content struct {
	kind    kind
	inners  uint16        // inner children: bit i = child i
	leaves  uint16        // leaves among the children
	refs    []reference   // of the inner children
	tips    []*hashedLeaf // the leaves; that of a leaf
	between *between      // of a full node

	// quarters are those of a node that is not full but has many children, if it was
	// made here: they are not stored.
	quarters *quarters
}

// quarters are the hashes of the subtrees over four children each. Only those of
// inner nodes mean something.
type quarters [radix / 4]keys.Hash

// many is from how many children on a node has its quarters.
const many = 8

// between are the hashes between a full node and its children.
type between [radix - 2]keys.Hash

// Size is about how many bytes of memory a node takes: for itself, and for the
// leaves that other versions of it may share.
func (c *Content) Size() (own, shared int) {
	own = 96 + 48*len(c.refs) + 8*len(c.tips)
	if c.between != nil {
		own += betweenSize
	}
	if c.quarters != nil {
		own += len(c.quarters) * hashSize
	}
	return own, 96 * len(c.tips)
}

// A kid is a child in the hands of whoever works on its parent; neither if empty.
type kid struct {
	ref  *reference
	leaf *hashedLeaf
}

func (c *Content) kids() (kids [radix]kid) {
	refs, tips := c.refs, c.tips
	for left := c.inners | c.leaves; left != 0; left &= left - 1 {
		i := bits.TrailingZeros16(left)
		if c.inners>>i&1 == 1 {
			kids[i].ref, refs = &refs[0], refs[1:]
		} else {
			kids[i].leaf, tips = tips[0], tips[1:]
		}
	}
	return kids
}

func (k kid) child() child {
	switch {
	case k.ref != nil:
		return child{kind: inner, reference: *k.ref}
	case k.leaf != nil:
		return leafChild(k.leaf)
	}
	return child{}
}

func leafChild(l *hashedLeaf) child {
	return child{kind: leaf, reference: reference{hash: l.hash}, leaf: l}
}

// kinds tells which of some kids are inner nodes and which are leaves.
func kinds(kids []kid) (inners, leaves uint16) {
	for i := range kids {
		switch {
		case kids[i].ref != nil:
			inners |= 1 << i
		case kids[i].leaf != nil:
			leaves |= 1 << i
		}
	}
	return inners, leaves
}

// makeInner makes room for the children of an inner node.
func (c *Content) makeInner(inners, leaves uint16) {
	c.kind, c.inners, c.leaves = inner, inners, leaves
	if inners != 0 {
		c.refs = make([]reference, 0, bits.OnesCount16(inners))
	}
	if leaves != 0 {
		c.tips = make([]*hashedLeaf, 0, bits.OnesCount16(leaves))
	}
}

// newContent is the inner node over kids.
func newContent(kids *[radix]kid, inners, leaves uint16) *Content {
	c := new(Content)
	c.makeInner(inners, leaves)
	for left := inners | leaves; left != 0; left &= left - 1 {
		if k := &kids[bits.TrailingZeros16(left)]; k.ref != nil {
			c.refs = append(c.refs, *k.ref)
		} else {
			c.tips = append(c.tips, k.leaf)
		}
	}
	return c
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
	full        = kind(3)
	betweenSize = (radix - 2) * hashSize
)

// append encodes the node of a place.
func (c *Content) append(b []byte, at Path) []byte {
	switch {
	case c.kind == empty:
		return append(b, byte(empty))
	case c.kind == leaf:
		b = append(append(b, byte(leaf)), c.tips[0].Path[:]...)
		return append(b, c.tips[0].ValueHash[:]...)
	case c.between != nil:
		b = append(b, byte(full))
		for i := range c.between {
			b = append(b, c.between[i][:]...)
		}
	default:
		b = append(b, byte(inner))
		b = binary.BigEndian.AppendUint16(b, c.inners|c.leaves)
		b = binary.BigEndian.AppendUint16(b, c.leaves)
	}
	kids := c.kids()
	for i := range kids {
		switch k := &kids[i]; {
		case k.leaf != nil:
			b = append(b, k.leaf.Path[given(at):]...)
			b = append(b, k.leaf.ValueHash[:]...)
		case k.ref != nil:
			b = binary.AppendUvarint(b, k.ref.version)
			b = append(b, k.ref.hash[:]...)
		}
	}
	return b
}

// given is how many bytes of a leaf's path the place of its parent gives.
func given(parent Path) int { return (parent.Len() + 1) / 2 }

var errNode = errors.New("malformed node")

// decode reads the node of a place from b into c, which must be zero.
func (c *Content) decode(d *digester, at Path, b []byte) error {
	if len(b) == 0 {
		return errNode
	}
	c.kind = kind(b[0])
	switch c.kind {
	case empty:
		if len(b) != 1 {
			return errNode
		}
	case leaf:
		if len(b) != leafSize {
			return errNode
		}
		c.tips = []*hashedLeaf{d.newLeaf(keys.Hash(b[1:]), keys.Hash(b[1+hashSize:]))}
	case inner:
		return c.decodeInner(d, at, b)
	case full:
		return c.decodeFull(b)
	default:
		return errNode
	}
	return nil
}

func (c *Content) decodeFull(b []byte) error {
	if len(b) < 1+betweenSize {
		return errNode
	}
	c.between, b = new(between), b[1:]
	for i := range c.between {
		c.between[i], b = keys.Hash(b), b[hashSize:]
	}
	c.makeInner(1<<radix-1, 0)
	ok := true
	for range radix {
		if b, ok = c.decodeReference(b); !ok {
			return errNode
		}
	}
	if len(b) != 0 {
		return errNode
	}
	return nil
}

func (c *Content) decodeReference(b []byte) (rest []byte, ok bool) {
	version, used := binary.Uvarint(b)
	if used <= 0 || len(b) < used+hashSize {
		return nil, false
	}
	c.refs = append(c.refs, reference{version, keys.Hash(b[used:]), unlisted})
	return b[used+hashSize:], true
}

func (c *Content) decodeInner(d *digester, at Path, b []byte) error {
	if len(b) < innerHead || at.Len() >= maxNibbles {
		return errNode
	}
	present, leaves := binary.BigEndian.Uint16(b[1:]), binary.BigEndian.Uint16(b[3:])
	// Two keys or more: one child alone must itself be an inner node.
	if leaves&^present != 0 || present == 0 || present&(present-1) == 0 && leaves == present {
		return errNode
	}
	b = b[innerHead:]
	c.makeInner(present&^leaves, leaves)
	skip := given(at)
	for i := range radix {
		ok := true
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
		var path keys.Hash
		place := at.child(i)
		copy(path[:], place.packed[:skip])
		copy(path[skip:], b)
		if !place.covers(&path) {
			return errNode
		}
		c.tips = append(c.tips, d.newLeaf(path, keys.Hash(b[hashSize-skip:])))
		b = b[2*hashSize-skip:]
	}
	if len(b) != 0 {
		return errNode
	}
	return nil
}
