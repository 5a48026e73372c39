// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/ledger"
)

// Before a node signs anything it asks the others for the newest vote and the
// newest statement of its key that they have seen. A key that has signed beyond
// this node's own record belongs to a node whose record was lost or put back, and must never vote
// again, as nobody can know what it has signed.

// wiped tells the operator what that means. No set of validators has had another key
// for one of them yet, so nothing is promised.
const wiped = "the database was lost or restored, so this key never votes again; this node follows as an observer and serves " +
	"certified answers; keep the other members running, which must be a quorum without it"

func (c *Core) ask() {
	if c.ticks%statusTicks == 1 {
		c.broadcast(queryMessage, query{Nonce: c.cfg.Nonce})
	}
	c.conclude()
}

func (c *Core) answer(from Member, payload []byte) drop {
	var q query
	if ledger.Decode(payload, maxControl, &q) != nil {
		return dropMalformed
	}
	c.checkNewest(from)
	r := report{Nonce: q.Nonce}
	if v := c.newest[from]; v != nil {
		r.Newest = []ledger.SignedVote{*v}
	}
	if s := c.statements[from]; s != nil {
		r.Stated = ledger.Encode(*s)
	}
	c.tell(from, reportMessage, r)
	return dropNone
}

func (c *Core) hear(from Member, payload []byte) drop {
	var r report
	if ledger.Decode(payload, maxControl, &r) != nil || len(r.Newest) > 1 {
		return dropMalformed
	}
	if r.Nonce != c.cfg.Nonce || c.phase != Joining {
		return dropNone
	}
	if lost, ok := c.forgotten(r.Stated); !ok {
		return dropVote
	} else if lost {
		c.alarm(AlarmWiped, "member %d holds a statement of this node's key that is newer than any in this node's consensus "+
			"database: %s", from, wiped)
		c.barred = true
		c.observe()
		return dropNone
	}
	for _, v := range r.Newest {
		if v.Validator != uint64(c.cfg.Self) || v.Vote.Chain != c.cfg.Network.Chain ||
			v.Check(c.cfg.Network.Suite, c.cfg.Set) != nil {
			return dropVote
		}
		if newer(v.Vote, c.newest[c.cfg.Self]) {
			c.alarm(AlarmWiped, "member %d holds a vote of this node's key for height %d that is newer than any in this node's "+
				"consensus database: %s", from, v.Vote.Height, wiped)
			c.barred = true
			c.observe()
			return dropNone
		}
	}
	c.reported[from] = true
	c.conclude()
	return dropNone
}

// forgotten tells whether a statement in a report is this node's own and newer than
// its newest; not ok if it is none of its own.
func (c *Core) forgotten(raw []byte) (lost, ok bool) {
	if len(raw) == 0 {
		return false, true
	}
	var s ledger.SignedStatement
	if ledger.Decode(raw, ledger.MaxStatement, &s) != nil || s.Statement.Validator != uint64(c.cfg.Self) ||
		s.CheckSigner(c.cfg.Network, c.cfg.Set) != nil {
		return false, false
	}
	return s.Statement.Intent.Round > c.promised(), true
}

// conclude lets the node take part once q-1 others have answered.
func (c *Core) conclude() {
	if c.phase != Joining || c.now == 0 {
		return
	}
	answers := 0
	for _, done := range c.reported {
		if done {
			answers++
		}
	}
	if answers < c.cfg.Set.Quorum()-1 {
		return
	}
	c.phase, c.stirred = Active, c.ticks
	if !c.group.votes(c.cfg.Self) || c.conflict {
		c.observe() // in this round
	}
	if !c.joined {
		c.joined = true
		c.write.Joined, c.write.Sync = true, true
	}
}
