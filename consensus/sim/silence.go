// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

// At rest, with nothing to order and every block FINAL everywhere, a network
// sends heartbeats and statuses and nothing else: ten years of it must not fill a
// line. Each node tells every other one its height twice a second; the leader
// asks all followers ten times a second, and is answered.

// restful are the messages that n nodes send in a second of rest.
func restful(n int) int { return n*(n-1)*2 + 2*(n-1)*10 }

const (
	restSeconds = 2
	restSpare   = 1.2 // what clocks and the moment of looking may add
)

// rest waits until nothing is under way, and then listens. Where something begins
// while it listens, it was no rest: a transaction that was held by few may come to
// the leader late, and a round that was wished for before comes about.
func (w *world) rest() {
	for range 10 {
		w.demand(Silence, "nothing is under way and no transaction is passed on any more", func() bool { return w.now > w.links.flooded+6_000_000 && w.settled() })
		began, before, work := w.now, w.links.honest, w.judge.executions
		w.until(restSeconds*1_000_000, func() bool { return false })
		sent := w.links.honest - before
		if w.judge.executions != work || w.links.flooded > began || !w.settled() {
			continue
		}
		if most := int(restSpare * restSeconds * float64(restful(len(w.nodes)))); sent > most {
			w.judge.fail(nil, Silence, "%d messages in %d seconds, at most %d are due", sent, restSeconds, most)
		}
		return
	}
	w.judge.fail(nil, Silence, "there is no rest")
}
