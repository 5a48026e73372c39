// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"

	"github.com/ipledger/ipledger/consensus/sim"
	"github.com/ipledger/ipledger/ledger/keys"
)

// run makes the history of o. Raft's jitter comes from crypto/rand, which is
// seeded too: no test of this package may be parallel.
func run(t *testing.T, o sim.Options) (sim.Report, error) {
	t.Helper()
	cryptotest.SetGlobalRandom(t, o.Seed)
	return sim.Run(o)
}

// number reads an environment variable, 0 if it is not set.
func number(t *testing.T, name string) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestSeeds runs many histories. IPLEDGER_SIM_SEEDS says how many of four nodes
// (a fifth as many of seven), IPLEDGER_SIM_NODES that they are to be of so many
// nodes instead, IPLEDGER_SIM_FIRST with which seed they begin.
// IPLEDGER_SIM_SEED replays a single one with its trace: of four nodes or of
// IPLEDGER_SIM_NODES, with IPLEDGER_SIM_TRAITORS traitors, with a wiped node if
// IPLEDGER_SIM_WIPE is 1.
func TestSeeds(t *testing.T) {
	if text := os.Getenv("IPLEDGER_SIM_SEED"); text != "" {
		replay(t, number(t, "IPLEDGER_SIM_SEED"))
		return
	}
	seeds := number(t, "IPLEDGER_SIM_SEEDS")
	if seeds == 0 {
		seeds = 40
	}
	first := number(t, "IPLEDGER_SIM_FIRST")
	type size struct {
		nodes int
		seeds uint64
	}
	sizes := []size{{4, seeds}, {7, seeds / 5}}
	if nodes := number(t, "IPLEDGER_SIM_NODES"); nodes > 0 {
		sizes = []size{{int(nodes), seeds}}
	}
	var all tally
	for _, size := range sizes {
		for seed := first; seed < first+size.seeds; seed++ {
			r, err := run(t, sim.Options{Seed: seed, Nodes: size.nodes})
			all.add(seed, r)
			if err == nil && r.Heights < 50 {
				err = fmt.Errorf("only %d heights", r.Heights)
			}
			if err == nil && r.Promises == 0 {
				err = errors.New("no promise of Raft was judged: its messages are not recognised")
			}
			if err != nil {
				all.violations++
				failed(t, err, sim.Options{Seed: seed, Nodes: size.nodes})
			}
		}
	}
	t.Log(all.String())
}

// failed says what went wrong, and how to see the same history again.
func failed(t *testing.T, err error, o sim.Options) {
	t.Helper()
	how := fmt.Sprintf("IPLEDGER_SIM_SEED=%d IPLEDGER_SIM_NODES=%d", o.Seed, o.Nodes)
	if o.Traitors > 0 {
		how += fmt.Sprintf(" IPLEDGER_SIM_TRAITORS=%d", o.Traitors)
	}
	if o.Wipe {
		how += " IPLEDGER_SIM_WIPE=1"
	}
	t.Errorf("%v\nreplay: %s go test ./consensus/sim -run TestSeeds -v", err, how)
}

// traitorChaos is how long, in ms, a history with traitors has faults: what they
// do to progress is for people to end, so such a history is not waited for.
const traitorChaos = 20_000

// replay makes the history that a failed test named, with its trace.
func replay(t *testing.T, seed uint64) {
	o := sim.Options{Seed: seed, Nodes: 4, Trace: t.Output()}
	if nodes := number(t, "IPLEDGER_SIM_NODES"); nodes > 0 {
		o.Nodes = int(nodes)
	}
	if o.Traitors = int(number(t, "IPLEDGER_SIM_TRAITORS")); o.Traitors > 0 {
		o.Chaos = traitorChaos
	}
	o.Wipe = number(t, "IPLEDGER_SIM_WIPE") > 0
	r, err := run(t, o)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%+v", r)
}

// A tally adds up reports.
type tally struct {
	histories, violations int
	sum                   sim.Report
	slowest               int64 // µs
	slowestSeed           uint64
}

