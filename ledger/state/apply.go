// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Apply gives the state after changes as an overlay on t. The version must be
// the next one; changes may come in any order, but each key only once. Deleting an
// absent key and setting a value it already has change nothing. The tree keeps
// the values: the caller must not modify them afterwards.
func (t *Tree) Apply(version uint64, changes []Change) (*Tree, error) {
	if !t.void && version != t.version+1 {
		return nil, fmt.Errorf("apply version %d: the state is at version %d", version, t.version)
	}
	a := applier{
		tree:    t,
		d:       newDigester(t.h),
		layer:   &layer{version: version, nodes: make(map[Path][]byte, 2*len(changes)+1)},
		edits:   make([]edit, len(changes)),
		scratch: make([]byte, 0, max(innerMax, fullMax)),
	}
	if err := a.sort(changes); err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	out, err := a.update(Path{}, t.root, a.edits)
	if err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	if err := a.placeRoot(out); err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	a.keepValues(changes)
	out.child.version = version // the root is written at each
	next := &Tree{h: t.h, r: t.r, stored: t.stored, version: version, root: out.child}
	a.layer.root = out.child
	next.layers = append(slices.Clip(t.layers), a.layer)
	return next, nil
}

// An edit is a change as the tree sees it.
type edit struct {
	leaf      Leaf
	change    int // index of the Change
	delete    bool
	effective bool // the state differs by it
}

// A branch is a subtree during an Apply.
type branch struct {
	child
	// changed says that the subtree is not the stored one. A changed inner node
	// is already in the layer.
	changed bool
}

// An applier makes one layer.
type applier struct {
	tree    *Tree
	d       *digester
	layer   *layer
	edits   []edit // ascending paths
	scratch []byte // for encoding a node
}

func (a *applier) sort(changes []Change) error {
	for i := range changes {
		c := &changes[i]
		if err := c.check(); err != nil {
			return err
		}
		e := &a.edits[i]
		e.change, e.delete = i, c.Delete
		e.leaf.Path = a.d.path(c.Key)
		if !c.Delete {
			e.leaf.ValueHash = a.d.value(c.Value)
		}
	}
	slices.SortFunc(a.edits, func(x, y edit) int { return bytes.Compare(x.leaf.Path[:], y.leaf.Path[:]) })
	for i := 1; i < len(a.edits); i++ {
		if a.edits[i].leaf.Path == a.edits[i-1].leaf.Path {
			return fmt.Errorf("key %q: changed twice", changes[a.edits[i].change].Key)
		}
	}
	return nil
}

// update gives the subtree at a place after edits, all of which lie below it.
func (a *applier) update(at Path, old child, edits []edit) (branch, error) {
	switch old.kind {
	case empty:
		return a.updateLeaf(at, old, nil, edits)
	case leaf:
		return a.updateLeaf(at, old, old.leaf, edits)
	}
	var n node
	if err := a.tree.load(a.d, &n, NodeKey{old.version, at}); err != nil {
		return branch{}, err
	}
	changed := uint16(0)
	for len(edits) > 0 {
		i := nibble(&edits[0].leaf.Path, at.Len())
		end := group(edits, i, at.Len(), func(e *edit) *keys.Hash { return &e.leaf.Path })
		kid, err := a.update(at.child(i), n.children[i], edits[:end])
		if err != nil {
			return branch{}, err
		}
		n.children[i], edits = kid.child, edits[end:]
		if kid.changed {
			changed |= 1 << i
		}
	}
	if changed == 0 {
		return branch{child: old}, nil
	}
	a.supersede(NodeKey{old.version, at})
	return a.join(at, &n.children, changed, n.between), nil
}

// updateLeaf is update where there was one leaf or, if stood is nil, nothing.
func (a *applier) updateLeaf(at Path, old child, stood *Leaf, edits []edit) (branch, error) {
	changed := false
	leaves := make([]Leaf, 0, len(edits)+1)
	for i := range edits {
		e := &edits[i]
		if stood != nil && bytes.Compare(stood.Path[:], e.leaf.Path[:]) <= 0 {
			if stood.Path != e.leaf.Path {
				leaves = append(leaves, *stood) // passed: it stays, in its order
			} else if !e.delete && stood.ValueHash == e.leaf.ValueHash {
				leaves, stood = append(leaves, *stood), nil
				continue
			} else if e.delete {
				e.effective, changed, stood = true, true, nil
				continue
			}
			stood = nil
		}
		if !e.delete {
			leaves = append(leaves, e.leaf)
			e.effective, changed = true, true
		}
	}
	if !changed {
		return branch{child: old}, nil
	}
	if stood != nil {
		leaves = append(leaves, *stood)
	}
	return a.build(at, leaves), nil
}

