// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"sync"

	"github.com/ipledger/ipledger/node/api"
)

// A brake holds the stages that write: they finish the step that they are in and
// begin no other, as a process that is stopped by a signal. To the other members
// the node is one that does not answer. Readers are not held.
type brake struct {
	mu       sync.Mutex
	held     *api.Held
	forGood  bool
	released chan struct{} // closed while nothing is held
}

func newBrake() *brake {
	b := &brake{released: make(chan struct{})}
	close(b.released)
	return b
}

// hold stops the stages and tells why. What is held for good is released by no
// one: the process must begin again. It reports whether the reason is a new one.
func (b *brake) hold(why api.Held, forGood bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.forGood {
		return false
	}
	fresh := b.held == nil || b.held.Reason != why.Reason
	if b.held == nil {
		b.released = make(chan struct{})
	}
	b.held, b.forGood = &why, forGood
	return fresh
}

// release lets the stages go on. It reports whether they were held until now.
func (b *brake) release() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil || b.forGood {
		return false
	}
	b.held = nil
	close(b.released)
	return true
}

// why tells what holds the stages, or nil.
func (b *brake) why() *api.Held {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// wait returns when the stages may go on, or ctx ends.
func (b *brake) wait(ctx context.Context) {
	for ctx.Err() == nil {
		b.mu.Lock()
		held, released := b.held, b.released
		b.mu.Unlock()
		if held == nil {
			return
		}
		select {
		case <-released:
		case <-ctx.Done():
		}
	}
}
