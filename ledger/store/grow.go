// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

// garbageChunk is how many nodes one record of garbage lists.
const garbageChunk = 2048

// setTree adds to the batch of the block after head what of the tree is to be
// written with it. It says whether with it a tree is on disk whole.
func (b batch) setTree(y *young, head uint64) (whole bool) {
	if y.freeze(head) {
		b.set([]byte{keyFlushed}, y.record(y.flushed))
	}
	write, remove, last := y.next()
	for _, k := range remove {
		b.remove(nodeKey(k))
	}
	for _, n := range write {
		b.set(nodeKey(n.Key), n.Bytes())
	}
	if !last {
		return false
	}
	for height := y.flushed + 1; height <= y.freezing; height++ {
		b.remove(heightKey(keyChanged, height))
	}
	old, list := y.garbage[listed], y.garbage[waiting]
	for i := 0; i*garbageChunk < max(len(old), len(list)); i++ {
		chunk := list[min(i*garbageChunk, len(list)):min((i+1)*garbageChunk, len(list))]
		if len(chunk) == 0 {
			b.remove(heightKey(keyGarbage, uint64(i)))
			continue
		}
		items := make([][]byte, len(chunk))
		for j, k := range chunk {
			items[j] = k.Bytes()
		}
		b.set(heightKey(keyGarbage, uint64(i)), listRecord(items))
	}
	b.set([]byte{keyFlushed}, y.record(y.freezing))
	return true
}

// A flushed record says what of the tree is on disk.
type flushed struct {
	whole   uint64 // version whose tree is there
	writing uint64 // nodes of versions up to it may be there
	oldest  uint64 // no tree below it is whole
}

func (f flushed) record() []byte {
	b := binary.AppendUvarint(nil, f.whole)
	return binary.AppendUvarint(binary.AppendUvarint(b, f.writing), f.oldest)
}

func parseFlushed(b []byte) (f flushed, err error) {
	if err := parseNumbers(b, &f.whole, &f.writing, &f.oldest); err != nil {
		return flushed{}, err
	}
	if f.oldest > f.whole || f.whole > f.writing {
		return flushed{}, errRecord
	}
	return f, nil
}

// grow finds the newest tree that is on disk whole and makes the nodes of the
// later ones, up to the head, from the values: each tree has the root that its
// header names, or something is damaged.
func (s *Store) grow(head uint64) error {
	record, err := s.get([]byte{keyFlushed})
	if err != nil {
		return fmt.Errorf("record of the tree on disk: %w", err)
	}
	f, err := parseFlushed(record)
	if err != nil || f.writing > head {
		return fmt.Errorf("record of the tree on disk: %w", errRecord)
	}
	y := &s.young
	y.flushed, y.freezing, y.oldest = f.whole, f.writing, f.oldest
	if !y.keepAll {
		y.oldest = f.whole
	}
	y.raise(y.oldest)
	if err := s.loadGarbage(); err != nil {
		return err
	}
	tree, err := state.Open(s.network.Suite, s, y.flushed)
	if err != nil {
		return err
	}
	for height := y.flushed; ; height++ {
		header, err := s.header(height)
		if err != nil {
			return err
		}
		if tree.Root() != header.StateRoot {
			return fmt.Errorf("state of height %d: its root is %v, in the header %v", height, tree.Root(), header.StateRoot)
		}
		if height == head {
			return nil
		}
		if tree, err = s.reapply(tree, height+1); err != nil {
			return err
		}
	}
}

// reapply makes the nodes of the tree of height, on top of the one below it.
func (s *Store) reapply(below *state.Tree, height uint64) (*state.Tree, error) {
	record, err := s.record(keyChanged, "changed keys", height)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(record)
	if err != nil {
		return nil, fmt.Errorf("changed keys of height %d: %w", height, err)
	}
	v, err := s.State(height)
	if err != nil {
		return nil, err
	}
	changes := make([]state.Change, len(keys))
	for i, key := range keys {
		value, ok, e := v.Get(key)
		changes[i], err = state.Change{Key: key, Value: value, Delete: !ok}, errors.Join(err, e)
	}
	if err := errors.Join(err, v.Close()); err != nil {
		return nil, err
	}
	tree, err := below.Apply(height, changes)
	if err != nil {
		return nil, err
	}
	s.young.add(height, tree.Writes())
	return tree.Detach(s, height)
}

func (s *Store) loadGarbage() error {
	for i := uint64(0); ; i++ {
		record, err := s.get(heightKey(keyGarbage, i))
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list of needless nodes: %w", err)
		}
		items, err := parseList(record)
		for _, item := range items {
			k, ok := state.ParseNodeKey(item)
			if !ok {
				err = errRecord
			}
			s.young.garbage[listed] = append(s.young.garbage[listed], k)
		}
		if err != nil {
			return fmt.Errorf("list of needless nodes: %w", err)
		}
	}
}
