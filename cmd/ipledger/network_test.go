// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// TestNetworkFromNothing makes keys, a genesis file and a node as founders do,
// with a single validator; registers a firm, claims a patent for it, and
// verifies the receipt and the proof after the node has ended. The node of one network
// and one of its persons pay the whole cost of opening a key, each time; all others none.
func TestNetworkFromNothing(t *testing.T) {
	t.Run("ed25519", func(t *testing.T) { foundNetwork(t, "ed25519", keys.Cost{}) })
	if !testing.Short() {
		t.Run("sm2", func(t *testing.T) { foundNetwork(t, "sm2", keys.DevnetCost) })
	}
}

func foundNetwork(t *testing.T, suite string, cost keys.Cost) {
	t.Chdir(t.TempDir())
	check(t, os.WriteFile("pass", []byte("correct horse\n"), 0o600))
	const bank = "91510100MA6L1D0E2L"

	var keyOf nodeKeys
	commandAt(t, cost, exitOK, &keyOf, "node", "init", "--dir", "node", "--suite", suite, "--passphrase-file", "pass")
	people := map[string]string{}
	for _, name := range []string{"maker", "checker", "firm"} {
		var k keyAnswer
		its := keys.DevnetCost
		if name == "checker" {
			its = cost
		}
		commandAt(t, its, exitOK, &k, "key", "new", "--suite", suite, "--out", name+".json", "--passphrase-file", "pass")
		people[name] = k.PublicKey.String()
	}
	check(t, os.WriteFile("spec.toml", fmt.Appendf(nil, `
name = "one"
suite = %q
area = "510100"
[parameters]
pledge.reservation = 7
[[validators]]
name = "ba"
organisation = %q
key = %q
peer_id = %q
[[parties]]
party_id = %q
name_zh = "蜀锦银行"
role = "BANK"
[[persons]]
organisation = %q
roles = ["maker"]
key = %q
[[persons]]
organisation = %q
roles = ["checker"]
key = %q
`, suite, bank, keyOf.Key, keyOf.PeerID, bank, bank, people["maker"], bank, people["checker"]), 0o600))
	var g genesisAnswer
	command(t, exitOK, &g, "genesis", "new", "--from", "spec.toml", "--out", "genesis.json")
	if g.Quorum != 1 || g.Persons != 2 || g.Suite != suite {
		t.Fatalf("genesis: %+v", g)
	}
	command(t, exitConflict, nil, "genesis", "new", "--from", "spec.toml", "--out", "genesis.json")

	address := freeAddress(t)
	commandAt(t, cost, exitOK, nil, "node", "init", "--dir", "node", "--passphrase-file", "pass", "--genesis", "genesis.json",
		"--api", address, "--p2p-listen", "/ip4/127.0.0.1/tcp/0")
	command(t, exitConflict, nil, "node", "init", "--dir", "node", "--passphrase-file", "pass", "--genesis", "genesis.json",
		"--validator-key", "node/keys/validator.json", "--network-key", "node/keys/network.json")

	file, err := os.ReadFile("node/keys/validator.json")
	check(t, err)
	if hard := strings.Contains(string(file), `"memory_kib": 65536`); hard != (cost == keys.Cost{}) {
		t.Errorf("of cost %+v is the key file %s", cost, file)
	}

	url := "http://" + address
	stop := startNodeHere(t, "node")
	defer stop()
	awaitNode(t, url)
	signed := []string{"--actor", bank, "--signer", "maker=maker.json", "--signer", "checker=checker.json",
		"--passphrase-file", "pass", "--genesis", "genesis.json", "--url", url}
	register := []string{"party", "register", rx, "--name-zh", "成都蓉芯微电子有限公司", "--role", "BORROWER",
		"--area-code", "510100", "--admin-key", "firm.json", "--signer", rx + ":admin=firm.json"}
	var registered submitAnswer
	command(t, exitOK, &registered, append(register, signed...)...)
	if !registered.Verified || registered.Outcome.Status != "FINAL" {
		t.Fatalf("party register: %+v", registered)
	}
	command(t, exitConflict, nil, append(register, signed...)...) // the firm is registered already
	claim := []string{"right", "claim", "201810234567.3", "--owners", rx, "--actor", rx, "--signer", "maker=firm.json",
		"--passphrase-file", "pass", "--genesis", "genesis.json", "--url", url, "--receipt", "receipt",
		"--client-ref", "claim-1", "--valid-until", time.Now().Add(time.Hour).Format(time.RFC3339)}
	var first, again submitAnswer
	command(t, exitOK, &first, claim...)
	command(t, exitOK, &again, claim...)
	if first.ID != again.ID || first.Height != again.Height {
		t.Errorf("the same request gave %v at height %d, then %v at height %d", first.ID, first.Height, again.ID, again.Height)
	}
	command(t, exitOK, nil, "tx", "wait", first.ID.String(), "--url", url)
	command(t, exitOK, nil, "right", "show", "PATENT:ZL2018102345673", "--url", url)
	findClaim(t, first, url)
	command(t, exitFailure, nil, "loan", "show", "LON-510100-20261123-0000001-X", "--url", url, "--key", "maker.json", "--passphrase-file", "pass")
	command(t, exitOK, nil, "receipt", "get", first.ID.String(), "--out", "receipt2", "--url", url)
	command(t, exitOK, nil, "proof", "get", "PAT_INV:201810234567.3", "--out", "proof", "--url", url)
	command(t, exitOK, nil, "proof", "get", "201910334455.X", "--out", "absence", "--url", url)
	command(t, exitOK, nil, "proof", "get", "PATENT:201810234567.3", "--at-height", fmt.Sprint(first.Height-1), "--out", "before", "--url", url)
	command(t, exitFailure, nil, "proof", "get", "PATENT:201810234567.3", "--at-height", fmt.Sprint(first.Height+99), "--out", "after", "--url", url)
	refuseToOverwrite(t, first.ID, url)
	id := accuseNode(t, bank, url)
	lost := append(slices.Clone(claim), "--receipt", "none/receipt", "--client-ref", "claim-2")
	command(t, exitFailure, nil, lost...)
	lost[2] = "201910334455.X"
	command(t, exitConflict, nil, append(lost, "--receipt", "maker.json")...)
	command(t, exitFailure, nil, "right", "show", "PATENT:201910334455.X", "--url", url) // neither was submitted
	stop()

	command(t, exitUnreachable, nil, "status", "--url", url)
	var r receiptAnswer
	command(t, exitOK, &r, "receipt", "verify", "receipt2", "--genesis", "genesis.json")
	if r.ID != first.ID || r.Actor != rx {
		t.Errorf("receipt: %+v", r)
	}
	var proven evidenceAnswer
	command(t, exitOK, &proven, "evidence", "verify", "evidence2", "--genesis", "genesis.json")
	if proven.ID != id || proven.Validator != "ba" || proven.Organisation != bank {
		t.Errorf("evidence: %+v", proven)
	}
	var claimed struct {
		RightID string `json:"right_id"`
	}
	check(t, json.Unmarshal(first.Outcome.Result, &claimed))
	command(t, exitOK, nil, "proof", "verify", "proof", "--genesis", "genesis.json", "--right", claimed.RightID)
	command(t, exitRefused, nil, "proof", "verify", "before", "--genesis", "genesis.json", "--right", claimed.RightID) // nobody knew it then
	for file, want := range map[string]string{"proof": "UNCONFIRMED", "absence": "UNKNOWN", "before": "UNKNOWN"} {
		var p proofAnswer
		command(t, exitOK, &p, "proof", "verify", file, "--genesis", "genesis.json", "--max-age", "10m")
		if string(p.Status.Value) != want {
			t.Errorf("%s: %s, want %s", file, p.Status.Value, want)
		}
	}
}

