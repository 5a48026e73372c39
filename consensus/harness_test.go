// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A town is a network whose members are cores without disks, or played by the
// test with their keys.
type town struct {
	t       testing.TB
	network ledger.Network
	set     ledger.ValidatorSet
	keys    []keys.Signer
	start   ledger.Start
	genesis ledger.Header
	now     int64
	nodes   []*replica
	cut     func(from, to Member, data []byte) bool // messages that are lost
	limit   func(*Config)
	made    int
}

const dawn = 1_790_000_000_000

// newTown has n members with keys and no cores.
func newTown(t testing.TB, n int) *town {
	t.Helper()
	if t, ok := t.(*testing.T); ok {
		cryptotest.SetGlobalRandom(t, 1) // Raft draws its jitter from there
	}
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, network: ledger.Network{Suite: suite, Chain: suite.Sum([]byte("town"))}, now: dawn, nodes: make([]*replica, n)}
	random := rand.NewChaCha8([32]byte{1})
	for i := range n {
		key, err := suite.Generate(random)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("member-%d", i)
		w.keys = append(w.keys, key)
		w.set.Members = append(w.set.Members, ledger.Validator{Name: name, Organisation: name, Key: key.Public(), PeerID: name})
	}
	w.genesis = ledger.Header{Version: ledger.HeaderVersion, Chain: w.network.Chain, Time: dawn, ExecutionVersion: 1}
	w.start = ledger.Start{Chain: w.network.Chain, Base: w.network.HeaderHash(w.genesis)}
	return w
}

func (w *town) startHash() ledger.Hash { return w.network.StartHash(w.start) }

// A replica is a core with what its databases hold.
type replica struct {
	*town
	id    Member
	core  *Core
	nonce uint64
	saved Saved
	chain []CertifiedBlock // FINAL, by height
	above []ledger.Block   // executed
	did   []Effect         // of all steps
}

// open starts member m on what it has stored; on nothing if it is new.
func (w *town) open(m Member) *replica {
	w.t.Helper()
	r := w.nodes[m]
	if r == nil {
		r = &replica{town: w, id: m, chain: []CertifiedBlock{{Block: ledger.Block{Header: w.genesis}}}}
		w.nodes[m] = r
	}
	r.nonce++
	r.above, r.did = nil, nil
	cfg := Config{
		Network: w.network, Set: w.set, Start: w.start, Self: m, Signer: w.keys[m], Nonce: r.nonce,
		Check: func(txs []*ledger.Transaction) []bool { return ledger.CheckSignatures(w.network, nil, txs...) },
	}
	if w.limit != nil {
		w.limit(&cfg)
	}
	if r.final().Height > 0 {
		cfg.Proof = &r.chain[len(r.chain)-1].Proof.Certificate
	}
	core, err := New(cfg, r.saved, r.final())
	if err != nil {
		w.t.Fatal(err)
	}
	r.core = core
	return r
}

// active is a started member that has been told by the others that they know no
// newer vote of its key than it does.
func (w *town) active(m Member) *replica {
	w.t.Helper()
	r := w.open(m)
	r.tick()
	for other := range w.set.Members {
		if Member(other) != m {
			r.hear(Member(other), reportMessage, report{Nonce: r.nonce})
		}
	}
	if r.core.phase != Active {
		w.t.Fatalf("member %d is %s", m, r.core.phase)
	}
	return r
}

func (r *replica) final() ledger.Header { return r.chain[len(r.chain)-1].Block.Header }

// step steps the core and does to its consensus database what it asks for.
func (r *replica) step(events ...Event) []Effect {
	out := r.core.Step(events...)
	for _, e := range out {
		if p, ok := e.(Persist); ok {
			r.saved = write(r.saved, p.Write)
		}
	}
	r.did = append(r.did, out...)
	return out
}

func (r *replica) tick() []Effect {
	r.now += 100
	return r.step(Tick{Now: r.now})
}

func (r *replica) hear(from Member, kind messageKind, payload any) []Effect {
	return r.step(Receive{From: from, Data: pack(kind, r.startHash(), ledger.Encode(payload))})
}

// say is m of the member from, as the network delivers it.
func (w *town) say(from, to Member, attachment []byte, m *raftpb.Message) Receive {
	m.From, m.To = proto.Uint64(raftID(from)), proto.Uint64(raftID(to))
	data, err := packRaft(w.startHash(), attachment, m)
	if err != nil {
		w.t.Fatal(err)
	}
	return Receive{From: from, Data: data}
}

