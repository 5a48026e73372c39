// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"runtime"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
)

// pebbleFormat is the version of Pebble's files. It is a fixed one, since a
// newer one cannot be taken back and nodes are upgraded at different times. From
// FormatWALSyncChunks on, damage within the synced part of the write-ahead log is
// told apart from its torn end; a later one adds checksums to table footers.
const pebbleFormat = pebble.FormatTableFormatV6

const (
	defaultCache    = 48 << 20
	defaultMemTable = 8 << 20
)

// fatal is what Pebble panics with when it cannot go on.
type fatal string

func (f fatal) Error() string { return string(f) }

// logger passes Pebble's messages on. Its Fatalf does not return: Pebble would
// go on as if a failed write had succeeded.
type logger struct{ *slog.Logger }

func (l logger) Infof(format string, args ...any) { l.Debug(fmt.Sprintf(format, args...)) }

func (l logger) Errorf(format string, args ...any) { l.Error(fmt.Sprintf(format, args...)) }

// Fatalf ends the process if a goroutine of Pebble calls it. On the goroutine
// of a Commit, guarded makes an error of it.
func (l logger) Fatalf(format string, args ...any) {
	f := fatal(fmt.Sprintf(format, args...))
	l.Error("the ledger database cannot go on", "cause", f)
	panic(f)
}

// guarded turns what Pebble panics with on a failing disk into an error. Locks
// within Pebble may then be held for ever.
func guarded(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			panic(p)
		case error:
			err = p
		default:
			panic(p)
		}
	}()
	return f()
}

// files is the file system as Pebble sees it.
type files struct{ vfs.FS }

// Lock explains why a database cannot be locked.
func (f files) Lock(name string) (io.Closer, error) {
	c, err := f.FS.Lock(name)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return nil, fmt.Errorf("lock %s: %w: another process uses this folder; is the node already running?", name, err)
}

// Create syncs the folder before it makes a marker, which is a file whose name
// names another. Pebble makes both and then syncs the folder once; a crash before
// that may keep the marker alone on a file system that does not order the two,
// and the database could not be opened any more.
func (f files) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if strings.HasPrefix(f.PathBase(name), "marker.") {
		dir, err := f.OpenDir(f.PathDir(name))
		if err != nil {
			return nil, err
		}
		if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
			return nil, err
		}
	}
	return f.FS.Create(name, category)
}

func openPebble(dir string, opts Options) (*pebble.DB, error) {
	log := logger{opts.Logger}
	p := &pebble.Options{
		FS:                          opts.FS,
		FormatMajorVersion:          pebbleFormat,
		MemTableSize:                uint64(opts.MemTable),
		MemTableStopWritesThreshold: 4,
		CacheSize:                   opts.Cache,
		CompactionConcurrencyRange:  func() (lower, upper int) { return 1, 2 },
		Logger:                      log,
		EventListener:               listener(dir, log),
		// Nothing is deleted here, so no statistics of deletions are needed. Their
		// collector would outlive an Open that fails, and end the process with
		// another message.
		DisableTableStats: true,
	}
	for i := range p.Levels {
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10) // most ids asked for are not there, and a node is in one level
	}
	p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionBalanced })
	p.WithFSDefaults()
	p.FS = files{p.FS}
	var db *pebble.DB
	err := guarded(func() (err error) {
		db, err = pebble.Open(dir, p)
		return err
	})
	switch {
	case err == nil:
		return db, nil
	case pebble.IsCorruptionError(err):
		return nil, damaged(dir, err)
	}
	return nil, fmt.Errorf("open ledger database %s: %w", dir, err)
}

// listener reports what Pebble does in the background. A flush or compaction
// that fails ends the process: Pebble would try again at once and for ever, with
// all of a processor, while writers wait.
func listener(dir string, log logger) *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			if pebble.IsCorruptionError(err) {
				err = damaged(dir, err)
			}
			log.Fatalf("ledger database %s, in the background: %v", dir, err)
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) { log.Errorf("ledger database %s: %v", dir, i) },
		DiskSlow:       func(i pebble.DiskSlowInfo) { log.Warn("slow disk under the ledger database", "operation", i.String()) },
		WALCreated: func(i pebble.WALCreateInfo) {
			if i.Err != nil {
				log.Errorf("ledger database %s: %v", dir, i) // Pebble ends the process without saying it
			}
		},
	}
}

// damaged says what a damaged database means for the node and what to do.
func damaged(dir string, cause error) error {
	return fmt.Errorf("ledger database %s: %w: %w; nothing is lost to the network: move this folder away and put a backup in its place, "+
		"or start without one and the node fetches all blocks from other members; leave the consensus database as it is", dir, ledger.ErrCorrupt, cause)
}

// unreadable marks damage that Pebble has found.
func unreadable(err error) error {
	if pebble.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", ledger.ErrCorrupt, err)
	}
	return err
}
