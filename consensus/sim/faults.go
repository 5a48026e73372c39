// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// A fault is a way in which the world may fail a node or the nodes. Most heal by
// themselves after a while, and all of them when the history comes to its end,
// but for votes that were lost.
type fault struct {
	name string
	do   func(*strike)
}

// faults are all that a seed chooses from.
var faults = concat(crashes, networkFaults, clockFaults, diskFaults)

func concat(lists ...[]fault) (all []fault) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// crashes take nodes down, or stop them for a while.
var crashes = []fault{
	{"crash", func(s *strike) { s.fell(s.victim()) }},
	{"crash of the leader", func(s *strike) { s.fell(s.w.leader()) }},
	{"power cut", func(s *strike) {
		if s.w.rough {
			for _, n := range s.w.nodes {
				s.fell(n)
			}
		}
	}},
	{"pause", func(s *strike) { s.pause(s.victim()) }},
	{"pause of the leader", func(s *strike) { s.pause(s.w.leader()) }},
}

// A fate is what a member comes to in a history. Members with another than the
// common one are at most as many as a network of this size bears.
type fate int

const (
	lives fate = iota
	dies       // when all is healed, it goes down for good
	loses      // its record of votes may be wiped, or put back to an older state
	betrays
)

// meteorology draws what this seed's weather is like: not every seed has every
// fault, since some hide others. All is drawn, whether it is wanted or not, so
// that leaving one thing out leaves the others as they are.
func (w *world) meteorology() {
	d := newDice(w.o, "weather", 0)
	speed := oneOf(d, [2]int64{200, 1_500}, [2]int64{1_000, 15_000}, [2]int64{15_000, 60_000})
	w.links.low, w.links.high = speed[0], speed[1]
	w.links.maxTail = d.between(300_000, 3_000_000)
	w.rough = d.chance(0.5) && w.wanted("rough")
	w.faultEvery = d.between(100_000, 2_000_000)
	if logs := d.IntN(3); w.wanted("short logs") {
		w.keepEntries, w.keepBytes = [...]uint64{4, 12, 1024}[logs], [...]int{0, 0, 8 << 10}[logs] // 0 is the default
	}
	w.patience = oneOf(d, 8, 30, 100)
	w.batch = oneOf(d, 2, 20, 1000)
	w.fetchLimit = 1 + d.IntN(16)
	w.destiny(newDice(w.o, "fates", 0))
	for _, f := range faults {
		likely := d.chance(0.4) || w.loser() != nil && slices.Contains(lossOfVotes, f.name)
		if w.o.Only == nil && likely || w.chosen(f.name) {
			w.may = append(w.may, f)
		}
	}
	for _, n := range w.nodes {
		if skew := d.between(-500, 501); w.wanted("skew") {
			n.skew = skew
		}
	}
}

// The traitors of a history, in Options.
const (
	TraitorsBySeed = 0 // some in a third of all seeds
	NoTraitors     = -1
)

// bearable is how many members of a network may fail for good.
func (w *world) bearable() int { return (len(w.nodes) - 1) / 3 }

// destiny draws what becomes of whom.
func (w *world) destiny(d dice) {
	order := d.Perm(len(w.nodes))
	traitors := 0
	if d.chance(1.0/3) && w.bearable() > 0 {
		traitors = 1 + d.IntN(w.bearable())
	}
	switch {
	case w.o.Traitors > 0:
		traitors = w.o.Traitors
	case w.o.Traitors == NoTraitors:
		traitors = 0
	}
	for at, i := range order {
		n := w.nodes[i]
		other := oneOf(d, lives, lives, dies, loses)
		if w.o.Only != nil {
			other = loses // what was asked for shall be able to happen
		}
		switch {
		case at < traitors:
			n.fate = betrays
		case at < w.bearable():
			n.fate = other
		}
		if n.fate == dies && !w.wanted("death") {
			n.fate = lives
		}
	}
	for _, n := range w.nodes {
		if n.fate == betrays {
			n.treason = newTraitor(n)
		}
	}
}

// leader gives the node that was last seen leading.
func (w *world) leader() *node {
	best := w.nodes[0]
	for _, n := range w.nodes {
		if n.ledAt > best.ledAt {
			best = n
		}
	}
	return best
}

// fell plans a crash within the next few effects of n, wherever that falls
// between them, or soon if it is idle. It tells whether there will be one.
func (s *strike) fell(n *node) bool {
	in, soon, away := s.IntN(20), s.between(0, 400_000), s.between(50_000, 3_000_000)
	if s.chance(0.1) {
		away = s.between(3_000_000, 20_000_000)
	}
	if n.core == nil || !s.w.rough && s.w.down() >= s.w.bearable() {
		return false
	}
	n.crashIn, n.away = in, away
	life := n.life
	s.w.after(soon, func() {
		if n.life == life && !s.w.healed {
			s.w.crash(n)
		}
	})
	return true
}

// down counts nodes that are down or about to be.
func (w *world) down() int {
	count := 0
	for _, n := range w.nodes {
		if n.core == nil || n.crashIn >= 0 {
			count++
		}
	}
	return count
}

// crash takes a node down now, and up again after a while.
func (w *world) crash(n *node) {
	w.count("crashes", 1)
	n.crash()
	life := n.life
	w.after(max(n.away, 50_000), func() {
		if n.life == life {
			n.start()
		}
	})
}

func (s *strike) pause(n *node) {
	long := s.between(200_000, 5_000_000)
	if n.core == nil || n.paused {
		return
	}
	n.paused = true
	life := n.life
	s.w.after(long, func() {
		if n.life == life {
			n.resume()
		}
	})
}

func (n *node) resume() {
	n.paused = false
	n.run()
}

// heal ends all faults, for good: clocks are right, disks are fast and have
// room, traitors behave, nodes whose death was foreseen are dead, and all others
// live.
func (w *world) heal() {
	w.healed = true
	w.note(nil, "heal", 0, 0, nil)
	w.links.heal()
	for _, n := range w.nodes {
		n.slow, n.full, n.crashIn = 0, false, -1
		n.off, n.pace = 0, tickTime
		if n.fate == dies {
			n.crash()
			continue
		}
		if n.core == nil {
			n.start()
		} else {
			n.resume()
		}
	}
}
