// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// A member tells another one of newer terms, each within what the guard believes
// and no more often than it allows. After a few of them, whoever was told is more
// than a thousand terms ahead, hears nobody and is heard by nobody. If one more
// member fails, the quorum is gone until the next round, whose terms begin anew.
func TestWhoIsLedFarAheadComesBack(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	w, err := newWorld(Options{Seed: 1, Nodes: 4, Traitors: NoTraitors, Only: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range w.nodes {
		n.start()
	}
	w.load.run()
	w.until(20_000_000, func() bool { return w.judge.top() >= 5 })

	victim, liar := w.nodes[0], w.nodes[1]
	for w.leader() == victim || w.leader() == liar {
		victim, liar = liar, w.nodes[liar.id+1]
	}
	start := w.network.StartHash(w.round)
	by := &traitor{n: liar, head: append([]byte{kindRaft}, start[:]...)}
	for range 3 {
		term := victim.core.Status().Term + 900
		victim.w.links.send(liar, by.envelope(victim.id, &raftpb.Message{
			Type: raftpb.MsgPreVoteResp.Enum(), Term: &term, Reject: proto.Bool(true),
		}, nil))
		w.until(2_000_000, func() bool { return false })
	}

	for _, n := range w.nodes {
		if n != victim && n != liar && n != w.leader() {
			n.crash() // for good
		}
	}
	top := w.judge.top()
	moves := w.until(60_000_000, func() bool { return w.judge.top() > top+8 })
	if w.broken != nil {
		t.Fatal(w.broken)
	}
	if !moves {
		t.Errorf("FINAL stays at %d", w.judge.top())
	}
}
