// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Space is the room of a file system, in bytes.
type Space struct {
	Free  uint64 // to this process: what is kept for the administrator is not
	Total uint64
}

// SpaceOf gives the room of the file system that holds dir.
func SpaceOf(dir string) (Space, error) {
	u, err := vfs.Default.GetDiskUsage(dir)
	if err != nil {
		return Space{}, fmt.Errorf("room of %s: %w", dir, err)
	}
	return Space{Free: u.AvailBytes, Total: u.TotalBytes}, nil
}
