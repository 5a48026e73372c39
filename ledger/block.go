// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger/keys"
)

// HeaderVersion is the version of the header's format.
const HeaderVersion = 1

// A Header is a block's summary and what validators vote on. Nothing in it
// depends on who proposed the block, when or in which round, so a block that is
// carried into another round keeps its hash.
type Header struct {
	Version          uint64 `cbor:"1,keyasint" json:"version"`
	Chain            Hash   `cbor:"2,keyasint" json:"chain"`
	Set              uint64 `cbor:"3,keyasint" json:"set"`
	Height           uint64 `cbor:"4,keyasint" json:"height"`
	Parent           Hash   `cbor:"5,keyasint" json:"parent"`
	Time             int64  `cbor:"6,keyasint" json:"time"` // ms since 1970 UTC
	TransactionRoot  Hash   `cbor:"7,keyasint" json:"transaction_root"`
	StateRoot        Hash   `cbor:"8,keyasint" json:"state_root"`
	ReceiptsRoot     Hash   `cbor:"9,keyasint" json:"receipts_root"`
	HistoryRoot      Hash   `cbor:"10,keyasint" json:"history_root"` // over the hashes of all blocks before it
	ExecutionVersion uint64 `cbor:"11,keyasint" json:"execution_version"`
}

// HeaderHash is the block hash.
func (n Network) HeaderHash(h Header) Hash {
	return n.Suite.Sum([]byte("ipledger/header/v1\x00"), Encode(h))
}

// A Block is a header with its transactions in the order of execution.
type Block struct {
	Header       Header   `cbor:"1,keyasint"`
	Transactions [][]byte `cbor:"2,keyasint"`
}

// A Batch is what Raft orders: transactions and a time, signed by the leader
// for one place in the log of one round. It has no height and no parent, so it
// may be lost, repeated or reordered without harm.
type Batch struct {
	Start        Hash     `cbor:"1,keyasint"` // hash of the round's START
	Index        uint64   `cbor:"2,keyasint"`
	Term         uint64   `cbor:"3,keyasint"`
	Time         int64    `cbor:"4,keyasint"` // leader's clock, ms since 1970 UTC
	Transactions [][]byte `cbor:"5,keyasint"`
}

type batchWire struct {
	Batch     []byte         `cbor:"1,keyasint"`
	Validator uint64         `cbor:"2,keyasint"`
	Signature keys.Signature `cbor:"3,keyasint"`
}

const batchDomain = "ipledger/batch/v1\x00"

// SignBatch encodes b and signs it as validator.
func SignBatch(n Network, b Batch, validator uint64, signer keys.Signer) ([]byte, error) {
	raw := Encode(b)
	sum := n.Suite.Sum(raw)
	sig, err := signer.Sign(n.message(batchDomain, sum[:]))
	if err != nil {
		return nil, fmt.Errorf("sign batch: %w", err)
	}
	return Encode(batchWire{Batch: raw, Validator: validator, Signature: sig}), nil
}

// A SignedBatch is a decoded batch whose form and leader signature hold.
type SignedBatch struct {
	Batch
	Validator    uint64
	Transactions []*Transaction
}

// OpenBatch decodes a log entry and checks all that makes it a block and not a
// no-op by its bytes alone: encoding, limits, the leader's signature, the form
// of every transaction. The client signatures are left to CheckSignatures.
func OpenBatch(n Network, set ValidatorSet, raw []byte) (*SignedBatch, error) {
	return OpenKnownBatch(n, set, raw, func([]byte) *Transaction { return nil })
}

// OpenKnownBatch is OpenBatch for a node that has decoded most of the batch's
// transactions before: known gives the one of exactly these bytes, or nil. The
// batch shares memory with raw, which must not be changed.
func OpenKnownBatch(n Network, set ValidatorSet, raw []byte, known func(raw []byte) *Transaction) (*SignedBatch, error) {
	var wire batchWire
	if err := decodeKept(raw, MaxBatch, &wire); err != nil {
		return nil, fmt.Errorf("batch: %w", err)
	}
	out := &SignedBatch{Validator: wire.Validator}
	if err := decodeKept(wire.Batch, MaxBatch, &out.Batch); err != nil {
		return nil, fmt.Errorf("batch: %w", err)
	}
	if wire.Validator >= uint64(len(set.Members)) {
		return nil, errors.New("batch: signer is not in the validator set")
	}
	sum := n.Suite.Sum(wire.Batch)
	if !n.Suite.Verify(set.Members[wire.Validator].Key, n.message(batchDomain, sum[:]), wire.Signature) {
		return nil, errors.New("batch: the leader's signature does not verify")
	}
	out.Transactions = make([]*Transaction, 0, len(out.Batch.Transactions))
	for i, t := range out.Batch.Transactions {
		if tx := known(t); tx != nil {
			out.Transactions = append(out.Transactions, tx)
			continue
		}
		tx, err := DecodeTransaction(n, t)
		if err != nil {
			return nil, fmt.Errorf("batch: transaction %d: %w", i, err)
		}
		out.Transactions = append(out.Transactions, tx)
	}
	return out, nil
}

// ExecutionOrder gives the order in which the transactions of a block run:
// actors by the hash of parent and actor, so that a leader cannot favour one;
// each actor's transactions as listed, so that what a client sends in order
// runs in order.
func ExecutionOrder(n Network, parent Hash, txs []*Transaction) []*Transaction {
	rank := make(map[string]Hash)
	for _, t := range txs {
		if actor := t.body.Actor; rank[actor].IsZero() {
			rank[actor] = n.Suite.Sum([]byte("ipledger/order/v1\x00"), parent[:], []byte(actor))
		}
	}
	ordered := slices.Clone(txs)
	slices.SortStableFunc(ordered, func(a, b *Transaction) int {
		ra, rb := rank[a.body.Actor], rank[b.body.Actor]
		if c := bytes.Compare(ra[:], rb[:]); c != 0 {
			return c
		}
		return strings.Compare(a.body.Actor, b.body.Actor)
	})
	return ordered
}

// TransactionRoot is the root over the transactions' bytes.
func (n Network) TransactionRoot(txs [][]byte) Hash { return MerkleRoot(n.Suite, txs) }
