// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func genesisCommand(e *env) *cobra.Command {
	return noun("genesis", "Make and look at the facts all nodes of a network share", genesisNewCommand(e), genesisShowCommand(e))
}

// A genesisSpec is what the founders of a network agree on, as they write it.
type genesisSpec struct {
	Name       string          `toml:"name"`
	Suite      string          `toml:"suite"`
	Time       time.Time       `toml:"time"` // absent: now
	Area       string          `toml:"area"`
	Parameters map[string]any  `toml:"parameters"`
	Validators []validatorSpec `toml:"validators"`
	Parties    []partySpec     `toml:"parties"`
	Persons    []personSpec    `toml:"persons"`
}

type validatorSpec struct {
	Name         string         `toml:"name"`
	Organisation string         `toml:"organisation"` // party id
	Key          keys.PublicKey `toml:"key"`
	PeerID       string         `toml:"peer_id"`
}

type partySpec struct {
	PartyID  string `toml:"party_id"`
	NameZH   string `toml:"name_zh"`
	NameEN   string `toml:"name_en"`
	Role     string `toml:"role"`
	AreaCode string `toml:"area_code"`
}

type personSpec struct {
	PersonID     string         `toml:"person_id"`
	Organisation string         `toml:"organisation"`
	Roles        []string       `toml:"roles"`
	Key          keys.PublicKey `toml:"key"`
}

func genesisNewCommand(e *env) *cobra.Command {
	var from, out string
	cmd := &cobra.Command{
		Use:   "new --from SPEC.toml --out genesis.json",
		Short: "Make the genesis file of a network and print its hash",
		Long: `Make the genesis file of a network from what its founders agreed on, and print
its hash. The hash is the network's identity: every founder compares it before
starting a node. An existing file is never overwritten.

The specification is TOML:

  name = "chengdu"
  suite = "ed25519"                     # or sm2, for ever
  time = 2026-11-22T09:00:00+08:00      # absent: now
  area = "510100"                       # GB/T 2260

  [parameters]                          # optional: rules other than the defaults
  pledge.reservation = 14

  [[validators]]                        # from: ipledger node init --dir DIR
  name = "ba"
  organisation = "91510100MA6L1D0E2L"
  key = "ed25519:…"
  peer_id = "12D3KooW…"

  [[parties]]
  party_id = "91510100MA6L1D0E2L"       # unified social credit code; of a foreign one LEI, with name_en and no area
  name_zh = "蜀锦银行"
  role = "BANK"

  [[persons]]                           # from: ipledger key new --out FILE
  organisation = "91510100MA6L1D0E2L"
  roles = ["maker"]
  key = "ed25519:…"`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			spec, err := readSpec(from)
			if err != nil {
				return err
			}
			file, err := spec.genesis(e.Now())
			if err != nil {
				return fmt.Errorf("%s: %w", from, err)
			}
			if err := writeNew(out, file); err != nil {
				return err
			}
			return e.showGenesis(out, file)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "specification")
	cmd.Flags().StringVar(&out, "out", "", "genesis file to make")
	require(cmd, "from", "out")
	return cmd
}

func readSpec(path string) (genesisSpec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return genesisSpec{}, fmt.Errorf("read specification: %w", err)
	}
	var spec genesisSpec
	err = toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&spec)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		var names []string
		for _, field := range unknown.Errors {
			names = append(names, strings.Join(field.Key(), "."))
		}
		err = fmt.Errorf("unknown: %s", strings.Join(names, ", "))
	}
	if err != nil {
		return genesisSpec{}, fmt.Errorf("%w: specification %s: %w", ledger.ErrInvalid, path, err)
	}
	return spec, nil
}

// genesis gives the file of the specification. It is checked as every node will
// check it, so that a mistake is found before anybody trusts the hash.
func (s genesisSpec) genesis(now time.Time) ([]byte, error) {
	if s.Time.IsZero() {
		s.Time = now.Truncate(time.Second)
	}
	state := contracts.GenesisState{Area: s.Area}
	if len(s.Parameters) > 0 {
		parameters, err := json.Marshal(s.Parameters)
		if err != nil {
			return nil, fmt.Errorf("%w: parameters: %w", ledger.ErrInvalid, err)
		}
		state.Parameters = parameters
	}
	founders := make(map[string]bool)
	for _, p := range s.Parties {
		founders[p.PartyID] = true
		state.Parties = append(state.Parties, contracts.GenesisParty{
			PartyID: p.PartyID, NameZH: p.NameZH, NameEN: p.NameEN, Role: contracts.PartyRole(p.Role), AreaCode: p.AreaCode,
		})
	}
	for _, p := range s.Persons {
		state.Persons = append(state.Persons, contracts.GenesisPerson{
			PersonID: p.PersonID, Organisation: p.Organisation, Roles: p.Roles, Key: p.Key,
		})
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrInvalid, err)
	}
	g := ledger.Genesis{Format: ledger.GenesisFormat, Name: s.Name, Suite: s.Suite, Time: s.Time.UTC(), State: raw}
	for _, v := range s.Validators {
		if !founders[v.Organisation] {
			return nil, fmt.Errorf("%w: validator %q is of %q, which is not among the parties", ledger.ErrInvalid, v.Name, v.Organisation)
		}
		if !isPeerID(v.PeerID) {
			return nil, fmt.Errorf("%w: validator %q: %q is not the peer id of a network key", ledger.ErrInvalid, v.Name, v.PeerID)
		}
		g.Validators = append(g.Validators, ledger.Validator{Name: v.Name, Organisation: v.Organisation, Key: v.Key, PeerID: v.PeerID})
	}
	file, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrInvalid, err)
	}
	file = append(file, '\n')
	_, _, err = openGenesis(file)
	return file, err
}

