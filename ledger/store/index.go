// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

// An Index says by which terms the values of some folders of the state are found.
// Nothing of it is under the state root. It follows from the values alone, so
// that Open can make all of it anew, that of past heights too.
type Index struct {
	// Version is another one whenever Folders gives other terms. 0 is no index.
	Version uint64

	// Folders gives the terms of a value, by the part of its key before the first
	// slash: texts without a zero byte, in any order. The functions are pure.
	Folders map[string]func(value []byte) ([]string, error)
}

// An Entry of the index says that the value of a key has a term.
type Entry struct{ Term, Key string }

// An indexChange is an entry that a block adds or takes away.
type indexChange struct {
	Entry
	gone bool
}

// terms gives the terms of what a key is, each once, in ascending order.
func (x Index) terms(key string, value []byte, ok bool) ([]string, error) {
	folder, _, _ := strings.Cut(key, "/")
	of := x.Folders[folder]
	if of == nil || !ok {
		return nil, nil
	}
	terms, err := of(value)
	if err != nil {
		return nil, fmt.Errorf("terms of %s: %w", key, err)
	}
	for _, t := range terms {
		if !isKey(t) {
			return nil, fmt.Errorf("terms of %s: %q has a zero byte", key, t)
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms), nil
}

// indexed reports whether the values under a key have terms.
func (x Index) indexed(key string) bool {
	folder, _, _ := strings.Cut(key, "/")
	return x.Folders[folder] != nil
}

// difference adds to list what the index loses and gains where the terms of a key
// change. Both are in ascending order.
func difference(list []indexChange, key string, before, after []string) []indexChange {
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0] < after[0]:
			list = append(list, indexChange{Entry{before[0], key}, true})
			before = before[1:]
		case len(before) == 0 || after[0] < before[0]:
			list = append(list, indexChange{Entry{after[0], key}, false})
			after = after[1:]
		default:
			before, after = before[1:], after[1:]
		}
	}
	return list
}

// indexChanges is what the index loses and gains with the values of the block
// after the head, or of the genesis block.
func (s *Store) indexChanges(values []state.Change) ([]indexChange, error) {
	var changes []indexChange
	head, began := s.Head()
	for i := range values {
		c := &values[i]
		if !s.index.indexed(c.Key) {
			continue
		}
		var before []string
		if began {
			value, ok, err := s.Value(c.Key, head.Header.Height) // most often in memory: a method has read it
			if err == nil {
				before, err = s.index.terms(c.Key, value, ok)
			}
			if err != nil {
				return nil, fmt.Errorf("height %d: %w", head.Header.Height, err)
			}
		}
		after, err := s.index.terms(c.Key, c.Value, !c.Delete)
		if err != nil {
			return nil, err
		}
		changes = difference(changes, c.Key, before, after)
	}
	return changes, nil
}

// setIndex adds to the batch of a block what the index loses and gains with it. The
// record of the index goes along with each block, so that one that a program
// without this index has written is noticed.
func (b batch) setIndex(version, height uint64, changes []indexChange) {
	if version == 0 {
		return
	}
	var key []byte
	for i := range changes {
		key = b.setEntry(key, &changes[i], height)
	}
	b.set([]byte{keyIndex}, indexRecord{version, height}.record())
}

func (b batch) setEntry(room []byte, c *indexChange, height uint64) []byte {
	record := [1]byte{valuePresent}
	if c.gone {
		record[0] = valueDeleted
	}
	key := entryKey(room[:0], c.Entry, height)
	b.set(key, record[:])
	return key
}

// entryKey appends to b the key of what an entry is at height. Terms and keys hold
// no zero byte, so entries sort by term and key.
func entryKey(b []byte, e Entry, height uint64) []byte {
	return binary.BigEndian.AppendUint64(append(entryPrefix(b, e), 0), ^height)
}

// entryPrefix appends to b what all records of an entry begin with, but for the
// zero byte that ends it.
func entryPrefix(b []byte, e Entry) []byte {
	b = append(append(b, keyIndex), e.Term...)
	return append(append(b, 0), e.Key...)
}

// splitEntryKey takes a key apart that entryKey has made.
func splitEntryKey(k []byte) (e Entry, height uint64, err error) {
	n := len(k) - 9
	if n < 1 || k[0] != keyIndex || k[n] != 0 {
		return Entry{}, 0, fmt.Errorf("%w: record %x: %w", ledger.ErrCorrupt, k, errRecord)
	}
	term, key, ok := strings.Cut(string(k[1:n]), "\x00")
	if !ok || !isKey(key) {
		return Entry{}, 0, fmt.Errorf("%w: record %x: %w", ledger.ErrCorrupt, k, errRecord)
	}
	return Entry{term, key}, ^binary.BigEndian.Uint64(k[n+1:]), nil
}

// An indexRecord says of which version the index is, and up to which height.
type indexRecord struct{ version, height uint64 }

func (r indexRecord) record() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, r.version), r.height)
}

func parseIndexRecord(b []byte) (r indexRecord, err error) {
	err = parseNumbers(b, &r.version, &r.height)
	return r, err
}