// write does what a consensus database does with a batch.
func write(s Saved, w Write) Saved {
	if w.Start != nil {
		s.Start, s.HardState, s.First, s.Entries, s.Cursor = w.Start, nil, Position{}, nil, Cursor{}
	}
	if w.Statement != nil {
		s.Statement = w.Statement
	}
	s.Carried = append(slices.Clone(s.Carried), w.Carried...)
	s.Evidence = append(slices.Clone(s.Evidence), w.Evidence...)
	if w.HardState != nil {
		s.HardState = w.HardState
	}
	if w.Snapshot != nil {
		s.First, s.Entries = *w.Snapshot, nil
	}
	if len(w.Entries) > 0 {
		from := w.Entries[0].GetIndex()
		s.Entries = slices.DeleteFunc(slices.Clone(s.Entries), func(e *raftpb.Entry) bool { return e.GetIndex() >= from })
		s.Entries = append(s.Entries, w.Entries...)
	}
	if w.Truncate != nil {
		s.First = *w.Truncate
		s.Entries = slices.DeleteFunc(slices.Clone(s.Entries), func(e *raftpb.Entry) bool { return e.GetIndex() <= s.First.Index })
	}
	s.Votes = append(slices.Clone(s.Votes), w.Votes...)
	for _, v := range append(slices.Clone(w.Votes), w.Newest...) {
		s.Newest = append(slices.DeleteFunc(slices.Clone(s.Newest), func(o ledger.SignedVote) bool {
			return o.Validator == v.Validator && newer(v.Vote, &o)
		}), v)
	}
	s.Prepared = append(slices.Clone(s.Prepared), w.Prepared...)
	if w.Highest != nil {
		s.Highest = w.Highest
	}
	if w.Cursor != nil {
		s.Cursor = *w.Cursor
	}
	s.Joined = s.Joined || w.Joined
	last := len(s.Votes) - 1 // the newest
	votes := s.Votes
	s.Votes = nil
	for i, v := range votes {
		if v.Vote.Height > w.Final || i == last {
			s.Votes = append(s.Votes, v)
		}
	}
	return s
}

// transaction is a new one of an actor.
func (w *town) transaction(actor string) *ledger.Transaction {
	return w.transactionUntil(actor, dawn+3600_000)
}

func (w *town) transactionUntil(actor string, validUntil int64) *ledger.Transaction {
	w.t.Helper()
	w.made++
	body := ledger.Encode(ledger.Body{
		Contract: "town", Version: 1, Method: "put", Args: []byte{0xa0}, Actor: actor, ClientRef: fmt.Sprint("ref-", w.made),
		Signers:    []ledger.Signer{{Organisation: actor, Role: "maker", Key: w.keys[0].Public()}},
		ValidUntil: validUntil,
	})
	sig, err := w.keys[0].Sign(w.network.SignBytes(body))
	if err != nil {
		w.t.Fatal(err)
	}
	tx, err := ledger.NewTransaction(w.network, body, []keys.Signature{sig})
	if err != nil {
		w.t.Fatal(err)
	}
	return tx
}

func rawOf(txs []*ledger.Transaction) [][]byte {
	raw := make([][]byte, len(txs))
	for i, tx := range txs {
		raw[i] = tx.Bytes()
	}
	return raw
}

// batch is a log entry as the member by proposes it.
func (w *town) batch(by Member, at Position, time int64, txs ...*ledger.Transaction) *raftpb.Entry {
	w.t.Helper()
	data, err := ledger.SignBatch(w.network, ledger.Batch{
		Start: w.startHash(), Index: at.Index, Term: at.Term, Time: time, Transactions: rawOf(txs),
	}, uint64(by), w.keys[by])
	if err != nil {
		w.t.Fatal(err)
	}
	return entry(at, data)
}

func entry(at Position, data []byte) *raftpb.Entry {
	return &raftpb.Entry{Type: raftpb.EntryNormal.Enum(), Index: proto.Uint64(at.Index), Term: proto.Uint64(at.Term), Data: data}
}

// proof is a genuine proof that leader was elected in term.
func (w *town) proof(leader Member, term uint64) []byte {
	return w.proofBy(leader, term, w.startHash(), len(w.keys)/2+1)
}

