// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

// forget drops what nothing after a stage looks at, so that states which differ
// in that only count once.
func (w *world) forget(s *state, g stage) {
	switch g.deed {
	case accepts:
		w.forgetStatements(s, g)
	case promises:
		w.forgetRound(s, g)
	default:
		w.forgetVotes(s, g)
	}
}

// forgetStatements drops the statements that START records were made of. In the
// last round nobody will ask for what nodes have kept or a quorum has prepared,
// but for the parents of certified blocks.
func (w *world) forgetStatements(s *state, g stage) {
	for i := range s.node {
		s.node[i].told[g.round] = [maxHeights]cert{}
		if g.round == w.rounds-1 {
			s.node[i].kept = [maxHeights]cert{}
		}
	}
	if g.round < w.rounds-1 {
		return
	}
	for e := range g.round {
		var parents names
		s.certified[e][1].all(func(b name) bool {
			parents |= 1 << w.parent(b)
			return true
		})
		s.prepared[e][0] &= parents
		s.prepared[e][1] = 0
	}
}

// forgetRound ends a round: of it remain what nodes have kept and said, and what
// a quorum has signed.
func (w *world) forgetRound(s *state, g stage) {
	for i := range s.node {
		n := &s.node[i]
		n.promise = uint8(g.round)
		n.start[g.round-1] = start{}
		n.prepare[g.round-1] = [maxHeights]names{}
		n.commit[g.round-1] = [maxHeights]names{}
	}
}

// forgetVotes drops votes that can have no more effect. A PREPARE that no quorum
// shares has one only if its node prepares a child of the block that a quorum
// prepares: then another node either shared it, or has the block as FINAL, as
// this node may have too.
func (w *world) forgetVotes(s *state, g stage) {
	for i := range s.node {
		n := &s.node[i]
		switch {
		case g.deed == commits && g.height == w.heights:
			n.commit[g.round] = [maxHeights]names{}
		case g.deed == commits: // the COMMITs for children ask for these
		case g.height == w.heights:
			n.prepare[g.round] = [maxHeights]names{}
		default:
			n.prepare[g.round][g.height-1] &= s.prepared[g.round][g.height-1]
		}
	}
}
