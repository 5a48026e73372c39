// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
)

// The guard also refuses what honest members say. honestDrops tells for each
// reason when, and shows why it ends; where it never happens there is nothing to
// show. That both are true is searched for in random schedules.
var honestDrops = map[drop]struct {
	when, ends string
	show       func(*testing.T)
}{
	dropMalformed: {},
	dropType:      {},
	dropShape:     {},
	dropEntry:     {},
	dropSignature: {},

	dropGroup: {
		when: "a message of another round is late",
		ends: "that round is over",
		show: lateMessageOfAnotherRound,
	},
	dropTerm: {
		when: "an answer from a newer term comes to one who leads no more, or from too far ahead",
		ends: "the leader of the newer term proves it",
		show: answerToOneWhoLeadsNoMore,
	},
	dropLeader: {
		when: "an append comes without the proof, which this node had before it started again",
		ends: "each heartbeat brings the proof",
		show: proofIsGivenAgain,
	},
	dropGrant: {
		when: "a granted vote comes when its candidate has stood again",
		ends: "the newer candidacy has votes of its own",
		show: lateGrant,
	},
	dropRate: {
		when: "a member stands for election a third time in five time-outs, or a leader's heartbeats are all answered at once",
		ends: "the time-outs pass",
		show: thirdCandidacy,
	},
	dropBounds: {
		when: "an acknowledgement comes for an end of the log that has been replaced",
		ends: "the end that took its place is acknowledged",
		show: lateAcknowledgement,
	},
	dropFuture: {
		when: "the leader's clock is ahead",
		ends: "its time comes",
		show: entryOfTheFuture,
	},
	dropFull: {
		when: "more is ordered than becomes FINAL",
		ends: "FINAL moves",
		show: fullLog,
	},
	dropSnapshot: {
		when: "this node was away for longer than the leader's log reaches back",
		ends: "it makes the snapshot from certified blocks",
		show: offeredSnapshot,
	},
	dropStopped: {
		when: "Raft has panicked here",
		ends: "this node follows certified blocks, and the round ends",
		show: stoppedRaft,
	},
	dropVote: {
		when: "this node is two windows behind",
		ends: "it comes nearer, or the block becomes FINAL without",
		show: voteFarAhead,
	},
	dropMuted: {
		when: "half of the set was cut off from the leader and has complained of it",
		ends: "its time passes, or another leader has a block FINAL",
		show: mutedLeader,
	},
	dropVoter:    {}, // who is none of Raft's voters has nothing to say to Raft
	dropRecovery: {}, // statements and STARTs that do not hold
	dropJoining: {
		when: "this node has started and not yet heard what its key has signed",
		ends: "it has heard",
		show: messageToOneWhoJoins,
	},
}

func TestNoHonestMessageIsRefusedForEver(t *testing.T) {
	r := newFollower(t)
	r.core.Drops(func(reason string, _ uint64) {
		why := drop(reason)
		d, ok := honestDrops[why]
		if !ok {
			t.Errorf("nobody says when an honest message is dropped as %q", reason)
		}
		if d.show != nil {
			t.Run(reason, func(t *testing.T) {
				t.Logf("it is dropped where %s; it ends as %s", d.when, d.ends)
				d.show(t)
			})
		}
	})
}

func mutedLeader(t *testing.T) {
	r := newFollower(t)
	about := complaint{Start: r.core.id, Term: term, Leader: uint64(chief)}
	for m := Member(2); m < 4; m++ {
		sig, err := r.keys[m].Sign(about.message())
		if err != nil {
			t.Fatal(err)
		}
		r.hear(m, complaintMessage, signedComplaint{Complaint: about, Validator: uint64(m), Signature: sig})
	}
	late := r.lead(chief, 0, term, tip, entry(Position{5, term}, nil))
	r.step(late)
	if r.dropped(dropMuted) != 1 {
		t.Fatalf("dropped %v", r.core.drops)
	}
	r.core.ticks = r.core.muted[chief].until
	if r.step(late); r.dropped(dropMuted) != 1 {
		t.Errorf("it is not listened to after its time: dropped %v", r.core.drops)
	}
}

