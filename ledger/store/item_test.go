// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
)

func TestOneOutcomeIsThatOfAll(t *testing.T) {
	c := chainOf(t, 50, 12, 3)
	s := open(t, c, vfs.NewMem())
	c.fill(t, s)
	seen := 0
	for h, f := range c.blocks {
		height := uint64(h)
		all := must(s.Outcomes(height))(t)
		for i := range f.Block.Transactions {
			equal(t, "outcome", must(s.Outcome(height, i))(t), all[i])
			equal(t, "transaction", must(s.TransactionAt(height, i))(t), f.Block.Transactions[i])
			seen++
		}
		for _, none := range []int{-1, len(all), len(all) + 1} {
			if _, err := s.Outcome(height, none); !errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("outcome %d of %d: %v", none, len(all), err)
			}
		}
	}
	if seen < 10 {
		t.Fatalf("%d transactions", seen)
	}
	if _, err := s.Outcome(13, 0); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("above the head: %v", err)
	}
	at := func(height uint64) []byte { return binary.BigEndian.AppendUint64([]byte{'o'}, height) }
	for name, record := range map[string][]byte{"cut": {2, 200}, "empty": {}, "more items than bytes": {9, 0}} {
		noError(t, s.Overwrite(at(12), record))
		if _, err := s.Outcome(12, 0); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	noError(t, s.Close())
}

func TestTheLastChangeOfAFolder(t *testing.T) {
	c, fs := newChain(t, 51), vfs.NewMem()
	s := open(t, c, fs)
	noError(t, c.init(s))
	equal(t, "after the genesis block", s.LastChange("rights", "parties"), uint64(0))
	changed := map[string]uint64{}
	for range 60 {
		f := c.add(t, 1, 0)
		noError(t, s.Commit(*f))
		height := f.Block.Header.Height
		for _, v := range f.State.Values { // none if a key was deleted that had no value
			folder, _, _ := strings.Cut(v.Key, "/")
			changed[folder] = height
		}
		equal(t, "parties", s.LastChange("parties"), changed["parties"])
		equal(t, "rights", s.LastChange("rights"), changed["rights"])
		equal(t, "both", s.LastChange("none", "parties", "rights"), max(changed["parties"], changed["rights"]))
		equal(t, "none", s.LastChange("none", "right", "parties/1"), uint64(0))
	}
	if changed["parties"] == 0 || changed["parties"] == changed["rights"] {
		t.Fatal(changed)
	}
	noError(t, s.Close())
	s = open(t, c, fs)
	equal(t, "as Open found it", s.LastChange("none"), uint64(60))
	noError(t, s.Close())
}
