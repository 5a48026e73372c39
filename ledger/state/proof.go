// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"fmt"
	"math/bits"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Proof shows what a state root says of one key. The way from the root follows
// the bits of the key's path; it ends at a leaf or at an empty subtree:
//
//   - at the leaf of the key: the key is present;
//   - at the leaf of another key: the key is absent, for if it were present the
//     way would be longer;
//   - at nothing: the key is absent.
//
// The deepest sibling is never empty, since a subtree of one key is its leaf. So
// the last bit set in Bitmap gives the length of the way.
type Proof struct {
	Bitmap   []byte      `cbor:"1,keyasint,omitempty"` // bit i (most significant first) set: the sibling at level i is not empty; no zero byte at the end
	Siblings []keys.Hash `cbor:"2,keyasint,omitempty"` // those siblings, from the root down
	Leaf     *Leaf       `cbor:"3,keyasint,omitempty"` // where the way ends; nil if at nothing
}

// Prove gives the proof of the presence or the absence of key in t.
func (t *Tree) Prove(key string) (Proof, error) {
	d := newDigester(t.h)
	path := d.path(key)
	p := new(Proof)
	at, c, level := Path{}, t.root, 0
	for c.kind == inner {
		n, err := t.load(d, NodeKey{c.version, at}, c.index)
		if err != nil {
			return Proof{}, fmt.Errorf("prove %q at version %d: %w", key, t.version, err)
		}
		// Four binary levels down, or to where one leaf or nothing is left.
		kids, lo, hi, found := n.kids(), 0, radix, inner
		for ; hi-lo > 1 && found == inner; level++ {
			mid := (lo + hi) / 2
			left, leftHash := d.foldPart(n, &kids, lo, mid)
			right, rightHash := d.foldPart(n, &kids, mid, hi)
			if bit(&path, level) == 0 {
				hi, found = mid, left
				p.addSibling(level, right, rightHash)
			} else {
				lo, found = mid, right
				p.addSibling(level, left, leftHash)
			}
		}
		c = child{}
		for i := lo; i < hi && c.kind == empty; i++ {
			if c = kids[i].child(); c.kind != empty {
				at = at.child(i)
			}
		}
	}
	if c.kind == leaf {
		l := c.leaf.Leaf
		p.Leaf = &l
	}
	return *p, nil
}

func (p *Proof) addSibling(level int, k kind, hash keys.Hash) {
	if k == empty {
		return
	}
	for len(p.Bitmap) <= level/8 {
		p.Bitmap = append(p.Bitmap, 0)
	}
	p.Bitmap[level/8] |= 0x80 >> (level % 8)
	p.Siblings = append(p.Siblings, hash)
}

// VerifyInclusion checks that under root key has this value. A refusal is a
// *ledger.VerifyError with reason BadState.
func VerifyInclusion(h Hasher, root keys.Hash, key string, value []byte, p Proof) error {
	d := newDigester(h)
	path := d.path(key)
	if p.Leaf == nil || p.Leaf.Path != path {
		return refuse("proof of %q shows its absence or is of another key", key)
	}
	if p.Leaf.ValueHash != d.value(value) {
		return refuse("proof of %q is of another value", key)
	}
	return p.check(d, &root, &path)
}

// VerifyAbsence checks that under root key has no value. A refusal is a
// *ledger.VerifyError with reason BadState.
func VerifyAbsence(h Hasher, root keys.Hash, key string, p Proof) error {
	d := newDigester(h)
	path := d.path(key)
	if p.Leaf != nil && p.Leaf.Path == path {
		return refuse("proof shows that %q is present", key)
	}
	return p.check(d, &root, &path)
}

// check climbs from the end of the way to the root, and refuses whatever Prove
// would not have written.
func (p *Proof) check(d *digester, root, path *keys.Hash) error {
	levels, ones := 0, 0
	for i, b := range p.Bitmap {
		ones += bits.OnesCount8(b)
		levels = 8*(i+1) - bits.TrailingZeros8(b)
	}
	switch {
	case len(p.Bitmap) > hashSize:
		return refuse("state proof: way of more than %d levels", 8*hashSize)
	case len(p.Bitmap) > 0 && p.Bitmap[len(p.Bitmap)-1] == 0:
		return refuse("state proof: bitmap longer than its way")
	case ones != len(p.Siblings):
		return refuse("state proof: %d siblings for %d bits", len(p.Siblings), ones)
	}
	var hash keys.Hash
	if p.Leaf != nil {
		for i := range levels {
			if bit(&p.Leaf.Path, i) != bit(path, i) {
				return refuse("state proof: its leaf is not on the way of the key")
			}
		}
		hash = d.leaf(p.Leaf)
	}
	next := len(p.Siblings)
	for i := levels - 1; i >= 0; i-- {
		var sibling keys.Hash
		if p.Bitmap[i/8]<<(i%8)&0x80 != 0 {
			next--
			sibling = p.Siblings[next]
			if sibling == (keys.Hash{}) {
				return refuse("state proof: empty sibling given as a hash")
			}
		}
		if bit(path, i) == 0 {
			hash = d.inner(&hash, &sibling)
		} else {
			hash = d.inner(&sibling, &hash)
		}
	}
	if hash != *root {
		return refuse("state proof: gives root %v, not %v", hash, *root)
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &ledger.VerifyError{Reason: ledger.BadState, Detail: fmt.Sprintf(format, args...)}
}
