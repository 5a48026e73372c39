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
	writes []Change       // in the order in which their keys came
	places map[string]int // in writes, by key; nil while they are few
}

// fewWrites is up to how many writes looking through them is cheaper than a map.
const fewWrites = 8

// newOverlay makes a layer that has room for so many writes.
func newOverlay(below Reader, room int) *overlay {
	o := &overlay{below: below, writes: make([]Change, 0, room)}
	if room > fewWrites {
		o.places = make(map[string]int, room)
	}
	return o
}

// find gives the place of a key in writes, -1 if it has none.
func (o *overlay) find(key string) int {
	if o.places != nil {
		if at, ok := o.places[key]; ok {
			return at
		}
		return -1
	}
	return slices.IndexFunc(o.writes, func(c Change) bool { return c.Key == key })
}

func (o *overlay) put(key string, value []byte) {
	if at := o.find(key); at >= 0 {
		o.writes[at].Value = value
		return
	}
	o.writes = append(o.writes, Change{Key: key, Value: value})
	switch at := len(o.writes) - 1; {
	case o.places != nil:
		o.places[key] = at
	case at == fewWrites:
		o.places = make(map[string]int, 4*fewWrites)
		for i, c := range o.writes {
			o.places[c.Key] = i
		}
	}
}

// written tells whether the layer holds any write.
func (o *overlay) written() bool { return len(o.writes) > 0 }

// reset forgets the writes.
func (o *overlay) reset() {
	clear(o.writes)
	o.writes, o.places = o.writes[:0], nil
}

func (o *overlay) Get(key string) ([]byte, bool, error) {
	if at := o.find(key); at >= 0 {
		return o.writes[at].Value, true, nil
	}
	return o.below.Get(key)
}

// Iterate merges the writes, sorted, with what lies below them.
func (o *overlay) Iterate(prefix string, fn func(key string, value []byte) bool) error {
	var own []Change
	for _, c := range o.writes {
		if strings.HasPrefix(c.Key, prefix) {
			own = append(own, c)
		}
	}
	slices.SortFunc(own, byKey)
	stopped := false
	emit := func(key string, value []byte) bool {
		stopped = !fn(key, value)
		return !stopped
	}
	err := o.below.Iterate(prefix, func(key string, value []byte) bool {
		for len(own) > 0 && own[0].Key < key {
			if !emit(own[0].Key, own[0].Value) {
				return false
			}
			own = own[1:]
		}
		if len(own) > 0 && own[0].Key == key {
			value, own = own[0].Value, own[1:]
		}
		return emit(key, value)
	})
	if err != nil || stopped {
		return err
	}
	for _, c := range own {
		if !emit(c.Key, c.Value) {
			break
		}
	}
	return nil
}

// changes gives the writes by key. The layer has none afterwards.
func (o *overlay) changes() []Change {
	out := o.writes
	o.writes, o.places = nil, nil
	slices.SortFunc(out, byKey)
	return out
}

func byKey(a, b Change) int { return strings.Compare(a.Key, b.Key) }
