// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/preflight"
)

// configNetwork makes a network of four nodes and gives the directory of the
// first.
func configNetwork(t *testing.T) (r *devnetRecord, dir string) {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	check(t, err)
	r, err = makeDevnet(&env{Stderr: os.Stderr, Now: time.Now}, filepath.Join(t.TempDir(), "network"), devnetPlan{nodes: 4, suite: suite})
	check(t, err)
	return r, r.Nodes[0].DataDir
}

// grades gives what config check says, by check.
func grades(t *testing.T, want int, args ...string) map[string]preflight.Finding {
	t.Helper()
	var findings []preflight.Finding
	command(t, want, &findings, append([]string{"config", "check"}, args...)...)
	out := make(map[string]preflight.Finding)
	for _, f := range findings {
		if out[f.Check].Check != "" || f.Text == "" || f.TextZH == "" {
			t.Errorf("finding %+v", f)
		}
		out[f.Check] = f
	}
	return out
}

func TestConfigCheckFindsWhatKeepsANodeFromStarting(t *testing.T) {
	r, dir := configNetwork(t)
	clean := grades(t, exitOK, "--dir", dir, "--genesis", r.Genesis)
	for _, name := range []string{"settings", "secrets", "keys", "genesis", "peers", "p2p_listen", "tls", "api_listen", "databases"} {
		if clean[name].Grade != preflight.Good {
			t.Errorf("a new node: %+v", clean[name])
		}
	}
	expect := func(code int, name string, grade preflight.Grade, says string, args ...string) {
		t.Helper()
		if f := grades(t, code, append(args, "--dir", dir)...)[name]; f.Grade != grade || !strings.Contains(f.Text, says) {
			t.Errorf("want %s %q: %+v", grade, says, f)
		}
	}
	expect(exitFailure, "api_listen", preflight.Failure, "not a loopback address", "--api-listen", "0.0.0.0:0")
	expect(exitFailure, "tls", preflight.Failure, "no such file", "--tls-certificate", "none.pem", "--tls-key", "none.key")
	expect(exitFailure, "settings", preflight.Failure, "go together", "--tls-key", "none.key")

	taken, err := listenLocal(0)
	check(t, err)
	defer taken.Close()
	expect(exitFailure, "api_listen", preflight.Failure, "address already in use", "--api-listen", taken.Addr().String())

	wrong := filepath.Join(t.TempDir(), "pass")
	check(t, os.WriteFile(wrong, []byte("wrong\n"), 0o644))
	expect(exitFailure, "keys", preflight.Failure, "passphrase", "--passphrase-file", wrong)
	expect(exitFailure, "secrets", preflight.Warning, wrong, "--passphrase-file", wrong)

	other := filepath.Join(t.TempDir(), "genesis.json")
	text, err := os.ReadFile(r.Genesis)
	check(t, err)
	check(t, os.WriteFile(other, append(text, '\n'), 0o644))
	expect(exitFailure, "genesis", preflight.Failure, "another genesis file", "--genesis", other)

	file := filepath.Join(dir, "node.toml")
	settings, err := os.ReadFile(file)
	check(t, err)
	check(t, os.WriteFile(file, []byte("profile_listen = '0.0.0.0:0'\n"+string(settings)), 0o644))
	expect(exitFailure, "profile_listen", preflight.Failure, "not a loopback address")
	_, port, _ := strings.Cut(string(settings), "p2p_listen = ['/ip4/127.0.0.1/tcp/")
	port, _, _ = strings.Cut(port, "'")
	check(t, os.WriteFile(file, settings, 0o644))
	expect(exitFailure, "p2p_listen", preflight.Failure, "two of its own addresses are the same", "--api-listen", "127.0.0.1:"+port)
	check(t, os.WriteFile(file, []byte(strings.Replace(string(settings), "node2 = ['/", "node2 = ['", 1)), 0o644))
	expect(exitFailure, "peers", preflight.Failure, `of member "node2"`)
	check(t, os.WriteFile(file, settings, 0o644))

	own := filepath.Join(dir, "genesis.json")
	check(t, os.WriteFile(own, text[:len(text)/2], 0o644))
	expect(exitFailure, "genesis", preflight.Failure, "genesis")
	check(t, os.WriteFile(own, text, 0o644))

	check(t, os.Mkdir(filepath.Join(dir, "ledger"), 0o700))
	expect(exitOK, "databases", preflight.Warning, "no consensus database")

	text = settings
	check(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "node2", "node9")), 0o644))
	expect(exitFailure, "peers", preflight.Failure, "no validator node9")
	if code, said := runQuietly("node", "start", "--dir", dir); code != exitFailure || !strings.Contains(said, "no validator node9") {
		t.Errorf("a node starts with the address of a stranger: exit code %d\n%s", code, said)
	}
	check(t, os.WriteFile(file, []byte("disk_reserve = '1000000GiB'\n"+string(text)), 0o644))
	expect(exitFailure, "disk", preflight.Failure, "the reserve is 1000000 GiB")
	check(t, os.WriteFile(file, []byte("disk_reserve = 'much'\n"+string(text)), 0o644))
	expect(exitFailure, "settings", preflight.Failure, `disk_reserve "much"`)
	check(t, os.WriteFile(file, []byte("colour = 1\n"+string(text)), 0o644))
	command(t, exitFailure, nil, "config", "check", "--dir", dir)
	command(t, exitFailure, nil, "node", "start", "--dir", dir)
}

