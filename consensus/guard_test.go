// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
)

// Of the four members of these tests, 0 is the core, 1 the honest leader, if it
// is not the core, and 3 the attacker.
const (
	chief   = Member(1)
	traitor = Member(3)
	term    = 5 // of the honest leader, and of the core where it leads
)

var tip = Position{Index: 4, Term: term} // end of the log

// newFollower gives a core that follows member 1 with a committed log: the
// leader's empty entry and two batches.
func newFollower(t testing.TB) *replica { t.Helper(); return newTown(t, 4).follower() }

func (w *town) follower() *replica {
	w.t.Helper()
	r := w.active(0)
	r.step(w.lead(chief, 0, term, base,
		entry(Position{2, term}, nil),
		w.batch(chief, Position{3, term}, w.now, w.transaction("a")),
		w.batch(chief, Position{4, term}, w.now, w.transaction("b")),
	))
	if s := r.core.Status(); s.Commit != tip.Index || s.Leader != chief || s.Term != term {
		w.t.Fatalf("the follower is not ready: %+v", s)
	}
	return r
}

// newLeader gives a core that leads with the votes of members 1 and 2, and
// whose log is committed.
func newLeader(t testing.TB) *replica { t.Helper(); return newTown(t, 4).leads() }

func (w *town) leads() *replica {
	w.t.Helper()
	r := w.active(0)
	r.elect(chief, 2)
	return r
}

// elect lets the core win an election with the votes of others.
func (r *replica) elect(voters ...Member) {
	r.t.Helper()
	if err := r.core.group.node.Campaign(); err != nil {
		r.t.Fatal(err)
	}
	r.step()
	next := number(r.core.Status().Term + 1)
	for _, v := range voters {
		r.step(r.say(v, r.id, nil, &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: next}))
	}
	for _, v := range voters {
		g := r.grant(v, grant{Start: r.startHash(), Term: *next, Candidate: uint64(r.id)})
		r.step(r.say(v, r.id, g, &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: next}))
	}
	for _, v := range voters {
		r.step(r.say(v, r.id, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: next, Index: number(r.core.group.lastIndex())}))
	}
	if s := r.core.Status(); !s.Leading || s.Commit != s.LastIndex {
		r.t.Fatalf("the core does not lead: %+v", s)
	}
}

// A condition is what a message of an attacker must leave as it is.
type condition struct {
	term, commit, last, lead, transferee uint64
	state                                raft.StateType
	voters                               string
	phase                                Phase
	stopped                              bool
}

func (r *replica) condition() condition {
	g := r.core.group
	s := g.node.Status()
	return condition{
		term: s.GetTerm(), commit: s.GetCommit(), last: g.lastIndex(), lead: s.Lead, transferee: s.LeadTransferee,
		state: s.RaftState, voters: s.Config.Voters.String(), phase: r.core.phase, stopped: g.stopped != nil,
	}
}

// unguarded steps m past the guard, as a bare RawNode would take it from the
// network.
func (r *replica) unguarded(m *raftpb.Message) {
	r.core.group.guarded(func() { _ = r.core.group.node.Step(m) })
	r.step()
}

// works lets honest members go on, and fails if the core does not go with them.
func (r *replica) works() error {
	before := r.core.Status()
	if before.Leading {
		r.step(Submit{Transaction: r.transaction("honest")})
		for _, m := range []Member{1, 2} {
			r.step(r.say(m, 0, nil, &raftpb.Message{
				Type: raftpb.MsgAppResp.Enum(), Term: &before.Term, Index: number(r.core.group.lastIndex()),
			}))
		}
	} else {
		next := Position{tip.Index + 1, term}
		r.step(r.lead(chief, 0, term, tip, r.batch(chief, next, r.now, r.transaction("honest"))))
	}
	if after := r.core.Status(); after.Commit != before.Commit+1 || after.Phase != Active || after.Stopped != nil {
		return fmt.Errorf("after it an honest batch is not committed: before %+v, after %+v", before, after)
	}
	return nil
}

