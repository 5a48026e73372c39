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
	// waits for all of it. It is above window, so that the trees that the next parts
	// take nodes from are out of the window.
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
//	version:   ≤ flushed    ≤ freezing           ≤ head
//	node on:   disk         disk soon, memory    memory
//
// The writer alone changes it; readers take the lock.
type young struct {
	limit   int    // bytes of nodes that one tree may leave unwritten
	keepAll bool   // superseded nodes go to disk too and stay there
	oldest  uint64 // no tree below it is whole on disk; as Open found it

	lowest atomic.Uint64 // no tree below it can be read; at most window below the head

	mu       sync.RWMutex
	versions []version                        // consecutive ones, the last is the head's
	upper    map[state.NodeKey]*state.Content // those near the root that are on disk and not in versions

	// The fields below are the writer's.
	flushed  uint64
	freezing uint64             // at least flushed: nodes of versions up to it may be on disk
	size     int                // of the nodes above freezing, and near the root, that the newest tree needs
	past     int                // of the other nodes in memory
	passing  []superseded       // these, by ascending heights, one for each within the window
	writing  bool               // whether a tree is being written
	unsaved  []state.Node       // nodes of it of which parts are still to be made
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

// superseded are nodes in memory that no height from since on needs.
type superseded struct {
	since uint64
	nodes []state.Stale
	size  int
}

// of gives the version that holds a node, if it is in memory, and where.
func (y *young) of(key state.NodeKey, index uint32) (*version, uint32) {
	if len(y.versions) == 0 || key.Version < y.versions[0].number || key.Version-y.versions[0].number >= uint64(len(y.versions)) {
		return nil, 0
	}
	v := &y.versions[key.Version-y.versions[0].number]
	if index, ok := v.find(key.Path, index); ok {
		return v, index
	}
	return nil, 0
}

func (y *young) held(key state.NodeKey, index uint32) (*state.Content, bool) {
	y.mu.RLock()
	defer y.mu.RUnlock()
	if v, i := y.of(key, index); v != nil {
		return v.nodes[i], true
	}
	if key.Path.Len() > maxUpper {
		return nil, false
	}
	c, ok := y.upper[key]
	return c, ok
}

// add takes over the nodes of the version after the head's, before it becomes the
// head. What has left the window is forgotten.
func (y *young) add(number uint64, w state.Writes) {
	v := newVersion(number, w.Nodes)
	for _, c := range v.nodes {
		y.size += sizeOf(c)
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	y.versions = append(y.versions, v)
	if y.keepAll {
		return
	}
	gone := superseded{since: number, nodes: w.Stale}
	for i := range w.Stale {
		k := &w.Stale[i]
		if v, at := y.of(k.NodeKey, k.Index); v != nil {
			v.superseded[at] = true
			y.supersede(k, v.nodes[at], &gone)
		} else if c := y.upper[k.NodeKey]; c != nil {
			y.supersede(k, c, &gone)
		}
		if k.Version <= y.freezing {
			y.garbage[noted] = append(y.garbage[noted], k.NodeKey)
		}
	}
	y.passing, y.past = append(y.passing, gone), y.past+gone.size
	// Readers still see the head before: it and window heights below it stay.
	for len(y.passing) > window+1 && (len(y.passing) > maxWindow || y.past > y.limit/pastShare) {
		y.raise(y.passing[0].since) // first, so that who misses a node can tell why
		y.forget(y.passing[0].nodes)
		y.past -= y.passing[0].size
		y.passing[0] = superseded{}
		y.passing = y.passing[1:]
	}
}

// supersede counts a node that is in memory among those that are gone.
func (y *young) supersede(k *state.Stale, c *state.Content, gone *superseded) {
	own, _ := c.Size()
	gone.size += own + nodeOverhead
	if k.Version > y.freezing || k.Path.Len() <= maxUpper {
		y.size -= sizeOf(c)
	}
}

// forget removes nodes from memory.
func (y *young) forget(nodes []state.Stale) {
	for i := range nodes {
		k := &nodes[i]
		if v, at := y.of(k.NodeKey, k.Index); v != nil {
			v.remove(at)
		} else if k.Path.Len() <= maxUpper {
			delete(y.upper, k.NodeKey)
		}
	}
	y.trim()
}

// trim forgets versions that hold nothing any more, from the lowest on.
func (y *young) trim() {
	for len(y.versions) > 0 && y.versions[0].left == 0 {
		y.versions[0] = version{}
		y.versions = y.versions[1:]
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
	if y.writing || y.size < y.limit && head < y.flushed+maxReplay {
		return false
	}
	y.unsaved, y.size = nil, 0
	for i := range y.versions {
		v := &y.versions[i]
		for j, c := range v.nodes {
			if c == nil || v.superseded[j] {
				continue
			}
			n := v.node(j)
			if v.number > y.flushed {
				y.unsaved = append(y.unsaved, n)
			}
			if n.Key.Path.Len() <= maxUpper && !y.keepAll { // every block reads them: they stay
				y.size += sizeOf(c)
			}
		}
	}
	for _, c := range y.upper {
		y.size += sizeOf(c)
	}
	for i := range y.passing {
		for j := range y.passing[i].nodes {
			if c := y.upper[y.passing[i].nodes[j].NodeKey]; c != nil {
				y.size -= sizeOf(c)
			}
		}
	}
	y.writing, y.part, y.made, y.deleted = true, len(y.unsaved)/parts+1, 0, 0
	y.garbage[waiting], y.garbage[noted] = y.garbage[noted], nil
	y.freezing = head
	if !y.keepAll {
		y.raise(y.flushed) // the parts delete what only trees below it need
	}
	return true
}

// next is the next part: nodes to write and to delete. After the last one the
// tree of freezing is on disk whole.
func (y *young) next() (write []state.Node, remove []state.NodeKey, last bool) {
	if !y.writing {
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

// thaw forgets the nodes that have been written, but for those near the root. What
// the tree that was written did not need any more stays until it leaves the window.
func (y *young) thaw() {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.flushed, y.writing, y.unsaved = y.freezing, false, nil
	y.garbage[listed], y.garbage[waiting] = y.garbage[waiting], nil
	for i := range y.versions {
		v := &y.versions[i]
		if v.number > y.flushed {
			break
		}
		for j, c := range v.nodes {
			if c == nil || v.superseded[j] {
				continue
			}
			if n := v.node(j); n.Key.Path.Len() <= maxUpper && !y.keepAll {
				y.upper[n.Key] = c
			}
			v.remove(uint32(j))
		}
	}
	y.trim()
}
