// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/binary"
	"math"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A raftAttack is a message that one member can send to a bare Raft, and what
// Raft makes of it.
type raftAttack struct {
	name   string
	splits bool
	forge  func(*traitor, raftView) *raftpb.Message
}

// A raftView is what a traitor knows of its group.
type raftView struct{ term, commit, last uint64 }

// raftAttacks are one behaviour for each.
var raftAttacks = func() (all []behaviour) {
	for _, a := range raftMessages {
		all = append(all, behaviour{name: "raft: " + a.name, splits: a.splits, send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
			if t.head == nil || !t.chance(0.1) || t.n.core == nil {
				return nothing(s)
			}
			own := &t.n.disk.durable
			v := raftView{own.hardState.GetTerm(), own.hardState.GetCommit(), own.last()}
			return []consensus.Send{s, t.envelope(s.To, a.forge(t, v), t.proof)}, true
		}})
	}
	return append(all, behaviour{name: "raft: other fields", splits: true, send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		m := raftIn(s.Data)
		if m == nil {
			return nothing(s)
		}
		t.bend(m)
		raw, err := proto.Marshal(m)
		if err != nil {
			return nothing(s)
		}
		skip, _ := attachment(s.Data)
		s.Data = append(s.Data[:messageHead+skip:messageHead+skip], raw...)
		return one(s), true
	}})
}()

// raftMessages are what one member can kill or seize a bare etcd/raft group with,
// and what else it may try.
var raftMessages = []raftAttack{
	{"a heartbeat with a commit index beyond the log", false, func(t *traitor, v raftView) *raftpb.Message { // panics the receiver
		return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: &v.term, Commit: proto.Uint64(v.last + 999)}
	}},
	{"a heartbeat that commits too early", true, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: &v.term, Commit: &v.last}
	}},
	{"a heartbeat of a far term", false, func(t *traitor, v raftView) *raftpb.Message { // makes its sender leader
		return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: proto.Uint64(v.term + 50)}
	}},
	{"a heartbeat of the last term", false, func(t *traitor, v raftView) *raftpb.Message { // panics at the next pre-vote, for ever
		return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: proto.Uint64(math.MaxUint64)}
	}},
	{"an answer of a newer term", false, func(t *traitor, v raftView) *raftpb.Message { // the leader steps down
		return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: proto.Uint64(v.term + 9), Index: &v.last}
	}},
	{"a candidate that claims the leader's blessing", false, func(t *traitor, v raftView) *raftpb.Message { // goes past the lease
		return &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: proto.Uint64(v.term + 1), Index: &v.last, LogTerm: &v.term, Context: []byte("CampaignTransfer")}
	}},
	{"a transfer of leadership", false, func(t *traitor, v raftView) *raftpb.Message { // to the sender
		return &raftpb.Message{Type: raftpb.MsgTransferLeader.Enum(), Term: &v.term}
	}},
	{"an order to campaign", false, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgTimeoutNow.Enum(), Term: &v.term}
	}},
	{"a snapshot of another membership", false, func(t *traitor, v raftView) *raftpb.Message { // drops the log
		return t.snapshot(v, 1_000_000_000, []uint64{2, 4})
	}},
	{"a snapshot of what is not FINAL", false, func(t *traitor, v raftView) *raftpb.Message {
		all := make([]uint64, len(t.n.w.nodes))
		for i := range all {
			all[i] = uint64(i) + 1
		}
		return t.snapshot(v, v.last+3, all)
	}},
	{"an append with a gap in it", false, func(t *traitor, v raftView) *raftpb.Message { // panics
		return t.append(v, v.last, v.term, t.entry(v.last+1, v.term), t.entry(v.last+3, v.term))
	}},
	{"an append of entries from the future", false, func(t *traitor, v raftView) *raftpb.Message {
		return t.append(v, v.last, v.term, t.entry(v.last+1, v.term+5))
	}},
	{"an append over what is committed", true, func(t *traitor, v raftView) *raftpb.Message {
		at := v.commit - min(v.commit, 1+t.Uint64N(3))
		return t.append(v, at, v.term, t.entry(at+1, v.term))
	}},
	{"an append by who does not lead", false, func(t *traitor, v raftView) *raftpb.Message {
		if at := t.n.core.Status(); !at.HasLeader || at.Leader == t.n.id {
			return &raftpb.Message{Type: raftpb.MsgHeartbeatResp.Enum(), Term: &v.term} // it would be a second batch
		}
		return t.append(v, v.last, v.term, t.entry(v.last+1, v.term))
	}},
	{"an append with a change of members", false, func(t *traitor, v raftView) *raftpb.Message {
		e := t.entry(v.last+1, v.term)
		e.Type = raftpb.EntryConfChangeV2.Enum()
		return t.append(v, v.last, v.term, e)
	}},
	{"an append without end", false, func(t *traitor, v raftView) *raftpb.Message {
		return t.append(v, math.MaxUint64, v.term, t.entry(0, v.term))
	}},
	{"many empty entries", false, func(t *traitor, v raftView) *raftpb.Message {
		var es []*raftpb.Entry
		for i := range uint64(20) {
			es = append(es, &raftpb.Entry{Index: proto.Uint64(v.last + 1 + i), Term: &v.term, Type: raftpb.EntryNormal.Enum()})
		}
		return t.append(v, v.last, v.term, es...)
	}},
	{"a proposal to change the members", false, func(t *traitor, v raftView) *raftpb.Message { // would be appended
		e := t.entry(0, 0)
		e.Type = raftpb.EntryConfChangeV2.Enum()
		return &raftpb.Message{Type: raftpb.MsgProp.Enum(), Entries: []*raftpb.Entry{e}}
	}},
	{"an answer to a read", false, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgReadIndexResp.Enum(), Term: &v.term, Index: proto.Uint64(v.last + 100), Entries: []*raftpb.Entry{t.entry(0, 0)}}
	}},
	{"a message from the receiver's own disk", false, func(t *traitor, v raftView) *raftpb.Message { // LocalAppendThread
		return &raftpb.Message{Type: raftpb.MsgStorageAppendResp.Enum(), Term: &v.term, From: proto.Uint64(math.MaxUint64), Index: proto.Uint64(v.last + 7)}
	}},
	{"a message that only a node itself may send", false, func(t *traitor, v raftView) *raftpb.Message {
		kind := oneOf(t.dice, raftpb.MsgHup, raftpb.MsgBeat, raftpb.MsgUnreachable, raftpb.MsgSnapStatus, raftpb.MsgCheckQuorum, raftpb.MsgStorageApply, raftpb.MsgForgetLeader)
		return &raftpb.Message{Type: kind.Enum(), Term: &v.term}
	}},
	{"an acknowledgement beyond the log", false, func(t *traitor, v raftView) *raftpb.Message { // panics the leader
		return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &v.term, Index: proto.Uint64(v.last + 1000)}
	}},
	{"an acknowledgement of what it does not have", true, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &v.term, Index: proto.Uint64(v.last + 1)}
	}},
	{"a refusal with a wrong hint", false, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &v.term, Index: &v.last, Reject: proto.Bool(true), RejectHint: proto.Uint64(t.Uint64N(v.last + 2)), LogTerm: &v.term}
	}},
	{"a grant that nobody has asked for", false, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: oneOf(t.dice, raftpb.MsgVoteResp, raftpb.MsgPreVoteResp).Enum(), Term: proto.Uint64(v.term + t.Uint64N(3))}
	}},
	{"a refusal of a far term", false, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: oneOf(t.dice, raftpb.MsgVoteResp, raftpb.MsgPreVoteResp).Enum(), Term: proto.Uint64(v.term + 900), Reject: proto.Bool(true)}
	}},
	{"candidacies without end", false, func(t *traitor, v raftView) *raftpb.Message {
		return &raftpb.Message{Type: oneOf(t.dice, raftpb.MsgVote, raftpb.MsgPreVote).Enum(), Term: proto.Uint64(v.term + 1 + t.Uint64N(900)), Index: proto.Uint64(v.last + 10), LogTerm: &v.term}
	}},
}