// TestAFreshNodeRefusesAPreVote: in term 0 Raft would panic at it.
func TestAFreshNodeRefusesAPreVote(t *testing.T) {
	w := newTown(t, 4)
	r := w.active(0)
	r.step(w.say(1, 0, nil, &raftpb.Message{Type: raftpb.MsgPreVote.Enum(), Term: number(1), Index: number(1), LogTerm: number(0)}))
	if s := r.core.Status(); s.Phase != Active || s.Stopped != nil {
		t.Errorf("%s: %v", s.Phase, s.Stopped)
	}
}

func TestMemberAcknowledgesInItsOwnNameOnly(t *testing.T) {
	r := newLeader(t)
	r.step(Submit{Transaction: r.transaction("bank")})
	before := r.core.Status()
	for _, name := range []uint64{raftID(1), raftID(2), raftID(0)} {
		data, err := packRaft(r.startHash(), nil, &raftpb.Message{
			Type: raftpb.MsgAppResp.Enum(), From: &name, To: number(raftID(0)), Term: &before.Term, Index: &before.LastIndex,
		})
		if err != nil {
			t.Fatal(err)
		}
		r.step(Receive{From: traitor, Data: data})
	}
	if after := r.core.Status(); before.Commit == before.LastIndex || after.Commit != before.Commit {
		t.Errorf("one member acknowledged for a majority: before %+v, after %+v", before, after)
	}
}

func TestNobodyAcknowledgesWhatIsNotThere(t *testing.T) {
	r := newLeader(t)
	for _, index := range []uint64{1, 1 << 32, math.MaxUint64 - 2} {
		r.step(r.say(traitor, 0, nil, &raftpb.Message{
			Type: raftpb.MsgAppResp.Enum(), Term: number(1), Index: number(r.core.group.lastIndex() + index),
		}))
	}
	if match := r.core.group.node.Status().Progress[raftID(traitor)].Match; match != 0 || r.dropped(dropBounds) != 3 {
		t.Errorf("it is believed to hold the log up to %d", match)
	}
}

func TestUnknownSendersAndGroupsAreDropped(t *testing.T) {
	r := newFollower(t)
	good := r.lead(chief, 0, term, tip)
	for _, from := range []Member{0, 4, math.MaxUint64} { // itself and strangers
		r.step(Receive{From: from, Data: good.Data})
	}
	other := bytes.Clone(good.Data)
	other[5]++
	r.step(Receive{From: chief, Data: other})
	if r.dropped(dropMalformed) != 3 || r.dropped(dropGroup) != 1 {
		t.Errorf("dropped %v", r.core.drops)
	}
}

func TestLeaderIsDeposedByOneMemberOnceInTenElections(t *testing.T) {
	r := newLeader(t)
	depose := func() bool {
		s := r.core.Status()
		r.step(r.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(s.Term + 1)}))
		return !r.core.Status().Leading
	}
	if !depose() {
		t.Fatal("a higher term is not believed at all")
	}
	r.elect(1, 2)
	ticks := 0
	for ; !depose(); ticks++ {
		for range 2 { // enough answers for the leader not to resign
			r.tick()
		}
		for _, m := range []Member{1, 2} {
			r.step(r.say(m, 0, nil, &raftpb.Message{Type: raftpb.MsgHeartbeatResp.Enum(), Term: number(r.core.Status().Term)}))
		}
		if ticks > 100 {
			t.Fatalf("after %d ticks a higher term is still not believed", 2*ticks)
		}
	}
	if 2*ticks < 140 {
		t.Errorf("deposed again after %d ticks", 2*ticks)
	}
	if r.dropped(dropRate) == 0 {
		t.Error("the drops were not counted")
	}
}

