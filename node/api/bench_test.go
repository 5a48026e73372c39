// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

// BenchmarkStatusQuery is a status query without the network.
func BenchmarkStatusQuery(b *testing.B) {
	w := newWorld(b)
	w.confirmed(invention)
	handler := w.server.Config.Handler
	b.ReportAllocs()
	for b.Loop() {
		out := httptest.NewRecorder()
		handler.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/v1/encumbrance?type=PATENT&number=201810234567.3", nil))
		if out.Code != http.StatusOK {
			b.Fatal(out.Code)
		}
	}
}

// BenchmarkResubmission is a submission whose outcome is there: all that the API
// adds to the work of the node.
func BenchmarkResubmission(b *testing.B) {
	w := newWorld(b)
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(b, err)
	in := w.signed(d)
	key := w.key(RX, contracts.Maker)
	_, err = w.client(RX, contracts.Maker).SubmitParts(b.Context(), in, 0)
	must(b, err)
	body, err := json.Marshal(in)
	must(b, err)
	handler := w.server.Config.Handler
	r := httptest.NewRequest(http.MethodPost, "/v1/transactions", nil)
	r.Header.Set("Content-Type", "application/json")
	must(b, api.SignRequest(r, body, key, w.clock(), ""))
	b.ReportAllocs()
	for b.Loop() {
		again := httptest.NewRequest(http.MethodPost, "/v1/transactions", strings.NewReader(string(body)))
		again.Header = r.Header
		out := httptest.NewRecorder()
		handler.ServeHTTP(out, again)
		if out.Code != http.StatusOK {
			b.Fatal(out.Code, out.Body)
		}
	}
}

// An instant node takes every transaction at once and never gives an outcome.
type instant struct{ *world }

func (instant) Submit(context.Context, *ledger.Transaction) error { return nil }

// BenchmarkSubmit is a new submission up to the intake, and its answer: all that
// HTTP, the request's signature, JSON and the body's form cost.
func BenchmarkSubmit(b *testing.B) {
	w := newWorld(b, func(c *api.Config) { c.Node = instant{c.Node.(*world)} })
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(b, err)
	key := w.key(RX, contracts.Maker)
	body, err := json.Marshal(w.signed(d))
	must(b, err)
	handler := w.server.Config.Handler
	r := httptest.NewRequest(http.MethodPost, "/v1/transactions?timeout=0s", nil)
	r.Header.Set("Content-Type", "application/json")
	must(b, api.SignRequest(r, body, key, w.clock(), ""))
	b.ReportAllocs()
	for b.Loop() {
		again := httptest.NewRequest(http.MethodPost, "/v1/transactions?timeout=0s", bytes.NewReader(body))
		again.Header = r.Header
		out := httptest.NewRecorder()
		handler.ServeHTTP(out, again)
		if out.Code != http.StatusAccepted {
			b.Fatal(out.Code, out.Body)
		}
	}
}

// BenchmarkEncumbranceAtAMillionRights asks of one right after another, all over a real
// ledger database with a million of them, every tenth pledged, whether it is free: plain,
// and with its proof. Beside the mean it reports the latency that one answer in a hundred
// exceeds. IPLEDGER_RIGHTS makes it another number.
func BenchmarkEncumbranceAtAMillionRights(b *testing.B) {
	total := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("IPLEDGER_RIGHTS")); err == nil {
		total = n
	}
	w := newWorld(b)
	w.confirmed(invention)
	free := w.record(canonical)
	no := w.must(BA, "pledges.submit", args{"rights": []string{free.RightID}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	pledged := w.record(canonical)
	number := func(i int) string {
		digits := fmt.Sprintf("20191%07d", i)
		return digits + identifier.PatentCheck(digits)
	}
	const perBlock = 20_000
	for from := 0; from < total; from += perBlock {
		var changes []state.Change
		for i := from; i < min(from+perBlock, total); i++ {
			record := free
			if i%10 == 3 {
				record = pledged
			}
			record.Number = number(i)
			changes = append(changes, state.Change{Key: record.Key(), Value: ledger.Encode(record)})
		}
		w.put(changes)
	}
	handler := w.server.Config.Handler
	for _, query := range []string{"", "&proof=true"} {
		b.Run("answer"+query, func(b *testing.B) {
			var each []time.Duration
			for i := 0; b.Loop(); i++ {
				r := httptest.NewRequest(http.MethodGet, "/v1/encumbrance?type=PATENT&number="+number(i*7919%total)+query, nil)
				out := httptest.NewRecorder()
				begin := time.Now()
				handler.ServeHTTP(out, r)
				each = append(each, time.Since(begin))
				if out.Code != http.StatusOK {
					b.Fatal(out.Code, out.Body)
				}
			}
			slices.Sort(each)
			b.ReportMetric(float64(each[len(each)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(each[len(each)*99/100].Microseconds()), "p99-us")
		})
	}
}

// record is what the ledger holds of a patent.
func (w *world) record(number string) (r rights.Record) {
	w.t.Helper()
	view, err := w.store.State(w.head.Header.Height)
	must(w.t, err)
	defer view.Close()
	raw, ok, err := view.Get(rights.RecordKey(identifier.PatentSpace, number))
	must(w.t, err)
	if !ok {
		w.t.Fatal("no record of " + number)
	}
	must(w.t, ledger.Decode(raw, ledger.MaxValue, &r))
	return r
}
