// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"

	"github.com/ipledger/ipledger/consensus/sim"
)

// What loses votes is a crash. A long history in which one is signed twice comes
// down to few strikes, and these alone break the same rule again.
func TestAFailingHistoryShrinksToFewStrikes(t *testing.T) {
	o := sim.Options{Nodes: 4, Mutation: sim.LoseVoteSync, Traitors: sim.NoTraitors}
	o.Seed = firstViolation(t, o, sim.OneVote, 300).Seed
	whole, _ := run(t, o)
	least, v := sim.Shrink(o, func(o sim.Options) (sim.Report, error) { return run(t, o) }, func() bool { return true })
	if v == nil || v.Rule != sim.OneVote {
		t.Fatalf("the least history breaks %v", v)
	}
	t.Logf("%d strikes became %d:%s\n%s", whole.Strikes, len(least.Keep), named(t, least), command(least))
	if len(least.Keep) > 10 {
		t.Errorf("%d of %d strikes are left", len(least.Keep), whole.Strikes)
	}
	if _, err := run(t, least); err == nil || err.Error() != v.Error() {
		t.Errorf("the least history gives %v, and was to give %v", err, v)
	}
}
