// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
)

// A proposal is a batch in this leader's log that is not yet behind the cursor.
type proposal struct {
	index uint64
	ids   []ledger.Hash
	bytes int
}

// maxPipelined is how many batches a leader keeps under way while they are not
// full: later transactions then wait a moment and share a batch.
const maxPipelined = 2

// order turns waiting transactions into log entries and committed log entries
// into blocks to execute.
func (c *Core) order() {
	for {
		c.take(c.group.drain(&c.write))
		c.lead()
		if c.group.stopped != nil {
			c.alarm(AlarmRaft, "%v; this node goes on as an observer", c.group.stopped)
			c.observe()
			return
		}
		if !c.propose() {
			break
		}
	}
	c.dispatch()
}

func (c *Core) take(d drained) {
	for _, s := range d.early {
		c.early = append(c.early, s)
	}
	for _, s := range d.late {
		c.do(s)
	}
	if d.snapshot != nil {
		// The log now begins at a FINAL block: see sync.go.
		c.queue = nil
		clear(c.blocks)
		c.next = c.final.Height + 1
		c.cursor = Cursor{Height: c.final.Height, Index: d.snapshot.Index}
		c.write.Cursor = &c.cursor
	}
	c.queue = append(c.queue, d.committed...)
}

// lead notes whether this node became or ceased to be leader. A new leader
// counts what its log already holds, so that nothing is proposed twice.
func (c *Core) lead() {
	leading := c.group.isLeader()
	if leading == c.led {
		return
	}
	c.led = leading
	c.inflight = nil
	clear(c.taken)
	if !leading {
		return
	}
	for _, e := range c.group.entries(c.cursor.Index) {
		if b := c.openEntry(e); b != nil {
			p := proposal{index: e.GetIndex(), bytes: len(e.GetData())}
			for _, tx := range b.Transactions {
				p.ids = append(p.ids, tx.ID())
			}
			c.note(p)
		}
	}
}

func (c *Core) note(p proposal) {
	c.inflight = append(c.inflight, p)
	for _, id := range p.ids {
		c.taken[id] = true
	}
}

// propose offers one batch to Raft, if it is this node's turn to and there is
// reason to. It must run with nothing left to drain: a batch names its index.
func (c *Core) propose() bool {
	if !c.led || c.now == 0 || uint64(len(c.inflight)) >= c.cfg.Window {
		return false
	}
	logged := 0
	for _, p := range c.inflight {
		logged += p.bytes
	}
	if logged+c.cfg.BatchBytes > c.cfg.LogBytes {
		return false
	}
	txs := c.pool.cut(c.cfg.BatchTransactions, c.cfg.BatchBytes, func(id ledger.Hash) bool { return c.taken[id] })
	idle := len(c.inflight) == 0 && c.now-c.final.Time >= c.cfg.IdleBlock
	full := len(txs) == c.cfg.BatchTransactions
	if len(txs) == 0 && !idle || len(c.inflight) >= maxPipelined && !full {
		return false
	}
	b := ledger.Batch{
		Start:        c.start,
		Index:        c.group.lastIndex() + 1,
		Term:         c.group.status().GetTerm(),
		Time:         c.now,
		Transactions: txs,
	}
	data, err := ledger.SignBatch(c.cfg.Network, b, uint64(c.cfg.Self), c.cfg.Signer)
	if err != nil || c.group.propose(data) != nil {
		return false // the transactions stay in the mempool
	}
	p := proposal{index: b.Index, bytes: len(data)}
	for _, raw := range txs {
		if tx, err := ledger.DecodeTransaction(c.cfg.Network, raw); err == nil {
			p.ids = append(p.ids, tx.ID())
		}
	}
	c.note(p)
	return true
}

// openEntry gives the batch of an entry, or nil if the entry is a no-op. It
// depends on the entry's bytes and the round alone, so every node decides alike.
func (c *Core) openEntry(e *raftpb.Entry) *ledger.SignedBatch {
	if len(e.GetData()) == 0 {
		return nil // a new leader's first entry
	}
	b, err := ledger.OpenBatch(c.cfg.Network, c.cfg.Set, e.GetData())
	if err != nil || b.Start != c.start || b.Index != e.GetIndex() || b.Term != e.GetTerm() {
		return nil
	}
	for _, good := range c.cfg.Check(b.Transactions) {
		if !good {
			return nil
		}
	}
	return b
}

// judge is the guard's question about an entry of a peer. What would be a no-op
// is refused for ever; what is ahead of time is refused until its time comes.
func (c *Core) judge(e *raftpb.Entry) drop {
	if len(e.GetData()) == 0 {
		return dropNone
	}
	b := c.openEntry(e)
	if b == nil {
		return dropEntry
	}
	if b.Time > c.now+maxFutureBatch {
		return dropFuture
	}
	return dropNone
}

// dispatch hands committed blocks over for execution, as far as the window
// allows.
func (c *Core) dispatch() {
	for len(c.queue) > 0 && c.next <= c.final.Height+c.cfg.Window {
		if c.next > c.final.Height+1 && c.blocks[c.next-1] == nil {
			return // the ledger is behind this log and catches up first
		}
		e := c.queue[0]
		c.queue = c.queue[1:]
		b := c.openEntry(e)
		if b == nil {
			continue
		}
		c.blocks[c.next] = &candidate{at: Position{Index: e.GetIndex(), Term: e.GetTerm()}}
		c.do(Execute{Height: c.next, Index: e.GetIndex(), Term: e.GetTerm(), Time: b.Time, Transactions: b.Transactions})
		c.next++
	}
}

func (c *Core) executed(e Executed) {
	b := c.blocks[e.Height]
	if b == nil || b.at.Index != e.Index || e.Stale {
		return // answers an Execute from before a snapshot
	}
	if e.Conflict {
		c.alarm(AlarmConflict, "Raft committed another block %d here than the certified one; this node follows as an observer", e.Height)
		c.observe()
		return
	}
	b.executed, b.header, b.hash = true, e.Header, c.cfg.Network.HeaderHash(e.Header)
	c.moveCursor()
}

// moveCursor passes the blocks that are both FINAL and executed from the log.
func (c *Core) moveCursor() {
	moved := false
	for c.cursor.Height < c.final.Height {
		b := c.blocks[c.cursor.Height+1]
		if b == nil || !b.executed {
			break
		}
		delete(c.blocks, c.cursor.Height+1)
		c.cursor = Cursor{Height: c.cursor.Height + 1, Index: b.at.Index}
		moved = true
	}
	if !moved {
		return
	}
	cursor := c.cursor
	c.write.Cursor = &cursor
	for len(c.inflight) > 0 && c.inflight[0].index <= c.cursor.Index {
		for _, id := range c.inflight[0].ids {
			delete(c.taken, id)
		}
		c.inflight = c.inflight[1:]
	}
	c.truncate()
}

// truncate forgets log entries far below FINAL, a good many at a time.
func (c *Core) truncate() {
	first, err := c.group.storage.FirstIndex()
	if err != nil || c.cursor.Index < first+c.cfg.KeepEntries+c.cfg.KeepEntries/4 {
		return
	}
	if at, ok := c.group.compact(c.cursor.Index, c.cursor.Index-c.cfg.KeepEntries); ok {
		c.write.Truncate = &at
	}
}