// findClaim finds the claimed right by state and area, now and in its past.
func findClaim(t *testing.T, claimed submitAnswer, url string) {
	t.Helper()
	var found, none []api.RightItem
	list := []string{"right", "list", "--base-state", "CLAIMED", "--area", "510100", "--url", url}
	command(t, exitOK, &found, list...)
	command(t, exitOK, &none, append(list, "--at-height", fmt.Sprint(claimed.Height-1))...)
	if len(found) != 1 || found[0].Key != "PATENT/2018102345673" || len(none) != 0 {
		t.Errorf("claimed are %+v, and before that %+v", found, none)
	}
	var public, member []api.RightVersion
	history := []string{"right", "history", "PATENT:ZL2018102345673", "--url", url}
	command(t, exitOK, &public, history...)
	command(t, exitOK, &member, append(history, "--key", "maker.json", "--passphrase-file", "pass")...)
	if len(public) != 1 || public[0].Height != claimed.Height || public[0].Transactions != nil {
		t.Errorf("the history is %+v", public)
	}
	if len(member) != 1 || !slices.Equal(member[0].Transactions, []ledger.Hash{claimed.ID}) {
		t.Errorf("the history for a member is %+v", member)
	}
	command(t, exitFailure, nil, "right", "show", "PATENT:ZL2018102345673", "--at-height", fmt.Sprint(claimed.Height-1), "--url", url)
	command(t, exitOK, nil, "right", "show", "PATENT:ZL2018102345673", "--at-time", fmt.Sprint(public[0].BlockTimeMS), "--url", url)
	command(t, exitFailure, nil, "pledge", "history", "PLG-510100-20260312-0000001-1", "--url", url)
	command(t, exitOK, nil, "pledge", "list", "--statutory-no", "Y2026510000123", "--submitted-to", fmt.Sprint(public[0].BlockTimeMS), "--url", url)
}

