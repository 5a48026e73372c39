// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// databases are the folders of a data directory that grow with the ledger.
func databases() []string { return []string{"consensus", "ledger"} }

// diskOf is what the databases of a node take on disk, in bytes: the blocks that
// the file system gave them, so that a file made ahead counts in full.
func diskOf(n Node) (int64, error) {
	var sum int64
	for _, name := range databases() {
		err := filepath.WalkDir(filepath.Join(n.DataDir, name), func(_ string, d fs.DirEntry, err error) error {
			var info fs.FileInfo
			if err == nil {
				info, err = d.Info()
			}
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // databases drop files while they run
			case err == nil:
				sum += allocated(info)
			}
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("disk space of %s: %w", n.Name, err)
		}
	}
	return sum, nil
}

// diskOfAll is what the databases of all nodes take on disk.
func diskOfAll(nodes []Node) (int64, error) {
	var sum int64
	for _, n := range nodes {
		size, err := diskOf(n)
		if err != nil {
			return 0, err
		}
		sum += size
	}
	return sum, nil
}
