// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
)

// A proposal is a batch in this leader's log that is not yet behind the cursor.
type proposal struct {
	index uint64
	ids   []ledger.Hash
	bytes int
}

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
		c.keepCarried(nil)
		c.queue = nil
		clear(c.blocks)
		c.cursor = c.rebased
		c.next = c.cursor.Height + 1
		c.group.cursor = c.cursor.Index
		cursor := c.cursor
		c.write.Cursor = &cursor
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
	defer func() { c.pool.release(c.taken) }()
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
// reason to: something waits and no batch is under way, or enough waits to fill
// one. So a transaction that comes alone does not wait, and those that come while
// a batch is under way share the next (as small segments do, Nagle, RFC 896): a
// block costs its nodes as much as dozens of transactions.
//
// It must run with nothing left to drain: a batch names its index.
func (c *Core) propose() bool {
	if !c.led || c.now == 0 || c.promised() > c.start.Round || uint64(len(c.inflight)) >= c.cfg.Window {
		return false
	}
	logged := 0
	for _, p := range c.inflight {
		logged += p.bytes
	}
	if logged+c.cfg.BatchBytes > c.cfg.LogBytes {
		return false
	}
	idle := len(c.inflight) == 0 && c.now-c.final.Time >= c.cfg.IdleBlock
	full := c.pool.free >= c.cfg.BatchTransactions || c.pool.weight >= c.cfg.BatchBytes
	if c.pool.free == 0 && !idle || len(c.inflight) > 0 && !full {
		return false
	}
	b := ledger.SignedBatch{
		Batch: ledger.Batch{
			Start: c.id,
			Index: c.group.lastIndex() + 1,
			Term:  c.group.status().GetTerm(),
			Time:  c.now,
		},
		Validator:    uint64(c.cfg.Self),
		Transactions: c.pool.cut(c.cfg.BatchTransactions, c.cfg.BatchBytes),
	}
	p := proposal{index: b.Index}
	for _, tx := range b.Transactions {
		b.Batch.Transactions = append(b.Batch.Transactions, tx.Bytes())
		p.ids = append(p.ids, tx.ID())
	}
	data, err := ledger.SignBatch(c.cfg.Network, b.Batch, b.Validator, c.cfg.Signer)
	if err != nil || c.group.propose(data) != nil {
		c.pool.release(c.taken)
		return false
	}
	c.opened.keep(data, &b)
	p.bytes = len(data)
	c.note(p)
	return true
}

// opened remembers the newest batches that were found to be good, so that a
// batch is decoded once between its arrival and its execution.
type opened struct {
	places [2 * ledger.MaxDescendants]struct {
		data  []byte
		batch *ledger.SignedBatch
	}
}

func (o *opened) keep(data []byte, b *ledger.SignedBatch) {
	s := &o.places[b.Index%uint64(len(o.places))]
	s.data, s.batch = data, b
}

// find gives the batch of exactly these bytes, or nil if it is not remembered.
func (o *opened) find(e *raftpb.Entry) *ledger.SignedBatch {
	s := &o.places[e.GetIndex()%uint64(len(o.places))]
	if s.batch == nil || s.batch.Index != e.GetIndex() || s.batch.Term != e.GetTerm() || !bytes.Equal(s.data, e.GetData()) {
		return nil
	}
	return s.batch
}

func (o *opened) forget(index uint64) {
	s := &o.places[index%uint64(len(o.places))]
	s.data, s.batch = nil, nil
}

