// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package datadir knows what lies in the data directory of a node and what it
// means that a part of it is missing, foreign or damaged:
//
//	node.toml              settings, see package config
//	genesis.json           what all nodes of the network share
//	keys/validator.json    signs votes; sealed with the passphrase
//	keys/network.json      names this node to the others; sealed too
//	consensus/             Raft log and votes; never copied or restored
//	ledger/                FINAL blocks and state; can be fetched again
//
// It makes a directory, opens its keys, explains a failure of its databases to
// people, and moves a damaged one aside. It opens none of them but to write down
// that the key of a lost record of votes is surrendered.
package datadir

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/ipledger/ipledger/internal/database"
)

// Names in a data directory, beside config.File.
const (
	GenesisFile      = "genesis.json"
	ValidatorKeyFile = "keys/validator.json"
	NetworkKeyFile   = "keys/network.json"
	Consensus        = "consensus"
	Ledger           = "ledger"
)

// InUse tells whether a process works on the data directory dir.
func InUse(dir string) bool {
	dir = filepath.Join(dir, Ledger)
	if _, err := os.Stat(filepath.Join(dir, "LOCK")); err != nil {
		return false
	}
	lock, err := database.Lock(nil, dir)
	if err == nil {
		_ = lock.Close()
	}
	return errors.Is(err, database.ErrInUse)
}
