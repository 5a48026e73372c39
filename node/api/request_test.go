// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A reply is an answer of the node as it came.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) problem(t testing.TB) api.Problem {
	t.Helper()
	var p api.Problem
	if r.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem but %s: %d %s", r.header.Get("Content-Type"), r.status, r.body)
	}
	must(t, json.Unmarshal(r.body, &p))
	if p.Status != r.status || p.Code == "" || p.Detail == "" || p.MessageZH == "" || p.Details == nil {
		t.Fatalf("incomplete problem %+v of %s", p, r.body)
	}
	return p
}

// send sends a request, signed if there is a key.
func (w *world) send(t testing.TB, method, target string, body []byte, key keys.Signer, change ...func(*http.Request)) reply {
	t.Helper()
	r, err := http.NewRequest(method, w.server.URL+target, bytes.NewReader(body))
	must(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != nil {
		must(t, api.SignRequest(r, body, key, w.clock(), ""))
	}
	for _, c := range change {
		c(r)
	}
	a, err := w.server.Client().Do(r)
	must(t, err)
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	must(t, err)
	return reply{a.StatusCode, a.Header, raw}
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestMalformedRequestsAreToldWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	w.block()
	maker := w.key(BA, contracts.Maker)
	long := strings.Repeat("9", 300)
	for _, c := range []struct {
		method, target, body string
		key                  keys.Signer
		status               int
		code, field, reason  string
	}{
		{"GET", "/v1/encumbrance?type=PATENT", "", nil, 400, "E_FORMAT", "number", "MISSING"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.4", "", nil, 400, "E_CHECKDIGIT", "number", "CHECK"},
		{"GET", "/v1/encumbrance?type=PAT_UM&number=201810234567.3", "", nil, 400, "E_FORMAT", "number", "KIND"},
		{"GET", "/v1/encumbrance?type=SECRET&number=201810234567.3", "", nil, 400, "E_FORMAT", "type", "TYPE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_height=x", "", nil, 400, "E_FORMAT", "at_height", "VALUE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_time=yesterday", "", nil, 400, "E_FORMAT", "at_time", "VALUE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_height=99", "", nil, 404, "E_NOTFOUND", "at_height", "HEIGHT"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_time=1", "", nil, 404, "E_NOTFOUND", "at_time", "BEFORE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_height=0&at_time=1", "", nil, 400, "E_FORMAT", "at_time", "VALUE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_height=0&as_of=1", "", nil, 400, "E_FORMAT", "as_of", "VALUE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&as_of=1&at_time=1", "", nil, 400, "E_FORMAT", "as_of", "VALUE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&as_of=2001-01-01", "", nil, 404, "E_NOTFOUND", "as_of", "BEFORE"},
		{"GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&as_of=2099-01-01T09:00", "", nil, 400, "E_CLOCK", "as_of", "HEIGHT"},
		{"GET", "/v1/encumbrance?type=PATENT&number=" + long, "", nil, 400, "E_FORMAT", "number", "LENGTH"},
		{"GET", "/v1/rights/PATENT:201810234567.3", "", nil, 404, "E_NOTFOUND", "", ""},
		{"GET", "/v1/rights/IPR-510100-20260224-0000001-0", "", nil, 400, "E_CHECKDIGIT", "ref", "CHECK"},
		{"GET", "/v1/rights?limit=0", "", nil, 400, "E_FORMAT", "limit", "VALUE"},
		{"GET", "/v1/rights?limit=201", "", nil, 400, "E_FORMAT", "limit", "VALUE"},
		{"GET", "/v1/rights?state=GOOD", "", nil, 400, "E_FORMAT", "state", "VALUE"},
		{"GET", "/v1/rights?cursor=AAAA", "", nil, 400, "E_FORMAT", "cursor", "CURSOR"},
		{"GET", "/v1/pledges/LON-510100-20260224-0000001-0", "", nil, 400, "E_CHECKDIGIT", "pledge_no", "CHECK"},
		{"GET", "/v1/parties/91510100MA6CA1R24X", "", nil, 400, "E_CHECKDIGIT", "party_id", "CHECK"},
		{"GET", "/v1/transactions/abc", "", nil, 400, "E_FORMAT", "id", "VALUE"},
		{"GET", "/v1/transactions/" + strings.Repeat("0", 64) + "/receipt", "", nil, 404, "E_NOTFOUND", "", ""},
		{"GET", "/v1/blocks", "", nil, 403, "E_SIGNATURE", "header.X-Ipl-Signature", "UNSIGNED"},
		{"GET", "/v1/blocks/0", "", nil, 403, "E_SIGNATURE", "header.X-Ipl-Signature", "UNSIGNED"},
		{"GET", "/v1/blocks/7", "", maker, 404, "E_NOTFOUND", "height", "HEIGHT"},
		{"GET", "/v1/nothing", "", nil, 404, "E_NOTFOUND", "", "ROUTE"},
		{"DELETE", "/v1/rights", "", nil, 405, "E_FORMAT", "", "HTTP_METHOD"},
		{"POST", "/v1/drafts", "{}", maker, 400, "E_FORMAT", "contract", "MISSING"},
		{"POST", "/v1/drafts", `{"contract":"rights","method":"claim","args":{}}`, nil, 403, "E_SIGNATURE", "header.X-Ipl-Signature", "UNSIGNED"},
		{"POST", "/v1/drafts", `{"contract":"rights","method":"steal","args":{}}`, maker, 400, "E_FORMAT", "method", "METHOD"},
		{"POST", "/v1/drafts", `{"contract":"rights","method":"claim","args":{"colour":1}}`, maker, 400, "E_FORMAT", "colour", "UNKNOWN"},
		{"POST", "/v1/drafts", `{"contract":"rights","method":"confirm","args":{"right_id":"x"},"actor":"12510100MB0A1K3L09","commitments":["00"]}`, maker, 400, "E_FORMAT", "commitments[0]", "VALUE"},
		{"POST", "/v1/drafts", `{"contract":`, maker, 400, "E_FORMAT", "contract", "JSON"},
		{"POST", "/v1/transactions", `{"body":"AA==","signatures":[{"public_key":"x","signature":"AA=="}]}`, maker, 400, "E_FORMAT", "body", "ENCODING"},
		{"POST", "/v1/transactions", `{"body":"AA==","signatures":[]}`, maker, 400, "E_FORMAT", "signatures", "LENGTH"},
		{"POST", "/v1/transactions?timeout=2h", `{"body":"AA==","signatures":[{"public_key":"x","signature":"AA=="}]}`, maker, 400, "E_FORMAT", "timeout", "VALUE"},
		{"POST", "/v1/transactions", `"` + strings.Repeat("x", api.MaxRequest) + `"`, nil, 413, "E_FORMAT", "body", "TOO_LARGE"},
	} {
		var body []byte
		if c.body != "" {
			body = []byte(c.body)
		}
		name := fmt.Sprintf("%s %.80s %.60s", c.method, c.target, c.body)
		a := w.send(t, c.method, c.target, body, c.key)
		p := a.problem(t)
		if a.status != c.status || p.Code != c.code || len(p.Details) == 0 || p.Details[0].Field != c.field || p.Details[0].Reason != c.reason {
			t.Errorf("%s: %d %s %+v\nwant %d %s %s %s", name, a.status, p.Code, p.Details, c.status, c.code, c.field, c.reason)
		}
	}
}

func TestTheGenesisHeightIsNotTheNewest(t *testing.T) {
	w := newWorld(t)
	w.confirmed(invention)
	for _, target := range []string{"/v1/encumbrance?type=PATENT&number=" + invention, "/v1/rights/PATENT:" + canonical} {
		if a := w.send(t, http.MethodGet, target, nil, nil); a.status != http.StatusOK || a.header.Get("Ledger-Height") == "0" {
			t.Errorf("%s: %d at height %s", target, a.status, a.header.Get("Ledger-Height"))
		}
	}
	if a := w.send(t, http.MethodGet, "/v1/encumbrance?type=PATENT&number="+invention+"&at_height=0", nil, nil); a.status != http.StatusOK || a.header.Get("Ledger-Height") != "0" {
		t.Errorf("%d at height %s: %s", a.status, a.header.Get("Ledger-Height"), a.body)
	}
	if a := w.send(t, http.MethodGet, "/v1/encumbrance?type=PATENT&number="+invention+"&at_height=0&proof=true", nil, nil); a.status != http.StatusNotFound || a.problem(t).Details[0].Reason != api.ReasonGenesis {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.send(t, http.MethodGet, "/v1/rights/PATENT:"+canonical+"?at_height=0", nil, nil); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAReadIsNotSentTwice(t *testing.T) {
	w := newWorld(t)
	w.confirmed(invention)
	target := "/v1/rights/PATENT:" + canonical
	first := w.send(t, http.MethodGet, target, nil, nil)
	tag := first.header.Get("ETag")
	head := w.Head()
	if !strings.HasPrefix(tag, fmt.Sprintf(`"h%d-`, head.Header.Height)) || first.header.Get("Ledger-Height") != fmt.Sprint(head.Header.Height) ||
		first.header.Get("Ledger-Block-Hash") != head.Hash.String() || first.header.Get("Ledger-Block-Time") == "" || first.header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("%v", first.header)
	}
	for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		again := w.send(t, http.MethodGet, target, nil, nil, set("If-None-Match", known))
		if again.status != http.StatusNotModified || len(again.body) != 0 || again.header.Get("ETag") != tag {
			t.Fatalf("%s: %d %s", known, again.status, again.body)
		}
	}
	w.block()
	if later := w.send(t, http.MethodGet, target, nil, nil, set("If-None-Match", tag)); later.status != http.StatusOK || later.header.Get("ETag") == tag {
		t.Fatalf("a newer block has the same answer: %d %v", later.status, later.header)
	}
}

func TestWhatNeverChangesMayBeKeptForEver(t *testing.T) {
	w := newWorld(t)
	d, err := w.draft(RX, "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}})
	must(t, err)
	_, err = w.client(RX, contracts.Maker).SubmitParts(t.Context(), w.signed(d), 0)
	must(t, err)
	w.block()
	for _, target := range []string{"/v1/transactions/" + d.ID.String() + "/receipt", "/v1/blocks/1"} {
		first := w.send(t, http.MethodGet, target, nil, w.key(RX, contracts.Maker))
		w.block()
		later := w.send(t, http.MethodGet, target, nil, w.key(RX, contracts.Maker))
		if first.status != http.StatusOK || !strings.Contains(first.header.Get("Cache-Control"), "immutable") ||
			!bytes.Equal(first.body, later.body) || first.header.Get("ETag") != later.header.Get("ETag") {
			t.Fatalf("%s: %d %v, then %v", target, first.status, first.header, later.header)
		}
	}
	if a := w.send(t, http.MethodGet, "/v1/transactions/"+d.ID.String()+"/receipt", nil, nil); a.header.Get("Content-Type") != "application/cbor" {
		t.Fatalf("%v", a.header)
	}
	view, err := w.client().Receipt(t.Context(), d.ID)
	must(t, err)
	file, err := w.client().ReceiptFile(t.Context(), d.ID)
	must(t, err)
	if !bytes.Equal(view.File, file) || view.Transaction.ID != d.ID || view.Transaction.Method != "claim" {
		t.Fatalf("%+v", view.Transaction)
	}
}

func TestReadinessSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.block()
	if a := w.send(t, http.MethodGet, "/livez", nil, nil); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
	if ok, text, err := w.client().Ready(t.Context()); !ok || err != nil || !strings.Contains(text, "[+] phase: active") {
		t.Fatal(ok, text, err)
	}
	w.phase = api.PhaseHalted
	if a := w.send(t, http.MethodGet, "/readyz", nil, nil); a.status != http.StatusServiceUnavailable || string(a.body) != "not ready\n" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	w.phase = api.PhaseObserver
	w.at("2026-02-24 09:10")
	if ok, text, _ := w.client().Ready(t.Context()); ok || !strings.Contains(text, "[-] fresh: newest FINAL block is 9m59s old") {
		t.Fatal(ok, text)
	}
}

func TestUnsignedReadsAreBoundedByAddress(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits = api.Limits{ReadRate: 2, ReadBurst: 4} })
	for range 4 {
		if a := w.send(t, http.MethodGet, "/v1/status", nil, nil); a.status != http.StatusOK {
			t.Fatal(a.status)
		}
	}
	a := w.send(t, http.MethodGet, "/v1/status", nil, nil)
	if p := a.problem(t); a.status != http.StatusTooManyRequests || p.Code != contracts.ERateLimit || a.header.Get("Retry-After") == "" {
		t.Fatalf("%d %+v", a.status, p)
	}
	if a := w.send(t, http.MethodGet, "/v1/status", nil, w.key(BA, contracts.Maker)); a.status != http.StatusOK {
		t.Fatalf("a member is refused: %d", a.status)
	}
}
