// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"

	"github.com/ipledger/ipledger/ledger"
)

// An Epoch is a validator set and a round of it.
type Epoch struct{ Set, Round uint64 }

// EpochOf gives the epoch of a vote or of the certificate made of it.
func EpochOf(v ledger.Vote) Epoch { return Epoch{v.Set, v.Round} }

// Compare orders epochs by set, then round.
func (e Epoch) Compare(than Epoch) int {
	return cmp.Or(cmp.Compare(e.Set, than.Set), cmp.Compare(e.Round, than.Round))
}

// A Block is a block's place in the chain.
type Block struct {
	Height       uint64
	Hash, Parent ledger.Hash
}

// A Verdict is the answer to the question whether to sign a vote.
type Verdict uint8

// The verdicts.
const (
	Wait          Verdict = iota // not as things are
	Sign                         // it may be signed
	Signed                       // it was signed before and may be repeated
	Contradiction                // another vote was signed in its place: sign nothing more
)

// A Voter is what binds the votes of a node. All of it is synced or FINAL.
type Voter struct {
	Promise Epoch  // it votes in no epoch below
	Start   Start  // of the round in which it votes
	Final   Block  // the head of its ledger
	Kept    uint64 // height of the highest certificate it has kept
	KeptOf  Epoch  // the epoch of that certificate
	Window  uint64 // blocks above FINAL that may be voted on
	Last    uint64 // height of the boundary block that ends its set, 0 for none
}

// Below is what a node has in the epoch of a vote about the height below it.
type Below struct {
	Prepared  ledger.Hash // block of its own PREPARE, or zero
	Committed ledger.Hash // block of its own COMMIT, or zero
}

// Prepare judges a PREPARE for the child of parent. before is the PREPARE that
// the node has signed for this epoch and height, or nil.
func (n Voter) Prepare(v ledger.Vote, parent ledger.Hash, below Below, before *ledger.Vote) Verdict {
	if before != nil {
		return repeated(*before, v)
	}
	if !n.open(v) || !n.onFinal(v, parent) && !is(below.Prepared, parent) {
		return Wait
	}
	if carried, ok := n.Start.At(v.Height); ok && carried.Hash != v.Block {
		return Wait
	}
	return Sign
}

// Commit judges a COMMIT for the child of parent. prepared is the block of the
// prepare certificate that the node holds for this epoch and height, or zero.
// What KeptFor gives is synced together with the vote.
//
// That the parent has a prepare certificate is not enough: its own parent may have
// none here, and a later round carries nothing above a gap. Who has committed on the
// parent has kept the certificates of all ancestors above FINAL.
func (n Voter) Commit(v ledger.Vote, parent, prepared ledger.Hash, below Below, before *ledger.Vote) Verdict {
	if before != nil {
		return repeated(*before, v)
	}
	if !n.open(v) || !is(prepared, v.Block) || !n.onFinal(v, parent) && !is(below.Committed, parent) {
		return Wait
	}
	return Sign
}

// repeated judges a vote in a place where one was signed before.
func repeated(before, v ledger.Vote) Verdict {
	if before == v {
		return Signed
	}
	return Contradiction
}

// open tells that the node may vote in the epoch and at the height of v at all.
// A certificate of a later epoch tells that a quorum has promised to leave this
// one: nothing can come of a vote here any more.
func (n Voter) open(v ledger.Vote) bool {
	e := EpochOf(v)
	return e == n.Start.Epoch && e.Compare(n.Promise) >= 0 && e.Compare(n.KeptOf) >= 0 &&
		n.Kept <= n.Final.Height && // a ledger that was put back catches up first
		v.Height > n.Start.Base.Height && v.Height > n.Final.Height && v.Height <= n.Final.Height+n.Window &&
		(n.Last == 0 || v.Height <= n.Last)
}

func (n Voter) onFinal(v ledger.Vote, parent ledger.Hash) bool {
	return v.Height == n.Final.Height+1 && parent == n.Final.Hash
}

// is tells that there is a block and that it is want.
func is(block, want ledger.Hash) bool { return block == want && block != ledger.Hash{} }
