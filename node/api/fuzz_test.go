// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/node/api"
)

// FuzzReads asks with any path and query: whatever is typed is answered, and
// never as a fault of the node.
func FuzzReads(f *testing.F) {
	for _, seed := range []string{
		"encumbrance?type=PATENT&number=201810234567.3&proof=true", "encumbrance?type=PATENT&number=%00&at_height=18446744073709551615",
		"encumbrance?type=PATENT&number=201810234567.3&at_time=-1", "encumbrance?at_time=253402300799999&type=TM&number=1",
		"rights?limit=1&cursor=owECAg", "rights?number=%E4%B8%AD", "rights/PATENT:%2F..", "rights/IPR-510100-20260224-0000001-1",
		"pledges?right=x&state=EFFECTIVE", "pledges/PLG-", "loans/LON-510100-20260306-0000001-U", "parties/%FF", "parties?cursor=%00",
		"transactions/0000000000000000000000000000000000000000000000000000000000000000?valid_until=9223372036854775807",
		"blocks?from=99999999999999999999", "persons?cursor=AA", "rights?limit=50&limit=x&%zz",
	} {
		f.Add(seed)
	}
	w := newWorld(f)
	w.confirmed(invention)
	handler := w.server.Config.Handler
	f.Fuzz(func(t *testing.T, target string) {
		path, query, _ := strings.Cut(target, "?")
		r := httptest.NewRequest(http.MethodGet, "/v1/status", nil)
		r.URL = &url.URL{Path: "/v1/" + path, RawQuery: query}
		out := httptest.NewRecorder()
		handler.ServeHTTP(out, r)
		if out.Code >= http.StatusInternalServerError && out.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s: %d %s", target, out.Code, out.Body)
		}
	})
}

// FuzzSignedRequests reads any headers of a signature.
func FuzzSignedRequests(f *testing.F) {
	f.Add("ed25519:00", "1773021600000", "0123456789abcdef", "ed25519", "AAAA", "sha-256=:AA==:", "body")
	f.Add("sm2:", "2026-02-24T09:00:00+08:00", "", "sm2-sm3", "", "sm3=::", "")
	f.Fuzz(func(t *testing.T, key, at, nonce, algorithm, signature, digest, body string) {
		r := httptest.NewRequest(http.MethodPost, "/v1/drafts", strings.NewReader(body))
		for name, value := range map[string]string{
			api.HeaderKeyID: key, api.HeaderTimestamp: at, api.HeaderNonce: nonce, api.HeaderAlgorithm: algorithm,
			api.HeaderSignature: signature, api.HeaderDigest: digest,
		} {
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		}
		signed, sig, err := api.ReadSigned(r, []byte(body))
		if err == nil && (len(sig) != 64 || signed.KeyID != key || len(signed.Nonce) < 16) {
			t.Fatalf("%+v", signed)
		}
	})
}
