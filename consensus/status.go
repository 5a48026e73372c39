// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import "github.com/ipledger/ipledger/ledger"

// Status is a copy of what people and programs may want to know.
type Status struct {
	Phase     Phase
	Start     ledger.Hash
	Set       uint64
	Round     uint64
	Promised  uint64 // round below which this node votes no more
	Term      uint64
	Leader    Member
	HasLeader bool
	Leading   bool
	Commit    uint64 // raft's
	LastIndex uint64
	Final     uint64
	Executed  uint64 // highest block executed here
	Mempool   int
	PeerFinal []uint64
	Stopped   error // of Raft on this node

	MempoolBytes int // size of the transactions in the mempool
}

// Status tells where the core stands.
func (c *Core) Status() Status {
	s := Status{
		Phase:     c.phase,
		Start:     c.id,
		Set:       c.cfg.Set.Number,
		Round:     c.start.Round,
		Promised:  c.promised(),
		LastIndex: c.group.lastIndex(),
		Final:     c.final.Height,
		Executed:  c.final.Height,
		Mempool:   c.pool.len(),
		PeerFinal: append([]uint64(nil), c.peerFinal...),
		Stopped:   c.group.stopped,
	}
	s.MempoolBytes = c.pool.bytes
	for b := c.blocks[s.Executed+1]; b != nil && b.executed; b = c.blocks[s.Executed+1] {
		s.Executed++
	}
	if c.phase == Active && c.group.stopped == nil {
		raft := c.group.status()
		s.Term, s.Commit = raft.GetTerm(), raft.GetCommit()
		s.Leading = c.group.isLeader()
		if raft.Lead != 0 {
			s.Leader, s.HasLeader = Member(raft.Lead-1), true
		}
	}
	return s
}

// Drops counts the messages that the guard let go, by reason.
func (c *Core) Drops(each func(reason string, count uint64)) {
	for _, why := range []drop{
		dropMalformed, dropGroup, dropType, dropTerm, dropLeader, dropGrant, dropRate, dropShape, dropBounds,
		dropEntry, dropFuture, dropFull, dropSnapshot, dropStopped, dropVote, dropSignature, dropJoining, dropVoter, dropRecovery, dropMuted,
	} {
		each(string(why), c.drops[why])
	}
}
