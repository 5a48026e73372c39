// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

// networkFaults lose, repeat and delay messages, and part nodes from each other
// in the ways that Jepsen's nemeses do.
var networkFaults = []fault{
	{"partition", func(s *strike) {
		side := s.sides()
		s.cut(func(from, to int) bool { return side[from] != side[to] })
	}},
	{"one-way partition", func(s *strike) {
		side := s.sides()
		s.cut(func(from, to int) bool { return side[from] > side[to] })
	}},
	{"ring of majorities", func(s *strike) {
		// Everybody reaches a majority, and no two reach the same one.
		n := len(s.w.nodes)
		place := s.Perm(n)
		s.cut(func(from, to int) bool {
			apart := (place[from] - place[to] + n) % n
			return min(apart, n-apart) > (n/2+1)/2
		})
	}},
	{"bridge", func(s *strike) {
		side, bridge := s.sides(), s.IntN(len(s.w.nodes))
		s.cut(func(from, to int) bool { return side[from] != side[to] && from != bridge && to != bridge })
	}},
	{"isolation of the leader", func(s *strike) {
		leader := int(s.w.leader().id)
		s.cut(func(from, to int) bool { return (from == leader) != (to == leader) })
	}},
	{"deaf leader", func(s *strike) {
		leader := int(s.w.leader().id)
		s.cut(func(_, to int) bool { return to == leader })
	}},
	{"flapping links", func(s *strike) {
		node, both := s.IntN(len(s.w.nodes)), s.chance(0.5)
		which := func(from, to int) bool { return from == node || both && to == node }
		for range 5 + s.IntN(20) {
			begin := s.between(0, 4_000_000)
			s.w.after(begin, func() { s.cutFor(which, s.between(10_000, 400_000)) })
		}
	}},
	{"lossy links", func(s *strike) {
		for range 1 + s.IntN(2*len(s.w.nodes)) {
			l := s.link()
			l.loss = oneOf(s.dice, 0.05, 0.3, 1)
			s.lift(func() { l.loss = 0 })
		}
	}},
	{"lossy class", func(s *strike) {
		l, what := s.w.links, oneOf(s.dice, lossy...)
		l.loss[what] = oneOf(s.dice, 0.1, 0.5, 1)
		s.lift(func() { delete(l.loss, what) })
	}},
	{"repeating links", func(s *strike) {
		l := s.link()
		l.repeat = 0.3
		s.lift(func() { l.repeat = 0 })
	}},
	{"late messages", func(s *strike) {
		l := s.w.links
		l.tail = s.Float64() * 0.2
		s.lift(func() { l.tail = 0 })
	}},
	{"hoarded messages", func(s *strike) {
		// They come again many terms later, perhaps to a node that was started anew.
		l := s.w.links
		l.hoard, l.maxHoard = s.Float64()*0.05, s.between(3_000_000, 30_000_000)
		s.lift(func() { l.hoard = 0 })
	}},
}

// lossy are classes of traffic that may be lost by themselves.
var lossy = []traffic{transactions, entries, blocks, kindRaft, kindVotes, kindStatus, kindQuery, kindReport}

// sides puts every node on one of two sides.
func (s *strike) sides() []int {
	side := make([]int, len(s.w.nodes))
	for i := range side {
		side[i] = s.IntN(2)
	}
	return side
}

func (s *strike) link() *link {
	return &s.w.links.link[s.IntN(len(s.w.nodes))][s.IntN(len(s.w.nodes))]
}

// cut cuts links for a while. What is under way does not arrive either.
func (s *strike) cut(which func(from, to int) bool) {
	s.cutFor(which, s.between(100_000, 6_000_000))
}

// cutFor counts, as several faults may cut one link.
func (s *strike) cutFor(which func(from, to int) bool, long int64) {
	if s.w.healed {
		return
	}
	var cuts []*link
	for from := range s.w.links.link {
		for to := range s.w.links.link[from] {
			if which(from, to) {
				cuts = append(cuts, &s.w.links.link[from][to])
			}
		}
	}
	for _, l := range cuts {
		l.cuts++
	}
	s.w.after(long, func() {
		if !s.w.healed {
			for _, l := range cuts {
				l.cuts--
			}
		}
	})
}