func (w *town) proofBy(leader Member, term uint64, start ledger.Hash, grants int) []byte {
	w.t.Helper()
	p := electionProof{Term: term}
	for m := range grants {
		p.Grants = append(p.Grants, ledger.SignerSignature{
			Validator: uint64(m), Signature: w.grant(Member(m), grant{Start: start, Term: term, Candidate: uint64(leader)}),
		})
	}
	return ledger.Encode(p)
}

func (w *town) grant(by Member, g grant) keys.Signature {
	w.t.Helper()
	sig, err := w.keys[by].Sign(g.message())
	if err != nil {
		w.t.Fatal(err)
	}
	return sig
}

// lead lets member leader be elected in term and append entries after the given
// position, all of which are committed.
func (w *town) lead(leader, to Member, term uint64, after Position, entries ...*raftpb.Entry) Receive {
	return w.say(leader, to, w.proof(leader, term), &raftpb.Message{
		Type: raftpb.MsgApp.Enum(), Term: proto.Uint64(term), Index: proto.Uint64(after.Index), LogTerm: proto.Uint64(after.Term),
		Entries: entries, Commit: proto.Uint64(after.Index + uint64(len(entries))),
	})
}

// run executes a batch on top of a block.
func (w *town) run(parent ledger.Header, time int64, txs []*ledger.Transaction) ledger.Block {
	hash := w.network.HeaderHash(parent)
	raw := rawOf(ledger.ExecutionOrder(w.network, hash, txs))
	h := ledger.Header{
		Version: ledger.HeaderVersion, Chain: w.network.Chain, Height: parent.Height + 1, Parent: hash,
		Time: max(parent.Time+1, time), TransactionRoot: w.network.TransactionRoot(raw), ExecutionVersion: 1,
	}
	h.StateRoot = w.network.Suite.Sum(parent.StateRoot[:], h.TransactionRoot[:])
	return ledger.Block{Header: h, Transactions: raw}
}

// execute answers an Execute as a ledger does.
func (r *replica) execute(e Execute) Executed {
	answer := Executed{Round: e.Round, Height: e.Height, Index: e.Index}
	final := r.final().Height
	if e.Height <= final {
		again := r.run(r.chain[e.Height-1].Block.Header, e.Time, e.Transactions)
		answer.Header = r.chain[e.Height].Block.Header
		answer.Conflict = again.Header != answer.Header
		return answer
	}
	parent := r.final()
	if i := e.Height - final - 1; i > 0 {
		if i > uint64(len(r.above)) {
			answer.Stale = true
			return answer
		}
		parent = r.above[i-1].Header
	}
	b := r.run(parent, e.Time, e.Transactions)
	r.above = append(r.above[:e.Height-final-1], b)
	answer.Header = b.Header
	return answer
}

// finalize answers a Finalize.
func (r *replica) finalize(e Finalize) []Event {
	var out []Event
	for _, p := range e.Proofs {
		if r.above[0].Header != p.Header {
			r.t.Fatalf("member %d: Finalize of another block %d than the one executed", r.id, p.Header.Height)
		}
		out = append(out, r.store(r.above[0], p))
		r.above = r.above[1:]
	}
	return out
}

// adopt answers an Adopt.
func (r *replica) adopt(e Adopt) Event {
	if e.Block.Header.Height != r.final().Height+1 {
		r.t.Fatalf("member %d: Adopt of block %d on top of %d", r.id, e.Block.Header.Height, r.final().Height)
	}
	if len(r.above) > 0 && r.above[0].Header == e.Block.Header {
		r.above = r.above[1:]
	} else {
		r.above = nil
	}
	return r.store(e.Block, e.Proof)
}

func (r *replica) store(b ledger.Block, p ledger.Certified) Stored {
	r.chain = append(r.chain, CertifiedBlock{Block: b, Proof: p})
	stored := Stored{Header: b.Header, Certificate: p.Certificate}
	for _, raw := range b.Transactions {
		tx, err := ledger.DecodeTransaction(r.network, raw)
		if err != nil {
			r.t.Fatal(err)
		}
		stored.Transactions = append(stored.Transactions, tx.ID())
	}
	return stored
}

// serve gives certified blocks from height on, with what the consensus database
// knows of their places in the log.
func (r *replica) serve(height uint64, limit int) []CertifiedBlock {
	var out []CertifiedBlock
	for h := height; h <= r.final().Height && len(out) < limit; h++ {
		b := r.chain[h]
		for _, p := range r.saved.Prepared {
			if p.Header.Height == h {
				b.Prepared = []ledger.Certificate{p.Certificate}
			}
		}
		out = append(out, b)
	}
	return out
}

