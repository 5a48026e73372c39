// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

var chain = ledger.Hash{1, 2, 3}

// A model is what the database should hold, in maps.
type model struct {
	joined   bool
	hard     *raftpb.HardState
	first    consensus.Position
	entries  map[uint64]*raftpb.Entry
	votes    map[ledger.Vote]ledger.SignedVote // by slot
	newest   map[[2]uint64]ledger.SignedVote   // by set and validator
	prepared map[uint64]ledger.PreparedBlock
	highest  *ledger.Certificate
	cursor   consensus.Cursor
	final    uint64

	start     *ledger.SignedStart
	statement *ledger.SignedStatement
	carried   []ledger.Block
	evidence  []ledger.Evidence
}

func newModel() *model {
	return &model{
		entries:  map[uint64]*raftpb.Entry{},
		votes:    map[ledger.Vote]ledger.SignedVote{},
		newest:   map[[2]uint64]ledger.SignedVote{},
		prepared: map[uint64]ledger.PreparedBlock{},
	}
}

func slot(v ledger.Vote) ledger.Vote {
	return ledger.Vote{Set: v.Set, Round: v.Round, Height: v.Height, Kind: v.Kind}
}

func compareVotes(a, b ledger.Vote) int {
	return cmp.Or(cmp.Compare(a.Set, b.Set), cmp.Compare(a.Round, b.Round), cmp.Compare(a.Height, b.Height), cmp.Compare(a.Kind, b.Kind))
}

// write does what the words of consensus.Write say.
func (m *model) write(w consensus.Write) {
	if w.Start != nil {
		clear(m.entries)
		m.start, m.hard, m.first, m.cursor = w.Start, nil, consensus.Position{}, consensus.Cursor{}
	}
	if w.Statement != nil {
		m.statement = w.Statement
	}
	m.carried = append(m.carried, w.Carried...)
	m.evidence = append(m.evidence, w.Evidence...)
	if w.Snapshot != nil {
		clear(m.entries)
		m.first = *w.Snapshot
	}
	if len(w.Entries) > 0 {
		maps.DeleteFunc(m.entries, func(i uint64, _ *raftpb.Entry) bool { return i >= w.Entries[0].GetIndex() })
	}
	for _, e := range w.Entries {
		m.entries[e.GetIndex()] = e
	}
	if w.Truncate != nil {
		maps.DeleteFunc(m.entries, func(i uint64, _ *raftpb.Entry) bool { return i <= w.Truncate.Index })
		m.first = *w.Truncate
	}
	if w.HardState != nil {
		m.hard = w.HardState
	}
	for _, v := range w.Votes {
		m.votes[slot(v.Vote)] = v
	}
	for _, v := range slices.Concat(w.Votes, w.Newest) {
		at := [2]uint64{v.Vote.Set, v.Validator}
		if old, ok := m.newest[at]; !ok || compareVotes(v.Vote, old.Vote) > 0 {
			m.newest[at] = v
		}
	}
	for _, p := range w.Prepared {
		m.prepared[p.Header.Height] = p
	}
	if w.Highest != nil {
		m.highest = w.Highest
	}
	if w.Cursor != nil {
		m.cursor = *w.Cursor
	}
	m.joined = m.joined || w.Joined
	m.final = max(m.final, w.Final)
	maps.DeleteFunc(m.votes, func(s ledger.Vote, _ ledger.SignedVote) bool { return s.Height <= m.final })
	m.carried = slices.DeleteFunc(m.carried, func(b ledger.Block) bool { return b.Header.Height <= m.final })
	maps.DeleteFunc(m.prepared, func(h uint64, _ ledger.PreparedBlock) bool { return h+consensus.KeepPrepared <= m.final })
}

