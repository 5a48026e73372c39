// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A group is one Raft group: the members of one round with an empty log at its
// beginning. Its log is in memory, bounded, and written by the caller's Persist;
// membership never changes within a group.
type group struct {
	network ledger.Network
	set     ledger.ValidatorSet
	start   ledger.Hash
	self    Member
	signer  keys.Signer

	node    *raft.RawNode
	storage *raft.MemoryStorage
	members uint32 // that are voters, bit i for the member in place i
	voters  *raftpb.ConfState

	// grants to this node as candidate of grantTerm; proof is made of them.
	grantTerm uint64
	grants    []keys.Signature // by member, nil if none
	proof     []byte           // encoded electionProof of grantTerm, once complete

	leaderTerm uint64 // newest term whose leader is proven
	leader     Member
	proven     []uint64 // by member: newest term in which it has answered this node as leader

	acked Position // the newest entry that this node has told its term's leader to be here
	moved bool     // since the last drain: an append brought no entry and moved the commit index

	weights  weights
	cursor   uint64 // index of the newest entry that is FINAL
	logBytes int    // of the log above cursor that a leader may propose

	electionTicks int
	ticks         int      // since the start, from 1
	raised        [][2]int // by member: ticks at which it last but one, and last, took this node to a newer term; 0 if never
	answered      []int    // by member: answers in this tick that may make a leader send

	durable     uint64 // last index of the own log that is on disk
	durableTerm uint64 // term that is on disk

	parked  *raftpb.Message // a MsgSnap waiting for block sync
	stopped error           // Raft panicked; the node goes on without it
}

// base is where every group's log begins: an invented first entry, so that the
// membership is a fact of the log and not a message in it.
var base = Position{Index: 1, Term: 1}

func newGroup(cfg Config, start ledger.Hash, members uint32, saved Saved) (*group, error) {
	g := &group{
		members:  members,
		network:  cfg.Network,
		set:      cfg.Set,
		start:    start,
		self:     cfg.Self,
		signer:   cfg.Signer,
		storage:  raft.NewMemoryStorage(),
		voters:   &raftpb.ConfState{},
		grants:   make([]keys.Signature, len(cfg.Set.Members)),
		proven:   make([]uint64, len(cfg.Set.Members)),
		raised:   make([][2]int, len(cfg.Set.Members)),
		answered: make([]int, len(cfg.Set.Members)),

		cursor:   max(saved.Cursor.Index, base.Index),
		logBytes: cfg.LogBytes,

		electionTicks: cfg.ElectionTicks,
		ticks:         1,
	}
	for m := range cfg.Set.Members {
		if g.votes(Member(m)) {
			g.voters.Voters = append(g.voters.Voters, raftID(Member(m)))
		}
	}
	first := saved.First
	if first == (Position{}) {
		first = base
	}
	if err := g.storage.ApplySnapshot(g.snapshotAt(first)); err != nil {
		return nil, fmt.Errorf("raft log: %w", err)
	}
	if err := saved.check(first); err != nil {
		return nil, fmt.Errorf("raft log: %w: %w", ledger.ErrCorrupt, err)
	}
	if err := g.storage.Append(saved.Entries); err != nil {
		return nil, fmt.Errorf("raft log: %w", err)
	}
	g.weights.reset(first.Index)
	g.weights.add(saved.Entries)
	hard := saved.HardState
	if hard == nil {
		// Raft begins in the term of its log's base: in term 0 it would panic at
		// the first pre-vote that it refuses.
		hard = &raftpb.HardState{Term: proto.Uint64(first.Term), Commit: proto.Uint64(first.Index)}
	}
	if err := g.storage.SetHardState(hard); err != nil {
		return nil, fmt.Errorf("raft log: %w", err)
	}
	applied := max(first.Index, saved.Cursor.Index)
	node, err := raft.NewRawNode(&raft.Config{
		ID:                        raftID(cfg.Self),
		ElectionTick:              cfg.ElectionTicks,
		HeartbeatTick:             1,
		Storage:                   g.storage,
		Applied:                   applied,
		MaxSizePerMsg:             1 << 20,
		MaxCommittedSizePerReady:  4 << 20,
		MaxUncommittedEntriesSize: 8 << 20,
		MaxInflightMsgs:           32,
		MaxInflightBytes:          8 << 20,
		CheckQuorum:               true,
		PreVote:                   true,
		DisableProposalForwarding: true,
		Logger:                    silence{},
	})
	if err != nil {
		return nil, fmt.Errorf("raft: %w", err)
	}
	g.node = node
	g.written()
	return g, nil
}

