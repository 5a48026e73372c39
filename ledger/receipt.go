// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

// ReceiptFormat is the first field of every receipt.
const ReceiptFormat = "ipledger/receipt/v1"

// A Receipt proves what became of a transaction: the transaction and its
// outcome under one FINAL header. It is a file of deterministic CBOR. All but
// the certificate is the same on every node for ever; the certificate may hold
// any quorum of signatures.
type Receipt struct {
	Format          string    `cbor:"1,keyasint"`
	Transaction     []byte    `cbor:"2,keyasint"`
	Outcome         []byte    `cbor:"3,keyasint"`
	TransactionPath []Hash    `cbor:"4,keyasint"`
	OutcomePath     []Hash    `cbor:"5,keyasint"`
	Block           Certified `cbor:"6,keyasint"`
}

// A VerifiedReceipt is what a receipt proves.
type VerifiedReceipt struct {
	Transaction *Transaction
	Outcome     Outcome
	Header      Header
	BlockHash   Hash
}

// NewReceipt builds the receipt of the index-th transaction of a block.
func NewReceipt(n Network, block Certified, transactions, outcomes [][]byte, index int) (Receipt, error) {
	txPath, err := MerklePath(n.Suite, transactions, index)
	if err != nil {
		return Receipt{}, err
	}
	outcomePath, err := MerklePath(n.Suite, outcomes, index)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{
		Format:          ReceiptFormat,
		Transaction:     transactions[index],
		Outcome:         outcomes[index],
		TransactionPath: txPath,
		OutcomePath:     outcomePath,
		Block:           block,
	}, nil
}

// VerifyReceipt checks a receipt file against what the caller trusts, and
// nothing else: no node, no network, no clock. Refusals are *VerifyError.
func VerifyReceipt(t Trust, file []byte) (*VerifiedReceipt, error) {
	var r Receipt
	if err := Decode(file, MaxFile, &r); err != nil {
		if format := FormatOf(file); format != "" && format != ReceiptFormat {
			return nil, refuse(BadFormat, "file says it is %q, not %q", format, ReceiptFormat)
		}
		return nil, refuse(BadEncoding, "receipt: %v", err)
	}
	if r.Format != ReceiptFormat {
		return nil, refuse(BadFormat, "file says it is %q, not %q", r.Format, ReceiptFormat)
	}
	if err := r.Block.Check(t); err != nil {
		return nil, err
	}
	header := r.Block.Header
	var outcome Outcome
	if err := Decode(r.Outcome, MaxValue, &outcome); err != nil {
		return nil, refuse(BadEncoding, "outcome: %v", err)
	}
	if err := CheckMerklePath(t.Suite, r.Outcome, outcome.Index, outcome.Count, r.OutcomePath, header.ReceiptsRoot); err != nil {
		return nil, refuse(BadOutcome, "the outcome's path does not lead to the receipts root of block %d", header.Height)
	}
	if err := CheckMerklePath(t.Suite, r.Transaction, outcome.Index, outcome.Count, r.TransactionPath, header.TransactionRoot); err != nil {
		return nil, refuse(BadTransaction, "the transaction's path does not lead to the transaction root of block %d", header.Height)
	}
	tx, err := DecodeTransaction(t.Network, r.Transaction)
	if err != nil {
		return nil, refuse(BadTransaction, "%v", err)
	}
	if tx.ID() != outcome.Transaction {
		return nil, refuse(BadOutcome, "outcome is of another transaction")
	}
	if !CheckSignatures(t.Network, nil, tx)[0] {
		return nil, refuse(BadTxSignature, "a client signature does not verify")
	}
	if outcome.Status != Final && outcome.Status != Rejected {
		return nil, refuse(BadOutcome, "the block marks the transaction %v: it has no outcome", outcome.Status)
	}
	return &VerifiedReceipt{Transaction: tx, Outcome: outcome, Header: header, BlockHash: t.HeaderHash(header)}, nil
}