// build makes the subtree of leaves, in ascending order, where none was stored.
func (a *applier) build(at Path, leaves []Leaf) branch {
	switch len(leaves) {
	case 0:
		return branch{changed: true}
	case 1:
		b := branch{changed: true}
		b.kind, b.leaf, b.hash = leaf, &leaves[0], a.d.leaf(&leaves[0])
		return b
	}
	var kids [radix]child
	for len(leaves) > 0 {
		i := nibble(&leaves[0].Path, at.Len())
		end := group(leaves, i, at.Len(), func(l *Leaf) *keys.Hash { return &l.Path })
		kids[i], leaves = a.build(at.child(i), leaves[:end]).child, leaves[end:]
	}
	return a.join(at, &kids, 1<<radix-1, nil)
}

// group counts the first elements whose path has nibble want at depth.
func group[E any](s []E, want, depth int, path func(*E) *keys.Hash) int {
	end := 1
	for end < len(s) && nibble(path(&s[end]), depth) == want {
		end++
	}
	return end
}

// join makes the node over kids, some of which changed (bit i = kid i). The
// hashes between are those of the full node that was there, or nil.
func (a *applier) join(at Path, kids *[radix]child, changed uint16, between []byte) branch {
	b, count, last := branch{changed: true}, 0, 0
	for i := range kids {
		if kids[i].kind != empty {
			count, last = count+1, i
		}
	}
	switch {
	case count == 0:
		return b
	case count == 1 && kids[last].kind == leaf:
		b.child = kids[last] // moves up to where it is not alone
		return b
	case isFull(kids):
		b.subtree, between = a.d.foldFull(kids, changed, between)
	default:
		b.subtree, between = a.d.fold(kids[:]), nil
	}
	b.version = a.layer.version
	a.put(at, appendInner(a.scratch[:0], at, kids, between))
	return b
}

// placeRoot writes the root at this version, changed or not.
func (a *applier) placeRoot(out branch) error {
	above := NodeKey{Version: a.tree.version}
	switch {
	case !a.tree.void && !out.changed:
		b, err := a.tree.bytes(above)
		if err != nil {
			return fmt.Errorf("node %v: %w: %w", above, ledger.ErrCorrupt, err)
		}
		a.layer.nodes[Path{}], a.layer.order = b, append(a.layer.order, Path{})
	case out.kind == empty:
		a.put(Path{}, append(a.scratch[:0], byte(empty)))
	case out.kind == leaf:
		a.put(Path{}, appendLeaf(a.scratch[:0], out.leaf))
	}
	if !a.tree.void {
		a.layer.stale = append(a.layer.stale, above)
	}
	return nil
}

// supersede lists a node that the new version no longer refers to. The root is
// left to placeRoot.
func (a *applier) supersede(key NodeKey) {
	if key.Path.n > 0 {
		a.layer.stale = append(a.layer.stale, key)
	}
}

// put keeps a copy of an encoded node: some live much longer than others, so each
// has memory of its own.
func (a *applier) put(at Path, b []byte) {
	a.layer.nodes[at] = bytes.Clone(b)
	a.layer.order = append(a.layer.order, at)
	a.scratch = b
}

// keepValues keeps the changes that made a difference, in the order of keys.
func (a *applier) keepValues(changes []Change) {
	l := a.layer
	l.values = make([]Change, 0, len(changes))
	for i := range a.edits {
		if e := &a.edits[i]; e.effective {
			l.values = append(l.values, changes[e.change])
		}
	}
	slices.SortFunc(l.values, func(x, y Change) int { return strings.Compare(x.Key, y.Key) })
	l.index = make(map[string]int, len(l.values))
	for i := range l.values {
		l.index[l.values[i].Key] = i
	}
}
