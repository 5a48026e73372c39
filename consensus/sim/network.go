// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"github.com/ipledger/ipledger/consensus"
)

// The links between nodes know who sent what, and nothing else is sure of them.
type links struct {
	w *world
	dice
	link [][]link
	loss map[traffic]float64

	low, high int64 // µs that a message usually takes
	tail      float64
	maxTail   int64 // µs that a message of the tail takes at most

	hoard    float64 // messages of which a copy comes long after
	maxHoard int64   // µs

	honest  int   // messages of members that are no traitors
	flooded int64 // when one of these last passed a transaction on
}

// A link is one direction between two nodes.
type link struct {
	loss   float64
	repeat float64
	cuts   int // faults that keep everything from arriving
}

// Traffic is a class of messages: the kind of a control message, or one of those
// below.
type traffic int

const (
	transactions traffic = -1 - iota
	entries
	blocks
)

func trafficOf(s consensus.Send) traffic {
	switch {
	case s.Class == consensus.Transactions || len(s.Data) == 0:
		return transactions
	case s.Class == consensus.Blocks:
		return entries
	}
	return traffic(s.Data[0])
}

func newLinks(w *world, n int) *links {
	l := &links{w: w, dice: newDice(w.o, "links", 0), link: make([][]link, n), loss: make(map[traffic]float64)}
	for i := range l.link {
		l.link[i] = make([]link, n)
	}
	return l
}

// heal makes all links good, and as fast as they were. What is under way long
// since arrives when it would have.
func (l *links) heal() {
	for i := range l.link {
		clear(l.link[i])
	}
	clear(l.loss)
	l.tail, l.hoard = 0, 0
}

func (l *links) delay() int64 {
	if l.tail > 0 && l.chance(l.tail) {
		return l.between(l.high, l.maxTail)
	}
	return l.between(l.low, l.high)
}

// pass calls arrive once for each time that a message reaches to, if it does.
func (l *links) pass(from, to *node, what traffic, arrive func()) {
	line := &l.link[from.id][to.id]
	if loss := max(line.loss, l.loss[what]); loss > 0 && l.chance(loss) {
		l.w.count("lost messages", 1)
		return
	}
	l.deliver(line, l.delay(), arrive)
	if line.repeat > 0 && l.chance(line.repeat) {
		l.w.count("repeated messages", 1)
		l.deliver(line, l.delay(), arrive)
	}
	if l.hoard > 0 && l.chance(l.hoard) {
		l.w.count("hoarded messages", 1)
		l.deliver(line, l.between(2_000_000, l.maxHoard), arrive)
	}
}

func (l *links) deliver(line *link, in int64, arrive func()) {
	l.w.after(in, func() {
		if line.cuts > 0 {
			l.w.count("parted messages", 1)
			return
		}
		arrive()
	})
}

func (l *links) send(from *node, s consensus.Send) {
	to := l.w.nodes[s.To]
	l.w.report.Messages++
	if from.treason == nil {
		l.honest++
		if s.Class == consensus.Transactions {
			l.flooded = l.w.now
		}
	}
	l.pass(from, to, trafficOf(s), func() {
		if s.Class != consensus.Transactions {
			to.receive(consensus.Receive{From: from.id, Data: s.Data})
			return
		}
		tx, err := l.w.decode(s.Data)
		if err != nil {
			l.w.judge.fail(from, Contract, "a flooded transaction does not decode: %v", err)
			return
		}
		if !to.ledger.past(tx) {
			to.receive(consensus.Submit{Transaction: tx})
		}
	})
}

// fetch asks another node's ledger for blocks. Whoever is down does not answer;
// the asker then learns after a while that nothing came, or is left to find out.
func (l *links) fetch(asker *node, f consensus.Fetch) {
	server, life := l.w.nodes[f.From], asker.life
	answer := func(blocks []consensus.CertifiedBlock, failed bool) {
		if asker.life == life {
			asker.receive(consensus.Fetched{From: f.From, Blocks: blocks, Failed: failed})
		}
	}
	if l.chance(0.5) {
		answered := false
		inner := answer
		answer = func(blocks []consensus.CertifiedBlock, failed bool) {
			if !answered {
				answered = true
				inner(blocks, failed)
			}
		}
		l.w.after(l.between(800_000, 1_500_000), func() { answer(nil, true) })
	}
	l.pass(asker, server, blocks, func() {
		if server.core == nil || server.paused {
			return
		}
		got := server.serve(f.Height, l.w.fetchLimit)
		l.pass(server, asker, blocks, func() { answer(got, false) })
	})
}

// serve gives the blocks that a node's ledger holds, or what a traitor gives in
// their place.
func (n *node) serve(height uint64, limit int) []consensus.CertifiedBlock {
	got := n.ledger.serve(height, limit)
	if n.treason != nil {
		got = n.treason.serve(height, got)
	}
	return got
}
