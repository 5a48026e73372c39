// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"slices"
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
)

// ordered gives an active core, in whose log an honest leader has committed n
// batches, and what it must execute for them.
func ordered(t *testing.T, n int) (*replica, []Execute) {
	t.Helper()
	w := newTown(t, 4)
	r := w.active(0)
	return r, of[Execute](r.order(n))
}

// order lets member 1 lead in term 5 and commit n more batches.
func (r *replica) order(n int) []Effect {
	r.t.Helper()
	after := base
	if last := r.core.group.lastIndex(); last > base.Index {
		after = Position{last, term}
	}
	var entries []*raftpb.Entry
	at := Position{after.Index, term}
	if after == base {
		at.Index++
		entries = append(entries, entry(at, nil))
	}
	for range n {
		at.Index++
		entries = append(entries, r.batch(chief, at, r.now, r.transaction("bank")))
	}
	return r.step(r.lead(chief, r.id, term, after, entries...))
}

// prepare and commit are what the core says of the block at height.
func (r *replica) prepare(height uint64) ledger.Vote {
	return r.core.prepareVote(height, r.core.blocks[height])
}

func (r *replica) commit(height uint64) ledger.Vote {
	return r.core.commitVote(height, r.core.blocks[height])
}

// votes lets members sign a vote and send it.
func (r *replica) votes(v ledger.Vote, by ...Member) []Effect {
	r.t.Helper()
	var out []Effect
	for _, m := range by {
		out = append(out, r.hear(m, voteMessage, []ledger.SignedVote{r.vote(m, v)})...)
	}
	return out
}

// A said vote is its kind and height.
type said struct {
	kind   ledger.VoteKind
	height uint64
}

func saidIn(t testing.TB, effects []Effect) []said {
	t.Helper()
	var out []said
	for _, v := range votesIn(t, effects, 1) {
		out = append(out, said{v.Vote.Kind, v.Vote.Height})
	}
	return out
}

func TestVotesFollowTheOrderOfTheRules(t *testing.T) {
	r, todo := ordered(t, 2)
	expect := func(what string, effects []Effect, want ...said) []Effect {
		t.Helper()
		if got := saidIn(t, effects); !slices.Equal(got, want) {
			t.Errorf("%s: said %v, must say %v", what, got, want)
		}
		return effects
	}
	if len(todo) != 2 || todo[0].Height != 1 || todo[1].Height != 2 {
		t.Fatalf("to be executed: %+v", todo)
	}
	expect("committed by Raft", r.did)
	expect("block 1 executed", r.step(r.execute(todo[0])), said{ledger.Prepare, 1})
	expect("block 2 executed", r.step(r.execute(todo[1])), said{ledger.Prepare, 2})
	expect("block 2 prepared by q, block 1 not", r.votes(r.prepare(2), 1, 2))
	expect("COMMIT votes of others for block 1", r.votes(r.commit(1), 1))
	expect("block 1 prepared by q-1", r.votes(r.prepare(1), 1))
	expect("block 1 prepared by q", r.votes(r.prepare(1), 2), said{ledger.Commit, 1}, said{ledger.Commit, 2})
	out := expect("block 1 committed by q", r.votes(r.commit(1), 2))
	final := of[Finalize](out)
	if len(final) != 1 || len(final[0].Proofs) != 1 || final[0].Proofs[0].Header.Height != 1 {
		t.Fatalf("FINAL is %+v", final)
	}
	if len(of[Announce](r.did)) != 0 {
		t.Error("FINAL was announced before it was stored")
	}
	out = expect("block 1 stored", r.step(r.finalize(final[0])...))
	if a := of[Announce](out); len(a) != 1 || a[0].Height != 1 {
		t.Errorf("announced %v", a)
	}
}

func TestVoteIsDurableBeforeItIsSent(t *testing.T) {
	r, todo := ordered(t, 1)
	out := r.step(r.execute(todo[0]))
	durable := false
	for _, e := range out {
		switch e := e.(type) {
		case Persist:
			durable = durable || e.Sync && len(e.Votes) == 1
		case Send:
			if kind, _, _, _ := unpack(e.Data); kind == voteMessage && !durable {
				t.Error("a vote is sent before it is written and synced")
			}
		}
	}
	if !durable {
		t.Error("no vote was written")
	}
}

