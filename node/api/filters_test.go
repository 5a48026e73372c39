// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/api"
)

// An office of another district, by whose area its numbers are told apart.
const district = "510107"

// A lottery does things at random, sensible or not, and remembers what they made.
type lottery struct {
	*world
	random  *rand.Rand
	rights  []string // ids of claims
	pledges []string // numbers
	done    map[string]int
}

func (l *lottery) any(list ...string) string { return list[l.random.IntN(len(list))] }

// try runs a method if the node takes it, and gives its result if it took effect.
func (l *lottery) try(actor, method string, a args, result string) string {
	d, err := l.draft(actor, method, a)
	if err != nil {
		return ""
	}
	out, err := l.client(actor, contracts.Maker).SubmitParts(context.Background(), l.signed(d), 5*time.Second)
	if err != nil || out.Status != api.Final {
		return ""
	}
	l.done[method]++
	_, after, _ := strings.Cut(string(out.Outcome.Result), `"`+result+`":"`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

func (l *lottery) step() {
	l.at(l.clock().Add(time.Duration(60+l.random.IntN(3600)) * time.Second).In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04"))
	if len(l.rights) == 0 || l.random.IntN(5) == 0 {
		owners := [][]string{{RX}, {RX}, {MD}, {RX, MD}}[l.random.IntN(4)]
		a := args{"type": "PATENT", "number": patentNumber(l.random.IntN(6)), "owners": owners}
		if l.random.IntN(2) == 0 {
			a["office"] = IPO
		}
		if id := l.try(BA, "rights.claim", a, "right_id"); id != "" {
			l.rights = append(l.rights, id)
		}
		return
	}
	right, owner := l.rights[max(0, len(l.rights)-1-l.random.IntN(6))], l.any(RX, RX, MD)
	facts := args{"right_id": right, "evidence": l.evidence(), "owners": []string{owner}, "filing_date": "2018-03-19", "fee_status": "PAID"}
	if l.random.IntN(4) == 0 {
		facts["owners"] = []string{RX, MD}
	}
	pledge := "PLG-510100-20260312-0000001-1"
	if len(l.pledges) > 0 {
		pledge = l.pledges[max(0, len(l.pledges)-1-l.random.IntN(2))]
	}
	switch l.random.IntN(12) {
	case 0, 1, 2:
		l.try(IPO, "rights.confirm", facts, "right_id")
	case 3:
		l.try(IPO, "rights.reject", args{"right_id": right, "reason": "not theirs"}, "right_id")
	case 4:
		facts["owner_changed"] = true
		if l.random.IntN(3) == 0 {
			facts["legal_status"] = l.any("LAPSED", "ABANDONED", "GRANTED")
		}
		l.try(IPO, "rights.refresh", facts, "right_id")
	case 5, 6, 7:
		bank := l.any(BA, BB)
		if no := l.try(bank, "pledges.submit", args{"rights": []string{right}, "pledgors": []string{owner}, "pledgees": []string{bank}}, "pledge_no"); no != "" {
			l.pledges, pledge = append(l.pledges, no), no
		}
		if l.random.IntN(4) > 0 {
			l.try(IPO, "pledges.accept", args{"pledge_no": pledge}, "state")
		}
	case 8, 9:
		no := fmt.Sprintf("Y2026510000%03d", l.random.IntN(1000))
		a := args{"pledge_no": pledge, "statutory_no": no, "statutory_time": l.clock().UnixMilli() - l.random.Int64N(1000)}
		l.try(IPO, "pledges.register", a, "state")
	case 10:
		l.try(IPO, "pledges.refuse", args{"pledge_no": pledge, "codes": []string{contracts.R12}}, "state")
		l.try(l.any(BA, BB), "pledges.consent_release", args{"pledge_no": pledge, "ground": "DEBT_PAID"}, "state")
	case 11:
		if l.random.IntN(3) == 0 {
			l.try(IPO, "pledges.revoke", args{"pledge_no": pledge, "ground": "FRAUD"}, "state")
		}
		l.try(l.any(BA, BB), "pledges.consent_release", args{"pledge_no": pledge, "ground": "DEBT_PAID"}, "state")
		l.try(IPO, "pledges.cancel", args{"pledge_no": pledge, "cancellation_ref": "Y2026510000999", "cancellation_time": l.clock().UnixMilli()}, "state")
	}
}

// allRights walks over all pages.
func (w *world) allRights(f api.RightFilter) (items []api.RightItem) {
	w.t.Helper()
	for {
		page, err := w.client().Rights(context.Background(), f)
		must(w.t, err)
		items = append(items, page.Items...)
		if f.Cursor = page.NextCursor; f.Cursor == "" {
			return items
		}
	}
}

func (w *world) allPledges(f api.PledgeFilter) (items []pledges.Record) {
	w.t.Helper()
	for {
		page, err := w.client().Pledges(context.Background(), f)
		must(w.t, err)
		items = append(items, page.Items...)
		if f.Cursor = page.NextCursor; f.Cursor == "" {
			return items
		}
	}
}

// TestFiltersFindWhatLookingThroughAllFinds compares lists that the index gives
// with the list of everything, at every height of random histories.
func TestFiltersFindWhatLookingThroughAllFinds(t *testing.T) {
	done := map[string]int{}
	found := map[string]int{}
	for seed := range uint64(3) {
		w := newWorldIn(t, "ed25519", func(w *world) { w.areas = map[string]string{IPO: district} }, func(c *api.Config) { c.Limits = api.Limits{} })
		l := &lottery{world: w, random: rand.New(rand.NewPCG(seed, 8)), done: done}
		for range 110 {
			l.step()
		}
		w.at("2026-12-31 09:00") // after the last block
		top := w.Head().Header.Height
		for height := uint64(1); height <= top; height++ {
			past := api.Past{AtHeight: height}
			if height%2 == 0 {
				header, err := w.store.Header(height)
				must(t, err)
				past = api.Past{AtTime: time.UnixMilli(header.Time)}
			}
			l.compareRights(past, found)
			l.comparePledges(past, found)
		}
		l.compareIndexMadeAnew()
	}
	t.Logf("took effect: %v", done)
	t.Logf("items found: %v", found)
	for _, method := range []string{"rights.claim", "rights.confirm", "rights.reject", "rights.refresh", "pledges.submit", "pledges.accept", "pledges.register", "pledges.refuse", "pledges.consent_release", "pledges.cancel", "pledges.revoke"} {
		if done[method] == 0 {
			t.Errorf("%s never took effect", method)
		}
	}
	for _, filter := range []string{"owner", "area", "base_state", "confirmed", "state", "right", "pledgee", "pledgor", "pledge area", "pledge state", "submitted", "statutory_no", "pledge_no", "registered", "statutory", "registrar"} {
		if found[filter] == 0 {
			t.Errorf("nothing was ever found by %s", filter)
		}
	}
}

// compareIndexMadeAnew opens the ledger again with an index of another version,
// which is made of the stored values: at every height it is what blocks have
// written.
func (l *lottery) compareIndexMadeAnew() {
	l.t.Helper()
	entries := func() (all [][]store.Entry) {
		for height := range l.Head().Header.Height + 1 {
			v, err := l.store.State(height)
			must(l.t, err)
			var found []store.Entry
			must(l.t, v.Find("", "\xff", store.Entry{}, func(e store.Entry, there bool) bool {
				if there {
					found = append(found, e)
				}
				return true
			}))
			must(l.t, v.Close())
			all = append(all, found)
		}
		return all
	}
	written := entries()
	l.server.Close()
	must(l.t, l.store.Close())
	l.index.Version++
	l.open()
	if made := entries(); !reflect.DeepEqual(made, written) {
		l.t.Fatalf("an index made anew is another one:\n got %v\nwant %v", made, written)
	}
}

// times are now and then and then a time of the history.
func (l *lottery) times() (from, to time.Time) {
	begin := l.genesis.Time
	span := int64(l.clock().Sub(begin))
	from = begin.Add(time.Duration(l.random.Int64N(span)))
	to = from.Add(time.Duration(1 + l.random.Int64N(span)))
	switch l.random.IntN(3) {
	case 0:
		from = time.Time{}
	case 1:
		to = time.Time{}
	}
	return from, to
}

func within(ms int64, from, to time.Time) bool {
	return ms != 0 && (from.IsZero() || ms >= from.UnixMilli()) && (to.IsZero() || ms < to.UnixMilli())
}

func (l *lottery) compareRights(past api.Past, found map[string]int) {
	l.t.Helper()
	all := l.allRights(api.RightFilter{Past: past})
	from, to := l.times()
	for name, f := range map[string]api.RightFilter{
		"owner": {Owner: l.any(RX, MD)}, "area": {Area: l.any("510100", district)}, "base_state": {BaseState: l.any("CLAIMED", "REJECTED", "CONFIRMED", "LAPSED", "ABANDONED")},
		"area and state": {Area: l.any("510100", district), BaseState: l.any("CLAIMED", "CONFIRMED")}, "confirmed": {ConfirmedFrom: from, ConfirmedTo: to},
		"state": {State: l.any("UNCONFIRMED", "FREE", "PLEDGED", "ENDED")}, "owner and more": {Owner: RX, BaseState: "CONFIRMED", State: "FREE", ConfirmedFrom: from, ConfirmedTo: to},
	} {
		var want []string
		for _, r := range all {
			area := r.Record.RightID
			if area == "" && len(r.Record.ClaimsPending) > 0 {
				area = r.Record.ClaimsPending[0].RightID
			}
			switch {
			case f.Owner != "" && !slices.Contains(r.Record.Owners, f.Owner), f.BaseState != "" && f.BaseState != string(r.BaseState),
				f.State != "" && f.State != string(r.Status), f.Area != "" && !strings.HasPrefix(area, "IPR-"+f.Area+"-"),
				(!f.ConfirmedFrom.IsZero() || !f.ConfirmedTo.IsZero()) && !within(r.Record.ConfirmedAt, f.ConfirmedFrom, f.ConfirmedTo):
			default:
				want = append(want, fmt.Sprintf("%+v", r))
			}
		}
		f.Past, f.Limit = past, 1+l.random.IntN(8)
		var got []string
		for _, r := range l.allRights(f) {
			got = append(got, fmt.Sprintf("%+v", r))
		}
		l.compare(name, f, got, want)
		found[name] += len(got)
	}
}

func (l *lottery) comparePledges(past api.Past, found map[string]int) {
	l.t.Helper()
	all := l.allPledges(api.PledgeFilter{Past: past})
	from, to := l.times()
	statutory := "Y2026510000000"
	for _, p := range all {
		if p.StatutoryNo != "" && l.random.IntN(2) == 0 {
			statutory = p.StatutoryNo
		}
	}
	pledgeNo := "PLG-510100-20260312-0000001-1"
	if len(all) > 0 {
		pledgeNo = all[l.random.IntN(len(all))].PledgeNo
	}
	number := patentNumber(l.random.IntN(6))
	for name, f := range map[string]api.PledgeFilter{
		"right": {Right: "PATENT:" + number}, "pledgee": {Pledgee: l.any(BA, BB)}, "pledgor": {Pledgor: l.any(RX, MD)}, "pledge area": {Area: l.any("510100", district)},
		"pledge state": {State: l.any("SUBMITTED", "ACCEPTED", "EFFECTIVE", "RELEASED", "REFUSED")}, "submitted": {SubmittedFrom: from, SubmittedTo: to},
		"statutory_no": {StatutoryNo: strings.ToLower(statutory)}, "pledgee and more": {Pledgee: BA, Pledgor: RX, State: "EFFECTIVE", SubmittedFrom: from, SubmittedTo: to},
		"pledge_no": {PledgeNo: strings.ToLower(pledgeNo)}, "registered": {RegisteredFrom: from, RegisteredTo: to}, "statutory": {StatutoryFrom: from, StatutoryTo: to},
		"registrar": {Registrar: l.any("CNIPA", "NCA")}, "EXTINGUISHED": {State: "EXTINGUISHED", Area: l.any("", district)},
	} {
		var want []string
		for _, p := range all {
			is := func(filter string, have ...string) bool { return filter == "" || slices.Contains(have, filter) }
			var numbers []string
			for _, r := range p.Rights {
				numbers = append(numbers, "PATENT:"+r.Number)
			}
			if is(f.Right, numbers...) && is(f.Pledgee, p.Pledgees...) && is(f.Pledgor, p.Pledgors...) && is(f.State, string(p.State)) &&
				strings.HasPrefix(p.PledgeNo, "PLG-"+f.Area) && is(strings.ToUpper(f.StatutoryNo), p.StatutoryNo) && within(p.SubmittedAt, f.SubmittedFrom, f.SubmittedTo) &&
				is(strings.ToUpper(f.PledgeNo), p.PledgeNo) && is(f.Registrar, p.Registrar) &&
				(f.RegisteredFrom.IsZero() && f.RegisteredTo.IsZero() || within(p.RegisteredAt, f.RegisteredFrom, f.RegisteredTo)) &&
				(f.StatutoryFrom.IsZero() && f.StatutoryTo.IsZero() || within(p.StatutoryTime, f.StatutoryFrom, f.StatutoryTo)) {
				want = append(want, fmt.Sprintf("%+v", p))
			}
		}
		f.Past, f.Limit = past, 1+l.random.IntN(8)
		var got []string
		for _, p := range l.allPledges(f) {
			got = append(got, fmt.Sprintf("%+v", p))
		}
		l.compare(name, f, got, want)
		found[name] += len(got)
	}
}

// compare holds two lists against each other, whatever their order.
func (l *lottery) compare(name string, filter any, got, want []string) {
	l.t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		l.t.Fatalf("by %s, %+v:\n got %s\nwant %s", name, filter, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// TestThePublicFindsNoPartyOfAnApplication asks by every party while a pledge is
// an application, and after it was refused.
func TestThePublicFindsNoPartyOfAnApplication(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention)
	no := w.must(BA, "pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	nothing := func() {
		t.Helper()
		for _, f := range []api.PledgeFilter{{Pledgee: BA}, {Pledgor: RX}, {Pledgee: BA, State: "SUBMITTED"}, {Pledgor: RX, Right: id}} {
			if got := w.allPledges(f); len(got) != 0 {
				t.Errorf("%+v finds %+v", f, got)
			}
		}
		if got := w.allPledges(api.PledgeFilter{Right: id}); len(got) != 1 || len(got[0].Pledgees)+len(got[0].Pledgors) > 0 {
			t.Errorf("by its right: %+v", got)
		}
	}
	nothing()
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	nothing()
	w.must(IPO, "pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.R12}})
	nothing()

	no = w.must(BA, "pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	before := w.Head().Header.Height
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	if got := w.allPledges(api.PledgeFilter{Pledgee: BA}); len(got) != 1 || got[0].PledgeNo != no {
		t.Errorf("once it is registered: %+v", got)
	}
	// It was not public then, and is not for those who ask of then.
	if got := w.allPledges(api.PledgeFilter{Pledgee: BA, Past: api.Past{AtHeight: before}}); len(got) != 0 {
		t.Errorf("before it was registered: %+v", got)
	}
}

func TestPagesOfAFilterStayAtTheirHeight(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.confirmed(patentNumber(i))
	}
	f := api.RightFilter{Owner: RX, Limit: 3}
	page, err := w.client().Rights(t.Context(), f)
	must(t, err)
	first := page.Height
	w.confirmed(patentNumber(50)) // and those below would move, if they were of the head
	all := page.Items
	for page.NextCursor != "" {
		f.Cursor = page.NextCursor
		page, err = w.client().Rights(t.Context(), f)
		must(t, err)
		if page.Height != first {
			t.Fatalf("a page of height %d after one of %d", page.Height, first)
		}
		all = append(all, page.Items...)
	}
	if len(all) != 7 {
		t.Errorf("%d rights, want 7", len(all))
	}
	// A cursor of the index serves its own list alone.
	for what, other := range map[string]api.RightFilter{
		"another owner": {Owner: MD}, "everything": {}, "another filter": {BaseState: "CONFIRMED"}, "the past": {Owner: RX, Past: api.Past{AtHeight: 3}},
		"a number": {Owner: RX, Number: canonical},
	} {
		other.Cursor = f.Cursor
		if _, err := w.client().Rights(t.Context(), other); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Nor can one be made up that leads out of it.
	for _, made := range []string{
		api.MovedCursor(f.Cursor, "rights/owner/"+MD, "rights/PATENT/"+canonical), api.MovedCursor(f.Cursor, "", "rights/PATENT/"+canonical),
		api.MovedCursor(f.Cursor, "rights/owner/"+RX, "parties/"+RX),
	} {
		if _, err := w.client().Rights(t.Context(), api.RightFilter{Owner: RX, Cursor: made}); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("a made-up cursor: %v", err)
		}
	}
}
