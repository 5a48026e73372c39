// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// Doctored evidence: what four nodes hold and what clients were told, sound at
// first, for a test to falsify.
type doctored struct {
	chain    *chain
	nodes    []*heldBlocks
	told     []acknowledgement
	receipts []map[ledger.Hash][]byte // by node
}

// heldBlocks is a node without a node: the blocks that it would hold.
type heldBlocks struct {
	of     string
	blocks []storedBlock
}

func (h *heldBlocks) name() string { return h.of }

func (h *heldBlocks) top() uint64 { return uint64(len(h.blocks)) - 1 }

func (h *heldBlocks) block(height uint64) (storedBlock, error) { return h.blocks[height], nil }

// newDoctored makes three blocks of one transaction each: two claims that take
// effect and a confirmation that is rejected.
func newDoctored(t *testing.T) *doctored {
	d := &doctored{chain: newChain(t, "ed25519", time.Now().Add(-time.Hour))}
	blocks := []storedBlock{{certified: ledger.Certified{Header: d.chain.head}}}
	files := make(map[ledger.Hash][]byte)
	claim := func(number string) *ledger.Transaction {
		return d.chain.transaction("rights.claim", map[string]any{"type": "PATENT", "number": number, "owners": []string{rx}}, "RX.maker")
	}
	for _, make := range []func() *ledger.Transaction{
		func() *ledger.Transaction { return claim("201810234567.3") },
		func() *ledger.Transaction { return claim("201710888999.1") },
		func() *ledger.Transaction {
			return d.chain.transaction("rights.confirm", map[string]any{"right_id": "RGT-510100-20261123-0000009-X", "owners": []string{rx}}, "IPO.maker")
		},
	} {
		r := d.chain.block(make(), 0, 1, 2)
		v, err := ledger.VerifyReceipt(d.chain.trust, ledger.Encode(r))
		check(t, err)
		blocks = append(blocks, storedBlock{certified: r.Block, transactions: [][]byte{r.Transaction}, outcomes: [][]byte{r.Outcome}})
		d.told = append(d.told, acknowledgement{
			id: v.Transaction.ID(), status: api.State(v.Outcome.Status.String()), code: v.Outcome.Code, height: v.Header.Height,
		})
		files[v.Transaction.ID()] = ledger.Encode(r)
	}
	for i := range 4 {
		d.nodes = append(d.nodes, &heldBlocks{fmt.Sprintf("node%d", i+1), slices.Clone(blocks)})
		d.receipts = append(d.receipts, map[ledger.Hash][]byte{})
		for id, file := range files {
			d.receipts[i][id] = file
		}
	}
	return d
}

// seal gives a falsified block the roots of its contents and a certificate, as
// only a quorum of validators could.
func (d *doctored) seal(b storedBlock) storedBlock {
	header := b.certified.Header
	header.TransactionRoot = d.chain.trust.TransactionRoot(b.transactions)
	header.ReceiptsRoot = ledger.MerkleRoot(d.chain.trust.Suite, b.outcomes)
	d.chain.head = header
	b.certified = d.chain.certify(0, 1, 2)
	return b
}

// next is a block on top of the last one.
func (d *doctored) next(transactions, outcomes [][]byte) storedBlock {
	header := d.nodes[0].blocks[len(d.nodes[0].blocks)-1].certified.Header
	header.Parent = d.chain.trust.HeaderHash(header)
	header.Height++
	return d.seal(storedBlock{certified: ledger.Certified{Header: header}, transactions: transactions, outcomes: outcomes})
}

func (d *doctored) audit(t *testing.T) *audit {
	a := newAudit(d.chain.trust)
	var nodes []ledgerOfOne
	for _, n := range d.nodes {
		nodes = append(nodes, n)
	}
	check(t, a.walk(nodes))
	a.compare(d.told)
	check(t, a.verify(t.Context(), len(nodes), d.told, func(_ context.Context, i int, id ledger.Hash) ([]byte, error) {
		if file, ok := d.receipts[i][id]; ok {
			return file, nil
		}
		return nil, fmt.Errorf("receipt: %w", ledger.ErrNotFound)
	}))
	return a
}

func TestAnAuditOfSoundNodesFindsNothing(t *testing.T) {
	a := newDoctored(t).audit(t)
	if err := a.err(); err != nil {
		t.Error(err)
	}
	if a.receipts != 3*4 || a.heights != 3 || len(a.outcomes) != 3 {
		t.Errorf("it verified %d receipts and saw %d heights with %d outcomes, want 12, 3 and 3", a.receipts, a.heights, len(a.outcomes))
	}
}