func TestBlockBeforeExecutionGetsNoVote(t *testing.T) {
	r, todo := ordered(t, 2)
	two := r.execute(todo[0])
	two.Height, two.Index = 2, todo[1].Index
	r.signedNothing(r.step(two)) // the upper one first
}

func TestOneVoteForEachSlot(t *testing.T) {
	w := newNetwork(t, 4)
	for range 10 {
		w.finish(0)
	}
	for _, r := range w.nodes {
		seen := make(map[slot]ledger.SignedVote)
		for _, p := range of[Persist](r.did) {
			for _, v := range p.Votes {
				s := slot{v.Vote.Height, v.Vote.Kind}
				if _, twice := seen[s]; twice {
					t.Errorf("member %d signed twice for %v of height %d", r.id, v.Vote.Kind, v.Vote.Height)
				}
				seen[s] = v
			}
		}
		for _, e := range of[Send](r.did) {
			for _, v := range votesIn(t, []Effect{e}, e.To) {
				if !bytes.Equal(seen[slot{v.Vote.Height, v.Vote.Kind}].Signature, v.Signature) {
					t.Errorf("member %d sent a vote that it never wrote", r.id)
				}
			}
		}
	}
}

func TestCertificateCoversItsAncestors(t *testing.T) {
	r, todo := ordered(t, 3)
	for _, e := range todo {
		r.step(r.execute(e))
	}
	for h := uint64(1); h <= 3; h++ {
		r.votes(r.prepare(h), 1, 2)
	}
	final := of[Finalize](r.votes(r.commit(3), 1, 2))
	if len(final) != 1 || len(final[0].Proofs) != 3 {
		t.Fatalf("FINAL is %+v", final)
	}
	trust := ledger.Trust{Network: r.network, Sets: []ledger.ValidatorSet{r.set}}
	for i, p := range final[0].Proofs {
		if p.Header.Height != uint64(i+1) || len(p.Descendants) != 2-i || p.Certificate.Vote.Height != 3 {
			t.Errorf("proof %d is of height %d with %d descendants", i, p.Header.Height, len(p.Descendants))
		}
		if err := p.Check(trust); err != nil {
			t.Errorf("height %d: %v", p.Header.Height, err)
		}
	}
	r.step(r.finalize(final[0])...)
	if s := r.core.Status(); s.Final != 3 || len(r.core.votes) != 0 || len(r.core.blocks) != 0 {
		t.Errorf("FINAL is %d, votes %d, blocks %d", s.Final, len(r.core.votes), len(r.core.blocks))
	}
	for _, p := range of[Persist](r.did) {
		for _, c := range p.Prepared {
			if err := c.Certificate.Check(r.network, r.set, ledger.Prepare, r.chain[c.Header.Height].Block.Header); err != nil {
				t.Errorf("kept prepare certificate: %v", err)
			}
		}
	}
	if len(r.saved.Prepared) != 3 || r.saved.Highest == nil || r.saved.Cursor.Height != 3 {
		t.Errorf("kept: %d prepare certificates, highest %v, cursor %+v", len(r.saved.Prepared), r.saved.Highest, r.saved.Cursor)
	}
}

func TestBlocksBeyondTheWindowWait(t *testing.T) {
	r, todo := ordered(t, 12)
	if len(todo) != 8 {
		t.Fatalf("%d blocks above FINAL are to be executed", len(todo))
	}
	for _, e := range todo {
		r.step(r.execute(e))
	}
	r.votes(r.prepare(1), 1, 2)
	out := r.votes(r.commit(1), 1, 2)
	out = r.step(r.finalize(of[Finalize](out)[0])...)
	if next := of[Execute](out); len(next) != 1 || next[0].Height != 9 {
		t.Errorf("after one more FINAL block to be executed: %+v", next)
	}
}