func TestCandidatesAreRateLimited(t *testing.T) {
	w := newTown(t, 4)
	r := w.active(0) // no leader: nothing is ignored for the sake of one
	stand := func() uint64 {
		s := r.core.Status()
		r.step(w.say(traitor, 0, nil, &raftpb.Message{
			Type: raftpb.MsgVote.Enum(), Term: number(s.Term + 1000), Index: number(0), LogTerm: number(0),
		}))
		return r.core.Status().Term - s.Term
	}
	for range 2 {
		if stand() != 1000 {
			t.Fatal("the first candidacies are not believed")
		}
	}
	for range 20 {
		if stand() != 0 {
			t.Fatal("a member raises the term as often as it likes")
		}
	}
	r.step(w.say(2, 0, nil, &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: number(2002), Index: &base.Index, LogTerm: &base.Term}))
	if s := r.core.Status(); s.Term != 2002 {
		t.Errorf("another member's candidacy is not believed: %+v", s)
	}
}

func TestEqualTermLeaderIsRefusedWithWhateverProof(t *testing.T) {
	for name, proof := range map[string]func(*town) []byte{
		"none":                       func(*town) []byte { return nil },
		"garbage":                    func(*town) []byte { return []byte{0xff} },
		"the true leader's":          func(w *town) []byte { return w.proof(chief, term) },
		"its own of an earlier term": func(w *town) []byte { return w.proof(traitor, term-1) },
		"its own, of a double grant": func(w *town) []byte { return w.proof(traitor, term) },
	} {
		r := newFollower(t)
		before := r.condition()
		r.step(r.say(traitor, 0, proof(r.town), &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(term), Commit: number(3)}))
		if r.condition() != before || r.dropped(dropLeader) != 1 {
			t.Errorf("proof %s: before %+v, after %+v", name, before, r.condition())
		}
	}
}

func TestElectionProofIsForOneRoundTermAndCandidate(t *testing.T) {
	const next = term + 1
	other := func(w *town) ledger.Hash {
		s := w.start
		s.Round++
		return w.network.StartHash(s)
	}
	for name, proof := range map[string]func(*town) []byte{
		"of another term":      func(w *town) []byte { return w.proof(traitor, next+1) },
		"of an earlier term":   func(w *town) []byte { return w.proof(traitor, term-2) },
		"of another candidate": func(w *town) []byte { return w.proof(2, next) },
		"of another round":     func(w *town) []byte { return w.proofBy(traitor, next, other(w), 3) },
		"of too few":           func(w *town) []byte { return w.proofBy(traitor, next, w.startHash(), 2) },
		"of one, three times": func(w *town) []byte {
			g := ledger.SignerSignature{Validator: 3, Signature: w.grant(traitor, grant{Start: w.startHash(), Term: next, Candidate: 3})}
			return ledger.Encode(electionProof{Term: next, Grants: []ledger.SignerSignature{g, g, g}})
		},
		"of one in the names of three": func(w *town) []byte {
			p := electionProof{Term: next}
			for m := range uint64(3) {
				p.Grants = append(p.Grants, ledger.SignerSignature{
					Validator: m, Signature: w.grant(traitor, grant{Start: w.startHash(), Term: next, Candidate: 3}),
				})
			}
			return ledger.Encode(p)
		},
		"of a stranger": func(w *town) []byte {
			p := electionProof{Term: next}
			for m := range uint64(3) {
				p.Grants = append(p.Grants, ledger.SignerSignature{
					Validator: 2 + m, Signature: w.grant(traitor, grant{Start: w.startHash(), Term: next, Candidate: 3}),
				})
			}
			return ledger.Encode(p)
		},
	} {
		for _, kind := range []raftpb.MessageType{raftpb.MsgHeartbeat, raftpb.MsgApp, raftpb.MsgSnap} {
			r := newFollower(t)
			before := r.condition()
			r.step(r.say(traitor, 0, proof(r.town), &raftpb.Message{Type: &kind, Term: number(next)}))
			if r.condition() != before || r.dropped(dropLeader) != 1 {
				t.Errorf("%v with a proof %s: before %+v, after %+v", kind, name, before, r.condition())
			}
		}
	}
	r := newFollower(t)
	r.step(r.say(traitor, 0, r.proof(traitor, next), &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(next), Commit: number(2)}))
	if s := r.core.Status(); s.Leader != traitor || s.Term != next {
		t.Errorf("whoever was elected is not followed: %+v", s)
	}
}

