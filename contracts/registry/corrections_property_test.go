// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A register tells random events of one utility model, pledged or not, and corrects
// them.
type register struct {
	*world
	dice  *rand.Rand
	right string
}

func newRegister(t *testing.T, seed uint64) *register {
	w := newWorld(t)
	g := &register{world: w, dice: rand.New(rand.NewPCG(seed, 0))}
	more := args{"fee_due": "2026-03-20", "filing_date": "2022-03-19"}
	if g.dice.IntN(3) == 0 {
		more["flags"] = []string{one(g.dice, rights.FlagDisputed, rights.FlagInvalidationPending, rights.FlagLicensed, rights.FlagTwinApplication)}
	}
	g.right = w.confirmed(model, more, MD)
	if len(more) == 2 && g.dice.IntN(2) == 0 {
		no := w.must("pledges.submit", submission(BA, MD, g.right), w.with(w.two(BA), MD))["pledge_no"]
		w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
		w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	}
	return g
}

func one[T any](dice *rand.Rand, list ...T) T { return list[dice.IntN(len(list))] }

func (g *register) record() rights.Record {
	return read[rights.Record](g.world, rights.RecordKey(identifier.PatentSpace, modelCanonical))
}

// ago is a time in the days before now.
func (g *register) ago() int64 { return g.time - g.dice.Int64N(30*24*3600_000) }

// later moves the clock by up to a quarter.
func (g *register) later() { g.time += g.dice.Int64N(90 * 24 * 3600_000) }

// event makes up an event.
func (g *register) random() args {
	a := args{"right_id": g.right, "fact_time": g.ago()}
	name := one(g.dice, "FEE_DUE_MISSED", "FEE_PAID", "TERMINATED", "RESTORED", "TERM_CHANGED", "INVALIDATION_FILED", "INVALIDATION_FILED",
		"UPHELD", "PARTLY_INVALID", "INVALID_FINAL", "OWNERSHIP_SUIT", "OWNERSHIP_SUIT", "SUIT_ENDED", "TRANSFERRED", "ABANDONED", "TWIN_FOUND",
		"TWIN_CLEARED", "LICENSED", "LICENSED_EXCLUSIVE", "LICENCE_ENDED", "OPEN_LICENCE", "OPEN_LICENCE_ENDED")
	a["event"] = name
	day := func(ahead int) string { return identifier.DateOf(g.time).AddDays(g.dice.IntN(ahead)).String() }
	switch name {
	case "INVALIDATION_FILED", "UPHELD", "SUIT_ENDED", "LICENCE_ENDED", "INVALID_FINAL":
		a["case_no"] = one(g.dice, "1", "2", "")
	case "PARTLY_INVALID":
		a["case_no"], a["struck_claims"] = one(g.dice, "1", "2", ""), one(g.dice, "1-4", "7")
	case "OWNERSHIP_SUIT":
		a["case_no"], a["until"] = one(g.dice, "1", "2"), one(g.dice, "", day(90))
	case "LICENSED", "LICENSED_EXCLUSIVE":
		a["case_no"], a["until"] = one(g.dice, "1", ""), one(g.dice, "", day(400))
	case "TRANSFERRED":
		a["owners"] = []string{one(g.dice, MD, RX, LQ)}
	case "TERMINATED":
		if due, err := identifier.ParseDate(g.record().FeeDue); err == nil {
			a["fact_time"] = due.Start()
		}
	case "FEE_PAID", "RESTORED":
		a["fee_due"] = one(g.dice, "", day(400))
	case "TERM_CHANGED":
		a["expiry_date"] = "2034-01-01"
	}
	maps.DeleteFunc(a, func(_ string, value any) bool { return value == "" })
	return a
}

// signers are the office and whoever has a say in the right.
func (g *register) signers() []ledger.Signer {
	others := slices.Clone(g.record().Owners)
	for _, p := range g.record().Pledges {
		others = append(others, p.Pledgees...)
	}
	return g.with(g.two(IPO), others...)
}

// fork is another ledger of the same past.
func (g *register) fork() *register {
	w, f := *g.world, *g
	w.state = maps.Clone(w.state)
	f.world = &w
	return &f
}

