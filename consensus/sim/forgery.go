// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// forgery is to say what others should have signed, or the ledger should have
// given.
var forgery = []behaviour{
	{name: "votes of others", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		votes := votesOf(s)
		if votes == nil {
			return nothing(s)
		}
		forged := t.forge(votes)
		for i := range forged {
			forged[i].Validator = uint64(t.IntN(len(t.n.w.nodes)))
		}
		return []consensus.Send{s, t.ballot(s, forged)}, true
	}},
	{name: "own votes that do not verify", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		votes := votesOf(s)
		if votes == nil {
			return nothing(s)
		}
		return one(t.ballot(s, t.forge(votes))), true
	}},
	{name: "votes of others for what they did not vote for", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		votes := votesOf(s)
		if votes == nil {
			return nothing(s)
		}
		moved := slices.Clone(votes) // a signature that is good, under another vote
		for i := range moved {
			moved[i].Vote.Block = t.rivalBlock(moved[i].Vote)
		}
		return one(t.ballot(s, moved)), true
	}},
	{name: "reports of votes that were not signed", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		var r report
		if s.Class != consensus.Control || len(s.Data) <= messageHead || s.Data[0] != kindReport ||
			ledger.Decode(s.Data[messageHead:], len(s.Data), &r) != nil {
			return nothing(s)
		}
		v := ledger.Vote{Kind: ledger.Commit, Chain: t.n.w.network.Chain, Start: ledger.Hash(s.Data[1:messageHead]), Height: t.n.w.judge.top() + 5}
		r.Newest = []ledger.SignedVote{{Vote: v, Validator: uint64(s.To), Signature: t.noise()}}
		if t.chance(0.5) {
			r.Newest = nil // or to say that nothing is known
		}
		s.Data = append(s.Data[:messageHead:messageHead], ledger.Encode(r)...)
		return one(s), true
	}},
	{name: "wrong results", hear: func(t *traitor, e consensus.Event) (consensus.Event, bool) {
		x, ok := e.(consensus.Executed)
		if !ok || x.Stale || x.Conflict || x.Height <= t.n.ledger.height() {
			return e, false
		}
		x.Header.StateRoot = t.n.w.network.Suite.Sum(x.Header.StateRoot[:])
		return x, true
	}},
	{name: "batches that nobody can open", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return t.rewrite(s, func(e *raftpb.Entry) []byte {
			if len(e.GetData()) == 0 {
				return nil
			}
			data := slices.Clone(e.GetData())
			data[t.IntN(len(data))] ^= 1 << t.IntN(8)
			return data
		})
	}},
	{name: "batches from the future", splits: true, send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return t.rewrite(s, func(e *raftpb.Entry) []byte {
			return t.rival(e.GetData(), func(b *ledger.SignedBatch) { b.Time += oneOf(t.dice, int64(5_000), 3_600_000) })
		})
	}},
	{name: "batches from the past", splits: true, send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return t.rewrite(s, func(e *raftpb.Entry) []byte {
			return t.rival(e.GetData(), func(b *ledger.SignedBatch) { b.Time = oneOf(t.dice, 0, b.Time-3_600_000) })
		})
	}},
	{name: "batches for another place", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return t.rewrite(s, func(e *raftpb.Entry) []byte {
			return t.rival(e.GetData(), func(b *ledger.SignedBatch) { b.Index++ })
		})
	}},
}

// A report tells a member the newest vote of its key that is known.
type report struct {
	Nonce  uint64              `cbor:"1,keyasint"`
	Newest []ledger.SignedVote `cbor:"2,keyasint,omitempty"`
}

// forge gives votes for the same or another block whose signatures are nobody's.
func (t *traitor) forge(votes []ledger.SignedVote) []ledger.SignedVote {
	forged := slices.Clone(votes)
	for i := range forged {
		if t.chance(0.7) {
			forged[i].Vote.Block = t.rivalBlock(forged[i].Vote)
		}
		forged[i].Signature = t.noise()
	}
	return forged
}
