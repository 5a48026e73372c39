// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A chain is the simulated ledger of one node. It does its jobs one after the
// other, each in its own time, and answers in that order. FINAL blocks are
// durable; blocks executed above them are lost at a crash.
type chain struct {
	node  *node
	final []*block // by height
	above []*block // executed and not FINAL, the first one on top of final
	took  map[ledger.Hash]bool
	owner map[string]ledger.Hash // of a name, the transaction that claimed it
	jobs  []consensus.Effect     // Execute, Finalize, Adopt; the first one is under way
	ended bool                   // has diverged and does nothing more
}

// A block is one that this node executed.
type block struct {
	ledger.Block
	hash    ledger.Hash
	ids     []ledger.Hash // of all its transactions
	took    []ledger.Hash // of those that had an outcome
	won     []claim
	history *ledger.History
	proof   ledger.Certified // once FINAL
}

// A claim of a name is what only the first may win, as with the pledge of a
// right.
type claim struct {
	name string
	by   ledger.Hash
}

func newChain(n *node) *chain {
	genesis := &block{hash: n.w.genesisHash, history: ledger.NewHistory(n.w.network.Suite).Append(n.w.genesisHash)}
	genesis.Header = n.w.genesis
	return &chain{node: n, final: []*block{genesis}, took: make(map[ledger.Hash]bool), owner: make(map[string]ledger.Hash)}
}

func (c *chain) head() *block { return c.final[len(c.final)-1] }

// proof is the certificate of the newest FINAL block, nil at genesis.
func (c *chain) proof() *ledger.Certificate {
	if c.height() == 0 {
		return nil
	}
	return &c.head().proof.Certificate
}

// past tells that a transaction has taken effect or can no longer do so; a node lets
// its core know of none of these.
func (c *chain) past(tx *ledger.Transaction) bool {
	return c.took[tx.ID()] || tx.Body().ValidUntil < c.head().Header.Time
}

func (c *chain) height() uint64 { return c.head().Header.Height }

// do queues a job.
func (c *chain) do(job consensus.Effect) {
	c.jobs = append(c.jobs, job)
	if len(c.jobs) == 1 {
		c.begin()
	}
}

// begin starts the first job's time.
func (c *chain) begin() {
	w, life := c.node.w, c.node.life
	took := w.between(100, 800)
	if _, ok := c.jobs[0].(consensus.Execute); !ok {
		took += c.node.syncTime()
	}
	w.after(took, func() {
		if c.node.life != life {
			return
		}
		if _, ok := c.jobs[0].(consensus.Execute); !ok && c.node.full {
			w.crash(c.node)
			return
		}
		answers := c.work(c.jobs[0])
		c.jobs = c.jobs[1:]
		c.node.mutateChain()
		if len(c.jobs) > 0 {
			c.begin()
		}
		for _, answer := range answers {
			if c.node.life == life { // one answer may lead to a crash before the next
				c.node.receive(answer)
			}
		}
	})
}

// crash drops what is in memory. A block that was being written is durable or
// absent, and nobody has been told.
func (c *chain) crash() {
	if len(c.jobs) > 0 && c.node.w.chance(0.5) {
		if _, ok := c.jobs[0].(consensus.Execute); !ok {
			c.work(c.jobs[0])
		}
	}
	c.jobs, c.above = nil, nil
}

// restore goes back to an older height, which the node then announces anew.
func (c *chain) restore(height uint64) {
	c.final = c.final[:height+1]
	clear(c.took)
	clear(c.owner)
	for _, b := range c.final {
		c.apply(b)
	}
	c.node.announced = min(c.node.announced, height)
}

func (c *chain) work(job consensus.Effect) []consensus.Event {
	if c.ended {
		return nil
	}
	switch j := job.(type) {
	case consensus.Execute:
		return []consensus.Event{c.execute(j)}
	case consensus.Finalize:
		var out []consensus.Event
		for _, p := range j.Proofs {
			out = append(out, c.finalize(p)...)
		}
		return out
	case consensus.Adopt:
		return c.adopt(j.CertifiedBlock)
	}
	panic(fmt.Sprintf("sim: the ledger has no job %T", job))
}

