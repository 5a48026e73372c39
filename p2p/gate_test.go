// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"net/netip"
	"testing"
	"time"
)

// A connection that ends at once does not make room at once.
func TestAPlaceIsKeptForItsTime(t *testing.T) {
	g := &gate{settings: &settings{}}
	g.settings.MaxHandshakes, g.settings.MaxHandshakesPerIP = 3, 2
	one, two := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::/64")
	now := time.Now()
	enter := func(from netip.Prefix, after time.Duration, want bool) {
		t.Helper()
		if got := g.enter(from, now.Add(after)); got != want {
			t.Errorf("%v after %v: %v", from, after, got)
		}
	}
	enter(one, 0, true)
	enter(one, 0, true)
	g.leave(one, now.Add(placeKept))
	enter(one, placeKept-1, false) // its own bound
	enter(two, placeKept-1, true)
	enter(two, placeKept-1, false) // that of all
	enter(one, placeKept, true)
	g.leave(two, now) // long over
	enter(two, placeKept, true)
	for range 2 {
		g.leave(one, now)
	}
	g.leave(two, now)
	enter(one, 2*placeKept, true)
	if g.taken != 1 || len(g.takenOf) != 1 || len(g.kept) != 0 {
		t.Errorf("%d places of %d addresses are taken, %d are kept", g.taken, len(g.takenOf), len(g.kept))
	}
}