func TestForgedGrantsElectNobody(t *testing.T) {
	w := newTown(t, 4)
	r := w.active(0)
	elected := base.Term + 1 // the first election's term
	if err := r.core.group.node.Campaign(); err != nil {
		t.Fatal(err)
	}
	r.step()
	for _, m := range []Member{1, 2} {
		r.step(w.say(m, 0, nil, &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(elected)}))
	}
	if s := r.condition(); s.state != raft.StateCandidate {
		t.Fatalf("not a candidate: %+v", s)
	}
	mine := grant{Start: w.startHash(), Term: elected, Candidate: 0}
	for name, g := range map[string][]byte{
		"none":                    nil,
		"another member's":        w.grant(1, mine),
		"for another term":        w.grant(2, grant{Start: w.startHash(), Term: elected + 1, Candidate: 0}),
		"for another candidate":   w.grant(2, grant{Start: w.startHash(), Term: elected, Candidate: 1}),
		"for another round":       w.grant(2, grant{Start: w.network.Chain, Term: elected, Candidate: 0}),
		"a signature cut in half": w.grant(2, mine)[:32],
	} {
		before := r.dropped(dropGrant)
		r.step(w.say(2, 0, g, &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: number(elected)}))
		if r.dropped(dropGrant) != before+1 {
			t.Errorf("a grant that is %s was taken", name)
		}
	}
	for _, m := range []Member{1, 2} {
		r.step(w.say(m, 0, w.grant(m, mine), &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: number(elected)}))
	}
	if s := r.core.Status(); !s.Leading {
		t.Fatalf("two genuine grants and its own do not elect it: %+v", s)
	}
	var p electionProof
	if err := ledger.Decode(r.core.group.proofOf(elected), maxProof, &p); err != nil {
		t.Fatal(err)
	}
	if err := p.check(w.network.Suite, w.set, ledger.AllVoters(w.set), w.startHash(), 0); err != nil {
		t.Errorf("its own proof: %v", err)
	}
}

func TestNothingIsRefusedForBeingOld(t *testing.T) {
	r := newFollower(t)
	tx := r.transactionUntil("a", 1) // expired long ago
	r.step(r.lead(chief, 0, term, tip,
		r.batch(chief, Position{5, term}, 1, tx),
		r.batch(2, Position{6, term}, dawn-1e9), // of a member that did not lead
		r.batch(chief, Position{7, term}, 1, tx),
	))
	if s := r.core.Status(); s.Commit != 7 {
		t.Errorf("old entries were refused: %+v", s)
	}
}

func TestBatchIsForOnePlaceInTheLog(t *testing.T) {
	good := func(w *town) ledger.Batch {
		return ledger.Batch{Start: w.startHash(), Index: 5, Term: term, Time: w.now, Transactions: rawOf([]*ledger.Transaction{w.transaction("a")})}
	}
	for name, spoil := range map[string]func(*town, *ledger.Batch){
		"another index": func(_ *town, b *ledger.Batch) { b.Index++ },
		"another term":  func(_ *town, b *ledger.Batch) { b.Term-- },
		"another round": func(w *town, b *ledger.Batch) { b.Start = w.network.Chain },
		"a transaction that is none": func(_ *town, b *ledger.Batch) {
			b.Transactions = append(b.Transactions, []byte{0xa0})
		},
		"a transaction that its signers did not sign": func(w *town, b *ledger.Batch) {
			one, two := w.transaction("a"), w.transaction("a")
			mixed, err := ledger.NewTransaction(w.network, one.BodyBytes(), two.Signatures())
			if err != nil {
				w.t.Fatal(err)
			}
			b.Transactions = append(b.Transactions, mixed.Bytes())
		},
	} {
		r := newFollower(t)
		b := good(r.town)
		spoil(r.town, &b)
		data, err := ledger.SignBatch(r.network, b, uint64(chief), r.keys[chief])
		if err != nil {
			t.Fatal(err)
		}
		r.step(r.lead(chief, 0, term, tip, entry(Position{5, term}, data)))
		if s := r.core.Status(); s.LastIndex != tip.Index || r.dropped(dropEntry) != 1 {
			t.Errorf("a batch with %s was taken: %+v", name, s)
		}
	}
}

