// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/p2p"
)

// An Identity is what makes a node this validator of this network.
type Identity struct {
	Genesis   *ledger.Genesis
	Trust     ledger.Trust
	Place     uint64 // in the validator set
	Validator keys.Signer
	Network   []byte // seed of the libp2p key
}

// ReadGenesis reads the genesis file of the data directory dir. Errors wrap
// ledger.ErrInvalid.
func ReadGenesis(dir string) (*ledger.Genesis, ledger.Trust, error) {
	raw, err := os.ReadFile(filepath.Join(dir, GenesisFile))
	if err != nil {
		return nil, ledger.Trust{}, fmt.Errorf("%w: read %w: %w", ledger.ErrInvalid, ledger.ErrGenesis, err)
	}
	return ledger.ParseGenesis(raw)
}

// LoadIdentity opens the keys of the data directory and compares them with its
// genesis file. Errors wrap ledger.ErrInvalid.
func LoadIdentity(c config.Config) (Identity, error) {
	var id Identity
	var err error
	if id.Genesis, id.Trust, err = ReadGenesis(c.Dir); err != nil {
		return Identity{}, err
	}
	passphrase, err := keys.ReadPassphrase(c.PassphraseFile)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ledger.ErrInvalid, err)
	}
	validator, err := keys.ReadFile(filepath.Join(c.Dir, ValidatorKeyFile), passphrase)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: validator key: %w", ledger.ErrInvalid, err)
	}
	network, err := keys.ReadFile(filepath.Join(c.Dir, NetworkKeyFile), passphrase)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: network key: %w", ledger.ErrInvalid, err)
	}
	if algorithm := network.Public().Algorithm; algorithm != keys.Ed25519 {
		return Identity{}, fmt.Errorf("%w: %w: the key in %s is %s, and a network key is %s in every network",
			ledger.ErrInvalid, keys.ErrMismatch, NetworkKeyFile, algorithm, keys.Ed25519)
	}
	id.Validator, id.Network = validator, network.Seed()
	place, ok := id.Trust.Sets[0].Find(validator.Public())
	if !ok || id.Genesis.Validators[place].Name != c.Name {
		return Identity{}, fmt.Errorf("%w: %w: the key in %s is not that of validator %q in the genesis file", ledger.ErrInvalid, keys.ErrMismatch, ValidatorKeyFile, c.Name)
	}
	id.Place = place
	peer, err := p2p.PeerID(id.Network)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: network key: %w", ledger.ErrInvalid, err)
	}
	if want := id.Genesis.Validators[place].PeerID; peer != want {
		return Identity{}, fmt.Errorf("%w: %w: the key in %s has peer id %s, the genesis file says %s", ledger.ErrInvalid, keys.ErrMismatch, NetworkKeyFile, peer, want)
	}
	return id, nil
}

// Strangers names the peers of c that are no validators of the genesis file.
func (id Identity) Strangers(c config.Config) []string {
	var unknown []string
	for name := range c.Peers {
		if !slices.ContainsFunc(id.Genesis.Validators, func(v ledger.Validator) bool { return v.Name == name }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// CheckPeers refuses addresses of somebody whom the genesis file does not name: a
// slip, for which this node would wait in vain for the one that was meant.
func (id Identity) CheckPeers(c config.Config) error {
	if unknown := id.Strangers(c); len(unknown) > 0 {
		return fmt.Errorf("%w: peers: the genesis file has no validator %s", ledger.ErrInvalid, strings.Join(unknown, ", "))
	}
	return nil
}

// Members is what the network layer is told of the validators.
func (id Identity) Members(c config.Config) []p2p.Member {
	var members []p2p.Member
	for _, v := range id.Genesis.Validators {
		members = append(members, p2p.Member{ID: p2p.MemberID(v.Name), PeerID: v.PeerID, Addresses: c.Peers[v.Name]})
	}
	return members
}
