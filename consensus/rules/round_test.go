// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import "testing"

func TestIntentsAgreeWhenAQuorumHasTheSame(t *testing.T) {
	intent := func(round uint64, voters uint32) *Intent { return &Intent{Epoch{1, round}, voters} }
	for name, c := range map[string]struct {
		intents []*Intent
		round   uint64 // 0 for no agreement
	}{
		"nobody has one":            {[]*Intent{nil, nil, nil, nil}, 0},
		"one too few":               {[]*Intent{intent(1, 15), nil, intent(1, 15), nil}, 0},
		"a quorum":                  {[]*Intent{intent(1, 15), nil, intent(1, 15), intent(1, 15)}, 1},
		"other Raft voters":         {[]*Intent{intent(1, 15), intent(1, 7), intent(1, 15), nil}, 0},
		"other rounds":              {[]*Intent{intent(1, 15), intent(2, 15), intent(1, 15), nil}, 0},
		"a quorum and one further":  {[]*Intent{intent(2, 15), intent(3, 15), intent(2, 15), intent(2, 15)}, 2},
		"a quorum and one that lag": {[]*Intent{intent(1, 15), intent(3, 15), intent(3, 15), intent(3, 15)}, 3},
	} {
		agreed, ok := Agreed(c.intents, 3)
		if ok != (c.round > 0) || agreed.Epoch.Round != c.round {
			t.Errorf("%s: %+v, %v", name, agreed, ok)
		}
	}
}

func TestTheNextRoundIsAboveEveryPromise(t *testing.T) {
	if got := Next(Epoch{1, 2}, Epoch{1, 2}); got != (Epoch{1, 3}) {
		t.Errorf("after round 2: %v", got)
	}
	if got := Next(Epoch{1, 2}, Epoch{1, 5}); got != (Epoch{1, 6}) {
		t.Errorf("after a promise for round 5: %v", got)
	}
}

func TestPatienceDoublesAndHasAnEnd(t *testing.T) {
	for barren, want := range map[int]uint64{-1: 600, 0: 600, 1: 1200, 2: 2400, 6: 38400, 7: 38400, 1000: 38400} {
		if got := Patience(600, barren); got != want {
			t.Errorf("after %d rounds: %d, must be %d", barren, got, want)
		}
	}
}

func TestARoundIsWishedForOnlyWhereItCouldHelp(t *testing.T) {
	for name, c := range map[string]struct {
		quiet     uint64
		waiting   bool
		connected int
		due       bool
	}{
		"long quiet with work":  {600, true, 3, true},
		"not yet":               {599, true, 4, false},
		"nothing to do":         {6000, false, 4, false},
		"no quorum is in reach": {6000, true, 2, false},
	} {
		if got := Due(c.quiet, 600, c.waiting, c.connected, 3); got != c.due {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestStartersTakeTurns(t *testing.T) {
	for round, want := range map[uint64]uint64{1: 1, 3: 3, 4: 0, 9: 1} {
		if got := Starter(round, set); got != want {
			t.Errorf("round %d: %d, must be %d", round, got, want)
		}
	}
}
