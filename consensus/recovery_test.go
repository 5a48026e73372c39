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

// hurried lets members lose patience after five seconds, not a minute.
func hurried(c *Config) { c.Patience = 50 }

// withoutCommits loses every COMMIT, so that blocks are prepared and none is FINAL.
func withoutCommits(t *testing.T) func(from, to Member, data []byte) bool {
	return func(_, _ Member, data []byte) bool { return hasCommit(t, data) }
}

func hasCommit(t testing.TB, data []byte) bool {
	kind, _, payload, err := unpack(data)
	if err != nil || kind != voteMessage {
		return false
	}
	var votes []ledger.SignedVote
	if err := ledger.Decode(payload, maxVotes, &votes); err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(votes, func(v ledger.SignedVote) bool { return v.Vote.Kind == ledger.Commit })
}

// inRound tells whether all living members but some are in a round or a later one.
func (w *town) inRound(round uint64, but ...Member) func() bool {
	return func() bool {
		for _, r := range w.nodes {
			if r != nil && r.core != nil && !slices.Contains(but, r.id) && r.core.Status().Round < round {
				return false
			}
		}
		return true
	}
}

// stuck gives a network of hurried members whose block 1 has prepare certificates
// and no certificate, and the hash of that block.
func stuck(t *testing.T) (*town, ledger.Hash) {
	t.Helper()
	w := newTown(t, 4)
	w.limit = hurried
	for m := range Member(4) {
		w.open(m)
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	w.cut = withoutCommits(t)
	r := w.nodes[0]
	w.settle(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
	w.until("all have committed on block 1", func() bool {
		for _, r := range w.nodes {
			if r.core.ownVote(1, ledger.Commit) == nil {
				return false
			}
		}
		return true
	})
	return w, r.core.blocks[1].hash
}

func TestWhatAQuorumPreparedIsCarriedIntoTheNextRound(t *testing.T) {
	w, hash := stuck(t)
	w.until("round 1", w.inRound(1))
	w.cut = nil
	w.until("block 1 is FINAL", w.level(1))
	for _, r := range w.nodes {
		one := r.chain[1]
		if r.network.HeaderHash(one.Block.Header) != hash || one.Proof.Certificate.Vote.Round != 1 {
			t.Errorf("member %d: block 1 is another one, or of round %d", r.id, one.Proof.Certificate.Vote.Round)
		}
		if v := r.saved.Prepared[len(r.saved.Prepared)-1].Certificate.Vote; v.Round != 1 || v.Index != base.Index || v.Term != base.Term {
			t.Errorf("member %d: the carried block was prepared at %+v", r.id, v)
		}
		if len(r.saved.Carried) == 0 || r.saved.Start.Start.Carried[0] != hash {
			t.Errorf("member %d: the START carries %v", r.id, r.saved.Start.Start.Carried)
		}
	}
	w.until("all are level", w.level(w.finish(2)))
}

func TestAMemberThatLacksWhatIsCarriedAsksForIt(t *testing.T) {
	w := newTown(t, 4)
	w.limit = hurried
	for m := range Member(4) {
		w.open(m)
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	late := (w.leader().id + 1) % 4
	away := func(from, to Member) bool { return from == late || to == late }
	w.cut = func(from, to Member, data []byte) bool { return away(from, to) || hasCommit(t, data) }
	r := w.leader()
	w.settle(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
	w.until("round 1, but for one", w.inRound(1, late))
	if w.nodes[late].core.Status().Round != 0 {
		t.Fatal("it was not away")
	}
	asked := 0
	w.cut = func(from, to Member, data []byte) bool {
		if from == late && messageKind(data[0]) == wantMessage {
			asked++
		}
		return hasCommit(t, data) // so that no certificate makes it needless
	}
	w.until("the late one has prepared it", func() bool { return w.nodes[late].core.ownVote(1, ledger.Prepare) != nil })
	if asked == 0 {
		t.Error("it has not asked for the block")
	}
	w.cut = nil
	w.until("all are level", w.level(w.finish(0)))
}

func equivocated(t *testing.T) *town {
	t.Helper()
	w := newTown(t, 4)
	w.equivocate()
	return w
}

// equivocate makes a network of hurried members in which member 3 leads and has
// given member 0 another batch than members 1 and 2. Neither block finds a quorum.
func (w *town) equivocate() {
	w.limit = hurried
	for m := range Member(3) {
		w.active(m)
	}
	at := Position{Index: 3, Term: 5}
	for m := range Member(3) {
		actor := map[bool]string{true: "bank", false: "rival"}[m == 0]
		b := w.batch(3, at, w.now, w.transaction(actor))
		w.settle(w.nodes[m], w.nodes[m].step(w.lead(3, m, 5, base, entry(Position{Index: 2, Term: 5}, nil), b)))
	}
}

func TestALeaderThatEquivocatesIsLeftWithoutPeople(t *testing.T) {
	w := equivocated(t)
	if a, b := w.nodes[0].core.blocks[1], w.nodes[1].core.blocks[1]; a.hash == b.hash || !a.executed || !b.executed {
		t.Fatal("it has not equivocated")
	}
	w.until("round 1", w.inRound(1))
	w.until("all are level", w.level(w.finish(0)))
	for m := range Member(3) {
		if n := w.nodes[m].alarms(AlarmOwnVote) + w.nodes[m].alarms(AlarmConflict); n > 0 {
			t.Errorf("member %d: %d alarms", m, n)
		}
	}
}

func TestADeadStartersTurnPasses(t *testing.T) {
	w, _ := stuck(t)
	w.nodes[1].core = nil // whose turn round 1 is
	w.until("round 2", w.inRound(2))
	w.cut = nil
	w.until("all are level", w.level(w.finish(0)))
	if v := w.nodes[0].saved.Start.Validator; v != 2 {
		t.Errorf("the START of round 2 is signed by member %d", v)
	}
}

// TestAPromiseOutlivesARestart: who has promised to leave a round votes in it no
// more, and says what it said before.
func TestAPromiseOutlivesARestart(t *testing.T) {
	w, _ := stuck(t)
	w.nodes[1].core = nil
	w.until("a promise", func() bool { return w.nodes[0].core.promised() == 1 })
	before := ledger.Encode(*w.nodes[0].saved.Statement)
	for _, m := range []Member{0, 2, 3} {
		w.nodes[m].core = nil
	}
	w.cut = nil
	r := w.active(0)
	var again []byte
	for range 2 * resendTicks {
		for _, s := range of[Send](r.tick()) {
			if kind, _, payload, _ := unpack(s.Data); kind == statementMessage {
				again = payload
			}
		}
	}
	for _, p := range of[Persist](r.did) {
		if len(p.Votes) > 0 {
			t.Errorf("it has signed %v", p.Votes[0].Vote)
		}
	}
	if !bytes.Equal(again, before) {
		t.Error("the statement is another one after the restart, or is not repeated")
	}
}

// TestARoundOutlivesARestart: all come back in the round that they were in, with
// what it carries, though the block was in the log of the round before.
func TestARoundOutlivesARestart(t *testing.T) {
	w, hash := stuck(t)
	w.until("round 1", w.inRound(1))
	for m := range Member(4) {
		w.open(m)
	}
	if !w.inRound(1)() {
		t.Fatal("somebody is back in round 0")
	}
	w.cut = nil
	w.until("block 1 is FINAL", w.level(1))
	if got := w.network.HeaderHash(w.nodes[3].chain[1].Block.Header); got != hash {
		t.Errorf("block 1 is %v, was %v", got, hash)
	}
}

// TestAStatementReachesAsFarAsVotesMay: a crash may cost the certificates of the
// last FINAL blocks, which are synced with what is written next; votes went up to a
// window above these.
func TestAStatementReachesAsFarAsVotesMay(t *testing.T) {
	w, _ := stuck(t)
	w.until("a promise", func() bool { return w.nodes[0].core.promised() > 0 })
	r := w.nodes[0]
	one := r.core.prepared[1]
	for h := uint64(2); h <= 2*r.core.cfg.Window; h++ {
		one.Header.Height, one.Certificate.Vote.Height = h, h
		r.core.prepared[h] = one
	}
	r.core.promise(ledger.Statement{Intent: ledger.Intent{Chain: w.network.Chain, Round: 9, Voters: 15}})
	if n := len(r.core.statement.Statement.Prepared); n != 16 {
		t.Errorf("it tells of %d prepare certificates", n)
	}
	if err := r.core.stated(r.core.statement.Statement).Check(r.core.reach()); err != nil {
		t.Errorf("no member would take it: %v", err)
	}
}

func TestAQuietNetworkStaysInItsRound(t *testing.T) {
	w := newNetwork(t, 4)
	w.limit = hurried
	w.until("all are level", w.level(w.finish(0)))
	w.ticks(400) // of which the last 300 are beyond anybody's patience
	if s := w.nodes[0].core.Status(); s.Round != 0 || s.Promised != 0 {
		t.Errorf("round %d, promised %d", s.Round, s.Promised)
	}
}

func TestNobodyLeavesARoundAlone(t *testing.T) {
	w := newTown(t, 4)
	w.limit = hurried
	r := w.active(0)
	r.step(Submit{Transaction: w.transaction("bank"), Local: true})
	for range 300 { // no quorum in reach: another round would not help
		r.tick()
	}
	if r.core.intents[0] != nil {
		t.Error("a member that is alone wishes for another round")
	}
	for range 300 {
		for m := Member(1); m < 4; m++ {
			r.hear(m, statusMessage, status{})
		}
		r.tick()
	}
	if r.core.intents[0] == nil || r.core.promised() != 0 {
		t.Errorf("intent %v, promised %d", r.core.intents[0], r.core.promised())
	}
}

func TestASpoiledStartBeginsNothing(t *testing.T) {
	w, _ := stuck(t)
	w.until("round 1", w.inRound(1))
	good := *w.nodes[0].saved.Start
	outsider := w.nodes[2]
	for name, spoil := range map[string]func(s *ledger.SignedStart){
		"with another block carried": func(s *ledger.SignedStart) { s.Start.Carried = []ledger.Hash{{1}} },
		"that carries nothing":       func(s *ledger.SignedStart) { s.Start.Carried = nil },
		"on another base":            func(s *ledger.SignedStart) { s.Start.Base = ledger.Hash{1} },
		"with fewer Raft voters":     func(s *ledger.SignedStart) { s.Start.Voters = 7 },
		"of a later round":           func(s *ledger.SignedStart) { s.Start.Round = 5 },
		"signed by another":          func(s *ledger.SignedStart) { s.Validator = 2 },
		"with a statement too few":   func(s *ledger.SignedStart) { s.Statements = s.Statements[1:] },
		"with one twice":             func(s *ledger.SignedStart) { s.Statements[1] = s.Statements[0] },
		"with one cut short":         func(s *ledger.SignedStart) { s.Statements[1] = s.Statements[1][:90] },
		"with one that hides a certificate": func(s *ledger.SignedStart) {
			var one ledger.SignedStatement
			if err := ledger.Decode(s.Statements[0], ledger.MaxStatement, &one); err != nil {
				t.Fatal(err)
			}
			one.Statement.Prepared = nil
			s.Statements[0] = ledger.Encode(one)
		},
	} {
		outsider.saved = Saved{Joined: true}
		r := w.active(outsider.id)
		s := good
		s.Statements = slices.Clone(good.Statements)
		spoil(&s)
		signed, err := s.Start.Sign(s.Validator, nil, w.keys[s.Validator])
		if err != nil {
			t.Fatal(err)
		}
		s.Signature = signed.Signature
		r.hear(3, startMessage, s)
		if r.core.Status().Round != 0 || r.dropped(dropRecovery) != 1 {
			t.Errorf("a START %s: round %d, dropped %v", name, r.core.Status().Round, r.core.drops)
		}
		r.hear(0, startMessage, good)
		if r.core.Status().Round != 1 {
			t.Fatalf("after a START %s the good one begins nothing", name)
		}
	}
}

// TestAForgottenPromiseMakesAnObserver: the others hold a statement of this key
// that its own database does not.
func TestAForgottenPromiseMakesAnObserver(t *testing.T) {
	w, _ := stuck(t)
	old := w.nodes[0].saved
	w.until("round 1", w.inRound(1))
	w.nodes[0].saved = old
	r := w.open(0)
	r.tick()
	stated := ledger.Encode(*w.nodes[1].core.statements[0])
	r.hear(1, reportMessage, report{Nonce: r.nonce, Stated: stated})
	if r.core.phase != Observer || r.alarms(AlarmWiped) != 1 {
		t.Errorf("it is %s with %d alarms", r.core.phase, r.alarms(AlarmWiped))
	}
	r.hear(2, startMessage, *w.nodes[1].saved.Start)
	if r.core.Status().Round != 1 || r.core.phase != Observer {
		t.Errorf("in round %d it is %s", r.core.Status().Round, r.core.phase)
	}
}

// TestStatementsAreHeldAgainstVotes: member 1 signs a COMMIT and hides what it
// rests on, member 2 votes in a round that it has promised to leave.
func TestStatementsAreHeldAgainstVotes(t *testing.T) {
	w, _ := stuck(t)
	w.until("round 1", w.inRound(1))
	w.until("votes in it", func() bool { return w.nodes[0].core.voteOf(1, slot{1, ledger.Prepare}) != nil })
	r := w.nodes[0]
	honest := *w.nodes[1].core.statement
	liar := honest.Statement
	liar.Prepared, liar.Intent.Round = nil, 2
	liar.Intents = nil
	for m := range Member(3) {
		i, err := liar.Intent.Sign(uint64(m), w.keys[m])
		if err != nil {
			t.Fatal(err)
		}
		liar.Intents = append(liar.Intents, ledger.SignerSignature{Validator: uint64(m), Signature: i.Signature})
	}
	signed, err := liar.Sign(w.keys[1])
	if err != nil {
		t.Fatal(err)
	}
	// It has voted in round 1 since, which the statement does not tell of.
	r.hear(1, statementMessage, signed)
	r.core.compare(w.vote0(1, ledger.Commit))
	r.core.compare(w.vote0(1, ledger.Prepare)) // which the statement need not tell of
	r.step()
	var kinds []ledger.EvidenceKind
	for _, a := range of[Accuse](r.did) {
		if a.Evidence.Offender() != 1 {
			t.Errorf("member %d is accused", a.Evidence.Offender())
		}
		kinds = append(kinds, a.Evidence.Kind)
	}
	if !slices.Equal(kinds, []ledger.EvidenceKind{ledger.BrokenPromise, ledger.HiddenCertificate}) {
		t.Fatalf("evidence: %v", kinds)
	}
	if len(r.saved.Evidence) != 2 {
		t.Errorf("%d pieces of evidence are kept", len(r.saved.Evidence))
	}
}

// vote0 is what a member has signed for height 1 in round 0.
func (w *town) vote0(m Member, kind ledger.VoteKind) ledger.SignedVote {
	w.t.Helper()
	for _, v := range w.nodes[m].saved.Votes {
		if v.Vote.Round == 0 && v.Vote.Height == 1 && v.Vote.Kind == kind {
			return v
		}
	}
	w.t.Fatalf("member %d has signed no %v", m, kind)
	return ledger.SignedVote{}
}

// TestACommitLeavesNoGapBelow: member 3 leads and withholds its PREPARE of height 1,
// and member 2 hears nothing. With the certificates of 2 and 3 alone nobody may COMMIT
// on 3: with the leader's it would be a certificate, and of what it rests on no
// statement could show height 1, so that the next round would carry nothing.
func TestACommitLeavesNoGapBelow(t *testing.T) {
	w := newTown(t, 4)
	w.cut = func(Member, Member, []byte) bool { return true }
	txs := []*ledger.Transaction{w.transaction("one"), w.transaction("two"), w.transaction("three")}
	for m := range Member(2) {
		r := w.active(m)
		var entries []*raftpb.Entry
		for i, tx := range txs {
			entries = append(entries, w.batch(3, Position{uint64(3 + i), 5}, dawn+1000, tx))
		}
		w.settle(r, r.step(w.lead(3, m, 5, base, append([]*raftpb.Entry{entry(Position{2, 5}, nil)}, entries...)...)))
	}
	say := func(by Member, height uint64) {
		for m := range Member(2) {
			if r := w.nodes[m]; by != m {
				w.settle(r, r.hear(by, voteMessage, []ledger.SignedVote{r.vote(by, r.prepare(height))}))
			}
		}
	}
	for h := uint64(1); h <= 3; h++ {
		say(0, h)
		say(1, h)
	}
	say(3, 2)
	say(3, 3)
	r := w.nodes[0]
	if r.core.blocks[3].prepared == nil || r.core.blocks[1].prepared != nil {
		t.Fatal("the certificates are not as they should be")
	}
	if v := r.core.ownVote(3, ledger.Commit); v != nil {
		t.Fatal("COMMIT of height 3 above a gap")
	}
	say(3, 1)
	if r.core.ownVote(3, ledger.Commit) == nil || len(r.core.prepared) != 3 {
		t.Errorf("with all certificates there is no COMMIT of height 3; %d are kept", len(r.core.prepared))
	}
}

// TestALedgerKnowsItsHighestCertificate: a crash has cost the consensus database the
// certificates of all blocks that were fetched. A statement begins where FINAL is.
func TestALedgerKnowsItsHighestCertificate(t *testing.T) {
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(0)))
	before := w.nodes[2].saved
	for range 20 {
		w.finish(0)
	}
	w.until("all are level", w.level(w.nodes[0].final().Height))
	r := w.nodes[2]
	r.saved.Highest, r.saved.Prepared = before.Highest, before.Prepared
	r = w.active(2)
	r.core.promise(ledger.Statement{Intent: ledger.Intent{Chain: w.network.Chain, Round: 1, Voters: 15}})
	if got := r.core.statement.Statement.Highest[0].Vote.Height; got < r.final().Height {
		t.Errorf("the statement begins at height %d, FINAL is %d", got, r.final().Height)
	}
}

// TestWhatAnOldRoundCarriesIsNothingToWhoIsPastIt: a member of round 1, which carries
// block 1, learns that a later round has certified another block there. Neither that
// nor a restart makes it halt or mistrust its own votes.
func TestWhatAnOldRoundCarriesIsNothingToWhoIsPastIt(t *testing.T) {
	w, _ := stuck(t)
	w.until("round 1", w.inRound(1))
	r := w.nodes[2]
	other := r.run(w.genesis, dawn+5000, []*ledger.Transaction{w.transaction("other")})
	v := ledger.Vote{
		Kind: ledger.Commit, Chain: w.network.Chain, Round: 4, Start: ledger.Hash{4}, Height: 1, Block: w.network.HeaderHash(other.Header),
	}
	proof := ledger.Certified{Header: other.Header, Certificate: ledger.Certificate{Vote: v}}
	for m := range Member(3) {
		proof.Certificate.Signers = append(proof.Certificate.Signers, ledger.SignerSignature{Validator: uint64(m), Signature: r.vote(m, v).Signature})
	}
	ask := r.asks(1)
	for _, e := range of[Adopt](r.step(Fetched{From: ask.From, Blocks: []CertifiedBlock{{Block: other, Proof: proof}}})) {
		r.step(r.adopt(e))
	}
	check := func(when string) {
		t.Helper()
		n := r.alarms(AlarmConflict) + r.alarms(AlarmDiverged) + r.alarms(AlarmOwnVote)
		if r.final().Height != 1 || r.core.phase != Observer || n > 0 || !r.core.signing {
			t.Errorf("%s: FINAL %d, it is %s, %d alarms, signing %v", when, r.final().Height, r.core.phase, n, r.core.signing)
		}
	}
	check("it learns of it")
	r = w.open(2)
	r.tick()
	for m := range Member(4) {
		if m != 2 {
			r.hear(m, reportMessage, report{Nonce: r.nonce})
		}
	}
	for range 30 {
		for _, e := range of[Execute](r.tick()) {
			r.step(r.execute(e))
		}
	}
	check("after a restart")
}
