// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
)

// Each attack is one message of one member. It is sent to a group of bare
// RawNodes, to see what it does there: if the library changes, the row fails.
// Then it is sent to a town of cores, which it must not harm.
type attack struct {
	name   string
	leader bool // to the leader, and not to a follower
	chief  bool // in the leader's name, and not in another follower's
	says   func(place) *raftpb.Message
	ticks  int    // that pass in the bare group before one looks
	bare   string // what has changed in the bare group, or how it panics
	why    drop   // the reason for which the guard drops it; none if it may pass
	again  bool   // the guard lets the first of its kind pass, so this is the second
}

// A place is where an attack happens.
type place struct {
	to, from       Member
	chief, traitor Member
	term           uint64 // of all, and of the last entry
	last           uint64 // index of the last entry, which is committed
}

func (p place) end() Position { return Position{p.last, p.term} }

// append is an append at the end of the log.
func (p place) append(commit uint64, entries ...*raftpb.Entry) *raftpb.Message {
	return &raftpb.Message{
		Type: raftpb.MsgApp.Enum(), Term: &p.term, Index: &p.last, LogTerm: &p.term, Commit: &commit, Entries: entries,
	}
}

var number = proto.Uint64

var attacks = []attack{
	{
		name: "heartbeat that commits what is not there",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: &p.term, Commit: number(999)}
		},
		bare: "panic: tocommit(999) is out of range [lastIndex(5)]. Was the raft log corrupted, truncated, or lost?",
		why:  dropLeader,
	},
	{
		name: "heartbeat of the leader that commits what is not there", chief: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: &p.term, Commit: number(999)}
		},
		bare: "panic: tocommit(999) is out of range [lastIndex(5)]. Was the raft log corrupted, truncated, or lost?",
		why:  dropBounds,
	},
	{
		name: "heartbeat of the same term: takeover",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: &p.term, Commit: number(2)}
		},
		bare: "1 follows 3",
		why:  dropLeader,
	},
	{
		name: "append of the same term: takeover",
		says: func(p place) *raftpb.Message {
			return p.append(p.last+1, entry(Position{p.last + 1, p.term}, []byte("EVIL")))
		},
		bare: "1 follows 3, 1 ends at 6 of term 2, 1 has committed 6",
		why:  dropLeader,
	},
	{
		name: "heartbeat of a higher term: takeover of a follower",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(50), Commit: number(1)}
		},
		bare: "1 is in term 50, 1 follows 3, 3 is in term 50, 3 follows nobody",
		why:  dropLeader,
	},
	{
		name: "heartbeat of a higher term: takeover of the leader", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(50), Commit: number(1)}
		},
		bare: "0 is in term 50, 0 follows 3, 3 is in term 50, 3 follows nobody",
		why:  dropLeader,
	},
	{
		name: "heartbeat of the highest term, and the pre-vote that follows",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(math.MaxUint64), Commit: number(1)}
		},
		ticks: 60,
		bare:  "panic: term should be set when sending MsgPreVote",
		why:   dropLeader,
	},
	{
		name: "refused pre-vote of the highest term, and the pre-vote that follows",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(math.MaxUint64), Reject: proto.Bool(true)}
		},
		ticks: 60,
		bare:  "panic: term should be set when sending MsgPreVote",
		why:   dropTerm,
	},
	{
		name: "acknowledgement of a higher term", leader: true, again: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(p.term + 7)}
		},
		bare: "0 is in term 9, 0 follows nobody",
		why:  dropRate,
	},
	{
		name: "acknowledgement of a higher term to a follower",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(p.term + 7)}
		},
		bare: "1 is in term 9, 1 follows nobody",
		why:  dropTerm,
	},
	{
		name: "refused pre-vote of a higher term to a leader", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(p.term + 7), Reject: proto.Bool(true)}
		},
		bare: "0 is in term 9, 0 follows nobody",
		why:  dropTerm,
	},
	{
		name: "answer to a heartbeat that never was", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeatResp.Enum(), Term: number(p.term + 7)}
		},
		bare: "0 is in term 9, 0 follows nobody",
		why:  dropTerm,
	},
	{
		name: "refused vote that was never asked for", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: number(p.term + 7), Reject: proto.Bool(true)}
		},
		bare: "0 is in term 9, 0 follows nobody",
		why:  dropTerm,
	},
	{
		name: "candidate that claims a transfer of office",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgVote.Enum(), Term: number(p.term + 7), Index: number(100), LogTerm: number(9), Context: []byte("CampaignTransfer"),
			}
		},
		bare: "1 is in term 9, 1 follows nobody, 3 is in term 9, 3 follows nobody",
	},
	{
		name: "candidate that claims none",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: number(p.term + 7), Index: number(100), LogTerm: number(9)}
		},
	},
	{
		name: "vote with entries",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: &p.term, Entries: []*raftpb.Entry{entry(p.end(), nil)}}
		},
		why: dropShape,
	},
	{
		name: "transfer of the leader's office", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgTransferLeader.Enum(), Term: &p.term}
		},
		bare: "0 is in term 3, 0 follows 3, 0 ends at 6 of term 3, 0 has committed 6, " +
			"1 is in term 3, 1 follows 3, 1 ends at 6 of term 3, 1 has committed 6, " +
			"2 is in term 3, 2 follows 3, 2 ends at 6 of term 3, 2 has committed 6, " +
			"3 is in term 3, 3 follows 3, 3 ends at 6 of term 3, 3 has committed 6",
		why: dropType,
	},
	{
		name: "call to campaign at once",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgTimeoutNow.Enum(), Term: &p.term}
		},
		bare: "0 is in term 3, 0 follows 1, 0 ends at 6 of term 3, 0 has committed 6, " +
			"1 is in term 3, 1 follows 1, 1 ends at 6 of term 3, 1 has committed 6, " +
			"2 is in term 3, 2 follows 1, 2 ends at 6 of term 3, 2 has committed 6, " +
			"3 is in term 3, 3 follows 1, 3 ends at 6 of term 3, 3 has committed 6",
		why: dropType,
	},
	{
		name: "call to forget the leader",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgForgetLeader.Enum(), Term: &p.term}
		},
		bare: "1 follows nobody",
		why:  dropType,
	},
	{
		name: "snapshot with members of its own",
		says: forgedSnapshot,
		bare: "1 follows 3, 1 ends at 1000000000 of term 2, 1 has committed 1000000000, 1 has voters (2 4)",
		why:  dropLeader,
	},
	{
		name: "snapshot of the leader with members of its own", chief: true,
		says: forgedSnapshot,
		bare: "0 believes 1 to hold 1000000000, 1 ends at 1000000000 of term 2, 1 has committed 1000000000, 1 has voters (2 4)",
		why:  dropSnapshot,
	},
	{
		name: "append with a gap", chief: true,
		says: func(p place) *raftpb.Message { return p.append(p.last, entry(Position{p.last + 7, p.term}, nil)) },
		bare: "panic: index, 6, is out of range [1]",
		why:  dropShape,
	},
	{
		name: "append of an entry from a later term", chief: true,
		says: func(p place) *raftpb.Message {
			return p.append(p.last+1, entry(Position{p.last + 1, p.term + 100}, []byte("EVIL")))
		},
		bare: "0 believes 1 to hold 6, 1 ends at 6 of term 102, 1 has committed 6",
		why:  dropShape,
	},
	{
		name: "append of an entry from an earlier term than the one before", chief: true,
		says: func(p place) *raftpb.Message {
			return p.append(p.last+1, entry(Position{p.last + 1, p.term - 1}, []byte("EVIL")))
		},
		bare: "0 believes 1 to hold 6, 1 ends at 6 of term 1, 1 has committed 6",
		why:  dropShape,
	},
	{
		name: "append that says it follows an entry of a later term", chief: true,
		says: func(p place) *raftpb.Message {
			m := p.append(p.last)
			m.LogTerm = number(p.term + 1)
			return m
		},
		why: dropShape,
	},
	{
		name: "append that says it follows the end and begins in the committed log", chief: true,
		says: func(p place) *raftpb.Message {
			return p.append(p.last, entry(Position{p.last, p.term - 1}, []byte("EVIL")))
		},
		bare: "panic: entry 5 conflict with committed entry [committed(5)]",
		why:  dropShape,
	},
	{
		name: "append of a committed index", chief: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgApp.Enum(), Term: &p.term, Index: &base.Index, LogTerm: &base.Term,
				Entries: []*raftpb.Entry{entry(Position{2, p.term - 1}, []byte("EVIL"))},
			}
		},
		why: dropBounds,
	},
	{
		name: "append at the end of all indexes", chief: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgApp.Enum(), Term: &p.term, Index: number(math.MaxUint64), LogTerm: &p.term,
				Entries: []*raftpb.Entry{entry(Position{0, p.term}, nil)},
			}
		},
		why: dropShape,
	},
	{
		name: "change of members in the log", chief: true,
		says: func(p place) *raftpb.Message { return p.append(p.last+1, eviction(Position{p.last + 1, p.term})) },
		bare: "0 believes 1 to hold 6, 1 ends at 6 of term 2, 1 has committed 6, 1 has voters (1 2 4)",
		why:  dropShape,
	},
	{
		name: "forwarded change of members", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgProp.Enum(), Term: &p.term, Entries: []*raftpb.Entry{eviction(Position{})}}
		},
		bare: "0 ends at 6 of term 2, 0 has committed 6, 0 has voters (1 2 4), " +
			"1 ends at 6 of term 2, 1 has committed 6, 1 has voters (1 2 4), " +
			"2 ends at 6 of term 2, 2 has committed 6, 2 has voters (1 2 4), " +
			"3 ends at 6 of term 2, 3 has committed 6, 3 has voters (1 2 4)",
		why: dropShape,
	},
	{
		name: "forwarded proposal of nothing", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgProp.Enum(), Term: &p.term}
		},
		bare: "panic: 1 stepped empty MsgProp",
		why:  dropType,
	},
	{
		name: "entry that is not a batch", chief: true,
		says: func(p place) *raftpb.Message {
			return p.append(p.last+1, entry(Position{p.last + 1, p.term}, []byte("EVIL")))
		},
		bare: "0 believes 1 to hold 6, 1 ends at 6 of term 2, 1 has committed 6",
		why:  dropEntry,
	},
	{
		name: "second empty entry of one term", chief: true,
		says: func(p place) *raftpb.Message { return p.append(p.last+1, entry(Position{p.last + 1, p.term}, nil)) },
		bare: "0 believes 1 to hold 6, 1 ends at 6 of term 2, 1 has committed 6",
		why:  dropEntry,
	},
	{
		name: "forged answer to a read",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgReadIndexResp.Enum(), Term: &p.term, Index: number(1),
				Entries: []*raftpb.Entry{{Term: number(1), Index: number(1), Data: []byte("ctx")}},
			}
		},
		bare: "1 reads \"ctx\" at 1",
		why:  dropShape,
	},
	{
		name: "word of Raft's disk",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgStorageAppendResp.Enum(), From: number(raft.LocalAppendThread), Term: &p.term, Index: number(77), LogTerm: number(2),
			}
		},
		bare: "", // taken as its own, as it happens without effect
		why:  dropType,
	},
	{
		name: "word of Raft's state machine",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgStorageApplyResp.Enum(), From: number(raft.LocalApplyThread), Term: &p.term,
				Entries: []*raftpb.Entry{entry(Position{77, p.term}, nil)},
			}
		},
		bare: "panic: applied(77) is out of range [prevApplied(5), committed(5)]",
		why:  dropShape,
	},
	{
		name: "heartbeat in the leader's name",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), From: number(raftID(p.chief)), Term: &p.term, Commit: number(999)}
		},
		bare: "panic: tocommit(999) is out of range [lastIndex(5)]. Was the raft log corrupted, truncated, or lost?",
		why:  dropLeader,
	},
	{
		name: "heartbeat for another member", chief: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), To: number(raftID(p.traitor)), Term: &p.term, Commit: number(2)}
		},
		why: dropMalformed,
	},
	{
		name: "acknowledgement beyond the log", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &p.term, Index: number(p.last + 10)}
		},
		bare: "0 believes 3 to hold 15",
		why:  dropBounds,
	},
	{
		name: "acknowledgement far beyond the log", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &p.term, Index: number(1 << 63)}
		},
		bare: "0 believes 3 to hold 9223372036854775808",
		why:  dropBounds,
	},
	{
		name: "refusal far beyond the log", leader: true,
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{
				Type: raftpb.MsgAppResp.Enum(), Term: &p.term, Index: number(math.MaxUint64), Reject: proto.Bool(true),
				RejectHint: number(math.MaxUint64), LogTerm: number(7),
			}
		},
	},
	{
		name: "heartbeat of term nought",
		says: func(p place) *raftpb.Message {
			return &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Commit: number(2)}
		},
		bare: "1 follows 3",
		why:  dropTerm,
	},
}

