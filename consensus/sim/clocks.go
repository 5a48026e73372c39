// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

// Time never decides whether a block is valid. But who is ahead of the others by
// more than two seconds proposes what they hold back until its time comes, and
// who is as far behind holds back what everybody proposes: for the network such
// a member is slow or away, and at most as many as may fail are so.

// clockFaults put clocks wrong, or the speed of what counts ticks.
var clockFaults = []fault{
	{"clock step", func(s *strike) { s.victim().skew = s.between(-500, 501) }},
	{"clock forward", func(s *strike) { s.misplace(s.victim(), s.between(2_100, maxOff)) }},
	{"clock back", func(s *strike) { s.misplace(s.victim(), -s.between(2_100, maxOff)) }},
	{"clock of the leader forward", func(s *strike) { s.misplace(s.w.leader(), s.between(2_100, maxOff)) }},
	{"drifting ticks", func(s *strike) {
		n := s.victim()
		n.pace = oneOf(s.dice, int64(tickTime*8/10), tickTime*12/10)
		s.lift(func() { n.pace = tickTime })
	}},
}

// maxOff is by how many ms a clock may be wrong. What was proposed by it must
// become FINAL before a healed network is judged.
const maxOff = 20_000

// misplace jumps a clock, which jumps back after a while.
func (s *strike) misplace(n *node, by int64) {
	wrong := 0
	for _, other := range s.w.nodes {
		if other != n && other.off != 0 {
			wrong++
		}
	}
	if wrong < s.w.bearable() {
		n.off = by
	}
	s.lift(func() { n.off = 0 })
}

// clock is what a node takes for the time, in ms since 1970.
func (n *node) clock() int64 { return n.w.clock() + n.skew + n.off }
