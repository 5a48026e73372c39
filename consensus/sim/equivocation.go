// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// equivocation is to say two things where one may be said. All of it leaves
// signatures that prove it.
var equivocation = []behaviour{
	{name: "two batches for one place", splits: true, send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if !t.other(s.To) {
			return nothing(s)
		}
		return t.rewrite(s, func(e *raftpb.Entry) []byte { return t.rival(e.GetData(), t.otherBatch) })
	}},
	{name: "votes for two blocks, to two halves", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		votes := votesOf(s)
		if votes == nil || !t.other(s.To) {
			return nothing(s)
		}
		return one(t.ballot(s, t.lie(votes))), true
	}},
	{name: "votes for two blocks, to everyone", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		votes := votesOf(s)
		if votes == nil {
			return nothing(s)
		}
		return []consensus.Send{s, t.ballot(s, t.lie(votes))}, true
	}},
	{name: "grants to two candidates", splits: true, hear: func(t *traitor, e consensus.Event) (consensus.Event, bool) {
		r, ok := e.(consensus.Receive)
		if !ok || t.head == nil {
			return e, false
		}
		m := raftIn(r.Data)
		if m == nil || m.GetType() != raftpb.MsgVote {
			return e, false
		}
		sig, err := t.n.signer.Signer.Sign(append([]byte("ipledger/grant/v1\x00"), ledger.Encode(grant{
			Start: ledger.Hash(t.head[1:]), Term: m.GetTerm(), Candidate: uint64(r.From),
		})...))
		if err != nil {
			return e, false
		}
		t.grants = true
		t.n.w.links.send(t.n, t.envelope(r.From, &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: m.Term}, sig))
		return e, true
	}},
}

// A grant is what a validator signs for a candidate of Raft's.
type grant struct {
	Start     ledger.Hash `cbor:"1,keyasint"`
	Term      uint64      `cbor:"2,keyasint"`
	Candidate uint64      `cbor:"3,keyasint"`
}

// rewrite puts other data in the place of that of the entries in a message.
func (t *traitor) rewrite(s consensus.Send, other func(*raftpb.Entry) []byte) ([]consensus.Send, bool) {
	m := raftIn(s.Data)
	if len(m.GetEntries()) == 0 {
		return nothing(s)
	}
	acts := false
	for _, e := range m.GetEntries() {
		if data := other(e); data != nil {
			e.Data, acts = data, true
		}
	}
	raw, err := proto.Marshal(m)
	if err != nil || !acts {
		return nothing(s)
	}
	skip, _ := attachment(s.Data)
	s.Data = append(s.Data[:messageHead+skip:messageHead+skip], raw...)
	return one(s), true
}

// rival gives the one rival of an own batch, or nil if data is none of its own.
func (t *traitor) rival(data []byte, change func(*ledger.SignedBatch)) []byte {
	if known, ok := t.rivals[string(data)]; ok {
		return known
	}
	w := t.n.w
	b, err := ledger.OpenBatch(w.network, w.set, data)
	if err != nil || b.Validator != uint64(t.n.id) {
		return nil
	}
	change(b)
	signed, err := ledger.SignBatch(w.network, b.Batch, uint64(t.n.id), t.n.signer.Signer)
	if err != nil {
		return nil
	}
	t.rivals[string(data)] = signed
	return signed
}

func (t *traitor) otherBatch(b *ledger.SignedBatch) {
	if txs := b.Batch.Transactions; len(txs) > 0 && t.chance(0.5) {
		b.Batch.Transactions = txs[1:]
	} else {
		b.Time++
	}
}

// votesOf gives the votes that a message consists of, or nil.
func votesOf(s consensus.Send) []ledger.SignedVote {
	if len(s.Data) <= messageHead || s.Class != consensus.Control || s.Data[0] != kindVotes {
		return nil
	}
	var votes []ledger.SignedVote
	if ledger.Decode(s.Data[messageHead:], len(s.Data), &votes) != nil {
		return nil
	}
	return votes
}

// ballot gives a message with other votes in it.
func (t *traitor) ballot(s consensus.Send, votes []ledger.SignedVote) consensus.Send {
	s.Data = append(s.Data[:messageHead:messageHead], ledger.Encode(votes)...)
	return s
}

// lie gives a vote for another block for each vote.
func (t *traitor) lie(votes []ledger.SignedVote) []ledger.SignedVote {
	lies := make([]ledger.SignedVote, 0, len(votes))
	for _, one := range votes {
		v := one.Vote
		v.Block = t.rivalBlock(v)
		lie, ok := t.lies[v]
		if !ok {
			var err error
			if lie, err = v.Sign(uint64(t.n.id), t.n.signer.Signer); err != nil {
				continue
			}
			t.lies[v] = lie
			t.n.w.judge.forged(t.n, lie)
		}
		lies = append(lies, lie)
	}
	return lies
}

// rivalBlock gives a block that another vote of v's kind could be for: one that
// somebody has executed, or one that does not exist.
func (t *traitor) rivalBlock(v ledger.Vote) ledger.Hash {
	for _, hash := range t.n.w.rivals[v.Height] {
		if hash != v.Block {
			return hash
		}
	}
	return t.n.w.network.Suite.Sum(v.Block[:])
}

// noise gives bytes that are nobody's signature.
func (t *traitor) noise() keys.Signature {
	sig := make(keys.Signature, keys.SignatureSize)
	for i := range sig {
		sig[i] = byte(t.IntN(256))
	}
	return sig
}

// grantedTwice tells that two leaders of one term are no wonder: majorities of an
// odd number of members may have one member in common, who is a traitor or has
// forgotten.
func (w *world) grantedTwice() bool {
	for _, n := range w.nodes {
		if n.treason != nil && n.treason.grants || n.amnesiac {
			return true
		}
	}
	return false
}
