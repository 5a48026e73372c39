// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

const smallConfig = `name = "node1"
p2p_listen = ["/ip4/127.0.0.1/tcp/4001"]
api_listen = "127.0.0.1:8081"
passphrase_file = "pass"
idle_timeout = "90s"
max_connections = 100
[peers]
node2 = ["/ip4/127.0.0.1/tcp/4002"]
`

func configDir(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, File), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func noVariables(string) string { return "" }

func TestFlagsGoBeforeVariablesBeforeTheFileBeforeDefaults(t *testing.T) {
	dir := configDir(t, smallConfig)
	variables := map[string]string{"IPLEDGER_IDLE_TIMEOUT": "80s", "IPLEDGER_LOG_LEVEL": "warn", "IPLEDGER_PEERS": "node2=/ip4/10.0.0.2/tcp/1,node2=/ip6/::1/tcp/1,node3=/ip4/10.0.0.3/tcp/1"}
	c, from, err := Read(dir, func(name string) string { return variables[name] }, map[string]string{"log_level": "debug", "tls_key": ""})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range Settings() {
		got[s.Name] = s.Text(c) + " " + string(from[s.Name])
	}
	for name, want := range map[string]string{
		"name":                        "node1 file",
		"max_connections":             "100 file",
		"max_connections_per_address": "2048 default",
		"drain_timeout":               "10s default",
		"idle_timeout":                "1m20s environment",
		"log_level":                   "debug flag",
		"tls_key":                     " flag",
		"peers":                       "node2=/ip4/10.0.0.2/tcp/1,node2=/ip6/::1/tcp/1,node3=/ip4/10.0.0.3/tcp/1 environment",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

func TestEveryFieldOfTheConfigurationIsASetting(t *testing.T) {
	fields := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name != "-" {
			fields[name] = true
		}
	}
	for _, s := range Settings() {
		if !fields[s.Name] {
			t.Errorf("%s is no field, or stands in the table twice", s.Name)
		}
		delete(fields, s.Name)
		if s.Doc == "" || s.DocZH == "" {
			t.Errorf("%s has no text", s.Name)
		}
		var c Config
		if err := s.set(&c, s.Preset); s.Preset != "" && (err != nil || s.Text(c) != s.Preset) {
			t.Errorf("%s: the preset %q reads as %q, %v", s.Name, s.Preset, s.Text(c), err)
		}
	}
	for name := range fields {
		t.Errorf("field %s stands in no table", name)
	}
}

func TestAWrongConfigurationIsExplained(t *testing.T) {
	for _, one := range []struct{ text, says string }{
		{smallConfig + "[tls]\ncert = 1\n", `line 9: there is no setting "tls`},
		{strings.Replace(smallConfig, "idle_timeout", "idle_timout", 1), `line 5: there is no setting "idle_timout"`},
		{strings.Replace(smallConfig, `"90s"`, `"90"`, 1), `line 5`},
		{strings.Replace(smallConfig, "100", `"a"`, 1), `line 6`},
		{strings.Replace(smallConfig, "100", "-1", 1), "max_connections"},
		{strings.Replace(smallConfig, "90s", "-90s", 1), "idle_timeout"},
		{strings.Replace(smallConfig, `"90s"`, "5", 1), "idle_timeout: 5 is not a time span"},
		{strings.Replace(smallConfig, `"90s"`, "5.5", 1), `"5.5" is not a time span`},
		{strings.Replace(smallConfig, "90s", "5ns", 1), "idle_timeout 5ns: want 1s to 24h0m0s"},
		{"header_timeout = \"5ms\"\n" + smallConfig, "header_timeout 5ms: want 100ms to 5m0s"},
		{"request_timeout = \"48h\"\n" + smallConfig, "request_timeout 48h0m0s: want 100ms to 1h0m0s"},
		{"drain_timeout = \"100h\"\n" + smallConfig, "drain_timeout 100h0m0s: want 0s to 1h0m0s"},
		{"tls_key = \"k\"\n" + smallConfig, "tls_certificate and tls_key go together"},
		{"log_level = \"loud\"\n" + smallConfig, `log_level "loud"`},
		{"state_history = \"some\"\n" + smallConfig, `state_history "some": want recent or all`},
		{"drain_delay = \"20s\"\n" + smallConfig, "the delay within the timeout"},
	} {
		_, err := Load(configDir(t, one.text), noVariables)
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%q is not told: %v", one.says, err)
		}
	}
	_, _, err := Read(configDir(t, smallConfig), func(name string) string {
		return map[string]string{"IPLEDGER_MAX_CONNECTIONS": "many"}[name]
	}, nil)
	if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), `max_connections "many" is not a whole number (environment)`) {
		t.Errorf("a wrong variable: %v", err)
	}
}

