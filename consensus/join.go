// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/ledger"
)

// Before a node signs anything it asks the others for the newest vote of its
// key that they have seen. A key that has voted beyond this node's own record
// belongs to a node whose record was lost or put back, and must never vote
// again, as nobody can know what it has signed.

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
	c.do(Send{To: from, Class: Control, Data: seal(reportMessage, c.start, ledger.Encode(r))})
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
	for _, v := range r.Newest {
		if v.Validator != uint64(c.cfg.Self) || v.Vote.Chain != c.cfg.Network.Chain ||
			v.Check(c.cfg.Network.Suite, c.cfg.Set) != nil {
			return dropVote
		}
		if newer(v.Vote, c.newest[c.cfg.Self]) {
			c.alarm(AlarmWiped, "member %d holds a vote of this node's key for height %d that is newer than any in this node's "+
				"consensus database: the database was lost or restored; this node follows as an observer until its key is rotated",
				from, v.Vote.Height)
			c.observe()
			return dropNone
		}
	}
	c.reported[from] = true
	c.conclude()
	return dropNone
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
	c.phase = Active
	if !c.joined {
		c.joined = true
		c.write.Joined, c.write.Sync = true, true
	}
}
