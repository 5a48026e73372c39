// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/consensus/sim"
)

// A tally adds up histories.
type tally struct {
	Seeds       int
	Violations  int
	High        int // seeds that certified 50 heights
	Traitors    int // seeds that have some
	Regained    int // seeds that made progress after healing
	Sum         sim.Report
	Slowest     int64 // µs of healing
	SlowestSeed uint64
}

func (a *tally) add(seed uint64, r sim.Report, err error) {
	one := tally{Seeds: 1, Sum: r, Slowest: r.Healing, SlowestSeed: seed}
	count := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	count(&one.Violations, err != nil)
	count(&one.High, r.Heights >= 50)
	count(&one.Traitors, r.Traitors > 0)
	count(&one.Regained, r.Regained)
	a.merge(one)
}

func (a *tally) merge(b tally) {
	a.Seeds += b.Seeds
	a.Violations += b.Violations
	a.High += b.High
	a.Traitors += b.Traitors
	a.Regained += b.Regained
	if b.Slowest > a.Slowest {
		a.Slowest, a.SlowestSeed = b.Slowest, b.SlowestSeed
	}
	s, r := &a.Sum, b.Sum
	s.Steps += r.Steps
	s.Events += r.Events
	s.Messages += r.Messages
	s.Transactions += r.Transactions
	s.Promises += r.Promises
	s.Faults += r.Faults
	s.Treason += r.Treason
	s.Leaders += r.Leaders
	s.Rounds += r.Rounds
	s.Heights += r.Heights
	s.Virtual += r.Virtual
	if s.Counts == nil {
		s.Counts = make(map[string]int)
	}
	for what, n := range r.Counts {
		s.Counts[what] += n
	}
}

func (a tally) String() string {
	s := a.Sum
	share := func(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
	lines := []string{
		fmt.Sprintf("seeds=%d steps=%d faults=%d leaders=%d rounds=%d heights=%d violations=%d",
			a.Seeds, s.Steps, s.Faults, s.Leaders, s.Rounds, s.Heights, a.Violations),
		counts(s.Counts, func(name string) bool { return slices.Contains(sim.Faults(), name) }),
		counts(s.Counts, func(name string) bool { return strings.HasPrefix(name, "treason: ") }),
		counts(s.Counts, func(name string) bool {
			return !strings.HasPrefix(name, "treason: ") && !slices.Contains(sim.Faults(), name)
		}),
		fmt.Sprintf("events=%d messages=%d transactions=%d promises=%d virtual=%.0fs with_traitors=%d treason=%d",
			s.Events, s.Messages, s.Transactions, s.Promises, float64(s.Virtual)/1e6, a.Traitors, s.Treason),
		fmt.Sprintf("fifty_heights=%.1f%% regained_progress=%.1f%% slowest_healing=%.1fs(seed %d)",
			share(a.High, a.Seeds), share(a.Regained, a.Seeds), float64(a.Slowest)/1e6, a.SlowestSeed),
	}
	return strings.Join(lines, "\n")
}

// counts lists what has a name that is wanted.
func counts(all map[string]int, wanted func(string) bool) string {
	var list []string
	for _, what := range slices.Sorted(maps.Keys(all)) {
		if wanted(what) {
			name := strings.TrimPrefix(what, "treason: ")
			list = append(list, fmt.Sprintf("%s=%d", strings.ReplaceAll(strings.ReplaceAll(name, ": ", ":"), " ", "_"), all[what]))
		}
	}
	return strings.Join(list, " ")
}
