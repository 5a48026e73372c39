// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
)

// The guard stands in front of RawNode.Step. All it does is drop messages,
// under which Raft is safe by construction. It refuses for ever only what could
// never be right: entries from the future are merely held back, and nothing is
// refused for being old or for what the state says.

const (
	maxTermLead    = 1000 // terms ahead of this node's that a message may be
	maxFutureBatch = 2000 // ms that a batch may be ahead of this node's clock
	maxProof       = 8 << 10

	// Anyone may say that there is a newer term, and must be believed, as that is
	// how a node finds back that missed an election; but not all the time. Each
	// time costs the node its leader, or the time it has waited for an election,
	// and a time-out is at most two of the least ones. In least election time-outs,
	// for one member: once in how many it may make a leader step down, and twice in
	// how many it may take a node without a leader to a newer term.
	stepDownEvery = 10
	standEvery    = 5

	// Answers upon which a leader sends a member what it lacks, perhaps megabytes
	// of it: so many of a member in one tick. An honest one that is refused answers
	// the next heartbeat, too.
	maxAnswers = 4
)

// A drop is the reason for which the guard let a message go, for metrics.
type drop string

const (
	dropNone      drop = ""
	dropMalformed drop = "malformed"
	dropGroup     drop = "other_group"
	dropType      drop = "type"
	dropTerm      drop = "term"
	dropLeader    drop = "unproven_leader"
	dropGrant     drop = "grant"
	dropRate      drop = "rate"
	dropShape     drop = "shape"
	dropBounds    drop = "bounds"
	dropEntry     drop = "entry"
	dropFuture    drop = "future"
	dropFull      drop = "log_full" // held back until FINAL moves
	dropSnapshot  drop = "snapshot_parked"
	dropStopped   drop = "raft_stopped"
	dropVote      drop = "vote"
	dropSignature drop = "vote_signature"
	dropJoining   drop = "joining"
	dropVoter     drop = "no_raft_voter"
	dropRecovery  drop = "recovery"
	dropMuted     drop = "muted"
)

// step passes a member's message to Raft if it may. deaf says that the member is not
// listened to as a leader or candidate, judge whether an entry's bytes can be in
// the log of this group.
func (g *group) step(from Member, payload []byte, deaf bool, judge func(*raftpb.Entry) drop) drop {
	if g.stopped != nil {
		return dropStopped
	}
	attachment, raw, err := unpackRaft(payload)
	if err != nil || !modest(raw) {
		return dropMalformed
	}
	m := new(raftpb.Message)
	// What is unknown here would be kept with an entry, in the log and on disk,
	// and weigh nothing.
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(raw, m); err != nil {
		return dropMalformed
	}
	if m.GetTo() != raftID(g.self) {
		return dropMalformed
	}
	if !g.votes(from) {
		return dropVoter
	}
	if deaf && (fromLeader(m) || fromCandidate(m)) {
		return dropMuted
	}
	m.From = proto.Uint64(raftID(from)) // whoever the message says it is from
	m.Context, m.Responses, m.Vote = nil, nil, nil
	if why := g.check(from, m, attachment, judge); why != dropNone {
		return why
	}
	before := g.status()
	g.guarded(func() { _ = g.node.Step(m) }) // what Raft itself refuses is as good as lost
	after := g.status()
	g.moved = m.GetType() == raftpb.MsgApp && len(m.GetEntries()) == 0 && after.GetCommit() > before.GetCommit()
	if after.GetTerm() > before.GetTerm() && !fromLeader(m) {
		g.raised[from] = [2]int{g.raised[from][1], g.ticks}
	}
	return dropNone
}

// modest tells that a message takes memory of the order of its bytes when it is
// decoded: an item of two bytes may become a structure of two hundred, which may
// hold others.
func modest(raw []byte) bool {
	const (
		entries   = protowire.Number(7)
		responses = protowire.Number(14) // what Raft says to its own disk
		shortest  = 4                    // bytes of an entry with an index and a term
	)
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return false
		}
		size := protowire.ConsumeFieldValue(number, kind, raw[n:])
		if size < 0 || number >= responses || number == entries && size <= shortest {
			return false
		}
		raw = raw[n+size:]
	}
	return true
}

