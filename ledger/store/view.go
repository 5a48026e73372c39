// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

var (
	_ state.Reader = (*Store)(nil)
	_ state.Holder = (*Store)(nil)
	_ state.Holder = keptTree{}
)

// Node gives a node of the state tree of a durable height that is on disk or a root,
// as state.Reader asks.
func (s *Store) Node(key state.NodeKey) ([]byte, error) {
	if err := s.reached(key.Version); err != nil {
		return nil, fmt.Errorf("node %v: %w", key, err)
	}
	if c, ok := s.young.held(key, math.MaxUint32); ok {
		return state.Node{Key: key, Content: c}.Bytes(), nil
	}
	b, err := s.get(nodeKey(key))
	if err != nil {
		return nil, fmt.Errorf("node %v: %w", key, err)
	}
	return b, nil
}

// Held gives a node of a durable height that is in memory, as state.Holder asks.
func (s *Store) Held(key state.NodeKey, index uint32) (*state.Content, bool) {
	if s.reached(key.Version) != nil {
		return nil, false
	}
	return s.young.held(key, index)
}

// Value gives the newest value of key at or below a durable height, as
// state.Reader asks.
func (s *Store) Value(key string, version uint64) (value []byte, ok bool, err error) {
	if s.reached(version) == nil {
		if value, ok, known := s.memory.get(key, version); known {
			return value, ok, nil
		}
	}
	v := s.idle.take(version)
	if v == nil {
		if v, err = s.State(version); err != nil {
			return nil, false, err
		}
	}
	value, ok, err = v.Get(key)
	if err == nil && s.idle.put(v, &s.newest) {
		return value, ok, nil
	}
	return value, ok, errors.Join(err, v.Close())
}

// idleViews are views of the head between two uses by Value: most are asked for
// many values in a row, and to open one costs more than to read.
type idleViews struct {
	mu    sync.Mutex
	views []*View
}

const maxIdle = 4

func (i *idleViews) take(height uint64) *View {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n := len(i.views) - 1; n >= 0 && i.views[n].height == height {
		v := i.views[n]
		i.views = i.views[:n]
		return v
	}
	return nil
}

// put keeps a view, unless it is not of the head. The head is asked for under the
// lock: one that moves after that is followed by a drop of what is kept here.
func (i *idleViews) put(v *View, newest *atomic.Pointer[newest]) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	head := newest.Load()
	if len(i.views) == maxIdle || head == nil || v.height != head.Header.Height {
		return false
	}
	i.views = append(i.views, v)
	return true
}

// drop closes the views, since the head has moved or the database will be closed.
func (i *idleViews) drop() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	var err error
	for _, v := range i.views {
		err = errors.Join(err, v.Close())
	}
	i.views = nil
	return err
}

// A View is the state after the FINAL block of one height. Later blocks do not
// change it. It has one user at a time, who closes it soon: while open it keeps
// replaced tables on disk.
type View struct {
	store  *Store
	height uint64
	it     *pebble.Iterator // nil until the database is read
	from   []byte           // of the last read
}

// State opens a view of the state at height. The error wraps ledger.ErrNotFound
// above the head.
func (s *Store) State(height uint64) (*View, error) {
	if err := s.reached(height); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return &View{store: s, height: height}, nil
}

// open makes the iterator. When does not matter, since what is at a height never
// changes.
func (v *View) open() error {
	if v.it != nil {
		return nil
	}
	it, err := v.store.db.NewIter(&pebble.IterOptions{LowerBound: []byte{keyValue}, UpperBound: []byte{keyValue + 1}, UseL6Filters: true})
	if err != nil {
		return err
	}
	v.it = it
	return nil
}

// Height is the height of the view.
func (v *View) Height() uint64 { return v.height }

// Get gives the value of key, which nobody changes; ok is false if there is none.
func (v *View) Get(key string) (value []byte, ok bool, err error) {
	if !isKey(key) {
		return nil, false, nil
	}
	if value, ok, known := v.store.memory.get(key, v.height); known {
		return value, ok, nil
	}
	r, err := v.read(key)
	if err != nil {
		return nil, false, fmt.Errorf("state of height %d: key %q: %w", v.height, key, err)
	}
	v.store.memory.learn(key, v.height, r)
	return r.value, r.ok, nil
}

// read finds in the database what a key is, and since when.
func (v *View) read(key string) (r remembered, err error) {
	if err := v.open(); err != nil {
		return remembered{}, database.Unreadable(err)
	}
	v.from = valueKey(v.from[:0], key, v.height)
	if v.it.SeekPrefixGE(v.from) {
		if r.value, r.ok, err = valueOf(v.it); err == nil {
			_, r.since, err = splitValueKey(v.it.Key())
		}
	}
	if err = errors.Join(err, v.it.Error()); err != nil {
		return remembered{}, database.Unreadable(err)
	}
	return r, nil
}

