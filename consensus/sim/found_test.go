// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
)

// What the simulator has found in the core, each as short as it can be told.

// scripted gives a network of four to which nothing happens but what a test does.
func scripted(t *testing.T, patience int) *world {
	t.Helper()
	cryptotest.SetGlobalRandom(t, 1)
	w, err := newWorld(Options{Seed: 1, Nodes: 4, Traitors: NoTraitors, Only: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	w.keepEntries, w.patience = 4, patience
	for _, n := range w.nodes {
		n.start()
	}
	w.load.run()
	w.until(20_000_000, func() bool { return w.judge.top() >= 5 })
	return w
}

// wait lets some time pass, in ms.
func (w *world) wait(long int64) { w.until(long*1000, func() bool { return false }) }

// others gives the nodes that are none of some.
func (w *world) others(not ...*node) (others []*node) {
	for _, n := range w.nodes {
		if n != not[0] && (len(not) < 2 || n != not[1]) {
			others = append(others, n)
		}
	}
	return others
}

// moves tells whether FINAL moves by more than what was under way.
func (w *world) moves() bool {
	top := w.judge.top()
	return w.until(60_000_000, func() bool { return w.judge.top() > top+10 })
}

// A member tells another one of newer terms, each within what the guard believes
// and no more often than it allows. After a few of them, whoever was told is more
// than a thousand terms ahead, hears nobody and is heard by nobody. One more
// member that fails takes the quorum away, until the next round, whose terms begin
// anew.
func TestWhoIsLedFarAheadComesBack(t *testing.T) {
	w := scripted(t, 100)
	leader := w.leader()
	others := w.others(leader)
	victim, liar, third := others[0], others[1], others[2]
	start := w.network.StartHash(w.round)
	by := &traitor{n: liar, head: append([]byte{kindRaft}, start[:]...)}
	for range 12 {
		term := victim.core.Status().Term + 900
		w.links.send(liar, by.envelope(victim.id, &raftpb.Message{
			Type: raftpb.MsgPreVoteResp.Enum(), Term: &term, Reject: proto.Bool(true),
		}, nil))
		w.wait(900)
	}
	third.crash()
	if !w.moves() {
		t.Errorf("FINAL stays at %d: %v", w.judge.top(), w.broken)
	}
}

// What a new leader sends to a member arrives, and each answer is lost for a
// while. The leader's log moves on and no longer reaches back, so it offers a
// snapshot. By then the member has all that is FINAL in its log already: unless it
// says so, it is offered the same for ever and gets nothing else, and with one more
// member down nothing becomes FINAL.
func TestWhoHasTheLogAnswersTheOfferOfASnapshot(t *testing.T) {
	w := scripted(t, 10_000) // no round is to cure it
	leader := w.leader()
	victim := w.others(leader)[0]
	victim.treason = &traitor{n: victim, dice: newDice(w.o, "script", 0), zeal: 1, does: []behaviour{
		{name: "lost answers", send: func(_ *traitor, s consensus.Send) ([]consensus.Send, bool) {
			switch raftIn(s.Data).GetType() {
			case raftpb.MsgAppResp, raftpb.MsgPreVote, raftpb.MsgVote:
				return nil, true
			}
			return nothing(s)
		}},
	}}
	leader.crash()
	w.until(20_000_000, func() bool { return w.leader() != leader })
	leader.start()
	w.wait(20_000)
	w.others(w.leader(), victim)[0].crash()
	w.wait(10_000)
	victim.treason = nil
	if !w.moves() {
		t.Errorf("FINAL stays at %d: %v", w.judge.top(), w.broken)
	}
}