// fromLeader tells whether only a leader may say this.
func fromLeader(m *raftpb.Message) bool {
	switch m.GetType() {
	case raftpb.MsgApp, raftpb.MsgHeartbeat, raftpb.MsgSnap:
		return true
	}
	return false
}

func fromCandidate(m *raftpb.Message) bool {
	return m.GetType() == raftpb.MsgVote || m.GetType() == raftpb.MsgPreVote
}

func (g *group) check(from Member, m *raftpb.Message, attachment []byte, judge func(*raftpb.Entry) drop) drop {
	status := g.status()
	if m.GetTerm() == 0 {
		return dropTerm
	}
	if m.GetType() != raftpb.MsgApp && len(m.GetEntries()) > 0 {
		return dropShape
	}
	if m.GetType() != raftpb.MsgSnap && m.GetSnapshot() != nil {
		return dropShape
	}
	if fromLeader(m) {
		if m.GetTerm() < status.GetTerm() {
			return dropNone // Raft answers with the newer term
		}
		// However far ahead: that it was elected shows that the term is one of honest
		// members, and this node must get there.
		if !g.provenLeader(from, m.GetTerm(), attachment) {
			return dropLeader
		}
	}
	switch m.GetType() {
	case raftpb.MsgPreVote:
		if m.GetTerm() > status.GetTerm()+maxTermLead {
			return dropTerm
		}
		return dropNone
	case raftpb.MsgPreVoteResp:
		if m.GetReject() {
			// It tells a node that looks for votes that it has fallen behind.
			return g.checkRaise(from, m, status, status.Lead == raft.None)
		}
		if m.GetTerm() > status.GetTerm()+maxTermLead {
			return dropTerm
		}
		return dropNone
	case raftpb.MsgVote:
		if m.GetTerm() > status.GetTerm()+maxTermLead {
			return dropTerm
		}
		if !g.isLeader() && !g.mayRaise(from, m.GetTerm()) { // a leader ignores it
			return dropRate
		}
		return dropNone
	case raftpb.MsgVoteResp:
		return g.checkGrant(from, m, attachment)
	case raftpb.MsgAppResp:
		// An acknowledgement beyond the own log would make Raft panic later.
		if !m.GetReject() && m.GetIndex() > g.lastIndex() {
			return dropBounds
		}
		if m.GetReject() && !g.mayAnswer(from) {
			return dropRate
		}
		if why := g.checkRaise(from, m, status, g.isLeader()); why != dropNone {
			return why
		}
		g.heard(from, m.GetTerm())
		return dropNone
	case raftpb.MsgHeartbeatResp:
		if m.GetTerm() > status.GetTerm() {
			return dropTerm // it answers this node, who has not been there
		}
		if !g.mayAnswer(from) {
			return dropRate
		}
		g.heard(from, m.GetTerm())
		return dropNone
	case raftpb.MsgHeartbeat:
		if m.GetCommit() > g.lastIndex() {
			return dropBounds
		}
		return dropNone
	case raftpb.MsgSnap:
		if commit := status.GetCommit(); m.GetSnapshot().GetMetadata().GetIndex() <= commit {
			// It is all here. Raft says so, and takes nothing from it.
			m.Snapshot = g.snapshotAt(Position{Index: commit, Term: m.GetTerm()})
			return dropNone
		}
		g.parked = &raftpb.Message{From: m.From, To: m.To, Term: m.Term} // nothing of what it offers
		return dropSnapshot
	case raftpb.MsgApp:
		return g.checkAppend(m, status, judge)
	}
	return dropType
}

func (g *group) heard(from Member, term uint64) {
	if g.isLeader() && term == g.status().GetTerm() {
		g.proven[from] = term
	}
}

