// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// newestFile is the newest file of the ledger with an ending.
func newestFile(t testing.TB, fs vfs.FS, ending string) string {
	t.Helper()
	names, err := fs.List("ledger")
	noError(t, err)
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ending) })
	if len(names) == 0 {
		t.Fatalf("no file *%s", ending)
	}
	return "ledger/" + slices.Max(names)
}

// TestDamageInTheMiddleOfTheJournalIsFound flips bits of what was synced long
// ago. The journal may not be taken to end there: FINAL has been reported.
func TestDamageInTheMiddleOfTheJournalIsFound(t *testing.T) {
	c, disk := chainOf(t, 20, 30, 10), vfs.NewCrashableMem()
	s := open(t, c, disk)
	c.fill(t, s)
	journal := newestFile(t, disk, ".log")
	whole, err := disk.UnsafeGetFileDataBuffer(journal)
	noError(t, err)
	size := len(whole)
	for at := 1; at < 10; at++ {
		left := disk.CrashClone(vfs.CrashCloneCfg{})
		b, err := left.UnsafeGetFileDataBuffer(journal)
		noError(t, err)
		b[size*at/12] ^= 0x10
		if _, err := store.Open("ledger", store.Options{Network: c.network, FS: left}); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("damage at byte %d of %d: %v", size*at/12, size, err)
		}
	}
	noError(t, s.Close())
}

// TestADamagedTableGivesNoWrongAnswer flips bits all over a table and reads
// everything: what cannot be read right is not read at all.
func TestADamagedTableGivesNoWrongAnswer(t *testing.T) {
	c, disk := chainOf(t, 21, 30, 10), vfs.NewCrashableMem()
	s := open(t, c, disk)
	c.fill(t, s)
	noError(t, s.Flush())
	noError(t, s.Close())
	table := newestFile(t, disk, ".sst")
	whole, err := disk.UnsafeGetFileDataBuffer(table)
	noError(t, err)
	size, found := len(whole), 0
	for at := range 40 {
		left := disk.CrashClone(vfs.CrashCloneCfg{})
		b, err := left.UnsafeGetFileDataBuffer(table)
		noError(t, err)
		b[size*at/40] ^= 0x10
		if err := c.readAll(left); errors.Is(err, ledger.ErrCorrupt) {
			found++
		} else if err != nil {
			t.Errorf("damage at byte %d of %d: %v", size*at/40, size, err)
		}
	}
	if found < 30 { // the filter, for one, is not read
		t.Errorf("%d of 40 were found", found)
	}
}

// readAll reads everything and gives the first error. A wrong answer is one.
func (c *chain) readAll(fs vfs.FS) (err error) {
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: fs, Index: index})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for h, want := range c.blocks {
		block, err := s.Block(uint64(h))
		if err != nil {
			return err
		}
		if c.network.HeaderHash(block.Header) != want.Hash || c.network.TransactionRoot(block.Transactions) != block.Header.TransactionRoot {
			return fmt.Errorf("block %d is another one", h)
		}
		if _, err := s.Outcomes(uint64(h)); err != nil {
			return err
		}
		for i, id := range want.IDs {
			_, _, ok, err := s.Transaction(id)
			if err != nil {
				return err
			}
			if ok != (want.Outcomes[i].Status != ledger.Void) {
				return fmt.Errorf("transaction %v: %v", id, ok)
			}
		}
		if err := c.readState(s, uint64(h)); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) readState(s *store.Store, h uint64) error {
	v, err := s.State(h)
	if err != nil {
		return err
	}
	seen := 0
	err = v.Iterate("", func(key string, value []byte) bool {
		if c.states[h][key] != string(value) {
			seen = -1 << 30
		}
		seen++
		return true
	})
	if err == nil && seen != len(c.states[h]) {
		err = fmt.Errorf("the state of height %d is another one", h)
	}
	if err == nil {
		var entries []store.Entry
		err = v.Find("", "\xff", store.Entry{}, func(e store.Entry, there bool) bool {
			if there {
				entries = append(entries, e)
			}
			return true
		})
		if err == nil && !slices.Equal(entries, entriesOf(index, c.states[h])) {
			err = fmt.Errorf("the index of height %d is another one", h)
		}
	}
	if err == nil {
		var tree interface{ Root() ledger.Hash }
		tree, err = v.Tree()
		switch head, _ := s.Head(); {
		case h < head.Header.Height && errors.Is(err, ledger.ErrNotFound):
			err = nil // old trees are not kept
		case err == nil && tree.Root() != c.blocks[h].Block.Header.StateRoot:
			err = fmt.Errorf("the tree of height %d is another one", h)
		}
	}
	return errors.Join(err, v.Close())
}