func lateMessageOfAnotherRound(t *testing.T) {
	r := newFollower(t)
	s := r.start
	s.Round++
	late := r.lead(chief, 0, term, tip, entry(Position{5, term}, nil))
	late.Data = pack(raftMessage, r.network.StartHash(s), late.Data[messageHead:])
	r.step(late)
	if r.dropped(dropGroup) != 1 || r.works() != nil {
		t.Errorf("dropped %v: %v", r.core.drops, r.works())
	}
}

func answerToOneWhoLeadsNoMore(t *testing.T) {
	r := newLeader(t)
	led := r.core.Status().Term
	r.step(r.say(2, 0, r.proof(2, led+1), &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(led + 1), Commit: number(0)}))
	r.step(r.say(chief, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(led + 2)}))
	if s := r.core.Status(); r.dropped(dropTerm) != 1 || s.Term != led+1 {
		t.Fatalf("dropped %v: %+v", r.core.drops, s)
	}
	// From farther ahead than is believed, but elected.
	far := led + 5*maxTermLead
	r.step(r.say(chief, 0, r.proof(chief, far), &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(far), Commit: number(0)}))
	if s := r.core.Status(); s.Term != far || s.Leader != chief {
		t.Errorf("the leader of a newer term is not followed: %+v", s)
	}
}

func proofIsGivenAgain(t *testing.T) {
	w := newNetwork(t, 4)
	leader := w.leader()
	w.until("all are level", w.level(w.finish(leader.id)))
	m := (leader.id + 1) % 4
	r := w.active(m)
	if r.core.group.leaderTerm != 0 {
		t.Fatal("the proof is believed from the time before")
	}
	w.settle(leader, leader.step(Clock{Now: w.now}, Submit{Transaction: w.transaction("bank")}))
	if r.dropped(dropLeader) == 0 {
		t.Fatal("the append has brought a proof")
	}
	w.ticks(2)
	if s := r.core.Status(); s.Leader != leader.id || !s.HasLeader {
		t.Fatalf("the leader is not followed: %+v", s)
	}
	if leader != w.leader() {
		t.Error("the leader was deposed")
	}
	w.until("all are level", w.level(w.finish(m)))
}

func lateGrant(t *testing.T) {
	r := newFollower(t)
	grantOf := func(at uint64) Receive {
		return r.say(chief, 0, r.grant(chief, grant{Start: r.startHash(), Term: at, Candidate: 0}), &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: &at})
	}
	stand := func() uint64 {
		r.campaigning()
		for _, m := range []Member{chief, 2} {
			r.step(r.say(m, 0, nil, &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(r.core.Status().Term + 1)}))
		}
		return r.core.Status().Term
	}
	first := stand()
	second := stand()
	r.step(grantOf(first))
	if r.dropped(dropGrant) != 1 || second != first+1 {
		t.Fatalf("dropped %v in term %d after %d", r.core.drops, second, first)
	}
	r.step(grantOf(second), r.say(2, 0, r.grant(2, grant{Start: r.startHash(), Term: second, Candidate: 0}),
		&raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: &second}))
	if !r.core.Status().Leading {
		t.Error("the votes of the newer candidacy do not count")
	}
}

func thirdCandidacy(t *testing.T) {
	w := newTown(t, 4)
	r := w.active(0)
	stand := func() bool {
		next := r.core.Status().Term + 1
		r.step(w.say(2, 0, nil, &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: &next, Index: number(0), LogTerm: number(0)}))
		return r.core.Status().Term == next
	}
	for i, want := range []bool{true, true, false} {
		if stand() != want {
			t.Fatalf("candidacy %d is believed: %v", i+1, !want)
		}
	}
	if r.dropped(dropRate) != 1 {
		t.Fatalf("dropped %v", r.core.drops)
	}
	for passed := 1; ; passed++ {
		r.core.group.ticks++ // and nothing else happens in that time
		if stand() {
			if want := standEvery * r.core.group.electionTicks; passed != want {
				t.Errorf("the third is believed after %d ticks, expected %d", passed, want)
			}
			return
		}
		if passed > 1000 {
			t.Fatal("the third is never believed")
		}
	}
}

