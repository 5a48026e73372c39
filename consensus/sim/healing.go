// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"github.com/ipledger/ipledger/consensus"
)

// Liveness is judged once all faults are healed, and traitors behave from then on
// as everybody does: against a member that goes on attacking, what is promised is
// that people can see it and end it. What its betrayal has left behind must not
// hold up the others. Of itself nothing is demanded any more.

// split tells whether a traitor, or who has forgotten its votes, may have made two of
// Raft's log.
func (w *world) split() bool {
	for _, n := range w.nodes {
		// Of five or more, two majorities may have only one in common who remembers.
		if n.treason != nil && n.treason.splits || n.amnesiac && len(w.nodes) > 4 {
			return true
		}
	}
	return false
}

// recover heals the world and demands that it becomes well: new transactions
// become FINAL everywhere, heights go on, and at rest all nodes are equal and
// silent.
func (w *world) recover() {
	if w.broken != nil {
		return
	}
	healed, before := w.now, w.judge.top()
	w.heal()
	w.load.fresh()
	w.demand(Liveness, "transactions submitted after healing are FINAL at every node", w.fresh)
	w.report.Healing = w.now - healed
	for w.broken == nil && w.judge.top() < w.o.Heights {
		next := w.judge.top() + 1
		w.demand(Liveness, "the next block is FINAL", func() bool { return w.judge.top() >= next })
	}
	w.report.Regained = w.judge.top() > before
	w.load.off = true
	w.demand(Agreement, "all nodes have announced the same height", w.level)
	w.rest()
	w.demand(Agreement, "all nodes have announced the same height", w.level)
	w.judge.kept()
}

// sound are the nodes of which something is demanded in the end.
func (w *world) sound() (sound []*node) {
	for _, n := range w.nodes {
		if n.treason == nil && !(n.fate == dies && n.core == nil) {
			sound = append(sound, n)
		}
	}
	return sound
}

// fresh tells whether every node has announced every transaction that must have
// become FINAL.
func (w *world) fresh() bool {
	highest := uint64(0)
	for _, id := range w.load.must {
		height, ok := w.judge.took[id]
		if !ok {
			return false
		}
		highest = max(highest, height)
	}
	return w.announced(highest)
}

// settled tells whether nobody has a block or a round under way, and no validator a
// transaction that waits for one.
func (w *world) settled() bool {
	for _, n := range w.sound() {
		if s := n.core.Status(); s.Executed > s.Final || s.Promised > s.Round || s.Phase == consensus.Active && s.Mempool > 0 {
			return false
		}
	}
	return true
}

// level tells whether all nodes have announced the whole chain.
func (w *world) level() bool { return w.announced(w.judge.top()) }

func (w *world) announced(height uint64) bool {
	for _, n := range w.sound() {
		if n.announced < height {
			return false
		}
	}
	return true
}

// demand runs until done holds, which must be soon.
func (w *world) demand(rule Rule, what string, done func() bool) {
	if w.until(w.o.Calm*1000, done) || w.broken != nil {
		return
	}
	state := ""
	for _, n := range w.nodes {
		if n.core != nil {
			s := n.core.Status()
			state += fmt.Sprintf("; node %d: %s round %d promised %d term %d leader %d commit %d last %d executed %d final %d mempool %d",
				n.id, s.Phase, s.Round, s.Promised, s.Term, s.Leader, s.Commit, s.LastIndex, s.Executed, s.Final, s.Mempool)
		}
	}
	for _, id := range w.load.must {
		if _, ok := w.judge.took[id]; !ok {
			state += fmt.Sprintf("; transaction %d has not taken effect", shortID(id))
		}
	}
	w.judge.fail(nil, rule, "not within %d ms: %s%s", w.o.Calm, what, state)
}
