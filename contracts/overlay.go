// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"slices"
	"strings"
)

// A Reader gives the state that a block starts from. Its errors mean damaged or
// unreadable storage and are never an outcome. Iterate calls fn for the keys
// with prefix in ascending byte order until fn returns false. Values are not
// changed by the reader or by its caller after they were handed over.
type Reader interface {
	Get(key string) ([]byte, bool, error)
	Iterate(prefix string, fn func(key string, value []byte) bool) error
}

// A Change is one write to the state. Delete, of a key that then has no value, is
// never set by this execution version: nothing on the ledger is deleted.
type Change struct {
	Key    string
	Value  []byte
	Delete bool
}

// An overlay is a layer of writes above a Reader, itself a Reader. A block is
// one layer, each of its transactions another above it.
type overlay struct {
	below  Reader
	writes map[string][]byte
	keys   []string // of writes, in the order in which they came
}

func newOverlay(below Reader) *overlay {
	return &overlay{below: below, writes: make(map[string][]byte)}
}

func (o *overlay) put(key string, value []byte) {
	if _, again := o.writes[key]; !again {
		o.keys = append(o.keys, key)
	}
	o.writes[key] = value
}

// reset forgets the writes.
func (o *overlay) reset() {
	clear(o.writes)
	o.keys = o.keys[:0]
}

func (o *overlay) Get(key string) ([]byte, bool, error) {
	if value, ok := o.writes[key]; ok {
		return value, true, nil
	}
	return o.below.Get(key)
}

// Iterate merges the writes, sorted, with what lies below them.
func (o *overlay) Iterate(prefix string, fn func(key string, value []byte) bool) error {
	var own []string
	for _, key := range o.keys {
		if strings.HasPrefix(key, prefix) {
			own = append(own, key)
		}
	}
	slices.Sort(own)
	stopped := false
	emit := func(key string, value []byte) bool {
		stopped = !fn(key, value)
		return !stopped
	}
	err := o.below.Iterate(prefix, func(key string, value []byte) bool {
		for len(own) > 0 && own[0] < key {
			if !emit(own[0], o.writes[own[0]]) {
				return false
			}
			own = own[1:]
		}
		if len(own) > 0 && own[0] == key {
			value, own = o.writes[key], own[1:]
		}
		return emit(key, value)
	})
	if err != nil || stopped {
		return err
	}
	for _, key := range own {
		if !emit(key, o.writes[key]) {
			break
		}
	}
	return nil
}

// changes lists the writes by key.
func (o *overlay) changes() []Change {
	out := make([]Change, 0, len(o.keys))
	for _, key := range slices.Sorted(slices.Values(o.keys)) {
		out = append(out, Change{Key: key, Value: o.writes[key]})
	}
	return out
}
