// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
)

// What is moved aside keeps its name with this ending and the time, beside the
// folder or, where that is a file system of its own, in it.
const asideName = "damaged-"

// RebuildLedger moves the ledger database of a node that does not run aside, and
// tells where to. At its next start the node fetches all blocks from the other
// members and checks each; votes are in the other database and stay.
// A network of one node has no other member, and is refused.
func RebuildLedger(dir string, now time.Time) (aside string, err error) {
	unlock, err := lockNode(dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	_, trust, err := ReadGenesis(dir)
	if err != nil {
		return "", err
	}
	if len(trust.Sets[0].Members) == 1 {
		return "", fmt.Errorf("%w: this network has one validator, so nobody else holds its blocks; put a backup of %s in its place",
			ledger.ErrInvalid, filepath.Join(dir, Ledger))
	}
	aside, err = moveAside(filepath.Join(dir, Ledger), now)
	if err == nil && aside == "" {
		err = fmt.Errorf("%w: %s holds no ledger database; the next start makes one", ledger.ErrNotFound, dir)
	}
	return aside, err
}

// RebuildConsensus moves the consensus database of a node that does not run
// aside, and tells where to. With it goes what the node's key has signed, so the
// key is surrendered: the new database says that it never votes again. If it is
// interrupted, the node does not start until it was run again.
func RebuildConsensus(dir string, now time.Time) (key keys.PublicKey, aside string, err error) {
	unlock, err := lockNode(dir)
	if err != nil {
		return key, "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if key, err = keys.ReadPublic(filepath.Join(dir, ValidatorKeyFile)); err != nil {
		return key, "", fmt.Errorf("validator key: %w", err)
	}
	_, trust, err := ReadGenesis(dir)
	if err != nil {
		return key, "", err
	}
	folder := filepath.Join(dir, Consensus)
	if aside, err = moveAside(folder, now); err != nil {
		return key, aside, err
	}
	// A node that starts from here on finds what was moved, and refuses.
	if err := unlock(); err != nil {
		return key, aside, err
	}
	l, _, err := log.Open(folder, log.Options{Chain: trust.Chain})
	if err != nil {
		return key, aside, FaultOf(dir, Consensus, err)
	}
	return key, aside, errors.Join(l.Surrender(key), l.Close())
}

// lockNode makes sure that dir is that of a node and that the node does not run.
func lockNode(dir string) (unlock func() error, err error) {
	if _, err := os.Stat(filepath.Join(dir, config.File)); err != nil {
		return nil, fmt.Errorf("%w: %s is no data directory of a node; nothing was changed: %w", ledger.ErrInvalid, dir, err)
	}
	var locks []io.Closer
	unlock = func() error {
		var errs []error
		for _, c := range locks {
			errs = append(errs, c.Close())
		}
		locks = nil
		return errors.Join(errs...)
	}
	for _, name := range []string{Consensus, Ledger} {
		c, err := database.Lock(nil, filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, errors.Join(FaultOf(dir, name, err), unlock())
		}
		locks = append(locks, c)
	}
	return unlock, nil
}

// moveAside renames a folder, or moves what is in it if it is where a file system
// is mounted, and leaves an empty one in its place. It gives "" if there is none.
func moveAside(dir string, now time.Time) (aside string, err error) {
	dir, err = filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("move aside: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("move aside: %w", err)
	}
	ending := asideName + now.UTC().Format("20060102T150405Z")
	aside = dir + "." + ending
	if _, err := os.Stat(aside); err == nil {
		return "", fmt.Errorf("%w: %s is there already; nothing was changed", ledger.ErrConflict, aside)
	}
	err = os.Rename(dir, aside)
	switch {
	case errors.Is(err, syscall.EBUSY):
		aside = filepath.Join(dir, ending)
		err = moveContent(dir, aside, info.Mode())
	case err == nil:
		err = os.Mkdir(dir, info.Mode().Perm())
	}
	if err == nil {
		err = errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
	}
	if err != nil {
		return aside, fmt.Errorf("move aside: %w", err)
	}
	return aside, nil
}

// moveContent moves everything but what was moved before.
func moveContent(dir, aside string, mode fs.FileMode) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if err := os.Mkdir(aside, mode.Perm()); err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue // lost+found, or moved before; the databases have no folders
		}
		if err := os.Rename(filepath.Join(dir, e.Name()), filepath.Join(aside, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// FindAside finds a database that was moved from dir.
func FindAside(dir string) (string, bool) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for _, pattern := range []string{dir + "." + asideName + "*", filepath.Join(dir, asideName+"*")} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[len(found)-1], true
		}
	}
	return "", false
}
