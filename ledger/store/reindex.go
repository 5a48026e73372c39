// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// settleIndex makes the index anew if it is not that of this program and of the
// head: of another version, written to by a program that had none, or half made
// when a crash came.
func (s *Store) settleIndex() error {
	head, ok := s.Head()
	if !ok || s.index.Version == 0 {
		return nil
	}
	record, err := s.get([]byte{keyIndex})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return fmt.Errorf("record of the index: %w", err)
	}
	found, wrong := parseIndexRecord(record)
	want := indexRecord{s.index.Version, head.Header.Height}
	if err == nil && wrong == nil && found == want {
		return nil
	}
	s.logger.Info("the query index is made anew from the stored values", "version", want.version, "height", want.height,
		"found_version", found.version, "found_height", found.height)
	began := time.Now()
	if err := database.Catch(func() error { return s.remakeIndex(want) }); err != nil {
		return fmt.Errorf("make the query index anew: %w", err)
	}
	s.logger.Info("the query index is made", "seconds", time.Since(began).Seconds())
	return nil
}

// reindexBatch is how many bytes one batch of a new index takes.
const reindexBatch = 64 << 10

// remakeIndex writes the index of all heights up to the head, from the values of
// all heights: record for record what Commit has written, had it been there. The
// record of the index is deleted first and written last, so that a crash leaves
// one that is made anew again.
func (s *Store) remakeIndex(want indexRecord) error {
	b := batch{s.db.NewBatch()}
	if err := b.DeleteRange([]byte{keyIndex}, []byte{keyIndex + 1}, nil); err != nil {
		return errors.Join(err, b.Close())
	}
	var room []byte
	set := func(height uint64, changes []indexChange) error {
		for i := range changes {
			room = b.setEntry(room, &changes[i], height)
		}
		if b.Len() < reindexBatch {
			return nil
		}
		if err := b.Commit(pebble.NoSync); err != nil {
			return err
		}
		err := b.Close()
		b = batch{s.db.NewBatch()}
		return err
	}
	for _, folder := range slices.Sorted(maps.Keys(s.index.Folders)) {
		if err := s.remakeFolder(folder, set); err != nil {
			return errors.Join(fmt.Errorf("folder %s: %w", folder, database.Unreadable(err)), b.Close())
		}
	}
	b.set([]byte{keyIndex}, want.record())
	return errors.Join(b.Commit(pebble.Sync), b.Close())
}

// remakeFolder walks over the values of a folder, those of one key from the newest
// to the oldest: what a block changed is known once the value before is.
func (s *Store) remakeFolder(folder string, set func(height uint64, changes []indexChange) error) (err error) {
	it, err := s.db.NewIter(boundsOf(folder + "/"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Error(), it.Close()) }()
	var key string // of the values that come now
	var height uint64
	var terms []string // of the one before, which was written later, at height
	settle := func(before []string) error {
		return set(height, difference(nil, key, before, terms))
	}
	for ok := it.First(); ok; ok = it.Next() {
		k, at, value, present, err := valueAt(it)
		if err != nil {
			return err
		}
		older, err := s.index.terms(k, value, present)
		if err != nil {
			return err
		}
		before := older
		if k != key {
			before = nil
		}
		if err := settle(before); err != nil {
			return err
		}
		key, height, terms = k, at, older
	}
	return settle(nil)
}

// valueAt reads the record of a value that an iterator stands at.
func valueAt(it *pebble.Iterator) (key string, height uint64, value []byte, present bool, err error) {
	k, height, err := splitValueKey(it.Key())
	if err != nil {
		return "", 0, nil, false, err
	}
	value, present, err = valueOf(it)
	return string(k), height, value, present, err
}
