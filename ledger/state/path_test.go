// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import "testing"

func TestShortPathsAreThoseTheyAreShortFor(t *testing.T) {
	p, seen := Path{}, map[ShortPath]bool{}
	for n := range maxNibbles + 1 {
		s, ok := p.Short()
		if ok != (n <= maxShort) {
			t.Fatalf("%v is short: %v", p, ok)
		}
		if ok && (s.Path() != p || seen[s]) {
			t.Fatalf("%v is read as %v, or stands for two", p, s.Path())
		}
		seen[s] = true
		if n < maxNibbles {
			p = p.child([]int{0, 15, 0, 0, 9}[n%5])
		}
	}
}
