// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"github.com/ipledger/ipledger/consensus/rules"
	"github.com/ipledger/ipledger/ledger"
)

// A deed is what one honest node does.
type deed uint8

const (
	nothing deed = iota
	promises
	accepts
	prepares
	commits
)

// An action is one step: who did what. Its names are those of the state before.
type action struct {
	deed          deed
	node          uint8
	round, height uint8
	block         name
	offer         offer // of accepts
	promised      bool  // of a vote: its node promised the next round just before
	first         name  // of a vote: its node voted for this block just before
}

// An offer is a START that the Byzantine validator can make, and of what.
type offer struct {
	start start
	of    [honest]bool             // whose statements, besides its own
	lie   [maxHeights]cert         // what its own statement tells
	above uint8                    // height of the certificate in its own statement
	on    name                     // and its block
	tells [honest][maxHeights]cert // what the others' say, for the trace
}

// A next is a state with the action that leads to it.
type next struct {
	state  state
	action action
}

// promise lets node i promise round r.
func (w *world) promise(s *state, i, r int, visit func(next)) {
	if int(s.node[i].promise) != r-1 || r >= w.rounds {
		return
	}
	t := *s
	t.node[i].promise = uint8(r)
	t.node[i].told[r] = t.node[i].kept
	visit(next{t, action{deed: promises, node: uint8(i), round: uint8(r)}})
}

// accept lets node i take a START of round r that carries anything that a quorum
// of statements allows. Any validator might be the Byzantine one, so its place in
// the round robin does not matter, and it may make as many STARTs as it likes.
func (w *world) accept(s *state, i, r int, visit func(next)) {
	n := &s.node[i]
	if r == 0 || n.start[r].open || int(n.promise) != r {
		return
	}
	for _, o := range w.offers(s, r) {
		t := *s
		t.node[i].start[r] = o.start
		visit(next{t, action{deed: accepts, node: uint8(i), round: uint8(r), offer: o}})
	}
}

// voter gives what binds node i in round r if final is its head.
func voter(n *node, w *world, r int, final rules.Block, of int) rules.Voter {
	return rules.Voter{
		Promise: rules.Epoch{Round: uint64(n.promise)},
		Start:   w.started(n.start[r], r),
		Final:   final,
		Kept:    final.Height,
		KeptOf:  rules.Epoch{Round: uint64(of)},
		Window:  8,
	}
}

// heads calls visit with each head that a node may have when it votes about
// height h in round r, and with the round of the certificate: the block that its
// START rests on, or any certified block right below h. A node that has seen less
// is one whose messages are late.
func (w *world) heads(s *state, n *node, r, h int, visit func(final rules.Block, of int)) {
	st := n.start[r]
	if int(st.height) >= h {
		return
	}
	visit(w.block(int(st.height), st.base), 0)
	if h < 2 || int(st.height) == h-1 {
		return
	}
	for of := range w.rounds {
		s.certified[of][h-2].all(func(b name) bool {
			visit(w.block(h-1, b), of)
			return true
		})
	}
}

// prepareVote lets node i sign PREPARE for a block of height h in round r.
func (w *world) prepareVote(s *state, i, r, h int, visit func(next)) {
	n := &s.node[i]
	if !n.start[r].open {
		return
	}
	before := w.firstVote(ledger.Prepare, r, h, n.prepare[r][h-1])
	w.candidates(h, func(b name) {
		if n.prepare[r][h-1].has(b) {
			return
		}
		v, parent := w.vote(ledger.Prepare, r, h, b), w.block(h, b).Parent
		var below rules.Below
		if h > 1 && n.prepare[r][h-2].has(w.parent(b)) {
			below.Prepared = parent
		}
		done := false
		w.heads(s, n, r, h, func(final rules.Block, of int) {
			if done || w.rules.Prepare(voter(n, w, r, final, of), v, parent, below, before) != rules.Sign {
				return
			}
			done = true
			t := *s
			t.node[i].prepare[r][h-1] |= 1 << b
			if w.rules.OnePhase {
				w.keep(&t.node[i], w.certificate(cert{b, uint8(r)}, h))
			}
			w.count(&t, r, h, b)
			visit(next{t, action{deed: prepares, node: uint8(i), round: uint8(r), height: uint8(h), block: b}})
		})
	})
}

// candidates calls visit with every block that Raft may give at a height.
func (w *world) candidates(h int, visit func(name)) {
	last := w.names
	if h == 2 {
		last *= w.names
	}
	for b := 1; b <= last; b++ {
		visit(name(b))
	}
}

// commitVote lets node i sign COMMIT for a block of height h in round r.
func (w *world) commitVote(s *state, i, r, h int, visit func(next)) {
	n := &s.node[i]
	if !n.start[r].open || w.rules.OnePhase {
		return
	}
	before := w.firstVote(ledger.Commit, r, h, n.commit[r][h-1])
	w.candidates(h, func(b name) {
		if n.commit[r][h-1].has(b) {
			return
		}
		block := w.block(h, b)
		var prepared ledger.Hash
		if s.prepared[r][h-1].has(b) {
			prepared = block.Hash
		}
		var below rules.Below
		if h > 1 && n.commit[r][h-2].has(w.parent(b)) {
			below.Committed = block.Parent
		}
		w.heads(s, n, r, h, func(final rules.Block, of int) {
			v := w.vote(ledger.Commit, r, h, b)
			if w.rules.Commit(voter(n, w, r, final, of), v, block.Parent, prepared, below, before) != rules.Sign {
				return
			}
			t := *s
			t.node[i].commit[r][h-1] |= 1 << b
			for _, p := range w.rules.KeptFor(w.certificate(cert{b, uint8(r)}, h)) {
				if s.prepared[r][p.Block.Height-1].has(named(p.Block)) {
					w.keep(&t.node[i], p)
				}
			}
			w.count(&t, r, h, b)
			visit(next{t, action{deed: commits, node: uint8(i), round: uint8(r), height: uint8(h), block: b}})
		})
	})
}

// keep syncs a prepare certificate, one for each height.
func (w *world) keep(n *node, p rules.Prepared) {
	at := &n.kept[p.Block.Height-1]
	if at.block == 0 || w.rules.Supersedes(p, w.certificate(*at, int(p.Block.Height))) {
		*at = cert{named(p.Block), uint8(p.Epoch.Round)}
	}
}

// count notes what a quorum has signed, now that there is one more vote.
func (w *world) count(s *state, r, h int, b name) {
	prepared, committed := 0, 0
	for i := range s.node {
		if s.node[i].prepare[r][h-1].has(b) {
			prepared++
		}
		if s.node[i].commit[r][h-1].has(b) {
			committed++
		}
	}
	if prepared >= w.need {
		s.prepared[r][h-1] |= 1 << b
	}
	if committed >= w.need || w.rules.OnePhase && prepared >= w.need {
		s.certified[r][h-1] |= 1 << b
	}
}
