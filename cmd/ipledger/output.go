// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ipledger/ipledger/ledger"
)

// A writeError says that a file was not written. It wraps fs.ErrExist if another
// file is there.
type writeError struct {
	path string
	err  error
}

func (w *writeError) Error() string { return fmt.Sprintf("write %s: %v", w.path, w.err) }

func (w *writeError) Unwrap() error { return w.err }

// writeOutput writes the file that a flag such as --out names. A file that is
// there stays as it is: it might be a key. That it holds the same already is
// success.
func writeOutput(path string, content []byte) error {
	err := writeNew(path, content)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if there, readErr := readFile(path); readErr == nil && bytes.Equal(there, content) {
		return nil
	}
	return err
}

// checkOutput tells before a long or lasting piece of work whether writeOutput
// will be able to write its result.
func checkOutput(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return &writeError{path, fs.ErrExist}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".ipledger-*")
	if err != nil {
		return &writeError{path, err}
	}
	_ = temp.Close()
	if err := os.Remove(temp.Name()); err != nil {
		return &writeError{path, err}
	}
	return nil
}

// checkReceipt is checkOutput for the receipt of a transaction that may have been
// submitted before: its own receipt may be there.
func (s sending) checkReceipt() error {
	if s.receipt == "" || s.holdsReceipt() {
		return nil
	}
	return checkOutput(s.receipt)
}

// holdsReceipt tells whether the file for the receipt is one of this transaction,
// whichever node it came from.
func (s sending) holdsReceipt() bool {
	file, err := readFile(s.receipt)
	if err != nil {
		return false
	}
	v, err := ledger.VerifyReceipt(s.network.trust, file)
	return err == nil && v.Transaction.ID() == s.id
}

// keepReceipt writes the receipt of a transaction that has its outcome.
func (s sending) keepReceipt(file []byte) error {
	if s.receipt == "" || s.holdsReceipt() {
		return nil
	}
	return writeOutput(s.receipt, file)
}

// A receiptLost says that a transaction has its outcome and only the receipt is
// not where it should be.
type receiptLost struct {
	id     ledger.Hash
	status ledger.Status
	err    error
}

func (r *receiptLost) Error() string {
	return fmt.Sprintf("the transaction %v is %s, but its receipt was not written: %v", r.id, r.status, r.err)
}

func (r *receiptLost) Unwrap() error { return r.err }

func (r *receiptLost) verdict() verdict {
	return verdict{
		code:  exitFailure,
		title: fmt.Sprintf("交易已有最终结果（%s），但回执未能写入", r.status),
		en:    fmt.Sprintf("The outcome stands on the ledger; do not submit anew. Fetch the receipt from any node: ipledger receipt get %v --out FILE", r.id),
		zh:    fmt.Sprintf("结果已记入账本，请勿重新提交。可从任一节点获取回执：ipledger receipt get %v --out 文件", r.id),
	}
}

// An unanswered says that a transaction was sent and that no answer tells here
// what became of it. Who called the command again would submit another one: its
// reference is random where none is given.
type unanswered struct {
	id  ledger.Hash
	err error
}

func (u *unanswered) Error() string { return fmt.Sprintf("the transaction %v: %v", u.id, u.err) }

func (u *unanswered) Unwrap() error { return u.err }

func (u *unanswered) verdict() verdict {
	return verdict{
		code:  exitUnreachable,
		name:  "UNREACHABLE",
		title: "未收到交易结果",
		en:    fmt.Sprintf("The ledger may have taken it, or may take it yet; do not submit it anew before any node says what became of it: ipledger tx wait %v", u.id),
		zh:    fmt.Sprintf("账本可能已受理或稍后受理该交易；在任一节点确认其结果之前，请勿重新提交：ipledger tx wait %v", u.id),
	}
}

// leftOpen marks an error of one of these kinds, after which it is open what
// became of a transaction.
func leftOpen(id ledger.Hash, err error, kinds ...error) error {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return &unanswered{id, err}
		}
	}
	return err
}
