// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"sort"

	"github.com/ipledger/ipledger/ledger"
)

// reached refuses heights above the head. Records above it may exist: of a
// block that is being made durable at this moment.
func (s *Store) reached(height uint64) error {
	head, ok := s.Head()
	if !ok {
		return fmt.Errorf("height %d: %w: the ledger is empty", height, ledger.ErrNotFound)
	}
	if height > head.Header.Height {
		return fmt.Errorf("height %d: %w: the ledger ends at height %d", height, ledger.ErrNotFound, head.Header.Height)
	}
	return nil
}

// Header is the header of the FINAL block of height. As with all that reads by
// height, the error wraps ledger.ErrNotFound above the head, and
// ledger.ErrCorrupt if a record is missing or cannot be read.
func (s *Store) Header(height uint64) (ledger.Header, error) {
	if err := s.reached(height); err != nil {
		return ledger.Header{}, err
	}
	return s.header(height)
}

// Block is the FINAL block of height, its transactions as they came.
func (s *Store) Block(height uint64) (ledger.Block, error) {
	header, err := s.Header(height)
	if err != nil {
		return ledger.Block{}, err
	}
	txs, err := s.list(keyTransactions, "transactions", height)
	return ledger.Block{Header: header, Transactions: txs}, err
}

// Proof is the proof that the block of height is FINAL, the one that it was
// stored with. The genesis block has none: the error wraps ledger.ErrNotFound.
func (s *Store) Proof(height uint64) (ledger.Certified, error) {
	header, err := s.Header(height)
	if err != nil {
		return ledger.Certified{}, err
	}
	if height == 0 {
		return ledger.Certified{}, fmt.Errorf("proof of height 0: %w: the genesis file proves it", ledger.ErrNotFound)
	}
	return s.proof(header)
}

// Outcomes are the encoded outcomes of the transactions of height, in their
// order, those that mark a transaction void included.
func (s *Store) Outcomes(height uint64) ([][]byte, error) {
	if err := s.reached(height); err != nil {
		return nil, err
	}
	return s.list(keyOutcomes, "outcomes", height)
}

// Outcome is one of Outcomes. The error wraps ledger.ErrNotFound if the block has
// no transaction of that index.
func (s *Store) Outcome(height uint64, index int) ([]byte, error) {
	return s.item(keyOutcomes, "outcomes", height, index)
}

// TransactionAt is one transaction of a Block. The error wraps ledger.ErrNotFound
// if the block has none of that index.
func (s *Store) TransactionAt(height uint64, index int) ([]byte, error) {
	return s.item(keyTransactions, "transactions", height, index)
}

// Transaction finds the block in which a transaction has its outcome, FINAL or
// REJECTED, and its place there; ok is false if it has none.
func (s *Store) Transaction(id ledger.Hash) (height uint64, index int, ok bool, err error) {
	record, err := s.get(transactionKey(id))
	if errors.Is(err, ledger.ErrNotFound) {
		return 0, 0, false, nil
	}
	if err != nil {
		return 0, 0, false, fmt.Errorf("transaction %v: %w", id, err)
	}
	p, err := parsePlace(record)
	if err != nil {
		return 0, 0, false, fmt.Errorf("transaction %v: %w: %w", id, ledger.ErrCorrupt, err)
	}
	if s.reached(p.height) != nil {
		return 0, 0, false, nil
	}
	return p.height, p.index, true, nil
}

// HeightAt is the greatest height whose block time is at or before a time in ms
// since 1970 UTC; ok is false if the ledger began later. Times grow with heights.
func (s *Store) HeightAt(time int64) (height uint64, ok bool, err error) {
	head, ok := s.Head()
	if !ok {
		return 0, false, nil
	}
	later := sort.Search(int(head.Header.Height)+1, func(h int) bool {
		if err != nil {
			return true
		}
		var header ledger.Header
		header, err = s.header(uint64(h))
		return header.Time > time
	})
	if err != nil || later == 0 {
		return 0, false, err
	}
	return uint64(later) - 1, true, nil
}

// A record at or below the head that is not there is damage.
func (s *Store) record(kind byte, what string, height uint64) ([]byte, error) {
	b, err := s.get(heightKey(kind, height))
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, fmt.Errorf("%s of height %d: %w: missing", what, height, ledger.ErrCorrupt)
	}
	if err != nil {
		return nil, fmt.Errorf("%s of height %d: %w", what, height, err)
	}
	return b, nil
}

func (s *Store) header(height uint64) (ledger.Header, error) {
	var h ledger.Header
	b, err := s.record(keyHeader, "header", height)
	if err != nil {
		return h, err
	}
	if err := ledger.Decode(b, ledger.MaxValue, &h); err != nil {
		return h, fmt.Errorf("header of height %d: %w: %w", height, ledger.ErrCorrupt, err)
	}
	return h, nil
}

func (s *Store) proof(header ledger.Header) (ledger.Certified, error) {
	b, err := s.record(keyProof, "proof", header.Height)
	if err != nil {
		return ledger.Certified{}, err
	}
	var p proof
	if err := ledger.Decode(b, ledger.MaxValue, &p); err != nil {
		return ledger.Certified{}, fmt.Errorf("proof of height %d: %w: %w", header.Height, ledger.ErrCorrupt, err)
	}
	return ledger.Certified{Header: header, Descendants: p.Descendants, Certificate: p.Certificate}, nil
}

// item copies one item of a list, and not those around it.
func (s *Store) item(kind byte, what string, height uint64, index int) (item []byte, err error) {
	if err := s.reached(height); err != nil {
		return nil, err
	}
	err = s.with(heightKey(kind, height), func(record []byte) error {
		found, ok, err := findItem(record, index)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ledger.ErrCorrupt, err)
		case !ok:
			return fmt.Errorf("%w: the block has no transaction %d", ledger.ErrNotFound, index)
		}
		item = bytes.Clone(found)
		return nil
	})
	if errors.Is(err, errNone) {
		err = fmt.Errorf("%w: missing", ledger.ErrCorrupt)
	}
	if err != nil {
		return nil, fmt.Errorf("%s of height %d: %w", what, height, err)
	}
	return item, nil
}

func (s *Store) list(kind byte, what string, height uint64) ([][]byte, error) {
	b, err := s.record(kind, what, height)
	if err != nil {
		return nil, err
	}
	items, err := parseList(b)
	if err != nil {
		return nil, fmt.Errorf("%s of height %d: %w: %w", what, height, ledger.ErrCorrupt, err)
	}
	return items, nil
}
