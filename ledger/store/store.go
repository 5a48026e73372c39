// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

// Options say where and for whom a Store is.
type Options struct {
	// Network is the ledger's. A database of another network is refused.
	Network ledger.Network

	// FS holds the files. Nil is the machine's file system.
	FS vfs.FS

	// Cache is how many bytes are kept in memory, of tables and of what is not yet
	// in one. 0 is 24 MiB.
	Cache int64

	// MemTable is how many bytes of writes are gathered before they become a
	// table, at most twice over. 0 is 4 MiB.
	MemTable int

	// Young is how many bytes of new nodes of the state tree are gathered before
	// they are written, at most about twice over; superseded ones take up to a
	// quarter of it, for proofs of the heights before the head. 0 is 24 MiB.
	Young int

	// KeepTrees keeps the state tree of every height from now on, for proofs of old
	// states. It multiplies what a transaction takes on disk. Otherwise only the
	// trees of the newest heights can be read; the values of all heights always.
	KeepTrees bool

	// Index says by what values are found. Open makes the index anew if the one
	// on disk is of another version. The zero value is none.
	Index Index

	// Logger gets the database's own messages. Nil drops them.
	Logger *slog.Logger

	// Watch hears of failures and damage that no caller can be told of.
	Watch database.Watch
}

// A Head is the newest FINAL block that is durable.
type Head struct {
	Header    ledger.Header
	Hash      ledger.Hash
	Certified ledger.Certified // of the genesis block only the header: the genesis file proves it
}

// A Store is the open ledger database. One goroutine calls Init, Commit and
// Close; all other methods may be called from any goroutine until Close.
type Store struct {
	db      *pebble.DB
	network ledger.Network
	newest  atomic.Pointer[newest]
	young   young
	idle    idleViews
	memory  memory
	index   Index
	logger  *slog.Logger
	failed  error // the first failed write; owned by the writer
}

// newest is the head with the history up to and with it; readers see both or
// neither.
type newest struct {
	Head
	history *ledger.History
}

// Open opens the database in dir, or makes an empty one, which has no head until
// Init. It fails, and changes nothing, if the database is in use, of another
// network or of another format. If the head is not whole the error wraps
// ledger.ErrCorrupt.
func Open(dir string, opts Options) (*Store, error) {
	db, err := purpose.Open(dir, opts.FS, opts.Logger, opts.Watch, opts.tune)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, network: opts.Network, index: opts.Index, logger: opts.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.memory.limit = defaultMemory
	s.young.upper = make(map[state.NodeKey]*state.Content)
	s.young.limit, s.young.keepAll = defaultYoung, opts.KeepTrees
	if opts.Young != 0 {
		s.young.limit = opts.Young
	}
	if err := s.begin(dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) begin(dir string) error {
	record, err := s.get([]byte{keyFormat})
	if errors.Is(err, ledger.ErrNotFound) {
		return s.beginEmpty(dir)
	}
	if err != nil {
		return purpose.Damaged(dir, err)
	}
	if err := purpose.CheckFormat(dir, record, s.network.Chain); err != nil {
		return err
	}
	if err := s.load(); err != nil {
		return purpose.Damaged(dir, err)
	}
	if err := s.settleIndex(); errors.Is(err, ledger.ErrCorrupt) {
		return purpose.Damaged(dir, err)
	} else if err != nil {
		return fmt.Errorf("ledger database %s: %w", dir, err)
	}
	return nil
}

// beginEmpty leaves an empty database to Init, and no other.
func (s *Store) beginEmpty(dir string) error {
	empty, err := database.Empty(s.db)
	if err != nil {
		return purpose.Damaged(dir, err)
	}
	if !empty {
		return purpose.CheckFormat(dir, nil, s.network.Chain)
	}
	if err := database.Begin(s.db); err != nil {
		s.failed = err
		return fmt.Errorf("ledger database %s: %w", dir, err)
	}
	return nil
}

// load finds the head and checks that it is whole: what a crash leaves always
// is, so anything else is damage.
func (s *Store) load() error {
	record, err := s.get([]byte{keyApplied})
	if err != nil {
		return fmt.Errorf("applied record: %w", err)
	}
	a, err := parseApplied(record)
	if err != nil {
		return fmt.Errorf("applied record: %w", err)
	}
	header, err := s.header(a.height)
	if err != nil {
		return err
	}
	if hash := s.network.HeaderHash(header); header.Height != a.height || hash != a.hash {
		return fmt.Errorf("header of height %d: it has the hash %v, applied was %v", a.height, hash, a.hash)
	}
	history, err := ledger.RestoreHistory(s.network.Suite, a.height, a.history)
	if err != nil {
		return err
	}
	if history.Root() != header.HistoryRoot {
		return fmt.Errorf("history below height %d: its root is %v, in the header %v", a.height, history.Root(), header.HistoryRoot)
	}
	certified := ledger.Certified{Header: header}
	if a.height > 0 {
		if certified, err = s.proof(header); err != nil {
			return err
		}
	}
	s.newest.Store(&newest{Head{header, a.hash, certified}, history.Append(a.hash)})
	s.memory.begin(a.height)
	return s.grow(a.height)
}

// Head is the newest FINAL block that is durable, or false before Init.
func (s *Store) Head() (Head, bool) {
	if n := s.newest.Load(); n != nil {
		return n.Head, true
	}
	return Head{}, false
}

// History is the compact range of the hashes of all blocks up to the head, for
// ledger.RestoreHistory; nothing before Init.
func (s *Store) History() (size uint64, hashes []ledger.Hash) {
	if n := s.newest.Load(); n != nil {
		return n.history.Size(), n.history.Hashes()
	}
	return 0, nil
}

// get reads a record into memory of its own. The error wraps ledger.ErrNotFound
// if there is none, and ledger.ErrCorrupt if it cannot be read.
func (s *Store) get(key []byte) (value []byte, err error) {
	err = s.with(key, func(record []byte) error {
		value = bytes.Clone(record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// errNone says that there is no record.
var errNone = fmt.Errorf("%w: no record", ledger.ErrNotFound)

// with calls fn with a record, which is fn's until it returns. The error is
// errNone if there is none, wraps ledger.ErrCorrupt if it cannot be read, or is
// that of fn.
func (s *Store) with(key []byte, fn func(record []byte) error) error {
	b, c, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return errNone
	}
	if err != nil {
		return database.Unreadable(err)
	}
	err = fn(b)
	if e := c.Close(); e != nil {
		err = errors.Join(err, database.Unreadable(e))
	}
	return err
}

// Close closes the database; nobody may use it any more. After a failed write
// it gives that failure and leaves the files as they are, locked, to the end of
// the process: to close them would be to write once more.
func (s *Store) Close() error {
	err := s.idle.drop()
	if s.failed != nil {
		return fmt.Errorf("close ledger database: an earlier write failed: %w", s.failed)
	}
	s.failed = errors.New("the database is closed")
	if err := errors.Join(err, database.Catch(s.db.Close)); err != nil {
		return fmt.Errorf("close ledger database: %w", err)
	}
	return nil
}

// Metrics are the sizes and counts an operator watches.
type Metrics = database.Metrics

// Metrics gives the present values. It costs some microseconds.
func (s *Store) Metrics() Metrics { return database.Measure(s.db) }
