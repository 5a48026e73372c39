// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Whatever a member says, in whatever order, to a core in whatever state: it does
// not panic, loses neither its Raft nor what is committed, and makes a new block
// FINAL with the other members afterwards. There are three levels: bytes, at
// thousands of inputs a second; genuine messages with other fields, entries and
// attachments; and such messages among those of a whole town.

// stages are the states in which a message may find a core.
var stages = []struct {
	name  string
	build func(*town) *replica
}{
	{"follower", (*town).follower},
	{"leader", (*town).leads},
	{"without a leader", func(w *town) *replica { return w.active(0) }},
	{"asks for pre-votes", func(w *town) *replica { return w.follower().campaigning() }},
	{"candidate", func(w *town) *replica {
		r := w.follower().campaigning()
		for _, m := range []Member{chief, 2} {
			r.step(r.say(m, 0, nil, &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: number(term + 1)}))
		}
		return r
	}},
	{"joining", func(w *town) *replica {
		w.follower()
		r := w.open(0)
		r.tick()
		return r
	}},
	{"observer", func(w *town) *replica {
		r := w.follower()
		r.core.observe()
		return r
	}},
}

// A practised suite remembers what it has checked, so that a run after another
// costs little.
type practised struct {
	keys.Suite
	known map[string]bool
}

func (p practised) remember(rule byte, key keys.PublicKey, message []byte, sig keys.Signature, check func(keys.PublicKey, []byte, keys.Signature) bool) bool {
	what := fmt.Sprint(rule, key, len(message), string(message), string(sig))
	good, ok := p.known[what]
	if !ok {
		if len(p.known) > 10_000 {
			clear(p.known)
		}
		good = check(key, message, sig)
		p.known[what] = good
	}
	return good
}

func (p practised) Verify(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return p.remember(0, key, message, sig, p.Suite.Verify)
}

func (p practised) VerifyClient(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return p.remember(1, key, message, sig, p.Suite.VerifyClient)
}

func (p practised) NewBatch(*keys.KeyCache) keys.Batch { return &practisedBatch{suite: p} }

type practisedBatch struct {
	suite practised
	good  []bool
}

func (b *practisedBatch) Add(key keys.PublicKey, message []byte, sig keys.Signature) {
	b.good = append(b.good, b.suite.VerifyClient(key, message, sig))
}

func (b *practisedBatch) Verify() []bool { return b.good }

func (b *practisedBatch) Len() int { return len(b.good) }

// A practised signer remembers what it has signed: it signs the same again alike.
type practisedSigner struct {
	keys.Signer
	known map[string]keys.Signature
}

func (p practisedSigner) Sign(message []byte) (keys.Signature, error) {
	sig, ok := p.known[string(message)]
	if !ok {
		var err error
		if sig, err = p.Signer.Sign(message); err != nil {
			return nil, err
		}
		if len(p.known) > 10_000 {
			clear(p.known)
		}
		p.known[string(message)] = sig
	}
	return sig, nil
}

// again is a town like w, without any cores.
func (w *town) again(t *testing.T) *town {
	cryptotest.SetGlobalRandom(t, 1) // Raft draws its jitter from there
	fresh := *w
	fresh.t, fresh.nodes = t, make([]*replica, len(w.nodes))
	return &fresh
}

func practisedTown(t testing.TB) *town {
	w := newTown(t, 4)
	w.network.Suite = practised{w.network.Suite, make(map[string]bool)}
	for i, key := range w.keys {
		w.keys[i] = practisedSigner{key, make(map[string]keys.Signature)}
	}
	return w
}

func (r *replica) campaigning() *replica {
	if err := r.core.group.node.Campaign(); err != nil {
		r.t.Fatal(err)
	}
	r.step()
	return r
}

// stands fails if what was said has broken the core.
func (r *replica) stands(before condition) error {
	after := r.condition()
	if after.stopped || after.phase != before.phase && before.phase != Joining ||
		after.commit < before.commit || after.last < after.commit || after.voters != before.voters || after.transferee != 0 {
		return fmt.Errorf("before %+v, after %+v", before, after)
	}
	return nil
}

