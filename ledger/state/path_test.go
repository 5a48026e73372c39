// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestPathsComeBehindAllThatBeginWithThem compares the order with that of the
// digits of paths, the end of which is the last digit.
func TestPathsComeBehindAllThatBeginWithThem(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var paths []Path
	for range 400 {
		var p Path
		for range random.IntN(maxNibbles + 1) {
			p = p.child([]int{0, 15, 15, 15, 15, 15, 15, 7}[random.IntN(8)])
		}
		paths = append(paths, p)
	}
	for _, p := range paths {
		for _, q := range paths {
			if got, want := p.compare(&q), strings.Compare(p.String()+"g", q.String()+"g"); got != want {
				t.Fatalf("%v and %v compare as %d, want %d", p, q, got, want)
			}
		}
	}
}

func TestShortKeysAreThoseTheyAreShortFor(t *testing.T) {
	p, seen := Path{}, map[ShortKey]bool{}
	for n := range maxNibbles + 1 {
		for _, version := range []uint64{0, 1, 1 << 40} {
			k := NodeKey{version, p}
			s, ok := k.Short()
			if ok != (n <= maxShort) {
				t.Fatalf("%v is short: %v", k, ok)
			}
			if ok && (s.Key() != k || seen[s]) {
				t.Fatalf("%v is read as %v, or stands for two", k, s.Key())
			}
			seen[s] = true
		}
		if n < maxNibbles {
			p = p.child([]int{0, 15, 0, 0, 9}[n%5])
		}
	}
}
