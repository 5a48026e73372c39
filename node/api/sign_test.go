// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

func TestASignatureCoversTheWholeRequest(t *testing.T) {
	w := newWorld(t)
	maker := w.key(BA, contracts.Maker)
	body := []byte(`{"contract":"rights","method":"claim","args":{"type":"PATENT","number":"201810234567.3","owners":["91510100MA6CA1R24N"]}}`)
	stranger := keyOf(t, w.trust.Suite, "stranger")
	other := w.key(BB, contracts.Maker).Public().String()
	now := w.clock()
	for _, c := range []struct {
		name, field, reason string
		key                 keys.Signer
		change              func(*http.Request)
	}{
		{"another nonce", "Signature", api.ReasonSignature, maker, set(api.HeaderNonce, strings.Repeat("n", 16))},
		{"another time", "Signature", api.ReasonSignature, maker, set(api.HeaderTimestamp, now.Add(time.Second).Format(time.RFC3339))},
		{"another key", "Signature", api.ReasonSignature, maker, set(api.HeaderKeyID, other)},
		{"a key that is not enrolled", "Signature", api.ReasonSignature, stranger, func(*http.Request) {}},
		{"another algorithm", "Signature", api.ReasonSignature, maker, set(api.HeaderAlgorithm, "sm2-sm3")},
		{"an unknown algorithm", "Algorithm", api.ReasonHeader, maker, set(api.HeaderAlgorithm, "rsa")},
		{"another query", "Signature", api.ReasonSignature, maker, func(r *http.Request) { r.URL.RawQuery = "a=b" }},
		{"another path", "Signature", api.ReasonSignature, maker, func(r *http.Request) { r.URL.Path = "/v1/transactions" }},
		{"another body", "Digest", api.ReasonDigest, maker, func(r *http.Request) {
			changed := bytes.Replace(body, []byte("claim"), []byte("clain"), 1)
			r.Body, r.ContentLength = http.NoBody, 0
			*r = *replaceBody(t, r, changed)
		}},
		{"no digest", "Digest", api.ReasonHeader, maker, func(r *http.Request) { r.Header.Del(api.HeaderDigest) }},
		{"a short nonce", "Nonce", api.ReasonHeader, maker, set(api.HeaderNonce, "short")},
		{"no time", "Timestamp", api.ReasonHeader, maker, func(r *http.Request) { r.Header.Del(api.HeaderTimestamp) }},
		{"two times", "Timestamp", api.ReasonHeader, maker, func(r *http.Request) { r.Header.Add(api.HeaderTimestamp, "1") }},
		{"half a signature", "Signature", api.ReasonHeader, maker, set(api.HeaderSignature, base64.StdEncoding.EncodeToString(make([]byte, 32)))},
		{"no signature", "Signature", api.ReasonHeader, maker, func(r *http.Request) { r.Header.Del(api.HeaderSignature) }},
		{"an old time", "Timestamp", api.ReasonClock, maker, func(r *http.Request) {
			must(t, api.SignRequest(r, body, maker, now.Add(-301*time.Second), ""))
		}},
		{"a time ahead", "Timestamp", api.ReasonClock, maker, func(r *http.Request) {
			must(t, api.SignRequest(r, body, maker, now.Add(301*time.Second), ""))
		}},
	} {
		a := w.send(t, http.MethodPost, "/v1/drafts", body, c.key, c.change)
		p := a.problem(t)
		field := "header.X-Ipl-" + c.field
		if c.field == "Digest" {
			field = "header." + api.HeaderDigest
		}
		if a.status != http.StatusForbidden || p.Code != contracts.ESignature || p.Details[0].Reason != c.reason || p.Details[0].Field != field {
			t.Errorf("%s: %d %+v", c.name, a.status, p.Details)
		}
		if c.reason == api.ReasonClock && (p.ServerTime != "2026-02-24T09:00:00.000+08:00" || !strings.Contains(p.Detail, p.ServerTime) || p.ClockSkewMS/1000 != 301 && p.ClockSkewMS/1000 != -301) {
			t.Errorf("%s: the node's time is not told: %s", c.name, p.Detail)
		}
	}
	if a := w.send(t, http.MethodPost, "/v1/drafts", body, maker); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func replaceBody(t *testing.T, r *http.Request, body []byte) *http.Request {
	t.Helper()
	again, err := http.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	must(t, err)
	again.Header = r.Header
	return again
}

func TestASignedReadIsGoodOnce(t *testing.T) {
	w := newWorld(t)
	w.block()
	key := w.key(BA, contracts.Maker)
	again := func(r *http.Request) { must(t, api.SignRequest(r, nil, key, w.clock(), "nonce-nonce-nonce")) }
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, again); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, again)
	if p := a.problem(t); a.status != http.StatusForbidden || p.Details[0].Reason != api.ReasonReplay {
		t.Fatalf("%d %+v", a.status, p)
	}
	// The same nonce of another key is another request.
	key = w.key(BB, contracts.Maker)
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, again); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func TestARevokedKeySignsNoRequest(t *testing.T) {
	w := newWorld(t)
	key := w.key(BA, contracts.Checker)
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, key); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
	person := contracts.PersonID(w.trust.Suite, key.Public())
	w.must(BA, "persons.revoke", args{"person_id": person, "reason": "LEFT"})
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, key); a.status != http.StatusForbidden {
		t.Fatal(a.status)
	}
}

func TestNoncesAreKeptForTwiceTheWindow(t *testing.T) {
	n := api.NewNonceStore(2, 1, 100)
	begin := time.UnixMilli(1773021600000)
	use := func(nonce string, after time.Duration, fresh, full bool) {
		t.Helper()
		gotFresh, gotFull := n.Use("key", nonce, begin.Add(after))
		if gotFresh != fresh || gotFull != full {
			t.Fatalf("%s after %v: fresh %v full %v", nonce, after, gotFresh, gotFull)
		}
	}
	use("a", 0, true, false)
	use("b", time.Second, true, false)
	use("a", time.Second, false, false)
	use("c", time.Second, true, true) // full: refused, nothing is forgotten
	use("c", api.SignatureWindow, true, false)
	use("a", 2*api.SignatureWindow+time.Second, false, false)
	use("a", 3*api.SignatureWindow+time.Second, true, false)
	use("a", 2*api.SignatureWindow, false, false) // the clock went back
	use("a", 100*api.SignatureWindow, true, false)
}
