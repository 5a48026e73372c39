// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// What a round carries is named by hash in its START. Whoever has prepared such a
// block has kept it, through any number of rounds, until the height is FINAL; the
// others ask them for it. It is executed again and voted on before anything that
// the round's own log says.

// keepCarried keeps what this node has executed in the present round and leaves
// now: the blocks that it has prepared, as a later round may carry them, and those
// named.
func (c *Core) keepCarried(named []ledger.Hash) {
	for height := c.final.Height + 1; ; height++ {
		b := c.blocks[height]
		if b == nil || !b.executed {
			return // and so none above it
		}
		own := c.ownVote(height, ledger.Prepare)
		if (own != nil && own.Block == b.hash || slices.Contains(named, b.hash)) && !c.hasCarried(b.hash) {
			c.carry(b.hash, c.blockOf(b))
		}
	}
}

func (c *Core) hasCarried(hash ledger.Hash) bool {
	_, ok := c.carried[hash]
	return ok
}

func (c *Core) carry(hash ledger.Hash, b ledger.Block) {
	c.carried[hash] = b
	c.write.Carried = append(c.write.Carried, b)
}

// blockOf gives an executed candidate as a block.
func (c *Core) blockOf(b *candidate) ledger.Block {
	out := ledger.Block{Header: b.header}
	for _, tx := range ledger.ExecutionOrder(c.cfg.Network, b.header.Parent, b.transactions) {
		out.Transactions = append(out.Transactions, tx.Bytes())
	}
	return out
}

// executeCarried hands over the next block that the round carries. It tells
// whether that is at hand.
func (c *Core) executeCarried(hash ledger.Hash) bool {
	b, ok := c.carried[hash]
	if !ok {
		if c.wanting.block != hash {
			c.wanting = wanting{block: hash, asked: c.cfg.Self, tick: -resendTicks}
			c.askCarried()
		}
		return false
	}
	txs := make([]*ledger.Transaction, len(b.Transactions))
	for i, raw := range b.Transactions {
		tx, err := ledger.DecodeTransaction(c.cfg.Network, raw)
		if err != nil {
			return false // nobody executed it, so no quorum prepared it
		}
		txs[i] = tx
	}
	c.blocks[c.next] = &candidate{at: base, transactions: txs}
	c.do(Execute{
		Round: c.start.Round, Height: c.next, Index: base.Index, Term: base.Term, Time: b.Header.Time, Transactions: txs,
	})
	c.next++
	return true
}

// askCarried asks the next member for the block that is wanted, until it is there.
func (c *Core) askCarried() {
	w := &c.wanting
	if w.block.IsZero() || c.hasCarried(w.block) || !slices.Contains(c.start.Carried, w.block) || c.ticks-w.tick < resendTicks {
		return
	}
	if w.asked = (w.asked + 1) % Member(len(c.cfg.Set.Members)); w.asked == c.cfg.Self {
		w.asked = (w.asked + 1) % Member(len(c.cfg.Set.Members))
	}
	w.tick = c.ticks
	c.tell(w.asked, wantMessage, want{Block: w.block})
}

// give answers a want, if this node has the block.
func (c *Core) give(to Member, payload []byte) drop {
	var w want
	if ledger.Decode(payload, maxControl, &w) != nil {
		return dropMalformed
	}
	if c.given[to]++; c.given[to] > int(c.cfg.Window) {
		return dropRate // to make a block ready takes time
	}
	if b, ok := c.carried[w.Block]; ok {
		c.tell(to, blockMessage, b)
		return dropNone
	}
	for h := c.final.Height + 1; c.blocks[h] != nil && c.blocks[h].executed; h++ {
		if c.blocks[h].hash == w.Block {
			c.tell(to, blockMessage, c.blockOf(c.blocks[h]))
		}
	}
	return dropNone
}

// acceptCarried takes the wanted block, from whomever it comes.
func (c *Core) acceptCarried(payload []byte) drop {
	var b ledger.Block
	if ledger.Decode(payload, ledger.MaxBlock, &b) != nil {
		return dropMalformed
	}
	hash := c.cfg.Network.HeaderHash(b.Header)
	if hash != c.wanting.block || c.hasCarried(hash) {
		return dropNone
	}
	if c.cfg.Network.TransactionRoot(b.Transactions) != b.Header.TransactionRoot {
		return dropRecovery
	}
	c.carry(hash, b)
	return dropNone
}
