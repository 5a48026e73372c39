// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"fmt"
	"math/bits"
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
		tree:  t,
		d:     newDigester(t.h),
		layer: &layer{version: version, nodes: make([]Node, 0, 2*len(changes)+1), stale: make([]Stale, 0, 2*len(changes)+1)},
		edits: make([]edit, len(changes)),
	}
	if err := a.sort(changes); err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	old := kid{leaf: t.root.leaf}
	if t.root.kind == inner {
		old = kid{ref: &t.root.reference}
	}
	out, err := a.update(Path{}, old, a.edits)
	if err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	if err := a.placeRoot(out); err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	a.keepValues(changes)
	root := t.root
	if out.changed {
		root = out.child
	}
	root.version, root.index = version, uint32(len(a.layer.nodes)-1) // the root is written at each, as the last
	next := &Tree{h: t.h, r: t.r, stored: t.stored, version: version, root: root}
	a.layer.root = root
	next.layers = append(slices.Clip(t.layers), a.layer)
	return next, nil
}

// An edit is a change as the tree sees it.
type edit struct {
	leaf      *hashedLeaf // hashed once it is effective
	change    int         // index of the Change
	delete    bool
	effective bool // the state differs by it
}

// A branch is a subtree during an Apply.
type branch struct {
	child
	// changed says that the subtree is not the stored one; without it there is no
	// child. A changed inner node is already in the layer.
	changed bool
}

// An applier makes one layer.
type applier struct {
	tree  *Tree
	d     *digester
	layer *layer
	edits []edit // ascending paths
	refs  [maxNibbles]*[radix]reference
}

// refsAt is room for what the node in work at a depth refers to; there is one at
// each depth at a time.
func (a *applier) refsAt(at Path) *[radix]reference {
	room := &a.refs[at.Len()]
	if *room == nil {
		*room = new([radix]reference)
	}
	return *room
}