// isKey guards the form of the records: with a zero byte in it, what a stranger
// asks for could match a part of another key's record.
func isKey(key string) bool { return strings.IndexByte(key, 0) < 0 }

// valueOf reads the value of the record that an iterator stands at.
func valueOf(it *pebble.Iterator) ([]byte, bool, error) {
	record, err := it.ValueAndErr()
	if err != nil {
		return nil, false, err
	}
	return splitValue(record)
}

// Iterate calls fn for the keys that begin with prefix, in ascending byte order,
// until fn returns false. The values are the caller's. Within fn the view may be
// read, but not closed.
func (v *View) Iterate(prefix string, fn func(key string, value []byte) bool) error {
	return v.IterateAfter(prefix, "", fn)
}

// IterateAfter is Iterate from behind a key on, which need not be there nor begin
// with prefix. It costs no more than Iterate, so that a page can follow a page.
func (v *View) IterateAfter(prefix, after string, fn func(key string, value []byte) bool) error {
	if !isKey(prefix) {
		return nil
	}
	bounds := boundsOf(prefix)
	if after, _, _ = strings.Cut(after, "\x00"); after >= prefix && after != "" {
		bounds.LowerBound = afterKey(nil, after)
	}
	if bytes.Compare(bounds.LowerBound, bounds.UpperBound) >= 0 {
		return nil
	}
	err := v.open()
	if err == nil {
		var it *pebble.Iterator
		if it, err = v.it.Clone(pebble.CloneOptions{IterOptions: bounds}); err == nil {
			err = errors.Join(v.walk(it, fn), it.Error(), it.Close())
		}
	}
	if err != nil {
		return fmt.Errorf("state of height %d: keys %q…: %w", v.height, prefix, database.Unreadable(err))
	}
	return nil
}

func boundsOf(prefix string) *pebble.IterOptions {
	from, to := prefixBounds(prefix)
	return &pebble.IterOptions{LowerBound: from, UpperBound: to}
}

// walk visits each key at its newest version up to the view's height. Later
// versions sort before it and are jumped over, as are the older ones after it.
func (v *View) walk(it *pebble.Iterator, fn func(key string, value []byte) bool) error {
	var seek []byte
	for ok := it.First(); ok; {
		k, height, err := splitValueKey(it.Key())
		if err != nil {
			return err
		}
		key := string(k)
		if height > v.height {
			seek = valueKey(seek[:0], key, v.height)
			ok = it.SeekGE(seek)
			continue // at that version, at an older one, or at another key
		}
		value, present, err := valueOf(it)
		if err != nil {
			return err
		}
		if present && !fn(key, value) {
			return nil
		}
		seek = afterKey(seek[:0], key)
		ok = it.SeekGE(seek)
	}
	return nil
}

// Tree is the authenticated state of the view, for proofs. The error, as that of
// all that is done with the tree, wraps ledger.ErrNotFound if the tree of the
// height is not kept any more: that of the head and those of 12 to 1,024 heights
// below it are, as many as memory holds, or all with Options.KeepTrees. Open finds
// those since the last tree that was written whole.
func (v *View) Tree() (*state.Tree, error) {
	return state.Open(v.store.network.Suite, keptTree{v.store, v.height}, v.height)
}

// keptTree reads the tree of a height. That it is kept is asked after a node was
// not found, since by then it may not be any more, and before anything is read,
// since some of its nodes may still be there.
type keptTree struct {
	*Store
	height uint64
}

func (t keptTree) Node(key state.NodeKey) ([]byte, error) {
	if !t.keepsTree(t.height) {
		return nil, fmt.Errorf("node %v: %w", key, state.ErrPruned)
	}
	b, err := t.Store.Node(key)
	if errors.Is(err, ledger.ErrNotFound) && !t.keepsTree(t.height) {
		err = state.ErrPruned
	}
	return b, err
}

func (t keptTree) Held(key state.NodeKey, index uint32) (*state.Content, bool) {
	if !t.keepsTree(t.height) {
		return nil, false // Node says why
	}
	return t.Store.Held(key, index)
}

func (s *Store) keepsTree(height uint64) bool { return height >= s.young.lowest.Load() }

// Close ends the view.
func (v *View) Close() error {
	if v.it == nil {
		return nil
	}
	if err := v.it.Close(); err != nil {
		return fmt.Errorf("state of height %d: %w", v.height, database.Unreadable(err))
	}
	return nil
}
