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
	body := ledger.Encode(ledger.Body{
		Contract: "rights", Version: 1, Method: "claim", Args: cbor.RawMessage{0xa0}, Actor: "91510100MA6L1D0E2L", ClientRef: "one",
		Signers:    []ledger.Signer{{Organisation: "91510100MA6L1D0E2L", Role: "maker", Key: key.Public()}},
		ValidUntil: dawn.Add(time.Hour).UnixMilli(),
	})
	signature, err := key.Sign(x.network.SignBytes(body))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := ledger.NewTransaction(x.network, body, []keys.Signature{signature})
	if err != nil {
		t.Fatal(err)
	}
	o := &orderer{head: newHead(x.store)}
	waits := func() bool {
		events, err := o.submit(nil, consensus.Submit{Transaction: tx, Local: true})
		if err != nil {
			t.Fatal(err)
		}
		return len(events) == 1
	}

	if !waits() {
		t.Error("a new transaction is dropped")
	}
	batch := at(1, 10)
	batch.Transactions = []*ledger.Transaction{tx}
	header := perform[consensus.Executed](t, x, batch).Header
	if !waits() {
		t.Error("it is dropped when it is executed, and not FINAL")
	}
	perform[consensus.Stored](t, x, consensus.Finalize{Proofs: []ledger.Certified{{Header: header}}})
	if waits() {
		t.Error("it waits in the mempool when it is FINAL")
	}
}