func TestVotesForOtherBlocksDoNotCount(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	other := func(spoil func(*ledger.Vote)) ledger.Vote {
		v := r.prepare(1)
		spoil(&v)
		return v
	}
	r.votes(other(func(v *ledger.Vote) { v.Block = v.Chain }), 1)
	r.votes(other(func(v *ledger.Vote) { v.Term++ }), 2)
	r.signedNothing(r.votes(other(func(v *ledger.Vote) { v.Index++ }), 3))
	good := r.prepare(1)
	signed := func(spoil func(*ledger.Vote)) func(*ledger.SignedVote) {
		return func(v *ledger.SignedVote) {
			spoil(&v.Vote)
			*v = r.vote(1, v.Vote)
		}
	}
	for name, spoil := range map[string]func(*ledger.SignedVote){
		"another's name":   func(v *ledger.SignedVote) { v.Validator = 2 },
		"this node's name": func(v *ledger.SignedVote) { v.Validator = 0 },
		"a stranger":       func(v *ledger.SignedVote) { v.Validator = 4 },
		"another round":    signed(func(v *ledger.Vote) { v.Start = v.Chain }),
		"another network":  signed(func(v *ledger.Vote) { v.Chain = v.Start }),
		"another set":      signed(func(v *ledger.Vote) { v.Set++ }),
		"another kind":     signed(func(v *ledger.Vote) { v.Kind = 3 }),
		"far ahead":        signed(func(v *ledger.Vote) { v.Height += 1000 }),
	} {
		v := r.vote(1, good)
		spoil(&v)
		before := r.dropped(dropVote) + r.dropped(dropSignature)
		r.hear(1, voteMessage, []ledger.SignedVote{v})
		if r.dropped(dropVote)+r.dropped(dropSignature) != before+1 {
			t.Errorf("a vote of %s was taken", name)
		}
	}
}

func TestDoubleVoteIsEvidence(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	good := r.prepare(1)
	r.votes(good, 3)
	for i := range 5 { // as many as it likes, but one alarm
		bad := good
		bad.Term += uint64(i + 1)
		r.votes(bad, 3)
	}
	alarms := of[Alarm](r.did)
	if len(alarms) != 1 || alarms[0].Kind != AlarmDoubleVote || len(alarms[0].Evidence) != 2 {
		t.Fatalf("alarms: %+v", alarms)
	}
	one, two := alarms[0].Evidence[0], alarms[0].Evidence[1]
	if one.Vote == two.Vote || one.Vote.Height != two.Vote.Height || one.Vote.Kind != two.Vote.Kind || one.Validator != two.Validator {
		t.Errorf("that is no evidence: %+v", alarms[0].Evidence)
	}
	for _, v := range alarms[0].Evidence {
		if err := v.Check(r.network.Suite, r.set); err != nil {
			t.Error(err)
		}
	}
	if out := r.votes(good, 1); !slices.Equal(saidIn(t, out), []said{{ledger.Commit, 1}}) {
		t.Error("its first vote does not count")
	}
}

func TestFloodOfForgedVotesCostsOneCheck(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	v := r.vote(3, r.prepare(1))
	v.Signature = bytes.Repeat([]byte{7}, len(v.Signature))
	var votes []ledger.SignedVote
	for h := range uint64(16) {
		v.Vote.Height = h + 1
		votes = append(votes, v)
	}
	r.hear(3, voteMessage, votes)
	if r.dropped(dropSignature) != 1 || len(r.core.votes) != 1 {
		t.Errorf("%d checks, votes for %d slots", r.dropped(dropSignature), len(r.core.votes))
	}
	var many []ledger.SignedVote
	for range 100 {
		many = append(many, v)
	}
	r.hear(3, voteMessage, many)
	if r.dropped(dropMalformed) != 1 {
		t.Error("a hundred votes in one message were read")
	}
}

