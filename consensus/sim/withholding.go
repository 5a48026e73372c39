// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// withholding is to keep silent, for a while or towards some, about what should be
// said. It leaves no proof.
var withholding = []behaviour{
	{name: "no votes", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return nil, votesOf(s) != nil
	}},
	{name: "votes to some", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return nil, votesOf(s) != nil && t.other(s.To)
	}},
	{name: "no COMMITs", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		votes := votesOf(s)
		prepares := slices.DeleteFunc(slices.Clone(votes), func(v ledger.SignedVote) bool { return v.Vote.Kind == ledger.Commit })
		return one(t.ballot(s, prepares)), len(prepares) < len(votes)
	}},
	{name: "late votes", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if votesOf(s) == nil {
			return nothing(s)
		}
		t.later(s, t.between(500_000, 5_000_000))
		return nil, true
	}},
	{name: "no blocks", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return nil, s.Class == consensus.Blocks // and heartbeats, so that nobody else stands for election
	}},
	{name: "blocks to some", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return nil, s.Class == consensus.Blocks && t.other(s.To)
	}},
	{name: "late blocks", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if s.Class != consensus.Blocks {
			return nothing(s)
		}
		t.later(s, t.between(300_000, 1_400_000))
		return nil, true
	}},
	{name: "no transactions passed on", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return nil, s.Class == consensus.Transactions
	}},
	{name: "censorship", hear: func(t *traitor, e consensus.Event) (consensus.Event, bool) {
		s, ok := e.(consensus.Submit)
		return nil, ok && s.Transaction.Body().Actor == "actor-0" // what it does not have it does not propose
	}},
	{name: "no answer to who fetches", serve: func(*traitor, uint64, []consensus.CertifiedBlock) ([]consensus.CertifiedBlock, bool) {
		return nil, true
	}},
}

// later sends a message when its time has passed, or has not: after healing, too.
func (t *traitor) later(s consensus.Send, in int64) {
	t.n.w.after(in, func() { t.n.w.links.send(t.n, s) })
}
