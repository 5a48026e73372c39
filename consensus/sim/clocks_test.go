// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "testing"

// What a leader proposes whose clock is ahead is held back until its time comes,
// and no longer: block time runs ahead of nobody's clock by more than two seconds,
// and progress goes on, late.
func TestALeaderWhoseClockIsAheadIsHeldBack(t *testing.T) {
	w := scripted(t, 100)
	leader := w.leader()
	leader.off = 15_000
	top := w.judge.top()
	for range 400 {
		w.wait(100)
		if b := w.judge.chain[w.judge.top()]; b.Header.Time > w.clock()+2_000+500 {
			t.Fatalf("block %d is %d ms ahead of time", b.Header.Height, b.Header.Time-w.clock())
		}
	}
	if w.judge.top() == top || w.broken != nil {
		t.Errorf("FINAL has not moved from %d within 40 s; %v", top, w.broken)
	}
	leader.off = 0
	if !w.moves() {
		t.Error("FINAL does not move after the clock was put right")
	}
}

// Who is behind holds back what everybody else proposes, and follows by fetching.
func TestWhoseClockIsBehindFollows(t *testing.T) {
	w := scripted(t, 100)
	behind := w.others(w.leader())[0]
	behind.off = -15_000
	if !w.moves() {
		t.Fatal("FINAL does not move")
	}
	top := w.judge.top()
	if !w.until(10_000_000, func() bool { return behind.announced >= top }) || w.broken != nil {
		t.Errorf("it has announced %d, FINAL was %d ten seconds ago; %v", behind.announced, top, w.broken)
	}
}
