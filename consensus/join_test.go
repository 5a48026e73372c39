// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// newNetwork starts all members and waits for the first leader.
func newNetwork(t testing.TB, n int) *town {
	t.Helper()
	w := newTown(t, n)
	for m := range n {
		w.open(Member(m))
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	return w
}

// finish submits a transaction at a member and waits until it is FINAL there.
func (w *town) finish(at Member) uint64 {
	w.t.Helper()
	r := w.nodes[at]
	before := r.final().Height
	w.settle(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
	w.until("a FINAL block", func() bool { return r.final().Height > before })
	return r.final().Height
}

func (w *town) level(height uint64) func() bool {
	return func() bool {
		for _, r := range w.nodes {
			if r != nil && r.core != nil && r.final().Height < height {
				return false
			}
		}
		return true
	}
}

func TestFreshNetworkStarts(t *testing.T) {
	for _, n := range []int{1, 4, 7} {
		w := newNetwork(t, n)
		w.until("all are level", w.level(w.finish(0)))
		for _, r := range w.nodes {
			if r.core.phase != Active || !r.saved.Joined {
				t.Errorf("of %d: member %d is %s, joined %v", n, r.id, r.core.phase, r.saved.Joined)
			}
		}
	}
}

func TestNobodySignsBeforeAQuorumHasReported(t *testing.T) {
	w := newTown(t, 4)
	r := w.open(0)
	r.tick()
	r.hear(1, reportMessage, report{Nonce: r.nonce})
	r.hear(1, reportMessage, report{Nonce: r.nonce}) // one member counts once
	for range 200 {
		r.signedNothing(r.tick())
	}
	if r.core.phase != Joining {
		t.Fatalf("with one report the node is %s", r.core.phase)
	}
	if s := r.core.Status(); s.Term != 0 || r.saved.HardState != nil {
		t.Errorf("a joining node moved Raft: %+v", s)
	}
	r.hear(2, reportMessage, report{Nonce: r.nonce})
	if r.core.phase != Active {
		t.Errorf("with q-1 reports the node is %s", r.core.phase)
	}
	if p := of[Persist](r.did); len(p) == 0 || !p[len(p)-1].Joined || !p[len(p)-1].Sync {
		t.Error("becoming active was not written and synced")
	}
}

func TestAnswerToAnEarlierStartIsIgnored(t *testing.T) {
	w := newTown(t, 4)
	w.open(0)
	r := w.open(0) // a second start
	r.tick()
	for m := range Member(3) {
		r.hear(m+1, reportMessage, report{Nonce: r.nonce - 1})
	}
	if r.core.phase != Joining {
		t.Errorf("answers to the first start's question made the second one %s", r.core.phase)
	}
}

func TestWipedDatabaseMakesAnObserver(t *testing.T) {
	w := newNetwork(t, 4)
	height := w.finish(0)
	w.until("all are level", w.level(height))
	w.nodes[2] = nil // consensus and ledger database gone
	r := w.open(2)
	w.until("it follows", func() bool { return r.final().Height >= height })
	if r.core.phase != Observer || r.alarms(AlarmWiped) != 1 {
		t.Fatalf("a wiped node is %s with %d alarms", r.core.phase, r.alarms(AlarmWiped))
	}
	for _, a := range of[Alarm](r.did) {
		if a.Kind == AlarmWiped && (strings.Contains(a.Detail, "rotated") || !strings.Contains(a.Detail, "never votes again") || !strings.Contains(a.Detail, "quorum without it")) {
			t.Errorf("the operator is told %q", a.Detail)
		}
	}
	height = w.finish(0)
	w.until("the observer follows", w.level(height))
	r.signedNothing(r.did)
}

func TestRestoredOldDatabaseMakesAnObserver(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	old := w.nodes[3].saved
	height := w.finish(0)
	w.until("all are level", w.level(height))
	w.nodes[3].saved = old // the ledger database is the newer one
	r := w.open(3)
	w.ticks(30)
	if r.core.phase != Observer || r.alarms(AlarmWiped) != 1 {
		t.Fatalf("a restored node is %s with %d alarms", r.core.phase, r.alarms(AlarmWiped))
	}
	w.until("the observer follows", w.level(w.finish(0)))
	r.signedNothing(r.did)
}

// TestASurrenderedKeyNeverSigns gives a key up whose votes nobody has seen: the
// others' reports would let it vote.
func TestASurrenderedKeyNeverSigns(t *testing.T) {
	w := newTown(t, 4)
	w.nodes[2] = &replica{town: w, id: 2, chain: []CertifiedBlock{{Block: ledger.Block{Header: w.genesis}}}}
	w.nodes[2].saved.Surrendered = []keys.PublicKey{w.keys[2].Public()}
	for m := range Member(4) {
		w.open(m)
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	w.until("all are level", w.level(w.finish(0)))
	r := w.nodes[2]
	if r.core.phase != Observer {
		t.Errorf("it is %s", r.core.phase)
	}
	r.signedNothing(r.did)

	// Another key of the same database may vote.
	r = w.nodes[1]
	r.saved.Surrendered = []keys.PublicKey{w.keys[2].Public()}
	if r = w.open(1); r.core.phase != Joining {
		t.Errorf("with another key the node is %s", r.core.phase)
	}
}

func TestForgedReportsStopNobody(t *testing.T) {
	w := newTown(t, 4)
	r := w.open(0)
	r.tick()
	vote := ledger.Vote{Kind: ledger.Commit, Chain: w.network.Chain, Start: w.startHash(), Height: 100}
	other, err := vote.Sign(1, w.keys[1])
	if err != nil {
		t.Fatal(err)
	}
	forged := other
	forged.Validator = 0 // the key of member 1 in the name of this node
	foreign := vote
	foreign.Chain = w.network.Suite.Sum([]byte("another network"))
	elsewhere, err := foreign.Sign(0, w.keys[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []ledger.SignedVote{other, forged, elsewhere} {
		r.hear(1, reportMessage, report{Nonce: r.nonce, Newest: []ledger.SignedVote{v}})
	}
	if r.core.phase != Joining || r.dropped(dropVote) != 3 {
		t.Fatalf("after forged reports the node is %s, %d were dropped", r.core.phase, r.dropped(dropVote))
	}
	r.hear(2, reportMessage, report{Nonce: r.nonce})
	r.hear(3, reportMessage, report{Nonce: r.nonce})
	if r.core.phase != Active {
		t.Errorf("honest reports make the node %s", r.core.phase)
	}
}
