// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// raftIn is the Raft message that a member sends, or nil if it is another kind.
func raftIn(t testing.TB, data []byte) *raftpb.Message {
	t.Helper()
	kind, _, payload, err := unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	if kind != raftMessage {
		return nil
	}
	_, raw, err := unpackRaft(payload)
	if err != nil {
		t.Fatal(err)
	}
	m := new(raftpb.Message)
	if err := proto.Unmarshal(raw, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// working is a town of four active members with a leader and one FINAL block.
func working(t testing.TB) (*town, *replica) {
	t.Helper()
	return newTown(t, 4).working()
}

func (w *town) working() (*town, *replica) {
	w.t.Helper()
	for m := range w.set.Members {
		w.active(Member(m))
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	leader := w.leader()
	w.settle(leader, leader.step(Submit{Transaction: w.transaction("bank"), Local: true}))
	w.until("a block", func() bool { return leader.final().Height == 1 })
	return w, leader
}

func TestALeaderIsAnsweredOncePerEntry(t *testing.T) {
	w, leader := working(t)
	answers := make(map[Member]int)
	w.cut = func(from, to Member, data []byte) bool {
		if m := raftIn(t, data); m != nil && m.GetType() == raftpb.MsgAppResp {
			answers[from]++
		}
		return false
	}
	const blocks = 5
	for range blocks {
		w.settle(leader, leader.step(Clock{Now: w.now}, Submit{Transaction: w.transaction("bank")}))
	}
	for m := range w.set.Members {
		want := blocks
		if Member(m) == leader.id {
			want = 0
		}
		if r := w.nodes[m]; answers[Member(m)] != want || r.final().Height != 1+blocks {
			t.Errorf("member %d has given %d answers to %d entries and has block %d", m, answers[Member(m)], blocks, r.final().Height)
		}
	}
}

func TestALostAnswerIsGivenAgain(t *testing.T) {
	for _, twice := range []bool{false, true} {
		w, leader := working(t)
		// One member is cut off, so that the leader needs the answer of each other one.
		away, lost := (leader.id+1)%4, 0
		for range 3 {
			height := leader.final().Height + 1
			dropped := make(map[Member]int)
			w.cut = func(from, to Member, data []byte) bool {
				if from == away || to == away {
					return true
				}
				m := raftIn(t, data)
				if m == nil || m.GetType() != raftpb.MsgAppResp || dropped[from] > 0 && (!twice || dropped[from] > 1) {
					return false
				}
				dropped[from]++
				lost++
				return true
			}
			w.settle(leader, leader.step(Clock{Now: w.now}, Submit{Transaction: w.transaction("bank")}))
			if leader.final().Height >= height {
				t.Fatal("a block is FINAL without an answer")
			}
			for range 10 {
				w.ticks(1)
			}
			if leader.final().Height != height {
				t.Fatalf("block %d is not FINAL within a second of %d lost answers", height, lost)
			}
		}
		// And whoever comes back is brought up to date.
		w.cut = nil
		w.until("all blocks", func() bool { return w.nodes[away].final().Height == leader.final().Height })
	}
}

func TestHowFarIsCommittedIsWrittenWithWhatIsWrittenAnyway(t *testing.T) {
	w, leader := working(t)
	for range 3 {
		w.settle(leader, leader.step(Clock{Now: w.now}, Submit{Transaction: w.transaction("bank")}))
	}
	for m, r := range w.nodes {
		for _, p := range of[Persist](r.did) {
			if rest := p.Write; rest.onlyCommit() {
				t.Errorf("member %d writes that %d is committed and nothing else", m, rest.HardState.GetCommit())
			}
		}
		// What is written is a log to start from, and knows what is committed.
		if err := r.saved.check(base); err != nil || r.saved.HardState.GetCommit() < r.saved.Cursor.Index || r.saved.Cursor.Height != 4 {
			t.Errorf("member %d: committed up to %d, cursor %+v: %v", m, r.saved.HardState.GetCommit(), r.saved.Cursor, err)
		}
	}
	for m := range w.set.Members {
		w.open(Member(m))
	}
	w.until("a leader again", func() bool { return w.leader() != nil })
	again := w.leader()
	w.settle(again, again.step(Submit{Transaction: w.transaction("bank"), Local: true}))
	w.until("one block more", func() bool { return again.final().Height == 5 })
}
