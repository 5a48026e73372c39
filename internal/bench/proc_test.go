// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// What the kernel tells of this process must agree with what it tells this
// process of itself.
func TestWhatTheKernelTellsOfAProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/proc is Linux's")
	}
	before, err := ownCPU()
	if err != nil {
		t.Fatal(err)
	}
	told, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	after, err := ownCPU()
	if err != nil {
		t.Fatal(err)
	}
	const slack = 5 * tick
	if told < before-slack || told > after+slack {
		t.Errorf("CPU time %v, between %v and %v by its own account", told, before, after)
	}
	rss, peak, err := memoryOf(os.Getpid())
	if err != nil || rss < 1<<20 || peak < rss/2 {
		t.Errorf("memory %d, at most %d, %v", rss, peak, err)
	}
	all, err := busy()
	if err != nil || all < time.Second {
		t.Errorf("the machine was busy for %v, %v", all, err)
	}
	if m := machine(); m.Cores == 0 || m.MemoryBytes == 0 || m.Kernel == "" || m.Platform == "" {
		t.Errorf("machine %+v", m)
	}
	if _, err := cpuOf(-1); err == nil {
		t.Error("a process that does not exist has CPU time")
	}
}

func TestDiskUseCountsBlocksAndLengths(t *testing.T) {
	n := Node{Name: "node1", DataDir: t.TempDir()}
	if _, err := diskOf([]Node{n}); err != nil {
		t.Errorf("a node without databases: %v", err)
	}
	for _, name := range databases() {
		if err := os.Mkdir(n.DataDir+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before, err := diskOf([]Node{n})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"consensus/a", "ledger/b"} {
		if err := os.WriteFile(n.DataDir+"/"+name, make([]byte, 100_000), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(n.DataDir+"/log.jsonl", make([]byte, 1_000_000), 0o644); err != nil {
		t.Fatal(err)
	}
	after, err := diskOf([]Node{n})
	if err != nil {
		t.Fatal(err)
	}
	if got := after.perTransaction(before, 100, 2); got.Length != 1000 || got.Allocated <= 0 || got.Allocated > 2000 {
		t.Errorf("200 kB by 100 transactions and 2 nodes: %+v", got)
	}
}
