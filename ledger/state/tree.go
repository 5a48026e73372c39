// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// MaxKey is the length in bytes of the longest key. The longest value has
// ledger.MaxValue bytes.
const MaxKey = 256

// A Reader gives the stored nodes and values of committed versions. It must be
// safe for concurrent use. ledger/store implements it.
type Reader interface {
	// Node gives what was written under key, or an error that wraps
	// ledger.ErrNotFound. The caller does not modify it.
	Node(key NodeKey) ([]byte, error)

	// Value gives the newest value of key at or below version; ok is false if
	// there is none or it was deleted. The caller does not modify it.
	Value(key string, version uint64) (value []byte, ok bool, err error)
}

// A Holder is a Reader that has some nodes in memory as Writes listed them. What
// Held does not have, Node gives. The index is that in the list of nodes of the
// node's version, or beyond it if that is not known; a root is the last.
type Holder interface {
	Held(key NodeKey, index uint32) (*Content, bool)
}

// ErrPruned is what a Reader's Node answers for nodes of versions that it does not
// keep any more.
var ErrPruned = fmt.Errorf("%w: its version is no longer kept", ledger.ErrNotFound)

// A Change sets the value of a key or deletes the key.
type Change struct {
	Key    string // 1 to MaxKey bytes of UTF-8 without 0x00
	Value  []byte // 1 to ledger.MaxValue bytes; nil if Delete
	Delete bool
}

// check refuses what no state may hold, so that whoever stores keys and values
// can rely on a terminator after keys and on values that are not empty.
func (c *Change) check() error {
	switch {
	case c.Key == "" || len(c.Key) > MaxKey:
		return fmt.Errorf("key of %d bytes, must be 1 to %d", len(c.Key), MaxKey)
	case !utf8.ValidString(c.Key) || strings.IndexByte(c.Key, 0) >= 0:
		return fmt.Errorf("key %q is not text", c.Key)
	case c.Delete && len(c.Value) > 0:
		return fmt.Errorf("key %q: deleted with a value", c.Key)
	case !c.Delete && (len(c.Value) == 0 || len(c.Value) > ledger.MaxValue):
		return fmt.Errorf("key %q: value of %d bytes, must be 1 to %d", c.Key, len(c.Value), ledger.MaxValue)
	}
	return nil
}

// A Tree is the state at one version: a stored version and the overlays above
// it, oldest first. It never changes and is safe for concurrent use. It needs
// of the database only nodes and values that are live at its own version, so
// older versions may be pruned under it.
type Tree struct {
	h       Hasher
	r       Reader
	stored  uint64 // version that r is read at
	version uint64
	void    bool // before the first version
	root    child
	layers  []*layer // consecutive versions, the last one is version
}

// A layer is what one Apply made; immutable once it is in a Tree.
type layer struct {
	version uint64
	root    child
	nodes   []Node // all under this version, each behind those below it
	stale   []Stale
	values  []Change       // ascending keys
	index   map[string]int // key to its place in values
}

// Empty is the state before the first version. Apply on it takes any version as
// the first: 0 for the records of a genesis.
func Empty(h Hasher) *Tree { return &Tree{h: h, r: nothing{}, void: true} }

// nothing is the Reader under an empty state.
type nothing struct{}

func (nothing) Node(key NodeKey) ([]byte, error) {
	return nil, fmt.Errorf("node %v: %w", key, ledger.ErrNotFound)
}

func (nothing) Value(string, uint64) ([]byte, bool, error) { return nil, false, nil }

// Open is the state at a stored version. The error wraps ledger.ErrNotFound if
// the version was never written or is pruned.
func Open(h Hasher, r Reader, version uint64) (*Tree, error) {
	t := &Tree{h: h, r: r, stored: version, version: version}
	key := NodeKey{Version: version}
	d := newDigester(h)
	c, err := t.content(d, key, unlisted)
	if err != nil {
		return nil, fmt.Errorf("open state at version %d: %w", version, err)
	}
	switch c.kind {
	case leaf:
		t.root = leafChild(c.tips[0])
	case inner:
		t.root.kind, t.root.hash = inner, d.foldContent(c)
	}
	t.root.version, t.root.index = version, unlisted
	return t, nil
}

// Root is the root hash: zero for a state without keys.
func (t *Tree) Root() keys.Hash { return t.root.hash }

// Version is the version this state is of; 0 also before the first.
func (t *Tree) Version() uint64 { return t.version }

// Stored is the version of the database below the overlays: what Pending does
// not list is there, as of that version.
func (t *Tree) Stored() uint64 { return t.stored }

// Get gives the value of key; ok is false if there is none. The caller must not
// modify it.
func (t *Tree) Get(key string) (value []byte, ok bool, err error) {
	for _, l := range slices.Backward(t.layers) {
		if i, found := l.index[key]; found {
			c := &l.values[i]
			return c.Value, !c.Delete, nil
		}
	}
	value, ok, err = t.r.Value(key, t.stored)
	if err != nil {
		return nil, false, fmt.Errorf("get %q at version %d: %w", key, t.stored, err)
	}
	return value, ok, nil
}

