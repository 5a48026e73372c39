// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// killPatience is how long the test waits for what must happen. It happens
// within seconds; the rest is for a machine that has other things to do.
const killPatience = 60 * time.Second

// killEach is how many transactions are acknowledged in each cycle at least, and
// killProgress how many of them while one node is down.
const (
	killEach     = 100
	killProgress = 10
)

// TestKillCycles kills and freezes nodes of a network of four processes under
// load, one or two at a time, and then looks for everything that was promised:
// every acknowledged receipt, from every node, verified with the genesis file
// alone.
//
// IPLEDGER_KILL_CYCLES says how many cycles, IPLEDGER_KILL_SEED which: the seed
// decides what is done to which node and when, not how the processes run. It is
// always the same if neither is set, and another each time for so many cycles.
//
// A killed process loses what it kept to itself, such as a vote that was sent
// before it was written, and nothing that it had handed to the operating system,
// synced or not: what a disk forgets is for the simulator and for the crash tests
// of the two databases.
func TestKillCycles(t *testing.T) {
	t.Parallel() // it waits, more than it computes
	n := 6
	if testing.Short() {
		n = 3
	}
	seed := uint64(1)
	if given := killSetting(t, "IPLEDGER_KILL_CYCLES"); given > 0 {
		n, seed = int(given), rand.Uint64N(1e9)+1
	}
	if given := killSetting(t, "IPLEDGER_KILL_SEED"); given > 0 {
		seed = given
	}
	how := fmt.Sprintf("IPLEDGER_KILL_CYCLES=%d IPLEDGER_KILL_SEED=%d go test ./cmd/ipledger -run 'TestKillCycles$' -v -count=1 -timeout %dm", n, seed, 10+n/6)
	t.Logf("run it again: %s", how)
	if deadline, ok := t.Deadline(); ok && time.Until(deadline) < time.Minute+time.Duration(n)*4*time.Second {
		t.Fatalf("%d cycles take longer than the time this test has; give it -timeout %dm", n, 10+n/6)
	}
	k := &killing{hearing: newHearing(t), seed: seed}
	if err := errors.Join(k.run(schedule(seed, killNodes, n)), k.silent()); err != nil {
		t.Errorf("%v\nthis run: %v\nrun it again: %s", err, k, how)
		return
	}
	t.Logf("kill: %v", k)
}

// killSetting reads an environment variable, 0 if it is not set.
func killSetting(t *testing.T, name string) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		t.Fatalf("%s: %q is not a number from 1 on", name, text)
	}
	return n
}

// A killing is one run of the test, and what really happened in it.
type killing struct {
	*hearing
	seed uint64

	cycles            int
	two, leader, soon int // cycles that killed two nodes, the leader, a node soon after its restart
	withOneDown       int // transactions that were sent and acknowledged with one node down
	recoveries        []time.Duration
}

// String is what the test reports.
func (k *killing) String() string {
	slices.Sort(k.recoveries)
	var median, slowest time.Duration
	if n := len(k.recoveries); n > 0 {
		median, slowest = k.recoveries[n/2], k.recoveries[n-1]
	}
	text := fmt.Sprintf("seed=%d cycles=%d sigkill=%d sigstop=%d two=%d leader=%d after_restart=%d acknowledged=%d with_one_down=%d sent_again=%d p50_recovery=%.2fs max_recovery=%.2fs",
		k.seed, k.cycles, k.sigkills, k.sigstops, k.two, k.leader, k.soon, k.load.acknowledged(), k.withOneDown, k.load.sentAgain(), median.Seconds(), slowest.Seconds())
	if a := k.audit; a.receipts > 0 {
		text += fmt.Sprintf(" receipts_verified=%d heights=%d lost=%d doubled=%d differing=%d two_hashes=%d",
			a.receipts, a.heights, a.faults[lost], a.faults[doubled], a.faults[differing], a.faults[twoHashes])
	}
	return text
}

func (k *killing) run(cycles []cycle) error {
	if err := k.load.joinFirm(); err != nil {
		return err
	}
	if err := k.settled(k.t.Context()); err != nil {
		return err
	}
	k.load.run(k.seed)
	begun := time.Now()
	for i, c := range cycles {
		before, at := k.load.acknowledged(), time.Now()
		if err := k.bear(c); err != nil {
			return fmt.Errorf("cycle %d of %d (%v): %w", i+1, len(cycles), c, errors.Join(err, k.load.failed()))
		}
		k.cycles++
		k.t.Logf("%6.1fs cycle %d: %v: %d acknowledged in %.1fs", time.Since(begun).Seconds(), i+1, c, k.load.acknowledged()-before, time.Since(at).Seconds())
	}
	if least := share(len(cycles)); k.two < least || k.leader < least || k.soon < least {
		return fmt.Errorf("of %d cycles %d killed two nodes, %d the leader, %d soon after a restart; want %d of each", len(cycles), k.two, k.leader, k.soon, least)
	}
	if err := k.load.rest(); err != nil {
		return err
	}
	return k.judge()
}