// turned tells whether the core has promised to begin another round, or has begun
// it: a quorum's genuine intents and START do that, whoever passes them on. That a
// town goes on from there is FuzzGuardTown's and the simulator's to show.
func (r *replica) turned() bool {
	s := r.core.Status()
	return s.Stopped == nil && (s.Round > 0 || s.Promised > 0)
}

// goesOn lets the honest members elect one of them and order a transaction, and
// fails if it does not become FINAL here. Without further votes it ends when the
// transaction is committed.
func (r *replica) goesOn(attacker Member, vote bool) error {
	var honest []Member
	for m := range Member(4) {
		if m != r.id && m != attacker {
			honest = append(honest, m)
		}
	}
	switch r.core.phase {
	case Observer:
		// It may have believed a liar first, and waits for it once.
		for range 2 * fetchTicks {
			for _, m := range honest {
				r.hear(m, statusMessage, status{Final: r.final().Height + 1})
			}
			if slices.ContainsFunc(of[Fetch](r.tick()), func(e Fetch) bool { return slices.Contains(honest, e.From) }) {
				return nil
			}
		}
		return errors.New("it does not follow certified blocks")
	case Joining:
		for _, m := range honest {
			r.hear(m, reportMessage, report{Nonce: r.nonce})
		}
		if r.core.phase != Active {
			return fmt.Errorf("its peers have reported and it is %s", r.core.phase)
		}
	}
	g := r.core.group
	commit := g.status().GetCommit()
	last, err := g.storage.Term(commit)
	if err != nil {
		return err
	}
	leader, next := honest[1], max(g.status().GetTerm(), g.leaderTerm)+1
	first, second := Position{commit + 1, next}, Position{commit + 2, next}
	tx := r.transaction("honest")
	r.step(r.lead(leader, r.id, next, Position{commit, last}, entry(first, nil), r.batch(leader, second, r.now, tx)))
	if s := r.core.Status(); s.Stopped != nil || s.Commit != second.Index || s.Leader != leader {
		return fmt.Errorf("of a new leader it does not commit %+v: %+v", second, s)
	}
	if !vote {
		return nil
	}
	for range 100 {
		todo := r.did
		r.did = nil
		for _, e := range of[Execute](todo) {
			r.step(r.execute(e))
		}
		for h := r.final().Height + 1; r.core.blocks[h] != nil && r.core.blocks[h].executed; h++ {
			r.votes(r.prepare(h), honest...)
			r.votes(r.commit(h), honest...)
		}
		for _, e := range of[Finalize](r.did) {
			r.step(r.finalize(e)...)
		}
		if slices.ContainsFunc(r.chain, func(b CertifiedBlock) bool {
			return slices.ContainsFunc(b.Block.Transactions, func(raw []byte) bool { return bytes.Equal(raw, tx.Bytes()) })
		}) {
			return nil
		}
	}
	return fmt.Errorf("its transaction is not FINAL: %+v", r.core.Status())
}

// FuzzGuardBytes says two things in turn.
func FuzzGuardBytes(f *testing.F) {
	for i, data := range genuine(f) {
		f.Add(uint8(i), data, []byte{})
	}
	for i, a := range attacks {
		p := a.place(chief, 0, traitor)
		p.to, p.term, p.last = 0, term, tip.Index
		f.Add(uint8(i), pack(raftMessage, newTown(f, 4).startHash(), slab(nil, a.message(p))), []byte{byte(voteMessage)})
	}
	town := practisedTown(f)
	f.Fuzz(func(t *testing.T, at uint8, one, two []byte) {
		r := stages[int(at)%len(stages)].build(town.again(t))
		before := r.condition()
		for _, data := range [][]byte{one, two, one} {
			r.step(Receive{From: traitor, Data: data})
			if r.turned() {
				return
			}
			if err := r.stands(before); err != nil {
				t.Fatal(err)
			}
		}
		if after := r.condition(); after.lead != before.lead && after.term == before.term {
			t.Fatalf("before %+v, after %+v", before, after)
		}
		if err := r.goesOn(traitor, false); err != nil {
			t.Fatal(err)
		}
	})
}

