// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts/rights"
	"pgregory.net/rapid"
)

// plainRanks keeps every agreement that was ever made on a right, and all pledges that
// the right ever had.
type plainRanks struct {
	own    map[string]rights.Place
	agreed [][]string
	void   []string
}

// place is where a pledge stands, by a replay of everything.
func (m *plainRanks) places() map[string]rights.Place {
	at := make(map[string]rights.Place)
	for no, place := range m.own {
		at[no] = place
	}
	for _, order := range m.agreed {
		var places []rights.Place
		order = slices.DeleteFunc(slices.Clone(order), func(no string) bool { return slices.Contains(m.void, no) })
		for _, no := range order {
			places = append(places, at[no])
		}
		slices.SortFunc(places, rights.Place.Compare)
		for i, no := range order {
			at[no] = places[i]
		}
	}
	return at
}

func TestWhatIsKeptOfAgreementsMakesThePlacesThatAllOfThemMake(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m, a := &plainRanks{own: make(map[string]rights.Place)}, &Agreements{}
		var entries []rights.PledgeEntry
		ended, most := make(map[string]bool), 0
		for i := range rapid.IntRange(5, 60).Draw(rt, "steps") {
			what := rapid.IntRange(0, 9).Draw(rt, "what")
			switch {
			case len(entries) < 2 || what < 3 && len(entries) < 6:
				e := rights.PledgeEntry{PledgeNo: fmt.Sprintf("PLG-%d", i), StatutoryTime: int64(i / 2), StatutoryNo: fmt.Sprintf("N%03d", i)}
				m.own[e.PledgeNo] = e.Ranked()
				entries = append(entries, e)
			case what < 6:
				a.settle(func(no string) bool { return ended[no] })
				var order []string
				for _, e := range rapid.Permutation(entries).Draw(rt, "order") {
					order = append(order, e.PledgeNo)
				}
				if rapid.Bool().Draw(rt, "one is over") && len(order) > 2 { // by time, and may come back
					order = order[1:]
				}
				m.agreed = append(m.agreed, order)
				a.agree(entries, order)
				a.rank(entries)
			default:
				no := rapid.SampledFrom(entries).Draw(rt, "pledge").PledgeNo
				entries = slices.DeleteFunc(entries, func(e rights.PledgeEntry) bool { return e.PledgeNo == no })
				if ended[no] = true; what == 9 {
					m.void = append(m.void, no)
					if a.without(no) {
						a.rank(entries)
					}
				}
			}
			want := m.places()
			for i, e := range entries {
				if e.Ranked() != want[e.PledgeNo] {
					rt.Fatalf("%s stands at %v, want %v: %+v", e.PledgeNo, e.Ranked(), want[e.PledgeNo], a)
				}
				if len(m.agreed) > 0 && i > 0 && what < 6 && what > 2 && entries[i-1].Ranked().Compare(e.Ranked()) >= 0 {
					rt.Fatalf("%+v are not in their order", entries)
				}
			}
			most = max(most, len(a.Orders))
		}
		if most > len(m.agreed) {
			rt.Fatal("more is kept than there was")
		}
	})
}