func (m *model) saved() consensus.Saved {
	s := consensus.Saved{
		Joined: m.joined, HardState: m.hard, First: m.first, Highest: m.highest, Cursor: m.cursor,
		Start: m.start, Statement: m.statement, Carried: m.carried, Evidence: m.evidence,
	}
	for _, i := range slices.Sorted(maps.Keys(m.entries)) {
		s.Entries = append(s.Entries, m.entries[i])
	}
	s.Votes = slices.SortedFunc(maps.Values(m.votes), func(a, b ledger.SignedVote) int {
		return cmp.Or(cmp.Compare(a.Vote.Height, b.Vote.Height), compareVotes(a.Vote, b.Vote))
	})
	s.Newest = slices.SortedFunc(maps.Values(m.newest), func(a, b ledger.SignedVote) int {
		return cmp.Or(cmp.Compare(a.Vote.Set, b.Vote.Set), cmp.Compare(a.Validator, b.Validator))
	})
	for _, h := range slices.Sorted(maps.Keys(m.prepared)) {
		s.Prepared = append(s.Prepared, m.prepared[h])
	}
	return s
}

// text writes all of s down, so that two can be compared and shown.
func text(s consensus.Saved) string {
	var b strings.Builder
	fmt.Fprintf(&b, "joined %v first %v cursor %v\n", s.Joined, s.First, s.Cursor)
	if s.HardState != nil {
		fmt.Fprintf(&b, "hard state %d %d %d\n", s.HardState.GetTerm(), s.HardState.GetVote(), s.HardState.GetCommit())
	}
	for _, e := range s.Entries {
		fmt.Fprintf(&b, "entry %d %d %v %x\n", e.GetIndex(), e.GetTerm(), e.GetType(), sum(e.GetData()))
	}
	for _, v := range s.Votes {
		fmt.Fprintf(&b, "vote of %d: %v %x\n", v.Validator, v.Vote, sum(v.Signature))
	}
	for _, v := range s.Newest {
		fmt.Fprintf(&b, "newest of %d: %v %x\n", v.Validator, v.Vote, sum(v.Signature))
	}
	for _, p := range s.Prepared {
		fmt.Fprintf(&b, "prepared %d %x\n", p.Header.Height, sum(ledger.Encode(p)))
	}
	if s.Start != nil {
		fmt.Fprintf(&b, "START of round %d %x\n", s.Start.Start.Round, sum(ledger.Encode(*s.Start)))
	}
	if s.Statement != nil {
		fmt.Fprintf(&b, "statement for round %d %x\n", s.Statement.Statement.Intent.Round, sum(ledger.Encode(*s.Statement)))
	}
	var unordered []string
	for _, c := range s.Carried {
		unordered = append(unordered, fmt.Sprintf("carried %d %x\n", c.Header.Height, sum(ledger.Encode(c))))
	}
	for _, e := range s.Evidence {
		unordered = append(unordered, fmt.Sprintf("evidence of %s %x\n", e.Kind, sum(ledger.Encode(e))))
	}
	slices.Sort(unordered)
	b.WriteString(strings.Join(unordered, ""))
	if s.Highest != nil {
		fmt.Fprintf(&b, "highest %d %x\n", s.Highest.Vote.Height, sum(ledger.Encode(*s.Highest)))
	}
	return b.String()
}

func sum(b []byte) []byte {
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		panic(err)
	}
	h := suite.Sum(b)
	return h[:4]
}

// A source makes writes such as a core makes: a log that grows, is overwritten,
// truncated and replaced, votes that go up, and blocks that become FINAL. The
// cursor's index counts the writes.
type source struct {
	r                  *rand.Rand
	count              uint64
	first, last, term  uint64
	round, voted       uint64
	final              uint64
	entrySize, syncOne int // one in so many is synced
}

func newSource(seed uint64) *source {
	return &source{r: rand.New(rand.NewPCG(seed, 2)), first: 1, last: 1, term: 1, entrySize: 200, syncOne: 2}
}