// genuine is one message of each kind and form that the members of a town send,
// through elections, a conflict of logs, the return of one that was away, a
// recovery round that carries a block one of them lacks, and complaints of a leader
// that equivocates.
func genuine(t testing.TB) [][]byte {
	w := newTown(t, 4)
	w.limit = func(c *Config) { keepLittle(c); hurried(c) }
	known := make(map[string]bool)
	var out [][]byte
	away := Member(4)
	lost := func(Member, []byte) bool { return false }
	w.cut = func(from, to Member, data []byte) bool {
		if len(data) == 0 {
			return from == away || to == away
		}
		if lost(to, data) {
			return true
		}
		form := fmt.Sprint(data[0])
		if m := raftIn(t, data); m != nil {
			form = fmt.Sprint(m.GetType(), m.GetReject(), len(m.GetEntries()), m.GetCommit() > 1)
		}
		if !known[form] {
			known[form] = true
			out = append(out, data)
		}
		return from == away || to == away
	}
	for m := range w.set.Members {
		w.open(Member(m))
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	w.until("all are level", w.level(w.finish(0)))
	for range 2 {
		away = w.leader().id
		w.settle(w.nodes[away], w.nodes[away].step(Submit{Transaction: w.transaction("lost"), Local: true}))
		w.until("another leader", func() bool {
			for _, r := range w.nodes {
				if r.id != away && r.core.Status().Leading {
					return true
				}
			}
			return false
		})
		for range 20 {
			w.finish((away + 1) % 4)
		}
		away = 4
		w.until("all are level", w.level(w.finish(0)))
	}

	w.until("a leader", func() bool { return w.leader() != nil })
	away = (w.leader().id + 1) % 4
	lost = func(_ Member, data []byte) bool { return hasCommit(t, data) }
	w.settle(w.leader(), w.leader().step(Submit{Transaction: w.transaction("carried"), Local: true}))
	w.until("round 1, but for one", w.inRound(1, away))
	late := w.nodes[away]
	away = 4
	w.until("round 1", w.inRound(1))
	w.until("the late one has what is carried", func() bool { return late.core.ownVote(late.final().Height+1, ledger.Prepare) != nil })
	lost = func(Member, []byte) bool { return false }
	w.until("all are level", w.level(w.finish(0)))

	other := newTown(t, 4)
	other.cut = w.cut
	other.equivocate()
	other.ticks(complainEvery)
	for kind := raftMessage; kind <= sealMessage; kind++ {
		if !known[fmt.Sprint(byte(kind))] && kind != raftMessage {
			t.Fatalf("the town has sent no message of kind %d", kind)
		}
	}
	return out
}

// A script is read from the input of a fuzz target. Where it has ended, it goes on
// with noughts.
type script struct{ rest []byte }

func (s *script) next() int {
	if len(s.rest) == 0 {
		return 0
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return int(b)
}

func (s *script) ended() bool { return len(s.rest) == 0 }

// value is a number near those that matter to a core.
func (s *script) value(g *group) *uint64 {
	status := g.status()
	if s.ended() {
		return nil
	}
	near := [...]uint64{
		0, 1, base.Index, g.cursor, status.GetCommit(), g.lastIndex(), status.GetTerm(), g.leaderTerm, g.grantTerm,
		status.GetTerm() + maxTermLead, g.lastIndex() + maxTermLead, 1 << 31, 1 << 32, 1 << 63, math.MaxUint64 - 1, math.MaxUint64,
	}
	return number(near[s.next()%len(near)] + uint64(s.next()%5) - 2)
}

// An author makes messages of one member after a script.
type author struct {
	*script
	w       *town
	from    Member
	genuine [][]byte
}

// message is for the core r.
func (a author) message(r *replica) []byte {
	switch kind := messageKind(a.next() % 16); kind {
	case voteMessage:
		return pack(kind, a.w.startHash(), ledger.Encode(a.votes(r)))
	case statusMessage:
		return pack(kind, a.w.startHash(), ledger.Encode(status{Final: *a.valueOf(r)}))
	case queryMessage:
		return pack(kind, a.w.startHash(), ledger.Encode(query{Nonce: uint64(a.next())}))
	case reportMessage:
		return pack(kind, a.w.startHash(), ledger.Encode(report{Nonce: r.nonce + uint64(a.next()%2), Newest: a.votes(r)}))
	case 6: // other bytes in a genuine message
		data := bytes.Clone(a.genuine[a.next()%len(a.genuine)])
		for range 1 + a.next()%3 {
			data[(a.next()<<8|a.next())%len(data)] = byte(a.next())
		}
		return data
	}
	m := new(raftpb.Message)
	attachment := []byte(nil)
	if form := a.next(); form%2 == 1 {
		a.fitting(r, m)
	} else if data := a.genuine[form/2%len(a.genuine)]; messageKind(data[0]) == raftMessage {
		_, _, payload, err := unpack(data)
		if err != nil {
			a.w.t.Fatal(err)
		}
		theirs, raw, err := unpackRaft(payload)
		if err != nil {
			a.w.t.Fatal(err)
		}
		if err := proto.Unmarshal(raw, m); err != nil {
			a.w.t.Fatal(err)
		}
		if !a.elected(theirs) {
			attachment = theirs
		}
	}
	m.To, m.From = number(raftID(r.id)), number(raftID(a.from))
	if a.next()%4 != 1 {
		m.Term = number(r.core.group.status().GetTerm())
	}
	for range a.next() % 6 {
		a.bend(r, m)
	}
	raw, err := proto.Marshal(m)
	if err != nil {
		a.w.t.Fatal(err)
	}
	switch a.next() % 12 {
	case 1:
		attachment = nil
	case 2:
		attachment = a.w.proof(Member(a.next()%4), m.GetTerm()-min(m.GetTerm(), 1)) // of the term before
	case 3:
		attachment = make([]byte, math.MaxUint16)
	case 4:
		attachment = a.w.grant(a.from, grant{Start: a.w.startHash(), Term: m.GetTerm(), Candidate: uint64(r.id)})
	case 5:
		attachment = ledger.Encode(electionProof{Term: m.GetTerm(), Grants: make([]ledger.SignerSignature, a.next()%8)})
	case 6:
		raw = append(raw, raw...) // once more: numbers stay, lists double
	case 7:
		raw = protowire.AppendBytes(protowire.AppendTag(raw, protowire.Number(1+a.next()), protowire.BytesType), make([]byte, a.next()))
	case 8:
		raw = raw[:len(raw)-min(len(raw), a.next())]
	}
	if attachment == nil && a.from == chief {
		attachment = a.w.proof(chief, term) // it was elected once
	}
	data := pack(raftMessage, a.w.startHash(), []byte{byte(len(attachment) >> 8), byte(len(attachment))})
	return append(append(data, attachment...), raw...)
}

// fitting makes m one that could be said to r now.
func (a author) fitting(r *replica, m *raftpb.Message) {
	g := r.core.group
	status, last := g.status(), g.lastIndex()
	at, err := g.storage.Term(last)
	if err != nil {
		a.w.t.Fatal(err)
	}
	kinds := [...]raftpb.MessageType{
		raftpb.MsgApp, raftpb.MsgHeartbeat, raftpb.MsgAppResp, raftpb.MsgHeartbeatResp, raftpb.MsgVote, raftpb.MsgVoteResp,
		raftpb.MsgPreVote, raftpb.MsgPreVoteResp, raftpb.MsgSnap, raftpb.MsgApp,
	}
	m.Type, m.Term, m.Index, m.LogTerm, m.Commit = kinds[a.next()%len(kinds)].Enum(), number(status.GetTerm()), &last, &at, number(status.GetCommit())
	switch m.GetType() {
	case raftpb.MsgVoteResp, raftpb.MsgPreVoteResp, raftpb.MsgAppResp:
		m.Reject = proto.Bool(a.next()%2 == 1)
	case raftpb.MsgApp:
		for i := range a.next() % 3 {
			m.Entries = append(m.Entries, a.entry(Position{last + 1 + uint64(i), max(at, status.GetTerm())}))
		}
	}
}

// elected tells whether this proves an election of the author, who was elected in
// no other world.
func (a author) elected(attachment []byte) bool {
	var p electionProof
	return ledger.Decode(attachment, maxProof, &p) == nil && p.check(a.w.network.Suite, a.w.set, ledger.AllVoters(a.w.set), a.w.startHash(), a.from) == nil
}

func (a author) valueOf(r *replica) *uint64 {
	if v := a.value(r.core.group); v != nil {
		return v
	}
	return number(0)
}

// bend changes one thing about m.
func (a author) bend(r *replica, m *raftpb.Message) {
	g := r.core.group
	switch a.next() % 16 {
	case 0:
		m.Type = raftpb.MessageType(a.next() % 26).Enum()
	case 1:
		m.Term = a.value(g)
	case 2, 5:
		m.Commit = a.value(g)
	case 3:
		m.Index = a.value(g)
	case 4:
		m.LogTerm = a.value(g)
	case 6:
		m.Reject = proto.Bool(!m.GetReject())
	case 7:
		m.RejectHint = a.value(g)
	case 8:
		m.From = a.value(g)
	case 9:
		m.To = a.value(g)
	case 10:
		m.Context, m.Vote = []byte("CampaignTransfer"), a.value(g)
	case 11:
		m.Snapshot = &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
			Index: a.value(g), Term: a.value(g), ConfState: &raftpb.ConfState{Voters: []uint64{raftID(r.id), *a.valueOf(r)}},
		}}
	case 12: // what follows the end of the log
		m.Entries = append(m.Entries, a.entry(Position{g.lastIndex() + 1 + uint64(len(m.GetEntries())), g.status().GetTerm()}))
	case 13:
		m.Entries = append(m.Entries, a.entry(Position{*a.valueOf(r), *a.valueOf(r)}))
	default:
		if len(m.GetEntries()) == 0 {
			return
		}
		e := m.Entries[a.next()%len(m.Entries)]
		switch a.next() % 4 {
		case 0:
			e.Index = a.value(g)
		case 1:
			e.Term = a.value(g)
		case 2:
			e.Type = raftpb.EntryType(a.next() % 4).Enum()
		case 3:
			e.Data = a.entry(Position{e.GetIndex(), e.GetTerm()}).Data
		}
	}
}

