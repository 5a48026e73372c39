// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

// An honest validator signs what the rules of package consensus/rules allow, while
// everything around it lies: quorums prepare what they like, several blocks of one
// height and round too, and blocks become FINAL by certificates of any round. No
// two things that it signs may pass as evidence.
type honest struct {
	r *rand.Rand

	promise, round uint64 // votes in no round below; the round it is in
	base           uint64 // height that the round begins above
	final          uint64
	highest        ledger.Vote              // of its highest certificate; of height 0 for none
	prepared       map[voteSlot]ledger.Hash // prepare certificates that it holds, of this round
	kept           map[uint64]ledger.Vote
	signed         map[voteSlot]ledger.Vote
	newest, last   *ledger.Vote

	votes      []ledger.Vote
	statements []ledger.Statement

	// Mistakes that the property must find.
	forgetsVotes, forgetsPromises, keepsNothing, tellsOfTheLast, keepsTheOldest, looksBack bool
}

type voteSlot struct {
	kind          ledger.VoteKind
	round, height uint64
}

const (
	honestWindow  = 3
	honestRounds  = 5
	honestHeights = 9
)

func (h *honest) block() ledger.Hash { return ledger.Hash{byte(1 + h.r.IntN(3))} }

func (h *honest) open(height uint64) bool {
	return (h.round >= h.promise || h.forgetsPromises) && h.round >= h.highest.Round && h.highest.Height <= h.final &&
		height > h.base && height > h.final && height <= h.final+honestWindow
}

func (h *honest) sign(v ledger.Vote) {
	at := voteSlot{v.Kind, v.Round, v.Height}
	if _, before := h.signed[at]; before && !h.forgetsVotes {
		return // repeated byte for byte, or not at all
	}
	h.signed[at], h.last = v, &v
	if h.newest == nil || v.Newer(*h.newest) {
		h.newest = &v
	}
	h.votes = append(h.votes, v)
}

func (h *honest) prepare() {
	height := 1 + h.r.Uint64N(honestHeights)
	_, below := h.signed[voteSlot{ledger.Prepare, h.round, height - 1}]
	if h.open(height) && (height == h.final+1 || below) {
		h.sign(ledger.Vote{Kind: ledger.Prepare, Round: h.round, Start: ledger.Hash{byte(h.round)}, Height: height, Block: h.block(), Index: height, Term: 1 + h.r.Uint64N(2)})
	}
}

func (h *honest) commit() {
	height := 1 + h.r.Uint64N(honestHeights)
	own, held := h.prepared[voteSlot{ledger.Prepare, h.round, height}]
	below, heldBelow := h.prepared[voteSlot{ledger.Prepare, h.round, height - 1}]
	if !held || !h.open(height) || height != h.final+1 && !heldBelow {
		return
	}
	if _, before := h.signed[voteSlot{ledger.Commit, h.round, height}]; before && !h.forgetsVotes {
		return
	}
	if height != h.final+1 {
		h.keep(height-1, below)
	}
	h.keep(height, own)
	h.sign(ledger.Vote{Kind: ledger.Commit, Round: h.round, Start: ledger.Hash{byte(h.round)}, Height: height, Block: own})
}

// keep keeps the prepare certificate of the newest round.
func (h *honest) keep(height uint64, block ledger.Hash) {
	if before, ok := h.kept[height]; !h.keepsNothing && (!ok || before.Round < h.round && !h.keepsTheOldest) {
		h.kept[height] = ledger.Vote{Kind: ledger.Prepare, Round: h.round, Height: height, Block: block}
	}
}

// quorum shows it a prepare certificate of this round; of a place it holds one.
func (h *honest) quorum() {
	at := voteSlot{ledger.Prepare, h.round, 1 + h.r.Uint64N(honestHeights)}
	if _, held := h.prepared[at]; !held {
		h.prepared[at] = h.block()
	}
}

// certificate shows it that a block is FINAL, in whatever round; its ledger follows
// now or later.
func (h *honest) certificate() {
	if height := h.highest.Height + h.r.Uint64N(3); height > h.highest.Height && height <= honestHeights {
		h.highest = ledger.Vote{Kind: ledger.Commit, Round: h.r.Uint64N(h.round + 1), Height: height, Block: h.block()}
		maps.DeleteFunc(h.kept, func(at uint64, _ ledger.Vote) bool { return at <= height && h.r.IntN(2) == 0 })
	}
}

