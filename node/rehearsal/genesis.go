// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/p2p"
)

// A genesis is what the ledger of a story begins with.
type genesis struct {
	file      []byte
	trust     ledger.Trust
	time      time.Time
	validator keys.PrivateKey
	network   keys.PrivateKey
}

// nodeName is the one validator of the ledger.
const nodeName = "node1"

// home is the area of the network, Chengdu: of whoever names none.
const home = "510100"

// before is how long before the first part of a story its ledger begins.
const before = 24 * time.Hour

// newGenesis makes the genesis file of a story: its cast with their people, and
// the rules that differ from the defaults.
func newGenesis(s *Story, parameters map[string]any) (genesis, error) {
	libp2p, err := keys.SuiteByName(string(keys.Ed25519))
	if err != nil {
		return genesis{}, err
	}
	host, ok := s.cast.host()
	if !ok {
		return genesis{}, errors.New("the cast is empty: somebody must be there from the start")
	}
	g := genesis{
		time:      s.Parts[0].At.Add(-before),
		validator: keyNamed(s.cast.suite, "the validator"), network: keyNamed(libp2p, "the node"),
	}
	peer, err := p2p.PeerID(g.network.Seed())
	if err != nil {
		return genesis{}, err
	}
	state := contracts.GenesisState{Area: home, Calendars: []contracts.Calendar{calendar2027()}}
	for _, m := range s.cast.order {
		if !m.joins {
			state.Parties = append(state.Parties, m.party)
		}
	}
	for _, p := range s.cast.enrolled() {
		state.Persons = append(state.Persons, contracts.GenesisPerson{
			Organisation: s.cast.members[p.Member].party.PartyID, Roles: []string{p.role()}, Key: s.cast.key(p).Public(),
		})
	}
	if len(parameters) > 0 {
		if state.Parameters, err = json.Marshal(plain(parameters)); err != nil {
			return genesis{}, fmt.Errorf("parameters: %w", err)
		}
	}
	file := ledger.Genesis{
		Format: ledger.GenesisFormat, Name: "rehearsal", Suite: s.cast.suite.Name(), Time: g.time.UTC(),
		Validators: []ledger.Validator{{Name: nodeName, Organisation: host, Key: g.validator.Public(), PeerID: peer}},
	}
	if file.State, err = json.Marshal(state); err != nil {
		return genesis{}, err
	}
	if g.file, err = json.Marshal(file); err != nil {
		return genesis{}, err
	}
	if _, g.trust, err = ledger.ParseGenesis(g.file); err != nil {
		return genesis{}, err
	}
	// The node will do the same; here it finds faults of the cast and the rules.
	if _, err := contracts.Genesis(g.trust.Network, g.trust.Sets[0], file.State, g.time.UnixMilli()); err != nil {
		return genesis{}, errors.New(strings.TrimPrefix(err.Error(), ledger.ErrInvalid.Error()+": "))
	}
	return g, nil
}
