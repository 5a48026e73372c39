// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"math"
	"runtime"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
)

// What one member with a valid key can do with many messages, or with one that
// waits for its hour. The attacks of a single message are in attacks_test.go.

// besieger is the member that the test plays, against three honest cores.
const besieger = Member(0)

func besieged(t *testing.T) *town {
	t.Helper()
	w := newNetwork(t, 4)
	w.until("all are level", w.level(w.finish(1)))
	w.nodes[besieger].core = nil
	w.until("a leader among the honest", func() bool { return w.leader() != nil })
	return w
}

// tell delivers what the besieger says to one member.
func (w *town) tell(to Member, m *raftpb.Message) {
	r := w.nodes[to]
	w.settle(r, r.step(w.say(besieger, to, nil, m)))
}

func (w *town) termOf(m Member) uint64 { return w.nodes[m].core.Status().Term }

// besiege lets a member say the same to all others in every tick, and to whoever
// asks for its pre-vote before anybody else answers, for two minutes. It gives
// the share of the time in which a new transaction became FINAL within a second.
func (w *town) besiege(messages ...func(term uint64) *raftpb.Message) float64 {
	attack := func(m Member) {
		for _, message := range messages {
			w.tell(m, message(w.termOf(m)))
		}
	}
	w.cut = func(from, to Member, data []byte) bool {
		if to == besieger && len(data) > 0 && Class(data[0]) == Class(raftMessage) {
			if m := raftIn(w.t, data); m.GetType() == raftpb.MsgPreVote {
				attack(from)
			}
		}
		return false
	}
	const seconds = 120
	moved := 0
	for range seconds {
		before := w.nodes[1].final().Height
		r := w.nodes[1]
		w.settle(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
		for range 10 {
			for m := besieger + 1; m < 4; m++ {
				attack(m)
			}
			w.ticks(1)
		}
		if r.final().Height > before {
			moved++
		}
	}
	w.cut = nil
	return float64(moved) / seconds
}

func TestOneMemberThatRaisesTermsDoesNotStopTheOthers(t *testing.T) {
	refuse := func(term uint64) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(term + maxTermLead), Reject: proto.Bool(true)}
	}
	answer := func(term uint64) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(term + maxTermLead)}
	}
	stand := func(term uint64) *raftpb.Message {
		return &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: number(term + maxTermLead), Index: number(0), LogTerm: number(0)}
	}
	for name, messages := range map[string][]func(uint64) *raftpb.Message{
		"by refusing pre-votes":    {refuse},
		"by answers":               {answer},
		"by standing for election": {stand},
		"by all of it":             {answer, stand, refuse},
	} {
		t.Run(name, func(t *testing.T) {
			w := besieged(t)
			share := w.besiege(messages...)
			t.Logf("a transaction became FINAL within its second in %.0f %% of the time", 100*share)
			if share < 0.6 {
				t.Error("that is too little")
			}
			w.until("all are level", w.level(w.finish(1)))
		})
	}
}

// TestAMemberFarBehindInTermsComesBack: a member that was away is needed for a
// quorum, since the one that raised the terms of the others says nothing now.
func TestAMemberFarBehindInTermsComesBack(t *testing.T) {
	for name, led := range map[string]bool{"to a leader": true, "to an election": false} {
		t.Run(name, func(t *testing.T) {
			w := besieged(t)
			away := w.nodes[3]
			if w.leader() == away {
				away = w.nodes[2]
			}
			core := away.core
			away.core = nil
			for m := besieger + 1; m < 4; m++ {
				if m == away.id {
					continue
				}
				g := w.nodes[m].core.group
				g.guarded(func() {
					_ = g.node.Step(&raftpb.Message{Type: raftpb.MsgAppResp.Enum(), From: number(raftID(besieger)), To: number(raftID(m)), Term: number(5*maxTermLead + uint64(m))})
				})
			}
			if led {
				// With the besieger's vote, and with nobody's afterwards.
				w.open(besieger)
				w.until("a leader", func() bool { return w.leader() != nil })
				if w.leader().id == besieger {
					w.nodes[besieger].core = nil
					t.Skip("the besieger leads")
				}
				w.cut = func(from, to Member, data []byte) bool {
					return from == besieger && len(data) > 0 && messageKind(data[0]) == voteMessage
				}
			}
			away.core = core
			w.until("all are level", w.level(w.finish(1)))
		})
	}
}