func lateAcknowledgement(t *testing.T) {
	r := newLeader(t)
	s := r.core.Status()
	r.step(r.say(chief, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(s.Term - 1), Index: number(s.LastIndex + 3)}))
	if r.dropped(dropBounds) != 1 {
		t.Fatalf("dropped %v", r.core.drops)
	}
	if err := r.works(); err != nil {
		t.Error(err)
	}
}

func entryOfTheFuture(t *testing.T) {
	r := newFollower(t)
	at := Position{5, term}
	m := r.lead(chief, 0, term, tip, r.batch(chief, at, r.now+maxFutureBatch+100, r.transaction("a")))
	r.step(m)
	if s := r.core.Status(); s.LastIndex != tip.Index || r.dropped(dropFuture) != 1 {
		t.Fatalf("an entry of the future was taken: %+v", s)
	}
	r.tick()
	r.step(m)
	if s := r.core.Status(); s.Commit != at.Index {
		t.Errorf("its time has come and it is still refused: %+v", s)
	}
}

func fullLog(t *testing.T) {
	w := newTown(t, 4)
	w.limit = func(c *Config) { c.LogBytes = 1 << 10 }
	r := w.active(0)
	var refused *Receive
	at := Position{2, term}
	r.step(w.lead(chief, 0, term, base, entry(at, nil)))
	for refused == nil {
		next := Position{at.Index + 1, term}
		m := w.lead(chief, 0, term, at, w.batch(chief, next, w.now, w.transaction("a")))
		if r.step(m); r.dropped(dropFull) > 0 {
			refused = &m
		} else if at = next; at.Index > 100 {
			t.Fatal("the log is never full")
		}
	}
	// All that is here becomes FINAL.
	for len(of[Execute](r.did)) > 0 {
		todo := of[Execute](r.did)
		r.did = nil
		for _, e := range todo {
			r.step(r.execute(e))
			r.votes(r.prepare(e.Height), 1, 2)
			for _, f := range of[Finalize](r.votes(r.commit(e.Height), 1, 2)) {
				r.step(r.finalize(f)...)
			}
		}
	}
	r.step(*refused)
	if s := r.core.Status(); s.LastIndex != at.Index+1 {
		t.Errorf("FINAL has moved and the log is still full: %+v", s)
	}
}

func offeredSnapshot(t *testing.T) {
	w, r := away(t, 20, keepLittle)
	w.cut = nil
	w.until("its log goes on", func() bool { return len(r.installed()) > 0 })
	if r.dropped(dropSnapshot) == 0 {
		t.Errorf("dropped %v", r.core.drops)
	}
	w.until("all are level", w.level(w.finish(r.id)))
}

func stoppedRaft(t *testing.T) {
	r := newFollower(t)
	g := r.core.group
	g.guarded(func() { panic("for a test") })
	r.core.accept(r.say(chief, 0, nil, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: number(term)}))
	if why := g.step(chief, slab(nil, &raftpb.Message{}), false, nil); why != dropStopped {
		t.Errorf("dropped as %q", why)
	}
	r.step()
	r.asks(3)
}

func voteFarAhead(t *testing.T) {
	r, todo := ordered(t, 1)
	r.step(r.execute(todo[0]))
	v := r.prepare(1)
	v.Height = 2*r.core.cfg.Window + 1
	far := []ledger.SignedVote{r.vote(chief, v)}
	r.hear(chief, voteMessage, far)
	if r.dropped(dropVote) != 1 {
		t.Fatalf("dropped %v", r.core.drops)
	}
	r.votes(r.prepare(1), 1, 2)
	for _, f := range of[Finalize](r.votes(r.commit(1), 1, 2)) {
		r.step(r.finalize(f)...)
	}
	r.hear(chief, voteMessage, far)
	if r.dropped(dropVote) != 1 || r.core.voteOf(chief, slot{v.Height, ledger.Prepare}) == nil {
		t.Errorf("one block nearer it is still refused: %v", r.core.drops)
	}
}