func (s *source) next() consensus.Write {
	s.count++
	if s.r.IntN(50) == 0 {
		return s.begin()
	}
	w := consensus.Write{Sync: s.r.IntN(s.syncOne) == 0, Cursor: &consensus.Cursor{Height: s.final, Index: s.count}}
	if s.r.IntN(20) == 0 {
		s.last += 5
		s.first, s.term = s.last, s.term+1
		w.Snapshot = &consensus.Position{Index: s.first, Term: s.term}
	}
	if s.r.IntN(3) > 0 {
		if back := s.last - s.first; back > 0 && s.r.IntN(8) == 0 {
			s.last -= s.r.Uint64N(back) + 1
			s.term++
		}
		for range 1 + s.r.IntN(3) {
			s.last++
			w.Entries = append(w.Entries, &raftpb.Entry{Index: proto.Uint64(s.last), Term: proto.Uint64(s.term), Data: s.bytes(s.entrySize)})
		}
		w.HardState = &raftpb.HardState{Term: proto.Uint64(s.term), Vote: proto.Uint64(s.r.Uint64N(4)), Commit: proto.Uint64(s.first)}
	}
	if s.r.IntN(10) == 0 && s.last > s.first {
		s.first += s.r.Uint64N(s.last-s.first) + 1
		w.Truncate = &consensus.Position{Index: s.first, Term: s.term}
	}
	if w.Truncate != nil || w.Snapshot != nil {
		w.HardState = &raftpb.HardState{Term: proto.Uint64(s.term), Commit: proto.Uint64(s.last)}
	}
	if w.HardState == nil && s.last > s.first {
		w.HardState = &raftpb.HardState{Term: proto.Uint64(s.term), Commit: proto.Uint64(s.last)}
	}
	for s.voted < s.final+6 && s.r.IntN(3) > 0 {
		s.voted++
		w.Votes = append(w.Votes, s.vote(0, s.voted, ledger.Prepare))
		if s.r.IntN(2) == 0 {
			w.Votes = append(w.Votes, s.vote(0, s.voted, ledger.Commit))
		}
	}
	for range s.r.IntN(3) {
		w.Newest = append(w.Newest, s.vote(1+s.r.Uint64N(3), s.final+s.r.Uint64N(8), ledger.Commit))
	}
	for s.final < s.voted && s.r.IntN(2) == 0 {
		s.final++
		c := s.certificate(s.final)
		w.Prepared, w.Highest, w.Final = append(w.Prepared, s.prepared(s.final)), &c, s.final
	}
	w.Joined = s.count == 3
	return w
}

// begin leaves the round for the next one.
func (s *source) begin() consensus.Write {
	s.round++
	s.voted, s.first, s.last, s.term = s.final, 1, 1, 1
	kept := ledger.Block{Header: ledger.Header{Height: s.final + 1 + s.r.Uint64N(5), Parent: ledger.Hash(s.bytes(32))}}
	return consensus.Write{
		Sync:  true,
		Start: &ledger.SignedStart{Start: ledger.Start{Chain: chain, Round: s.round}, Signature: s.bytes(64)},
		Statement: &ledger.SignedStatement{
			Statement: ledger.Statement{Intent: ledger.Intent{Chain: chain, Round: s.round}}, Signature: s.bytes(64),
		},
		Carried:  []ledger.Block{kept},
		Evidence: []ledger.Evidence{{Kind: ledger.DoubleVote, Votes: []ledger.SignedVote{s.vote(1, s.final+1, ledger.Commit)}}},
	}
}

func (s *source) vote(validator, height uint64, kind ledger.VoteKind) ledger.SignedVote {
	return ledger.SignedVote{
		Vote:      ledger.Vote{Kind: kind, Chain: chain, Round: s.round, Height: height, Block: ledger.Hash(s.bytes(32))},
		Validator: validator, Signature: s.bytes(64),
	}
}

func (s *source) prepared(height uint64) ledger.PreparedBlock {
	return ledger.PreparedBlock{Header: ledger.Header{Chain: chain, Height: height}, Certificate: s.certificate(height)}
}

func (s *source) certificate(height uint64) ledger.Certificate {
	c := ledger.Certificate{Vote: s.vote(0, height, ledger.Prepare).Vote}
	for v := range uint64(3) {
		c.Signers = append(c.Signers, ledger.SignerSignature{Validator: v, Signature: s.bytes(64)})
	}
	return c
}

func (s *source) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.r.Uint32())
	}
	return b
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t testing.TB, got, want consensus.Saved) {
	t.Helper()
	if g, w := text(got), text(want); g != w {
		t.Fatalf("the database gives\n%s\nand should give\n%s", g, w)
	}
}