// below gives the block that a block of height stands on, or nil.
func (c *chain) below(height uint64) *block {
	if height == 0 {
		return nil
	}
	if parent := height - 1; parent <= c.height() {
		return c.final[parent]
	} else if i := parent - c.height() - 1; i < uint64(len(c.above)) {
		return c.above[i]
	}
	return nil
}

func (c *chain) execute(e consensus.Execute) consensus.Executed {
	answer := consensus.Executed{Round: e.Round, Height: e.Height, Index: e.Index}
	parent := c.below(e.Height)
	if parent == nil {
		answer.Stale = true
		return answer
	}
	if e.Height <= c.height() {
		got := c.inputs(parent, e.Time, e.Transactions)
		want := c.final[e.Height].Header
		answer.Header = want
		answer.Conflict = got.TransactionRoot != want.TransactionRoot || got.Time != want.Time
		return answer
	}
	b := c.run(parent, e.Time, e.Transactions)
	c.above = append(c.above[:e.Height-c.height()-1], b)
	answer.Header = b.Header
	c.node.w.judge.executed(c.node, b)
	c.node.mutateVotes(b)
	return answer
}

// inputs is a header as far as it is known before execution.
func (c *chain) inputs(parent *block, time int64, txs []*ledger.Transaction) ledger.Header {
	n := c.node.w.network
	return ledger.Header{
		Version:         ledger.HeaderVersion,
		Chain:           n.Chain,
		Set:             c.node.w.set.Number,
		Height:          parent.Header.Height + 1,
		Parent:          parent.hash,
		Time:            max(parent.Header.Time+1, time),
		TransactionRoot: n.TransactionRoot(bytesOf(ledger.ExecutionOrder(n, parent.hash, txs))),
	}
}

func bytesOf(txs []*ledger.Transaction) [][]byte {
	raw := make([][]byte, len(txs))
	for i, t := range txs {
		raw[i] = t.Bytes()
	}
	return raw
}

// apply makes the state that of after a FINAL block.
func (c *chain) apply(b *block) {
	for _, id := range b.took {
		c.took[id] = true
	}
	for _, won := range b.won {
		c.owner[won.name] = won.by
	}
	c.node.mutateState(b)
}

// run executes: the state is a hash over the ids of all transactions that ever
// had an outcome, in their order. Duplicate and expired ones are void, and the claim
// of a name that is taken is rejected.
func (c *chain) run(parent *block, time int64, txs []*ledger.Transaction) *block {
	n := c.node.w.network
	ordered := ledger.ExecutionOrder(n, parent.hash, txs)
	b := &block{Block: ledger.Block{Header: c.inputs(parent, time, txs), Transactions: bytesOf(ordered)}}
	state := append([]byte("state"), parent.Header.StateRoot[:]...)
	receipts := []byte("receipts")
	for _, t := range ordered {
		id := t.ID()
		b.ids = append(b.ids, id)
		if c.known(id, b.Header.Height) || slices.Contains(b.took, id) || t.Body().ValidUntil < b.Header.Time {
			receipts = append(receipts, byte(ledger.Void))
			continue
		}
		outcome := ledger.Final
		if name := claimed(t); name != "" {
			if c.taken(name, b) {
				outcome = ledger.Rejected
			} else {
				b.won = append(b.won, claim{name, id})
			}
		}
		b.took = append(b.took, id)
		state = append(append(state, id[:]...), byte(outcome))
		receipts = append(receipts, byte(outcome))
	}
	b.Header.StateRoot, b.Header.ReceiptsRoot = n.Suite.Sum(state), n.Suite.Sum(receipts)
	b.Header.HistoryRoot, b.Header.ExecutionVersion = parent.history.Root(), 1
	b.hash = n.HeaderHash(b.Header)
	b.history = parent.history.Append(b.hash)
	return b
}

