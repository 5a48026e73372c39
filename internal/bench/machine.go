// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/internal/buildinfo"
)

// A Machine is what the figures were measured on.
type Machine struct {
	CPU         string  `json:"cpu"`
	Cores       int     `json:"cores"`
	MemoryBytes int64   `json:"memory_bytes"`
	Kernel      string  `json:"kernel"`
	Platform    string  `json:"platform"`
	Load        float64 `json:"load_before"` // average of the last minute, before the run
}

// String tells what figures depend on most.
func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %.1f GB, %s", m.CPU, m.Cores, float64(m.MemoryBytes)/1e9, m.Platform)
}

// Versions are what the figures are of.
type Versions struct {
	Program  string `json:"program"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified"` // built from files that differ from the revision
	Go       string `json:"go"`
	Raft     string `json:"raft"`
	Pebble   string `json:"pebble"`
	Libp2p   string `json:"libp2p"`
}

// machine reads what the system tells of itself; what it does not tell is empty.
func machine() Machine {
	m := Machine{Cores: runtime.NumCPU(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	m.CPU = procField("/proc/cpuinfo", "model name")
	m.Kernel = procText("/proc/sys/kernel/osrelease")
	if kib, _, ok := strings.Cut(procField("/proc/meminfo", "MemTotal"), " "); ok {
		n, _ := strconv.ParseInt(kib, 10, 64)
		m.MemoryBytes = n << 10
	}
	first, _, _ := strings.Cut(procText("/proc/loadavg"), " ")
	m.Load, _ = strconv.ParseFloat(first, 64)
	return m
}

func procText(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// procField gives the value of the first line "name : value".
func procField(path, name string) string {
	for line := range strings.Lines(procText(path)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// versions are those of this program, which is also that of the nodes.
func versions() Versions {
	b := buildinfo.Read()
	return Versions{
		Program: b.Version, Revision: b.Revision, Modified: b.Modified, Go: b.Go,
		Raft:   b.Library("go.etcd.io/raft/v3"),
		Pebble: b.Library("github.com/cockroachdb/pebble/v2"),
		Libp2p: b.Library("github.com/libp2p/go-libp2p"),
	}
}

// busy is the time that all processors of the machine have spent on anything but
// waiting.
func busy() (time.Duration, error) {
	line, _, _ := strings.Cut(procText("/proc/stat"), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("CPU time of the machine: /proc/stat says %q", line)
	}
	var sum uint64
	for i, field := range fields[1:9] { // user, nice, system, idle, iowait, irq, softirq, steal
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("CPU time of the machine: %w", err)
		}
		if i != 3 && i != 4 {
			sum += n
		}
	}
	return time.Duration(sum) * tick, nil
}