func TestAnAuditFindsWhatIsWrong(t *testing.T) {
	const victim = 2 // the node that is falsified where only one is
	last := func(d *doctored) *storedBlock { return &d.nodes[victim].blocks[3] }
	all := func(d *doctored, change func(*heldBlocks)) {
		for _, n := range d.nodes {
			change(n)
		}
	}
	for name, c := range map[string]struct {
		falsify func(d *doctored)
		want    fault
	}{
		"a receipt that one node lost": {func(d *doctored) { delete(d.receipts[victim], d.told[0].id) }, lost},
		"a transaction that all lost": {func(d *doctored) {
			all(d, func(n *heldBlocks) { n.blocks = n.blocks[:3] })
		}, lost},
		"a block that one lost": {func(d *doctored) { d.nodes[victim].blocks = d.nodes[victim].blocks[:3] }, differing},
		"a transaction that took effect twice": {func(d *doctored) {
			again := d.next(d.nodes[0].blocks[1].transactions, d.nodes[0].blocks[1].outcomes)
			all(d, func(n *heldBlocks) { n.blocks = append(n.blocks, again) })
		}, doubled},
		"a transaction that took effect twice in a block": {func(d *doctored) {
			first := d.nodes[0].blocks[1]
			again := d.next(slices.Repeat(first.transactions, 2), slices.Repeat(first.outcomes, 2))
			all(d, func(n *heldBlocks) { n.blocks = append(n.blocks, again) })
		}, doubled},
		"another state on one node, which is certified too": {func(d *doctored) {
			last(d).certified.Header.StateRoot[0] ^= 1
			*last(d) = d.seal(*last(d))
		}, twoHashes},
		"another state on one node": {func(d *doctored) {
			last(d).certified.Header.StateRoot[0] ^= 1
		}, differing},
		"a certificate without a quorum": {func(d *doctored) {
			signers := &last(d).certified.Certificate.Signers
			*signers = (*signers)[:2]
		}, unproved},
		"a prepare certificate for another block": {func(d *doctored) {
			last(d).prepared = &d.nodes[0].blocks[2].certified.Certificate
		}, unproved},
		"an outcome that the header does not know": {func(d *doctored) {
			last(d).outcomes = d.nodes[0].blocks[1].outcomes
		}, brokenChain},
		"a block on another parent": {func(d *doctored) {
			all(d, func(n *heldBlocks) {
				n.blocks[3].certified.Header.Parent[0] ^= 1
				n.blocks[3] = d.seal(n.blocks[3])
			})
		}, brokenChain},
		"an outcome that is not the acknowledged one": {func(d *doctored) { d.told[2].status, d.told[2].code = api.Final, "" }, changed},
		"an outcome at another height":                {func(d *doctored) { d.told[1].height = 1 }, changed},
		"an outcome that nobody was told of":          {func(d *doctored) { d.told = d.told[:2] }, unasked},
		"a receipt of another transaction":            {func(d *doctored) { d.receipts[victim][d.told[0].id] = d.receipts[victim][d.told[1].id] }, changed},
		"a receipt with one bit changed": {func(d *doctored) {
			file := slices.Clone(d.receipts[victim][d.told[0].id])
			file[len(file)-1] ^= 1
			d.receipts[victim][d.told[0].id] = file
		}, unproved},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoctored(t)
			c.falsify(d)
			a := d.audit(t)
			if a.faults[c.want] == 0 || a.err() == nil {
				t.Errorf("the audit finds %v, want %q among it: %v", a.faults, c.want, a.err())
			}
		})
	}
}

func TestAnAlarmOrAPanicInALogIsFound(t *testing.T) {
	const fine = `{"time":"2026-11-22T20:51:29Z","level":"INFO","msg":"member connected"}
{"time":"2026-11-22T20:51:32Z","level":"WARN","msg":"cannot reach member, trying on"}
`
	for text, want := range map[string]int{
		fine: 0,
		fine + `{"level":"ERROR","msg":"consensus alarm","kind":"double_vote"}` + "\n": 1,
		fine + `{"level":"ERROR","msg":"node ends","error":"write block 7"}`:           1,
		fine + "panic: runtime error\n\ngoroutine 1 [running]:\n" + fine:               2,
		`{"time":"2026-11-22T20:51:29Z","lev` + fine:                                   1,
	} {
		found, err := complaints(strings.NewReader(text))
		check(t, err)
		if len(found) != want {
			t.Errorf("in the log\n%s\nare %d complaints, want %d: %q", text, len(found), want, found)
		}
	}
}
