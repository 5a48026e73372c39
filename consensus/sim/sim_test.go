// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"slices"
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

// holds makes a history that breaks no rule.
func holds(t *testing.T, o sim.Options) sim.Report {
	t.Helper()
	r, err := run(t, o)
	if err != nil {
		t.Errorf("%v\nreplay: %s", err, command(o))
	}
	return r
}

func TestSameSeedGivesTheSameHistory(t *testing.T) {
	var digests []uint64
	for seed := range uint64(6) {
		one := holds(t, sim.Options{Seed: seed, Nodes: 4})
		two := holds(t, sim.Options{Seed: seed, Nodes: 4})
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
	if r := holds(t, sim.Options{Seed: 1, Nodes: 4, Heights: 15, Suite: suite, Traitors: sim.NoTraitors}); r.Heights < 15 {
		t.Errorf("only %d heights", r.Heights)
	}
}

// Each fault alone, where others do not hide what it does.
func TestEachFaultHappensAndIsOutlived(t *testing.T) {
	for _, name := range sim.Faults() {
		t.Run(name, func(t *testing.T) {
			for _, nodes := range []int{4, 7} {
				times := 0
				for seed := uint64(0); seed < 20 && times == 0; seed++ {
					times += holds(t, sim.Options{Seed: seed, Nodes: nodes, Heights: 25, Chaos: 30_000, Traitors: sim.NoTraitors, Only: []string{name}}).Counts[name]
				}
				if times == 0 {
					t.Errorf("%d nodes: it did not happen", nodes)
				}
			}
		})
	}
}

// Each betrayal alone, with crashes so that leaders change and nodes fall behind.
func TestEachBetrayalHappensAndBreaksNothing(t *testing.T) {
	for _, name := range sim.Behaviours() {
		t.Run(name, func(t *testing.T) {
			times := 0
			for seed := range uint64(20) {
				only := []string{name, "crash", "crash of the leader", "isolation of the leader"}
				times += holds(t, sim.Options{Seed: seed, Nodes: 4, Heights: 25, Chaos: 30_000, Traitors: 1, Only: only}).Counts["treason: "+name]
				if times > 0 {
					return
				}
			}
			if times == 0 {
				t.Error("it did not happen")
			}
		})
	}
}

// A node without its record of votes finds out, and follows.
func TestWhoLosesItsVotesNeverVotesAgain(t *testing.T) {
	for _, how := range []string{"wiped votes", "old votes"} {
		lost := 0
		for seed := range uint64(15) {
			r := holds(t, sim.Options{Seed: seed, Nodes: 4, Traitors: sim.NoTraitors, Only: []string{how, "crash", "wiped ledger"}})
			lost += r.Counts["lost records of votes"]
		}
		if lost == 0 {
			t.Errorf("%s: in no history was a record lost", how)
		}
	}
}
