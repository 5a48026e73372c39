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

// A diskUse is what files take, in bytes: the blocks that the file system gave
// them, and how long they are. A log file that is made ahead has its blocks from
// the beginning.
type diskUse struct{ allocated, length int64 }

// diskOf is what the databases of some nodes take on disk.
func diskOf(nodes []Node) (sum diskUse, err error) {
	for _, n := range nodes {
		if err := sum.add(n); err != nil {
			return diskUse{}, err
		}
	}
	return sum, nil
}

func (u *diskUse) add(n Node) error {
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
				u.allocated += allocated(info)
				u.length += info.Size()
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("disk space of %s: %w", n.Name, err)
		}
	}
	return nil
}

// perTransaction is what was added since before, by transactions and nodes.
func (u diskUse) perTransaction(before diskUse, transactions, nodes int) Disk {
	share := float64(max(1, transactions)) * float64(nodes)
	return Disk{float64(u.allocated-before.allocated) / share, float64(u.length-before.length) / share}
}
