// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// measured is a report with a different value in every field that matters.
func measured() *Report {
	work := []*worker{{begun: time.Unix(1000, 0), sent: []sample{
		{due: 900 * time.Millisecond, done: 1100 * time.Millisecond, end: final, request: &request{size: 300}},
		{due: 1200 * time.Millisecond, done: 1250 * time.Millisecond, end: final, request: &request{size: 310}},
		{due: 1300 * time.Millisecond, done: 1400 * time.Millisecond, end: rejected, what: "E_STATE", request: &request{}},
		{due: 1300 * time.Millisecond, done: 1310 * time.Millisecond, end: refused, what: "E_SIGNATURE", request: &request{forged: true}},
		{due: 1500 * time.Millisecond, done: 2990 * time.Millisecond, end: failed, what: "timeout", request: &request{}},
		{due: 2900 * time.Millisecond, done: 3100 * time.Millisecond, end: final, request: &request{size: 320}},
		{due: 3200 * time.Millisecond, done: 3300 * time.Millisecond, end: final, request: &request{size: 330}},
	}, units: []sample{
		{due: 1000 * time.Millisecond, done: 1800 * time.Millisecond, end: final},
		{due: 1000 * time.Millisecond, done: 1700 * time.Millisecond, end: rejected},
		{due: 1000 * time.Millisecond, done: 3800 * time.Millisecond, end: final},
	}}}
	before := snapshot{
		at: time.Unix(1001, 0), cpu: []time.Duration{time.Second, 2 * time.Second}, loader: time.Second, busy: 10 * time.Second, height: 10,
		syncs: []syncCount{{syncs{100, 1}, syncs{50, 1}}, {syncs{200, 2}, syncs{60, 1}}},
	}
	after := snapshot{
		at: time.Unix(1003, 0), cpu: []time.Duration{1200 * time.Millisecond, 2300 * time.Millisecond}, loader: 1100 * time.Millisecond, busy: 11 * time.Second, height: 14, rss: []int64{50_000_000, 40_000_000},
		syncs: []syncCount{{syncs{108, 1.25}, syncs{54, 1.0625}}, {syncs{212, 2.5}, syncs{64, 1.0625}}},
	}
	r := &Report{
		Format: Format, Begun: time.Unix(1000, 0).UTC(), Seconds: 20, Notes: []string{"a note"},
		Settings: Settings{Workload: All, Nodes: 2, Suite: "ed25519", Closed: []int{4}, Open: []int{500}, Pledges: []int{3}, Seconds: 2, WarmUp: 1, Idle: 5, Bad: 0.01, Seed: 1},
		Machine:  Machine{CPU: "a processor", Cores: 2, MemoryBytes: 8 << 30, Kernel: "6.1", Platform: "linux/amd64", Load: 0.5},
		Versions: Versions{Program: "v1", Revision: "abc", Modified: true, Go: "go1.26.0", Raft: "v3.7.0", Pebble: "v2.1.7", Libp2p: "v0.51.0"},
		Idle:     Idle{5, 0.02},
		Whole:    Whole{1000, 60_000_000, Disk{2000, 1000}, Disk{1900, 900}},
		Phases: []Phase{
			{Workload: Claim, Loop: Closed, Outstanding: 4, Disk: Disk{1500, 700}, Nodes: twoNodes(), Checked: Checked{32, 8, 1, 2345, 1.5}, Forged: &Forged{3, 1, 2, 3}},
			{Workload: Claim, Loop: Open, Rate: 500, Short: true, Disk: Disk{1600, 800}, Nodes: twoNodes(), Checked: Checked{32, 8, 1, 2345, 1.5}},
			{Workload: Pledge, Loop: Closed, Outstanding: 3, Disk: Disk{1700, 900}, Nodes: twoNodes(), Checked: Checked{32, 8, 1, 2345, 1.5}},
		},
	}
	for i := range r.Phases {
		r.Phases[i].fill(work, before, after)
	}
	return r
}

func twoNodes() []NodeFigures { return []NodeFigures{{Name: "node1"}, {Name: "node2", Leading: true}} }

