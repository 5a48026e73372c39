// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
)

// starve keeps a transaction from the member that leads now, as if it had no ears
// for it, and gives that leader.
func (w *town) starve(tx *ledger.Transaction) *replica {
	w.t.Helper()
	leader := w.leader()
	w.cut = func(_, to Member, data []byte) bool { return to == leader.id && bytes.Equal(data, tx.Bytes()) }
	return leader
}

func (w *town) isFinal(tx *ledger.Transaction) func() bool {
	return func() bool {
		for _, r := range w.nodes {
			if r.core.pool.has(tx.ID()) {
				return false
			}
		}
		return true
	}
}

func TestALeaderThatDoesNothingIsReplaced(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	tx := w.transaction("bank")
	old := w.starve(tx)
	entry := w.nodes[(old.id+1)%4]
	w.settle(entry, entry.step(Submit{Transaction: tx, Local: true}))
	began := w.now
	w.until("the transaction is FINAL", w.isFinal(tx))
	if took := w.now - began; took > 15_000 {
		t.Errorf("it took %d ms", took)
	}
	if w.leader() == old || entry.alarms(AlarmMuted) != 1 || old.alarms(AlarmMuted) != 0 {
		t.Errorf("member %d leads still; %d alarms, %d of its own", old.id, entry.alarms(AlarmMuted), old.alarms(AlarmMuted))
	}
}

func TestALeaderThatPassesATransactionOverIsReplaced(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	tx := w.transaction("bank")
	old := w.starve(tx)
	entry := w.nodes[(old.id+1)%4]
	w.settle(entry, entry.step(Submit{Transaction: tx, Local: true}))
	blocks := 0
	for !w.isFinal(tx)() {
		if blocks++; blocks > 200 {
			t.Fatal("200 blocks went by")
		}
		w.settle(entry, entry.step(Submit{Transaction: w.transaction("other"), Local: true}))
		w.ticks(2)
	}
	if w.leader() == old {
		t.Errorf("member %d leads still", old.id)
	}
}

// TestAnEquivocatingLeaderIsComplainedOf: members that were sent different batches
// learn of it, keep the seals as evidence, and listen to that leader no more.
func TestAnEquivocatingLeaderIsComplainedOf(t *testing.T) {
	w := equivocated(t)
	for m := range Member(3) {
		found := of[Accuse](w.nodes[m].did)
		if len(found) != 1 || found[0].Evidence.Kind != ledger.DoubleBatch || found[0].Evidence.Offender() != 3 {
			t.Fatalf("member %d: evidence %+v", m, found)
		}
	}
	w.ticks(complainEvery)
	for m := range Member(3) {
		if !w.nodes[m].core.deaf(3) {
			t.Errorf("member %d listens to the leader still", m)
		}
	}
}

func TestOneComplaintMutesNobody(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	leader := w.leader()
	r := w.nodes[(leader.id+1)%4]
	about := complaint{Start: r.core.id, Term: r.core.Status().Term, Leader: uint64(leader.id)}
	say := func(by, from Member, about complaint) {
		sig, err := w.keys[by].Sign(about.message())
		if err != nil {
			t.Fatal(err)
		}
		r.hear(from, complaintMessage, signedComplaint{Complaint: about, Validator: uint64(from), Signature: sig})
	}
	liar, other := (leader.id+2)%4, (leader.id+3)%4
	say(liar, liar, about)
	say(liar, other, about) // in another's name
	say(liar, liar, about)  // again
	if r.core.deaf(leader.id) {
		t.Fatal("one member alone has muted the leader")
	}
	another := about
	another.Term++
	say(other, other, another)
	if r.core.deaf(leader.id) {
		t.Fatal("complaints of two terms add up")
	}
	another.Term++
	say(liar, liar, another)
	say(other, other, another)
	if !r.core.deaf(leader.id) {
		t.Fatal("half of the set complains and nobody is muted")
	}
	before := r.dropped(dropMuted)
	r.step(w.say(leader.id, r.id, nil, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: proto.Uint64(about.Term)}))
	r.step(w.say(leader.id, r.id, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: proto.Uint64(about.Term), Reject: proto.Bool(true)}))
	if got := r.dropped(dropMuted) - before; got != 1 {
		t.Errorf("%d messages are not listened to, must be the heartbeat alone", got)
	}
}

// TestTheLeaderIsHandedWhatOthersHold: the node where it was submitted is gone, and
// the leader never got it.
func TestTheLeaderIsHandedWhatOthersHold(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	tx := w.transaction("bank")
	old := w.starve(tx)
	entry := w.nodes[(old.id+1)%4]
	w.settle(entry, entry.step(Submit{Transaction: tx, Local: true}))
	w.cut = func(from, to Member, _ []byte) bool { return from == entry.id || to == entry.id }
	w.until("the others have it FINAL", func() bool {
		for _, r := range w.nodes {
			if r != entry && r.core.pool.has(tx.ID()) {
				return false
			}
		}
		return true
	})
	if w.leader() != old {
		t.Error("it took another leader")
	}
}
