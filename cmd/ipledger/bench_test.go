// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/internal/bench"
)

// A short run of the real thing: four processes, every kind of load, wrong
// signatures among the claims, profiles, and a report that can be compared.
func TestBenchMeasuresARealNetwork(t *testing.T) {
	dir := t.TempDir()
	file, profiles, network := filepath.Join(dir, "report.json"), filepath.Join(dir, "profiles"), filepath.Join(dir, "network")
	out, err := exec.CommandContext(t.Context(), "ipledger", "bench", "--closed", "8", "--open", "40", "--pledges", "2", "--seconds", "1", "--warm-up", "0.2",
		"--idle", "0", "--bad", "20%", "--json", file, "--profile", profiles, "--dir", network).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.ReadReport(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Phases) != 3 {
		t.Fatalf("%d phases, want 3", len(r.Phases))
	}
	forged := 0
	for _, p := range r.Phases {
		if p.Final == 0 || p.PerSecond <= 0 || p.P50 <= 0 || p.P99 < p.P50 || p.ServerCPU <= 0 || p.Blocks <= 0 || p.ConsensusSyncs <= 0 || p.LedgerSyncs <= 0 || p.RSS <= 0 {
			t.Errorf("%s has no figures: %+v", p.Name(), p)
		}
		if len(p.Rejected) > 0 || len(p.Refused) > 0 || len(p.Errors) > 0 {
			t.Errorf("%s: rejected %v, refused %v, errors %v", p.Name(), p.Rejected, p.Refused, p.Errors)
		}
		if p.Checked.Receipts == 0 || p.Checked.Records == 0 || p.Checked.Absences == 0 {
			t.Errorf("%s: verified only %+v", p.Name(), p.Checked)
		}
		if p.Forged != nil {
			forged += p.Forged.Refused
		}
		for _, of := range []string{"node1", "node4", "loader"} {
			if info, err := os.Stat(filepath.Join(profiles, p.Name()+"-"+of+".pprof")); err != nil || info.Size() == 0 {
				t.Errorf("profile of %s in %s: %v", of, p.Name(), err)
			}
		}
	}
	// On a busy machine no pledge may come all the way within the window.
	if u := r.Phases[2].Units; u == nil || u.Failed > 0 {
		t.Errorf("pledges: %+v", u)
	}
	if forged == 0 {
		t.Error("no transaction with a wrong signature was sent, though a fifth was asked for")
	}
	if r.Whole.DiskStopped.Length <= 0 || r.Whole.PeakRSS <= 0 || r.Machine.Cores == 0 || r.Versions.Pebble == "" {
		t.Errorf("whole run %+v on %+v with %+v", r.Whole, r.Machine, r.Versions)
	}
	if _, err := os.Stat(filepath.Join(network, "devnet.json")); err != nil {
		t.Errorf("the network of --dir is not kept: %v", err)
	}
	var record struct{ Nodes []struct{ PID int } }
	if raw, err := os.ReadFile(filepath.Join(network, "devnet.json")); err != nil || json.Unmarshal(raw, &record) != nil || record.Nodes[0].PID != 0 {
		t.Errorf("after the run: %+v, %v", record, err)
	}
	if !strings.Contains(string(out), "claim-open-40") {
		t.Errorf("the tables are\n%s", out)
	}
}
