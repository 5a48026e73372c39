// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A checks suite counts the signatures that are checked one by one.
type checks struct {
	keys.Suite
	n int
}

func (c *checks) Verify(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	c.n++
	return c.Suite.Verify(key, message, sig)
}

// counted lets r's checks of votes be counted from now on.
func counted(r *replica) *checks {
	c := &checks{Suite: r.core.cfg.Network.Suite}
	r.core.cfg.Network.Suite = c
	return c
}

// forge is a vote whose signature does not verify.
func (r *replica) forge(by Member, v ledger.Vote) ledger.SignedVote {
	s := r.vote(by, v)
	s.Signature = append(keys.Signature(nil), s.Signature...)
	s.Signature[40] ^= 1
	return s
}

// reported is what r tells a member of its newest vote.
func (r *replica) reported(to Member) []ledger.SignedVote {
	r.t.Helper()
	sent := of[Send](r.hear(to, queryMessage, query{Nonce: 9}))
	if len(sent) != 1 {
		r.t.Fatalf("%d answers", len(sent))
	}
	kind, _, payload, err := unpack(sent[0].Data)
	var answer report
	if err != nil || kind != reportMessage || ledger.Decode(payload, maxControl, &answer) != nil {
		r.t.Fatalf("no report: %v", err)
	}
	return answer.Newest
}

func TestVotesBeyondAQuorumAreNotChecked(t *testing.T) {
	for _, early := range []bool{false, true} { // all votes are there before the block is executed
		r, todo := ordered(t, 1)
		executed := r.execute(todo[0])
		b := &candidate{at: Position{todo[0].Index, todo[0].Term}, header: executed.Header, hash: r.network.HeaderHash(executed.Header)}
		prepare, commit := r.core.prepareVote(1, b), r.core.commitVote(1, b)
		c := counted(r)
		if !early {
			r.step(executed)
		}
		r.votes(prepare, 1, 2, 3)
		out := r.votes(commit, 1, 2, 3)
		if early {
			out = r.step(executed)
		}
		final := of[Finalize](out)
		if !early {
			final = of[Finalize](r.did)
		}
		if len(final) != 1 || c.n != 4 {
			t.Fatalf("early is %v: %d blocks are FINAL after %d checks, want one after two of each kind", early, len(final), c.n)
		}
		if p := final[0].Proofs[0]; p.Certificate.Check(r.network, r.set, ledger.Commit, p.Header) != nil {
			t.Error("the certificate does not hold")
		}
		r.step(r.finalize(final[0])...)
		late := commit
		r.votes(late, 3) // once more, and FINAL now
		if c.n != 4 {
			t.Errorf("a late vote was checked")
		}
	}
}

func TestTheNewestVoteIsKnownThoughItWasNotNeeded(t *testing.T) {
	finished := func() (*replica, ledger.Vote) {
		r, todo := ordered(t, 1)
		r.step(r.execute(todo[0]))
		commit := r.commit(1)
		r.votes(r.prepare(1), 1, 2, 3)
		r.votes(commit, 1, 2)
		r.step(r.finalize(of[Finalize](r.did)[0])...)
		return r, commit
	}
	r, commit := finished()
	r.votes(commit, 3)
	if v := r.reported(3); len(v) != 1 || v[0].Vote != commit {
		t.Errorf("a member that asks at once is told %v", v)
	}
	// It is also written, with what is written next.
	r, commit = finished()
	r.votes(commit, 3)
	for range statusTicks + 1 {
		r.tick()
	}
	r.did = nil
	r.step(r.execute(of[Execute](r.order(1))[0]))
	written := false
	for _, p := range of[Persist](r.did) {
		for _, v := range p.Newest {
			written = written || v.Validator == 3 && v.Vote == commit
		}
	}
	if !written {
		t.Error("the newest vote of member 3 is not written")
	}
	// A forgery is neither told nor kept, and does not hide what was known.
	r, commit = finished()
	before := r.reported(3)
	r.hear(3, voteMessage, []ledger.SignedVote{r.forge(3, commit)})
	if v := r.reported(3); len(v) != 1 || v[0].Vote != before[0].Vote || r.dropped(dropSignature) != 1 {
		t.Errorf("after a forgery %v is told, %d were noticed", v, r.dropped(dropSignature))
	}
	if r.votes(commit, 3); r.reported(3)[0].Vote != commit {
		t.Error("the vote after the forgery is not told")
	}
}

