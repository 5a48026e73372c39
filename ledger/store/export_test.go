// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

// Highest is the greatest height that any record of a block or a state is of,
// durable or not.
func (s *Store) Highest() (uint64, error) {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return 0, err
	}
	var highest uint64
	for ok := it.First(); ok; ok = it.Next() {
		k := it.Key()
		switch k[0] {
		case keyHeader, keyTransactions, keyOutcomes, keyProof, keyNode, keyChanged:
			highest = max(highest, binary.BigEndian.Uint64(k[1:]))
		case keyValue:
			_, height, err := splitValueKey(k)
			if err != nil {
				return 0, errors.Join(err, it.Close())
			}
			highest = max(highest, height)
		case keyIndex:
			if len(k) == 1 {
				break
			}
			_, height, err := splitEntryKey(k)
			if err != nil {
				return 0, errors.Join(err, it.Close())
			}
			highest = max(highest, height)
		case keyTransaction:
			p, err := parsePlace(it.Value())
			if err != nil {
				return 0, errors.Join(err, it.Close())
			}
			highest = max(highest, p.height)
		}
	}
	return highest, errors.Join(it.Error(), it.Close())
}

// Overwrite puts a record past all checks.
func (s *Store) Overwrite(key, value []byte) error { return s.db.Set(key, value, pebble.Sync) }

// Records calls fn for every record.
func (s *Store) Records(fn func(key, value []byte)) error {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		fn(it.Key(), it.Value())
	}
	return errors.Join(it.Error(), it.Close())
}

// Flush makes tables of what is in memory.
func (s *Store) Flush() error { return s.db.Flush() }

// Settle makes tables of what is in memory and waits for compactions to end.
func (s *Store) Settle() error {
	err := s.db.Flush()
	for quiet := 0; err == nil && quiet < 20; quiet++ {
		if m := s.db.Metrics(); m.Compact.NumInProgress > 0 || m.Flush.NumInProgress > 0 {
			quiet = 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// PebbleMetrics is Pebble's own table.
func (s *Store) PebbleMetrics() string { return s.db.Metrics().String() }

// A KindSize is what the records of one kind take.
type KindSize struct {
	Kind                  byte
	Records, Keys, Values int
	Disk                  uint64 // in tables
}

// Sizes measures the records of each kind.
func (s *Store) Sizes() ([]KindSize, error) {
	var sizes []KindSize
	err := s.Records(func(key, value []byte) {
		if len(sizes) == 0 || sizes[len(sizes)-1].Kind != key[0] {
			sizes = append(sizes, KindSize{Kind: key[0]})
		}
		k := &sizes[len(sizes)-1]
		k.Records, k.Keys, k.Values = k.Records+1, k.Keys+len(key), k.Values+len(value)
	})
	for i := range sizes {
		k := &sizes[i]
		var e error
		k.Disk, e = s.db.EstimateDiskUsage([]byte{k.Kind}, []byte{k.Kind + 1})
		err = errors.Join(err, e)
	}
	return sizes, err
}

// NewerFormat is the format record that the next version of this program would
// write.
func NewerFormat(chain ledger.Hash) []byte {
	b := purpose.FormatRecord(chain)
	b[len(purpose.Mark)+3]++
	return append(b, "more"...)
}

// OlderFormat is the format record that the version before this one wrote.
func OlderFormat(chain ledger.Hash) []byte {
	b := purpose.FormatRecord(chain)
	b[len(purpose.Mark)+3]--
	return b
}

// MakeOlder makes a database as format 1 was, or opens it again: its keys are in
// another order.
func MakeOlder(dir string, fs vfs.FS, chain ledger.Hash) error {
	db, err := purpose.Open(dir, fs, nil, database.Watch{}, func(*pebble.Options) {})
	if err != nil {
		return err
	}
	return errors.Join(db.Set([]byte{keyFormat}, OlderFormat(chain), pebble.Sync), db.Close())
}

// Repair puts one record of a database that Open may refuse.
func Repair(dir string, fs vfs.FS, key, value []byte) error {
	db, err := purpose.Open(dir, fs, nil, database.Watch{}, Options{}.tune)
	if err != nil {
		return err
	}
	return errors.Join(db.Set(key, value, pebble.Sync), db.Close())
}

// Of how trees go to disk.
const (
	Window    = window
	MaxWindow = maxWindow
	Parts     = parts
)

// ReindexBatch is how many bytes one batch of a new index takes.
const ReindexBatch = reindexBatch

// Flushed is the version whose tree is on disk whole.
func (s *Store) Flushed() uint64 { return s.young.flushed }

// ParseKeys is parseKeys.
func ParseKeys(b []byte) ([]string, error) { return parseKeys(b) }

// KeysRecord is keysRecord of changes of keys.
func KeysRecord(keys []string) []byte {
	changes := make([]state.Change, len(keys))
	for i, key := range keys {
		changes[i].Key = key
	}
	return keysRecord(changes)
}

// LimitMemory gives each half of the memory of values so many bytes.
func (s *Store) LimitMemory(bytes int) { s.memory.limit = bytes }

// Remembered is what the memory of values takes.
func (s *Store) Remembered() (size int) {
	for _, half := range []map[string]remembered{s.memory.young, s.memory.old} {
		for key, r := range half {
			size += r.size(key)
		}
	}
	return size
}

// Remembers tells whether a read of key at height asks no database.
func (s *Store) Remembers(key string, height uint64) bool {
	_, _, known := s.memory.get(key, height)
	return known
}

// Unremembered is Get past the memory.
func (v *View) Unremembered(key string) ([]byte, bool, error) {
	r, err := v.read(key)
	return r.value, r.ok, err
}