// settle performs effects and all that follows from them, until nothing does.
func (w *town) settle(r *replica, effects []Effect) {
	w.t.Helper()
	type job struct {
		by *replica
		do Effect
	}
	var queue []job
	add := func(by *replica, effects []Effect) {
		for _, e := range effects {
			queue = append(queue, job{by, e})
		}
	}
	add(r, effects)
	for done := 0; len(queue) > 0; done++ {
		if done > 200_000 {
			w.t.Fatal("the town does not settle")
		}
		j := queue[0]
		queue = queue[1:]
		switch e := j.do.(type) {
		case Send:
			to := w.nodes[e.To]
			if to == nil || to.core == nil || w.cut != nil && w.cut(j.by.id, e.To, e.Data) {
				continue
			}
			if e.Class != Transactions {
				add(to, to.step(Receive{From: j.by.id, Data: e.Data}))
				continue
			}
			tx, err := ledger.DecodeTransaction(w.network, e.Data)
			if err != nil {
				w.t.Fatal(err)
			}
			add(to, to.step(Submit{Transaction: tx}))
		case Execute:
			add(j.by, j.by.step(j.by.execute(e)))
		case Finalize:
			add(j.by, j.by.step(j.by.finalize(e)...))
		case Adopt:
			add(j.by, j.by.step(j.by.adopt(e)))
		case Fetch:
			from := w.nodes[e.From]
			if from == nil || from.core == nil || w.cut != nil && w.cut(j.by.id, e.From, nil) {
				continue
			}
			add(j.by, j.by.step(Fetched{From: e.From, Blocks: from.serve(e.Height, 16)}))
		}
	}
}

// ticks lets time pass for all cores.
func (w *town) ticks(n int) {
	w.t.Helper()
	for range n {
		w.now += 100
		for _, r := range w.nodes {
			if r != nil && r.core != nil {
				w.settle(r, r.step(Tick{Now: w.now}))
			}
		}
	}
}

// until lets time pass until done holds.
func (w *town) until(what string, done func() bool) {
	w.t.Helper()
	for range 600 {
		if done() {
			return
		}
		w.ticks(1)
	}
	for _, r := range w.nodes {
		if r != nil && r.core != nil {
			w.t.Logf("member %d: %+v", r.id, r.core.Status())
		}
	}
	w.t.Fatalf("not within a minute: %s", what)
}

func (w *town) leader() *replica {
	for _, r := range w.nodes {
		if r != nil && r.core != nil && r.core.Status().Leading {
			return r
		}
	}
	return nil
}

// of picks the effects of one type.
func of[E Effect](effects []Effect) []E {
	var out []E
	for _, e := range effects {
		if e, ok := e.(E); ok {
			out = append(out, e)
		}
	}
	return out
}

// votesIn gives the votes that effects send to member to.
func votesIn(t testing.TB, effects []Effect, to Member) []ledger.SignedVote {
	t.Helper()
	var out []ledger.SignedVote
	for _, s := range of[Send](effects) {
		kind, _, payload, err := unpack(s.Data)
		if err != nil {
			t.Fatal(err)
		}
		if s.To != to || s.Class != Control || kind != voteMessage {
			continue
		}
		var votes []ledger.SignedVote
		if err := ledger.Decode(payload, maxControl, &votes); err != nil {
			t.Fatal(err)
		}
		out = append(out, votes...)
	}
	return out
}

// vote is the vote of another member for the block that r has executed.
func (r *replica) vote(by Member, v ledger.Vote) ledger.SignedVote {
	r.t.Helper()
	s, err := v.Sign(uint64(by), r.keys[by])
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *replica) alarms(kind AlarmKind) int {
	n := 0
	for _, a := range of[Alarm](r.did) {
		if a.Kind == kind {
			n++
		}
	}
	return n
}

func (r *replica) dropped(why drop) uint64 { return r.core.drops[why] }

// signedNothing fails if the effects hold a signature of r's votes.
func (r *replica) signedNothing(effects []Effect) {
	r.t.Helper()
	for _, p := range of[Persist](effects) {
		if len(p.Votes) > 0 {
			r.t.Errorf("member %d signed %v", r.id, p.Votes[0].Vote)
		}
	}
	for m := range r.set.Members {
		if v := votesIn(r.t, effects, Member(m)); len(v) > 0 {
			r.t.Errorf("member %d sent a vote %v", r.id, v[0].Vote)
		}
	}
}
