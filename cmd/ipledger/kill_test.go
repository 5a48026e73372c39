// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node"
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
// decides what is done to which node and when, not how the processes run.
//
// A killed process loses nothing that it handed to the operating system, synced
// or not. What a lost sync breaks is found by the simulator and by the crash
// tests of the two databases.
func TestKillCycles(t *testing.T) {
	n := 6
	if testing.Short() {
		n = 3
	}
	if given := killSetting(t, "IPLEDGER_KILL_CYCLES"); given > 0 {
		n = int(given)
	}
	seed := killSetting(t, "IPLEDGER_KILL_SEED")
	if seed == 0 {
		seed = rand.Uint64N(1e9) + 1
	}
	how := fmt.Sprintf("IPLEDGER_KILL_CYCLES=%d IPLEDGER_KILL_SEED=%d go test ./cmd/ipledger -run 'TestKillCycles$' -v -count=1 -timeout %dm", n, seed, 10+n/6)
	t.Logf("run it again: %s", how)
	if deadline, ok := t.Deadline(); ok && time.Until(deadline) < time.Minute+time.Duration(n)*4*time.Second {
		t.Fatalf("%d cycles take longer than the time this test has; give it -timeout %dm", n, 10+n/6)
	}
	k := &killing{t: t, victims: newVictims(t), seed: seed}
	k.load = newLoad(t.Context(), k.victims, k.keys())
	defer k.load.cancel(nil) // before the processes go
	if err := k.run(schedule(seed, killNodes, n)); err != nil {
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
	t *testing.T
	*victims
	load *load
	seed uint64

	cycles            int
	two, leader, soon int // cycles that killed two nodes, the leader, a node soon after its restart
	recoveries        []time.Duration
	audit             *audit
}

// String is what the test reports.
func (k *killing) String() string {
	slices.Sort(k.recoveries)
	var median, slowest time.Duration
	if n := len(k.recoveries); n > 0 {
		median, slowest = k.recoveries[n/2], k.recoveries[n-1]
	}
	text := fmt.Sprintf("seed=%d cycles=%d sigkill=%d sigstop=%d two=%d leader=%d after_restart=%d acknowledged=%d sent_again=%d p50_recovery=%.2fs max_recovery=%.2fs",
		k.seed, k.cycles, k.sigkills, k.sigstops, k.two, k.leader, k.soon, k.load.acknowledged(), k.load.sentAgain(), median.Seconds(), slowest.Seconds())
	if a := k.audit; a != nil {
		text += fmt.Sprintf(" receipts_verified=%d heights=%d lost=%d doubled=%d differing=%d two_hashes=%d",
			a.receipts, a.heights, a.faults[lost], a.faults[doubled], a.faults[differing], a.faults[twoHashes])
	}
	return text
}

// keys opens the key files of all people and makes the firm's key.
func (k *killing) keys() map[string]keys.PrivateKey {
	passphrase, err := node.Passphrase(k.PassphraseFile)
	check(k.t, err)
	people := make(map[string]keys.PrivateKey)
	for _, p := range k.People {
		people[p.Name], err = keys.ReadFile(p.KeyFile, passphrase)
		check(k.t, err)
	}
	people["RX.admin"] = generate(k.t, k.trust.Suite)
	people["RX.maker"] = people["RX.admin"] // enrolled with both roles
	return people
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
			return fmt.Errorf("cycle %d of %d (%v): %w", i+1, len(cycles), c, err)
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

// bear plays one cycle.
func (k *killing) bear(c cycle) error {
	before := k.load.acknowledged()
	k.load.every.Store(int64(killPace))
	if err := k.wait(c.calm); err != nil {
		return err
	}
	targets, led, err := k.choose(c)
	if err != nil {
		return err
	}
	if err := k.strike(c, targets); err != nil {
		return err
	}
	if err := k.whileDown(c, targets); err != nil {
		return err
	}
	if err := k.raise(c, targets); err != nil {
		return err
	}
	if c.again {
		if err := k.killAgain(c, targets); err != nil {
			return err
		}
	}
	if c.blow != frozen {
		k.two += count(c.two)
		k.leader += count(led)
	}
	if err := k.load.failed(); err != nil {
		return err
	}
	took, err := k.recovered(k.load.ctx, targets, k.load.top())
	if err != nil {
		return fmt.Errorf("%w; load: %v", err, k.load.failed())
	}
	k.recoveries = append(k.recoveries, took)
	k.load.every.Store(int64(killHurry))
	return until(k.load.ctx, killPatience, func(context.Context) (bool, error) {
		if n := k.load.acknowledged() - before; n < killEach {
			return false, fmt.Errorf("%d transactions acknowledged, want %d", n, killEach)
		}
		return true, nil
	})
}

// choose picks the nodes of a cycle and tells whether the leader is among them.
func (k *killing) choose(c cycle) (targets []int, led bool, err error) {
	leader, err := k.victims.leader(k.load.ctx)
	if err != nil {
		return nil, false, fmt.Errorf("%w; load: %v", err, k.load.failed())
	}
	others := slices.DeleteFunc(slices.Clone(c.choice), func(i int) bool { return i == leader })
	if c.leader {
		others = append([]int{leader}, others...)
	}
	return others[:1+count(c.two)], c.leader, nil
}

// strike brings the nodes down, one after the other.
func (k *killing) strike(c cycle, targets []int) error {
	for i, target := range targets {
		if i > 0 {
			if err := k.wait(c.apart); err != nil {
				return err
			}
		}
		if c.blow == killed {
			k.kill(target)
			continue
		}
		if err := k.freeze(target); err != nil {
			return err
		}
	}
	return nil
}

// whileDown waits with the nodes down. With one of them the others must go on;
// with two they cannot, and no client may be told otherwise.
func (k *killing) whileDown(c cycle, targets []int) error {
	struck := time.Now()
	before := k.load.acknowledged()
	if err := k.wait(c.down); err != nil {
		return err
	}
	begunSince := func() (n int) {
		for _, a := range k.load.since(before) {
			n += count(a.begun.After(struck))
		}
		return n
	}
	if c.two {
		if n := begunSince(); n > 0 {
			return fmt.Errorf("%d transactions that were sent while %d of %d nodes were down are acknowledged, without a quorum", n, len(targets), killNodes)
		}
		return nil
	}
	return until(k.load.ctx, killPatience, func(context.Context) (bool, error) {
		if err := k.upright(targets...); err != nil {
			return true, err
		}
		n := begunSince()
		if n >= killProgress {
			return true, nil
		}
		return false, fmt.Errorf("%s is down, and of what was sent since then the others made %d FINAL, want %d", k.Nodes[targets[0]].Name, n, killProgress)
	})
}

// raise lets the nodes go on.
func (k *killing) raise(c cycle, targets []int) error {
	for _, target := range targets {
		switch c.blow {
		case frozen:
			if err := k.thaw(target); err != nil {
				return err
			}
			continue
		case frozenKilled:
			k.kill(target)
		}
		if err := k.start(target); err != nil {
			return err
		}
	}
	return nil
}

// killAgain kills nodes that have just been started, while they recover. Where
// the machine was too busy to do so soon it tries once more.
func (k *killing) killAgain(c cycle, targets []int) error {
	for range 5 {
		if err := k.wait(c.recover); err != nil {
			return err
		}
		soon := true
		for _, target := range targets {
			soon = k.kill(target) && soon
		}
		for _, target := range targets {
			if err := k.start(target); err != nil {
				return err
			}
		}
		if soon {
			k.soon++
			return nil
		}
	}
	return fmt.Errorf("no kill within %v of the restart in five attempts", killSoon)
}

// wait lets time pass, unless the load fails.
func (k *killing) wait(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-k.load.ctx.Done():
		return k.load.failed()
	}
}

// judge holds what the nodes have against what clients were told.
func (k *killing) judge() error {
	ctx := k.t.Context()
	if err := k.settled(ctx); err != nil {
		return err
	}
	var all []acknowledgement
	for _, a := range k.load.since(0) {
		all = append(all, a.acknowledgement)
	}
	k.audit = newAudit(k.trust)
	if err := k.audit.verify(ctx, killNodes, all, k.fetch); err != nil {
		return err
	}
	if err := k.stop(); err != nil {
		return err
	}
	var stopped []ledgerOfOne
	for _, n := range k.Nodes {
		s, err := openStopped(n, k.trust.Network)
		if err != nil {
			return err
		}
		defer func() { check(k.t, s.close()) }()
		stopped = append(stopped, s)
	}
	if err := k.audit.walk(stopped); err != nil {
		return err
	}
	k.audit.compare(all)
	if err := k.audit.err(); err != nil {
		return err
	}
	if want := len(all) * killNodes; k.audit.receipts != want {
		return fmt.Errorf("%d receipts verified, want %d", k.audit.receipts, want)
	}
	return k.silent()
}

// fetch gives a receipt file of a node.
func (k *killing) fetch(ctx context.Context, i int, id ledger.Hash) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, killPatience)
	defer cancel()
	return k.client(i, k.load.people["REG.maker"]).ReceiptFile(ctx, id)
}

// silent is an error if a node's log holds what must not be there.
func (k *killing) silent() error {
	found := make(map[string][]string)
	for _, n := range k.Nodes {
		f, err := os.Open(logFile(n))
		if err != nil {
			return err
		}
		lines, err := complaints(f)
		_ = f.Close()
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			found[n.Name] = lines
		}
	}
	if len(found) == 0 {
		return nil
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(found)) {
		lines := found[name]
		fmt.Fprintf(&text, "\n%s, %d lines:\n%s", name, len(lines), strings.Join(lines[:min(len(lines), 10)], "\n"))
	}
	return fmt.Errorf("the logs complain:%s", &text)
}