// isPeerID tells whether text has the form of a peer id of an Ed25519 key: 38
// bytes in base58 that begin alike for all such keys.
func isPeerID(text string) bool {
	const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	return len(text) == 52 && strings.HasPrefix(text, "12D3KooW") && strings.Trim(text, base58) == ""
}

// A network is what a genesis file says.
type network struct {
	genesis    *ledger.Genesis
	trust      ledger.Trust
	parameters contracts.Parameters // at height 0
}

// readGenesis reads the trust anchor of a verifier.
func readGenesis(path string) (network, error) {
	if path == "" {
		return network{}, wrongCall("no genesis file: give --genesis or set IPLEDGER_GENESIS")
	}
	file, err := readFile(path)
	if err != nil {
		return network{}, fmt.Errorf("read genesis file: %w", err)
	}
	n, _, err := openGenesis(file)
	if err != nil {
		return network{}, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// openGenesis checks a genesis file and gives the first records of its state.
func openGenesis(file []byte) (network, []contracts.Change, error) {
	g, trust, err := ledger.ParseGenesis(file)
	if err != nil {
		return network{}, nil, err
	}
	n := network{genesis: g, trust: trust}
	changes, err := contracts.Genesis(trust.Network, trust.Sets[0], g.State, g.Time.UnixMilli())
	if err != nil {
		return network{}, nil, err
	}
	for _, c := range changes {
		if c.Key == contracts.ParametersKey {
			if err := ledger.Decode(c.Value, ledger.MaxValue, &n.parameters); err != nil {
				return network{}, nil, err
			}
		}
	}
	return n, changes, nil
}

func genesisShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Print the hash and the validators of a genesis file",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := readFile(args[0])
			if err != nil {
				return fmt.Errorf("read genesis file: %w", err)
			}
			return e.showGenesis(args[0], file)
		},
	}
}

// genesisAnswer is the JSON form of a genesis file's summary.
type genesisAnswer struct {
	Hash       ledger.Hash        `json:"hash"`
	Name       string             `json:"name"`
	Suite      string             `json:"suite"`
	Time       string             `json:"time"`
	Quorum     int                `json:"quorum"`
	Validators []ledger.Validator `json:"validators"`
	Parties    int                `json:"parties"`
	Persons    int                `json:"persons"`
}

func (e *env) showGenesis(path string, file []byte) error {
	n, changes, err := openGenesis(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	set := n.trust.Sets[0]
	answer := genesisAnswer{
		Hash:       n.trust.Chain,
		Name:       n.genesis.Name,
		Suite:      n.genesis.Suite,
		Time:       clockTime(n.genesis.Time.UnixMilli()),
		Quorum:     set.Quorum(),
		Validators: set.Members,
	}
	for _, c := range changes {
		switch {
		case strings.HasPrefix(c.Key, contracts.PartyKey("")):
			answer.Parties++
		case strings.HasPrefix(c.Key, contracts.PersonKey("")):
			answer.Persons++
		}
	}
	if e.output == "json" {
		return e.show(answer, nil)
	}
	facts := newTable()
	facts.fact("hash", answer.Hash.String())
	facts.fact("name", answer.Name)
	facts.fact("suite", answer.Suite)
	facts.fact("time", answer.Time)
	facts.fact("parties", strconv.Itoa(answer.Parties))
	facts.fact("persons", strconv.Itoa(answer.Persons))
	facts.fact("validators", fmt.Sprintf("%d, of which %d sign a certificate", len(set.Members), answer.Quorum))
	if err := e.show(nil, facts); err != nil {
		return err
	}
	t := newTable("VALIDATOR", "ORGANISATION", "KEY", "PEER ID")
	for _, v := range set.Members {
		t.add(v.Name, v.Organisation, v.Key.String(), v.PeerID)
	}
	return e.show(nil, t)
}