func forgedSnapshot(p place) *raftpb.Message {
	return &raftpb.Message{
		Type: raftpb.MsgSnap.Enum(), Term: &p.term,
		Snapshot: &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
			Index: number(1e9), Term: number(2), ConfState: &raftpb.ConfState{Voters: []uint64{raftID(p.to), raftID(p.traitor)}},
		}},
	}
}

// eviction is an entry that removes member 2.
func eviction(at Position) *raftpb.Entry {
	change := &raftpb.ConfChangeV2{Changes: []*raftpb.ConfChangeSingle{
		{Type: raftpb.ConfChangeRemoveNode.Enum(), NodeId: number(raftID(2))},
	}}
	data, err := proto.Marshal(change)
	if err != nil {
		panic(err)
	}
	e := entry(at, data)
	e.Type = raftpb.EntryConfChangeV2.Enum()
	return e
}

// A bareGroup is four RawNodes that believe the network.
type bareGroup struct {
	nodes [4]*raft.RawNode
	disks [4]*raft.MemoryStorage
	reads [4][]raft.ReadState
	cut   func(from, to Member) bool
}

// newBareGroup is led by member 0, with three committed entries after its empty
// one.
func newBareGroup(t *testing.T) *bareGroup {
	t.Helper()
	cryptotest.SetGlobalRandom(t, 1) // Raft draws its jitter from there
	b := new(bareGroup)
	voters := &raftpb.ConfState{Voters: []uint64{1, 2, 3, 4}}
	for m := range b.nodes {
		b.disks[m] = raft.NewMemoryStorage()
		err := b.disks[m].ApplySnapshot(&raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{Index: &base.Index, Term: &base.Term, ConfState: voters}})
		if err != nil {
			t.Fatal(err)
		}
		err = b.disks[m].SetHardState(&raftpb.HardState{Term: &base.Term, Commit: &base.Index})
		if err != nil {
			t.Fatal(err)
		}
		b.nodes[m], err = raft.NewRawNode(&raft.Config{
			ID: raftID(Member(m)), Applied: base.Index, Storage: b.disks[m], ElectionTick: 15, HeartbeatTick: 1,
			MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 32, PreVote: true, CheckQuorum: true, Logger: silence{},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.nodes[0].Campaign(); err != nil {
		t.Fatal(err)
	}
	b.settle()
	for _, data := range []string{"a", "b", "c"} {
		if err := b.nodes[0].Propose([]byte(data)); err != nil {
			t.Fatal(err)
		}
		b.settle()
	}
	for range 2 {
		b.tick()
	}
	return b
}

func (b *bareGroup) tick() {
	for _, n := range b.nodes {
		n.Tick()
	}
	b.settle()
}

// settle delivers messages until there are none.
func (b *bareGroup) settle() {
	for busy := true; busy; {
		busy = false
		for m, n := range b.nodes {
			if n.HasReady() {
				busy = true
				b.drain(Member(m))
			}
		}
	}
}

func (b *bareGroup) drain(m Member) {
	n, disk := b.nodes[m], b.disks[m]
	rd := n.Ready()
	if !raft.IsEmptySnap(rd.Snapshot) {
		if err := disk.ApplySnapshot(rd.Snapshot); err != nil {
			panic(err)
		}
	}
	if err := disk.Append(rd.Entries); err != nil {
		panic(err)
	}
	if !raft.IsEmptyHardState(rd.HardState) {
		if err := disk.SetHardState(rd.HardState); err != nil {
			panic(err)
		}
	}
	for _, out := range rd.Messages {
		if to := Member(out.GetTo() - 1); b.cut == nil || !b.cut(m, to) {
			_ = b.nodes[to].Step(out)
		}
	}
	for _, e := range rd.CommittedEntries {
		if e.GetType() == raftpb.EntryConfChangeV2 {
			change := new(raftpb.ConfChangeV2)
			if err := proto.Unmarshal(e.GetData(), change); err != nil {
				panic(err)
			}
			n.ApplyConfChange(change)
		}
	}
	b.reads[m] = append(b.reads[m], rd.ReadStates...)
	n.Advance(rd)
}

// facts are what one can see of a member from outside.
func (b *bareGroup) facts(m Member) []string {
	s := b.nodes[m].Status()
	last, err := b.disks[m].LastIndex()
	if err != nil {
		panic(err)
	}
	term, err := b.disks[m].Term(last)
	if err != nil {
		panic(err)
	}
	follows := "nobody"
	if s.Lead != raft.None {
		follows = fmt.Sprint(s.Lead - 1)
	}
	facts := []string{
		fmt.Sprintf("%d is in term %d", m, s.GetTerm()),
		fmt.Sprintf("%d follows %s", m, follows),
		fmt.Sprintf("%d ends at %d of term %d", m, last, term),
		fmt.Sprintf("%d has committed %d", m, s.GetCommit()),
		fmt.Sprintf("%d has voters %v", m, s.Config.Voters),
	}
	for _, r := range b.reads[m] {
		facts = append(facts, fmt.Sprintf("%d reads %q at %d", m, r.RequestCtx, r.Index))
	}
	for peer := range Member(4) {
		if p, ok := s.Progress[raftID(peer)]; ok && p.Match > last {
			facts = append(facts, fmt.Sprintf("%d believes %d to hold %d", m, peer, p.Match))
		}
	}
	return facts
}

// attack steps m at member to and tells what is another way afterwards.
func (b *bareGroup) attack(to Member, m *raftpb.Message, ticks int) (story string) {
	defer func() {
		if p := recover(); p != nil {
			story = fmt.Sprint("panic: ", p)
		}
	}()
	var before []string
	for m := range Member(4) {
		before = append(before, b.facts(m)...)
	}
	if err := b.nodes[to].Step(m); err != nil {
		return "refused: " + err.Error()
	}
	b.settle()
	for range ticks {
		b.tick()
	}
	known := make(map[string]bool)
	for _, f := range before {
		known[f] = true
	}
	var changed []string
	for m := range Member(4) {
		for _, f := range b.facts(m) {
			if !known[f] {
				changed = append(changed, f)
			}
		}
	}
	return strings.Join(changed, ", ")
}

// message is what the attack says at p, under the name that it claims.
func (a attack) message(p place) *raftpb.Message {
	m := a.says(p)
	if m.From == nil {
		m.From = number(raftID(p.from))
	}
	if m.To == nil {
		m.To = number(raftID(p.to))
	}
	return m
}

func (a attack) place(chief, follower, traitor Member) place {
	p := place{to: follower, from: traitor, chief: chief, traitor: traitor}
	if a.leader {
		p.to = chief
	}
	if a.chief {
		p.from = chief
	}
	return p
}

func TestABareGroupSuffersFromOneMessageOfOneMember(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			b := newBareGroup(t)
			p := a.place(0, 1, 3)
			p.term, p.last = b.nodes[0].BasicStatus().GetTerm(), b.nodes[0].BasicStatus().GetCommit()
			if story := b.attack(p.to, a.message(p), a.ticks); story != a.bare {
				t.Errorf("it is told: %s\nand happened: %s", a.bare, story)
			}
		})
	}
}

