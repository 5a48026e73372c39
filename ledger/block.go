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

// A Seal is what is signed of a batch: its place in the log and the digest of all
// of it. Two different seals of one validator for one place prove that it sent two
// batches, without the batches.
type Seal struct {
	Start  Hash   `cbor:"1,keyasint" json:"start"`
	Index  uint64 `cbor:"2,keyasint" json:"index"`
	Term   uint64 `cbor:"3,keyasint" json:"term"`
	Digest Hash   `cbor:"4,keyasint" json:"digest"` // of the encoded batch
}

// A SignedSeal is a seal with its signer's place in the validator set.
type SignedSeal struct {
	Seal      Seal           `cbor:"1,keyasint" json:"seal"`
	Validator uint64         `cbor:"2,keyasint" json:"validator"`
	Signature keys.Signature `cbor:"3,keyasint" json:"signature"`
}

const batchDomain = "ipledger/batch/v2\x00"

func (n Network) sealMessage(s Seal) []byte { return n.message(batchDomain, Encode(s)) }

// Check verifies the signature by the strict rule, and that the seal is of a
// member of set.
func (s SignedSeal) Check(n Network, set ValidatorSet) error {
	if s.Validator >= uint64(len(set.Members)) {
		return errors.New("batch: signer is not in the validator set")
	}
	if !n.Suite.Verify(set.Members[s.Validator].Key, n.sealMessage(s.Seal), s.Signature) {
		return errors.New("batch: the leader's signature does not verify")
	}
	return nil
}

// Rivals tells whether two seals are of different batches of one validator for
// one place in the log.
func (s SignedSeal) Rivals(other SignedSeal) bool {
	return s.Validator == other.Validator && s.Seal != other.Seal &&
		s.Seal.Start == other.Seal.Start && s.Seal.Index == other.Seal.Index && s.Seal.Term == other.Seal.Term
}

// SignBatch encodes b and signs its seal as validator.
func SignBatch(n Network, b Batch, validator uint64, signer keys.Signer) ([]byte, error) {
	raw := Encode(b)
	sig, err := signer.Sign(n.sealMessage(Seal{Start: b.Start, Index: b.Index, Term: b.Term, Digest: n.Suite.Sum(raw)}))
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
	Sealed       SignedSeal
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
	out.Sealed = SignedSeal{
		Seal:      Seal{Start: out.Start, Index: out.Index, Term: out.Term, Digest: n.Suite.Sum(wire.Batch)},
		Validator: wire.Validator,
		Signature: bytes.Clone(wire.Signature), // it outlives raw
	}
	if err := out.Sealed.Check(n, set); err != nil {
		return nil, err
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