// The field names and what they hold are interface: other programs read them,
// and old files are compared with new ones.
func TestTheReportInJSON(t *testing.T) {
	text, err := json.MarshalIndent(measured(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/report.json", append(text, '\n'))
	r, err := ReadReport(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.MarshalIndent(r, "", "  ")
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("read and written again it is\n%s\n%v", again, err)
	}
}

func TestTheReportForPeople(t *testing.T) {
	golden(t, "testdata/report.txt", plain(measured().Tables()))
}

func TestTheComparisonForPeople(t *testing.T) {
	now := measured()
	now.Phases = now.Phases[:2]
	now.Phases[0].PerSecond *= 2
	now.Idle.Cores = 0.01
	c, err := Compare(measured(), now)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/comparison.txt", plain(c.Tables()))
}

// plain joins the cells, without alignment.
func plain(tables []Table) []byte {
	var out bytes.Buffer
	for _, t := range tables {
		out.WriteString("# " + t.Title + "\n")
		if len(t.Head) > 0 {
			out.WriteString(strings.Join(t.Head, " | ") + "\n")
		}
		for _, row := range t.Rows {
			out.WriteString(strings.Join(row, " | ") + "\n")
		}
	}
	return out.Bytes()
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", path, got)
	}
}

func TestReportsOfOtherThingsAreNotCompared(t *testing.T) {
	for name, change := range map[string]func(*Report){
		"workload":   func(r *Report) { r.Settings.Workload = Claim },
		"nodes":      func(r *Report) { r.Settings.Nodes = 4 },
		"suite":      func(r *Report) { r.Settings.Suite = "sm2" },
		"wrong ones": func(r *Report) { r.Settings.Bad = 0.02 },
		"profiles":   func(r *Report) { r.Settings.Profiled = true },
		"no phase in common": func(r *Report) {
			for i := range r.Phases {
				r.Phases[i].Outstanding += 1000
				r.Phases[i].Rate += 1000
			}
		},
	} {
		other := measured()
		change(other)
		if c, err := Compare(measured(), other); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: compared: %v, %v", name, c, err)
		}
	}
	for name, text := range map[string]string{
		"another version": `{"format": "ipledger-bench/2"}`,
		"another file":    `{"name": "devnet", "suite": "ed25519"}`,
		"no JSON":         `TX/S 500`,
		"a count below 0": `{"format": "ipledger-bench/1", "phases": [{"final": -3}]}`,
		"a time below 0":  `{"format": "ipledger-bench/1", "phases": [{"nodes": [{"cpu_ms_per_tx": -0.5}]}]}`,
		"not a number":    `{"format": "ipledger-bench/1", "phases": [{"tx_per_second": NaN}]}`,
		"no end":          `{"format": "ipledger-bench/1", "phases": [{"tx_per_second": 1e999}]}`,
		"a wrong type":    `{"format": "ipledger-bench/1", "phases": 7}`,
	} {
		if r, err := ReadReport([]byte(text)); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: read as %+v, %v", name, r, err)
		}
	}
}

func TestRatiosAreNewByOld(t *testing.T) {
	old, now := measured(), measured()
	old.Phases[0].PerSecond, now.Phases[0].PerSecond = 200, 500
	old.Phases[0].P50 = 0
	c, err := Compare(old, now)
	if err != nil {
		t.Fatal(err)
	}
	ratios := make(map[string]float64)
	for _, f := range c.Figures {
		ratios[f.Phase+" "+f.Name] = f.Ratio
	}
	if got := ratios["claim-closed-4 tx_per_second"]; got != 2.5 {
		t.Errorf("500 by 200 is %v", got)
	}
	if got := ratios["claim-closed-4 p50_ms"]; got != 0 {
		t.Errorf("the ratio to 0 is %v, want none", got)
	}
	if got := ratios["claim-open-500 tx_per_second"]; got != 0 {
		t.Errorf("the ratio of what an overloaded window cannot tell is %v, want none", got)
	}
	if got := ratios["claim-open-500 p99_ms"]; got != 1 {
		t.Errorf("equal figures have the ratio %v", got)
	}
}

func TestAComparisonSaysFirstWhatElseDiffers(t *testing.T) {
	now := measured()
	now.Settings.Seconds, now.Machine.Cores = 9, 64
	c, err := Compare(measured(), now)
	if err != nil {
		t.Fatal(err)
	}
	first := string(plain(c.Tables()[:1]))
	if !strings.Contains(first, "windows were of 2 s and 9 s") || !strings.Contains(first, "a processor, 64 cores") {
		t.Errorf("it begins with\n%s", first)
	}
}

func TestADatabaseMayShrink(t *testing.T) {
	if _, err := ReadReport([]byte(`{"format": "ipledger-bench/1", "whole": {"disk_per_tx_node": {"length_bytes": -5}}}`)); err != nil {
		t.Error(err)
	}
}