func (a *applier) sort(changes []Change) error {
	for i := range changes {
		c := &changes[i]
		if err := c.check(); err != nil {
			return err
		}
		e := &a.edits[i]
		e.change, e.delete = i, c.Delete
		e.leaf = &hashedLeaf{Leaf: Leaf{Path: a.d.path(c.Key)}}
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
func (a *applier) update(at Path, old kid, edits []edit) (branch, error) {
	if old.ref == nil {
		return a.updateLeaf(at, old.leaf, edits), nil
	}
	n, err := a.tree.load(a.d, NodeKey{old.ref.version, at}, old.ref.index)
	if err != nil {
		return branch{}, err
	}
	kids, refs, changed := n.kids(), a.refsAt(at), uint16(0)
	for len(edits) > 0 {
		i := nibble(&edits[0].leaf.Path, at.Len())
		end := group(edits, i, at.Len(), func(e *edit) *keys.Hash { return &e.leaf.Path })
		b, err := a.update(at.child(i), kids[i], edits[:end])
		if err != nil {
			return branch{}, err
		}
		if edits = edits[end:]; b.changed {
			changed |= 1 << i
			kids[i] = b.kid(&refs[i])
		}
	}
	if changed == 0 {
		return branch{}, nil
	}
	if at.n > 0 { // the root is left to placeRoot
		a.supersede(NodeKey{old.ref.version, at}, old.ref.index)
	}
	return a.join(at, &kids, changed, n), nil
}

// kid gives the branch to its parent, whose ref becomes that of an inner node.
func (b *branch) kid(ref *reference) kid {
	if b.kind != inner {
		return kid{leaf: b.leaf}
	}
	*ref = b.reference
	return kid{ref: ref}
}

// updateLeaf is update where there was one leaf or, if stood is nil, nothing.
func (a *applier) updateLeaf(at Path, stood *hashedLeaf, edits []edit) branch {
	changed := false
	leaves := make([]*hashedLeaf, 0, len(edits)+1)
	for i := range edits {
		e := &edits[i]
		if stood != nil && bytes.Compare(stood.Path[:], e.leaf.Path[:]) <= 0 {
			if stood.Path != e.leaf.Path {
				leaves = append(leaves, stood) // passed: it stays, in its order
			} else if !e.delete && stood.ValueHash == e.leaf.ValueHash {
				leaves, stood = append(leaves, stood), nil
				continue
			} else if e.delete {
				e.effective, changed, stood = true, true, nil
				continue
			}
			stood = nil
		}
		if !e.delete {
			e.leaf.hash = a.d.leaf(&e.leaf.Leaf)
			leaves = append(leaves, e.leaf)
			e.effective, changed = true, true
		}
	}
	if !changed {
		return branch{}
	}
	if stood != nil {
		leaves = append(leaves, stood)
	}
	return a.build(at, leaves)
}

// build makes the subtree of leaves, in ascending order, where none was stored.
func (a *applier) build(at Path, leaves []*hashedLeaf) branch {
	switch len(leaves) {
	case 0:
		return branch{changed: true}
	case 1:
		return branch{leafChild(leaves[0]), true}
	}
	var kids [radix]kid
	refs := a.refsAt(at)
	for len(leaves) > 0 {
		i := nibble(&leaves[0].Path, at.Len())
		end := group(leaves, i, at.Len(), func(l **hashedLeaf) *keys.Hash { return &(*l).Path })
		b := a.build(at.child(i), leaves[:end])
		kids[i], leaves = b.kid(&refs[i]), leaves[end:]
	}
	return a.join(at, &kids, 1<<radix-1, new(Content))
}

// group counts the first elements whose path has nibble want at depth.
func group[E any](s []E, want, depth int, path func(*E) *keys.Hash) int {
	end := 1
	for end < len(s) && nibble(path(&s[end]), depth) == want {
		end++
	}
	return end
}

// join makes the node over kids, some of which changed (bit i = kid i) in the node
// that was there.
func (a *applier) join(at Path, kids *[radix]kid, changed uint16, was *Content) branch {
	inners, leaves := kinds(kids[:])
	switch {
	case inners == 0 && leaves == 0:
		return branch{changed: true}
	case inners == 0 && leaves&(leaves-1) == 0:
		return branch{leafChild(kids[bits.TrailingZeros16(leaves)].leaf), true} // moves up to where it is not alone
	}
	b := branch{child{kind: inner, reference: reference{version: a.layer.version}}, true}
	c := newContent(kids, inners, leaves)
	switch {
	case inners == 1<<radix-1:
		b.hash, c.between = a.d.foldFull(kids, changed, was.between)
	case bits.OnesCount16(inners|leaves) >= many:
		b.hash, c.quarters = a.d.foldMany(kids, inners, leaves, changed, was.quarters)
	default:
		a.d.fold(kids[:], inners, leaves, nil, 0, &b.hash)
	}
	b.index = a.put(at, c)
	return b
}

// placeRoot writes the root at this version, changed or not.
func (a *applier) placeRoot(out branch) error {
	above, root := NodeKey{Version: a.tree.version}, a.tree.root
	switch {
	case !a.tree.void && !out.changed:
		c, err := a.tree.content(a.d, above, root.index)
		if err != nil {
			return fmt.Errorf("node %v: %w: %w", above, ledger.ErrCorrupt, err)
		}
		a.put(Path{}, c)
	case out.kind == empty:
		a.put(Path{}, &Content{kind: empty})
	case out.kind == leaf:
		a.put(Path{}, &Content{kind: leaf, tips: []*hashedLeaf{out.leaf}})
	}
	if !a.tree.void {
		a.supersede(above, root.index)
	}
	return nil
}

// supersede lists a node that the new version no longer refers to.
func (a *applier) supersede(key NodeKey, index uint32) {
	a.layer.stale = append(a.layer.stale, Stale{key, index})
}

// put lists a new node and gives its index.
func (a *applier) put(at Path, c *Content) uint32 {
	a.layer.nodes = append(a.layer.nodes, Node{NodeKey{a.layer.version, at}, c})
	return uint32(len(a.layer.nodes) - 1)
}

// keepValues keeps the changes that made a difference, in the order of keys. As a
// rule they came in it.
func (a *applier) keepValues(changes []Change) {
	effective, n := make([]bool, len(changes)), 0
	for i := range a.edits {
		if e := &a.edits[i]; e.effective {
			effective[e.change] = true
			n++
		}
	}
	l := a.layer
	l.values = make([]Change, 0, n)
	for i := range changes {
		if effective[i] {
			l.values = append(l.values, changes[i])
		}
	}
	byKey := func(x, y Change) int { return strings.Compare(x.Key, y.Key) }
	if !slices.IsSortedFunc(l.values, byKey) {
		slices.SortFunc(l.values, byKey)
	}
	l.index = make(map[string]int, n)
	for i := range l.values {
		l.index[l.values[i].Key] = i
	}
}
