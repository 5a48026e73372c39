// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/p2p"
)

// The organisations of the test network.
const (
	rx  = "91510100MA6CA1R24N" // borrower
	ipo = "12510100MB0A1K3L09"
)

// A chain is a small network of four validators without nodes: blocks are
// executed by the contracts and certified by whom a test says.
type chain struct {
	t          *testing.T
	genesis    []byte
	trust      ledger.Trust
	validators []keys.PrivateKey
	people     map[string]keys.PrivateKey // "RX.maker"
	records    map[string][]byte
	tree       *state.Tree
	history    *ledger.History
	head       ledger.Header
}

func newChain(t *testing.T, suiteName string, at time.Time) *chain {
	t.Helper()
	suite, err := keys.SuiteByName(suiteName)
	check(t, err)
	ed25519, err := keys.SuiteByName(string(keys.Ed25519))
	check(t, err)
	c := &chain{t: t, people: map[string]keys.PrivateKey{}, records: map[string][]byte{}}
	spec := genesisSpec{
		Name: "test", Suite: suiteName, Time: at, Area: "510100",
		Parties: []partySpec{
			{PartyID: rx, NameZH: "成都蓉芯微电子有限公司", Role: "BORROWER"},
			{PartyID: ipo, NameZH: "成都知识产权服务中心(示例)", Role: "IPO"},
		},
	}
	for i := range 4 {
		key := generate(t, suite)
		network := generate(t, ed25519)
		peer, err := p2p.PeerID(network.Seed())
		check(t, err)
		c.validators = append(c.validators, key)
		spec.Validators = append(spec.Validators, validatorSpec{
			Name: fmt.Sprintf("node%d", i+1), Organisation: ipo, Key: key.Public(), PeerID: peer,
		})
	}
	for _, name := range []string{"RX.maker", "IPO.maker", "IPO.checker"} {
		organisation, role, _ := strings.Cut(name, ".")
		c.people[name] = generate(t, suite)
		spec.Persons = append(spec.Persons, personSpec{
			Organisation: map[string]string{"RX": rx, "IPO": ipo}[organisation], Roles: []string{role}, Key: c.people[name].Public(),
		})
	}
	c.genesis, err = spec.genesis(at)
	check(t, err)
	n, changes, err := openGenesis(c.genesis)
	check(t, err)
	c.trust = n.trust
	c.tree, err = state.Empty(suite).Apply(0, c.keep(changes))
	check(t, err)
	c.head = ledger.Header{
		Version: ledger.HeaderVersion, Chain: c.trust.Chain, Time: at.UnixMilli(),
		StateRoot: c.tree.Root(), ExecutionVersion: contracts.FirstVersion,
	}
	c.history = ledger.NewHistory(suite)
	return c
}

func generate(t *testing.T, suite keys.Suite) keys.PrivateKey {
	t.Helper()
	key, err := suite.Generate(nil)
	check(t, err)
	return key
}

func (c *chain) keep(changes []contracts.Change) []state.Change {
	var writes []state.Change
	for _, change := range changes {
		writes = append(writes, state.Change{Key: change.Key, Value: change.Value, Delete: change.Delete})
		c.records[change.Key] = change.Value
		if change.Delete {
			delete(c.records, change.Key)
		}
	}
	return writes
}

// Get and Iterate make the chain what contracts read the state through.
func (c *chain) Get(key string) ([]byte, bool, error) {
	value, ok := c.records[key]
	return value, ok, nil
}

