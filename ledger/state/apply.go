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
		tree:  t,
		d:     newDigester(t.h),
		layer: &layer{version: version, nodes: make(map[Path][]byte, 2*len(changes)+1)},
		edits: make([]edit, len(changes)),
	}
	if err := a.sort(changes); err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	root := child{subtree: t.root, version: t.version}
	out, err := a.update(Path{}, root, a.edits)
	if err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	if err := a.placeRoot(out); err != nil {
		return nil, fmt.Errorf("apply version %d: %w", version, err)
	}
	a.keepValues(changes)
	next := &Tree{h: t.h, r: t.r, stored: t.stored, version: version, root: out.subtree}
	a.layer.root = out.subtree
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
	// is already in the layer; a changed leaf is not: it floats in leaf until it
	// is known how high it stands.
	changed bool
	leaf    Leaf
}

// An applier makes one layer.
type applier struct {
	tree  *Tree
	d     *digester
	layer *layer
	edits []edit // ascending paths
	arena []byte // encoded nodes, one behind the other
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
		var n node
		if err := a.tree.load(&n, NodeKey{old.version, at}, leaf); err != nil {
			return branch{}, err
		}
		return a.updateLeaf(at, old, &n.leaf, edits)
	}
	var n node
	if err := a.tree.load(&n, NodeKey{old.version, at}, inner); err != nil {
		return branch{}, err
	}
	var kids [radix]branch
	for i := range n.children {
		kids[i].child = n.children[i]
	}
	changed := false
	for len(edits) > 0 {
		i := nibble(&edits[0].leaf.Path, at.Len())
		end := group(edits, i, at.Len(), func(e *edit) *keys.Hash { return &e.leaf.Path })
		kid, err := a.update(at.child(i), n.children[i], edits[:end])
		if err != nil {
			return branch{}, err
		}
		kids[i], edits = kid, edits[end:]
		changed = changed || kid.changed
	}
	if !changed {
		return branch{child: old}, nil
	}
	a.supersede(NodeKey{old.version, at})
	return a.join(at, &kids)
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
	if old.kind == leaf {
		a.supersede(NodeKey{old.version, at})
	}
	return a.build(at, leaves)
}

// build makes the subtree of leaves, in ascending order, where none was stored.
func (a *applier) build(at Path, leaves []Leaf) (branch, error) {
	switch len(leaves) {
	case 0:
		return branch{changed: true}, nil
	case 1:
		b := branch{changed: true, leaf: leaves[0]}
		b.kind, b.hash = leaf, a.d.leaf(&leaves[0])
		return b, nil
	}
	var kids [radix]branch
	for len(leaves) > 0 {
		i := nibble(&leaves[0].Path, at.Len())
		end := group(leaves, i, at.Len(), func(l *Leaf) *keys.Hash { return &l.Path })
		kid, err := a.build(at.child(i), leaves[:end])
		if err != nil {
			return branch{}, err
		}
		kids[i], leaves = kid, leaves[end:]
	}
	return a.join(at, &kids)
}

// group counts the first elements whose path has nibble want at depth.
func group[E any](s []E, want, depth int, path func(*E) *keys.Hash) int {
	end := 1
	for end < len(s) && nibble(path(&s[end]), depth) == want {
		end++
	}
	return end
}

// join makes the node over kids, of which at least one changed.
func (a *applier) join(at Path, kids *[radix]branch) (branch, error) {
	count, last := 0, 0
	for i := range kids {
		if kids[i].kind != empty {
			count, last = count+1, i
		}
	}
	if count == 0 {
		return branch{changed: true}, nil
	}
	if count == 1 && kids[last].kind == leaf {
		return a.lift(at.child(last), kids[last])
	}
	var children [radix]child
	for i := range kids {
		k := &kids[i]
		if k.changed && k.kind == leaf {
			k.version = a.layer.version
			a.putLeaf(at.child(i), &k.leaf)
		}
		children[i] = k.child
	}
	b := branch{changed: true}
	b.version, b.subtree = a.layer.version, a.d.fold(children[:])
	a.put(at, appendInner(a.room(), &children))
	return b, nil
}

// lift takes a leaf that is now alone in its subtree off its place; whoever
// stands above puts it where it belongs.
func (a *applier) lift(at Path, b branch) (branch, error) {
	if b.changed {
		return b, nil // floats already
	}
	var n node
	key := NodeKey{b.version, at}
	if err := a.tree.load(&n, key, leaf); err != nil {
		return branch{}, err
	}
	a.supersede(key)
	b.changed, b.leaf = true, n.leaf
	return b, nil
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
		a.layer.nodes[Path{}] = b
	case out.kind == empty:
		a.put(Path{}, append(a.room(), byte(empty)))
	case out.kind == leaf:
		a.putLeaf(Path{}, &out.leaf)
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

func (a *applier) putLeaf(at Path, l *Leaf) { a.put(at, appendLeaf(a.room(), l)) }

// put keeps a node that was appended to what room gave.
func (a *applier) put(at Path, b []byte) {
	a.arena = a.arena[:len(a.arena)+len(b)]
	a.layer.nodes[at] = slices.Clip(b)
}

// room gives an empty slice with room for any node, cut from a larger piece.
func (a *applier) room() []byte {
	if cap(a.arena)-len(a.arena) < innerMax {
		a.arena = make([]byte, 0, 16<<10)
	}
	return a.arena[len(a.arena):]
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
