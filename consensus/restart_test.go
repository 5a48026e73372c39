// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"errors"
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
)

func TestVotesStandAfterARestart(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	first := votesIn(t, r.did, 1)
	r = r.active(0)
	again := of[Execute](r.did)
	if len(again) != 1 || again[0].Height != 1 || again[0].Index != todo[0].Index {
		t.Fatalf("to be executed again: %+v", again)
	}
	for _, p := range of[Persist](r.step(r.execute(again[0]))) {
		if len(p.Votes) > 0 {
			t.Error("a vote was signed a second time")
		}
	}
	for range 2 * resendTicks {
		r.tick()
	}
	resent := votesIn(t, r.did, 1)
	if len(first) != 1 || len(resent) == 0 || string(resent[0].Signature) != string(first[0].Signature) {
		t.Errorf("%d votes before, %d after", len(first), len(resent))
	}
}

func TestStoredVoteForAnotherBlockEndsSigning(t *testing.T) {
	r, todo := ordered(t, 2)
	r.step(r.execute(todo[0]))
	r.step(r.execute(todo[1]))
	other := r.saved.Votes[0].Vote
	other.Block = r.network.Chain
	r.saved.Votes[0] = r.vote(0, other)
	r.saved.Votes = r.saved.Votes[:1]
	r.saved.Newest = r.saved.Votes
	r = r.active(0)
	for _, e := range of[Execute](r.did) {
		for _, p := range of[Persist](r.step(r.execute(e))) {
			if len(p.Votes) > 0 {
				t.Errorf("signed %+v", p.Votes)
			}
		}
	}
	if r.alarms(AlarmOwnVote) != 1 {
		t.Errorf("%d alarms", r.alarms(AlarmOwnVote))
	}
	out := append(r.votes(r.prepare(1), 1, 2, 3), r.votes(r.prepare(2), 1, 2, 3)...)
	r.signedNothing(out)
	r.order(1)
	if r.alarms(AlarmOwnVote) != 1 {
		t.Errorf("%d alarms in the end", r.alarms(AlarmOwnVote))
	}
}

func TestLedgerBehindItsCertificateCatchesUpBeforeItSigns(t *testing.T) {
	w := newNetwork(t, 4)
	for range 4 {
		w.until("all are level", w.level(w.finish(0)))
	}
	height := w.nodes[0].final().Height
	leader := w.leader().id
	r := w.nodes[(leader+1)%4]
	r.chain = r.chain[:2] // the ledger database is an older one, and of the log no more was compared with it
	r.saved.Cursor = Cursor{Height: 1, Index: r.saved.Cursor.Index - (height - 1)}
	r = w.open(r.id)
	w.cut = func(from, to Member, data []byte) bool { return data == nil } // nobody serves blocks
	w.ticks(50)
	if r.core.phase != Active || r.final().Height != height {
		t.Fatalf("%s with FINAL %d: its log and the certificate it kept lead to %d", r.core.phase, r.final().Height, height)
	}
	for _, p := range of[Persist](r.did) { // what it has signed before may be repeated
		if len(p.Votes) > 0 {
			t.Errorf("signed %+v", p.Votes[0].Vote)
		}
	}
	w.cut = nil
	for _, p := range of[Persist](r.did) { // or the next start would sign below what this key has signed
		if p.Highest != nil && p.Highest.Vote.Height < height {
			t.Errorf("the kept certificate goes back from %d to %d", height, p.Highest.Vote.Height)
		}
	}
	for _, other := range w.nodes {
		if other.id != leader && other.id != r.id {
			other.core = nil
			break
		}
	}
	w.until("it signs again", w.level(w.finish(leader)))
	if r.alarms(AlarmConflict)+r.alarms(AlarmOwnVote)+r.alarms(AlarmWiped) != 0 {
		t.Errorf("alarms: %+v", of[Alarm](r.did))
	}
}

