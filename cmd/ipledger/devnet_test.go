// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger/keys"
)

// The genesis file of the largest network names every organisation of the cast,
// and is refused if one of their codes is not valid.
func TestTheWholeCastCanRunNodes(t *testing.T) {
	for _, name := range []string{"ed25519", "sm2"} {
		suite, err := keys.SuiteByName(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), name)
		r, err := makeDevnet(&env{Stderr: os.Stderr, Now: time.Now}, dir, devnetPlan{nodes: maxDevnetNodes, suite: suite})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := readGenesis(r.Genesis); err != nil || len(n.trust.Sets[0].Members) != maxDevnetNodes {
			t.Errorf("genesis file of %s: %v", name, err)
		}
		if _, err := openDevnet(dir); err != nil {
			t.Error(err)
		}
		if mode := modeOf(t, r.PassphraseFile); mode != 0o600 {
			t.Errorf("the passphrase has mode %o, want 600", mode)
		}
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestANetworkCanBeMoved(t *testing.T) {
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	before, after := filepath.Join(t.TempDir(), "before"), filepath.Join(t.TempDir(), "after")
	if _, err := makeDevnet(&env{Stderr: os.Stderr, Now: time.Now}, before, devnetPlan{nodes: 1, suite: suite}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(before, after); err != nil {
		t.Fatal(err)
	}
	r, err := openDevnet(after)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{r.Genesis, r.PassphraseFile, r.Nodes[0].DataDir, r.People[0].KeyFile} {
		if _, err := os.Stat(path); err != nil || !strings.HasPrefix(path, after) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestATakenPortIsPassedOver(t *testing.T) {
	taken, err := listenLocal(0)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	if port+p2pOffset+1 > 1<<16 {
		t.Skip("the system gave a port at the end of the range")
	}
	var said bytes.Buffer
	pairs, err := choosePorts(&env{Stderr: &said}, devnetPlan{nodes: 1, port: port})
	if err != nil {
		t.Fatal(err)
	}
	if pairs[0].api == port || !strings.Contains(said.String(), "is taken") {
		t.Errorf("got port %d, and it says %q", pairs[0].api, said.String())
	}
}

func TestNodesDoNotShareWhatIsTheirOwn(t *testing.T) {
	got := sharedVariables([]string{"PATH=/bin", "IPLEDGER_NAME=node9", "IPLEDGER_TLS_KEY=k", "IPLEDGER_API_LISTEN=0.0.0.0:1", "IPLEDGER_LOG_LEVEL=debug", "IPLEDGER_DRAIN_TIMEOUT=1s"})
	if want := "PATH=/bin IPLEDGER_LOG_LEVEL=debug IPLEDGER_DRAIN_TIMEOUT=1s"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
