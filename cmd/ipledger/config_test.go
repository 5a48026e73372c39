// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node"
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
func grades(t *testing.T, want int, args ...string) map[string]node.Finding {
	t.Helper()
	var findings []node.Finding
	command(t, want, &findings, append([]string{"config", "check"}, args...)...)
	out := make(map[string]node.Finding)
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
		if clean[name].Grade != node.Good {
			t.Errorf("a new node: %+v", clean[name])
		}
	}
	expect := func(code int, name string, grade node.Grade, says string, args ...string) {
		t.Helper()
		if f := grades(t, code, append(args, "--dir", dir)...)[name]; f.Grade != grade || !strings.Contains(f.Text, says) {
			t.Errorf("want %s %q: %+v", grade, says, f)
		}
	}
	expect(exitFailure, "api_listen", node.Failure, "not a loopback address", "--api-listen", "0.0.0.0:0")
	expect(exitFailure, "tls", node.Failure, "no such file", "--tls-certificate", "none.pem", "--tls-key", "none.key")
	expect(exitFailure, "settings", node.Failure, "go together", "--tls-key", "none.key")

	taken, err := listenLocal(0)
	check(t, err)
	defer taken.Close()
	expect(exitOK, "api_listen", node.Warning, "address already in use", "--api-listen", taken.Addr().String())

	wrong := filepath.Join(t.TempDir(), "pass")
	check(t, os.WriteFile(wrong, []byte("wrong\n"), 0o644))
	expect(exitFailure, "keys", node.Failure, "passphrase", "--passphrase-file", wrong)
	expect(exitFailure, "secrets", node.Warning, wrong, "--passphrase-file", wrong)

	other := filepath.Join(t.TempDir(), "genesis.json")
	text, err := os.ReadFile(r.Genesis)
	check(t, err)
	check(t, os.WriteFile(other, append(text, '\n'), 0o644))
	expect(exitFailure, "genesis", node.Failure, "another genesis file", "--genesis", other)

	check(t, os.Mkdir(filepath.Join(dir, "ledger"), 0o700))
	expect(exitOK, "databases", node.Warning, "no consensus database")

	file := filepath.Join(dir, "node.toml")
	text, err = os.ReadFile(file)
	check(t, err)
	check(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "node2", "node9")), 0o644))
	expect(exitFailure, "peers", node.Failure, "no validator node9")
	check(t, os.WriteFile(file, []byte("disk_reserve = '1000000GiB'\n"+string(text)), 0o644))
	expect(exitFailure, "disk", node.Failure, "the reserve is 1000000 GiB")
	check(t, os.WriteFile(file, []byte("disk_reserve = 'much'\n"+string(text)), 0o644))
	expect(exitFailure, "settings", node.Failure, `disk_reserve "much"`)
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
	from := map[string]node.Source{}
	for _, s := range answer.Settings {
		from[s.Name] = s.Source
	}
	if from["name"] != node.FromFile || from["log_level"] != node.FromFlag || from["drain_timeout"] != node.FromPreset {
		t.Errorf("sources: %v", from)
	}
	passphrase, err := node.Passphrase(r.PassphraseFile)
	check(t, err)
	if strings.Contains(out, string(passphrase)) {
		t.Error("config print shows the passphrase")
	}
}