func TestAnAnswerFarAheadIsBelievedByAThousandTerms(t *testing.T) {
	r := newLeader(t)
	before := r.core.Status().Term
	r.step(r.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(math.MaxUint64)}))
	if s := r.core.Status(); s.Term != before+maxTermLead || s.Leading || s.Stopped != nil {
		t.Errorf("from term %d: %+v", before, s)
	}
	for range 2 {
		r.step(r.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(math.MaxUint64), Reject: proto.Bool(true)}))
	}
	if s := r.core.Status(); s.Term != before+2*maxTermLead || s.Stopped != nil {
		t.Errorf("two messages more of the same member within five time-outs: %+v", s)
	}
	r.elect(chief, 2)
}

func TestNobodyStandsForATermFarAhead(t *testing.T) {
	for _, m := range []*raftpb.Message{
		{Type: raftpb.MsgVote.Enum(), Index: number(100), LogTerm: number(100)},
		{Type: raftpb.MsgPreVote.Enum(), Index: number(100), LogTerm: number(100)},
		{Type: raftpb.MsgPreVoteResp.Enum()},
	} {
		r := newTown(t, 4).active(0).campaigning() // without a leader
		before := r.condition()
		for _, far := range []uint64{before.term + maxTermLead + 1, math.MaxUint64} {
			m.Term = &far
			r.step(r.say(traitor, 0, nil, m))
		}
		if r.condition() != before || r.dropped(dropTerm) != 2 {
			t.Errorf("%v: before %+v, after %+v, dropped %v", m.GetType(), before, r.condition(), r.core.drops)
		}
		near := before.term + maxTermLead
		m.Term = &near
		r.step(r.say(traitor, 0, nil, m))
		if r.dropped(dropTerm) != 2 {
			t.Errorf("%v of a term that may be is dropped", m.GetType())
		}
	}
}

// TestEntriesBehindAConflictAreJudged: an entry that stands where one of the same
// term stood is another one, if the entry before it is another. Whoever took it
// unseen would keep it for ever, and lead nobody who refuses it.
func TestEntriesBehindAConflictAreJudged(t *testing.T) {
	const next = term + 1
	r := newFollower(t)
	says := func(entries ...*raftpb.Entry) {
		r.step(r.say(traitor, 0, r.proof(traitor, next), &raftpb.Message{
			Type: raftpb.MsgApp.Enum(), Term: number(next), Index: &tip.Index, LogTerm: &tip.Term, Entries: entries,
		}))
	}
	says(r.batch(traitor, Position{5, term}, r.now), entry(Position{6, next}, nil))
	if s := r.core.Status(); s.LastIndex != 6 {
		t.Fatalf("the log is not prepared: %+v", s)
	}
	says(entry(Position{5, next}, nil), entry(Position{6, next}, []byte("EVIL")))
	for _, e := range r.core.group.entries(tip.Index) {
		if string(e.GetData()) == "EVIL" {
			t.Error("an entry that was never judged is in the log")
		}
	}
	if r.dropped(dropEntry) != 1 {
		t.Errorf("dropped %v", r.core.drops)
	}
	// And one of its place is taken.
	says(entry(Position{5, next}, nil), r.batch(traitor, Position{6, next}, r.now))
	if at, err := r.core.group.storage.Term(5); err != nil || at != next || r.core.Status().LastIndex != 6 {
		t.Errorf("a leader cannot replace the end of the log: term %d at 5: %v", at, err)
	}
}

// TestAnEntryIsKeptWithoutWhatIsUnknownInIt: that would weigh nothing, and stay
// in memory, on disk and in what this node sends as a leader.
func TestAnEntryIsKeptWithoutWhatIsUnknownInIt(t *testing.T) {
	ballast := protowire.AppendBytes(protowire.AppendTag(nil, 99, protowire.BytesType), make([]byte, 100_000))
	r := newFollower(t)
	e := r.batch(chief, Position{5, term}, r.now)
	e.ProtoReflect().SetUnknown(ballast)
	r.step(r.lead(chief, 0, term, tip, e))
	if s := r.core.Status(); s.Commit != 5 {
		t.Fatalf("the entry was not taken: %+v", s)
	}
	if kept := proto.Size(r.core.group.entries(tip.Index)[0]); kept > weight(e) {
		t.Errorf("an entry that weighs %d takes %d bytes", weight(e), kept)
	}
}

