// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/corrections"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// marked puts entries under review, or ends that, as a vote would.
func (w *world) marked(method string, a args, entries ...ledger.Hash) {
	w.t.Helper()
	a["transactions"] = entries
	w.must(REG, "corrections."+method, a)
}

func TestAnEntryUnderReviewIsMarkedWhereverItIsShown(t *testing.T) {
	w := newOpenWorld(t)
	id := w.confirmed(invention)
	suit := w.run(IPO, "rights.status_event", args{"right_id": id, "event": "INVALIDATION_FILED", "fact_time": w.clock().UnixMilli()}).ID
	w.run(IPO, "rights.status_event", args{"right_id": id, "event": "UPHELD", "fact_time": w.clock().UnixMilli()})
	submitted := w.run(BA, "pledges.submit", args{"rights": []string{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})
	page, err := w.client().Pledges(t.Context(), api.PledgeFilter{Right: id})
	must(t, err)
	no := page.Items[0].PledgeNo
	before := w.Head().Header.Height

	shows := func(want bool) {
		t.Helper()
		member := w.client(BB, contracts.Maker)
		pledge, err := w.client().Pledge(t.Context(), no)
		must(t, err)
		events, err := member.RightEvents(t.Context(), id, 0, "")
		must(t, err)
		history, err := member.PledgeHistory(t.Context(), no, 0, "")
		must(t, err)
		versions := w.rightHistory(t, member, id, 50)
		tx, err := w.client().Transaction(t.Context(), suit, 0)
		must(t, err)
		if pledge.UnderReview != want || events.Items[0].UnderReview != want || events.Items[1].UnderReview ||
			history.Items[0].UnderReview != want || versions[0].UnderReview != want || versions[1].UnderReview || versions[2].UnderReview != want || tx.UnderReview != want {
			t.Fatalf("want %v: %v %+v %+v %+v %+v", want, pledge.UnderReview, events.Items, history.Items, versions, tx)
		}
		if tx.Review != nil || tx.Corrections != nil {
			t.Fatalf("told to everybody: %+v", tx)
		}
		for _, v := range w.rightHistory(t, w.client(), id, 50) {
			if v.UnderReview {
				t.Fatalf("told to everybody: %+v", v)
			}
		}
	}
	shows(false)
	w.marked("review", args{"reason": "密钥被盗"}, suit, submitted.ID)
	shows(true)
	member, err := w.client(BB, contracts.Maker).Transaction(t.Context(), suit, 0)
	must(t, err)
	if member.Review == nil || member.Review.Marks[0].Reason != "密钥被盗" || member.Status != api.Final {
		t.Fatalf("%+v", member)
	}
	past, err := w.client().PledgeAt(t.Context(), no, api.Past{AtHeight: before})
	must(t, err)
	if past.UnderReview {
		t.Fatal("marked before it was")
	}
	w.marked("end_review", args{"outcome": corrections.Confirmed}, suit, submitted.ID)
	shows(false)
}

func TestCorrectionsAreListedForMembers(t *testing.T) {
	w := newWorld(t)
	id, other := w.confirmed(invention), w.confirmed("201710601862.3")
	told := func(right string) ledger.Hash {
		return w.run(IPO, "rights.status_event", args{"right_id": right, "event": "OWNERSHIP_SUIT", "fact_time": w.clock().UnixMilli()}).ID
	}
	suit, second := told(id), told(other)
	for _, text := range []string{"第一注", "第二注"} {
		w.must(IPO, "corrections.annotate", args{"subject": id, "transaction": suit, "text": text})
	}
	before := w.Head().Header.Height
	w.must(IPO, "corrections.correct_error", args{"subject": other, "transaction": second, "reason": "录入错误", "annulled": true})

	member := w.client(BB, contracts.Maker)
	list := func(f api.CorrectionFilter) (texts []string) {
		t.Helper()
		for f.Limit = 1; ; {
			page, err := member.Corrections(t.Context(), f)
			must(t, err)
			for _, r := range page.Items {
				texts = append(texts, r.Text)
			}
			if f.Cursor = page.NextCursor; f.Cursor == "" {
				return texts
			}
		}
	}
	for _, c := range []struct {
		filter api.CorrectionFilter
		want   int
	}{
		{api.CorrectionFilter{Subject: id}, 2}, {api.CorrectionFilter{Transaction: suit.String()}, 2},
		{api.CorrectionFilter{Subject: id, Transaction: suit.String()}, 2}, {api.CorrectionFilter{Subject: other, Transaction: suit.String()}, 0},
		{api.CorrectionFilter{Subject: other}, 1}, {api.CorrectionFilter{}, 3},
		{api.CorrectionFilter{Past: api.Past{AtHeight: before}}, 2}, {api.CorrectionFilter{Subject: other, Past: api.Past{AtHeight: before}}, 0},
	} {
		if got := list(c.filter); len(got) != c.want {
			t.Errorf("%+v: %q", c.filter, got)
		}
	}
	tx, err := member.Transaction(t.Context(), suit, 0)
	must(t, err)
	if len(tx.Corrections) != 2 || tx.Corrections[1].Text != "第二注" || tx.UnderReview || tx.Review != nil {
		t.Fatalf("%+v", tx)
	}
	for _, f := range []api.CorrectionFilter{{Subject: "IPR-1"}, {Transaction: "x"}} {
		if _, err := member.Corrections(t.Context(), f); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if a := w.send(t, http.MethodGet, "/v1/corrections", nil, nil); a.status != http.StatusForbidden {
		t.Fatalf("%d %s", a.status, a.body)
	}
}