// accuseNode reports a double vote of the only validator and fetches it as the
// file evidence2.
func accuseNode(t *testing.T, bank, url string) ledger.Hash {
	t.Helper()
	key, err := keys.ReadFile("node/keys/validator.json", []byte("correct horse"))
	check(t, err)
	n, err := readGenesis("genesis.json")
	check(t, err)
	double := ledger.Evidence{Kind: ledger.DoubleVote}
	for block := range byte(2) {
		v, err := ledger.Vote{Kind: ledger.Prepare, Chain: n.trust.Chain, Height: 99, Block: ledger.Hash{block + 1}, Index: 1, Term: 1}.Sign(0, key)
		check(t, err)
		double.Votes = append(double.Votes, v)
	}
	double = double.Canonical()
	id := n.trust.EvidenceID(double)
	check(t, os.WriteFile("evidence", ledger.Encode(ledger.NewEvidenceFile(double)), 0o600))

	var none, listed []api.EvidenceItem
	command(t, exitOK, &none, "evidence", "list", "--url", url)
	command(t, exitFailure, nil, "evidence", "show", id.String(), "--url", url)
	report := []string{"evidence", "report", "evidence", "--actor", bank, "--signer", "maker=maker.json",
		"--passphrase-file", "pass", "--genesis", "genesis.json", "--url", url}
	command(t, exitOK, nil, report...)
	command(t, exitConflict, nil, report...) // it is recorded
	command(t, exitOK, &listed, "evidence", "list", "--url", url)
	if len(none) != 0 || len(listed) != 1 || listed[0].ID != id || listed[0].Validator != "ba" || listed[0].ReportedBy != bank {
		t.Errorf("listed are %+v, then %+v", none, listed)
	}
	var shown api.RecordedEvidence
	command(t, exitOK, &shown, "evidence", "show", id.String(), "--url", url)
	if shown.Record != listed[0] || len(shown.Evidence.Votes) != 2 {
		t.Errorf("%+v", shown.Record)
	}
	command(t, exitOK, nil, "evidence", "show", id.String(), "--out", "evidence2", "--url", url)
	command(t, exitConflict, nil, "evidence", "show", id.String(), "--out", "maker.json", "--url", url)
	return id
}

// refuseToOverwrite finds that what a command writes never takes the place of
// another file, such as a key.
func refuseToOverwrite(t *testing.T, id ledger.Hash, url string) {
	t.Helper()
	before, err := os.ReadFile("maker.json")
	check(t, err)
	command(t, exitConflict, nil, "receipt", "get", id.String(), "--out", "maker.json", "--url", url)
	command(t, exitConflict, nil, "proof", "get", "PAT_INV:201810234567.3", "--out", "maker.json", "--url", url)
	command(t, exitConflict, nil, "bench", "--json", "maker.json")
	command(t, exitOK, nil, "receipt", "get", id.String(), "--out", "receipt2", "--url", url) // it is there already
	after, err := os.ReadFile("maker.json")
	check(t, err)
	if !bytes.Equal(before, after) {
		t.Error("a key file was overwritten")
	}
}

// command runs one command line in this process, with its answer in JSON. Keys that it
// makes are opened at once.
func command(t *testing.T, want int, answer any, args ...string) {
	t.Helper()
	commandAt(t, keys.DevnetCost, want, answer, args...)
}

// commandAt is a command whose keys have a cost.
func commandAt(t *testing.T, cost keys.Cost, want int, answer any, args ...string) {
	t.Helper()
	var out, talk bytes.Buffer
	e := &env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Getenv: func(string) string { return "" }, Now: time.Now, keyCost: cost}
	if code := run(context.Background(), e, append(args, "-o", "json")); code != want {
		t.Fatalf("ipledger %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, &out, &talk)
	}
	if answer != nil {
		check(t, json.Unmarshal(out.Bytes(), answer))
	}
}

// startNodeHere runs a node in this process until stop is called.
func startNodeHere(t *testing.T, dir string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var log bytes.Buffer
	go func() {
		e := &env{Stdin: strings.NewReader(""), Stdout: &log, Stderr: &log, Getenv: func(string) string { return "" }, Now: time.Now}
		ended <- run(ctx, e, []string{"node", "start", "--dir", dir})
	}()
	stopped := false
	return func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if code := <-ended; code != exitOK {
			t.Errorf("the node ended with exit code %d\n%s", code, &log)
		}
	}
}

func awaitNode(t *testing.T, url string) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if code, out := runQuietly("status", "--url", url, "-o", "json"); code == exitOK && strings.Contains(out, `"phase": "active"`) {
			return
		}
	}
	t.Fatal("the node did not become active")
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().String()
}