// envelope makes a message of the core's from one of Raft's. The sender's name in
// it is a lie only if the attack needs it to be.
func (t *traitor) envelope(to consensus.Member, m *raftpb.Message, beside []byte) consensus.Send {
	if m.From == nil {
		m.From = proto.Uint64(uint64(t.n.id) + 1)
	}
	m.To = proto.Uint64(uint64(to) + 1)
	data := binary.BigEndian.AppendUint16(t.head[:len(t.head):len(t.head)], uint16(len(beside)))
	raw, err := proto.Marshal(m)
	if err != nil {
		panic(err) // of a message just made
	}
	return consensus.Send{To: to, Class: consensus.Control, Data: append(append(data, beside...), raw...)}
}

func (t *traitor) append(v raftView, index, logTerm uint64, entries ...*raftpb.Entry) *raftpb.Message {
	return &raftpb.Message{Type: raftpb.MsgApp.Enum(), Term: &v.term, Index: &index, LogTerm: &logTerm, Commit: &v.commit, Entries: entries}
}

func (t *traitor) snapshot(v raftView, index uint64, voters []uint64) *raftpb.Message {
	return &raftpb.Message{Type: raftpb.MsgSnap.Enum(), Term: &v.term, Snapshot: &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
		Index: &index, Term: &v.term, ConfState: &raftpb.ConfState{Voters: voters},
	}}}
}

// entry gives one with a batch that is good for its place.
func (t *traitor) entry(index, term uint64) *raftpb.Entry {
	data, err := ledger.SignBatch(t.n.w.network, ledger.Batch{
		Start: ledger.Hash(t.head[1:]), Index: index, Term: term, Time: t.n.w.clock(),
	}, uint64(t.n.id), t.n.signer.Signer)
	if err != nil {
		panic(err) // keys in memory sign
	}
	return &raftpb.Entry{Index: &index, Term: &term, Type: raftpb.EntryNormal.Enum(), Data: data}
}

// bend gives one or two of the numbers in a message other values.
func (t *traitor) bend(m *raftpb.Message) {
	other := func(now uint64) *uint64 {
		return proto.Uint64(oneOf(t.dice, 0, math.MaxUint64, math.MaxUint64-1, now+1_000_000, now-2, now-1, now+1, now+2))
	}
	for range 1 + t.IntN(2) {
		switch t.IntN(8) {
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
			m.Type = raftpb.MessageType(t.IntN(24)).Enum()
		case 7:
			m.From = other(m.GetFrom())
		}
	}
}
