// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/ipledger/ipledger/ledger/keys"
)

// maxNibbles is the depth of the deepest possible stored node.
const maxNibbles = 2 * len(keys.Hash{})

// A Path is the place of a stored node: the first nibbles (groups of four bits)
// of the paths of all keys below it. It is comparable; the zero Path is the root.
type Path struct {
	packed [maxNibbles / 2]byte // nibbles from n on are zero
	n      uint8
}

// Len is the number of nibbles, 0 to 64.
func (p Path) Len() int { return int(p.n) }

// String gives one hexadecimal digit for each nibble.
func (p Path) String() string { return hex.EncodeToString(p.packed[:])[:p.n] }

func (p Path) child(nibble int) Path {
	p.packed[p.n/2] |= byte(nibble) << (4 * (1 - p.n%2))
	p.n++
	return p
}

// covers reports whether h begins with p.
func (p Path) covers(h *keys.Hash) bool {
	whole := p.n / 2
	return bytes.Equal(p.packed[:whole], h[:whole]) &&
		(p.n%2 == 0 || p.packed[whole]>>4 == h[whole]>>4)
}

// A NodeKey names a stored node for ever: the version that wrote it and its
// place. What is stored under it never changes; it is written once and, when no
// kept version needs it, deleted.
type NodeKey struct {
	Version uint64
	Path    Path
}

// Bytes is the key's form in a database: version (8 bytes, big endian), number
// of nibbles (1 byte), nibbles packed two to a byte. Later versions sort last, so
// a database appends.
func (k NodeKey) Bytes() []byte {
	b := make([]byte, 0, 9+maxNibbles/2)
	b = binary.BigEndian.AppendUint64(b, k.Version)
	b = append(b, k.Path.n)
	return append(b, k.Path.packed[:(k.Path.n+1)/2]...)
}

// ParseNodeKey reads what Bytes gave; ok is false for anything else.
func ParseNodeKey(b []byte) (k NodeKey, ok bool) {
	if len(b) < 9 || int(b[8]) > maxNibbles || len(b) != 9+int(b[8]+1)/2 {
		return NodeKey{}, false
	}
	k.Version, k.Path.n = binary.BigEndian.Uint64(b), b[8]
	copy(k.Path.packed[:], b[9:])
	return k, k.Path.n%2 == 0 || k.Path.packed[k.Path.n/2]&15 == 0
}

// A ShortPath is a Path in few bytes.
type ShortPath uint64

// maxShort is the depth in nibbles down to which paths have a short form. To get two
// keys of the state to agree in so many takes 2^56 tries.
const maxShort = 14

// Short is the short form; ok is false if the place is too deep for one.
func (p Path) Short() (s ShortPath, ok bool) {
	return ShortPath(binary.BigEndian.Uint64(p.packed[:]) | uint64(p.n)), p.n <= maxShort
}

// Path is the path that s is short for.
func (s ShortPath) Path() Path {
	p := Path{n: uint8(s)}
	binary.BigEndian.PutUint64(p.packed[:], uint64(s)&^0xff)
	return p
}

// String gives version and place, for messages.
func (k NodeKey) String() string { return fmt.Sprintf("%d/%v", k.Version, k.Path) }