// plain leaves out what may differ and means nothing: how many events there were, facts
// that were over so long ago that an event has dropped them, and the order of the others.
func plain(r rights.Record, now int64) rights.Record {
	r.Events = 0
	r.Facts = slices.DeleteFunc(slices.Clone(r.Facts), func(f rights.Fact) bool {
		return f.EndTime != 0 && f.EndTime+rights.Late <= now || f.Until != "" && !f.Stands(now) && f.EndTime == 0
	})
	slices.SortFunc(r.Facts, func(a, b rights.Fact) int {
		return slices.Compare([]int64{int64(a.Event), a.FactTime, int64(len(a.Flag))}, []int64{int64(b.Event), b.FactTime, int64(len(b.Flag))})
	})
	if len(r.Facts) == 0 {
		r.Facts = nil
	}
	return r
}

// TestAnnulledEventsLeaveNothingBehind tells random events and annuls them, the last one
// first: each time the record is what it was before.
func TestAnnulledEventsLeaveNothingBehind(t *testing.T) {
	undone := map[string]int{}
	for seed := range uint64(200) {
		g := newRegister(t, seed)
		type told struct {
			entry  string
			name   string
			before rights.Record
		}
		var stack []told
		for range 40 {
			g.later()
			before, a := g.record(), g.random()
			if o := g.do("rights.status_event", a, g.signers()); o.Status == ledger.Final {
				stack = append(stack, told{o.Transaction.String(), a["event"].(string), before})
			}
		}
		for _, e := range slices.Backward(stack) {
			o := g.do("corrections.correct_error", correcting(g.right, e.entry, args{"annulled": true}), g.signers())
			if o.Status != ledger.Final {
				if o.Details[0].Reason == contracts.ReasonNotUndone {
					break // what it ended is not listed any more
				}
				t.Fatalf("seed %d, %s: %+v", seed, e.name, o.Details)
			}
			got, want := plain(g.record(), g.time), plain(e.before, g.time)
			for i := range got.Facts { // what was ended by mistake is known to stand since the correction
				got.Facts[i].LedgerTime = 0
			}
			for i := range want.Facts {
				want.Facts[i].LedgerTime = 0
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %s annulled:\n got %+v\nwant %+v", seed, e.name, got, want)
			}
			undone[e.name]++
		}
	}
	t.Log(undone)
	for _, name := range []string{"FEE_DUE_MISSED", "FEE_PAID", "TERMINATED", "RESTORED", "INVALIDATION_FILED", "UPHELD", "PARTLY_INVALID",
		"INVALID_FINAL", "OWNERSHIP_SUIT", "SUIT_ENDED", "TRANSFERRED", "ABANDONED", "TWIN_FOUND", "TWIN_CLEARED", "LICENSED", "LICENCE_ENDED", "OPEN_LICENCE"} {
		if undone[name] < 10 {
			t.Errorf("%s was annulled %d times", name, undone[name])
		}
	}
}

// TestACorrectedTimeIsAsIfItHadBeenToldSo tells an event with a wrong time and corrects
// it, and on another ledger of the same past tells it with the right one.
func TestACorrectedTimeIsAsIfItHadBeenToldSo(t *testing.T) {
	same, refused := map[string]int{}, 0
	for seed := range uint64(200) {
		g := newRegister(t, seed)
		for range 40 {
			g.later()
			a, right := g.random(), g.ago()
			other := g.fork()
			o := g.do("rights.status_event", a, g.signers())
			if o.Status != ledger.Final {
				continue
			}
			name := a["event"].(string)
			b := maps.Clone(a)
			b["fact_time"] = right
			told := other.do("rights.status_event", b, other.signers())
			corrected := g.do("corrections.correct_error", correcting(g.right, o.Transaction.String(), args{"fact_time": right}), g.signers())
			if (told.Status == ledger.Final) != (corrected.Status == ledger.Final) {
				t.Fatalf("seed %d, %s: told %v %+v, corrected %v %+v", seed, name, told.Status, told.Details, corrected.Status, corrected.Details)
			}
			if told.Status != ledger.Final {
				refused++
				continue
			}
			if got, want := plain(g.record(), g.time), plain(other.record(), g.time); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %s corrected:\n got %+v\nwant %+v", seed, name, got, want)
			}
			same[name]++
		}
	}
	t.Log(same, refused, "refused either way")
	if len(same) < 18 {
		t.Errorf("%d kinds of events were corrected", len(same))
	}
}