func TestLedgerAheadOfTheLogIsComparedWithIt(t *testing.T) {
	w := newNetwork(t, 4)
	for range 12 {
		w.until("all are level", w.level(w.finish(0)))
	}
	leader := w.leader().id
	r := w.nodes[(leader+1)%4]
	r.saved.Cursor = Cursor{Height: 1, Index: r.saved.Cursor.Index - 11} // of a write that was not synced
	for _, e := range r.saved.Entries {
		if b, err := ledger.OpenBatch(w.network, w.set, e.GetData()); err == nil && e.GetIndex() <= r.saved.Cursor.Index && len(b.Transactions) != 1 {
			t.Fatal("the log is not one block for each entry")
		}
	}
	r = w.open(r.id)
	w.ticks(20)
	if r.core.phase != Active || r.core.cursor.Height != r.final().Height {
		t.Fatalf("%s, cursor %+v, FINAL %d", r.core.phase, r.core.cursor, r.final().Height)
	}
	todo := of[Execute](r.did)
	if len(todo) == 0 || todo[0].Height != 2 {
		t.Errorf("compared: %+v", todo)
	}
	w.until("all are level", w.level(w.finish(r.id)))
}

func TestLogComparisonIsPaced(t *testing.T) {
	r, _ := ordered(t, 0)
	parent := r.final()
	for range 40 { // FINAL before the log comes
		b := r.run(parent, r.now, nil)
		r.chain = append(r.chain, CertifiedBlock{Block: b})
		parent = b.Header
	}
	r.saved.Cursor = Cursor{}
	r = r.active(0)
	if todo := of[Execute](r.order(40)); uint64(len(todo)) != r.core.cfg.Window {
		t.Errorf("%d blocks at once", len(todo))
	}
}

func TestLogThatContradictsTheLedgerMakesAnObserver(t *testing.T) {
	r, todo := ordered(t, 1)
	out := r.step(Executed{Height: 1, Index: todo[0].Index, Conflict: true})
	r.signedNothing(out)
	if r.core.phase != Observer || r.alarms(AlarmConflict) != 1 {
		t.Errorf("%s, %d alarms", r.core.phase, r.alarms(AlarmConflict))
	}
}

func TestOtherResultOfTheSameInputsHalts(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	r.signedNothing(r.step(Stored{Header: r.above[0].Header, Diverged: true}))
	if r.core.phase != Halted || r.alarms(AlarmDiverged) != 1 {
		t.Errorf("%s, %d alarms", r.core.phase, r.alarms(AlarmDiverged))
	}
	r.core.observe()
	r.hear(1, statusMessage, status{Final: 100})
	for range 2 * fetchTicks {
		if len(of[Fetch](r.tick())) != 0 || r.core.phase != Halted {
			t.Fatal("a halted node goes on")
		}
	}
}

func TestBrokenLogIsAnErrorAndNoPanic(t *testing.T) {
	r, _ := ordered(t, 3)
	good := r.saved
	for name, spoil := range map[string]func(*Saved){
		"committed beyond its end": func(s *Saved) {
			s.HardState = &raftpb.HardState{Term: s.HardState.Term, Vote: s.HardState.Vote, Commit: number(99)}
		},
		"a gap":                  func(s *Saved) { s.Entries = append(s.Entries[:1:1], s.Entries[2:]...) },
		"no beginning":           func(s *Saved) { s.Entries = s.Entries[1:] },
		"FINAL beyond committed": func(s *Saved) { s.Cursor = Cursor{Height: 9, Index: 99} },
		"no vote and term":       func(s *Saved) { s.HardState = nil; s.Cursor = Cursor{Height: 1, Index: 3} },
	} {
		s := good
		spoil(&s)
		if _, err := New(r.core.cfg, s, r.genesis); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("a log with %s: %v", name, err)
		}
	}
	if _, err := New(r.core.cfg, good, r.genesis); err != nil {
		t.Errorf("the good log: %v", err)
	}
}

// TestAnInterruptedCatchUpForgetsNothing: a ledger that was put back fetches its
// blocks one after the other. If it stopped in between, the certificate that is
// kept must still tell how far this key may have signed, since votes below it
// are pruned.
func TestAnInterruptedCatchUpForgetsNothing(t *testing.T) {
	w := newNetwork(t, 4)
	for range 4 {
		w.until("all are level", w.level(w.finish(0)))
	}
	r := w.nodes[(w.leader().id+1)%4]
	height := r.final().Height
	r.chain = r.chain[:2]
	r = w.open(r.id)
	w.until("it has caught up", w.level(height))
	if len(of[Adopt](r.did)) == 0 {
		t.Fatal("it fetched nothing: the test tests nothing")
	}
	for _, p := range of[Persist](r.did) {
		if p.Highest != nil && p.Highest.Vote.Height < height {
			t.Errorf("the kept certificate goes back from %d to %d", height, p.Highest.Vote.Height)
		}
	}
}