// check tells what is wrong with a stored log that Raft would panic on.
func (s Saved) check(first Position) error {
	last := first
	for _, e := range s.Entries {
		if e.GetIndex() != last.Index+1 || e.GetTerm() < last.Term {
			return fmt.Errorf("entry %d of term %d follows entry %d of term %d", e.GetIndex(), e.GetTerm(), last.Index, last.Term)
		}
		last = Position{Index: e.GetIndex(), Term: e.GetTerm()}
	}
	commit := max(s.HardState.GetCommit(), first.Index) // absent at the beginning
	if commit > last.Index || s.Cursor.Index > commit {
		return fmt.Errorf("committed up to %d and FINAL up to %d, but the log ends at %d", commit, s.Cursor.Index, last.Index)
	}
	return nil
}

func raftID(m Member) uint64 { return uint64(m) + 1 }

// votes tells whether a member is one of Raft's voters in this group.
func (g *group) votes(m Member) bool { return g.members>>m&1 != 0 }

func (g *group) snapshotAt(p Position) *raftpb.Snapshot {
	return &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
		Index: proto.Uint64(p.Index), Term: proto.Uint64(p.Term), ConfState: g.voters,
	}}
}

// guarded runs f and turns a panic of Raft into the end of Raft on this node.
// Messages that would cause one are refused before; this is the last line.
func (g *group) guarded(f func()) {
	defer func() {
		if p := recover(); p != nil {
			g.stopped = fmt.Errorf("raft panicked: %v", p)
		}
	}()
	if g.stopped == nil {
		f()
	}
}

func (g *group) status() raft.BasicStatus { return g.node.BasicStatus() }

func (g *group) isLeader() bool {
	return g.stopped == nil && g.status().RaftState == raft.StateLeader
}

// leads tells who leads which term, as far as this node knows.
func (g *group) leads() (leader Member, term uint64, ok bool) {
	if g.stopped != nil {
		return 0, 0, false
	}
	s := g.status()
	if s.Lead == raft.None {
		return 0, s.GetTerm(), false
	}
	return Member(s.Lead - 1), s.GetTerm(), true
}

func (g *group) lastIndex() uint64 {
	last, err := g.storage.LastIndex()
	if err != nil {
		panic(err) // in memory
	}
	return last
}

// entries gives the stored entries after index.
func (g *group) entries(after uint64) []*raftpb.Entry {
	first, err := g.storage.FirstIndex()
	if err != nil {
		panic(err) // in memory
	}
	lo, hi := max(first, after+1), g.lastIndex()+1
	if lo >= hi {
		return nil
	}
	all, err := g.storage.Entries(lo, hi, ^uint64(0))
	if err != nil {
		panic(err) // within the bounds just read
	}
	return all
}

// drained is what Raft asked for since the last drain.
type drained struct {
	early     []Send // may leave before the write is durable
	late      []Send
	committed []*raftpb.Entry
	snapshot  *Position // Raft's log now begins after it
}