func TestVotesAreRepeatedByteForByteUntilFinal(t *testing.T) {
	r, todo := ordered(t, 2)
	for _, e := range todo {
		r.step(r.execute(e))
	}
	r.votes(r.prepare(1), 1, 2)
	first := votesIn(t, r.did, 1)
	var again []ledger.SignedVote
	for range 2 * resendTicks {
		again = append(again, votesIn(t, r.tick(), 1)...)
	}
	if len(again) < len(first) {
		t.Fatalf("%d votes were sent, %d repeated", len(first), len(again))
	}
	for _, v := range again {
		if !slices.ContainsFunc(first, func(o ledger.SignedVote) bool { return bytes.Equal(ledger.Encode(o), ledger.Encode(v)) }) {
			t.Errorf("a repeated vote is not the one sent before: %+v", v.Vote)
		}
	}
	r.votes(r.prepare(2), 1, 2)
	out := r.votes(r.commit(2), 1, 2)
	r.step(r.finalize(of[Finalize](out)[0])...)
	for range 10 * resendTicks {
		if v := votesIn(t, r.tick(), 1); len(v) > 0 {
			t.Fatalf("all is FINAL and it says %v", v[0].Vote)
		}
	}
}

func TestMemberWithoutAQuorumFinalisesNothing(t *testing.T) {
	w := newNetwork(t, 4)
	height := w.finish(0)
	w.until("all are level", w.level(height))
	l := w.leader().id
	a, b := (l+1)%4, (l+2)%4
	w.nodes[a].core, w.nodes[b].core = nil, nil
	r := w.nodes[l]
	w.settle(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
	w.ticks(100)
	if r.final().Height != height {
		t.Fatal("two of four made a block FINAL")
	}
	w.open(a)
	w.until("three of four make it FINAL", func() bool { return r.final().Height > height })
}

func TestACommitIsWrittenWithTheCertificateItRestsOn(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	commits := 0
	for _, r := range w.nodes {
		for _, p := range of[Persist](r.did) {
			for _, v := range p.Votes {
				if v.Vote.Kind != ledger.Commit {
					continue
				}
				commits++
				if !slices.ContainsFunc(p.Prepared, func(c ledger.PreparedBlock) bool { return c.Certificate.Vote.Block == v.Vote.Block }) {
					t.Errorf("member %d: COMMIT of height %d is written without a prepare certificate", r.id, v.Vote.Height)
				}
			}
		}
	}
	if commits == 0 {
		t.Error("nobody committed")
	}
}

// TestABatchHasTheTimeOfItsStep: a transaction that names a time just past must
// not land in a block that is older than that.
func TestABatchHasTheTimeOfItsStep(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	leader := w.leader().core
	told := leader.now + 57
	leader.Step(Clock{Now: told}, Submit{Transaction: w.transaction("bank"), Local: true})
	entries := leader.group.entries(0)
	b, err := ledger.OpenBatch(w.network, w.set, entries[len(entries)-1].GetData())
	if err != nil || b.Time != told {
		t.Fatalf("the batch is of %d, the clock said %d: %v", b.Time, told, err)
	}
}

// TestTheNewestRoundsPrepareCertificateIsKept: what a COMMIT of a later round
// rests on takes the place of what an earlier round left, in the write that holds
// the COMMIT.
func TestTheNewestRoundsPrepareCertificateIsKept(t *testing.T) {
	w := newTown(t, 4)
	w.start.Round = 1
	r := w.open(0)
	old := ledger.Certificate{Vote: ledger.Vote{Kind: ledger.Prepare, Height: 1, Block: r.network.Chain}}
	r.saved.Prepared = []ledger.PreparedBlock{{Header: ledger.Header{Height: 1}, Certificate: old}}
	r = w.active(0)
	todo := of[Execute](r.order(1))
	r.step(r.execute(todo[0]))
	want := r.prepare(1)
	out := r.votes(want, 1, 2)
	for _, p := range of[Persist](out) {
		if len(p.Votes) == 1 && p.Votes[0].Vote.Kind == ledger.Commit {
			if !p.Sync || len(p.Prepared) != 1 || p.Prepared[0].Certificate.Vote != want {
				t.Errorf("synced: %v, kept with the COMMIT: %+v", p.Sync, p.Prepared)
			}
			return
		}
	}
	t.Error("no COMMIT")
}
