// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"errors"
	"slices"
)

// weather is what a history has besides strikes and behaviours, and may be without.
var weather = []string{"rough", "short logs", "skew", "death"}

// Shrink looks for the least that breaks the same rule as the history of o does:
// fewer strikes, by ddmin (Zeller and Hildebrandt, IEEE TSE 2002), and less of
// everything else. It gives o as it is if nothing is broken. run makes a history
// as Run does; more tells whether there is time to make another.
func Shrink(o Options, run func(Options) (Report, error), more func() bool) (Options, *Violation) {
	var broken *Violation
	r, err := run(o)
	if !errors.As(err, &broken) {
		return o, nil
	}
	fails := func(o Options) bool {
		var v *Violation
		if !more() {
			return false
		}
		if _, err := run(o); !errors.As(err, &v) || v.Rule != broken.Rule {
			return false
		}
		broken = v
		return true
	}
	if o.Keep == nil {
		o.Keep = make([]int, r.Strikes)
		for k := range o.Keep {
			o.Keep[k] = k
		}
	}
	without := func(names []string) Options {
		less := o
		less.Without = slices.Concat(o.Without, names)
		return less
	}
	keeping := func(strikes []int) Options {
		less := o
		less.Keep = strikes
		return less
	}
	o.Keep = least(o.Keep, func(some []int) bool { return fails(keeping(some)) })
	for _, name := range slices.Concat(weather, Behaviours()) {
		if mayBe(name, r) && fails(without([]string{name})) {
			o = without([]string{name})
		}
	}
	o.Keep = least(o.Keep, func(some []int) bool { return fails(keeping(some)) }) // less may do now
	return o, broken
}

// mayBe tells whether something had a part in a history.
func mayBe(name string, r Report) bool {
	return slices.Contains(weather, name) || r.Counts["treason: "+name] > 0
}

// least gives a part of all that still fails, and no longer does if any one of it
// is taken away: halves first, then quarters, and so on.
func least(all []int, fails func([]int) bool) []int {
	if fails([]int{}) {
		return []int{}
	}
	for parts := 2; len(all) > 1; {
		size, found := (len(all)+parts-1)/parts, false
		for at := 0; at < len(all); at += size {
			rest := slices.Concat(all[:at], all[min(at+size, len(all)):])
			if fails(rest) {
				all, parts, found = rest, max(parts-1, 2), true
				break
			}
		}
		if !found {
			if size == 1 {
				break
			}
			parts = min(2*parts, len(all))
		}
	}
	return all
}

// Weather gives the names of what every history may be without.
func Weather() []string { return slices.Clone(weather) }