// drain takes everything from Raft and adds to w what must be written. Entries
// of a leader may be under way before its own disk has them (Raft thesis,
// section 10.2.1), as long as the message does not carry a commit index that
// counts on them.
func (g *group) drain(w *Write) drained {
	var d drained
	g.guarded(func() {
		for g.node.HasReady() {
			rd := g.node.Ready()
			if !raft.IsEmptySnap(rd.Snapshot) {
				meta := rd.Snapshot.GetMetadata()
				at := Position{Index: meta.GetIndex(), Term: meta.GetTerm()}
				if err := g.storage.ApplySnapshot(rd.Snapshot); err == nil {
					g.weights.reset(at.Index)
					w.Snapshot, w.Entries, d.snapshot, d.committed = &at, nil, &at, nil
					w.Sync = true
				}
			}
			if len(rd.Entries) > 0 {
				if err := g.storage.Append(rd.Entries); err != nil {
					panic(err)
				}
				g.weights.add(rd.Entries)
				w.addEntries(rd.Entries)
			}
			if !raft.IsEmptyHardState(rd.HardState) {
				if err := g.storage.SetHardState(rd.HardState); err != nil {
					panic(err)
				}
				w.HardState = rd.HardState
			}
			w.Sync = w.Sync || rd.MustSync
			leading := g.isLeader()
			for _, m := range rd.Messages {
				if g.repeats(m) {
					continue
				}
				send := g.envelope(m)
				if leading && m.GetType() == raftpb.MsgApp && m.GetTerm() == g.durableTerm && m.GetCommit() <= g.durable {
					d.early = append(d.early, send)
				} else {
					d.late = append(d.late, send)
				}
			}
			d.committed = append(d.committed, rd.CommittedEntries...)
			g.node.Advance(rd)
		}
	})
	g.moved = false
	return d
}

// repeats tells whether a message says nothing but what the leader was told before.
// Raft answers each append, also one that brings no entry and moves the commit
// index: one for each block and follower. Where the answer before was lost the
// leader asks again with each heartbeat, which moves no commit index twice.
func (g *group) repeats(m *raftpb.Message) bool {
	if m.GetType() != raftpb.MsgAppResp || m.GetReject() {
		return false
	}
	if m.GetTerm() != g.acked.Term || m.GetIndex() > g.acked.Index {
		g.acked = Position{Index: m.GetIndex(), Term: m.GetTerm()}
		return false
	}
	return g.moved
}

// written notes what will be on disk before anything else is done.
func (g *group) written() {
	g.durable = g.lastIndex()
	if g.stopped == nil {
		g.durableTerm = g.status().GetTerm()
	}
}

func (w *Write) addEntries(entries []*raftpb.Entry) {
	first := entries[0].GetIndex()
	for i, e := range w.Entries {
		if e.GetIndex() >= first {
			w.Entries = w.Entries[:i]
			break
		}
	}
	w.Entries = append(w.Entries, entries...)
}

// envelope marshals m while its entries cannot change, and adds what the
// receiver's guard asks for.
func (g *group) envelope(m *raftpb.Message) Send {
	var attachment []byte
	to := Member(m.GetTo() - 1)
	class := Control
	switch m.GetType() {
	case raftpb.MsgVote:
		g.grantSelf(m.GetTerm())
	case raftpb.MsgVoteResp:
		if !m.GetReject() {
			attachment = g.sign(grant{Start: g.start, Term: m.GetTerm(), Candidate: uint64(to)})
		}
	case raftpb.MsgHeartbeat:
		attachment = g.proofOf(m.GetTerm())
	case raftpb.MsgApp, raftpb.MsgSnap:
		if len(m.GetEntries()) > 0 {
			class = Blocks
		}
		if g.proven[to] < m.GetTerm() {
			attachment = g.proofOf(m.GetTerm())
		}
	}
	data, err := packRaft(g.start, attachment, m)
	if err != nil {
		panic(fmt.Sprintf("consensus: marshal %v: %v", m.GetType(), err))
	}
	return Send{To: to, Class: class, Data: data}
}

