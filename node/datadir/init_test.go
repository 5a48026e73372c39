// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
)

// TestInitCanBeRunAgainAfterACrash leaves what a crash at each step leaves.
func TestInitCanBeRunAgainAfterACrash(t *testing.T) {
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	validator, _ := suite.Generate(nil)
	network, _ := suite.Generate(nil)
	other, _ := suite.Generate(nil)
	passphrase := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(passphrase, []byte("open sesame"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, left := range [][]string{nil, {"keys/validator.json"}, {"keys/network.json"}, {"keys/validator.json", "keys/network.json"},
		{"keys/validator.json", "keys/network.json", "genesis.json"}, {"keys/validator.json", "node.toml.new"}} {
		c := config.Config{Dir: filepath.Join(t.TempDir(), "node"), Name: "a", P2PListen: []string{"/ip4/127.0.0.1/tcp/1"}, APIListen: "127.0.0.1:1", PassphraseFile: passphrase}
		if err := Init(c, []byte("genesis"), validator, network, keys.DevnetCost); err != nil {
			t.Fatal(err)
		}
		whole := map[string]bool{"keys/validator.json": true, "keys/network.json": true, "genesis.json": true, "node.toml": true}
		for _, name := range left {
			delete(whole, name)
			if _, err := os.Stat(filepath.Join(c.Dir, name)); err != nil {
				if err := os.WriteFile(filepath.Join(c.Dir, name), []byte("half"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		for name := range whole {
			if err := os.Remove(filepath.Join(c.Dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if len(left) > 1 {
			if err := Init(c, []byte("genesis"), other, network, keys.DevnetCost); err == nil {
				t.Errorf("%v: other keys are taken", left)
			}
		}
		if err := Init(c, []byte("genesis"), validator, network, keys.DevnetCost); err != nil {
			t.Errorf("after %v: %v", left, err)
		}
		if err := Init(c, []byte("genesis"), validator, network, keys.DevnetCost); !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("after %v, again: %v", left, err)
		}
	}
}
