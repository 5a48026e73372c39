// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// A strike is the k-th fault that befalls the network: when it comes, which one
// it is, whom it hits and for how long follow from its own dice.
type strike struct {
	dice
	w *world
	k int
}

// strike lets strike k happen, and the next one after it.
func (w *world) strike(k int) {
	if len(w.may) == 0 {
		return
	}
	s := &strike{dice: newDice(w.o, "strike", k), w: w, k: k}
	w.after(s.between(0, 2*w.faultEvery), func() {
		if w.healed {
			return
		}
		w.strike(k + 1)
		w.report.Strikes = k + 1
		if f := w.may[s.IntN(len(w.may))]; w.wanted(f.name) && (w.o.Keep == nil || slices.Contains(w.o.Keep, k)) {
			w.count(f.name, 1)
			w.report.Faults++
			w.note(nil, "strike", uint64(k), 0, func() string { return f.name })
			f.do(s)
		}
	})
}

// lift ends a fault after a while. Healing ends all of them, so what is lifted
// later finds nothing to do.
func (s *strike) lift(end func()) {
	s.w.after(s.between(100_000, 6_000_000), func() {
		if !s.w.healed {
			end()
		}
	})
}

func (s *strike) victim() *node { return s.w.nodes[s.IntN(len(s.w.nodes))] }

// wanted tells whether something named may happen in this history at all.
func (w *world) wanted(name string) bool { return !slices.Contains(w.o.Without, name) }

// chosen tells whether something is among the only things that may happen.
func (w *world) chosen(name string) bool { return slices.Contains(w.o.Only, name) }
