// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/internal/ports"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/p2p"
)

// The organisations of the test network, a validator each.
var organisations = []contracts.GenesisParty{
	{PartyID: "91510100MA6L1D0E2L", NameZH: "蜀锦银行", Role: "BANK"},
	{PartyID: "91500000MA5W2F1G4X", NameZH: "嘉陵银行(重庆)", Role: "BANK"},
	{PartyID: "12510100MB0A1K3L09", NameZH: "成都知识产权服务中心(示例)", Role: "IPO"},
	{PartyID: "11510000MB0D4E2F80", NameZH: "监管机构(示例)", Role: "REGULATOR"},
}

// A cluster is a network of real nodes in this process: own directories, real
// sockets on loopback, both databases on disk.
type cluster struct {
	t       *testing.T
	genesis []byte
	trust   ledger.Trust
	configs []config.Config
	people  map[string]keys.PrivateKey // "0.maker"
	running []*running

	programs []*contracts.Versions // what the program of each node knows

	validators []keys.PrivateKey // by place

	submitted map[ledger.Hash]*ledger.Transaction
}

type running struct {
	stop context.CancelFunc
	done chan error
	node *node.Node
}

func newCluster(t *testing.T, suiteName string, change ...func(*contracts.GenesisState)) *cluster {
	t.Helper()
	suite, err := keys.SuiteByName(suiteName)
	if err != nil {
		t.Fatal(err)
	}
	libp2p, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	generate := func(s keys.Suite) keys.PrivateKey {
		k, err := s.Generate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	c := &cluster{t: t, people: make(map[string]keys.PrivateKey), running: make([]*running, len(organisations)), submitted: make(map[ledger.Hash]*ledger.Transaction)}
	g := ledger.Genesis{Format: ledger.GenesisFormat, Name: "test", Suite: suiteName, Time: time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)}
	state := contracts.GenesisState{Area: "510100", Parties: organisations}
	var networks []keys.PrivateKey
	for i, o := range organisations {
		c.programs = append(c.programs, registry.Versions())
		v, n := generate(suite), generate(libp2p)
		c.validators, networks = append(c.validators, v), append(networks, n)
		peer, err := p2p.PeerID(n.Seed())
		if err != nil {
			t.Fatal(err)
		}
		g.Validators = append(g.Validators, ledger.Validator{
			Name: fmt.Sprintf("node%d", i+1), Organisation: o.PartyID, Key: v.Public(), PeerID: peer,
		})
		for _, role := range []string{"maker", "checker", "admin"} {
			k := generate(suite)
			c.people[fmt.Sprintf("%d.%s", i, role)] = k
			state.Persons = append(state.Persons, contracts.GenesisPerson{Organisation: o.PartyID, Roles: []string{role}, Key: k.Public()})
		}
	}
	for _, c := range change {
		c(&state)
	}
	if g.State, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	if c.genesis, err = json.Marshal(g); err != nil {
		t.Fatal(err)
	}
	if _, c.trust, err = ledger.ParseGenesis(c.genesis); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	passphrase := filepath.Join(dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	port := ports.Row(t, 2*len(organisations))
	peers := make(map[string][]string)
	for i := range organisations {
		peers[fmt.Sprintf("node%d", i+1)] = []string{fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", port+i)}
	}
	for i := range organisations {
		name := fmt.Sprintf("node%d", i+1)
		cfg := config.Config{
			Dir:            filepath.Join(dir, name),
			Name:           name,
			P2PListen:      peers[name],
			Peers:          peers,
			APIListen:      fmt.Sprintf("127.0.0.1:%d", port+len(organisations)+i),
			PassphraseFile: passphrase,
		}
		if err := datadir.Init(cfg, c.genesis, c.validators[i], networks[i], keys.DevnetCost); err != nil {
			t.Fatal(err)
		}
		c.configs = append(c.configs, cfg)
	}
	return c
}

// set writes a line at the head of a node's node.toml.
func (c *cluster) set(i int, line string) {
	c.t.Helper()
	file := filepath.Join(c.configs[i].Dir, "node.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(file, append([]byte(line+"\n"), text...), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) start(i int) {
	c.t.Helper()
	cfg, err := config.Load(c.configs[i].Dir, func(string) string { return "" })
	if err != nil {
		c.t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		logger = slog.New(slog.NewTextHandler(os.Stderr, nil)).With("node", cfg.Name)
	}
	n, err := node.OpenOf(cfg, logger, c.programs[i])
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{stop: stop, done: make(chan error, 1), node: n}
	go func() { r.done <- n.Run(ctx) }()
	c.running[i] = r
	c.t.Cleanup(func() { c.stop(i) })
}

func (c *cluster) startAll() {
	for i := range c.configs {
		c.start(i)
	}
}

func (c *cluster) stop(i int) {
	c.t.Helper()
	r := c.running[i]
	if r == nil {
		return
	}
	c.running[i] = nil
	r.stop()
	if err := <-r.done; err != nil {
		c.t.Errorf("node %d ended: %v", i+1, err)
	}
	if err := r.node.Close(); err != nil {
		c.t.Errorf("close node %d: %v", i+1, err)
	}
}

func (c *cluster) client(i int, person string) *api.Client {
	return &api.Client{
		BaseURL:  "http://" + c.configs[i].APIListen,
		Key:      c.people[person],
		Registry: registry.New(),
		Network:  c.trust.Network,
	}
}

// eventually waits until the condition holds, and says what did not.
func eventually(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// claim submits a claim of a patent through node i and gives what became of it.
func (c *cluster) claim(i int, number string) (api.Transaction, error) {
	bank := organisations[0].PartyID
	client := c.client(i, "0.maker")
	args, err := json.Marshal(map[string]any{"type": "PAT_INV", "number": number, "owners": []string{bank}})
	if err != nil {
		return api.Transaction{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	draft, err := client.Draft(ctx, api.DraftRequest{
		Contract: "rights", Version: 1, Method: "claim", Args: args, Actor: bank, ClientRef: "claim-" + number,
	})
	if err != nil {
		return api.Transaction{}, fmt.Errorf("draft: %w", err)
	}
	sig, err := c.people["0.maker"].Sign(c.trust.SignBytes(draft.Body))
	if err != nil {
		return api.Transaction{}, err
	}
	tx, err := ledger.NewTransaction(c.trust.Network, draft.Body, []keys.Signature{sig})
	if err != nil {
		return api.Transaction{}, err
	}
	c.submitted[tx.ID()] = tx
	return client.Submit(ctx, tx, 15*time.Second)
}
