// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// Options say where and for whom a Log is.
type Options struct {
	// Chain is the network, by the hash of its genesis file. A database of
	// another network is refused.
	Chain ledger.Hash

	// FS holds the files. Nil is the machine's file system.
	FS vfs.FS

	// Logger gets the database's own messages. Nil drops them.
	Logger *slog.Logger

	// Watch hears of failures and damage that no caller can be told of.
	Watch database.Watch
}

// A Log is the open consensus database.
type Log struct {
	db *pebble.DB

	// The fields below are owned by the goroutine that calls Write and Close.
	// They mirror what a Write must be checked against.
	failed error           // the first failure; nothing is written after it
	set    uint64          // of the newest START
	round  uint64          // of the newest START, 0 if there is none
	first  uint64          // index after which the stored entries begin
	last   uint64          // index of the last one; first if there is none
	began  bool            // first and last mean something
	votes  map[slot]string // stored own votes, encoded
	newest map[seat]ledger.Vote
	final  uint64 // own votes up to here may be gone
	pruned uint64 // and are gone up to here
}

// Open opens the database in dir, or makes an empty one, and gives all that it
// holds. It fails, and changes nothing, if the database is in use, of another
// network or of a newer format. If a record cannot be read the error wraps
// ledger.ErrCorrupt, and the node must be treated as wiped. A crash during the
// first Open leaves an empty database or none.
func Open(dir string, opts Options) (*Log, consensus.Saved, error) {
	db, err := purpose.Open(dir, opts.FS, opts.Logger, opts.Watch, tune)
	if err != nil {
		return nil, consensus.Saved{}, err
	}
	l := &Log{db: db, votes: make(map[slot]string), newest: make(map[seat]ledger.Vote)}
	saved, err := l.begin(dir, opts.Chain)
	if err != nil {
		return nil, consensus.Saved{}, errors.Join(err, l.Close())
	}
	return l, saved, nil
}

// begin reads what there is, or marks an empty database as one of chain.
func (l *Log) begin(dir string, chain ledger.Hash) (consensus.Saved, error) {
	record, err := l.get([]byte{keyFormat})
	switch {
	case err == nil:
		if err := purpose.CheckFormat(dir, record, chain); err != nil {
			return consensus.Saved{}, err
		}
		saved, err := l.load()
		if err != nil {
			return consensus.Saved{}, purpose.Damaged(dir, err)
		}
		return saved, nil
	case !errors.Is(err, pebble.ErrNotFound):
		return consensus.Saved{}, purpose.Damaged(dir, err)
	}
	empty, err := database.Empty(l.db)
	if err != nil {
		return consensus.Saved{}, purpose.Damaged(dir, err)
	}
	if !empty {
		return consensus.Saved{}, purpose.CheckFormat(dir, nil, chain)
	}
	err = database.Begin(l.db)
	if err == nil {
		err = database.Catch(func() error { return l.db.Set([]byte{keyFormat}, purpose.FormatRecord(chain), pebble.Sync) })
	}
	if err != nil {
		l.failed = err
		return consensus.Saved{}, fmt.Errorf("consensus database %s: %w", dir, err)
	}
	return consensus.Saved{}, nil
}

// get reads a record into memory of its own.
func (l *Log) get(key []byte) ([]byte, error) {
	b, c, err := l.db.Get(key)
	if err != nil {
		return nil, err
	}
	value := append([]byte(nil), b...)
	return value, c.Close()
}

// Prepared gives the prepare certificate of the FINAL block of height, if it is
// still kept. It may be called from any goroutine. The error wraps
// ledger.ErrCorrupt if the record cannot be read.
func (l *Log) Prepared(height uint64) (ledger.Certificate, bool, error) {
	b, err := l.get(key(keyPrepared, height))
	if errors.Is(err, pebble.ErrNotFound) {
		return ledger.Certificate{}, false, nil
	}
	if err != nil {
		return ledger.Certificate{}, false, fmt.Errorf("read prepare certificate of height %d: %w", height, database.Unreadable(err))
	}
	p, err := decodePrepared(height, b)
	if err != nil {
		return ledger.Certificate{}, false, fmt.Errorf("read prepare certificate of height %d: %w: %w", height, ledger.ErrCorrupt, err)
	}
	return p.Certificate, true, nil
}

// Close closes the database; nobody may use it any more. After a failed write
// it gives that failure and leaves the files as they are, locked, to the end of
// the process: to close them would be to write once more.
func (l *Log) Close() error {
	if l.failed != nil {
		return fmt.Errorf("close consensus database: an earlier write failed: %w", l.failed)
	}
	l.failed = errors.New("the database is closed")
	if err := database.Catch(l.db.Close); err != nil {
		return fmt.Errorf("close consensus database: %w", err)
	}
	return nil
}
