// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"slices"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/consensus/rules"
	"github.com/ipledger/ipledger/ledger"
)

// A round is this node's part in one round of its set: a Raft group with a log of
// its own, the blocks that follow from it, and the votes on these. Nothing of it
// is of use in another round but what the next START carries, see keepCarried.
type round struct {
	start   ledger.Start
	id      ledger.Hash // hash of start
	carries rules.Start // the same, as the rules see it
	group   *group

	// Raft's log, as far as it has been turned into blocks. Entries up to
	// cursor.Index lead to cursor.Height, which is FINAL; from there on to
	// next-1 there are candidates. What the round carries comes before the log.
	queue    []*raftpb.Entry // committed, waiting for the window
	next     uint64          // height of the next block
	cursor   Cursor
	rebased  Cursor // where a snapshot that was stepped puts the cursor
	blocks   map[uint64]*candidate
	conflict bool // Raft committed another block here than the certified one

	votes map[slot][]*heldVote // by member

	seals [128]ledger.SignedSeal // of the newest batches that became blocks, by index

	led      bool // was leader at the end of the last step
	opened   opened
	inflight []proposal
	taken    map[ledger.Hash]bool // ids in inflight
}

// A candidate is a block of the round that is not yet behind the cursor.
type candidate struct {
	at           Position // in the log; base for what the round carries
	transactions []*ledger.Transaction
	sealed       ledger.SignedSeal // by the leader; zero for what the round carries
	shown        bool              // to the others, see showSeal
	executed     bool
	header       ledger.Header
	hash         ledger.Hash
	prepared     *ledger.Certificate
	certificate  *ledger.Certificate
}

// newRound takes up a round where a consensus database left it; with nothing
// saved it begins it.
func newRound(cfg Config, start ledger.Start, saved Saved, final uint64) (round, error) {
	r := round{
		start:   start,
		id:      cfg.Network.StartHash(start),
		carries: carriedBy(start),
		cursor:  saved.Cursor,
		blocks:  make(map[uint64]*candidate),
		votes:   make(map[slot][]*heldVote),
		taken:   make(map[ledger.Hash]bool),
	}
	if r.cursor == (Cursor{}) {
		r.cursor = Cursor{Height: start.Height, Index: base.Index}
	}
	r.passCarried(final)
	r.next = r.cursor.Height + 1
	voters := start.Voters
	if voters == 0 {
		voters = ledger.AllVoters(cfg.Set)
	}
	var err error
	r.group, err = newGroup(cfg, r.id, voters, saved)
	return r, err
}

// carriedBy gives a START as the rules see it. Each block that a round carries is
// a child of the one before.
func carriedBy(s ledger.Start) rules.Start {
	out := rules.Start{
		Epoch: rules.Epoch{Set: s.Set, Round: s.Round},
		Base:  rules.Block{Height: s.Height, Hash: s.Base},
	}
	top := out.Base
	for _, hash := range s.Carried {
		top = rules.Block{Height: top.Height + 1, Hash: hash, Parent: top.Hash}
		out.Carried = append(out.Carried, top)
	}
	return out
}

// passCarried moves the cursor over what the round carries and is FINAL already.
// It tells whether there was anything to pass.
func (r *round) passCarried(final uint64) bool {
	passed := false
	for r.cursor.Height < final {
		if _, ok := r.carries.At(r.cursor.Height + 1); !ok {
			break
		}
		r.cursor.Height++
		delete(r.blocks, r.cursor.Height)
		r.next = max(r.next, r.cursor.Height+1)
		passed = true
	}
	return passed
}

// outdated tells that this node can do nothing more in its round: a certificate of a
// later one shows that a quorum has left it, or FINAL is another block than the round
// carries there. What its log says does not matter any more.
func (c *Core) outdated() bool {
	if c.kept != nil && c.kept.Vote.Round > c.start.Round {
		return true
	}
	at, ok := c.carries.At(c.final.Height)
	if c.final.Height == c.carries.Base.Height {
		at, ok = c.carries.Base, true
	}
	return ok && at.Hash != c.finalHash
}

// begin leaves the present round for the one of a START that this node has found
// valid. All of it is one synced write: after a crash the node is in the one round
// or in the other.
func (c *Core) begin(s *ledger.SignedStart) {
	c.keepCarried(s.Start.Carried)
	next, err := newRound(c.cfg, s.Start, Saved{}, c.final.Height)
	if err != nil {
		panic(err) // an empty log has no faults
	}
	c.round = next
	c.conflict = c.outdated()
	// What Raft asked for in this step is moot: neither written nor said.
	w := &c.write
	w.HardState, w.Entries, w.Snapshot, w.Truncate, w.Cursor = nil, nil, nil, nil, nil
	w.Start, w.Sync = s, true
	c.early = nil
	c.late = slices.DeleteFunc(c.late, func(e Effect) bool {
		send, ok := e.(Send)
		return ok && messageKind(send.Data[0]) == raftMessage && send.Class != Transactions
	})
	c.begun, c.starting, c.stirred = s, nil, c.ticks
	clear(c.intents)
	c.pool.release(c.taken)
	switch {
	case c.barred || c.phase == Halted || c.phase == Joining:
	case c.group.votes(c.cfg.Self) && !c.conflict:
		c.phase = Active
	default:
		c.phase = Observer
	}
	if s.Validator == uint64(c.cfg.Self) {
		c.broadcast(startMessage, *s)
	}
}
