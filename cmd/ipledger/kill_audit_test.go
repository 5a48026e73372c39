// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// An acknowledgement is what a client was told of a transaction: FINAL or
// REJECTED, and nothing less.
type acknowledgement struct {
	id     ledger.Hash
	status api.State
	code   string
	height uint64
}

// A ledgerOfOne is what one node holds after the run.
type ledgerOfOne interface {
	name() string
	top() uint64
	block(height uint64) (storedBlock, error)
}

// A storedBlock is all that a node holds of one height.
type storedBlock struct {
	certified    ledger.Certified // of the genesis block only the header
	transactions [][]byte
	outcomes     [][]byte
	prepared     *ledger.Certificate // what its COMMIT votes rest on, while that is kept
}

// A fault is one way in which the nodes do not hold what they promised.
type fault string

const (
	lost        fault = "lost"         // an acknowledged transaction has no outcome, or no receipt
	doubled     fault = "doubled"      // a transaction has two outcomes
	changed     fault = "changed"      // an outcome is not the acknowledged one
	unasked     fault = "unasked"      // an outcome nobody was told of
	differing   fault = "differing"    // two nodes hold different blocks of one height
	twoHashes   fault = "two hashes"   // certificates for two blocks of one height
	unproved    fault = "unproved"     // a block or a receipt that the genesis file does not prove
	brokenChain fault = "broken chain" // a block does not follow from the one before, or its roots are of other contents
)

// An audit judges what the nodes hold by the genesis file and by what clients
// were told. Its memory grows with the number of transactions and not with
// their size.
type audit struct {
	trust     ledger.Trust
	faults    map[fault]int
	first     []string // the first faults, in words
	certified map[ledger.VoteKind]map[uint64]ledger.Hash
	outcomes  map[ledger.Hash]acknowledgement // as the blocks have them
	receipts  int                             // verified
	heights   uint64
	mu        sync.Mutex
}

func newAudit(trust ledger.Trust) *audit {
	return &audit{
		trust: trust, faults: make(map[fault]int), outcomes: make(map[ledger.Hash]acknowledgement),
		certified: map[ledger.VoteKind]map[uint64]ledger.Hash{ledger.Prepare: {}, ledger.Commit: {}},
	}
}

func (a *audit) fault(f fault, format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.faults[f]++; len(a.first) < 20 {
		a.first = append(a.first, string(f)+": "+fmt.Sprintf(format, args...))
	}
}

// err is nil if there is no fault.
func (a *audit) err() error {
	if len(a.faults) == 0 {
		return nil
	}
	return fmt.Errorf("audit: %v\n%s", a.faults, strings.Join(a.first, "\n"))
}

// walk reads all blocks of all nodes, height by height.
func (a *audit) walk(nodes []ledgerOfOne) error {
	a.heights = nodes[0].top()
	for _, n := range nodes {
		if n.top() != a.heights {
			a.fault(differing, "%s ends at height %d, %s at height %d", n.name(), n.top(), nodes[0].name(), a.heights)
			a.heights = min(a.heights, n.top())
		}
	}
	var parent ledger.Hash
	for height := range a.heights + 1 {
		var hashes []ledger.Hash
		for i, n := range nodes {
			b, err := n.block(height)
			if err != nil {
				return fmt.Errorf("%s: %w", n.name(), err)
			}
			if height > 0 { // the genesis file proves the first
				a.certificates(n, b)
				a.contents(n, b)
			}
			hashes = append(hashes, a.trust.HeaderHash(b.certified.Header))
			if hashes[i] != hashes[0] {
				a.fault(differing, "height %d: %s holds %v with state %v, %s holds %v", height, n.name(), hashes[i], b.certified.Header.StateRoot, nodes[0].name(), hashes[0])
			}
			if b.certified.Header.Height != height || b.certified.Header.Parent != parent {
				a.fault(brokenChain, "%s: the block at height %d says it is %d on %v, below is %v", n.name(), height, b.certified.Header.Height, b.certified.Header.Parent, parent)
			}
			if i == 0 {
				a.count(b)
			}
		}
		parent = hashes[0]
	}
	return nil
}

// certificates verifies what makes a block FINAL, and notes which hash it says
// the height has.
func (a *audit) certificates(n ledgerOfOne, b storedBlock) {
	header := b.certified.Header
	if err := b.certified.Check(a.trust); err != nil {
		a.fault(unproved, "%s: height %d: %v", n.name(), header.Height, err)
		return
	}
	// A certificate speaks for every header that it was reached by.
	for _, h := range append([]ledger.Header{header}, b.certified.Descendants...) {
		a.certify(n, ledger.Commit, h)
	}
	if b.prepared == nil {
		return
	}
	if err := b.prepared.Check(a.trust.Network, a.trust.Sets[header.Set], ledger.Prepare, header); err != nil {
		a.fault(unproved, "%s: height %d, prepare certificate: %v", n.name(), header.Height, err)
		return
	}
	a.certify(n, ledger.Prepare, header)
}

