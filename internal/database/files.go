// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// files is the file system as Pebble sees it.
type files struct {
	vfs.FS
	purpose Purpose
	order   string      // name of the order that the purpose keeps its keys in
	failed  func(error) // told of each write to a journal that fails
	mark    *syncedMark // open while the folder is locked; nil where nothing is written
}

// Lock locks a database, or explains why it cannot be. It is the first thing
// that Pebble does with a folder; before the next one, damage is looked for.
func (f files) Lock(name string) (io.Closer, error) {
	c, err := Lock(f.FS, f.PathDir(name))
	if err != nil {
		return nil, err
	}
	order, err := verify(f.PathDir(name), f.FS)
	if err == nil && order != "" && order != f.order {
		// Formats may differ in it, and then not even the format record can be read.
		err = fmt.Errorf("%w: its keys are in the order %q and those of this format in %q; %s", ErrOlder, order, f.order, f.purpose.Intact)
	}
	if err == nil && f.mark != nil {
		err = f.mark.begin(f.FS, f.PathDir(name))
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if f.mark == nil {
		return c, nil
	}
	return lock{c, f.mark}, nil
}

// A lock is given up after all else of a database is closed.
type lock struct {
	io.Closer
	mark *syncedMark
}

func (l lock) Close() error { return errors.Join(l.mark.Close(), l.Closer.Close()) }

// Open gives Pebble an empty file for one of options. They are told to people and
// are the same in every database of this program; Pebble compares them, and one
// wrong byte would shut a whole database.
func (f files) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	if strings.HasPrefix(f.PathBase(name), "OPTIONS-") {
		return vfs.NewMemFile(nil), nil
	}
	return f.FS.Open(name, opts...)
}

// Lock keeps other processes from the database in dir until it is closed. The
// error wraps ErrInUse if one of them is there first. A nil disk is the machine's file system.
func Lock(disk vfs.FS, dir string) (io.Closer, error) {
	if disk == nil {
		disk = vfs.Default
	}
	name := disk.PathJoin(dir, "LOCK")
	c, err := disk.Lock(name)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, syscall.EAGAIN), !isMachine(err):
		return nil, fmt.Errorf("lock %s: %w: %w: another process uses this folder; is the node already running?", name, ErrInUse, err)
	}
	return nil, fmt.Errorf("lock %s: %w", name, err)
}

// isMachine tells whether an error is one of the operating system's.
func isMachine(err error) bool {
	var number syscall.Errno
	return errors.As(err, &number)
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
	file, err := f.FS.Create(name, category)
	return f.journal(name, file, err)
}

// ReuseForWrite makes a journal of one that is no longer needed.
func (f files) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.ReuseForWrite(from, to, category)
	return f.journal(to, file, err)
}

func (f files) journal(name string, file vfs.File, err error) (vfs.File, error) {
	isJournal := strings.HasSuffix(name, ".log")
	if err != nil {
		if isJournal {
			f.failed(err)
		}
		return nil, err
	}
	file = f.marked(name, file)
	if !isJournal {
		return file, nil
	}
	return journal{file, f.failed}, nil
}

// A journal is a file whose failures are told at once.
type journal struct {
	vfs.File
	failed func(error)
}

func (j journal) tell(err error) error {
	if err != nil {
		j.failed(err)
	}
	return err
}

func (j journal) Write(b []byte) (int, error) {
	n, err := j.File.Write(b)
	return n, j.tell(err)
}

func (j journal) Sync() error     { return j.tell(j.File.Sync()) }
func (j journal) SyncData() error { return j.tell(j.File.SyncData()) }
func (j journal) Close() error    { return j.tell(j.File.Close()) }

func (j journal) SyncTo(length int64) (bool, error) {
	all, err := j.File.SyncTo(length)
	return all, j.tell(err)
}