// TestABareNodeStaysBrokenByTheHighestTerm: the term is on its disk.
func TestABareNodeStaysBrokenByTheHighestTerm(t *testing.T) {
	b := newBareGroup(t)
	b.attack(1, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), From: number(raftID(3)), To: number(raftID(1)), Term: number(math.MaxUint64)}, 60)
	hard, _, err := b.disks[1].InitialState()
	if err != nil || hard.GetTerm() != math.MaxUint64 {
		t.Fatalf("on its disk: term %d: %v", hard.GetTerm(), err)
	}
	again, err := raft.NewRawNode(&raft.Config{
		ID: raftID(1), Applied: base.Index, Storage: b.disks[1], ElectionTick: 15, HeartbeatTick: 1,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 32, PreVote: true, CheckQuorum: true, Logger: silence{},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("after a restart it stands for election as if nothing had been")
		}
	}()
	_ = again.Campaign()
}

// conditions are those of all cores.
func (w *town) conditions() (all [4]condition) {
	for m, r := range w.nodes {
		all[m] = r.condition()
	}
	return all
}

func TestATownSuffersNothingFromOneMessageOfOneMember(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			w, leader := working(t)
			w.until("all are level", w.level(w.finish(0)))
			p := a.place(leader.id, (leader.id+1)%4, (leader.id+3)%4)
			send := func() []Effect {
				s := w.nodes[p.chief].core.Status()
				p.term, p.last = s.Term, s.LastIndex
				data, err := packRaft(w.startHash(), nil, a.message(p))
				if err != nil {
					t.Fatal(err)
				}
				return w.nodes[p.to].step(Receive{From: p.from, Data: data})
			}
			r := w.nodes[p.to]
			if a.again {
				w.settle(r, send())
				if r.core.Status().Leading {
					t.Fatal("the first of its kind is not believed")
				}
				w.until("it leads again", func() bool {
					if l := w.leader(); l != nil && l != r { // the others wait for it to be elected
						w.settle(l, l.step(w.say(p.from, l.id, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(l.core.Status().Term + 1)})))
					}
					return r.core.Status().Leading
				})
				w.until("all are level", w.level(w.finish(0)))
			}
			before, drops := w.conditions(), r.drops()
			effects := send()
			r.signedNothing(effects)
			w.settle(r, effects)
			if after := w.conditions(); after != before {
				t.Errorf("before %+v\nafter  %+v", before, after)
			}
			want := map[drop]uint64{}
			if a.why != dropNone {
				want[a.why] = 1
			}
			for why, n := range r.drops() {
				if n-drops[why] != want[why] {
					t.Errorf("dropped as %q %d times more, expected %d", why, n-drops[why], want[why])
				}
				delete(want, why)
			}
			if len(want) > 0 {
				t.Errorf("not dropped as %v", want)
			}
			w.until("all are level", w.level(w.finish(p.to)))
			for m, c := range w.conditions() {
				if c.lead != before[m].lead || c.term != before[m].term || c.stopped || c.phase != Active {
					t.Errorf("afterwards member %d is %+v", m, c)
				}
			}
		})
	}
}

