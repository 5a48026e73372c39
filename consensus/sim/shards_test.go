// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
)

// What is random in Raft is seeded for a whole process, so histories are made at
// the same time only in several: this test runs itself anew, each time with
// another part of the seeds, and adds up what they write.

// tallyFile names the file into which a part of the seeds is counted.
const tallyFile = "IPLEDGER_SIM_TALLY"

func TestMain(m *testing.M) {
	// A history lives for a tenth of a second and leaves nothing behind.
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}

func processors() int { return runtime.NumCPU() }

// inShards runs some seeds in several processes.
func inShards(t *testing.T, nodes, first, seeds, shards int) (all tally) {
	t.Helper()
	parts := make([]tally, shards)
	var running sync.WaitGroup
	for i := range shards {
		running.Go(func() {
			file := filepath.Join(t.TempDir(), fmt.Sprintf("tally-%d", i))
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSeeds$", "-test.timeout="+flag.Lookup("test.timeout").Value.String())
			c.Env = append(os.Environ(), tallyFile+"="+file, "GOMAXPROCS=1",
				fmt.Sprintf("IPLEDGER_SIM_NODES=%d", nodes), fmt.Sprintf("IPLEDGER_SIM_FIRST=%d", first+i),
				fmt.Sprintf("IPLEDGER_SIM_SEEDS=%d", seeds-i), fmt.Sprintf("IPLEDGER_SIM_SHARDS=%d", shards))
			out, failed := c.CombinedOutput()
			raw, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(raw, &parts[i])
			}
			if failed != nil || err != nil {
				t.Errorf("%s", out)
			}
		})
	}
	running.Wait()
	for _, part := range parts {
		all.merge(part)
	}
	return all
}

// shard is one of those processes.
func shard(t *testing.T) {
	all := histories(t, number(t, "NODES"), number(t, "FIRST"), number(t, "SEEDS"), number(t, "SHARDS"))
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv(tallyFile), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
