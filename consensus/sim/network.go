// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// The links between nodes know who sent what, and nothing else is sure of them.
type links struct {
	w    *world
	link [][]link
	side []int // nodes on different sides do not reach each other

	low, high int64 // µs that a message usually takes
	tail      float64
	maxTail   int64 // µs that a message of the tail takes at most
}

// A link is one direction between two nodes.
type link struct {
	loss   float64
	repeat float64
}

func newLinks(w *world, n int) *links {
	l := &links{w: w, side: make([]int, n), link: make([][]link, n)}
	for i := range l.link {
		l.link[i] = make([]link, n)
	}
	return l
}

// heal makes all links good, and as fast as they were.
func (l *links) heal() {
	for i := range l.link {
		clear(l.link[i])
	}
	clear(l.side)
	l.tail = 0
}

func (l *links) delay() int64 {
	if l.tail > 0 && l.w.chance(l.tail) {
		return l.w.between(l.high, l.maxTail)
	}
	return l.w.between(l.low, l.high)
}

// pass calls arrive once for each time that a message reaches to, if it does.
// It tells whether the message went on its way at all.
func (l *links) pass(from, to *node, arrive func()) bool {
	line := l.link[from.id][to.id]
	if line.loss > 0 && l.w.chance(line.loss) {
		l.w.count("lost messages", 1)
		return false
	}
	times := 1
	if line.repeat > 0 && l.w.chance(line.repeat) {
		l.w.count("repeated messages", 1)
		times = 2
	}
	for range times {
		l.w.after(l.delay(), func() {
			if l.side[from.id] != l.side[to.id] {
				l.w.count("parted messages", 1)
				return
			}
			arrive()
		})
	}
	return true
}

func (l *links) send(from *node, s consensus.Send) {
	to := l.w.nodes[s.To]
	l.w.report.Messages++
	l.pass(from, to, func() {
		if s.Class != consensus.Transactions {
			to.receive(consensus.Receive{From: from.id, Data: s.Data})
			return
		}
		tx, err := ledger.DecodeTransaction(l.w.network, s.Data)
		if err != nil {
			l.w.judge.fail(from, "contract", "a flooded transaction does not decode: %v", err)
			return
		}
		to.receive(consensus.Submit{Transaction: tx})
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
	if l.w.chance(0.5) {
		answered := false
		inner := answer
		answer = func(blocks []consensus.CertifiedBlock, failed bool) {
			if !answered {
				answered = true
				inner(blocks, failed)
			}
		}
		l.w.after(l.w.between(800_000, 1_500_000), func() { answer(nil, true) })
	}
	l.pass(asker, server, func() {
		if server.core == nil || server.paused {
			return
		}
		blocks := server.ledger.serve(f.Height, l.w.fetchLimit)
		l.pass(server, asker, func() { answer(blocks, false) })
	})
}
