// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

// A fault is a way in which the world may fail a node or the nodes.
type fault struct {
	name string
	do   func(*world)
}

// faults are all that a seed chooses from. Each heals by itself after a while,
// and all of them when the history comes to its end.
var faults = [...]fault{
	{"crash", func(w *world) { w.fell(w.victim()) }},
	{"crash of the leader", func(w *world) { w.fell(w.leader()) }},
	{"power cut", func(w *world) {
		if w.rough {
			for _, n := range w.nodes {
				w.fell(n)
			}
		}
	}},
	{"pause", func(w *world) { w.pause(w.victim()) }},
	{"pause of the leader", func(w *world) { w.pause(w.leader()) }},
	{"partition", func(w *world) {
		for i := range w.links.side {
			w.links.side[i] = w.rng.IntN(2)
		}
		w.lift(func() { clear(w.links.side) })
	}},
	{"isolation of the leader", func(w *world) {
		w.links.side[w.leader().id] = 1
		w.lift(func() { clear(w.links.side) })
	}},
	{"lossy links", func(w *world) {
		for range 1 + w.rng.IntN(2*len(w.nodes)) {
			l := &w.links.link[w.rng.IntN(len(w.nodes))][w.rng.IntN(len(w.nodes))]
			l.loss = [...]float64{0.05, 0.3, 1}[w.rng.IntN(3)]
			w.lift(func() { l.loss = 0 })
		}
	}},
	{"repeating links", func(w *world) {
		l := &w.links.link[w.rng.IntN(len(w.nodes))][w.rng.IntN(len(w.nodes))]
		l.repeat = 0.3
		w.lift(func() { l.repeat = 0 })
	}},
	{"late messages", func(w *world) {
		w.links.tail = w.rng.Float64() * 0.2
		w.lift(func() { w.links.tail = 0 })
	}},
	{"slow disk", func(w *world) {
		n := w.victim()
		n.slow = w.between(20_000, 400_000)
		w.lift(func() { n.slow = 0 })
	}},
	{"old ledger", func(w *world) { w.restore(w.victim()) }},
	{"clock step", func(w *world) { w.victim().skew = w.between(-500, 501) }},
}

// meteorology draws what this seed's weather is like: not every seed has every
// fault, since some hide others.
func (w *world) meteorology() {
	speeds := [...][2]int64{{200, 1_500}, {1_000, 15_000}, {15_000, 60_000}}
	speed := speeds[w.rng.IntN(len(speeds))]
	w.links.low, w.links.high = speed[0], speed[1]
	w.links.maxTail = w.between(300_000, 3_000_000)
	w.rough = w.chance(0.5)
	w.faultEvery = w.between(300_000, 3_000_000)
	keep := w.rng.IntN(3)
	w.keepEntries, w.keepBytes = [...]uint64{4, 12, 1024}[keep], [...]int{0, 0, 8 << 10}[keep] // 0 is the default
	w.patience = [...]int{8, 30, 100}[w.rng.IntN(3)]
	w.batch = [...]int{2, 20, 1000}[w.rng.IntN(3)]
	if w.o.Traitors == 0 && !w.o.Wipe && w.chance(0.4) {
		for _, i := range w.rng.Perm(len(w.nodes))[:(len(w.nodes)-1)/3] {
			w.nodes[i].dead = true
		}
	}
	w.wipeAt = uint64(w.rng.IntN(20))
	w.fetchLimit = 1 + w.rng.IntN(16)
	for _, f := range faults {
		if w.chance(0.6) {
			w.may = append(w.may, f)
		}
	}
	for _, n := range w.nodes {
		n.skew = w.between(-500, 501)
	}
}

// strike lets one fault happen, and the next one after a while.
func (w *world) strike() {
	if w.healed || len(w.may) == 0 {
		return
	}
	f := w.may[w.rng.IntN(len(w.may))]
	w.count(f.name, 1)
	w.report.Faults++
	w.note(nil, "fault", 0, 0, func() string { return f.name })
	f.do(w)
	w.after(w.between(0, 2*w.faultEvery), w.strike)
}

// lift ends a fault after a while. Healing ends all of them, so what is lifted
// later finds nothing to do.
func (w *world) lift(end func()) {
	w.after(w.between(100_000, 6_000_000), func() {
		if !w.healed {
			end()
		}
	})
}

func (w *world) victim() *node { return w.nodes[w.rng.IntN(len(w.nodes))] }

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
// between them, or soon if it is idle.
func (w *world) fell(n *node) {
	if n.core == nil || !w.rough && w.down() >= (len(w.nodes)-1)/3 {
		return
	}
	n.crashIn = w.rng.IntN(20)
	life := n.life
	w.after(w.between(0, 400_000), func() {
		if n.life == life && !w.healed {
			w.crash(n)
		}
	})
}

// restore lets a node come back with an old copy of its ledger, as after a
// restore from backup; its consensus database stays.
func (w *world) restore(n *node) {
	w.fell(n)
	n.restore = n.crashIn >= 0
}

// spare tells whether another node, one that will live, has all that is FINAL:
// else an old copy in this node's place would really lose something. Who is to
// die may do so before anyone has fetched from it, and is no spare.
func (w *world) spare(n *node) bool {
	for _, other := range w.nodes {
		if other != n && !other.dead && other.ledger.height() == w.judge.top() {
			return true
		}
	}
	return false
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

func (w *world) crash(n *node) {
	w.count("crashes", 1)
	n.crash()
	life := n.life
	away := w.between(50_000, 3_000_000)
	if w.chance(0.1) {
		away = w.between(3_000_000, 20_000_000)
	}
	w.after(away, func() {
		if n.life == life {
			n.start()
		}
	})
}

func (w *world) pause(n *node) {
	if n.core == nil || n.paused {
		return
	}
	n.paused = true
	life := n.life
	w.after(w.between(200_000, 5_000_000), func() {
		if n.life == life {
			n.resume()
		}
	})
}

func (n *node) resume() {
	n.paused = false
	n.run()
}

// heal ends all faults, for good: nodes whose death was foreseen are now dead,
// fewer than a third, and all others live.
func (w *world) heal() {
	w.healed = true
	w.note(nil, "heal", 0, 0, nil)
	w.links.heal()
	for _, n := range w.nodes {
		n.slow, n.crashIn = 0, -1
		if n.dead {
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