// drops is a copy of what has been dropped.
func (r *replica) drops() map[drop]uint64 {
	all := make(map[drop]uint64)
	for why, n := range r.core.drops {
		all[why] = n
	}
	return all
}

// The leader says one thing to one member and another to the others, commits both,
// and is heard of no more. A bare group does not notice, ever.
func TestABareGroupDivergesUnderTwoTongues(t *testing.T) {
	b := newBareGroup(t)
	for to, data := range map[Member]string{1: "A", 2: "B"} {
		m := place{term: 2, last: 5}.append(6, entry(Position{6, 2}, []byte(data)))
		m.From, m.To = number(raftID(0)), number(raftID(to))
		if err := b.nodes[to].Step(m); err != nil {
			t.Fatal(err)
		}
	}
	b.cut = func(from, to Member) bool { return from == 0 || to == 0 }
	for range 100 {
		b.tick()
	}
	said := make(map[string]int)
	for m := range Member(4) {
		if m == 0 {
			continue
		}
		e, err := b.disks[m].Entries(6, 7, math.MaxUint64)
		if err != nil || b.nodes[m].BasicStatus().GetCommit() < 7 {
			t.Fatalf("member %d has committed %d: %v", m, b.nodes[m].BasicStatus().GetCommit(), err)
		}
		said[string(e[0].GetData())]++
	}
	if said["A"] == 0 || said["B"] == 0 {
		t.Errorf("all have committed the same entry 6: %v", said)
	}
}

