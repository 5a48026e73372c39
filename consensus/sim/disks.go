// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"maps"

	"github.com/ipledger/ipledger/ledger"
)

// What a crash leaves of unsynced writes is in disk.go. Here is what becomes of
// whole databases.
//
// A ledger may be put back to an older state, or be lost: the node fetches what
// it lacks. A record of votes that is wiped or put back is lost for good. Its
// node cannot know by itself what it has signed; the others tell it, and from
// then on it only follows.

// diskFaults slow disks down, fill them, tear what is written, put databases back
// and wipe them.
var diskFaults = []fault{
	{"slow disk", func(s *strike) {
		n := s.victim()
		n.slow = s.between(20_000, 400_000)
		s.lift(func() { n.slow = 0 })
	}},
	{"full disk", func(s *strike) {
		// A node that cannot write stops. Until there is room it does so again
		// each time it is started.
		n := s.victim()
		if s.w.rough || s.w.down() < s.w.bearable() {
			n.full, n.away = true, s.between(200_000, 1_000_000)
			s.lift(func() { n.full = false })
		}
	}},
	{"torn write", func(s *strike) {
		if n := s.victim(); s.fell(n) {
			n.torn = true
		}
	}},
	{"old ledger", func(s *strike) { s.putBack(s.victim(), 1+s.IntN(20)) }},
	{"wiped ledger", func(s *strike) { s.putBack(s.victim(), everything) }},
	{"wiped votes", func(s *strike) { s.loseVotes(newDisk(0).durable) }},
	{"old votes", func(s *strike) {
		if n := s.w.loser(); n != nil {
			s.loseVotes(n.disk.durable.clone())
		}
	}},
	{"old log", func(s *strike) { s.loseLog() }},
	{"sudden loss of votes", func(s *strike) { s.loseMemory() }},
}

// everything is a number of blocks that no ledger has.
const everything = 1 << 30

// putBack lets a node come back with an older copy of its ledger, as after a
// restore from backup; its consensus database stays.
func (s *strike) putBack(n *node, blocks int) {
	if s.fell(n) {
		n.putBack = blocks
	}
}

// spare tells whether another node, one that will live, has all that is FINAL:
// else an old copy in this node's place would really lose something. Who is to
// die may do so before anyone has fetched from it, and is no spare.
func (w *world) spare(n *node) bool {
	for _, other := range w.nodes {
		if other != n && other.fate != dies && other.ledger.height() == w.judge.top() {
			return true
		}
	}
	return false
}

// lossOfVotes are the faults that only befall who is fated to lose its votes.
var lossOfVotes = []string{"wiped votes", "old votes", "old log", "sudden loss of votes"}

// loser gives a node that is to lose its votes, and has them yet.
func (w *world) loser() *node {
	for _, n := range w.nodes {
		if n.fate == loses && !n.lost && !n.amnesiac {
			return n
		}
	}
	return nil
}

// loseVotes puts an image in the place of a node's consensus database, as soon
// as so many others know of a newer vote that its node must find out: any q-1
// of them, whom it has to ask, include one.
func (s *strike) loseVotes(left image) {
	n := s.w.loser()
	away := s.between(50_000, 3_000_000)
	if n == nil {
		return
	}
	left.self = n.id
	var wait func()
	wait = func() {
		if n.lost || n.amnesiac || s.w.healed {
			return
		}
		if n.core == nil || !s.w.remember(n, left.newest[uint64(n.id)]) {
			s.w.after(300_000, wait)
			return
		}
		n.lost, n.away = true, away
		s.w.crash(n)
		n.disk.durable, n.disk.volatile = left, nil // what it has said stays said: it is in the certificates of others
		s.w.count("lost records of votes", 1)
		s.w.note(n, "votes lost", 0, 0, nil)
	}
	wait()
}

// loseLog puts an image in the place of a node's consensus database that has the
// node's newest vote and lacks what Raft has promised since. Nobody can tell the
// node.
func (s *strike) loseLog() {
	n, when, away := s.w.loser(), s.between(100_000, 5_000_000), s.between(50_000, 3_000_000)
	if n == nil {
		return
	}
	old := n.disk.durable.clone()
	s.w.after(when, func() {
		now := &n.disk.durable
		if n.core == nil || n.lost || n.amnesiac || s.w.healed || len(n.disk.volatile) > 0 || now.hardState == old.hardState ||
			now.newest[uint64(n.id)].Vote != old.newest[uint64(n.id)].Vote || now.statement != old.statement || now.start != old.start {
			return
		}
		n.away = away
		s.w.crash(n)
		n.disk.durable = old
		s.w.count("lost promises of Raft", 1)
		s.w.note(n, "log lost", old.last(), now.last(), nil)
	})
}

// loseMemory wipes or puts back a record of votes, whether anybody remembers what
// it held or not. If nobody does, its node signs again what it has signed before:
// it is one of the few that may do so, and all is as if it betrayed.
func (s *strike) loseMemory() {
	n, when, away := s.w.loser(), s.between(0, 5_000_000), s.between(50_000, 3_000_000)
	if n == nil {
		return
	}
	left := newDisk(n.id).durable
	if s.chance(0.5) {
		left = n.disk.durable.clone()
	}
	s.w.after(when, func() {
		if n.core == nil || n.lost || n.amnesiac || s.w.healed {
			return
		}
		n.amnesiac, n.away = true, away
		s.w.crash(n)
		n.disk.durable = left
		s.w.count("memories lost", 1)
		s.w.note(n, "memory lost", 0, 0, nil)
	})
}

// remember tells whether n-q+1 sound members have a newer vote of a node on
// disk than some vote.
func (w *world) remember(n *node, than ledger.SignedVote) bool {
	know := 0
	for _, other := range w.nodes {
		newest, ok := other.disk.durable.newest[uint64(n.id)]
		if ok && other != n && other.fate == lives && (than.Signature == nil || newest.Vote.Newer(than.Vote)) {
			know++
		}
	}
	return know >= len(w.nodes)-w.set.Quorum()+1
}

// clone copies an image; what it points to never changes.
func (m *image) clone() image {
	c := *m
	c.votes, c.newest, c.prepared = maps.Clone(m.votes), maps.Clone(m.newest), maps.Clone(m.prepared)
	return c
}
