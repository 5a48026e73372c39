// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// Examine tells for what Open would refuse the database in dir on the network of
// chain, and leaves it as it is. It fails if the database is in use.
func Examine(dir string, chain ledger.Hash) error {
	db, err := purpose.Open(dir, nil, nil, database.Watch{}, func(p *pebble.Options) {
		Options{}.tune(p)
		p.ReadOnly = true
	})
	if err != nil {
		return err
	}
	s := &Store{db: db}
	record, err := s.get([]byte{keyFormat})
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		err = nil // it was made and not begun; Open begins it
	case err != nil:
		err = purpose.Damaged(dir, err)
	default:
		err = purpose.CheckFormat(dir, record, chain)
	}
	if closing := db.Close(); closing != nil {
		err = errors.Join(err, fmt.Errorf("close %s %s: %w", purpose.Name, dir, closing))
	}
	return err
}
