// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"encoding/binary"
	"errors"

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

// A child is a subtree as its parent refers to it: stored one nibble below the
// parent, by version.
type child struct {
	subtree
	version uint64
}

// radix is the number of children of a stored inner node: four binary levels.
const radix = 16

// A node is the decoded form of a stored node.
type node struct {
	kind     kind
	leaf     Leaf         // of a leaf
	children [radix]child // of an inner node
}

// Encodings of nodes:
//
//	empty  0x00
//	leaf   0x01 ‖ path (32) ‖ value hash (32)
//	inner  0x02 ‖ present (2, bit i = child i) ‖ leaves (2) ‖ each present child: version (uvarint) ‖ hash (32)
const (
	hashSize  = len(keys.Hash{})
	leafSize  = 1 + 2*hashSize
	innerHead = 1 + 2 + 2
	innerMax  = innerHead + radix*(binary.MaxVarintLen64+hashSize)
)

func appendLeaf(b []byte, l *Leaf) []byte {
	b = append(b, byte(leaf))
	b = append(b, l.Path[:]...)
	return append(b, l.ValueHash[:]...)
}

func appendInner(b []byte, children *[radix]child) []byte {
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
		if c := &children[i]; c.kind != empty {
			b = binary.AppendUvarint(b, c.version)
			b = append(b, c.hash[:]...)
		}
	}
	return b
}

var errNode = errors.New("malformed node")

// decode reads b into n, which must be zero.
func (n *node) decode(b []byte) error {
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
		if len(b) < innerHead {
			return errNode
		}
		present, leaves := binary.BigEndian.Uint16(b[1:]), binary.BigEndian.Uint16(b[3:])
		// Two keys or more: one child alone must itself be an inner node.
		if leaves&^present != 0 || present&(present-1) == 0 && leaves == present {
			return errNode
		}
		b = b[innerHead:]
		for i := range n.children {
			if present>>i&1 == 0 {
				continue
			}
			version, used := binary.Uvarint(b)
			if used <= 0 || len(b) < used+hashSize {
				return errNode
			}
			c := &n.children[i]
			c.version, c.kind, c.hash = version, inner, keys.Hash(b[used:used+hashSize])
			if leaves>>i&1 == 1 {
				c.kind = leaf
			}
			b = b[used+hashSize:]
		}
		if len(b) != 0 {
			return errNode
		}
	default:
		return errNode
	}
	return nil
}
