// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
)

// StatementFormat is the first field of every proof file.
const StatementFormat = "ipledger/proof/v1"

// A Statement is a file that proves what the state holds under one key at a
// FINAL block: a value, or that there is none. It shows nothing of any other
// key but hashes.
//
// Path follows from Key. It is there because one proof of absence serves many
// keys: without it, a file whose key was damaged or altered could still be a
// true statement, about a key that nobody asked for.
type Statement struct {
	Format string           `cbor:"1,keyasint"`
	Key    string           `cbor:"2,keyasint"`
	Path   ledger.Hash      `cbor:"3,keyasint"`           // hash of Key, as in the tree
	Value  []byte           `cbor:"4,keyasint,omitempty"` // absent if the key has no value
	Proof  Proof            `cbor:"5,keyasint"`
	Block  ledger.Certified `cbor:"6,keyasint"`
}

// NewStatement states what tree, the state of block, holds under key.
func NewStatement(tree *Tree, block ledger.Certified, key string) (Statement, error) {
	if tree.Root() != block.Header.StateRoot {
		return Statement{}, fmt.Errorf("statement of %q: the tree is not the state of block %d", key, block.Header.Height)
	}
	value, _, err := tree.Get(key)
	if err != nil {
		return Statement{}, fmt.Errorf("statement of %q: %w", key, err)
	}
	proof, err := tree.Prove(key)
	if err != nil {
		return Statement{}, fmt.Errorf("statement of %q: %w", key, err)
	}
	return Statement{Format: StatementFormat, Key: key, Path: newDigester(tree.h).path(key), Value: value, Proof: proof, Block: block}, nil
}

// A VerifiedStatement is what a proof file proves, as of its header's time.
type VerifiedStatement struct {
	Key       string
	Value     []byte // nil if the key is proven absent
	Header    ledger.Header
	BlockHash ledger.Hash
}

// VerifyStatement checks a proof file against what the caller trusts, and
// nothing else. How old a statement may be is for the caller to say: compare
// Header.Time. Refusals are *ledger.VerifyError.
func VerifyStatement(t ledger.Trust, file []byte) (*VerifiedStatement, error) {
	var s Statement
	if err := ledger.Decode(file, ledger.MaxFile, &s); err != nil {
		if format := ledger.FormatOf(file); format != "" && format != StatementFormat {
			return nil, &ledger.VerifyError{Reason: ledger.BadFormat, Detail: fmt.Sprintf("file says it is %q, not %q", format, StatementFormat)}
		}
		return nil, &ledger.VerifyError{Reason: ledger.BadEncoding, Detail: fmt.Sprintf("proof: %v", err)}
	}
	if s.Format != StatementFormat {
		return nil, &ledger.VerifyError{Reason: ledger.BadFormat, Detail: fmt.Sprintf("file says it is %q, not %q", s.Format, StatementFormat)}
	}
	if err := s.Block.Check(t); err != nil {
		return nil, err
	}
	// What no state may hold is absent from all: to prove it would only mislead.
	err := (&Change{Key: s.Key, Delete: true}).check()
	if err != nil {
		return nil, refuse("%v", err)
	}
	if s.Path != newDigester(t.Suite).path(s.Key) {
		return nil, refuse("the file was made for another key than %q", s.Key)
	}
	if len(s.Value) > 0 {
		err = VerifyInclusion(t.Suite, s.Block.Header.StateRoot, s.Key, s.Value, s.Proof)
	} else {
		err = VerifyAbsence(t.Suite, s.Block.Header.StateRoot, s.Key, s.Proof)
	}
	if err != nil {
		return nil, err
	}
	return &VerifiedStatement{
		Key:       s.Key,
		Value:     s.Value,
		Header:    s.Block.Header,
		BlockHash: t.HeaderHash(s.Block.Header),
	}, nil
}
