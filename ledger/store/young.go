// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync"
	"sync/atomic"

	"github.com/ipledger/ipledger/ledger/state"
)

const (
	// window is for how many heights below the head the tree can be read at
	// least, for whoever is at it while blocks are committed, and maxWindow for how
	// many at most: in between, superseded nodes may take pastShare of the memory
	// that new ones may take.
	window    = 12
	maxWindow = 1024
	pastShare = 2

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
	fresh  map[state.NodeKey][]byte
	frozen map[state.NodeKey][]byte // nil if nothing is being written

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

// superseded are fresh nodes that no height from since on needs.
type superseded struct {
	since uint64
	nodes []state.NodeKey
	size  int
}

func (y *young) node(key state.NodeKey) ([]byte, bool) {
	y.mu.RLock()
	defer y.mu.RUnlock()
	b, ok := y.fresh[key]
	if !ok {
		b, ok = y.frozen[key]
	}
	return b, ok
}

// add takes over the nodes of the version after the head's, before it becomes the
// head. What has left the window is forgotten.
func (y *young) add(version uint64, w state.Writes) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, n := range w.Nodes {
		y.fresh[n.Key] = n.Bytes
		y.size += len(n.Bytes) + nodeOverhead
	}
	if y.keepAll {
		return
	}
	gone := superseded{since: version}
	for _, k := range w.Stale {
		if b, ok := y.fresh[k]; ok {
			y.size -= len(b) + nodeOverhead
			gone.size += len(b) + nodeOverhead
			gone.nodes = append(gone.nodes, k)
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
			delete(y.fresh, k)
		}
		y.passing, y.past = y.passing[1:], y.past-y.passing[0].size
	}
}

// raise says that trees below a height cannot be read any more.
func (y *young) raise(height uint64) { y.lowest.Store(max(y.lowest.Load(), height)) }

// nodeOverhead is about what a node in memory costs besides its bytes.
const nodeOverhead = 120

// freeze begins to write the tree of the head, if it is time.
func (y *young) freeze(head uint64) (begun bool) {
	if y.frozen != nil || y.size < y.limit && head < y.flushed+maxReplay {
		return false
	}
	dead := make(map[state.NodeKey]struct{})
	for _, p := range y.passing {
		for _, k := range p.nodes {
			dead[k] = struct{}{}
		}
	}
	y.unsaved = make([]state.NodeKey, 0, len(y.fresh)-len(dead))
	fresh, size := make(map[state.NodeKey][]byte, len(y.fresh)), 0
	for k, b := range y.fresh {
		if _, ok := dead[k]; ok {
			fresh[k] = b // stays until it leaves the window
			continue
		}
		if k.Version > y.flushed {
			y.unsaved = append(y.unsaved, k)
		}
		if k.Path.Len() <= maxUpper && !y.keepAll { // every block reads them
			fresh[k], size = b, size+len(b)+nodeOverhead
		}
	}
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
	if y.frozen == nil {
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
	y.frozen = nil
}
