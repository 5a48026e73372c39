// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"math/bits"

	"github.com/ipledger/ipledger/consensus/rules"
	"github.com/ipledger/ipledger/ledger"
)

// Bounds of the arrays below. All validators but the last are honest.
const (
	honest     = 3
	maxRounds  = 4
	maxHeights = 2
	maxNames   = 4
)

// A name is a block of a height: 1 and up, 0 for none. Blocks of height 1 are
// children of the genesis block; the n children of block p of height 1 are the
// names (p-1)n+1 to pn of height 2.
type name uint8

// A names is a set of names.
type names uint32

func (s names) has(b name) bool { return s>>b&1 != 0 }
func (s names) len() int        { return bits.OnesCount32(uint32(s)) }

// all calls visit with each name in the set.
func (s names) all(visit func(name) bool) {
	for ; s != 0; s &= s - 1 {
		if !visit(name(bits.TrailingZeros32(uint32(s)))) {
			return
		}
	}
}

// A cert is a prepare certificate: for which block, in which round.
type cert struct {
	block name
	round uint8
}

// A start is what a START says. One that was not accepted is closed.
type start struct {
	open    bool
	height  uint8 // of the base, whose name is base; height 0 is genesis
	base    name
	carried [maxHeights]name
}

// A node is an honest validator: all that it has synced.
type node struct {
	promise uint8
	start   [maxRounds]start
	prepare [maxRounds][maxHeights]names
	commit  [maxRounds][maxHeights]names
	kept    [maxHeights]cert
	told    [maxRounds][maxHeights]cert // the statement for a round that it has promised
}

// A state is a set of signed votes and statements, which anyone may have got.
type state struct {
	node [honest]node
	// What a quorum has signed, the Byzantine one's votes included, which there
	// always are. Neither can be taken back.
	prepared  [maxRounds][maxHeights]names
	certified [maxRounds][maxHeights]names
}

// A world is the fixed part of a search.
type world struct {
	heights, rounds, names int
	rules                  Rules
	set                    ledger.ValidatorSet
	need                   int // honest signers that make a quorum with the Byzantine one
	starts                 map[startsKey][]offer
	permutations           [][honest]uint8
}

var genesis = rules.Block{Hash: ledger.Hash{0xff}}

func newWorld(heights, rounds, names int, r Rules) *world {
	w := &world{heights: heights, rounds: rounds, names: names, rules: r, starts: make(map[startsKey][]offer)}
	w.set = ledger.ValidatorSet{Members: make([]ledger.Validator, honest+1)}
	w.need = r.Quorum(w.set) - 1
	w.permutations = [][honest]uint8{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	return w
}

// first is the state in which round 0 begins.
func (w *world) first() (s state) {
	for i := range s.node {
		s.node[i].start[0].open = true
	}
	return s
}

// parent gives the block of height 1 below a block of height 2.
func (w *world) parent(b name) name { return (b-1)/name(w.names) + 1 }

// children gives the blocks above a block of height 1, or above genesis for 0.
func (w *world) children(b name) names {
	all := names(1<<w.names - 1)
	if b == 0 {
		return all << 1
	}
	return all << (1 + int(b-1)*w.names)
}

// block gives a block as the rules see it. Height 0 is genesis.
func (w *world) block(height int, b name) rules.Block {
	switch height {
	case 0:
		return genesis
	case 1:
		return rules.Block{Height: 1, Hash: ledger.Hash{1, byte(b)}, Parent: genesis.Hash}
	}
	return rules.Block{Height: 2, Hash: ledger.Hash{2, byte(b)}, Parent: ledger.Hash{1, byte(w.parent(b))}}
}

// named is the way back.
func named(b rules.Block) name {
	if b.Height == 0 {
		return 0
	}
	return name(b.Hash[1])
}

// certificate gives a prepare certificate as the rules see it.
func (w *world) certificate(c cert, height int) rules.Prepared {
	return rules.Prepared{Epoch: rules.Epoch{Round: uint64(c.round)}, Block: w.block(height, c.block)}
}

func (w *world) vote(kind ledger.VoteKind, round, height int, b name) ledger.Vote {
	return ledger.Vote{Kind: kind, Round: uint64(round), Height: uint64(height), Block: w.block(height, b).Hash}
}

// firstVote gives a vote of a set, or nil if that is empty.
func (w *world) firstVote(kind ledger.VoteKind, round, height int, s names) *ledger.Vote {
	if s == 0 {
		return nil
	}
	v := w.vote(kind, round, height, name(bits.TrailingZeros32(uint32(s))))
	return &v
}

func (w *world) started(s start, round int) rules.Start {
	out := rules.Start{Epoch: rules.Epoch{Round: uint64(round)}, Base: w.block(int(s.height), s.base)}
	for i, b := range s.carried {
		if b != 0 {
			out.Carried = append(out.Carried, w.block(int(s.height)+1+i, b))
		}
	}
	return out
}