func messageToOneWhoJoins(t *testing.T) {
	r := newFollower(t).open(0)
	r.tick()
	m := r.lead(chief, 0, term, tip)
	r.step(m)
	if r.dropped(dropJoining) != 1 {
		t.Fatalf("dropped %v", r.core.drops)
	}
	for _, other := range []Member{1, 2} {
		r.hear(other, reportMessage, report{Nonce: r.nonce})
	}
	r.step(m)
	if s := r.core.Status(); s.Leader != chief || !s.HasLeader {
		t.Errorf("it has heard and follows nobody: %+v", s)
	}
}

// A weather is a town whose messages take time, get lost, come twice and out of
// order, whose links break, whose members stop and start again, and whose clocks
// differ.
type weather struct {
	*town
	random  *rand.Rand
	pending []event
	skew    []int64
	broken  func(from, to Member) bool
	loss    float64
	again   float64
	delay   int64 // ms, of most messages
	refused []refusal
	taken   map[path]refusal // the newest message that was taken
	drops   map[drop]int
}

type event struct {
	at int64
	do func()
}

// A path is from one member to another, for one kind of message.
type path struct {
	from, to Member
	kind     messageKind
	raft     raftpb.MessageType
}

// A refusal is a message that the guard dropped, or took.
type refusal struct {
	path
	why    drop
	at     int64
	raft   *raftpb.Message
	height uint64 // of the highest vote in it
}

func (w *weather) after(ms int64, do func()) {
	w.pending = append(w.pending, event{w.now + ms, do})
}

// run lets ms pass.
func (w *weather) run(ms int64) {
	end := w.now + ms
	for {
		first := -1
		for i, e := range w.pending {
			if e.at <= end && (first < 0 || e.at < w.pending[first].at) {
				first = i
			}
		}
		if first < 0 {
			w.now = end
			return
		}
		e := w.pending[first]
		w.pending[first] = w.pending[len(w.pending)-1]
		w.pending = w.pending[:len(w.pending)-1]
		w.now = max(w.now, e.at)
		e.do()
	}
}

func (w *weather) chance(p float64) bool { return w.random.Float64() < p }

// clock ticks for member m every 100 ms, as long as the town stands.
func (w *weather) clock(m Member) {
	if r := w.nodes[m]; r.core != nil {
		w.perform(r, r.step(Tick{Now: w.now + w.skew[m]}))
	}
	w.after(100, func() { w.clock(m) })
}

func (w *weather) perform(r *replica, effects []Effect) {
	r.did = nil
	for len(effects) > 0 {
		e := effects[0]
		effects = effects[1:]
		switch e := e.(type) {
		case Send:
			w.send(r.id, e)
		case Execute:
			effects = append(effects, r.step(r.execute(e))...)
		case Finalize:
			effects = append(effects, r.step(r.finalize(e)...)...)
		case Adopt:
			effects = append(effects, r.step(r.adopt(e))...)
		case Fetch:
			w.fetch(r, e)
		}
	}
	r.did = nil
}

func (w *weather) fetch(r *replica, e Fetch) {
	core := r.core
	w.after(1+w.random.Int64N(2*w.delay+1), func() {
		from := w.nodes[e.From]
		if r.core != core {
			return
		}
		if from.core == nil || w.broken(r.id, e.From) || w.broken(e.From, r.id) {
			w.perform(r, r.step(Fetched{From: e.From, Failed: true}))
			return
		}
		w.perform(r, r.step(Fetched{From: e.From, Blocks: from.serve(e.Height, 16)}))
	})
}

func (w *weather) send(from Member, s Send) {
	copies := 1
	if w.chance(w.again) {
		copies = 2
	}
	for range copies {
		if w.broken(from, s.To) || w.chance(w.loss) {
			continue
		}
		ms := w.random.Int64N(w.delay + 1)
		if w.chance(w.again) {
			ms += w.random.Int64N(3000) // late, and after what was sent later
		}
		w.after(ms, func() { w.deliver(from, s) })
	}
}

