// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/p2p"
)

// Config holds the facts that are this node's own. It is read from node.toml in
// the data directory; IPLEDGER_* variables go before it. What all nodes share
// is in genesis.json beside it.
type Config struct {
	// Dir is the data directory. It holds node.toml, genesis.json, keys/,
	// consensus/ (votes; never copied or restored) and ledger/.
	Dir string `toml:"-"`

	// Name is this validator's name in the genesis file.
	Name string `toml:"name"`

	// P2PListen are the multiaddrs to bind, such as /ip4/0.0.0.0/tcp/4001.
	P2PListen []string `toml:"p2p_listen"`

	// Peers gives, by name, the multiaddrs of other validators.
	Peers map[string][]string `toml:"peers"`

	// APIListen is the HTTP address. It must be on loopback: no TLS is served yet.
	APIListen string `toml:"api_listen"`

	// PassphraseFile holds the passphrase of the key files, so that the node can
	// start unattended.
	PassphraseFile string `toml:"passphrase_file"`

	// LogLevel is debug, info, warn or error; info if empty.
	LogLevel string `toml:"log_level"`

	// ProfileListen is the HTTP address of Go's profiler, on loopback only; empty,
	// as it should be in service, serves none.
	ProfileListen string `toml:"profile_listen,omitempty"`
}

// File names in a data directory.
const (
	configFile       = "node.toml"
	genesisFile      = "genesis.json"
	validatorKeyFile = "keys/validator.json"
	networkKeyFile   = "keys/network.json"
	consensusDir     = "consensus"
	ledgerDir        = "ledger"
)

// LoadConfig reads the configuration of the data directory dir; getenv is
// os.Getenv or what takes its place. Errors wrap ledger.ErrInvalid.
func LoadConfig(dir string, getenv func(string) string) (Config, error) {
	file, err := os.Open(filepath.Join(dir, configFile))
	if err != nil {
		return Config{}, fmt.Errorf("%w: %s is no data directory of a node (make one with: ipledger node init): %w", ledger.ErrInvalid, dir, err)
	}
	defer file.Close()
	c := Config{Dir: dir}
	if err := toml.NewDecoder(file).DisallowUnknownFields().Decode(&c); err != nil {
		return Config{}, fmt.Errorf("%w: %s: %w", ledger.ErrInvalid, file.Name(), err)
	}
	override := func(v *string, name string) {
		if s := getenv("IPLEDGER_" + name); s != "" {
			*v = s
		}
	}
	override(&c.APIListen, "API_LISTEN")
	override(&c.PassphraseFile, "PASSPHRASE_FILE")
	override(&c.LogLevel, "LOG_LEVEL")
	override(&c.ProfileListen, "PROFILE_LISTEN")
	return c, c.check()
}

func (c Config) check() error {
	switch {
	case c.Name == "":
		return fmt.Errorf("%w: %s names no validator", ledger.ErrInvalid, configFile)
	case len(c.P2PListen) == 0:
		return fmt.Errorf("%w: %s has no p2p_listen address", ledger.ErrInvalid, configFile)
	case c.APIListen == "":
		return fmt.Errorf("%w: %s has no api_listen address", ledger.ErrInvalid, configFile)
	case c.PassphraseFile == "":
		return fmt.Errorf("%w: no passphrase file: set passphrase_file or IPLEDGER_PASSPHRASE_FILE", ledger.ErrInvalid)
	}
	return nil
}

// Passphrase reads a passphrase file: its content without the last newline.
func Passphrase(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	return []byte(strings.TrimRight(string(b), "\r\n")), nil
}

// Init makes a data directory of c with its keys, which cost says how hard to
// guess. It refuses a directory that has a configuration already.
func Init(c Config, genesis []byte, validator, network keys.PrivateKey, cost keys.Cost) error {
	if err := c.check(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Dir, configFile)); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %s holds a node already; nothing was changed", ledger.ErrConflict, c.Dir)
	}
	passphrase, err := Passphrase(c.PassphraseFile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.Dir, "keys"), 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	for file, key := range map[string]keys.PrivateKey{validatorKeyFile: validator, networkKeyFile: network} {
		if err := keys.WriteFile(filepath.Join(c.Dir, file), key, passphrase, cost); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(c.Dir, genesisFile), genesis, 0o644); err != nil {
		return fmt.Errorf("write genesis file: %w", err)
	}
	text, err := toml.Marshal(c)
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	// Last, so that a directory without it can be made anew.
	if err := os.WriteFile(filepath.Join(c.Dir, configFile), text, 0o644); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// identity is what makes a node this validator of this network.
type identity struct {
	genesis   *ledger.Genesis
	trust     ledger.Trust
	place     uint64 // in the validator set
	validator keys.Signer
	network   []byte // seed of the libp2p key
}

func loadIdentity(c Config) (identity, error) {
	raw, err := os.ReadFile(filepath.Join(c.Dir, genesisFile))
	if err != nil {
		return identity{}, fmt.Errorf("%w: read genesis file: %w", ledger.ErrInvalid, err)
	}
	var id identity
	if id.genesis, id.trust, err = ledger.ParseGenesis(raw); err != nil {
		return identity{}, err
	}
	passphrase, err := Passphrase(c.PassphraseFile)
	if err != nil {
		return identity{}, err
	}
	validator, err := keys.ReadFile(filepath.Join(c.Dir, validatorKeyFile), passphrase)
	if err != nil {
		return identity{}, fmt.Errorf("validator key: %w", err)
	}
	network, err := keys.ReadFile(filepath.Join(c.Dir, networkKeyFile), passphrase)
	if err != nil {
		return identity{}, fmt.Errorf("network key: %w", err)
	}
	id.validator, id.network = validator, network.Seed()
	place, ok := id.trust.Sets[0].Find(validator.Public())
	if !ok || id.genesis.Validators[place].Name != c.Name {
		return identity{}, fmt.Errorf("%w: the key in %s is not that of validator %q in the genesis file", ledger.ErrInvalid, validatorKeyFile, c.Name)
	}
	id.place = place
	peer, err := p2p.PeerID(id.network)
	if err != nil {
		return identity{}, fmt.Errorf("network key: %w", err)
	}
	if want := id.genesis.Validators[place].PeerID; peer != want {
		return identity{}, fmt.Errorf("%w: the key in %s has peer id %s, the genesis file says %s", ledger.ErrInvalid, networkKeyFile, peer, want)
	}
	return id, nil
}