// TestShortenedLogIsNotCommitted: a leader replaces the uncommitted end of a
// log by a shorter one and commits, in the same breath, as far as it reached.
func TestShortenedLogIsNotCommitted(t *testing.T) {
	r := newFollower(t)
	r.step(r.lead(traitor, 0, term+1, tip, entry(Position{5, term + 1}, nil)),
		r.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgApp.Enum(), Term: number(term + 1), Index: number(5), LogTerm: number(term + 1),
			Entries: []*raftpb.Entry{r.batch(traitor, Position{6, term + 1}, r.now), r.batch(traitor, Position{7, term + 1}, r.now)}}))
	if s := r.core.Status(); s.LastIndex != 7 || s.Commit != 5 {
		t.Fatalf("%+v", s)
	}
	r.step(
		r.say(traitor, 0, r.proof(traitor, term+2), &raftpb.Message{Type: raftpb.MsgApp.Enum(), Term: number(term + 2),
			Index: number(5), LogTerm: number(term + 1), Entries: []*raftpb.Entry{entry(Position{6, term + 2}, nil)}}),
		r.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(term + 2), Commit: number(7)}),
	)
	if s := r.core.Status(); s.Stopped != nil || s.Phase != Active || s.LastIndex != 6 {
		t.Errorf("%+v", s)
	}
}

// TestUnjudgedEntriesDoNotSlipIn: entries that were judged once and replaced
// since must be judged again.
func TestUnjudgedEntriesDoNotSlipIn(t *testing.T) {
	r := newFollower(t)
	first := r.batch(chief, Position{5, term}, r.now)
	r.step(r.say(chief, 0, nil, &raftpb.Message{Type: raftpb.MsgApp.Enum(), Term: number(term), Index: &tip.Index, LogTerm: &tip.Term,
		Entries: []*raftpb.Entry{first}}))
	append := func(e *raftpb.Entry) Receive {
		return r.say(traitor, 0, r.proof(traitor, term+1), &raftpb.Message{Type: raftpb.MsgApp.Enum(), Term: number(term + 1),
			Index: &tip.Index, LogTerm: &tip.Term, Entries: []*raftpb.Entry{e}})
	}
	r.step(append(entry(Position{5, term + 1}, nil)), append(entry(Position{5, term}, []byte("EVIL"))))
	for _, e := range r.core.group.entries(tip.Index) {
		if string(e.GetData()) == "EVIL" {
			t.Error("an entry that was never judged is in the log")
		}
	}
}

// TestPanicOfRaftEndsRaftAndNothingElse goes past the guard on purpose.
func TestPanicOfRaftEndsRaftAndNothingElse(t *testing.T) {
	r := newFollower(t)
	r.unguarded(&raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), From: number(raftID(chief)), To: number(raftID(0)), Term: number(term), Commit: number(999)})
	s := r.core.Status()
	if s.Phase != Observer || s.Stopped == nil || r.alarms(AlarmRaft) != 1 {
		t.Fatalf("%+v, %d alarms", s, r.alarms(AlarmRaft))
	}
	r.hear(2, statusMessage, status{Final: 3})
	r.signedNothing(r.tick())
	if len(of[Fetch](r.did)) == 0 {
		t.Error("it does not follow certified blocks")
	}
}