func TestAnArchiveNodeKeepsAllTrees(t *testing.T) {
	for history, all := range map[string]bool{"": false, "recent": false, "all": true} {
		c, err := Load(configDir(t, smallConfig), func(name string) string {
			return map[string]string{"IPLEDGER_STATE_HISTORY": history}[name]
		})
		if err != nil {
			t.Fatal(err)
		}
		if c.KeepsAllTrees() != all {
			t.Errorf("state_history %q keeps all trees: %v", history, c.KeepsAllTrees())
		}
	}
}

// A configuration that Init has written reads as it was.
func TestAWrittenConfigurationLeavesDefaultsOpen(t *testing.T) {
	dir := configDir(t, smallConfig)
	c, err := Load(dir, noVariables)
	if err != nil {
		t.Fatal(err)
	}
	if *c.DrainTimeout != Duration(10*time.Second) || c.IdleTimeout != Duration(90*time.Second) || c.MaxConnections != 100 {
		t.Errorf("%+v", c)
	}
	if again := (Config{IdleTimeout: Duration(time.Second)}).Complete(); again.IdleTimeout != Duration(time.Second) || again.HeaderTimeout != Duration(5*time.Second) {
		t.Errorf("%+v", again)
	}
}

func TestADrainTimeoutOfZeroIsKept(t *testing.T) {
	dir := configDir(t, "drain_timeout = \"0s\"\n"+smallConfig)
	variable := func(name string) string { return map[string]string{"IPLEDGER_DRAIN_TIMEOUT": "0s"}[name] }
	for what, read := range map[string]func() (Config, error){
		"file":     func() (Config, error) { return Load(dir, noVariables) },
		"variable": func() (Config, error) { return Load(configDir(t, smallConfig), variable) },
	} {
		c, err := read()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if d := c.Complete().DrainTimeout; d == nil || *d != 0 {
			t.Errorf("%s: the drain timeout is %v", what, d)
		}
	}
}

func TestTheEnvironmentCanAskForProfiles(t *testing.T) {
	dir := t.TempDir()
	text := "name = \"node1\"\np2p_listen = [\"/ip4/127.0.0.1/tcp/0\"]\napi_listen = \"127.0.0.1:0\"\npassphrase_file = \"p\"\n"
	if err := os.WriteFile(filepath.Join(dir, File), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for variable, want := range map[string]string{"": "", "127.0.0.1:6060": "127.0.0.1:6060"} {
		c, err := Load(dir, func(name string) string {
			if name == "IPLEDGER_PROFILE_LISTEN" {
				return variable
			}
			return ""
		})
		if err != nil || c.ProfileListen != want {
			t.Errorf("with %q: %q, %v", variable, c.ProfileListen, err)
		}
	}
}

func TestTheOperatorsPageShowsEverySetting(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, s := range Settings() {
		flag := ""
		if s.Flag {
			flag = "yes"
		}
		row := "| `" + s.Name + "`"
		for _, cell := range []string{s.Preset, flag, s.Doc} {
			row += " |"
			if cell != "" {
				row += " " + cell
			}
		}
		rows = append(rows, row+" |")
	}
	if table := strings.Join(rows, "\n"); !strings.Contains(string(page), table) {
		t.Errorf("the table of settings in docs/operations.md must be\n%s", table)
	}
}

func TestAPaceIsThatOfServiceUnlessTheProgramSaysOtherwise(t *testing.T) {
	p := Pace{}.Complete()
	if p.Tick != 100*time.Millisecond || p.Idle != time.Minute || time.Since(p.Clock()).Abs() > time.Minute {
		t.Errorf("pace %v, %v, %v", p.Tick, p.Idle, p.Clock())
	}
	if _, err := Load(configDir(t, "pace = { tick = \"1ms\" }\n"+smallConfig), func(string) string { return "" }); err == nil {
		t.Error("a file sets the pace")
	}
}
