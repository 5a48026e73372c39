// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A ledger of consents kept by hand: which pledge lives from when to when, who has said
// what, and which consent has served.
type hand struct {
	live    map[string]bool                // pledges now
	since   map[string]int64               // statutory time by pledge
	bank    map[string]string              // by pledge
	granted map[string]map[string][2]int64 // by consent and pledge: from, to
	kind    map[string]string              // by consent
	refused map[string]bool
	used    map[string]bool
}

// covers is the rule of article 444, said anew: all who hold a pledge have agreed.
func (h *hand) covers(consent string, at int64) bool {
	for pledge := range h.live {
		span, ok := h.granted[consent][pledge]
		if h.since[pledge] < at && (!ok || at < span[0] || span[1] <= at) {
			return false
		}
	}
	return true
}

// No licence has effect without the consent of all who hold a pledge then (INV-11), over
// random histories in which pledges come and end between the request and the deal.
func TestNoDealHasEffectWithoutEveryPledgeesConsent(t *testing.T) {
	counts := make(map[string]int)
	for seed := range uint64(60) {
		draw := rand.New(rand.NewPCG(seed, 444))
		w := newWorld(t, `{"pledge":{"max_live":{"pat":3}}}`)
		id := w.confirmed(invention, nil, RX)
		h := &hand{
			live: map[string]bool{}, since: map[string]int64{}, bank: map[string]string{}, granted: map[string]map[string][2]int64{},
			kind: map[string]string{}, refused: map[string]bool{}, used: map[string]bool{},
		}
		pick := func(of []string) string {
			if len(of) == 0 {
				return ""
			}
			return of[draw.IntN(len(of))]
		}
		pledges := func() []string { return slices.Sorted(maps.Keys(h.live)) }
		consents := func() []string { return slices.Sorted(maps.Keys(h.kind)) }
		note := func(what string, o ledger.Outcome) bool {
			counts[fmt.Sprintf("%s %v %s", what, o.Status, o.Code)]++
			return o.Status == ledger.Final
		}
		for range 60 {
			w.time += contracts.Days(1) * int64(draw.IntN(8)) / 2
			w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time)}), w.two(IPO))
			switch draw.IntN(9) {
			case 0:
				if bank := pick([]string{BA, BB}); len(h.live) < 2 {
					at := w.time + 120_000
					no := w.effective(bank, fmt.Sprintf("Y20265100%05d", w.refs), id)
					h.live[no], h.since[no], h.bank[no] = true, at, bank
					counts["pledge"]++
				}
			case 1:
				if no := pick(pledges()); no != "" && draw.IntN(2) == 0 {
					w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.time, "court_document": paper}, w.two(IPO))
					delete(h.live, no)
					counts["end of a pledge"]++
				}
			case 2:
				kind := pick([]string{"LICENCE", "LICENCE_EXCLUSIVE"})
				o := w.do("consents.request", w.asking(id, kind, nil), w.one(RX))
				if ok := note("request", o); ok != (len(h.live) > 0) {
					t.Fatalf("seed %d: %+v", seed, o)
				} else if ok {
					no := w.result("consents.request", o)["consent_no"].(string)
					h.kind[no], h.granted[no] = kind, map[string][2]int64{}
				}
			case 3, 4, 5:
				no, pledge := pick(consents()), pick(pledges())
				if no == "" || pledge == "" {
					continue
				}
				last := identifier.DateOf(w.time).AddDays(draw.IntN(60))
				from := w.time
				o := w.do("consents.grant", args{"consent_no": no, "pledge_no": pledge, "valid_until": last.String()}, w.two(h.bank[pledge]))
				if note("grant", o) {
					if h.refused[no] {
						t.Fatalf("seed %d: %s was refused", seed, no)
					}
					h.granted[no][pledge] = [2]int64{from, last.AddDays(1).Start()}
				}
			case 6:
				no, pledge := pick(consents()), pick(pledges())
				if no == "" || pledge == "" || draw.IntN(4) > 0 {
					continue
				}
				if note("refuse", w.do("consents.refuse", args{"consent_no": no, "reason": "否"}, w.two(h.bank[pledge]))) {
					h.refused[no] = true
				}
			default:
				event, at := pick([]string{"LICENSED", "LICENSED_EXCLUSIVE"}), w.time-int64(draw.IntN(3))*contracts.Days(1)
				a := args{"fact_time": at}
				no := pick(consents())
				if no != "" && draw.IntN(4) > 0 {
					a["consent_no"] = no
				} else {
					no = ""
				}
				o := w.event(id, event, a)
				if !note("deal", o) {
					continue
				}
				if !h.covers(no, at) {
					t.Fatalf("seed %d: a licence at %d without a consent of all: %s, %+v", seed, at, no, h)
				}
				if no == "" {
					continue
				}
				if h.kind[no] != rights.DealOf(event) || h.used[no] || h.refused[no] {
					t.Fatalf("seed %d: %s of %s served for %s, used %v, refused %v", seed, no, h.kind[no], event, h.used[no], h.refused[no])
				}
				h.used[no] = true
				counts["deal with a consent"]++
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%6d %s", counts[what], what)
	}
	for _, what := range []string{"deal with a consent", "deal REJECTED E_CONSENT", "grant FINAL ", "refuse FINAL ", "end of a pledge"} {
		if counts[what] < 10 {
			t.Errorf("%s: %d times", what, counts[what])
		}
	}
}