// entry is one for a place, of all that its bytes may be.
func (a author) entry(at Position) *raftpb.Entry {
	switch a.next() % 4 {
	case 1:
		return entry(at, []byte("EVIL"))
	case 2:
		return a.w.batch(a.from, at, a.w.now+int64(a.next()-128)*100)
	case 3:
		return a.w.batch(a.from, at, a.w.now, a.w.transaction("a"))
	}
	return entry(at, nil)
}

// votes are of the author, or in the name of another.
func (a author) votes(r *replica) []ledger.SignedVote {
	var out []ledger.SignedVote
	for range a.next() % 4 {
		v := ledger.Vote{
			Kind: ledger.VoteKind(a.next() % 4), Chain: a.w.network.Chain, Start: a.w.startHash(),
			Height: *a.valueOf(r), Round: uint64(a.next() % 2), Index: *a.valueOf(r), Term: *a.valueOf(r),
		}
		if b := r.core.blocks[v.Height]; b != nil && a.next()%2 == 0 {
			v.Block = b.hash
		}
		s := r.vote(a.from, v)
		if a.next()%4 == 3 {
			s.Validator = *a.valueOf(r)
		}
		out = append(out, s)
	}
	return out
}

// scribble is a script without sense.
func scribble(seed uint64, size int) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// FuzzGuardMessages says up to twelve things in turn, as a follower or as one that
// was elected once; the core's clock may go on in between.
func FuzzGuardMessages(f *testing.F) {
	said := genuine(f)
	for i := range said {
		for at := range stages {
			f.Add(uint8(at), at%2 == 0, []byte{1, byte(2 * i), 0, 0, 0, 0, 1, byte(2 * i), 0, 2, 1, 6, 3, 9, 2})
		}
	}
	for seed := range uint64(400) {
		f.Add(uint8(seed), seed/7%2 == 0, scribble(seed, 120))
	}
	town := practisedTown(f)
	f.Fuzz(func(t *testing.T, at uint8, elected bool, input []byte) {
		r := stages[int(at)%len(stages)].build(town.again(t))
		a := author{script: &script{input}, w: r.town, from: traitor, genuine: said}
		if elected {
			a.from = chief
		}
		before := r.condition()
		for n := 0; n < 12 && !a.ended(); n++ {
			commit := r.condition().commit
			r.step(Receive{From: a.from, Data: a.message(r)})
			if r.turned() {
				return
			}
			if err := r.stands(before); err != nil {
				t.Fatal(err)
			}
			if after := r.condition(); after.commit < commit {
				t.Fatalf("%d was committed, now it is %d", commit, after.commit)
			}
			if lead := r.condition().lead; a.from != chief && lead != 0 && lead != before.lead {
				t.Fatalf("it follows %d", lead-1)
			}
			if a.next()%8 == 1 {
				r.tick()
			}
		}
		if r.turned() { // at a tick
			return
		}
		if err := r.goesOn(a.from, true); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzGuardTown lets one member of a town say up to twenty-four things to the
// others, and then nothing more. Each of them is needed for a quorum.
func FuzzGuardTown(f *testing.F) {
	// Honest members sign these once in a history, and genuine's is another one: here
	// they would be signed twice.
	said := slices.DeleteFunc(genuine(f), func(data []byte) bool {
		switch messageKind(data[0]) {
		case intentMessage, statementMessage, startMessage:
			return true
		}
		return false
	})
	for i := range said {
		f.Add([]byte{0, 1, byte(2 * i), 0, 0, 0, 1, 1, byte(2 * i), 0, 0, 0, 2, 1, byte(2 * i), 0, 2, 0, 6, 1})
	}
	for seed := range uint64(40) {
		f.Add(scribble(seed, 240))
	}
	town := practisedTown(f)
	f.Fuzz(func(t *testing.T, input []byte) {
		w, leader := town.again(t).working()
		from := (leader.id + 3) % 4
		w.nodes[from].core = nil
		a := author{script: &script{input}, w: w, from: from, genuine: said}
		for n := 0; n < 24 && !a.ended(); n++ {
			r := w.nodes[(int(leader.id)+a.next()%3)%4]
			w.settle(r, r.step(Receive{From: from, Data: a.message(r)}))
			switch a.next() % 8 {
			case 1:
				w.ticks(1)
			case 2:
				w.ticks(a.next() % 32)
			case 3:
				w.settle(r, r.step(Submit{Transaction: w.transaction("bank"), Local: true}))
			}
		}
		height := w.finish((leader.id + 1) % 4)
		w.until("it is FINAL at all", w.level(height))
		for _, r := range w.nodes {
			if r.core == nil {
				continue
			}
			if s := r.core.Status(); s.Stopped != nil || s.Phase != Active {
				t.Errorf("member %d is %s: %v", r.id, s.Phase, s.Stopped)
			}
			if r.chain[height].Block.Header != leader.chain[height].Block.Header {
				t.Errorf("member %d has another block %d", r.id, height)
			}
		}
	})
}
