// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import "testing"

// leading gives a leader under whose log all is FINAL.
func leading(t *testing.T, limit func(*Config)) (*town, *replica) {
	t.Helper()
	w := newTown(t, 4)
	w.limit = limit
	for m := range Member(4) {
		w.open(m)
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	w.until("all are level", w.level(w.finish(w.leader().id)))
	return w, w.leader()
}

// proposes gives the leader n transactions at once, and holds it to the number
// of batches it makes.
func (r *replica) proposes(want uint64, n int, what string) []Effect {
	r.t.Helper()
	var events []Event
	for range n {
		events = append(events, Submit{Transaction: r.transaction("bank")})
	}
	before := r.core.Status().LastIndex
	out := r.step(events...)
	if got := r.core.Status().LastIndex - before; got != want {
		r.t.Fatalf("%s: %d batches, not %d", what, got, want)
	}
	return out
}

func TestTransactionsShareABatchWhileOneIsUnderWay(t *testing.T) {
	w, r := leading(t, nil)
	first := r.proposes(1, 1, "a transaction that comes alone")
	r.proposes(0, 1, "one that comes while it is under way")
	r.proposes(0, 7, "and seven more")
	before := r.core.Status().LastIndex
	w.settle(r, first)
	if got := r.core.Status().LastIndex - before; got != 1 {
		t.Fatalf("when the first is FINAL %d batches follow, not one", got)
	}
	if r.core.pool.len() != 0 {
		t.Errorf("%d transactions still wait", r.core.pool.len())
	}
}

func TestFullBatchWaitsForNothing(t *testing.T) {
	_, r := leading(t, func(c *Config) { c.BatchTransactions = 5 })
	r.proposes(1, 1, "a transaction that comes alone")
	r.proposes(0, 4, "four more")
	r.proposes(1, 1, "five")
	r.proposes(2, 11, "eleven")
}

func TestBatchIsFullByItsBytesToo(t *testing.T) {
	_, r := leading(t, nil)
	size := len(r.transaction("bank").Bytes())
	_, r = leading(t, func(c *Config) { c.BatchBytes = 3*size + 8 })
	r.proposes(1, 1, "a transaction that comes alone")
	r.proposes(0, 3, "three more")
	r.proposes(1, 1, "four")
}
