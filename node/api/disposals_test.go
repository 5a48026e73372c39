// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/node/api"
)

const EX = "91510000MA6Q6U7W2U" // exchange

// TestADisposalIsPublicButForWhoBuys lists a right, sells it, and asks as everybody.
func TestADisposalIsPublicButForWhoBuys(t *testing.T) {
	w := newWorldIn(t, "ed25519", func(w *world) {
		w.guests = []contracts.GenesisParty{{PartyID: EX, Role: contracts.Exchange, NameZH: "成渝知识产权交易中心(示例)"}}
	})
	ctx := context.Background()
	right := w.confirmed(invention)
	pledge := w.must(BA, "pledges.submit", args{"rights": []string{right}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": pledge})
	w.must(IPO, "pledges.register", args{"pledge_no": pledge, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	w.must(BA, "pledges.start_enforcement", args{"pledge_no": pledge, "ground": "DEFAULT", "route": "PRIVATE_SALE"})
	opens, closes := w.at("2026-03-17 09:00"), w.at("2026-03-18 09:00")
	w.at("2026-02-24 10:00")
	no := w.must(EX, "disposals.list", args{
		"pledge_no": pledge, "kind": "AUCTION", "currency": "CNY", "reference_price": "1000000000", "reserve_price": "800000000",
		"opens_at": opens, "closes_at": closes,
	})["disposal_no"].(string)
	show := func(who ...string) api.Disposal {
		t.Helper()
		d, err := w.client(who...).DisposalAt(ctx, no, api.Past{})
		must(t, err)
		return d
	}
	if d := show(); d.State != disposals.Listed || d.Record.Round().ReservePrice != 800_000_000 || d.File != nil {
		t.Fatalf("%+v", d)
	}
	w.at("2026-03-17 10:00")
	w.block()
	w.must(EX, "disposals.bid", args{"disposal_no": no})
	w.at("2026-03-18 10:00")
	w.must(EX, "disposals.close", args{"disposal_no": no, "price": "810000000", "buyers": []string{MD}})

	if d := show(); d.State != disposals.Sold || d.Record.Price != 810_000_000 || d.Record.Round().Bids != 1 || d.File != nil {
		t.Errorf("the public sees %+v", d)
	}
	text := w.send(t, "GET", "/v1/disposals/"+no, nil, nil)
	if body := string(text.body); !strings.Contains(body, `"price": "810000000"`) && !strings.Contains(body, `"price":"810000000"`) || strings.Contains(body, MD) {
		t.Errorf("%s", body)
	}
	for _, party := range []string{RX, BA, MD, EX, REG} {
		if d := show(party, contracts.Maker); d.File == nil || !slices.Equal(d.File.Buyers, []string{MD}) {
			t.Errorf("%s sees %+v", party, d.File)
		}
	}
	if d := show(BB, contracts.Maker); d.File != nil {
		t.Errorf("another bank sees %+v", d.File)
	}

	found := func(f api.DisposalFilter) int {
		t.Helper()
		page, err := w.client().Disposals(ctx, f)
		must(t, err)
		return len(page.Items)
	}
	for _, c := range []struct {
		filter api.DisposalFilter
		want   int
	}{
		{api.DisposalFilter{}, 1}, {api.DisposalFilter{Right: right}, 1}, {api.DisposalFilter{Right: "PATENT:" + invention, State: "SOLD"}, 1},
		{api.DisposalFilter{PledgeNo: pledge, Area: "510100"}, 1}, {api.DisposalFilter{State: "SOLD"}, 1}, {api.DisposalFilter{State: "LISTED"}, 0},
		{api.DisposalFilter{Area: "500000"}, 0}, {api.DisposalFilter{PledgeNo: pledge, State: "STOPPED"}, 0}, {api.DisposalFilter{Area: "510100", State: "SOLD"}, 1},
	} {
		if got := found(c.filter); got != c.want {
			t.Errorf("%+v: %d, want %d", c.filter, got, c.want)
		}
	}
	if _, err := w.client().Disposals(ctx, api.DisposalFilter{PledgeNo: no}); err == nil {
		t.Error("a disposal's number passes for a pledge's")
	}
	if _, err := w.client().DisposalAt(ctx, pledge, api.Past{}); err == nil {
		t.Error("a pledge passes for a disposal")
	}

	// With its enforcement it is over, and was not before.
	before := w.clock()
	w.at("2026-03-18 11:00")
	w.must(BA, "pledges.end_enforcement", args{"pledge_no": pledge, "outcome": "CURED"})
	if d := show(); d.State != disposals.Stopped || d.Record.State != disposals.Sold {
		t.Errorf("%+v", d)
	}
	past, err := w.client().DisposalAt(ctx, no, api.Past{AtTime: before.Add(time.Minute)})
	must(t, err)
	if past.State != disposals.Sold {
		t.Errorf("%+v", past)
	}

	// A list knows it by the state that it shows, at that time.
	for _, c := range []struct {
		filter api.DisposalFilter
		want   disposals.State // of the one that is found, if any
	}{
		{api.DisposalFilter{}, disposals.Stopped}, {api.DisposalFilter{State: "STOPPED"}, disposals.Stopped}, {api.DisposalFilter{State: "SOLD"}, ""},
		{api.DisposalFilter{Area: "510100", State: "STOPPED"}, disposals.Stopped}, {api.DisposalFilter{PledgeNo: pledge, State: "STOPPED"}, disposals.Stopped},
		{api.DisposalFilter{PledgeNo: pledge, State: "SOLD"}, ""}, {api.DisposalFilter{State: "SOLD", Past: api.Past{AtTime: before}}, disposals.Sold},
		{api.DisposalFilter{State: "STOPPED", Past: api.Past{AtTime: before}}, ""},
	} {
		page, err := w.client().Disposals(ctx, c.filter)
		must(t, err)
		var got disposals.State
		if len(page.Items) == 1 {
			got = page.Items[0].State
		}
		if len(page.Items) > 1 || got != c.want {
			t.Errorf("%+v: %+v, want one that is %s", c.filter, page.Items, c.want)
		}
	}
}