// In a town both are executed and voted on, and neither is FINAL without a quorum.
// When one is, whoever has the other says so and follows it.
func TestATownSurvivesTwoTongues(t *testing.T) {
	w, liar := working(t)
	w.until("all are level", w.level(w.finish(0)))
	s := liar.core.Status()
	at := Position{s.LastIndex + 1, s.Term}
	one, others := (liar.id+1)%4, []Member{(liar.id + 2) % 4, (liar.id + 3) % 4}
	said := map[Member]*raftpb.Entry{one: w.batch(liar.id, at, w.now, w.transaction("A"))}
	for _, m := range others {
		said[m] = w.batch(liar.id, at, w.now, w.transaction("B"))
	}
	said[others[1]] = said[others[0]]
	liar.core = nil
	height := s.Final + 1
	for m, e := range said {
		r := w.nodes[m]
		w.settle(r, r.step(w.lead(liar.id, m, s.Term, Position{s.LastIndex, s.Term}, e)))
	}
	w.ticks(100)
	for _, r := range w.nodes {
		if r.core != nil && (r.final().Height >= height || r.core.Status().Stopped != nil || r.core.phase != Active) {
			t.Fatalf("member %d: %+v", r.id, r.core.Status())
		}
	}
	// The liar votes after all, for what the two have.
	r := w.nodes[others[0]]
	prepare := r.core.prepareVote(height, r.core.blocks[height])
	commit := r.core.commitVote(height, r.core.blocks[height])
	for _, m := range []Member{one, others[0], others[1]} {
		for _, v := range []ledger.Vote{prepare, commit} {
			w.settle(w.nodes[m], w.nodes[m].hear(liar.id, voteMessage, []ledger.SignedVote{r.vote(liar.id, v)}))
		}
	}
	w.until("the block of the two is FINAL at all", w.level(height))
	final := r.chain[height].Block.Header
	for m := range said {
		if got := w.nodes[m].chain[height].Block.Header; got != final {
			t.Errorf("member %d has another block %d", m, height)
		}
	}
	if w.nodes[one].alarms(AlarmConflict) != 1 || w.nodes[one].core.phase != Observer {
		t.Errorf("whoever was lied to is %s, with %d alarms", w.nodes[one].core.phase, w.nodes[one].alarms(AlarmConflict))
	}
	if w.nodes[others[0]].core.phase != Active || w.nodes[others[1]].core.phase != Active {
		t.Error("the others do not go on")
	}
}
