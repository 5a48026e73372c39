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
		"workload": func(r *Report) { r.Settings.Workload = Claim },
		"nodes":    func(r *Report) { r.Settings.Nodes = 4 },
		"suite":    func(r *Report) { r.Settings.Suite = "sm2" },
		"bad":      func(r *Report) { r.Settings.Bad += 0.25 },
		"profiled": func(r *Report) { r.Settings.Profiled = !r.Settings.Profiled },
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
		"a wrong type":    `{"format": "ipledger-bench/1", "phases": 7}`,
	} {
		if r, err := ReadReport([]byte(text)); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: read as %+v, %v", name, r, err)
		}
	}
}

func TestAComparisonTellsOfAnotherMachineAndWindow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Report)
		says   string
	}{
		"load alone": {func(r *Report) { r.Machine.Load++ }, ""},
		"cpu":        {func(r *Report) { r.Machine.CPU += " II" }, "different machines"},
		"cores":      {func(r *Report) { r.Machine.Cores++ }, "different machines"},
		"window":     {func(r *Report) { r.Settings.Seconds++ }, "different length"},
		"warm-up":    {func(r *Report) { r.Settings.WarmUp++ }, "different length"},
	} {
		now := measured()
		c.change(now)
		got, err := Compare(measured(), now)
		if err != nil {
			t.Fatal(err)
		}
		if (len(got.Notes) == 0) != (c.says == "") || !strings.Contains(strings.Join(got.Notes, ""), c.says) {
			t.Errorf("%s: %q", name, got.Notes)
		}
		if text := plain(got.Tables()); c.says != "" && !bytes.Contains(text, []byte(c.says)) {
			t.Errorf("%s: people are not told: %s", name, text)
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
