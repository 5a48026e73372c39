// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/ledger"
)

// A node that is behind fetches certified blocks from any member that says it
// has them, and believes nothing but their certificates. That serves a node
// that was away, one whose Raft log no longer reaches back, and an observer.

type fetching struct {
	from     Member
	deadline int  // tick
	waiting  bool // for an answer
}

const (
	patienceTicks = 3  // without a new FINAL block before a small gap is fetched
	fetchTicks    = 20 // before another member is asked
)

// best is the height that the most advanced other member claims.
func (c *Core) best() uint64 {
	best := uint64(0)
	for _, h := range c.peerFinal {
		best = max(best, h)
	}
	return best
}

// follow asks for blocks if this node is behind and does not move by itself.
func (c *Core) follow() {
	if c.fetching != nil && c.ticks < c.fetching.deadline || c.phase == Halted || c.finalizing > c.final.Height {
		return
	}
	if c.fetching != nil && c.fetching.waiting {
		c.fetching.waiting, c.silent[c.fetching.from] = false, true
	}
	c.rebase()
	if c.group.parked != nil && c.phase == Active {
		// Everyone may be at this height: only the certificate is missing.
		if _, ok := c.prepared[c.final.Height]; !ok && c.final.Height > 0 {
			c.fetch(c.final.Height)
			return
		}
	}
	best := c.best()
	stuck := c.phase != Active || c.ticks-c.finalTick >= patienceTicks || c.group.parked != nil
	if best > c.final.Height+c.cfg.Window || best > c.final.Height && stuck {
		c.fetch(c.final.Height + 1)
	}
}

// fetch asks the next member in turn that has the block of height. One that did
// not answer is not asked again until it is heard of: a dead one would cost a
// deadline in each turn.
func (c *Core) fetch(height uint64) {
	n := Member(len(c.cfg.Set.Members))
	first := c.cfg.Self
	if c.fetching != nil {
		first = c.fetching.from
	}
	for i := Member(1); i <= n; i++ {
		m := (first + i) % n
		if m != c.cfg.Self && c.peerFinal[m] >= height && !c.silent[m] {
			c.fetching = &fetching{from: m, deadline: c.ticks + fetchTicks, waiting: true}
			c.do(Fetch{From: m, Height: height})
			return
		}
	}
}

func (c *Core) fetched(e Fetched) {
	if c.fetching == nil || c.fetching.from != e.From {
		return
	}
	c.fetching.waiting = false
	c.silent[e.From] = e.Failed
	if e.Failed || len(e.Blocks) == 0 || c.phase == Halted {
		c.fetching.deadline = c.ticks // another member, at the next tick
		return
	}
	trust := ledger.Trust{Network: c.cfg.Network, Sets: []ledger.ValidatorSet{c.cfg.Set}}
	parent := ledger.Hash{}
	for _, b := range e.Blocks {
		if b.Block.Header.Height <= c.finalizing {
			parent = c.cfg.Network.HeaderHash(b.Block.Header)
			if b.Block.Header == c.final {
				c.takePrepared(b)
			}
			continue // made FINAL here in the meantime
		}
		if b.Block.Header != b.Proof.Header || b.Block.Header.Height != c.finalizing+1 ||
			!parent.IsZero() && b.Block.Header.Parent != parent || b.Proof.Check(trust) != nil ||
			c.cfg.Network.TransactionRoot(b.Block.Transactions) != b.Block.Header.TransactionRoot {
			c.drops[dropVote]++
			c.fetching.deadline = c.ticks
			return
		}
		parent = c.cfg.Network.HeaderHash(b.Block.Header)
		c.takePrepared(b)
		c.finalizing = b.Block.Header.Height
		c.do(Adopt{b})
	}
	c.fetching.deadline = c.ticks
}

// takePrepared keeps the prepare certificate that came with a block, if it is one of
// that block, from when the block is stored: until then a statement must tell of the
// certificate that this node has committed on.
func (c *Core) takePrepared(b CertifiedBlock) {
	if len(b.Prepared) == 1 && b.Prepared[0].Check(c.cfg.Network, c.cfg.Set, ledger.Prepare, b.Block.Header) == nil {
		p := ledger.PreparedBlock{Header: b.Block.Header, Certificate: b.Prepared[0]}
		if b.Block.Header == c.final {
			c.keepPrepared(p.Header, p.Certificate)
		} else {
			c.came[p.Header.Height] = p
		}
	}
}

// caughtUp goes on after a block was stored: with the next fetch if all fetched
// blocks are in, or with Raft if its log no longer reaches back.
func (c *Core) caughtUp() {
	if c.final.Height < c.finalizing {
		return
	}
	c.rebase()
	if c.fetching != nil && c.best() > c.final.Height+c.cfg.Window {
		c.fetch(c.final.Height + 1)
		return
	}
	c.fetching = nil
}

// rebase lets Raft go on from the newest FINAL block, if a leader has offered a
// snapshot and that block is beyond what Raft has here. It is tried again with
// time, since the offer may come to a node that has all FINAL blocks already,
// and without whom there may be no further one.
func (c *Core) rebase() {
	if c.group.parked == nil || c.phase != Active {
		return
	}
	p, ok := c.prepared[c.final.Height]
	at := p.Certificate.Vote
	if !ok || at.Start != c.id {
		return
	}
	if c.group.installSnapshot(Position{Index: at.Index, Term: at.Term}) {
		c.rebased = Cursor{Height: c.final.Height, Index: at.Index}
	}
}