func TestAVoteThatWasNotCheckedIsEvidence(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	good := r.prepare(1)
	bad := good
	bad.Term++
	r.votes(good, 1, 2, 3)
	r.votes(bad, 3)
	alarms := of[Alarm](r.did)
	if len(alarms) != 1 || alarms[0].Kind != AlarmDoubleVote || len(alarms[0].Evidence) != 2 || alarms[0].Evidence[0].Vote == alarms[0].Evidence[1].Vote {
		t.Fatalf("alarms: %+v", alarms)
	}
	for _, v := range alarms[0].Evidence {
		if err := v.Check(r.network.Suite, r.set); err != nil {
			t.Error(err)
		}
	}
	// What its signer cannot have signed accuses nobody, and gives way to what it has.
	r, todo = ordered(t, 1)
	r.step(r.execute(todo[0]))
	r.votes(r.prepare(1), 1, 2)
	r.hear(3, voteMessage, []ledger.SignedVote{r.forge(3, r.prepare(1))})
	r.votes(bad, 3)
	if r.alarms(AlarmDoubleVote) != 0 || r.dropped(dropSignature) != 1 {
		t.Errorf("%d alarms, %d forgeries noticed", r.alarms(AlarmDoubleVote), r.dropped(dropSignature))
	}
	if held := r.core.voteOf(3, slot{1, ledger.Prepare}); held == nil || held.Vote != bad || held.spare {
		t.Errorf("the vote held is %+v", held)
	}
}

func TestASpareVoteCountsWhereItIsNeeded(t *testing.T) {
	for _, forged := range []bool{false, true} {
		r, todo := ordered(t, 2)
		r.step(r.execute(todo[0]))
		r.step(r.execute(todo[1]))
		// Block 1 is not prepared here, so this node has no COMMIT of block 2 of its own.
		commit := r.commit(2)
		last := r.vote(3, commit)
		if forged {
			last = r.forge(3, commit)
		}
		c := counted(r)
		r.votes(commit, 1, 2)
		final := of[Finalize](r.hear(3, voteMessage, []ledger.SignedVote{last}))
		if forged {
			if len(final) != 0 || r.dropped(dropSignature) != 1 {
				t.Fatalf("a forgery makes %d certificates, %d were noticed", len(final), r.dropped(dropSignature))
			}
			final = of[Finalize](r.votes(commit, 3))
		}
		if want := map[bool]int{false: 3, true: 4}[forged]; len(final) != 1 || len(final[0].Proofs) != 2 || c.n != want {
			t.Fatalf("forged is %v: %+v after %d checks", forged, final, c.n)
		}
		if p := final[0].Proofs[1]; p.Certificate.Check(r.network, r.set, ledger.Commit, p.Header) != nil {
			t.Error("the certificate does not hold")
		}
	}
}

func TestOnlyItsSignerMaySendAVoteUnchecked(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	c := counted(r)
	r.votes(r.prepare(1), 1, 2)
	r.hear(2, voteMessage, []ledger.SignedVote{r.forge(3, r.prepare(1))})
	if c.n != 3 || r.dropped(dropSignature) != 1 || r.core.voteOf(3, slot{1, ledger.Prepare}) != nil {
		t.Errorf("%d checks, %d forgeries noticed", c.n, r.dropped(dropSignature))
	}
}

// A forgery in the place of a vote does not keep its signer's own vote out, which
// may be half of the evidence.
func TestAForgeryDoesNotHideADoubleVote(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	good := r.prepare(1)
	bad := good
	bad.Term++
	r.votes(good, 1, 2)
	r.hear(3, voteMessage, []ledger.SignedVote{r.forge(3, good)})
	r.votes(good, 3)
	r.votes(bad, 3)
	if r.alarms(AlarmDoubleVote) != 1 {
		t.Errorf("%d alarms", r.alarms(AlarmDoubleVote))
	}
	c := counted(r)
	for range 3 {
		r.votes(good, 3)
	}
	if c.n != 0 {
		t.Errorf("%d checks of a vote that is repeated", c.n)
	}
}

// A vote of another set or round is none, and does not pass for the newest.
func TestAVoteOfAnotherRoundHidesNoVote(t *testing.T) {
	for _, change := range []func(*ledger.Vote){func(v *ledger.Vote) { v.Set++ }, func(v *ledger.Vote) { v.Round++ }} {
		r, todo := ordered(t, 1)
		r.step(r.execute(todo[0]))
		commit := r.commit(1)
		r.votes(r.prepare(1), 1, 2, 3)
		r.votes(commit, 1, 2)
		r.step(r.finalize(of[Finalize](r.did)[0])...)
		other := commit
		change(&other)
		r.votes(other, 3)
		r.votes(commit, 3)
		if v := r.reported(3); r.dropped(dropVote) != 1 || len(v) != 1 || v[0].Vote != commit {
			t.Errorf("%d are let go, and told is %v", r.dropped(dropVote), v)
		}
	}
}
