// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// NewerFormat is the format record that the next version of this program would
// write.
func NewerFormat(chain ledger.Hash) []byte {
	b := purpose.FormatRecord(chain)
	b[len(purpose.Mark)+3]++
	return append(b, "more"...)
}

// Tamper opens the database in dir without a look at what it holds.
func Tamper(dir string, fs vfs.FS, do func(*pebble.DB) error) error {
	db, err := purpose.Open(dir, fs, nil, database.Watch{}, tune)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}
