// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

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
