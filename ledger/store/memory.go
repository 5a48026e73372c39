// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"sync"

	"github.com/ipledger/ipledger/ledger/state"
)

// A memory holds values of the newest heights, and that keys have none: what is
// read of a transaction when it comes in is read again when it is executed, and
// most of it is not there. It forgets in halves, the older first. What is in it
// the database holds too.
//
// An entry says what its key is at every height from since to height. So a view
// of an older height may use it if that is not below since, and a block replaces
// what it changes before it becomes the head.
type memory struct {
	limit int // bytes of one half

	mu         sync.RWMutex
	height     uint64 // up to which blocks have been told
	young, old map[string]remembered
	size       int    // of young, about
	youngFrom  uint64 // each key that changed above it is in young
	oldFrom    uint64 // each key that changed above it is in young or old
	opened     uint64
	changed    map[string]uint64 // by folder, the newest height above opened that changed a key in it
}

// remembered is what a key is; the value is not changed by anybody.
type remembered struct {
	value []byte
	ok    bool
	since uint64
}

// size is about what an entry takes.
func (r remembered) size(key string) int { return len(key) + len(r.value) + 120 }

// begin is for an empty memory: nothing above height has been changed.
func (m *memory) begin(height uint64) {
	m.height, m.youngFrom, m.oldFrom, m.opened = height, height, height, height
}

// LastChange is the newest height whose block may have changed a key that begins
// with one of folders and a slash: nothing in them differs between that height and
// the head. It may be that of a block that becomes the head just now.
func (s *Store) LastChange(folders ...string) uint64 { return s.memory.lastChange(folders) }

func (m *memory) lastChange(folders []string) uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	last := m.opened
	for _, f := range folders {
		last = max(last, m.changed[f])
	}
	return last
}

// get gives the value of key at a height up to the head; known is false
// if it must be read.
func (m *memory) get(key string, height uint64) (value []byte, ok, known bool) {
	m.mu.RLock()
	r, known := m.find(key)
	m.mu.RUnlock()
	if !known || r.since > height {
		return nil, false, false
	}
	return r.value, r.ok, true
}

func (m *memory) find(key string) (remembered, bool) {
	r, known := m.young[key]
	if !known {
		r, known = m.old[key]
	}
	return r, known
}

// learn takes over what was read at a height, if it holds to this day: blocks may
// have been told since it was read.
func (m *memory) learn(key string, height uint64, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if height < m.oldFrom { // a change above height may be forgotten
		return
	}
	if _, known := m.find(key); !known {
		m.put(key, r)
	}
}

// tell replaces what the block of height changes, before it becomes the head.
func (m *memory) tell(height uint64, values []state.Change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed == nil {
		m.changed = make(map[string]uint64)
	}
	m.height = height
	last := ""
	for i, c := range values {
		m.put(c.Key, remembered{c.Value, !c.Delete, height})
		if folder, _, _ := strings.Cut(c.Key, "/"); i == 0 || folder != last { // they come in runs
			m.changed[folder], last = height, folder
		}
	}
}

func (m *memory) put(key string, r remembered) {
	if m.young == nil || m.size >= m.limit {
		m.young, m.old, m.size = make(map[string]remembered), m.young, 0
		m.youngFrom, m.oldFrom = m.height, m.youngFrom
	}
	if !r.ok {
		r.value = nil
	}
	if before, again := m.young[key]; again {
		m.size -= before.size(key)
	}
	m.young[key] = r
	m.size += r.size(key)
}
