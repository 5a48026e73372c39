// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

// Kinds of records: the first byte of each key.
const (
	keyFormat       = 0x00
	keyApplied      = 'a'
	keyTransactions = 'b'
	keyProof        = 'c'
	keyFlushed      = 'f'
	keyGarbage      = 'g'
	keyHeader       = 'h'
	keyIndex        = 'i'
	keyChanged      = 'k'
	keyNode         = 'n'
	keyOutcomes     = 'o'
	keyTransaction  = 't'
	keyValue        = 'v'
)

const hashSize = len(ledger.Hash{})

func heightKey(kind byte, height uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), kind), height)
}

func transactionKey(id ledger.Hash) []byte {
	return append(append(make([]byte, 0, 1+hashSize), keyTransaction), id[:]...)
}

func nodeKey(k state.NodeKey) []byte { return append([]byte{keyNode}, k.Bytes()...) }

// valueKey appends to b the key of what a state key is at height, or the place
// where it would be: the first record from there on within the same state key is
// the newest at or below height.
func valueKey(b []byte, key string, height uint64) []byte {
	b = append(b, keyValue)
	b = append(b, key...)
	b = append(b, 0)
	return binary.BigEndian.AppendUint64(b, ^height)
}

// afterKey appends the bound that follows all records of a state key and comes
// before those of any other, since no state key holds a zero byte.
func afterKey(b []byte, key string) []byte {
	b = append(b, keyValue)
	b = append(b, key...)
	return append(b, 1)
}

// prefixBounds are the bounds of the records of all state keys with prefix.
func prefixBounds(prefix string) (from, to []byte) {
	from = append([]byte{keyValue}, prefix...)
	to = bytes.TrimRight(bytes.Clone(from), "\xff")
	to[len(to)-1]++
	return from, to
}

var errRecord = errors.New("of another form than its kind has")

// splitValueKey takes a key apart that valueKey has made.
func splitValueKey(k []byte) (key []byte, height uint64, err error) {
	n := len(k) - 9
	if n < 1 || k[0] != keyValue || k[n] != 0 {
		return nil, 0, fmt.Errorf("%w: record %x: %w", ledger.ErrCorrupt, k, errRecord)
	}
	return k[1:n], ^binary.BigEndian.Uint64(k[n+1:]), nil
}

// The first byte of a value's record.
const (
	valueDeleted = 0
	valuePresent = 1
)

// splitValue gives a copy of a value, or false if the key was deleted.
func splitValue(record []byte) ([]byte, bool, error) {
	switch {
	case len(record) == 1 && record[0] == valueDeleted:
		return nil, false, nil
	case len(record) > 1 && record[0] == valuePresent:
		return bytes.Clone(record[1:]), true, nil
	}
	return nil, false, fmt.Errorf("%w: %w", ledger.ErrCorrupt, errRecord)
}

// A proof is a ledger.Certified without its header, which has a record of its
// own.
type proof struct {
	Descendants []ledger.Header    `cbor:"1,keyasint,omitempty"`
	Certificate ledger.Certificate `cbor:"2,keyasint"`
}

// An applied record names the head. It is the last word on what the database
// holds. The history is the one before the head, because the head's header has
// its root.
type applied struct {
	height  uint64
	hash    ledger.Hash
	history []ledger.Hash // of the blocks below height
}

func (a applied) record() []byte {
	b := binary.BigEndian.AppendUint64(nil, a.height)
	b = append(b, a.hash[:]...)
	for _, h := range a.history {
		b = append(b, h[:]...)
	}
	return b
}

func parseApplied(b []byte) (applied, error) {
	if len(b) < 8+hashSize || (len(b)-8)%hashSize != 0 {
		return applied{}, errRecord
	}
	a := applied{height: binary.BigEndian.Uint64(b), hash: ledger.Hash(b[8:])}
	for b = b[8+hashSize:]; len(b) > 0; b = b[hashSize:] {
		a.history = append(a.history, ledger.Hash(b))
	}
	return a, nil
}

// A place is where a transaction is.
type place struct {
	height uint64
	index  int
}

func (p place) record() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, p.height), uint64(p.index))
}

func parsePlace(b []byte) (place, error) {
	var height, index uint64
	if err := parseNumbers(b, &height, &index); err != nil {
		return place{}, err
	}
	if index > ledger.MaxBatch {
		return place{}, errRecord
	}
	return place{height, int(index)}, nil
}

// parseNumbers reads a record of numbers, which holds nothing else.
func parseNumbers(b []byte, numbers ...*uint64) error {
	for _, number := range numbers {
		value, n := binary.Uvarint(b)
		if n <= 0 {
			return errRecord
		}
		*number, b = value, b[n:]
	}
	if len(b) > 0 {
		return errRecord
	}
	return nil
}

// listRecord joins byte strings: their number, then each with its length.
func listRecord(items [][]byte) []byte {
	size := 8
	for _, item := range items {
		size += len(item) + 4
	}
	b := binary.AppendUvarint(make([]byte, 0, size), uint64(len(items)))
	for _, item := range items {
		b = binary.AppendUvarint(b, uint64(len(item)))
		b = append(b, item...)
	}
	return b
}

// parseList takes apart what listRecord has joined. The items share b.
func parseList(b []byte) ([][]byte, error) {
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, errRecord
	}
	b = b[n:]
	items := make([][]byte, count)
	for i := range items {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errRecord
		}
		items[i], b = b[n:n+int(size):n+int(size)], b[n+int(size):]
	}
	if len(b) > 0 {
		return nil, errRecord
	}
	return items, nil
}

// findItem gives one item of what listRecord has joined, or false if there are
// fewer. It looks no further than that item. The item shares b.
func findItem(b []byte, index int) (item []byte, ok bool, err error) {
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, false, errRecord
	}
	if index < 0 || uint64(index) >= count {
		return nil, false, nil
	}
	for b = b[n:]; ; index-- {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, false, errRecord
		}
		if index == 0 {
			return b[n : n+int(size)], true, nil
		}
		b = b[n+int(size):]
	}
}

// keysRecord lists state keys in ascending order, each by how much it shares
// with the one before and the rest.
func keysRecord(changes []state.Change) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 16*len(changes)), uint64(len(changes)))
	last := ""
	for i := range changes {
		key, shared := changes[i].Key, 0
		for shared < min(len(key), len(last)) && key[shared] == last[shared] {
			shared++
		}
		b = binary.AppendUvarint(b, uint64(shared))
		b = binary.AppendUvarint(b, uint64(len(key)-shared))
		b = append(b, key[shared:]...)
		last = key
	}
	return b
}

// parseKeys takes apart what keysRecord has joined.
func parseKeys(b []byte) ([]string, error) {
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, errRecord
	}
	b = b[n:]
	keys, last := make([]string, count), ""
	for i := range keys {
		shared, n := binary.Uvarint(b)
		if n <= 0 || shared > uint64(len(last)) {
			return nil, errRecord
		}
		rest, m := binary.Uvarint(b[n:])
		if m <= 0 || rest > uint64(len(b)-n-m) {
			return nil, errRecord
		}
		b = b[n+m:]
		keys[i] = last[:shared] + string(b[:rest])
		last, b = keys[i], b[rest:]
	}
	if len(b) > 0 {
		return nil, errRecord
	}
	return keys, nil
}