func (w *weather) deliver(from Member, s Send) {
	r := w.nodes[s.To]
	if r.core == nil || w.broken(from, s.To) {
		return
	}
	if s.Class == Transactions {
		tx, err := ledger.DecodeTransaction(w.network, s.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		w.perform(r, r.step(Submit{Transaction: tx}))
		return
	}
	before := r.drops()
	effects := r.step(Receive{From: from, Data: s.Data})
	w.note(r, from, s.Data, before)
	w.perform(r, effects)
}

// note writes down whether a message was taken.
func (w *weather) note(r *replica, from Member, data []byte, before map[drop]uint64) {
	kind, _, payload, err := unpack(data)
	if err != nil {
		w.t.Fatal(err)
	}
	m := refusal{path: path{from: from, to: r.id, kind: kind}, at: w.now}
	switch kind {
	case raftMessage:
		m.raft = raftIn(w.t, data)
		m.path.raft = m.raft.GetType()
	case voteMessage:
		var votes []ledger.SignedVote
		if err := ledger.Decode(payload, maxControl, &votes); err != nil {
			w.t.Fatal(err)
		}
		for _, v := range votes {
			m.height = max(m.height, v.Vote.Height)
		}
	}
	for why, n := range r.core.drops {
		if n > before[why] {
			m.why = why
			w.drops[why] += int(n - before[why])
		}
	}
	if m.why == dropNone {
		w.taken[m.path] = m
	} else {
		w.refused = append(w.refused, m)
	}
}

// election is what is said before there is a leader.
var election = []raftpb.MessageType{raftpb.MsgPreVote, raftpb.MsgPreVoteResp, raftpb.MsgVote, raftpb.MsgVoteResp}

// over tells why a refusal does no harm any more, "" if it does.
func (w *weather) over(m refusal) string {
	r := w.nodes[m.to]
	later, taken := w.taken[m.path]
	switch {
	case m.kind == voteMessage && m.height <= r.final().Height:
		return "FINAL has passed it"
	case m.raft == nil:
	case m.raft.GetTerm() < r.core.Status().Term:
		return "its term has passed"
	case slices.Contains(election, m.path.raft) && r.core.Status().HasLeader && m.raft.GetTerm() == r.core.Status().Term:
		return "its term has a leader"
	case m.path.raft == raftpb.MsgSnap && m.raft.GetSnapshot().GetMetadata().GetIndex() <= r.core.Status().Commit:
		return "the log has passed it"
	case len(m.raft.GetEntries()) > 0 && m.raft.GetIndex()+uint64(len(m.raft.GetEntries())) <= r.core.Status().Commit:
		return "its entries are committed here"
	case taken && later.at >= m.at && later.raft.GetTerm() >= m.raft.GetTerm():
		return "the same was taken later"
	}
	return ""
}

// fault lets one thing go wrong for a while.
func (w *weather) fault() {
	for_ := 200 + w.random.Int64N(4000)
	m, other := Member(w.random.IntN(4)), Member(w.random.IntN(4))
	if l := w.leader(); l != nil && w.chance(0.5) {
		m = l.id
	}
	calm := func(Member, Member) bool { return false }
	switch w.random.IntN(6) {
	case 0: // one is alone
		w.broken = func(from, to Member) bool { return from == m || to == m }
	case 1: // two and two
		w.broken = func(from, to Member) bool { return (from == m || from == other) != (to == m || to == other) }
	case 2: // one hears nothing and is heard
		w.broken = func(from, to Member) bool { return to == m }
	case 3: // one link, in one direction
		w.broken = func(from, to Member) bool { return from == m && to == other }
	case 4: // one stops and starts again
		w.nodes[m].core = nil
		w.after(for_, func() { w.open(m) })
	case 5: // all links are slow
		w.delay, w.loss, w.again = 400, 0.2, 0.2
		w.after(for_, func() { w.delay, w.loss, w.again = 30, 0.02, 0.03 })
	}
	w.after(for_, func() { w.broken = calm })
}

// TestHonestMembersComeToOneEnd searches random schedules: at the end of each all
// have the same FINAL blocks, and whatever the guard refused is over.
// IPLEDGER_HONEST_SEEDS says how many.
func TestHonestMembersComeToOneEnd(t *testing.T) {
	seeds := 12
	if text := os.Getenv("IPLEDGER_HONEST_SEEDS"); text != "" {
		var err error
		if seeds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	drops, ends := make(map[drop]int), make(map[string]int)
	heights := uint64(0)
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			heights += stormy(t, uint64(seed), drops, ends)
		})
	}
	t.Logf("%d blocks; dropped %v; over because %v", heights, drops, ends)
	for why, n := range drops {
		if honestDrops[why].show == nil {
			t.Errorf("%d honest messages were dropped as %q", n, why)
		}
	}
	for _, why := range []drop{dropLeader, dropRate, dropFuture, dropJoining, dropSnapshot} {
		if drops[why] == 0 {
			t.Errorf("nothing was dropped as %q: the schedules are too calm", why)
		}
	}
}

