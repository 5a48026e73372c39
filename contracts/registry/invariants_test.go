// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// TestWhateverIsSubmittedTheInvariantsHold lets banks and an office submit
// anything in any order, sensible or not.
func TestWhateverIsSubmittedTheInvariantsHold(t *testing.T) {
	numbers := []string{"201810234567.3", "201710601862.3", "202220765432.1"}
	statutory := []string{"Y2026510000001", "Y2026510000002", "Y2026980000003", "Y2026980000004"}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		var ids, nos []string
		for _, n := range numbers {
			ids = append(ids, w.confirmed(n, nil, RX))
		}
		submit := func(bank string, refs []string) {
			if o := w.do("pledges.submit", submission(bank, RX, refs...), w.with(w.two(bank), RX)); o.Status == ledger.Final {
				nos = append(nos, w.result("pledges.submit", o)["pledge_no"].(string))
			}
		}
		effective := 0
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			bank := rapid.SampledFrom([]string{BA, BB}).Draw(rt, "bank")
			what := rapid.IntRange(0, 10).Draw(rt, "what")
			if what < 2 || len(nos) == 0 {
				submit(bank, rapid.SliceOfN(rapid.SampledFrom(ids), 1, 3).Draw(rt, "rights"))
				continue
			}
			no := args{"pledge_no": rapid.SampledFrom(nos).Draw(rt, "pledge")}
			with := func(more args) args { maps.Copy(no, more); return no }
			switch what {
			case 2, 3:
				w.do("pledges.accept", no, w.two(IPO))
			case 4, 5:
				time := w.time - rapid.SampledFrom([]int64{0, 1000, 86400_000}).Draw(rt, "ago")
				o := w.do("pledges.register", with(args{"statutory_no": rapid.SampledFrom(statutory).Draw(rt, "no"), "statutory_time": time}), w.two(IPO))
				if o.Status == ledger.Final {
					effective++
				}
			case 6:
				w.do("pledges.refuse", with(args{"codes": []string{contracts.R12}}), w.two(IPO))
			case 7:
				w.do("pledges.consent_release", with(args{"ground": "WAIVED"}), w.two(bank))
			case 8:
				w.do("pledges.cancel", with(args{"cancellation_ref": "C", "cancellation_time": w.time}), w.two(IPO))
			case 10:
				w.do("pledges.withdraw", no, w.with(w.two(bank), RX))
			case 9:
				w.time += rapid.Int64Range(0, contracts.Days(6)).Draw(rt, "pause")
				for _, id := range ids {
					w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
				}
			}
			checkInvariants(rt, w)
		}
	})
}

func checkInvariants(t *rapid.T, w *world) {
	seen, waiting := map[string]bool{}, map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(w.state)) { // pledges come before rights
		raw := w.state[key]
		switch {
		case strings.HasPrefix(key, "pledges/"):
			var p pledges.Record
			if err := ledger.Decode(raw, ledger.MaxValue, &p); err != nil {
				t.Fatal(err)
			}
			if p.State.Live() || p.State == pledges.Released {
				if p.StatutoryNo == "" || p.StatutoryTime == 0 || seen[p.StatutoryNo] {
					t.Fatalf("statutory number missing or used twice: %+v", p)
				}
				seen[p.StatutoryNo] = true
			} else if len(p.Pledgees)+len(p.Pledgors) != 0 {
				t.Fatalf("parties of an application are public: %+v", p)
			}
			if len(p.Rights) == 0 {
				t.Fatalf("no rights: %+v", p)
			}
			for _, right := range p.Rights {
				if p.State.Pending() {
					waiting[right.Number]++
				}
				record := read[rights.Record](w, "rights/PATENT/"+right.Number)
				listed := slices.ContainsFunc(record.Pledges, func(e rights.PledgeEntry) bool {
					return e.PledgeNo == p.PledgeNo && e.State == string(p.State) && e.StatutoryNo == p.StatutoryNo
				})
				if listed != p.State.Live() {
					t.Fatalf("pledge %+v and right %+v disagree", p, record)
				}
			}
		case strings.HasPrefix(key, "rights/"):
			var r rights.Record
			if err := ledger.Decode(raw, ledger.MaxValue, &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Pledges) > 1 {
				t.Fatalf("two live pledges: %+v", r)
			}
			s := rights.StatusOf(r, w.time, contracts.DefaultParameters("510100"))
			if len(r.Pending) != waiting[r.Number] {
				t.Fatalf("%d applications wait for %+v", waiting[r.Number], r)
			}
			if (s.Value == rights.Free) != (len(r.Pledges) == 0) || len(s.Reservations) > 1 {
				t.Fatalf("%+v", s)
			}
		}
	}
}

func TestRankFollowsStatutoryTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) rights.PledgeEntry {
			return rights.PledgeEntry{
				StatutoryTime: rapid.Int64Range(1, 4).Draw(rt, "time"),
				StatutoryNo:   rapid.StringMatching(`Y2026[0-9]{3}`).Draw(rt, "no"),
			}
		}), 0, 8).Draw(rt, "entries")
		ranks := rights.Rank(entries)
		for i := range entries {
			for j := range entries[:i] {
				earlier, later := entries[j], entries[i]
				if earlier.StatutoryTime > later.StatutoryTime || (ranks[j] == ranks[i]) != (earlier.StatutoryTime == later.StatutoryTime) || ranks[j] > ranks[i] {
					rt.Fatalf("%+v %v", entries, ranks)
				}
			}
		}
	})
}