// mayAnswer tells whether a leader may still be made to send, in this tick.
func (g *group) mayAnswer(from Member) bool {
	g.answered[from]++
	return !g.isLeader() || g.answered[from] <= maxAnswers
}

// checkRaise lets an answer take this node to a newer term where it is needed
// for that. If the term is too far ahead to be believed, the node goes there in
// steps: it may have been away while another member raised the others' terms.
func (g *group) checkRaise(from Member, m *raftpb.Message, status raft.BasicStatus, needed bool) drop {
	if m.GetTerm() <= status.GetTerm() {
		return dropNone
	}
	if !needed {
		return dropTerm // a leader tells as well, and proves it
	}
	if !g.mayRaise(from, m.GetTerm()) {
		return dropRate
	}
	m.Term = proto.Uint64(min(m.GetTerm(), status.GetTerm()+maxTermLead))
	return dropNone
}

// mayRaise tells whether a message of from may take this node to term.
func (g *group) mayRaise(from Member, term uint64) bool {
	if term <= g.status().GetTerm() {
		return true
	}
	last, every := g.raised[from][0], standEvery
	if g.isLeader() {
		last, every = g.raised[from][1], stepDownEvery
	}
	return last == 0 || g.ticks-last >= every*g.electionTicks
}

// checkGrant lets a granted vote count only with its giver's signature.
func (g *group) checkGrant(from Member, m *raftpb.Message, signature []byte) drop {
	if m.GetReject() {
		if m.GetTerm() > g.status().GetTerm() {
			return dropTerm // it answers this node, who has not been there
		}
		return dropNone
	}
	message := grant{Start: g.start, Term: m.GetTerm(), Candidate: uint64(g.self)}.message()
	if m.GetTerm() != g.grantTerm || !g.network.Suite.Verify(g.set.Members[from].Key, message, signature) {
		return dropGrant
	}
	g.grants[from] = append([]byte(nil), signature...)
	return dropNone
}

// provenLeader tells whether from was elected leader of exactly term.
func (g *group) provenLeader(from Member, term uint64, attachment []byte) bool {
	if g.leaderTerm == term {
		return g.leader == from
	}
	if term < g.leaderTerm || len(attachment) == 0 {
		return false
	}
	var p electionProof
	if ledger.Decode(attachment, maxProof, &p) != nil || p.Term != term {
		return false
	}
	if p.check(g.network.Suite, g.set, g.members, g.start, from) != nil {
		return false
	}
	g.leaderTerm, g.leader = term, from
	return true
}

func (g *group) checkAppend(m *raftpb.Message, status raft.BasicStatus, judge func(*raftpb.Entry) drop) drop {
	index, term := m.GetIndex(), m.GetLogTerm()
	if term > m.GetTerm() || index+uint64(len(m.GetEntries())) < index {
		return dropShape
	}
	added, kept, replaced := 0, m.GetIndex(), false
	for _, e := range m.GetEntries() {
		if e.GetType() != raftpb.EntryNormal || e.GetIndex() != index+1 || e.GetTerm() < term || e.GetTerm() > m.GetTerm() {
			return dropShape
		}
		repeated := len(e.GetData()) == 0 && e.GetTerm() == term && index > base.Index
		index, term = e.GetIndex(), e.GetTerm()
		if !replaced && index <= g.lastIndex() {
			stored, err := g.storage.Term(index)
			if err == nil && stored == term {
				kept = index
				continue // already here, and judged then
			}
			if err == nil && index <= status.GetCommit() {
				return dropBounds // would rewrite what is committed
			}
			replaced = err == nil // and everything after it, of whatever term
		}
		if repeated {
			return dropEntry // only the first entry of a term is empty
		}
		if why := judge(e); why != dropNone {
			return why
		}
		added += weight(e)
	}
	if added > 0 && g.weights.between(g.cursor, kept)+added > 2*g.logBytes {
		return dropFull
	}
	return dropNone
}
