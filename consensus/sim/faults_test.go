// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"testing"
	"testing/cryptotest"
)

// Three of four nodes come back with old copies of their ledgers at the moment
// at which the fourth dies for good. FINAL blocks that no living ledger holds
// may be lost: the votes for them were pruned and are never signed again.
func TestOldCopiesOfLedgersLeaveEveryFinalBlockWithANodeThatLives(t *testing.T) {
	for seed := range uint64(8) {
		cryptotest.SetGlobalRandom(t, seed)
		w, err := newWorld(Options{Seed: seed, Nodes: 4, Traitors: NoTraitors})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range w.nodes {
			n.fate = lives
			if n.id == 1 {
				n.fate = dies
			}
			n.start()
		}
		w.load.run()
		w.until(w.o.Chaos*1000, func() bool { return w.judge.top() >= 30 && w.level() })
		top := w.judge.top()
		for _, n := range w.nodes {
			n.crash()
			if n.id != 1 {
				n.putBack = 1 + w.IntN(20)
			}
		}
		w.heal()
		back := 0
		for _, n := range w.nodes {
			if n.ledger.height() < top {
				back++
			}
		}
		if back == 0 {
			t.Errorf("seed %d: no ledger was put back: the test tests nothing", seed)
		}
		if !w.spare(w.nodes[1]) {
			t.Errorf("seed %d: no living node has block %d, which is FINAL", seed, top)
		}
		w.recover()
		if w.broken != nil {
			t.Errorf("seed %d: %v", seed, w.broken)
		}
	}
}
