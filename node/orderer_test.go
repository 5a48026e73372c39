// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A transaction can become FINAL between the intake's look into the ledger and
// the core's mempool. There it would wait until it expires, since no later block
// takes it out.
func TestATransactionThatIsFinalByNowDoesNotReachTheMempool(t *testing.T) {
	x := executors(t, 1)[0]
	key, err := x.network.Suite.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	transaction := func(reference string, until time.Time) *ledger.Transaction {
		t.Helper()
		body := ledger.Encode(ledger.Body{
			Contract: "rights", Version: 1, Method: "claim", Args: cbor.RawMessage{0xa0}, Actor: "91510100MA6L1D0E2L", ClientRef: reference,
			Signers:    []ledger.Signer{{Organisation: "91510100MA6L1D0E2L", Role: "maker", Key: key.Public()}},
			ValidUntil: until.UnixMilli(),
		})
		signature, err := key.Sign(x.network.SignBytes(body))
		if err != nil {
			t.Fatal(err)
		}
		tx, err := ledger.NewTransaction(x.network, body, []keys.Signature{signature})
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	tx, other := transaction("one", dawn.Add(time.Hour)), transaction("two", dawn.Add(time.Hour))
	void := transaction("three", dawn.Add(-time.Hour))
	loser := transaction("one", dawn.Add(2*time.Hour))
	o := &orderer{head: newHead(x.store)}
	waits := func(tx *ledger.Transaction, height uint64) bool {
		events, err := o.submit(nil, submission{consensus.Submit{Transaction: tx, Local: true}, height})
		if err != nil {
			t.Fatal(err)
		}
		return len(events) == 1
	}

	if !waits(tx, 0) {
		t.Error("a new transaction is dropped")
	}
	batch := at(1, 10)
	batch.Transactions = []*ledger.Transaction{tx, void}
	header := perform[consensus.Executed](t, x, batch).Header
	if !waits(tx, 0) {
		t.Error("it is dropped when it is executed, and not FINAL")
	}
	perform[consensus.Stored](t, x, consensus.Finalize{Proofs: []ledger.Certified{{Header: header}}})
	if outcomes, err := x.store.Outcomes(1); err != nil || len(outcomes) != 2 {
		t.Fatalf("%d outcomes: %v", len(outcomes), err)
	}
	if waits(tx, 0) {
		t.Error("it waits in the mempool when it is FINAL")
	}
	// What the block holds and what the reference says must be the same thing.
	for _, c := range []struct {
		name string
		tx   *ledger.Transaction
		ends bool
	}{
		{"one with an outcome", tx, true}, {"one that is in no block", other, false}, {"one that was void", void, false},
		{"one whose reference went to another: a block will say so to whoever waits", loser, false},
	} {
		_, _, ended, err := x.store.Transaction(c.tx.ID())
		if err != nil || ended != c.ends || waits(c.tx, 0) == c.ends {
			t.Errorf("%s: outcome in the ledger %v, dropped %v, %v", c.name, ended, !waits(c.tx, 0), err)
		}
	}
	if !waits(other, 1) {
		t.Error("a new transaction is dropped after the head has moved")
	}
}

// Readers ask for what is in blocks above FINAL while those change.
func TestWhatIsOrderedIsToldUntilItIsFinal(t *testing.T) {
	f := newFloor(t, 4)
	batch, err := ledger.OpenBatch(f.trust.Network, f.trust.Sets[0], f.batch)
	if err != nil {
		t.Fatal(err)
	}
	txs := batch.Transactions
	told := func(want ...uint64) {
		t.Helper()
		for i, tx := range txs {
			if height, ok := f.x.orderedAt(tx.ID()); height != want[i] || ok != (want[i] > 0) {
				t.Errorf("transaction %d is told to be ordered at height %d, want %d", i, height, want[i])
			}
		}
	}
	execute := func(height uint64, txs ...*ledger.Transaction) ledger.Header {
		t.Helper()
		return perform[consensus.Executed](t, f.x, consensus.Execute{
			Height: height, Index: height + 1, Term: 1, Time: batch.Time + int64(height), Transactions: txs,
		}).Header
	}
	told(0, 0, 0, 0)
	first := execute(1, txs[0], txs[1])
	execute(2, txs[1], txs[2]) // the second is void in this block
	told(1, 1, 2, 0)
	execute(2, txs[3]) // another leader's
	told(1, 1, 0, 2)
	perform[consensus.Stored](t, f.x, consensus.Finalize{Proofs: []ledger.Certified{{Header: first}}})
	told(0, 0, 0, 2)
}