// known tells whether a transaction took effect below height.
func (c *chain) known(id ledger.Hash, height uint64) bool {
	if c.took[id] {
		return true
	}
	for _, b := range c.above {
		if b.Header.Height < height && slices.Contains(b.took, id) {
			return true
		}
	}
	return false
}

// taken tells whether a name was claimed below or in the block that is executed.
func (c *chain) taken(name string, in *block) bool {
	has := func(b *block) bool {
		return slices.ContainsFunc(b.won, func(won claim) bool { return won.name == name })
	}
	if _, ok := c.owner[name]; ok || has(in) {
		return true
	}
	for _, b := range c.above {
		if b.Header.Height < in.Header.Height && has(b) {
			return true
		}
	}
	return false
}

// finalize stores the executed block of a proof.
func (c *chain) finalize(p ledger.Certified) []consensus.Event {
	if p.Header.Height <= c.height() {
		return []consensus.Event{c.again(p)}
	}
	if len(c.above) == 0 || c.above[0].Header != p.Header {
		c.node.w.judge.fail(c.node, Contract, "Finalize of block %d, which is not the next one executed here", p.Header.Height)
		return nil
	}
	b := c.above[0]
	c.above = c.above[1:]
	return []consensus.Event{c.store(b, p)}
}

// adopt stores a block of another member. Blocks executed here from its height
// on are kept if it is one of them.
func (c *chain) adopt(b consensus.CertifiedBlock) []consensus.Event {
	if b.Block.Header.Height <= c.height() {
		return []consensus.Event{c.again(b.Proof)}
	}
	parent := c.head()
	if b.Block.Header.Height != c.height()+1 || b.Block.Header.Parent != parent.hash {
		c.node.w.judge.fail(c.node, Contract, "Adopt of block %d, which is not a child of block %d", b.Block.Header.Height, c.height())
		return nil
	}
	var txs []*ledger.Transaction
	for _, raw := range b.Block.Transactions {
		t, err := c.node.w.decode(raw)
		if err != nil {
			c.node.w.judge.fail(c.node, Contract, "Adopt of block %d: %v", b.Block.Header.Height, err)
			return nil
		}
		txs = append(txs, t)
	}
	if len(c.above) > 0 {
		if c.above[0].Header == b.Block.Header {
			done := c.above[0]
			c.above = c.above[1:]
			return []consensus.Event{c.store(done, b.Proof)}
		}
		c.above = nil
	}
	done := c.run(parent, b.Block.Header.Time, txs)
	if done.Header != b.Block.Header {
		c.ended = true
		return []consensus.Event{consensus.Stored{Header: b.Block.Header, Certificate: b.Proof.Certificate, Diverged: true}}
	}
	return []consensus.Event{c.store(done, b.Proof)}
}

func (c *chain) store(b *block, p ledger.Certified) consensus.Stored {
	b.proof = p
	c.node.mutateBlock(b)
	c.final = append(c.final, b)
	c.apply(b)
	c.node.w.judge.stored(c.node, b)
	return consensus.Stored{Header: b.Header, Transactions: b.ids, Certificate: p.Certificate}
}

// again answers for a block that is FINAL already.
func (c *chain) again(p ledger.Certified) consensus.Stored {
	b := c.final[p.Header.Height]
	if b.Header != p.Header {
		c.node.w.judge.fail(c.node, Contract, "block %d is FINAL and was to be made FINAL as another block", p.Header.Height)
	}
	return consensus.Stored{Header: b.Header, Transactions: b.ids, Certificate: b.proof.Certificate}
}

// serve gives certified blocks from height on, as another member asks for them.
func (c *chain) serve(height uint64, limit int) []consensus.CertifiedBlock {
	var out []consensus.CertifiedBlock
	for h := max(height, 1); h <= c.height() && len(out) < limit; h++ {
		b := c.final[h]
		out = append(out, consensus.CertifiedBlock{Block: b.Block, Proof: b.proof, Prepared: c.node.disk.prepared(h)})
	}
	return out
}
