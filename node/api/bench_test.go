// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
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
