// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"sync"
	"time"
)

// slots bound the submissions that wait, to be taken or for their outcome, each of
// which holds a connection and its memory: all together, and those of one
// organisation.
type slots struct {
	total, each int // 0: no bound

	mu    sync.Mutex
	taken int
	by    map[string]int // organisations that have any
}

func newSlots(total, each int) *slots {
	return &slots{total: total, each: each, by: make(map[string]int)}
}

// enter takes a slot for an organisation; leave gives it back.
func (s *slots) enter(organisation string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total > 0 && s.taken >= s.total || s.each > 0 && s.by[organisation] >= s.each {
		return tooMany(ReasonWaiting, time.Second)
	}
	s.taken++
	s.by[organisation]++
	return nil
}

func (s *slots) leave(organisation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.by[organisation]--; s.by[organisation] == 0 {
		delete(s.by, organisation)
	}
}
