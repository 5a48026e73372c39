// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"sort"

	"go.etcd.io/raft/v3/raftpb"
)

// weights tells how many bytes the log holds between two indexes, so that a
// leader which orders without end fills nobody's memory.
type weights struct {
	before uint64 // index before the first entry
	sums   []int  // sums[i] is of the entries before+1 to before+i
}

// weight is what an entry takes. The empty entries of new leaders weigh
// nothing, so that however many elections there were, another is possible.
func weight(e *raftpb.Entry) int {
	if len(e.GetData()) == 0 {
		return 0
	}
	return len(e.GetData()) + 128
}

func (w *weights) reset(before uint64) { w.before, w.sums = before, []int{0} }

// add takes entries in, in place of all from the first one's index on.
func (w *weights) add(entries []*raftpb.Entry) {
	if len(entries) == 0 {
		return
	}
	w.sums = w.sums[:entries[0].GetIndex()-w.before]
	for _, e := range entries {
		w.sums = append(w.sums, w.sums[len(w.sums)-1]+weight(e))
	}
}

// compact forgets the entries up to index.
func (w *weights) compact(index uint64) {
	w.sums = append([]int(nil), w.sums[index-w.before:]...)
	w.before = index
}

// between is the weight of the entries after one index up to another.
func (w *weights) between(after, upto uint64) int {
	last := w.before + uint64(len(w.sums)) - 1
	after, upto = min(max(after, w.before), last), min(max(upto, w.before), last)
	if upto <= after {
		return 0
	}
	return w.sums[upto-w.before] - w.sums[after-w.before]
}

// light is how many of the entries up to one weigh no more than limit together.
func (w *weights) light(upto uint64, limit int) uint64 {
	n := int(upto - w.before)
	return uint64(sort.Search(n, func(more int) bool { return w.sums[n]-w.sums[n-more-1] > limit }))
}
