// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

// A queue holds what is going to happen, ordered by time and, at one time, by
// the order in which it was put in.
type queue struct {
	heap []happening
	next uint64
}

type happening struct {
	at       int64 // µs
	sequence uint64
	do       func()
}

func (h happening) before(o happening) bool {
	return h.at < o.at || h.at == o.at && h.sequence < o.sequence
}

func (q *queue) push(at int64, do func()) {
	q.heap = append(q.heap, happening{at, q.next, do})
	q.next++
	h := q.heap
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

// pop gives what happens next, if that is not after end.
func (q *queue) pop(end int64) (happening, bool) {
	if len(q.heap) == 0 || q.heap[0].at > end {
		return happening{}, false
	}
	h := q.heap
	first, last := h[0], len(h)-1
	h[0], h[last] = h[last], happening{}
	q.heap = h[:last]
	h = q.heap
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h[child].before(h[least]) {
				least = child
			}
		}
		if least == i {
			return first, true
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