func (g *group) sign(gr grant) keys.Signature {
	sig, err := g.signer.Sign(gr.message())
	if err != nil {
		return nil // without the grant the candidate does not count this vote
	}
	return sig
}

func (g *group) grantSelf(term uint64) {
	if g.grantTerm != term {
		g.grantTerm, g.proof = term, nil
		clear(g.grants)
	}
	if g.grants[g.self] == nil {
		g.grants[g.self] = g.sign(grant{Start: g.start, Term: term, Candidate: uint64(g.self)})
	}
}

// proofOf gives the proof that this node was elected in term.
func (g *group) proofOf(term uint64) []byte {
	if g.grantTerm != term {
		return nil
	}
	if g.proof != nil {
		return g.proof
	}
	p := electionProof{Term: term}
	for m, sig := range g.grants {
		if sig != nil {
			p.Grants = append(p.Grants, ledger.SignerSignature{Validator: uint64(m), Signature: sig})
		}
	}
	if len(p.Grants) < majority(g.members) {
		return nil
	}
	g.proof = ledger.Encode(p)
	return g.proof
}

func (g *group) tick() {
	g.ticks++
	clear(g.answered)
	g.guarded(g.node.Tick)
}

// retrySnapshots tells Raft that snapshots it offered came to nothing, so that
// it probes those members again: a lost MsgSnap would pause them for ever.
func (g *group) retrySnapshots() {
	if !g.isLeader() {
		return
	}
	g.guarded(func() {
		progress := g.node.Status().Progress
		for m := range g.set.Members {
			if pr, ok := progress[raftID(Member(m))]; ok && pr.State == tracker.StateSnapshot {
				g.node.ReportSnapshot(raftID(Member(m)), raft.SnapshotFailure)
			}
		}
	})
}

// propose appends data as this leader's next entry.
func (g *group) propose(data []byte) error {
	err := fmt.Errorf("propose: %w", raft.ErrProposalDropped)
	g.guarded(func() { err = g.node.Propose(data) })
	return err
}

// compact forgets entries up to index, which is at or below a FINAL block.
func (g *group) compact(final, index uint64) (Position, bool) {
	if _, err := g.storage.CreateSnapshot(final, g.voters, nil); err != nil && err != raft.ErrSnapOutOfDate {
		return Position{}, false
	}
	term, err := g.storage.Term(index)
	if err != nil || g.storage.Compact(index) != nil {
		return Position{}, false
	}
	g.weights.compact(index)
	return Position{Index: index, Term: term}, true
}

// installSnapshot steps the parked snapshot offer, remade from the prepare
// certificate of a FINAL block, so that nothing in it is the leader's word. It
// tells whether Raft was behind that block; if not, the offer stays.
func (g *group) installSnapshot(at Position) bool {
	if g.stopped != nil || at.Index <= g.status().GetCommit() {
		return false
	}
	offer := g.parked
	g.parked = nil
	g.guarded(func() {
		_ = g.node.Step(&raftpb.Message{
			Type:     raftpb.MsgSnap.Enum(),
			From:     offer.From,
			To:       offer.To,
			Term:     offer.Term,
			Snapshot: g.snapshotAt(at),
		})
	})
	return true
}

// silence is Raft's logger: what matters reaches people as alarms, status and
// metrics. A fatal condition becomes a panic, which guarded catches.
type silence struct{}

func (silence) Debug(...any)              {}
func (silence) Debugf(string, ...any)     {}
func (silence) Info(...any)               {}
func (silence) Infof(string, ...any)      {}
func (silence) Warning(...any)            {}
func (silence) Warningf(string, ...any)   {}
func (silence) Error(...any)              {}
func (silence) Errorf(string, ...any)     {}
func (silence) Fatal(v ...any)            { panic(fmt.Sprint(v...)) }
func (silence) Fatalf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
func (silence) Panic(v ...any)            { panic(fmt.Sprint(v...)) }
func (silence) Panicf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