func TestConfigPrintShowsSourcesAndNoSecret(t *testing.T) {
	r, dir := configNetwork(t)
	code, out := runQuietly("config", "print", "--dir", dir, "--log-level", "debug", "-o", "json")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, out)
	}
	var answer struct{ Settings []settingAnswer }
	command(t, exitOK, &answer, "config", "print", "--dir", dir, "--log-level", "debug")
	from := map[string]config.Source{}
	for _, s := range answer.Settings {
		from[s.Name] = s.Source
	}
	if from["name"] != config.FromFile || from["log_level"] != config.FromFlag || from["drain_timeout"] != config.FromPreset {
		t.Errorf("sources: %v", from)
	}
	passphrase, err := keys.ReadPassphrase(r.PassphraseFile)
	check(t, err)
	if strings.Contains(out, string(passphrase)) {
		t.Error("config print shows the passphrase")
	}
}

func TestConfigCheckFindsALedgerOfAnotherNetwork(t *testing.T) {
	network, dir := oneNode(t)
	before := snapshot(t, network)
	if f := grades(t, exitOK, "--dir", dir)["databases"]; f.Grade != preflight.Good || !strings.Contains(f.Text, "of this network") {
		t.Errorf("a sound ledger: %+v", f)
	}
	same(t, snapshot(t, network), before)
	genesis := filepath.Join(dir, "genesis.json")
	text, err := os.ReadFile(genesis)
	check(t, err)
	check(t, os.WriteFile(genesis, append(text, '\n'), 0o644))
	if f := grades(t, exitFailure, "--dir", dir)["databases"]; f.Grade != preflight.Failure || !strings.Contains(f.Text, "belongs to the network") {
		t.Errorf("a ledger of another network: %+v", f)
	}
}

func TestConfigCheckFindsAVariableThatNobodyReads(t *testing.T) {
	e := &env{Environ: func() []string {
		return []string{"IPLEDGER_RATE_ADRESS=5", "IPLEDGER_RATE_ADDRESS=5", "IPLEDGER_URL=x", "PATH=/bin"}
	}}
	if f := e.variables(); f.Grade != preflight.Warning || !strings.HasSuffix(f.Text, "from IPLEDGER_RATE_ADRESS") {
		t.Errorf("a slip of the name: %+v", f)
	}
}

// TestEveryGenesisFileThatIsTrustedMayComeFromTheEnvironment walks all commands. node
// init alone must be told: what it does without a genesis file is another thing.
func TestEveryGenesisFileThatIsTrustedMayComeFromTheEnvironment(t *testing.T) {
	e := &env{Getenv: func(name string) string { return map[string]string{"IPLEDGER_GENESIS": "trusted"}[name] }}
	found := 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			walk(c)
		}
		flag := cmd.Flags().Lookup("genesis")
		if flag == nil || cmd.CommandPath() == "ipledger node init" {
			return
		}
		found++
		if flag.DefValue != "trusted" || flag.Annotations[cobra.BashCompOneRequiredFlag] != nil {
			t.Errorf("%s does not read IPLEDGER_GENESIS", cmd.CommandPath())
		}
	}
	walk(rootCommand(e))
	if found < 10 {
		t.Errorf("%d commands take a genesis file", found)
	}
}