// Pending lists, in key order, the newest change that the overlays make to each
// key that begins with prefix. Laid over the store's keys at version Stored, it
// is the state in key order.
func (t *Tree) Pending(prefix string) []Change {
	newest := make(map[string]*Change)
	for _, l := range t.layers {
		from, _ := slices.BinarySearchFunc(l.values, prefix, func(c Change, p string) int { return strings.Compare(c.Key, p) })
		for i := from; i < len(l.values) && strings.HasPrefix(l.values[i].Key, prefix); i++ {
			newest[l.values[i].Key] = &l.values[i]
		}
	}
	changes := make([]Change, 0, len(newest))
	for _, key := range slices.Sorted(maps.Keys(newest)) {
		changes = append(changes, *newest[key])
	}
	return changes
}

// Writes is what a database must hold of one version beyond the version below.
type Writes struct {
	Nodes  []Node   // new nodes, each behind those below it, so the root last
	Stale  []Stale  // nodes of older versions that this one no longer needs
	Values []Change // keys whose value differs from the version below, ascending
}

// A Stale is a node that a version no longer needs, and its index for a Holder.
type Stale struct {
	NodeKey
	Index uint32
}

// A Node is a stored node.
type Node struct {
	Key     NodeKey
	Content *Content
}

// Bytes is what a database holds of the node.
func (n Node) Bytes() []byte { return n.Content.append(nil, n.Key.Path) }

// Writes lists what the last Apply made, to be written in one atomic batch before
// the writes of the next version. A stored tree has none. Stale nodes may be
// deleted once no version below this one is to be read. The caller does not modify
// the lists.
func (t *Tree) Writes() Writes {
	if len(t.layers) == 0 {
		return Writes{}
	}
	l := t.layers[len(t.layers)-1]
	return Writes{Nodes: slices.Clip(l.nodes), Stale: slices.Clip(l.stale), Values: slices.Clip(l.values)}
}

// Detach gives the same state without the overlays up to version, which r now
// holds on disk. Call it on the newest tree after each write and go on from its
// result; memory then holds the unwritten overlays only. Trees from before stay
// valid and keep what they hold. The error wraps ledger.ErrCorrupt if what r
// holds is not what was executed.
func (t *Tree) Detach(r Reader, version uint64) (*Tree, error) {
	stored, err := Open(t.h, r, version)
	if err != nil {
		return nil, fmt.Errorf("detach: %w", err)
	}
	i := slices.IndexFunc(t.layers, func(l *layer) bool { return l.version == version })
	var root child
	switch {
	case i >= 0:
		root = t.layers[i].root
	case len(t.layers) == 0 && version == t.version && !t.void:
		root = t.root
	default:
		return nil, fmt.Errorf("detach: version %d is not an overlay of version %d", version, t.version)
	}
	if stored.root.kind != root.kind || stored.root.hash != root.hash {
		return nil, fmt.Errorf("detach: version %d: %w: root is %v, executed was %v", version, ledger.ErrCorrupt, stored.root.hash, root.hash)
	}
	stored.version, stored.root = t.version, t.root
	stored.layers = slices.Clone(t.layers[i+1:]) // an array of its own: the old one refers to the dropped overlays
	return stored, nil
}

// load reads an inner node that the tree refers to, so its absence is corruption,
// unless the reader no longer keeps this version.
func (t *Tree) load(d *digester, key NodeKey, index uint32) (*Content, error) {
	c, err := t.content(d, key, index)
	switch {
	case errors.Is(err, ErrPruned) || errors.Is(err, ledger.ErrCorrupt):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("node %v: %w: %v", key, ledger.ErrCorrupt, err)
	}
	if c.kind != inner {
		return nil, fmt.Errorf("node %v: %w: of kind %d, its parent says %d", key, ledger.ErrCorrupt, c.kind, inner)
	}
	return c, nil
}

// content finds a node by its version: versions of overlays are consecutive.
func (t *Tree) content(d *digester, key NodeKey, index uint32) (*Content, error) {
	if len(t.layers) > 0 && key.Version >= t.layers[0].version {
		if i := key.Version - t.layers[0].version; i < uint64(len(t.layers)) {
			if nodes := t.layers[i].nodes; index < uint32(len(nodes)) && nodes[index].Key.Path == key.Path {
				return nodes[index].Content, nil
			}
		}
		return nil, ledger.ErrNotFound
	}
	if r, ok := t.r.(Holder); ok {
		if c, ok := r.Held(key, index); ok {
			return c, nil
		}
	}
	b, err := t.r.Node(key)
	if err != nil {
		return nil, err
	}
	c := new(Content)
	return c, c.decodeAt(d, key, b)
}

// decodeAt decodes the node stored under key and checks that it belongs there.
// Its hash is left unchecked: that costs as much as an update, and a changed
// node ends in a state root that no certificate holds.
func (c *Content) decodeAt(d *digester, key NodeKey, b []byte) error {
	if err := c.decode(d, key.Path, b); err != nil {
		return fmt.Errorf("node %v: %w: %w", key, ledger.ErrCorrupt, err)
	}
	fits := true
	switch c.kind {
	case empty, leaf:
		fits = key.Path.n == 0
	case inner:
		fits = key.Path.Len() < maxNibbles
		for i := range c.refs {
			fits = fits && c.refs[i].version <= key.Version
		}
	}
	if !fits {
		return fmt.Errorf("node %v: %w: belongs elsewhere", key, ledger.ErrCorrupt)
	}
	return nil
}
