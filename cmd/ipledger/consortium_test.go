// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// TestMembersDecideFromTheCommandLine runs one node for three members that vote and a
// regulator: they change a figure, load a calendar and admit a bank, and the regulator
// vetoes.
func TestMembersDecideFromTheCommandLine(t *testing.T) {
	t.Chdir(t.TempDir())
	check(t, os.WriteFile("pass", []byte("correct horse\n"), 0o600))
	members := []struct{ code, id, role string }{
		{"ba", "91510100MA6L1D0E2L", "BANK"}, {"bb", "91500000MA5W2F1G4X", "BANK"}, {"ipo", "12510100MB0A1K3L09", "IPO"}, {"reg", "11510000MB0D4E2F80", "REGULATOR"},
	}
	newKey := func(name string) string {
		var k keyAnswer
		command(t, exitOK, &k, "key", "new", "--out", name+".json", "--passphrase-file", "pass")
		return k.PublicKey.String()
	}
	var node nodeKeys
	command(t, exitOK, &node, "node", "init", "--dir", "node", "--passphrase-file", "pass")
	spec := fmt.Sprintf("name = \"one\"\nsuite = \"ed25519\"\narea = \"510100\"\n[[validators]]\nname = \"ba\"\norganisation = %q\nkey = %q\npeer_id = %q\n", members[0].id, node.Key, node.PeerID)
	for _, m := range members {
		spec += fmt.Sprintf("[[parties]]\nparty_id = %q\nname_zh = \"机构\"\nrole = %q\n[[persons]]\norganisation = %q\nroles = [\"admin\", \"maker\"]\nkey = %q\n",
			m.id, m.role, m.id, newKey(m.code))
	}
	check(t, os.WriteFile("spec.toml", []byte(spec), 0o600))
	command(t, exitOK, nil, "genesis", "new", "--from", "spec.toml", "--out", "genesis.json")
	address := freeAddress(t)
	command(t, exitOK, nil, "node", "init", "--dir", "node", "--passphrase-file", "pass", "--genesis", "genesis.json", "--api", address, "--p2p-listen", "/ip4/127.0.0.1/tcp/0")
	url := "http://" + address
	defer startNodeHere(t, "node")()
	awaitNode(t, url)

	act := func(want int, member int, line ...string) consortium.ProposalResult {
		t.Helper()
		m := members[member]
		var answer submitAnswer
		command(t, want, &answer, append(line, "--actor", m.id, "--signer", "admin="+m.code+".json", "--passphrase-file", "pass", "--genesis", "genesis.json", "--url", url)...)
		var result consortium.ProposalResult
		if answer.Outcome != nil && len(answer.Outcome.Result) > 0 {
			check(t, json.Unmarshal(answer.Outcome.Result, &result))
		}
		return result
	}
	decide := func(method, args string) consortium.ProposalResult {
		t.Helper()
		check(t, os.WriteFile("args.json", []byte(args), 0o600))
		p := act(exitOK, 0, "consortium", "propose", method, "--args", "args.json", "--title", "a title")
		if p.State != consortium.Open {
			t.Fatalf("%+v", p)
		}
		for i := 1; i <= 2; i++ {
			p = act(exitOK, i, "consortium", "vote", p.Proposal.String(), "yes")
		}
		return p
	}

	changed := decide("consortium.set_parameters", `{"changes":[{"key":"claim.expiry","value":60}],"source":"resolution 3"}`)
	if changed.State != consortium.Passed {
		t.Fatalf("%+v", changed)
	}
	var figures api.Parameters
	command(t, exitOK, &figures, "consortium", "parameters", "claim.exp", "--url", url)
	if len(figures.Items) != 1 || figures.Items[0].Value != 60 || figures.Items[0].Change.Source != "resolution 3" {
		t.Errorf("%+v", figures)
	}
	if p := decide("consortium.load_calendar", `{"calendar":{"year":2027,"off":[101],"source":"notice"}}`); p.State != consortium.Passed {
		t.Errorf("%+v", p)
	}
	var calendars api.Calendars
	command(t, exitOK, &calendars, "consortium", "calendars", "--url", url)
	if len(calendars.Items) != 3 || calendars.Items[2].Year != 2027 {
		t.Errorf("%+v", calendars)
	}

	const newcomer = "91510100MA6M3H2J9Q"
	newKey("bc")
	var proof parties.AdmitArgs
	command(t, exitOK, &proof, "consortium", "prove-key", "bc.json", "--uscc", newcomer, "--name-zh", "都江银行", "--role", "BANK", "--area", "510100",
		"--genesis", "genesis.json", "--passphrase-file", "pass")
	raw, err := json.Marshal(proof)
	check(t, err)
	if p := decide("parties.admit", string(raw)); p.State != consortium.Passed {
		t.Errorf("%+v", p)
	}
	command(t, exitOK, nil, "party", "show", newcomer, "--url", url)

	// A foreign bank is named by its LEI, in any spelling.
	newKey("sg")
	prove := []string{"consortium", "prove-key", "sg.json", "--name-en", "Straits Bank", "--role", "BANK", "--genesis", "genesis.json", "--passphrase-file", "pass"}
	command(t, exitFailure, nil, append(prove, "--lei", "549300SGBANK00000184")...)
	var foreign parties.AdmitArgs
	command(t, exitOK, &foreign, append(prove, "--lei", "549300sgbank00000183")...)
	raw, err = json.Marshal(foreign)
	check(t, err)
	if p := decide("parties.admit", string(raw)); p.State != consortium.Passed {
		t.Errorf("%+v", p)
	}
	command(t, exitOK, nil, "party", "show", "549300sgbank00000183", "--url", url)

	vetoed := act(exitOK, 0, "consortium", "propose", "consortium.upgrade", "--args", `{"version":2,"height":1000}`)
	act(exitConflict, 0, "consortium", "vote", vetoed.Proposal.String(), "no") // it has voted by proposing
	if p := act(exitOK, 3, "consortium", "vote", vetoed.Proposal.String(), "veto"); p.State != consortium.Vetoed {
		t.Errorf("%+v", p)
	}
	own := act(exitOK, 1, "consortium", "propose", "consortium.upgrade", "--args", `{"version":2,"height":1000}`)
	act(exitFailure, 0, "consortium", "withdraw", own.Proposal.String())
	if p := act(exitOK, 1, "consortium", "withdraw", own.Proposal.String()); p.State != consortium.Withdrawn {
		t.Errorf("%+v", p)
	}
	act(exitFailure, 2, "consortium", "vote", ledger.Hash{1}.String(), "yes") // nothing is signed for a proposal that cannot be read

	signed := []string{"--key", "ba.json", "--passphrase-file", "pass", "--url", url}
	var listed []api.ProposalItem
	command(t, exitOK, &listed, append([]string{"consortium", "proposals", "--state", "passed"}, signed...)...)
	if len(listed) != 4 || listed[0].ID != changed.Proposal || listed[0].Title != "a title" {
		t.Errorf("%+v", listed)
	}
	var one api.Proposal
	command(t, exitOK, &one, append([]string{"consortium", "proposals", changed.Proposal.String()}, signed...)...)
	if len(one.Ballots) != 3 || !strings.Contains(string(one.Args), "claim.expiry") {
		t.Errorf("%+v", one)
	}
}