func (a *tally) add(seed uint64, r sim.Report) {
	a.histories++
	s := &a.sum
	s.Steps += r.Steps
	s.Events += r.Events
	s.Messages += r.Messages
	s.Transactions += r.Transactions
	s.Promises += r.Promises
	s.Faults += r.Faults
	s.Leaders += r.Leaders
	s.Rounds += r.Rounds
	s.Heights += r.Heights
	s.Virtual += r.Virtual
	if r.Healing > a.slowest {
		a.slowest, a.slowestSeed = r.Healing, seed
	}
	if s.Counts == nil {
		s.Counts = make(map[string]int)
	}
	for what, n := range r.Counts {
		s.Counts[what] += n
	}
}

func (a *tally) String() string {
	s := a.sum
	text := fmt.Sprintf("seeds=%d steps=%d events=%d messages=%d transactions=%d promises=%d faults=%d leaders=%d rounds=%d heights=%d "+
		"virtual=%.0fs slowest_healing=%.1fs(seed %d) violations=%d",
		a.histories, s.Steps, s.Events, s.Messages, s.Transactions, s.Promises, s.Faults, s.Leaders, s.Rounds, s.Heights,
		float64(s.Virtual)/1e6, float64(a.slowest)/1e6, a.slowestSeed, a.violations)
	for _, what := range slices.Sorted(maps.Keys(s.Counts)) {
		text += fmt.Sprintf(" %s=%d", strings.ReplaceAll(what, " ", "_"), s.Counts[what])
	}
	return text
}

func TestSameSeedGivesTheSameHistory(t *testing.T) {
	var digests []uint64
	for seed := range uint64(4) {
		one, err := run(t, sim.Options{Seed: seed, Nodes: 4})
		if err != nil {
			t.Fatal(err)
		}
		two, err := run(t, sim.Options{Seed: seed, Nodes: 4})
		if err != nil {
			t.Fatal(err)
		}
		if one.Digest != two.Digest || one.Events != two.Events || one.Virtual != two.Virtual {
			t.Errorf("seed %d: digests %x and %x, events %d and %d", seed, one.Digest, two.Digest, one.Events, two.Events)
		}
		if slices.Contains(digests, one.Digest) {
			t.Errorf("seed %d gives the history of another seed", seed)
		}
		digests = append(digests, one.Digest)
	}
}

func TestWithRealSignatures(t *testing.T) {
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	r, err := run(t, sim.Options{Seed: 1, Nodes: 4, Heights: 15, Suite: suite})
	if err != nil {
		t.Fatal(err)
	}
	if r.Heights < 15 {
		t.Errorf("only %d heights", r.Heights)
	}
}

func TestTraitorsDoNotForkTheChain(t *testing.T) {
	seeds := max(number(t, "IPLEDGER_SIM_SEEDS"), 15)
	var all tally
	for _, size := range []struct {
		nodes, traitors int
		seeds           uint64
	}{{4, 1, seeds}, {7, 2, seeds / 5}} {
		for seed := range size.seeds {
			o := sim.Options{Seed: seed, Nodes: size.nodes, Traitors: size.traitors, Chaos: traitorChaos}
			r, err := run(t, o)
			all.add(seed, r)
			if err != nil {
				all.violations++
				failed(t, err, o)
			}
		}
	}
	t.Log(all.String())
}

func TestWipedNodeNeverVotesAgain(t *testing.T) {
	seeds := max(number(t, "IPLEDGER_SIM_SEEDS"), 20)
	var all tally
	for seed := range seeds {
		o := sim.Options{Seed: seed, Nodes: 4, Wipe: true}
		r, err := run(t, o)
		all.add(seed, r)
		if err != nil {
			all.violations++
			failed(t, err, o)
		}
	}
	t.Log(all.String())
}

// firstViolation looks for a seed under which the judge sees the mutation.
func firstViolation(t *testing.T, m sim.Mutation, seeds uint64) *sim.Violation {
	t.Helper()
	for seed := range seeds {
		_, err := run(t, sim.Options{Seed: seed, Nodes: 4, Mutation: m})
		var v *sim.Violation
		if errors.As(err, &v) {
			return v
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("%s: %d seeds, and nothing was seen", m, seeds)
	return nil
}

func TestWithoutVoteSyncTheSimulatorFails(t *testing.T) {
	t.Log(firstViolation(t, sim.LoseVoteSync, 300))
}

func TestWithoutAnySyncTheSimulatorFails(t *testing.T) {
	t.Log(firstViolation(t, sim.LoseEverySync, 300))
}

func TestSendingBeforePersistingTheSimulatorFails(t *testing.T) {
	t.Log(firstViolation(t, sim.SendBeforePersist, 10))
}
