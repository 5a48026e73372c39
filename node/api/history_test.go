// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// story takes a right from its claim to the release of a pledge, one day after the
// other, with empty blocks between, and gives the height after each step.
func story(w *world) (id, no string, heights map[string]uint64) {
	heights = map[string]uint64{}
	day := 1
	step := func(name string, do func()) {
		day++
		w.at(time.Date(2026, 3, day, 9, 0, 0, 0, time.UTC).Format("2006-01-02 15:04"))
		w.block()
		do()
		heights[name] = w.Head().Header.Height
	}
	pledge := func(actor, method string, more args) func() {
		return func() {
			a := args{"pledge_no": no}
			for name, value := range more {
				a[name] = value
			}
			w.must(actor, method, a)
		}
	}
	step("other", func() {
		w.must(MD, "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{MD}})
	})
	step("claim", func() {
		id = w.must(RX, "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}, "office": IPO})["right_id"].(string)
	})
	step("confirm", func() {
		w.must(IPO, "rights.confirm", args{"right_id": id, "evidence": w.evidence(), "owners": []string{RX}, "filing_date": "2018-03-19", "fee_status": "PAID"})
	})
	step("submit", func() {
		no = w.must(BA, "pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	})
	step("accept", pledge(IPO, "pledges.accept", nil))
	step("register", func() {
		pledge(IPO, "pledges.register", args{"statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})()
	})
	step("consent", pledge(BA, "pledges.consent_release", args{"ground": "DEBT_PAID"}))
	step("cancel", func() {
		pledge(IPO, "pledges.cancel", args{"cancellation_ref": "Y2026510000999", "cancellation_time": w.clock().UnixMilli()})()
	})
	w.block()
	return id, no, heights
}

// at lists heights by the names of their steps.
func at(heights map[string]uint64, names ...string) (out []uint64) {
	for _, name := range names {
		out = append(out, heights[name])
	}
	return out
}

func (w *world) rightHistory(t *testing.T, c *api.Client, ref string, limit int) (items []api.RightVersion) {
	t.Helper()
	for cursor := ""; ; {
		page, err := c.RightHistory(t.Context(), ref, limit, cursor)
		must(t, err)
		if len(page.Items) > limit || page.Key != "PATENT/"+canonical {
			t.Fatalf("%+v", page)
		}
		items = append(items, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return items
		}
	}
}

func TestTheHistoryOfARightHasEveryVersion(t *testing.T) {
	w := newWorld(t)
	id, _, heights := story(w)
	want := at(heights, "cancel", "consent", "register", "submit", "confirm", "claim", "other")
	status := []rights.StatusValue{rights.Free, rights.Pledged, rights.Pledged, rights.Free, rights.Free, rights.Unconfirmed, rights.Unconfirmed}
	for _, ref := range []string{id, "PATENT:ZL" + invention} {
		for _, limit := range []int{1, 2, 6, 7, 200} {
			items := w.rightHistory(t, w.client(), ref, limit)
			var got []uint64
			for i, v := range items {
				got = append(got, v.Height)
				header, err := w.store.Header(v.Height)
				must(t, err)
				if v.BlockHash != w.trust.HeaderHash(header) || v.BlockTimeMS != header.Time || v.Status != status[i] || v.Transactions != nil {
					t.Fatalf("version %d: %+v", i, v)
				}
				then, err := w.client().RightAt(t.Context(), ref, api.Past{AtHeight: v.Height})
				if i < 6 { // a right id is not known before its claim
					must(t, err)
					if then.Record.BaseState != v.Record.BaseState || then.Status != v.Status || len(then.Record.Pledges) != len(v.Record.Pledges) {
						t.Fatalf("as of height %d: %+v, in the history %+v", v.Height, then, v)
					}
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("limit %d: versions of heights %v, want %v", limit, got, want)
			}
		}
	}
}

func TestTheHistoryOfAPledgeHasEveryVersion(t *testing.T) {
	w := newWorld(t)
	_, no, heights := story(w)
	for _, limit := range []int{1, 3, 50} {
		var items []api.PledgeVersion
		for cursor := ""; ; {
			page, err := w.client().PledgeHistory(t.Context(), no, limit, cursor)
			must(t, err)
			items = append(items, page.Items...)
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		var got []uint64
		var states []pledges.State
		for _, v := range items {
			got, states = append(got, v.Height), append(states, v.State)
			if pending := v.State.Pending(); pending != (len(v.Record.Pledgees) == 0) {
				t.Fatalf("parties of a pledge that is %s: %+v", v.State, v.Record)
			}
		}
		if want := at(heights, "cancel", "consent", "register", "accept", "submit"); !slices.Equal(got, want) {
			t.Fatalf("versions of heights %v, want %v", got, want)
		}
		if want := []pledges.State{pledges.Released, pledges.ReleasePending, pledges.Effective, pledges.Accepted, pledges.Submitted}; !slices.Equal(states, want) {
			t.Fatalf("states %v", states)
		}
	}
}

func TestAPledgeHasTheStateOfItsTime(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention)
	no := w.must(BA, "pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	before := w.Head().Header.Height
	w.at("2026-02-25 09:00")
	w.must(IPO, "rights.refresh", args{"right_id": id, "evidence": w.evidence(), "legal_status": "LAPSED"})
	got, err := w.client().Pledge(t.Context(), no)
	must(t, err)
	if r := got.Rights[0]; got.State != pledges.Extinguished || got.Record.State != pledges.Effective || r.State != "REMOVED" || r.Ground != "LAPSED" || r.Rank != 0 {
		t.Errorf("after its right lapsed: %+v", got)
	}
	got, err = w.client().PledgeAt(t.Context(), no, api.Past{AtHeight: before})
	must(t, err)
	if r := got.Rights[0]; got.State != pledges.Effective || r.State != "LIVE" || r.Ground != "" || r.Rank != 1 || r.Status != "PLEDGED" {
		t.Errorf("before its right lapsed: %+v", got)
	}
	now, err := w.client().Pledge(t.Context(), no)
	must(t, err)
	if now.State != pledges.Extinguished || now.Record.State != pledges.Effective {
		t.Errorf("after its right lapsed: %+v", now)
	}
}

// TestOnlyMembersAreToldTheTransactionsOfAVersion since whoever has the id of a
// transaction may read it, and it names the parties of an application.
func TestOnlyMembersAreToldTheTransactionsOfAVersion(t *testing.T) {
	w := newWorld(t)
	id, no, _ := story(w)
	member := w.client(BB, "checker")
	for _, v := range w.rightHistory(t, member, id, 50) {
		block, err := member.Block(t.Context(), v.Height)
		must(t, err)
		if len(v.Transactions) != 1 || v.Transactions[0] != block.Transactions[0].ID || len(v.Events) == 0 {
			t.Errorf("height %d: %v", v.Height, v.Transactions)
		}
	}
	page, err := member.PledgeHistory(t.Context(), no, 0, "")
	must(t, err)
	var events []string
	for _, v := range page.Items {
		if len(v.Transactions) != 1 {
			t.Errorf("height %d: %v", v.Height, v.Transactions)
		}
		events = append(events, v.Events...)
	}
	if got := strings.Join(events, " "); got != "pledge.released pledge.release_pending pledge.effective pledge.accepted pledge.submitted" {
		t.Errorf("events %q", got)
	}
	for _, v := range w.rightHistory(t, w.client(), id, 50) {
		if len(v.Transactions)+len(v.Events) > 0 {
			t.Errorf("the public is told %v", v.Transactions)
		}
	}
}

func TestTransactionsOfOthersAreNotInAVersion(t *testing.T) {
	w := newWorld(t)
	w.manual = true
	for _, number := range []string{invention, patentNumber(1), patentNumber(2)} {
		d, err := w.draft(RX, "rights.claim", claim(number), func(in *api.DraftRequest) { in.ClientRef = "r-" + number })
		must(t, err)
		_, err = w.client(RX, "maker").SubmitParts(t.Context(), w.signed(d), time.Millisecond)
		must(t, err)
	}
	w.block()
	items := w.rightHistory(t, w.client(RX, "maker"), "PATENT:"+invention, 10)
	if len(items) != 1 || len(items[0].Transactions) != 1 {
		t.Fatalf("%+v", items)
	}
	tx, err := w.client(RX, "maker").Transaction(t.Context(), items[0].Transactions[0], 0)
	must(t, err)
	if !strings.Contains(string(tx.Outcome.Result), canonical) {
		t.Errorf("%s", tx.Outcome.Result)
	}
}

func TestARightAndAPledgeAsOfAPastTime(t *testing.T) {
	w := newWorld(t)
	id, no, heights := story(w)
	registered, err := w.store.Header(heights["register"])
	must(t, err)
	for _, past := range []api.Past{
		{AtTime: time.UnixMilli(registered.Time)}, {AtTime: time.UnixMilli(registered.Time).Add(time.Hour)}, {AtHeight: heights["register"]},
	} {
		r, err := w.client().RightAt(t.Context(), id, past)
		must(t, err)
		p, err := w.client().PledgeAt(t.Context(), no, past)
		must(t, err)
		if r.Status != rights.Pledged || r.Height != heights["register"] || p.Record.State != pledges.Effective || p.Height != r.Height {
			t.Errorf("%+v: %+v %+v", past, r, p)
		}
	}
	if r, err := w.client().RightAt(t.Context(), id, api.Past{AtTime: time.UnixMilli(registered.Time - 1)}); err != nil || r.Status != rights.Free {
		t.Errorf("a moment before: %+v %v", r, err)
	}
	if _, err := w.client().RightAt(t.Context(), id, api.Past{AtTime: w.clock().Add(time.Hour)}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("the future: %v", err)
	}
}

func TestACursorOfAHistoryServesItAlone(t *testing.T) {
	w := newWorld(t)
	id, no, _ := story(w)
	c := w.client()
	page, err := c.RightHistory(t.Context(), id, 2, "")
	must(t, err)
	_, of := c.PledgeHistory(t.Context(), no, 2, page.NextCursor)
	_, as := c.Rights(t.Context(), api.RightFilter{Cursor: page.NextCursor})
	_, made := c.RightHistory(t.Context(), id, 2, api.MovedCursor(page.NextCursor, "", "rights/PATENT/x"))
	for what, err := range map[string]error{"the history of a pledge": of, "a list": as, "another record": made} {
		if !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("for %s: %v", what, err)
		}
	}
	if _, err := c.RightHistory(t.Context(), "PATENT:202220765432.1", 2, ""); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("a right that was never seen: %v", err)
	}
	if _, err := c.PledgeHistory(t.Context(), "PLG-510100-20260312-0000001-1", 2, ""); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("a pledge that was never seen: %v", err)
	}
}