func stormy(t *testing.T, seed uint64, drops map[drop]int, ends map[string]int) uint64 {
	w := &weather{
		town: practisedTown(t), random: rand.New(rand.NewPCG(seed, 1)), broken: func(Member, Member) bool { return false },
		delay: 30, loss: 0.02, again: 0.03, taken: make(map[path]refusal), drops: make(map[drop]int),
	}
	cryptotest.SetGlobalRandom(t, seed)
	if w.chance(0.3) {
		w.limit = keepLittle
	}
	for m := range Member(4) {
		w.skew = append(w.skew, w.random.Int64N(2800)-1400) // two of them perhaps farther apart than the guard allows
		w.open(m)
		w.after(25*int64(m), func() { w.clock(m) })
	}
	for range 60 {
		if w.chance(0.4) {
			w.fault()
		}
		for range 3 {
			if r := w.nodes[w.random.IntN(4)]; r.core != nil {
				w.perform(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
			}
			w.run(170)
		}
	}
	// The weather clears up.
	w.run(5000)
	w.broken = func(Member, Member) bool { return false }
	w.delay, w.loss, w.again = 5, 0, 0
	for m, r := range w.nodes {
		if r.core == nil {
			w.open(Member(m))
		}
	}
	level := func() bool {
		for _, r := range w.nodes {
			if r.core == nil || r.core.phase != Active || r.final().Height != w.nodes[0].final().Height ||
				r.core.Status().Commit != w.nodes[0].core.Status().Commit {
				return false
			}
		}
		return true
	}
	for healed := 0; !level(); healed++ {
		if healed > 600 {
			for _, r := range w.nodes {
				t.Logf("member %d: %+v, dropped %v", r.id, r.core.Status(), r.core.drops)
			}
			t.Fatal("a minute after the last fault they are not level")
		}
		w.run(100)
	}
	for range 2 { // and all go on
		r := w.nodes[w.random.IntN(4)]
		before := r.final().Height
		w.perform(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
		for waited := 0; !level() || r.final().Height == before; waited++ {
			if waited > 300 {
				t.Fatal("they do not go on")
			}
			w.run(100)
		}
	}
	for _, m := range w.refused {
		end := w.over(m)
		ends[end]++
		if end == "" {
			t.Errorf("%v from member %d to %d, dropped as %q, is refused for ever: %v", m.raft.GetType(), m.from, m.to, m.why, m.raft)
		}
	}
	for why, n := range w.drops {
		drops[why] += n
	}
	final := w.nodes[0].final()
	for _, r := range w.nodes {
		if r.final() != final || r.core.Status().Stopped != nil {
			t.Errorf("member %d has block %d: %v", r.id, r.final().Height, r.core.Status().Stopped)
		}
	}
	return final.Height
}
