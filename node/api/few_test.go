// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/api"
)

// TestAFilterReadsTheRecordsItFindsAndNoOthers puts one right and one pledge among
// many records that cannot be read: whoever looks at any of them fails. Only their
// index passes them over.
func TestAFilterReadsTheRecordsItFindsAndNoOthers(t *testing.T) {
	w := newWorldIn(t, "ed25519", func(w *world) {
		w.index = store.Index{Version: 1, Folders: map[string]func([]byte) ([]string, error){}}
		for folder, terms := range registry.Terms() {
			w.index.Folders[folder] = func(value []byte) ([]string, error) {
				if value[0] == 0xff {
					return nil, nil
				}
				return terms(value)
			}
		}
	})
	id := w.confirmed(invention)
	no := w.must(BA, "pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	var unreadable []state.Change
	for i := range 2000 {
		unreadable = append(unreadable,
			state.Change{Key: fmt.Sprintf("rights/PATENT/%013d", i), Value: []byte{0xff}},
			state.Change{Key: fmt.Sprintf("pledges/PLG-510100-20200101-%07d-0", i), Value: []byte{0xff}})
	}
	w.put(unreadable)

	c := w.client()
	if _, err := c.Rights(t.Context(), api.RightFilter{}); err == nil || errors.Is(err, ledger.ErrInvalid) {
		t.Fatalf("all rights: %v", err)
	}
	if _, err := c.Pledges(t.Context(), api.PledgeFilter{}); err == nil || errors.Is(err, ledger.ErrInvalid) {
		t.Fatalf("all pledges: %v", err)
	}
	begin := w.genesis.Time
	for _, past := range []api.Past{{}, {AtHeight: w.Head().Header.Height - 1}} {
		for _, f := range []api.RightFilter{
			{Owner: RX}, {BaseState: "CONFIRMED"}, {Area: "510100"}, {ConfirmedFrom: begin}, {ConfirmedTo: begin.AddDate(1, 0, 0)}, {Owner: RX, State: "PLEDGED"},
			{Number: id}, {Area: "510100", BaseState: "CONFIRMED", State: "PLEDGED"},
		} {
			f.Past = past
			if page, err := c.Rights(t.Context(), f); err != nil || len(page.Items) != 1 || page.NextCursor != "" {
				t.Errorf("%+v: %+v, %v", f, page.Items, err)
			}
		}
		for _, f := range []api.PledgeFilter{
			{Pledgee: BA}, {Pledgor: RX}, {Right: id}, {State: "EFFECTIVE"}, {Area: "510100"}, {StatutoryNo: "y2026510000123"}, {SubmittedFrom: begin},
			{SubmittedTo: begin.AddDate(1, 0, 0)}, {Pledgee: BA, State: "EFFECTIVE", Area: "510100"},
			{PledgeNo: no}, {RegisteredFrom: begin}, {StatutoryFrom: begin}, {StatutoryTo: begin.AddDate(1, 0, 0), Registrar: "CNIPA"},
		} {
			f.Past = past
			if page, err := c.Pledges(t.Context(), f); err != nil || len(page.Items) != 1 || page.NextCursor != "" {
				t.Errorf("%+v: %+v, %v", f, page.Items, err)
			}
		}
	}
}

// crowded is a world with many rights, of which a few are RX's.
func crowded(t testing.TB, rightsOfOthers int) *world {
	w := newWorldIn(t, "ed25519", nil, func(c *api.Config) { c.Limits = api.Limits{} })
	right := func(i int, owner string) state.Change {
		number := patentNumber(i)
		number = number[:len(number)-2] + number[len(number)-1:]
		record := rights.Record{
			Space: identifier.PatentSpace, Number: number, Type: identifier.PatInv, RightID: fmt.Sprintf("IPR-510100-20260224-%07d-0", i),
			BaseState: rights.Confirmed, Owners: []string{owner}, ConfirmedAt: w.clock().UnixMilli() + int64(i),
		}
		return state.Change{Key: rights.RecordKey(record.Space, record.Number), Value: ledger.Encode(record)}
	}
	var changes []state.Change
	for i := range rightsOfOthers {
		owner := MD
		if i%(rightsOfOthers/5) == 7 {
			owner = RX
		}
		changes = append(changes, right(i, owner))
	}
	w.put(changes)
	return w
}

// TestAFilterNeedsNoFurtherPageAmongManyRecords has more records than one page may
// look at.
func TestAFilterNeedsNoFurtherPageAmongManyRecords(t *testing.T) {
	w := crowded(t, 12_000)
	c := w.client()
	for _, f := range []api.RightFilter{{Owner: RX}, {ConfirmedFrom: w.genesis.Time.Add(11_995 * time.Millisecond)}} {
		page, err := c.Rights(t.Context(), f)
		if err != nil || len(page.Items) != 5 || page.NextCursor != "" {
			t.Errorf("%+v: %d items, %q, %v", f, len(page.Items), page.NextCursor, err)
		}
	}
	page, err := c.Rights(t.Context(), api.RightFilter{State: "ENDED"}) // has no index: all are looked at
	if err != nil || len(page.Items) != 0 || page.NextCursor == "" {
		t.Errorf("by status: %d items, %q, %v", len(page.Items), page.NextCursor, err)
	}
}

// TestEntriesOfOtherHeightsAreBounded has one page pass over more entries that are
// there no more than it may: it ends with a cursor, and the next goes on.
func TestEntriesOfOtherHeightsAreBounded(t *testing.T) {
	w := newWorldIn(t, "ed25519", nil, func(c *api.Config) { c.Limits = api.Limits{} })
	var before, after []state.Change
	for i := range api.MaxPassed + 10 {
		no := fmt.Sprintf("PLG-510100-20260224-%07d-0", i)
		record := pledges.Record{PledgeNo: no, State: pledges.Submitted, SubmittedAt: 1, Registrar: "CNIPA", Rights: []pledges.Right{{RightID: "x", Type: identifier.PatInv, Number: canonical}}}
		before = append(before, state.Change{Key: pledges.RecordKey(no), Value: ledger.Encode(record)})
		if record.State = pledges.Accepted; i == api.MaxPassed+5 {
			continue
		}
		after = append(after, state.Change{Key: pledges.RecordKey(no), Value: ledger.Encode(record)})
	}
	w.put(before)
	w.put(after)
	f := api.PledgeFilter{State: "SUBMITTED"}
	page, err := w.client().Pledges(context.Background(), f)
	must(t, err)
	if len(page.Items) != 0 || page.NextCursor == "" {
		t.Fatalf("the first page: %d items, %q", len(page.Items), page.NextCursor)
	}
	f.Cursor = page.NextCursor
	page, err = w.client().Pledges(context.Background(), f)
	must(t, err)
	if len(page.Items) != 1 || page.NextCursor != "" {
		t.Fatalf("the second page: %d items, %q", len(page.Items), page.NextCursor)
	}
}

// BenchmarkRightsOfAnOwner asks for five rights among many, by the index and by
// looking at all pages.
func BenchmarkRightsOfAnOwner(b *testing.B) {
	for _, n := range []int{1_000, 30_000} {
		w := crowded(b, n)
		for name, f := range map[string]api.RightFilter{"index": {Owner: RX}, "index-past": {Owner: RX, Past: api.Past{AtHeight: 1}}, "scan": {State: "FREE"}} {
			b.Run(fmt.Sprintf("rights=%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					if f.State == "" {
						w.allRights(f)
						continue
					}
					f.Limit = 200
					w.allRights(f)
				}
			})
		}
	}
}
