// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger/state"
)

var _ state.Reader = (*Store)(nil)

// Node gives a node of the state tree of a durable height, as state.Reader asks.
func (s *Store) Node(key state.NodeKey) ([]byte, error) {
	if err := s.reached(key.Version); err != nil {
		return nil, fmt.Errorf("node %v: %w", key, err)
	}
	b, err := s.get(nodeKey(key))
	if err != nil {
		return nil, fmt.Errorf("node %v: %w", key, err)
	}
	return b, nil
}

// Value gives the newest value of key at or below a durable height, as
// state.Reader asks.
func (s *Store) Value(key string, version uint64) (value []byte, ok bool, err error) {
	v, err := s.State(version)
	if err != nil {
		return nil, false, err
	}
	value, ok, err = v.Get(key)
	return value, ok, errors.Join(err, v.Close())
}

// A View is the state after the FINAL block of one height. Later blocks do not
// change it. It has one user at a time, who closes it soon: while open it keeps
// replaced tables on disk.
type View struct {
	store  *Store
	height uint64
	it     *pebble.Iterator
	from   []byte // of the last Get
}

// State opens a view of the state at height. The error wraps ledger.ErrNotFound
// above the head.
func (s *Store) State(height uint64) (*View, error) {
	if err := s.reached(height); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{keyValue}, UpperBound: []byte{keyValue + 1}})
	if err != nil {
		return nil, fmt.Errorf("state of height %d: %w", height, database.Unreadable(err))
	}
	return &View{store: s, height: height, it: it}, nil
}

// Height is the height of the view.
func (v *View) Height() uint64 { return v.height }

// Get gives the value of key; ok is false if there is none. The value is the
// caller's.
func (v *View) Get(key string) (value []byte, ok bool, err error) {
	if !isKey(key) {
		return nil, false, nil
	}
	v.from = valueKey(v.from[:0], key, v.height)
	if v.it.SeekGE(v.from) && bytes.HasPrefix(v.it.Key(), v.from[:len(v.from)-8]) {
		value, ok, err = v.value(v.it)
	}
	if err = errors.Join(err, v.it.Error()); err != nil {
		return nil, false, fmt.Errorf("state of height %d: key %q: %w", v.height, key, database.Unreadable(err))
	}
	return value, ok, nil
}

// isKey guards the form of the records: with a zero byte in it, what a stranger
// asks for could match a part of another key's record.
func isKey(key string) bool { return strings.IndexByte(key, 0) < 0 }

func (v *View) value(it *pebble.Iterator) ([]byte, bool, error) {
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
	if !isKey(prefix) {
		return nil
	}
	it, err := v.it.Clone(pebble.CloneOptions{IterOptions: boundsOf(prefix)})
	if err == nil {
		err = errors.Join(v.walk(it, fn), it.Error(), it.Close())
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
		value, present, err := v.value(it)
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

// Tree is the authenticated state of the view, for proofs.
func (v *View) Tree() (*state.Tree, error) {
	return state.Open(v.store.network.Suite, v.store, v.height)
}

// Close ends the view.
func (v *View) Close() error {
	if err := v.it.Close(); err != nil {
		return fmt.Errorf("state of height %d: %w", v.height, database.Unreadable(err))
	}
	return nil
}