func (h *honest) catchUp() { h.final = h.highest.Height }

// state has it leave the rounds before a later one.
func (h *honest) state() {
	round := 1 + h.r.Uint64N(honestRounds)
	if round <= h.promise || round <= h.round && !h.looksBack {
		return
	}
	h.promise = round
	s := ledger.Statement{Intent: ledger.Intent{Round: round}}
	if h.highest.Height > 0 {
		s.Highest = []ledger.Certificate{{Vote: h.highest}}
	}
	for _, height := range slices.Sorted(maps.Keys(h.kept)) {
		if v := h.kept[height]; height > h.highest.Height && v.Round < round {
			s.Prepared = append(s.Prepared, ledger.PreparedBlock{Certificate: ledger.Certificate{Vote: v}})
		}
	}
	told := h.newest
	if h.tellsOfTheLast {
		told = h.last
	}
	if told != nil {
		s.Newest = []ledger.Vote{*told}
	}
	h.statements = append(h.statements, s)
}

// start takes the first START of a later round; nobody asks whether it has made a
// statement for it.
func (h *honest) start() {
	if round := h.round + 1 + h.r.Uint64N(2); round >= h.promise && round <= honestRounds {
		h.round, h.base = round, h.highest.Height
		h.prepared = make(map[voteSlot]ledger.Hash)
	}
}

// restart loses what is not synced.
func (h *honest) restart() { h.prepared = make(map[voteSlot]ledger.Hash) }

// accused lives through a random history and tells what in it passes as evidence,
// "" if nothing does.
func accused(seed uint64, mistake func(*honest)) string {
	h := &honest{
		r: rand.New(rand.NewPCG(seed, 1)), prepared: make(map[voteSlot]ledger.Hash), kept: make(map[uint64]ledger.Vote), signed: make(map[voteSlot]ledger.Vote),
	}
	mistake(h)
	often := []func(){h.prepare, h.prepare, h.commit, h.commit, h.quorum, h.quorum}
	all := append(slices.Repeat(often, 3), h.certificate, h.catchUp, h.state, h.start, h.restart)
	for range 150 {
		all[h.r.IntN(len(all))]()
	}
	for i, v := range h.votes {
		signed := ledger.SignedVote{Vote: v}
		for _, other := range h.votes[:i] {
			if ledger.Contradict(signed, ledger.SignedVote{Vote: other}) {
				return fmt.Sprintf("double vote: %+v and %+v", v, other)
			}
		}
		for _, s := range h.statements {
			if ledger.Breaks(signed, s) {
				return fmt.Sprintf("broken promise: %+v and %+v", v, s)
			}
			if ledger.Hides(s, signed) {
				return fmt.Sprintf("hidden certificate: %+v and %+v", v, s)
			}
		}
	}
	return ""
}

func TestNothingThatAnHonestValidatorSignsIsEvidence(t *testing.T) {
	for seed := range uint64(20_000) {
		if what := accused(seed, func(*honest) {}); what != "" {
			t.Fatalf("seed %d: %s", seed, what)
		}
	}
}

// Each of these leaves evidence in some history, so the test above can fail. Who
// looks back states for a round that it has gone beyond, which CheckSigner refuses.
func TestMistakesLeaveEvidence(t *testing.T) {
	for name, mistake := range map[string]func(*honest){
		"forgets its votes":                            func(h *honest) { h.forgetsVotes = true },
		"forgets its promises":                         func(h *honest) { h.forgetsPromises = true },
		"keeps no prepare certificates":                func(h *honest) { h.keepsNothing = true },
		"keeps the oldest prepare certificate":         func(h *honest) { h.keepsTheOldest = true },
		"tells of its last vote instead of the newest": func(h *honest) { h.tellsOfTheLast = true },
		"makes statements for rounds that it has left": func(h *honest) { h.looksBack = true },
	} {
		found := false
		for seed := range uint64(20_000) {
			if found = accused(seed, mistake) != ""; found {
				break
			}
		}
		if !found {
			t.Errorf("a validator that %s leaves no evidence", name)
		}
	}
}
