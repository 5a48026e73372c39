// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package database opens Pebble for the two databases of a node, such that
// neither goes on after a failure.
//
// What must hold:
//
//   - A write that fails is an error of the writer (Catch). A flush or compaction
//     that fails ends the process: Pebble alone would try again for ever.
//   - One process at a time uses a folder.
//   - A crash while a database is made leaves one that can be opened, or none.
//   - Damage is told apart from the torn end that a crash leaves, and its error
//     wraps ledger.ErrCorrupt and says what to do.
//   - A database of another purpose, network or format is refused unchanged.
package database

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
)

// pebbleFormat is the version of Pebble's files. It is a fixed one, since a
// newer one cannot be taken back and nodes are upgraded at different times. From
// FormatWALSyncChunks on, damage within the synced part of the journal is
// told apart from its torn end; a later one adds checksums to table footers.
const pebbleFormat = pebble.FormatTableFormatV6

// A Purpose is what a database is for, as it says to people and programs.
type Purpose struct {
	Name   string // for people, as "ledger database"
	Mark   string // begins the format record in all formats, and that of no other purpose
	Format uint32 // of the records, the one that this program reads
	Intact string // what people may be sure of when a database is refused
	Mend   string // what damage means for the node, and what to do
}

// Open opens the Pebble database in dir or makes an empty one. A nil disk is the
// machine's file system; a nil logger drops Pebble's messages; tune sets what is
// the purpose's own: sizes and the like. Damage is looked for before Pebble
// changes anything.
func (p Purpose) Open(dir string, disk vfs.FS, logger *slog.Logger, watch Watch, tune func(*pebble.Options)) (*pebble.DB, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	log := messages{logger, p, dir, watch}
	opts := &pebble.Options{
		FS:                          disk,
		FormatMajorVersion:          pebbleFormat,
		MemTableStopWritesThreshold: 4,
		Logger:                      log,
		EventListener:               log.listener(),
		// Without statistics of what is deleted, which neither database needs: their
		// collector would outlive an Open that fails, and end the process with
		// another message.
		DisableTableStats: true,
	}
	tune(opts)
	opts.WithFSDefaults()
	order := pebble.DefaultComparer.Name
	if opts.Comparer != nil {
		order = opts.Comparer.Name
	}
	mark := &syncedMark{}
	if opts.ReadOnly {
		mark = nil
	}
	opts.FS = files{opts.FS, p, order, log.endIfWatched, mark}
	var db *pebble.DB
	err := Catch(func() (err error) {
		db, err = pebble.Open(dir, opts)
		return err
	})
	switch {
	case err == nil:
		return db, nil
	case isDamage(err):
		return nil, p.Damaged(dir, err)
	}
	return nil, fmt.Errorf("open %s %s: %w", p.Name, dir, err)
}

// Empty tells whether a database holds no record.
func Empty(db *pebble.DB) (bool, error) {
	it, err := db.NewIter(nil)
	if err != nil {
		return false, err
	}
	empty := !it.First()
	return empty, errors.Join(it.Error(), it.Close())
}

// Begin readies an empty database for its first record. Its journal was begun
// before Pebble took up pebbleFormat; another is begun, in which damage can be
// told from the torn end.
func Begin(db *pebble.DB) error { return Catch(db.Flush) }

// Why a database is refused.
var (
	ErrInUse   = errors.New("in use")
	ErrForeign = errors.New("not of this node") // another network or purpose
	ErrNewer   = errors.New("a newer version has used this database")
	ErrOlder   = errors.New("an older version has used this database, which this one cannot read")
)

// isDamage tells what Pebble cannot open because of what is in the files. A file
// that is named in another and missing is damage too, for the folder itself is
// there.
func isDamage(err error) bool {
	if errors.Is(err, ErrInUse) {
		return false
	}
	return pebble.IsCorruptionError(err) || errors.Is(err, ledger.ErrCorrupt) || errors.Is(err, fs.ErrNotExist)
}

// Damaged says what a damaged database means and what to do.
func (p Purpose) Damaged(dir string, cause error) error {
	if !errors.Is(cause, ledger.ErrCorrupt) {
		cause = fmt.Errorf("%w: %w", ledger.ErrCorrupt, plain{cause})
	}
	return fmt.Errorf("%s %s: %w; %s", p.Name, dir, cause, p.Mend)
}

// Unreadable marks damage that Pebble has found.
func Unreadable(err error) error {
	if pebble.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", ledger.ErrCorrupt, plain{err})
	}
	return err
}

// plain leaves out what Pebble's errors say of themselves.
type plain struct{ error }

func (p plain) Error() string {
	return strings.ReplaceAll(p.error.Error(), "\n<corruption detail carrier>", "")
}

func (p plain) Unwrap() error { return p.error }
