// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync/atomic"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

// TestAViewOfAnOldHeadIsNotKept moves the head while a view waits to be kept. It
// would hold tables and hide good views until the next block.
func TestAViewOfAnOldHeadIsNotKept(t *testing.T) {
	headOf := func(height uint64) *newest {
		n := &newest{}
		n.Header = ledger.Header{Height: height}
		return n
	}
	var idle idleViews
	var head atomic.Pointer[newest]
	head.Store(headOf(1))
	idle.mu.Lock()
	begun, kept := make(chan bool), make(chan bool)
	go func() {
		close(begun)
		kept <- idle.put(&View{height: 1}, &head)
	}()
	<-begun
	head.Store(headOf(2))
	idle.mu.Unlock()
	if <-kept {
		t.Error("a view of height 1 is kept at head 2")
	}
}
