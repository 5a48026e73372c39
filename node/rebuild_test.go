// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
)

// reopen opens a node and closes it again.
func (c *cluster) reopen(i int) error {
	c.t.Helper()
	cfg, err := config.Load(c.configs[i].Dir, func(string) string { return "" })
	if err != nil {
		c.t.Fatal(err)
	}
	n, err := node.Open(cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return n.Close()
}

// TestARebuildThatWasInterruptedIsNoWayToVoteTwice moves the record of votes away,
// as a rebuild does that ends before it has given up the key.
func TestARebuildThatWasInterruptedIsNoWayToVoteTwice(t *testing.T) {
	c := newCluster(t, "ed25519")
	if err := c.reopen(0); err != nil {
		t.Fatal(err)
	}
	dir := c.configs[0].Dir
	folder := filepath.Join(dir, "consensus")
	if err := os.Rename(folder, folder+".damaged-20260101T000000Z"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := c.reopen(0)
		var fault *datadir.Fault
		if !errors.As(err, &fault) || !errors.Is(err, ledger.ErrCorrupt) || !strings.Contains(fault.Text().Remedy, "--consensus --yes") {
			t.Fatalf("a node whose record was moved aside starts: %v", err)
		}
	}
	key, aside, err := datadir.RebuildConsensus(dir, time.Now())
	if err != nil || key.IsZero() || aside == "" {
		t.Fatalf("rebuild: %v, %v, %v", key, aside, err)
	}
	if err := c.reopen(0); err != nil {
		t.Fatal(err)
	}
}

func TestARebuildDeletesNothingAndFollowsLinks(t *testing.T) {
	c := newCluster(t, "ed25519")
	if err := c.reopen(0); err != nil {
		t.Fatal(err)
	}
	dir := c.configs[0].Dir
	volume := filepath.Join(t.TempDir(), "volume")
	if err := errors.Join(os.Rename(filepath.Join(dir, "ledger"), volume), os.Symlink(volume, filepath.Join(dir, "ledger"))); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(volume)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	aside, err := datadir.RebuildLedger(dir, at)
	if err != nil || aside != volume+".damaged-20260304T050607Z" {
		t.Fatalf("moved to %q: %v", aside, err)
	}
	if after, err := os.ReadDir(aside); err != nil || len(after) != len(before) {
		t.Errorf("of %d files %d were moved: %v", len(before), len(after), err)
	}
	if _, err := datadir.RebuildLedger(dir, at); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("a second rebuild in the same second: %v", err)
	}
	if err := c.reopen(0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(volume, "LOCK")); err != nil {
		t.Errorf("the new ledger is not on the volume: %v", err)
	}
	if _, err := datadir.RebuildLedger(t.TempDir(), at); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("a directory of nobody: %v", err)
	}
}

// TestEveryCutOfAGenesisFileIsRefused has one exception: without its last line
// end the file is that of another network, which the databases refuse.
func TestEveryCutOfAGenesisFileIsRefused(t *testing.T) {
	c := newCluster(t, "ed25519")
	if err := c.reopen(0); err != nil {
		t.Fatal(err)
	}
	for n := range c.genesis {
		if _, _, err := ledger.ParseGenesis(c.genesis[:n]); err == nil {
			t.Fatalf("%d of %d bytes are a genesis file", n, len(c.genesis))
		}
	}
	path := filepath.Join(c.configs[0].Dir, "genesis.json")
	if err := os.WriteFile(path, append(c.genesis, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.reopen(0); err == nil || !strings.Contains(err.Error(), "belongs to the network") {
		t.Errorf("with a genesis file that was changed: %v", err)
	}
}
