// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/p2p"
)

// An intake is where transactions come in: from this node's clients, and
// flooded by other members. Each is checked once on this node, ever, and in
// batches where several wait.
type intake struct {
	network   ledger.Network
	cache     *keys.KeyCache
	checked   *recent[struct{}] // by hash of the whole transaction: its signatures are good
	registry  *contracts.Registry
	head      *head
	received  *recent[int64] // by id: valid-until of what this node has seen
	submitted chan consensus.Submit
}

// maxIntake bounds the flooded transactions that are checked in one batch.
const maxIntake = 256

// Submit takes a client's transaction. When it returns nil the transaction is
// on its way to all validators; what becomes of it is read from the head.
// Errors wrap a class of package ledger, or are a *contracts.Refusal.
func (in *intake) Submit(ctx context.Context, tx *ledger.Transaction) error {
	if err := in.checkClient(tx); err != nil {
		return err
	}
	at, _ := in.head.get()
	view, err := in.head.store.State(at.Header.Height)
	if err != nil {
		return err
	}
	defer view.Close()
	block := contracts.Block{Network: in.network, Height: at.Header.Height, Time: at.Header.Time}
	refusal, err := contracts.CheckIntake(in.registry, view, block, tx)
	if err != nil {
		return fmt.Errorf("check at intake: %w", err)
	}
	if refusal.Refuses() {
		return refusal
	}
	in.received.put(tx.ID(), tx.Body().ValidUntil)
	select {
	case in.submitted <- consensus.Submit{Transaction: tx, Local: true}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: the node did not take the transaction in time: %w", ledger.ErrBusy, context.Cause(ctx))
	}
}

// checkClient verifies signatures by the client rule of the network, and
// refuses also what the strict rule refuses, so that no client comes to rely on
// signatures that other verifiers may not accept.
func (in *intake) checkClient(tx *ledger.Transaction) error {
	message := in.network.SignBytes(tx.BodyBytes())
	for i, s := range tx.Body().Signers {
		if !in.network.Suite.Verify(s.Key, message, tx.Signatures()[i]) {
			return &contracts.Refusal{Failures: []ledger.Failure{{
				Code: contracts.ESignature, Field: fmt.Sprintf("signatures[%d]", i), Subject: s.Organisation,
			}}}
		}
	}
	if !in.check([]*ledger.Transaction{tx})[0] {
		return fmt.Errorf("%w: a signature does not verify by the network's rule", ledger.ErrInvalid)
	}
	return nil
}

// check tells for each transaction whether its signatures hold, and remembers
// those that do.
func (in *intake) check(txs []*ledger.Transaction) []bool {
	good := make([]bool, len(txs))
	hashes := make([]ledger.Hash, len(txs))
	var fresh []*ledger.Transaction
	var at []int
	for i, tx := range txs {
		hashes[i] = in.network.Suite.Sum(tx.Bytes())
		if _, good[i] = in.checked.get(hashes[i]); !good[i] {
			fresh, at = append(fresh, tx), append(at, i)
		}
	}
	for i, ok := range ledger.CheckSignatures(in.network, in.cache, fresh...) {
		good[at[i]] = ok
		if ok {
			in.checked.put(hashes[at[i]], struct{}{})
		}
	}
	return good
}

// Run checks what members flood and passes it on.
func (in *intake) Run(ctx context.Context, flooded <-chan p2p.Frame) error {
	for {
		var txs []*ledger.Transaction
		take := func(f p2p.Frame) {
			if tx, err := ledger.DecodeTransaction(in.network, f.Data); err == nil {
				txs = append(txs, tx)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case f := <-flooded:
			take(f)
		}
		for more := true; more && len(txs) < maxIntake; {
			select {
			case f := <-flooded:
				take(f)
			default:
				more = false
			}
		}
		for i, ok := range in.check(txs) {
			if !ok {
				continue
			}
			in.received.put(txs[i].ID(), txs[i].Body().ValidUntil)
			select {
			case in.submitted <- consensus.Submit{Transaction: txs[i]}:
			case <-ctx.Done():
				return nil
			}
		}
	}
}