// openEntry gives the batch of an entry, or nil if the entry is a no-op. It
// depends on the entry's bytes and the round alone, so every node decides alike.
func (c *Core) openEntry(e *raftpb.Entry) *ledger.SignedBatch {
	if len(e.GetData()) == 0 {
		return nil // a new leader's first entry
	}
	if b := c.opened.find(e); b != nil {
		return b
	}
	// What waits here was decoded and checked when it was submitted.
	b, err := ledger.OpenKnownBatch(c.cfg.Network, c.cfg.Set, e.GetData(), func(raw []byte) *ledger.Transaction {
		return c.pool.find(c.cfg.Network, raw)
	})
	if err != nil || b.Start != c.id || b.Index != e.GetIndex() || b.Term != e.GetTerm() {
		return nil
	}
	var unknown []*ledger.Transaction
	for _, tx := range b.Transactions {
		if !c.pool.holds(tx) {
			unknown = append(unknown, tx)
		}
	}
	for _, good := range c.cfg.Check(unknown) {
		if !good {
			return nil
		}
	}
	c.opened.keep(e.GetData(), b)
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

// dispatch hands blocks over for execution, as far as the window allows: first
// what the round carries, then what Raft has committed.
func (c *Core) dispatch() {
	// A log that is behind the ledger is compared with it at the same pace.
	for c.next <= min(c.final.Height, c.cursor.Height)+c.cfg.Window {
		if c.next > c.final.Height+1 && c.blocks[c.next-1] == nil {
			return // the ledger is behind this log and catches up first
		}
		if carried, ok := c.carries.At(c.next); ok {
			if !c.executeCarried(carried.Hash) {
				return
			}
			continue
		}
		if len(c.queue) == 0 {
			return
		}
		e := c.queue[0]
		c.queue = c.queue[1:]
		b := c.openEntry(e)
		c.opened.forget(e.GetIndex())
		if b == nil {
			continue
		}
		c.blocks[c.next] = &candidate{
			at: Position{Index: e.GetIndex(), Term: e.GetTerm()}, transactions: b.Transactions, sealed: b.Sealed,
		}
		c.seals[e.GetIndex()%uint64(len(c.seals))] = b.Sealed
		c.do(Execute{
			Round: c.start.Round, Height: c.next, Index: e.GetIndex(), Term: e.GetTerm(), Time: b.Time, Transactions: b.Transactions,
		})
		c.next++
	}
}

func (c *Core) executed(e Executed) {
	b := c.blocks[e.Height]
	if b == nil || e.Round != c.start.Round || b.at.Index != e.Index || e.Stale {
		return // answers an Execute from before a snapshot, or of an earlier round
	}
	if e.Conflict {
		c.contradicted(e.Height)
		return
	}
	b.executed, b.header, b.hash = true, e.Header, c.cfg.Network.HeaderHash(e.Header)
	if carried, ok := c.carries.At(e.Height); ok && carried.Hash != b.hash {
		if c.carried[carried.Hash].Header.Parent == b.header.Parent {
			c.diverged(e.Height)
		} else {
			c.contradicted(e.Height) // it stands on another block than is FINAL
		}
		return
	}
	c.moveCursor()
}

// contradicted ends this node's part in the round, whose log does not lead to the
// certified blocks. That is no surprise if they are of a later round: what Raft
// committed here and no quorum prepared was given up.
func (c *Core) contradicted(height uint64) {
	if c.kept == nil || c.kept.Vote.Round <= c.start.Round {
		c.alarm(AlarmConflict, "the certified block %d is not the one that Raft committed here; this node follows as an observer until the next round", height)
	}
	if b := c.blocks[height]; b != nil {
		c.showSeal(b)
	}
	c.conflict = true
	c.observe()
}

// diverged ends this node: the same inputs gave another result here than a quorum
// has signed.
func (c *Core) diverged(height uint64) {
	c.alarm(AlarmDiverged, "block %d gives another result here than the one that a quorum signed; this node stops and keeps its evidence", height)
	c.phase = Halted
	c.observe()
}

// moveCursor passes the blocks that are both FINAL and executed from the log.
func (c *Core) moveCursor() {
	moved := c.passCarried(c.final.Height)
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
	c.write.Cursor, c.group.cursor = &cursor, cursor.Index
	for len(c.inflight) > 0 && c.inflight[0].index <= c.cursor.Index {
		for _, id := range c.inflight[0].ids {
			delete(c.taken, id)
		}
		c.inflight = c.inflight[1:]
	}
	c.truncate()
}

// truncate forgets log entries far below FINAL, a good many at a time: what is
// kept is at most a quarter more than the configuration says, in entries and in
// bytes. A member that needs what is gone comes back by block sync.
func (c *Core) truncate() {
	first, err := c.group.storage.FirstIndex()
	if err != nil {
		return
	}
	w, last := &c.group.weights, c.cursor.Index
	if last < first+c.cfg.KeepEntries+c.cfg.KeepEntries/4 && w.between(first-1, last) <= c.cfg.KeepBytes+c.cfg.KeepBytes/4 {
		return
	}
	keep := min(c.cfg.KeepEntries, w.light(last, c.cfg.KeepBytes))
	if at, ok := c.group.compact(last, last-max(keep, 1)); ok {
		c.write.Truncate = &at
	}
}