func (c *chain) Iterate(prefix string, visit func(string, []byte) bool) error {
	var names []string
	for key := range c.records {
		if strings.HasPrefix(key, prefix) {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	for _, key := range names {
		if !visit(key, c.records[key]) {
			return nil
		}
	}
	return nil
}

// transaction signs a call by people such as "IPO.maker", the first of whom
// names the actor.
func (c *chain) transaction(method string, args any, by ...string) *ledger.Transaction {
	c.t.Helper()
	m, err := lookupMethod(method)
	check(c.t, err)
	text, err := json.Marshal(args)
	check(c.t, err)
	raw, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		c.t.Fatal(refusal)
	}
	body := ledger.Body{
		Contract: m.Contract, Version: m.Version, Method: m.Name, Args: raw,
		ClientRef: fmt.Sprintf("test-%d", c.head.Height+1), ValidUntil: c.head.Time + time.Hour.Milliseconds(),
	}
	for _, name := range by {
		organisation, role, _ := strings.Cut(name, ".")
		id := map[string]string{"RX": rx, "IPO": ipo}[organisation]
		if body.Actor == "" {
			body.Actor = id
		}
		body.Signers = append(body.Signers, ledger.Signer{Organisation: id, Role: role, Key: c.people[name].Public()})
	}
	encoded := ledger.Encode(body)
	var signatures []keys.Signature
	for _, name := range by {
		signature, err := c.people[name].Sign(c.trust.SignBytes(encoded))
		check(c.t, err)
		signatures = append(signatures, signature)
	}
	tx, err := ledger.NewTransaction(c.trust.Network, encoded, signatures)
	check(c.t, err)
	return tx
}

// block makes the next block of one transaction FINAL and gives its receipt.
func (c *chain) block(tx *ledger.Transaction, signers ...int) ledger.Receipt {
	c.t.Helper()
	height, at := c.head.Height+1, c.head.Time+1000
	context := contracts.Block{Network: c.trust.Network, Height: height, Time: at}
	outcomes, changes, err := contracts.Execute(registry.New(), c, context, []*ledger.Transaction{tx})
	check(c.t, err)
	c.tree, err = c.tree.Apply(height, c.keep(changes))
	check(c.t, err)
	parent := c.trust.HeaderHash(c.head)
	c.history = c.history.Append(parent)
	transactions, receipts := [][]byte{tx.Bytes()}, [][]byte{ledger.Encode(outcomes[0])}
	c.head = ledger.Header{
		Version: ledger.HeaderVersion, Chain: c.trust.Chain, Height: height, Parent: parent, Time: at,
		TransactionRoot: c.trust.TransactionRoot(transactions), StateRoot: c.tree.Root(),
		ReceiptsRoot: ledger.MerkleRoot(c.trust.Suite, receipts), HistoryRoot: c.history.Root(),
		ExecutionVersion: contracts.FirstVersion,
	}
	r, err := ledger.NewReceipt(c.trust.Network, c.certify(signers...), transactions, receipts, 0)
	check(c.t, err)
	return r
}

// certify gives the head with COMMIT votes of the validators at the places.
func (c *chain) certify(signers ...int) ledger.Certified {
	c.t.Helper()
	vote := ledger.Vote{Kind: ledger.Commit, Chain: c.trust.Chain, Height: c.head.Height, Block: c.trust.HeaderHash(c.head)}
	certified := ledger.Certified{Header: c.head, Certificate: ledger.Certificate{Vote: vote}}
	for _, place := range signers {
		signed, err := vote.Sign(uint64(place), c.validators[place])
		check(c.t, err)
		certified.Certificate.Signers = append(certified.Certificate.Signers, ledger.SignerSignature{
			Validator: signed.Validator, Signature: signed.Signature,
		})
	}
	return certified
}

// statement proves what the head's state holds under key.
func (c *chain) statement(key string) []byte {
	c.t.Helper()
	s, err := state.NewStatement(c.tree, c.certify(0, 1, 2), key)
	check(c.t, err)
	return ledger.Encode(s)
}

// writeFiles puts into dir the files that scripts verify: a claim of a patent
// that an IP office confirmed, a rejection, and proofs of the right.
func writeFiles(t *testing.T, dir, suite string) {
	t.Helper()
	c := newChain(t, suite, time.Now().Add(-time.Hour))
	write := func(name string, content []byte) {
		check(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	write("genesis.json", c.genesis)
	write("other.json", newChain(t, suite, time.Now()).genesis)

	claim := c.block(c.transaction("rights.claim", map[string]any{
		"type": "PATENT", "number": "ZL201810234567.3", "owners": []string{rx}, "title": "一种芯片封装结构",
	}, "RX.maker"), 0, 1, 3)
	write("receipt", ledger.Encode(claim))
	write("claimed", c.statement("rights/PATENT/2018102345673"))
	write("absence", c.statement("rights/PATENT/201910334455X"))
	write("party", c.statement("parties/"+rx))

	double := ledger.Evidence{Kind: ledger.DoubleVote}
	for block := range byte(2) {
		v := ledger.Vote{Kind: ledger.Commit, Chain: c.trust.Chain, Height: 7, Block: ledger.Hash{block + 1}}
		signed, err := v.Sign(2, c.validators[2])
		check(t, err)
		double.Votes = append(double.Votes, signed)
	}
	double = double.Canonical()
	write("evidence", ledger.Encode(ledger.NewEvidenceFile(double)))
	slander := double
	slander.Votes = slices.Clone(double.Votes)
	slander.Votes[0].Validator, slander.Votes[1].Validator = 1, 1
	write("slander", ledger.Encode(ledger.NewEvidenceFile(slander)))
	slander.Votes = []ledger.SignedVote{double.Votes[0], double.Votes[0]}
	write("honest", ledger.Encode(ledger.NewEvidenceFile(slander)))

	few := claim
	few.Block.Certificate.Signers = few.Block.Certificate.Signers[:2]
	write("few", ledger.Encode(few))
	doubled := claim
	doubled.Block.Certificate.Signers = append(slices.Clone(few.Block.Certificate.Signers), few.Block.Certificate.Signers[1])
	write("doubled", ledger.Encode(doubled))
	altered := claim
	altered.Outcome = slices.Clone(claim.Outcome)
	altered.Outcome[len(altered.Outcome)-1] ^= 1
	write("altered", ledger.Encode(altered))
	broken := ledger.Encode(claim)
	broken[len(broken)-1] ^= 1 // in the last signature
	write("broken", broken)

	var outcome ledger.Outcome
	check(t, ledger.Decode(claim.Outcome, ledger.MaxValue, &outcome))
	m, err := lookupMethod("rights.claim")
	check(t, err)
	result, err := m.ResultJSON(outcome.Result)
	check(t, err)
	var claimed struct {
		RightID string `json:"right_id"`
	}
	check(t, json.Unmarshal(result, &claimed))
	rejected := c.block(c.transaction("rights.confirm", map[string]any{"right_id": claimed.RightID, "owners": []string{rx}}, "IPO.maker"), 0, 1, 2)
	write("rejected", ledger.Encode(rejected))
	c.block(c.transaction("rights.confirm", map[string]any{
		"right_id": claimed.RightID, "owners": []string{rx},
		"evidence":    map[string]any{"evidence_hash": c.trust.Chain, "captured_at": c.head.Time - 1000},
		"filing_date": "2018-03-19", "expiry_date": "2038-03-18", "legal_status": "GRANTED", "fee_status": "PAID",
	}, "IPO.maker", "IPO.checker"), 0, 1, 2)
	write("free", c.statement("rights/PATENT/2018102345673"))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
