// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"testing"
)

// paced gives a leader whose last batch is FINAL and long ago.
func paced(t *testing.T, limit func(*Config)) (*town, *replica) {
	t.Helper()
	w := newTown(t, 4)
	w.limit = limit
	for m := range Member(4) {
		w.open(m)
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	w.until("all are level", w.level(w.finish(w.leader().id)))
	w.ticks(2)
	return w, w.leader()
}

// submit gives the leader n transactions at once, ms after the last event, and
// returns how many batches it proposes and what it does.
func (r *replica) submit(ms int64, n int) (batches uint64, out []Effect) {
	r.t.Helper()
	r.now += ms
	events := []Event{Clock{Now: r.now}}
	for range n {
		events = append(events, Submit{Transaction: r.transaction("bank")})
	}
	before := r.core.Status().LastIndex
	out = r.step(events...)
	return r.core.Status().LastIndex - before, out
}

func (r *replica) proposes(want uint64, ms int64, n int, what string) []Effect {
	r.t.Helper()
	got, out := r.submit(ms, n)
	if got != want {
		r.t.Fatalf("%s: %d batches, not %d", what, got, want)
	}
	return out
}

func TestBatchesOfFewAreKeptApart(t *testing.T) {
	w, r := paced(t, nil)
	w.settle(r, r.proposes(1, 0, 1, "a lone transaction")) // which is FINAL in no time
	if len(r.core.inflight) != 0 {
		t.Fatal("the block is not FINAL: the test tests nothing")
	}
	out := r.proposes(0, 5, 1, "5 ms later")
	if wakes := of[Wake](out); len(wakes) != 1 || wakes[0].At != r.now+15 {
		t.Errorf("asks to be woken at %+v, and it is %d", wakes, r.now)
	}
	if wakes := of[Wake](r.proposes(0, 5, 1, "10 ms later")); len(wakes) != 0 {
		t.Errorf("asks for the same again: %+v", wakes)
	}
	before := len(r.core.taken)
	r.proposes(1, 10, 0, "when it is woken")
	if got := len(r.core.taken) - before; got != 2 {
		t.Errorf("%d transactions share the batch, not 2", got)
	}
}

func TestNextBatchWaitsForTheOneUnderWay(t *testing.T) {
	w, r := paced(t, nil)
	first := r.proposes(1, 0, 1, "a lone transaction")
	out := r.proposes(0, 30, 1, "30 ms later, while it is under way")
	if wakes := of[Wake](out); len(wakes) != 1 || wakes[0].At != r.now+70 {
		t.Errorf("asks to be woken at %+v, and it is %d", wakes, r.now)
	}
	before := r.core.Status().LastIndex
	w.settle(r, first)
	if r.core.Status().LastIndex != before+1 {
		t.Error("it is FINAL, and the next batch still waits")
	}
}

func TestNextBatchWaitsNotForEver(t *testing.T) {
	_, r := paced(t, nil)
	r.proposes(1, 0, 1, "a lone transaction")
	r.proposes(0, 99, 1, "99 ms later")
	r.proposes(1, 1, 0, "100 ms later")
	r.proposes(0, 500, 1, "with two under way")
}

func TestFullBatchWaitsForNothing(t *testing.T) {
	_, r := paced(t, func(c *Config) { c.BatchTransactions = 5 })
	r.proposes(1, 0, 1, "a lone transaction")
	r.proposes(0, 1, 4, "four more")
	r.proposes(1, 1, 1, "five")
	r.proposes(2, 1, 11, "eleven")
}

func TestClockThatWasSetBackHoldsNothingUp(t *testing.T) {
	w, r := paced(t, nil)
	w.settle(r, r.proposes(1, 0, 1, "a lone transaction"))
	r.proposes(1, -3600_000, 1, "an hour earlier")
}
