// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/consensus/sim"
)

// TestSeeds runs many histories, of which a third have traitors. What it does is
// said by the environment, IPLEDGER_SIM_…
//
//	SEEDS=N     so many histories; without it some few of four nodes and of seven
//	NODES=N     of so many nodes, 4
//	FIRST=N     the first seed, 0
//	SHARDS=N    in so many processes, as many as there are processors if SEEDS is large
//	SEED=N      this one alone, with its trace
//	SHRINK=1    this one alone, and the least of it that fails
//	KEEP=3,7    of its strikes only these
//	WITHOUT=a,b of faults, behaviours and weather none of these
//	TRAITORS=N  so many, -1 for none
func TestSeeds(t *testing.T) {
	switch {
	case os.Getenv("IPLEDGER_SIM_SEED") != "" && number(t, "SHRINK") > 0:
		shrunk(t, asked(t), 10*time.Minute)
		return
	case os.Getenv("IPLEDGER_SIM_SEED") != "":
		o := asked(t)
		o.Trace = t.Output()
		r := holds(t, o)
		t.Logf("%+v", r)
		return
	case os.Getenv(tallyFile) != "":
		shard(t)
		return
	}
	seeds, nodes, first := number(t, "SEEDS"), number(t, "NODES"), number(t, "FIRST")
	if seeds == 0 && nodes == 0 {
		search(t, 4, first, 40)
		search(t, 7, first, 12)
		return
	}
	if seeds == 0 {
		seeds = 40
	}
	if nodes == 0 {
		nodes = 4
	}
	search(t, nodes, first, seeds)
}

// search runs some seeds and prints what they came to.
func search(t *testing.T, nodes, first, seeds int) {
	t.Helper()
	var all tally
	shards := number(t, "SHARDS")
	if shards == 0 && seeds >= 200 {
		shards = processors()
	}
	if shards > 1 {
		all = inShards(t, nodes, first, seeds, shards)
	} else {
		all = histories(t, nodes, first, seeds, 1)
	}
	if testing.Verbose() {
		fmt.Println(all)
	}
	if seeds >= 100 && 100*all.High < 95*all.Seeds {
		t.Errorf("only %d of %d seeds certified 50 heights", all.High, all.Seeds)
	}
}

// histories runs every so many'th seed from first on, below first+seeds.
func histories(t *testing.T, nodes, first, seeds, every int) (all tally) {
	t.Helper()
	for seed := first; seed < first+seeds; seed += every {
		o := sim.Options{Seed: uint64(seed), Nodes: nodes}
		r, err := run(t, o)
		if err == nil && r.Heights < 50 {
			err = fmt.Errorf("only %d heights", r.Heights)
		}
		if err == nil && r.Promises == 0 {
			err = errors.New("no promise of Raft was judged: its messages are not recognised")
		}
		all.add(o.Seed, r, err)
		if err == nil {
			continue
		}
		t.Errorf("%v\nreplay: %s", err, command(o))
		if all.Violations <= maxShrunk {
			shrunk(t, o, 20*time.Second)
		}
	}
	return all
}

// maxShrunk is how many failing seeds of one process are made smaller.
const maxShrunk = 3

// shrunk says the least of a history that breaks the same rule as all of it.
func shrunk(t *testing.T, o sim.Options, within time.Duration) {
	t.Helper()
	end := time.Now().Add(within)
	least, v := sim.Shrink(o, func(o sim.Options) (sim.Report, error) { return run(t, o) }, func() bool { return time.Now().Before(end) })
	if v == nil {
		return
	}
	t.Errorf("the least that breaks the same rule: %v\n%d strikes%s\nreplay: %s", v, len(least.Keep), named(t, least), command(least))
}

// named says what the strikes of a history are, and the betrayals in it.
func named(t *testing.T, o sim.Options) (what string) {
	t.Helper()
	var lines strings.Builder
	o.Trace = &lines
	_, _ = run(t, o)
	if len(o.Keep) > 40 {
		return ", too many to list: there was no time for more"
	}
	for line := range strings.Lines(lines.String()) {
		if f := strings.Fields(line); len(f) > 5 && f[1] == "world" && f[2] == "strike" {
			what += fmt.Sprintf("\n  %s s: strike %s, %s", f[0], f[3], strings.Join(f[5:], " "))
		}
	}
	return what
}

// command says how to make a history again.
func command(o sim.Options) string {
	how := fmt.Sprintf("IPLEDGER_SIM_SEED=%d IPLEDGER_SIM_NODES=%d", o.Seed, o.Nodes)
	if o.Traitors != 0 {
		how += fmt.Sprintf(" IPLEDGER_SIM_TRAITORS=%d", o.Traitors)
	}
	if o.Keep != nil {
		how += " IPLEDGER_SIM_KEEP=" + strings.Trim(strings.ReplaceAll(fmt.Sprint(o.Keep), " ", ","), "[]")
		if len(o.Keep) == 0 {
			how += "none"
		}
	}
	for name, list := range map[string][]string{"WITHOUT": o.Without, "ONLY": o.Only} {
		if list != nil {
			how += fmt.Sprintf(" IPLEDGER_SIM_%s='%s'", name, strings.Join(list, ","))
		}
	}
	if o.Mutation != sim.NoMutation {
		how += fmt.Sprintf(" IPLEDGER_SIM_MUTATION=%s", o.Mutation)
	}
	return how + " go test ./consensus/sim -run 'TestSeeds$' -v"
}

// asked gives the history that the environment asks for.
func asked(t *testing.T) sim.Options {
	t.Helper()
	o := sim.Options{Seed: uint64(number(t, "SEED")), Nodes: number(t, "NODES"), Traitors: number(t, "TRAITORS")}
	if o.Nodes == 0 {
		o.Nodes = 4
	}
	o.Mutation = sim.Mutation(os.Getenv("IPLEDGER_SIM_MUTATION"))
	o.Without, o.Only = words("WITHOUT"), words("ONLY")
	if keep := words("KEEP"); keep != nil {
		o.Keep = []int{}
		for _, text := range keep {
			if k, err := strconv.Atoi(text); err == nil {
				o.Keep = append(o.Keep, k)
			} else if text != "none" {
				t.Fatalf("IPLEDGER_SIM_KEEP: %v", err)
			}
		}
	}
	known := slices.Concat(sim.Faults(), sim.Behaviours(), sim.Weather())
	for _, name := range slices.Concat(o.Without, o.Only) {
		if !slices.Contains(known, name) {
			t.Fatalf("there is no %q; there are %q", name, known)
		}
	}
	return o
}

// words reads a list from the environment.
func words(name string) []string {
	text := os.Getenv("IPLEDGER_SIM_" + name)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// number reads a number from the environment, 0 if it is not set.
func number(t *testing.T, name string) int {
	t.Helper()
	text := os.Getenv("IPLEDGER_SIM_" + name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("IPLEDGER_SIM_%s: %v", name, err)
	}
	return n
}
