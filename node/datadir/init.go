// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
)

// Init makes a data directory of c with its two keys, sealed under its
// passphrase: cost is what one guess of it takes. It refuses a directory that has
// a configuration already. If it was interrupted it can be run again, with the
// same keys.
func Init(c config.Config, genesis []byte, validator, network keys.PrivateKey, cost keys.Cost) error {
	if err := c.Complete().Check(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Dir, config.File)); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %s holds a node already; nothing was changed", ledger.ErrConflict, c.Dir)
	}
	passphrase, err := keys.ReadPassphrase(c.PassphraseFile)
	if err != nil {
		return fmt.Errorf("%w: %w", ledger.ErrInvalid, err)
	}
	if err := os.MkdirAll(filepath.Join(c.Dir, "keys"), 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	for file, key := range map[string]keys.PrivateKey{ValidatorKeyFile: validator, NetworkKeyFile: network} {
		if err := writeKey(filepath.Join(c.Dir, file), key, passphrase, cost); err != nil {
			return err
		}
	}
	if err := writeWhole(filepath.Join(c.Dir, GenesisFile), genesis); err != nil {
		return fmt.Errorf("write genesis file: %w", err)
	}
	text, err := c.Text()
	if err != nil {
		return err
	}
	// Last, so that a directory without it can be made anew.
	if err := writeWhole(filepath.Join(c.Dir, config.File), text); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// writeKey writes a key file, unless it is there from a run that was interrupted.
func writeKey(path string, key keys.PrivateKey, passphrase []byte, cost keys.Cost) error {
	err := keys.WriteFile(path, key, passphrase, cost)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	there, readErr := keys.ReadFile(path, passphrase)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if there.Public() != key.Public() {
		return fmt.Errorf("%w: it holds the key %s, not %s", err, there.Public(), key.Public())
	}
	return nil
}

// writeWhole writes a file that a crash leaves whole or not at all.
func writeWhole(path string, content []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
