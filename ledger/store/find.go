// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// errNoIndex says that the store was opened without an index.
var errNoIndex = fmt.Errorf("%w: this store has no index", ledger.ErrUnavailable)

// Find calls fn for the entries whose terms lie between from and to, both with
// them, by ascending term and key, from behind an entry on, until fn returns
// false. there tells whether the entry is one of the view's height: those that
// were taken away before it or came after it are told too, so that the caller can
// bound what a call costs.
func (v *View) Find(from, to string, after Entry, fn func(e Entry, there bool) bool) error {
	if v.store.index.Version == 0 {
		return errNoIndex
	}
	if !isKey(from) || !isKey(to) || !isKey(after.Term) || !isKey(after.Key) {
		return nil
	}
	lower, upper := append([]byte{keyIndex}, from...), append(append([]byte{keyIndex}, to...), 1)
	if behind := append(entryPrefix(nil, after), 1); after != (Entry{}) && bytes.Compare(lower, behind) < 0 {
		lower = behind
	}
	if bytes.Compare(lower, upper) >= 0 {
		return nil
	}
	return v.withIndex(lower, upper, func(it *pebble.Iterator) error { return v.walkEntries(it, fn) })
}

// walkEntries visits each entry once. The records of one lie together, the newest
// first, and the first one up to the view's height says whether it is there. They
// are few, so that to step over them costs less than to seek.
func (v *View) walkEntries(it *pebble.Iterator, fn func(e Entry, there bool) bool) error {
	var prefix []byte
	for ok := it.First(); ok; {
		e, _, err := splitEntryKey(it.Key())
		if err != nil {
			return err
		}
		prefix = append(entryPrefix(prefix[:0], e), 0)
		there := false
		for known := false; ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
			if height := ^binary.BigEndian.Uint64(it.Key()[len(prefix):]); known || height > v.height {
				continue
			}
			if there, err = isThere(it); err != nil {
				return err
			}
			known = true
		}
		if !fn(e, there) {
			return nil
		}
	}
	return nil
}

func isThere(it *pebble.Iterator) (bool, error) {
	record, err := it.ValueAndErr()
	if err != nil {
		return false, err
	}
	if len(record) != 1 || record[0] > valuePresent {
		return false, fmt.Errorf("%w: entry of the index: %w", ledger.ErrCorrupt, errRecord)
	}
	return record[0] == valuePresent, nil
}

// Terms lists the terms with a prefix that entries of any height have, in
// ascending order. It costs one seek for each.
func (v *View) Terms(prefix string) (terms []string, err error) {
	if v.store.index.Version == 0 {
		return nil, errNoIndex
	}
	if !isKey(prefix) {
		return nil, nil
	}
	lower := append([]byte{keyIndex}, prefix...)
	err = v.withIndex(lower, append(bytes.Clone(lower), 0xff), func(it *pebble.Iterator) error {
		for ok := it.First(); ok; {
			e, _, err := splitEntryKey(it.Key())
			if err != nil {
				return err
			}
			terms = append(terms, e.Term)
			ok = it.SeekGE(append(append([]byte{keyIndex}, e.Term...), 1))
		}
		return nil
	})
	return terms, err
}

// withIndex gives fn an iterator over the records of the index from one key on and
// below another. The record of the index itself is shorter than any of them.
func (v *View) withIndex(lower, upper []byte, fn func(it *pebble.Iterator) error) error {
	if len(lower) == 1 {
		lower = append(lower, 0)
	}
	it, err := v.store.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err == nil {
		err = errors.Join(fn(it), it.Error(), it.Close())
	}
	if err != nil {
		return fmt.Errorf("index at height %d: %w", v.height, database.Unreadable(err))
	}
	return nil
}

// Written calls fn for the heights at which a block wrote key, from a height on
// downwards but not above the view's, until fn returns false. None is left out:
// the values of all heights are kept.
func (v *View) Written(key string, from uint64, fn func(height uint64) bool) error {
	if !isKey(key) {
		return nil
	}
	bounds := &pebble.IterOptions{LowerBound: valueKey(nil, key, min(from, v.height)), UpperBound: afterKey(nil, key)}
	it, err := v.store.db.NewIter(bounds)
	if err == nil {
		for ok := it.First(); ok && err == nil; ok = it.Next() {
			var height uint64
			if _, height, err = splitValueKey(it.Key()); err == nil && !fn(height) {
				break
			}
		}
		err = errors.Join(err, it.Error(), it.Close())
	}
	if err != nil {
		return fmt.Errorf("heights of key %q: %w", key, database.Unreadable(err))
	}
	return nil
}
