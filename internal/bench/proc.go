// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: the kernel shows programs 100 a second,
// whatever it uses itself.
const tick = 10 * time.Millisecond

// cpuOf is the time that all threads of a process have spent on processors, in
// the program and in the kernel.
func cpuOf(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	// The name, in parentheses, may hold anything.
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("CPU time of process %d: its stat has %d fields", pid, len(fields))
	}
	var sum uint64
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.ParseUint(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
		}
		sum += n
	}
	return time.Duration(sum) * tick, nil
}

// memoryOf is the memory of a process, in bytes: what it has, and the most it
// ever had.
func memoryOf(pid int) (rss, peak int64, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	found := 0
	for line := range strings.Lines(string(raw)) {
		var kib int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kib); err == nil {
			rss, found = kib<<10, found+1
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			peak, found = kib<<10, found+1
		}
	}
	if found != 2 {
		return 0, 0, fmt.Errorf("memory of process %d: its status does not tell", pid)
	}
	return rss, peak, nil
}
