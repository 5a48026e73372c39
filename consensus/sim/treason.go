// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A traitor runs the same core as everybody, and what it sends is changed on the
// way out: other bytes, old messages, other fields of Raft's, another batch for
// the same place in the log, a second vote for the same slot.

// betray gives what the traitor sends in the place of s.
func (w *world) betray(n *node, s consensus.Send) consensus.Send {
	n.kept = append(n.kept, s)
	n.kept = n.kept[max(0, len(n.kept)-64):]
	if w.healed || s.Class == consensus.Transactions || len(s.Data) <= messageHead || !w.chance(0.15) {
		return s
	}
	switch s.Data = slices.Clone(s.Data); w.rng.IntN(4) {
	case 0: // other bytes
		for range 1 + w.rng.IntN(3) {
			s.Data[messageHead+w.rng.IntN(len(s.Data)-messageHead)] = byte(w.rng.IntN(256))
		}
		w.count("treason bytes", 1)
	case 1: // an old message, to whomever it was
		old := n.kept[w.rng.IntN(len(n.kept))]
		s.Class, s.Data = old.Class, old.Data
		w.count("treason replay", 1)
	default:
		switch s.Data[0] {
		case kindRaft:
			s.Data = w.bend(n, s.Data)
		case kindVotes:
			s.Data = w.voteTwice(n, s.Data)
		}
	}
	return s
}

// bend changes a message of Raft and leaves its form as it is.
func (w *world) bend(n *node, data []byte) []byte {
	skip, _ := attachment(data)
	m := raftIn(data)
	if m == nil {
		return data
	}
	if len(m.GetEntries()) > 0 && w.chance(0.7) {
		w.count("treason batch", 1)
		for _, e := range m.GetEntries() {
			w.equivocate(n, e)
		}
	} else {
		w.count("treason raft", 1)
		w.bendFields(m)
	}
	raw, err := proto.Marshal(m)
	if err != nil {
		return data
	}
	return append(data[:messageHead+skip:messageHead+skip], raw...)
}

// bendFields gives one or two of the numbers in m other values.
func (w *world) bendFields(m *raftpb.Message) {
	for range 1 + w.rng.IntN(2) {
		other := func(now uint64) *uint64 {
			switch w.rng.IntN(6) {
			case 0:
				return proto.Uint64(0)
			case 1:
				return proto.Uint64(^uint64(0) - uint64(w.rng.IntN(2)))
			case 2:
				return proto.Uint64(now + 1_000_000)
			}
			return proto.Uint64(now + uint64(w.rng.IntN(5)) - 2)
		}
		switch w.rng.IntN(8) {
		case 0:
			m.Term = other(m.GetTerm())
		case 1:
			m.Index = other(m.GetIndex())
		case 2:
			m.LogTerm = other(m.GetLogTerm())
		case 3:
			m.Commit = other(m.GetCommit())
		case 4:
			m.Reject = proto.Bool(!m.GetReject())
		case 5:
			m.RejectHint = other(m.GetIndex())
		case 6:
			m.Type = raftpb.MessageType(w.rng.IntN(24)).Enum()
		case 7:
			m.From = other(m.GetFrom())
		}
	}
}

// equivocate signs another batch for the place of an own one.
func (w *world) equivocate(n *node, e *raftpb.Entry) {
	b, err := ledger.OpenBatch(w.network, w.set, e.GetData())
	if err != nil || b.Validator != uint64(n.id) {
		return
	}
	if txs := b.Batch.Transactions; len(txs) > 0 && w.chance(0.5) {
		b.Batch.Transactions = txs[1:]
	} else {
		b.Time++
	}
	if data, err := ledger.SignBatch(w.network, b.Batch, uint64(n.id), n.signer.Signer); err == nil {
		e.Data = data
	}
}

// voteTwice puts second votes in the place of those in a message.
func (w *world) voteTwice(n *node, data []byte) []byte {
	var votes []ledger.SignedVote
	if ledger.Decode(data[messageHead:], len(data), &votes) != nil {
		return data
	}
	for i := range votes {
		v := votes[i].Vote
		if blocks := w.rivals[v.Height]; len(blocks) > 1 && w.chance(0.7) {
			v.Block = blocks[w.rng.IntN(len(blocks))]
		} else {
			v.Block = w.network.Suite.Sum(v.Block[:])
		}
		s, err := v.Sign(uint64(n.id), n.signer.Signer)
		if err != nil {
			return data
		}
		votes[i] = s
		w.judge.forged(n, s)
	}
	w.count("treason vote", 1)
	return append(data[:messageHead:messageHead], ledger.Encode(votes)...)
}