func TestAnOfferedSnapshotIsNotKept(t *testing.T) {
	r := newFollower(t)
	r.step(r.say(chief, 0, r.proof(chief, term), &raftpb.Message{Type: raftpb.MsgSnap.Enum(), Term: number(term), Snapshot: &raftpb.Snapshot{
		Data: make([]byte, 1<<20), Metadata: forgedSnapshot(place{traitor: traitor}).GetSnapshot().GetMetadata(),
	}}))
	if p := r.core.group.parked; p == nil || proto.Size(p) > 100 {
		t.Errorf("%d bytes wait for block sync", proto.Size(p))
	}
}

// TestAClaimCostsNoMoreThanItsBytes: a message is refused before there is memory
// for all that it says it has.
func TestAClaimCostsNoMoreThanItsBytes(t *testing.T) {
	list := func(items int) []byte { // of the shortest items there are
		return append([]byte{0x99, byte(items >> 8), byte(items)}, bytes.Repeat([]byte{0}, items)...)
	}
	field := func(number protowire.Number, times int) []byte {
		var b []byte
		for range times {
			b = protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), nil)
		}
		return b
	}
	nested := func(depth int) []byte {
		var b []byte
		for range depth {
			b = protowire.AppendBytes(protowire.AppendTag(nil, 14, protowire.BytesType), b)
		}
		return b
	}
	const frame = 60 << 10
	for name, m := range map[string]struct {
		kind    messageKind
		payload []byte
	}{
		"votes":                       {voteMessage, list(8000)},
		"a report of many":            {reportMessage, append([]byte{0xa2, 1, 1, 2}, list(frame)...)},
		"an election proof of many":   {raftMessage, slab(append([]byte{0xa2, 1, 6, 2}, list(8000)...), &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), To: number(1), Term: number(term + 1)})},
		"entries of nothing":          {raftMessage, append([]byte{0, 0}, field(7, frame/2)...)},
		"answers of Raft to its disk": {raftMessage, append([]byte{0, 0}, field(14, frame/2)...)},
		"answers within answers":      {raftMessage, append([]byte{0, 0}, nested(9000)...)},
		"snapshots":                   {raftMessage, append([]byte{0, 0}, field(9, frame/2)...)},
	} {
		r := newFollower(t)
		data := Receive{From: traitor, Data: pack(m.kind, r.startHash(), m.payload)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r.step(data)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 32*uint64(len(data.Data)) {
			t.Errorf("%s: %d bytes cost %d", name, len(data.Data), took)
		}
		if r.core.Status().Phase != Active || r.works() != nil {
			t.Errorf("%s: %+v", name, r.core.Status())
		}
	}
}

// slab is a message of Raft with its attachment, without a head.
func slab(attachment []byte, m *raftpb.Message) []byte {
	data, err := packRaft(ledger.Hash{}, attachment, m)
	if err != nil {
		panic(err)
	}
	return data[messageHead:]
}

// TestAMemberMakesALeaderSendLittle: a refusal and an acknowledgement of nothing
// make it send all it may have under way, and again.
func TestAMemberMakesALeaderSendLittle(t *testing.T) {
	w := newTown(t, 4)
	w.limit = func(c *Config) { c.BatchTransactions = 1 }
	r := w.active(0)
	r.elect(chief, 2)
	for range 8 {
		r.step(Submit{Transaction: w.transaction("bank")})
		for _, m := range []Member{1, 2} {
			r.step(w.say(m, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: number(r.core.Status().Term), Index: number(r.core.group.lastIndex())}))
		}
	}
	s := r.core.Status()
	sent := func() (entries int) {
		for _, e := range of[Send](r.did) {
			if m := raftIn(t, e.Data); e.To == traitor && m != nil {
				entries += len(m.GetEntries())
			}
		}
		r.did = nil
		return entries
	}
	flood := func() {
		for range 200 {
			r.step(w.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &s.Term, Index: number(s.LastIndex), Reject: proto.Bool(true), RejectHint: number(1)}))
			r.step(w.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &s.Term, Index: &base.Index}))
			r.step(w.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgHeartbeatResp.Enum(), Term: &s.Term}))
		}
	}
	r.step(w.say(traitor, 0, nil, &raftpb.Message{Type: raftpb.MsgAppResp.Enum(), Term: &s.Term, Index: &base.Index}))
	sent()
	flood()
	held := int(s.LastIndex - base.Index)
	if n := sent(); n == 0 || n > 2*4*held {
		t.Errorf("it is sent %d entries, where the log has %d", n, held)
	}
	if r.dropped(dropRate) == 0 {
		t.Error("nothing was refused")
	}
	r.tick()
	sent()
	flood()
	if sent() == 0 {
		t.Error("it is answered no more at the next heartbeat")
	}
}