func (a *audit) certify(n ledgerOfOne, kind ledger.VoteKind, h ledger.Header) {
	hash := a.trust.HeaderHash(h)
	if other, ok := a.certified[kind][h.Height]; ok && other != hash {
		a.fault(twoHashes, "height %d: %s holds a certificate of %v votes for %v, another node one for %v", h.Height, n.name(), kind, hash, other)
	}
	a.certified[kind][h.Height] = hash
}

// contents holds a block against the roots of its header.
func (a *audit) contents(n ledgerOfOne, b storedBlock) {
	header := b.certified.Header
	if a.trust.TransactionRoot(b.transactions) != header.TransactionRoot {
		a.fault(brokenChain, "%s: height %d holds other transactions than its header says", n.name(), header.Height)
	}
	if ledger.MerkleRoot(a.trust.Suite, b.outcomes) != header.ReceiptsRoot {
		a.fault(brokenChain, "%s: height %d holds other outcomes than its header says", n.name(), header.Height)
	}
}

// count notes the outcomes of a block.
func (a *audit) count(b storedBlock) {
	height := b.certified.Header.Height
	for _, raw := range b.outcomes {
		var o ledger.Outcome
		if err := ledger.Decode(raw, ledger.MaxValue, &o); err != nil {
			a.fault(unproved, "height %d: outcome: %v", height, err)
			continue
		}
		if o.Status == ledger.Void {
			continue
		}
		if before, ok := a.outcomes[o.Transaction]; ok {
			a.fault(doubled, "transaction %v has outcomes at heights %d and %d", o.Transaction, before.height, height)
		}
		a.outcomes[o.Transaction] = acknowledgement{id: o.Transaction, status: api.State(o.Status.String()), code: o.Code, height: height}
	}
}

// compare holds the outcomes in the blocks against what clients were told. All
// clients have ended, so there must be nothing else.
func (a *audit) compare(told []acknowledgement) {
	known := make(map[ledger.Hash]bool, len(told))
	for _, t := range told {
		known[t.id] = true
		switch is, ok := a.outcomes[t.id]; {
		case !ok:
			a.fault(lost, "transaction %v, acknowledged as %s at height %d, is in no block", t.id, t.status, t.height)
		case is != t:
			a.fault(changed, "a client was told %v, the block says %v", t, is)
		}
	}
	for id, o := range a.outcomes {
		if !known[id] {
			a.fault(unasked, "transaction %v was %s at height %d, and no client was told", id, o.status, o.height)
		}
	}
}

// fetchReceipt gives a receipt file of a node. The error wraps ledger.ErrNotFound
// if the node has none.
type fetchReceipt func(ctx context.Context, node int, id ledger.Hash) ([]byte, error)

// receiptWorkers fetch and verify at the same time.
const receiptWorkers = 8

// verify fetches each acknowledged receipt from every node and verifies it.
func (a *audit) verify(ctx context.Context, nodes int, told []acknowledgement, fetch fetchReceipt) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, verified atomic.Int64
	var workers sync.WaitGroup
	for range receiptWorkers {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(told)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				n, err := a.receiptsOf(ctx, nodes, told[i], fetch)
				verified.Add(int64(n))
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	a.receipts += int(verified.Load())
	return context.Cause(ctx)
}

// receiptsOf verifies the receipts that all nodes have of one transaction. But
// for the certificate they must be the same.
func (a *audit) receiptsOf(ctx context.Context, nodes int, told acknowledgement, fetch fetchReceipt) (verified int, err error) {
	var first *ledger.VerifiedReceipt
	for i := range nodes {
		file, err := fetch(ctx, i, told.id)
		if errors.Is(err, ledger.ErrNotFound) {
			a.fault(lost, "node %d has no receipt of transaction %v, acknowledged as %s at height %d", i+1, told.id, told.status, told.height)
			continue
		}
		if err != nil {
			return verified, fmt.Errorf("receipt of %v from node %d: %w", told.id, i+1, err)
		}
		r, err := ledger.VerifyReceipt(a.trust, file)
		if err != nil {
			a.fault(unproved, "receipt of %v from node %d: %v", told.id, i+1, err)
			continue
		}
		is := acknowledgement{id: r.Transaction.ID(), status: api.State(r.Outcome.Status.String()), code: r.Outcome.Code, height: r.Header.Height}
		if is != told {
			a.fault(changed, "a client was told %v, the receipt from node %d says %v", told, i+1, is)
			continue
		}
		if first == nil {
			first = r
		}
		if r.BlockHash != first.BlockHash || !bytes.Equal(ledger.Encode(r.Outcome), ledger.Encode(first.Outcome)) {
			a.fault(differing, "receipt of %v: node %d proves another block or outcome than the first", told.id, i+1)
			continue
		}
		verified++
	}
	return verified, nil
}
