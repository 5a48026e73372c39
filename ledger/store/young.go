// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync"
	"sync/atomic"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

const (
	// window is for how many heights below the head the tree can be read at
	// least, for whoever is at it while blocks are committed, and maxWindow for how
	// many at most: in between, superseded nodes may take 1/pastShare of the memory
	// that new ones may take.
	window    = 12
	maxWindow = 1024
	pastShare = 4

	// parts is in how many blocks a tree is written to disk, so that no block
	// waits for all of it. It is above window, so that what is then forgotten is
	// out of the window.
	parts = 2 * window

	// maxUpper is the depth in nibbles of the nodes that stay in memory when they
	// are on disk: some thousand, however large the tree.
	maxUpper = 3

	// maxReplay is after how many blocks a tree is written to disk, however little
	// changed, so that Open has only so many to apply again.
	maxReplay = 1024
)

// Blocks up to MaxDescendants above the one whose tree is read may become FINAL
// while they are executed on it, so the window must reach over all of them.
const _ = uint(window - ledger.MaxDescendants)

// young holds the nodes of the state tree that are not on disk. Most nodes are
// superseded within a few blocks, and those never get there. Now and then the
// nodes that the newest tree needs are frozen and written, in parts, each in
// the batch of a block; when the last part is durable, the disk holds that
// tree whole. Open makes the nodes of later versions again from the values.
//
//	version:   ≤ flushed    ≤ freezing    ≤ head
//	node in:   disk         frozen        fresh
//
// The writer alone changes it; readers take the lock.
type young struct {
	limit   int    // bytes of nodes that one tree may leave unwritten
	keepAll bool   // superseded nodes go to disk too and stay there
	oldest  uint64 // no tree below it is whole on disk; as Open found it

	lowest atomic.Uint64 // no tree below it can be read; at most window below the head

	mu     sync.RWMutex
	fresh  nodes
	frozen nodes // zero if nothing is being written

	// The fields below are the writer's.
	flushed  uint64
	freezing uint64             // at least flushed: nodes of versions up to it may be on disk
	size     int                // of the fresh nodes that the newest tree needs
	past     int                // of the other fresh nodes
	passing  []superseded       // these, by ascending heights, one for each within the window
	unsaved  []state.NodeKey    // frozen nodes of which parts are still to be made
	part     int                // number of nodes in each
	made     int                // parts made
	garbage  [3][]state.NodeKey // see the constants
	deleted  int                // nodes of garbage[listed] that parts have deleted
}

// Nodes on disk that a newer tree does not need go through three stages, so that
// none is deleted that the tree of flushed needs, or that is in the window.
const (
	listed  = iota // not needed by the tree of flushed: on disk is a list of them, the next parts delete them
	waiting        // not needed by the tree of freezing: to be listed when it is flushed
	noted          // not needed by a later tree
)

// superseded are nodes, fresh or on disk, that no height from since on needs.
type superseded struct {
	since uint64
	nodes []state.NodeKey
	size  int // of the fresh ones
}

func (y *young) held(key state.NodeKey) (*state.Content, bool) {
	y.mu.RLock()
	defer y.mu.RUnlock()
	c := y.fresh.get(key)
	if c == nil {
		c = y.frozen.get(key)
	}
	return c, c != nil
}

// add takes over the nodes of the version after the head's, before it becomes the
// head. What has left the window is forgotten.
func (y *young) add(version uint64, w state.Writes) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, n := range w.Nodes {
		y.fresh.put(n.Key, n.Content)
		y.size += sizeOf(n.Content)
	}
	if y.keepAll {
		return
	}
	gone := superseded{since: version, nodes: w.Stale}
	for _, k := range w.Stale {
		if c := y.fresh.get(k); c != nil {
			own, _ := c.Size()
			y.size -= sizeOf(c)
			gone.size += own + nodeOverhead
		}
		if k.Version <= y.freezing {
			y.garbage[noted] = append(y.garbage[noted], k)
		}
	}
	y.passing, y.past = append(y.passing, gone), y.past+gone.size
	// Readers still see the head before: it and window heights below it stay.
	for len(y.passing) > window+1 && (len(y.passing) > maxWindow || y.past > y.limit/pastShare) {
		y.raise(y.passing[0].since) // first, so that who misses a node can tell why
		for _, k := range y.passing[0].nodes {
			y.fresh.remove(k)
		}
		y.past -= y.passing[0].size
		y.passing[0] = superseded{}
		y.passing = y.passing[1:]
	}
}

// raise says that trees below a height cannot be read any more.
func (y *young) raise(height uint64) { y.lowest.Store(max(y.lowest.Load(), height)) }

// nodeOverhead is about what a node in memory costs besides itself.
const nodeOverhead = 64

// sizeOf is about how many bytes a node takes that the newest tree needs.
func sizeOf(c *state.Content) int {
	own, shared := c.Size()
	return own + shared + nodeOverhead
}

// freeze begins to write the tree of the head, if it is time.
func (y *young) freeze(head uint64) (begun bool) {
	if y.frozen.some() || y.size < y.limit && head < y.flushed+maxReplay {
		return false
	}
	fresh, size := newNodes(), 0
	for _, p := range y.passing {
		for _, k := range p.nodes {
			if c := y.fresh.get(k); c != nil {
				fresh.put(k, c) // stays until it leaves the window
			}
		}
	}
	dead := fresh.len()
	y.unsaved = make([]state.NodeKey, 0, y.fresh.len()-dead)
	y.fresh.each(func(k state.NodeKey, c *state.Content) {
		if dead > 0 && fresh.get(k) != nil {
			return
		}
		if k.Version > y.flushed {
			y.unsaved = append(y.unsaved, k)
		}
		if k.Path.Len() <= maxUpper && !y.keepAll { // every block reads them
			fresh.put(k, c)
			size += sizeOf(c)
		}
	})
	y.part, y.made, y.deleted = len(y.unsaved)/parts+1, 0, 0
	y.garbage[waiting], y.garbage[noted] = y.garbage[noted], nil
	y.freezing, y.size = head, size
	if !y.keepAll {
		y.raise(y.flushed) // the parts delete what only trees below it need
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	y.frozen, y.fresh = y.fresh, fresh
	return true
}

// next is the next part: nodes to write and to delete. After the last one the
// tree of freezing is on disk whole.
func (y *young) next() (write, remove []state.NodeKey, last bool) {
	if !y.frozen.some() {
		return nil, nil, false
	}
	y.made++
	n := min(y.part, len(y.unsaved))
	write, y.unsaved = y.unsaved[:n], y.unsaved[n:]
	rest := y.garbage[listed][y.deleted:]
	remove = rest[:min(len(rest), len(y.garbage[listed])/parts+1)]
	y.deleted += len(remove)
	return write, remove, y.made == parts
}

// record says what is on disk once the tree of whole is.
func (y *young) record(whole uint64) []byte {
	f := flushed{whole, y.freezing, whole}
	if y.keepAll {
		f.oldest = y.oldest
	}
	return f.record()
}

// thaw forgets the frozen nodes, which are on disk.
func (y *young) thaw() {
	y.flushed = y.freezing
	y.garbage[listed], y.garbage[waiting] = y.garbage[waiting], nil
	y.mu.Lock()
	defer y.mu.Unlock()
	y.frozen = nodes{}
}
