// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A vector of request signing, for clients in other languages.
type vector struct {
	Name      string            `json:"name"`
	Suite     string            `json:"suite"`
	Seed      string            `json:"seed"` // 32 secret bytes of the key in hex: RFC 8032 seed, or SM2 scalar
	Method    string            `json:"method"`
	Target    string            `json:"target"` // path and query as sent
	Body      string            `json:"body"`
	Headers   map[string]string `json:"headers"`
	Canonical string            `json:"canonical,omitempty"` // what is signed
	Reason    string            `json:"reason,omitempty"`    // why it is refused
}

type vectors struct {
	Accepted []vector `json:"accepted"`
	Refused  []vector `json:"refused"` // each is the accepted one of its name's first part, changed
}

const vectorFile = "testdata/request_signing.json"

// read gives what the server makes of a vector: the canonical string, and the
// reason why it is refused, "" if it is not.
func (v vector) read(t *testing.T, key keys.PublicKey) (canonical, reason string) {
	t.Helper()
	r, err := http.NewRequest(v.Method, "http://node"+v.Target, strings.NewReader(v.Body))
	must(t, err)
	for name, value := range v.Headers {
		r.Header.Set(name, value)
	}
	signed, signature, err := api.ReadSigned(r, []byte(v.Body))
	suite, suiteErr := keys.SuiteByName(v.Suite)
	must(t, suiteErr)
	switch {
	case err != nil:
		_, reason, _ = strings.Cut(err.Error(), ": ")
	case !suite.Verify(key, signed.Bytes(), signature):
		reason = api.ReasonSignature
	}
	return string(signed.Bytes()), reason
}

func (v vector) key(t *testing.T) keys.PrivateKey {
	t.Helper()
	seed, err := hex.DecodeString(v.Seed)
	must(t, err)
	key, err := keys.ParsePrivateKey(keys.Algorithm(v.Suite), seed)
	must(t, err)
	return key
}

// TestRequestSigningVectors checks the vectors against the server's reading.
// Ed25519 signatures are deterministic and compared; those of SM2 differ each
// time and are verified.
func TestRequestSigningVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	raw, err := os.ReadFile(vectorFile)
	must(t, err)
	var all vectors
	must(t, json.Unmarshal(raw, &all))
	if len(all.Accepted) < 14 || len(all.Refused) < 24 {
		t.Fatalf("%d and %d vectors", len(all.Accepted), len(all.Refused))
	}
	for _, v := range all.Accepted {
		key := v.key(t)
		canonical, reason := v.read(t, key.Public())
		if canonical != v.Canonical || reason != "" {
			t.Errorf("%s: %s, canonical string\n%q\nwant\n%q", v.Name, reason, canonical, v.Canonical)
		}
		again, err := key.Sign([]byte(v.Canonical))
		must(t, err)
		if got := base64.StdEncoding.EncodeToString(again); v.Suite == "ed25519" && got != v.Headers[api.HeaderSignature] {
			t.Errorf("%s: signature %s, want %s", v.Name, got, v.Headers[api.HeaderSignature])
		}
	}
	for _, v := range all.Refused {
		if _, reason := v.read(t, v.key(t).Public()); reason != v.Reason || reason == "" {
			t.Errorf("%s: %q, want %s", v.Name, reason, v.Reason)
		}
	}
}

// TestTheClientSignsAsTheVectorsSay signs with the package's own client.
func TestTheClientSignsAsTheVectorsSay(t *testing.T) {
	raw, err := os.ReadFile(vectorFile)
	must(t, err)
	var all vectors
	must(t, json.Unmarshal(raw, &all))
	for _, v := range all.Accepted {
		at, err := time.Parse(time.RFC3339, v.Headers[api.HeaderTimestamp])
		if v.Suite != "ed25519" || err == nil && !at.IsZero() {
			continue // not deterministic, or another form of the time
		}
		r, err := http.NewRequest(v.Method, "http://node"+v.Target, nil)
		must(t, err)
		must(t, api.SignRequest(r, []byte(v.Body), v.key(t), time.UnixMilli(1773021600000), v.Headers[api.HeaderNonce]))
		for name, value := range v.Headers {
			if r.Header.Get(name) != value {
				t.Errorf("%s: %s is %s, want %s", v.Name, name, r.Header.Get(name), value)
			}
		}
	}
}

func writeVectors(t *testing.T) {
	t.Helper()
	var all vectors
	for _, suite := range []string{"ed25519", "sm2"} {
		s, err := keys.SuiteByName(suite)
		must(t, err)
		key := keyOf(t, s, "vector "+suite)
		add := func(name, method, target, body, at string) vector {
			v := vector{Name: suite + ": " + name, Suite: suite, Seed: hex.EncodeToString(key.Seed()), Method: method, Target: target, Body: body}
			r, err := http.NewRequest(method, "http://node"+target, nil)
			must(t, err)
			signed := api.SignedString{
				Algorithm: map[string]string{"ed25519": "ed25519", "sm2": "sm2-sm3"}[suite], KeyID: key.Public().String(), Timestamp: at,
				Nonce: "0123456789abcdef-ABCDEF_", Method: method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
			}
			v.Headers = map[string]string{
				api.HeaderAlgorithm: signed.Algorithm, api.HeaderKeyID: signed.KeyID, api.HeaderTimestamp: at, api.HeaderNonce: signed.Nonce,
			}
			if body != "" {
				signed.Digest = api.Digest(s, []byte(body))
				v.Headers[api.HeaderDigest] = signed.Digest
			}
			v.Canonical = string(signed.Bytes())
			signature, err := key.Sign(signed.Bytes())
			must(t, err)
			v.Headers[api.HeaderSignature] = base64.StdEncoding.EncodeToString(signature)
			all.Accepted = append(all.Accepted, v)
			return v
		}
		const ms = "1773021600000"
		add("read without parameters", "GET", "/v1/blocks/0", "", ms)
		read := add("parameters are sorted", "GET", "/v1/blocks?limit=5&from=10", "", ms)
		add("parameters are sorted by their bytes, with their values", "GET", "/v1/encumbrance?type=PATENT&proof=true&number=ZL201810234567.3&at_height=7", "", ms)
		add("percent-encoding stays as sent", "GET", "/v1/rights/PATENT%3A2018102345673?at_height=%31", "", ms)
		add("a path beyond ASCII", "GET", "/v1/rights/%E4%B8%AD", "", ms)
		add("a time in RFC 3339", "GET", "/v1/blocks/0", "", "2026-03-09T10:00:00+08:00")
		write := add("body", "POST", "/v1/transactions?timeout=10s", `{"body":"AA==","signatures":[]}`, ms)
		add("body beyond ASCII", "POST", "/v1/drafts", `{"args":{"title":"一种晶圆检测方法"}}`, ms)

		spoil := func(of vector, name, reason string, change func(*vector)) {
			of.Name, of.Reason, of.Canonical, of.Headers = of.Name+", "+name, reason, "", maps.Clone(of.Headers)
			change(&of)
			all.Refused = append(all.Refused, of)
		}
		header := func(name, value string) func(*vector) { return func(v *vector) { v.Headers[name] = value } }
		spoil(read, "other method", api.ReasonSignature, func(v *vector) { v.Method = "HEAD" })
		spoil(read, "other path", api.ReasonSignature, func(v *vector) { v.Target = strings.Replace(v.Target, "blocks", "status", 1) })
		spoil(read, "path encoded otherwise", api.ReasonSignature, func(v *vector) { v.Target = strings.Replace(v.Target, "blocks", "%62locks", 1) })
		spoil(read, "other parameter", api.ReasonSignature, func(v *vector) { v.Target = strings.Replace(v.Target, "5", "6", 1) })
		spoil(read, "parameter encoded otherwise", api.ReasonSignature, func(v *vector) { v.Target = strings.Replace(v.Target, "5", "%35", 1) })
		spoil(read, "parameter dropped", api.ReasonSignature, func(v *vector) { v.Target, _, _ = strings.Cut(v.Target, "&") })
		spoil(read, "other time", api.ReasonSignature, header(api.HeaderTimestamp, "1773021600001"))
		spoil(read, "same time in another form", api.ReasonSignature, header(api.HeaderTimestamp, "2026-03-09T10:00:00+08:00"))
		spoil(read, "other nonce", api.ReasonSignature, header(api.HeaderNonce, "0123456789abcdef-ABCDEF-"))
		spoil(read, "short nonce", api.ReasonHeader, header(api.HeaderNonce, "0123456789"))
		spoil(read, "unknown algorithm", api.ReasonHeader, header(api.HeaderAlgorithm, "rsa"))
		spoil(read, "a digest that was not signed", api.ReasonSignature, header(api.HeaderDigest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"))
		spoil(write, "other body", api.ReasonDigest, func(v *vector) { v.Body = strings.Replace(v.Body, "AA", "AB", 1) })
		spoil(write, "other body with its digest", api.ReasonSignature, func(v *vector) {
			v.Body = strings.Replace(v.Body, "AA", "AB", 1)
			v.Headers[api.HeaderDigest] = api.Digest(s, []byte(v.Body))
		})
		spoil(write, "no digest", api.ReasonHeader, func(v *vector) { delete(v.Headers, api.HeaderDigest) })
		spoil(write, "digest of an unknown hash", api.ReasonDigest, func(v *vector) {
			v.Headers[api.HeaderDigest] = "md5" + v.Headers[api.HeaderDigest][strings.IndexByte(v.Headers[api.HeaderDigest], '='):]
		})
		spoil(write, "signature in hex", api.ReasonHeader, func(v *vector) {
			raw, err := base64.StdEncoding.DecodeString(v.Headers[api.HeaderSignature])
			must(t, err)
			v.Headers[api.HeaderSignature] = hex.EncodeToString(raw)
		})
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	must(t, err)
	must(t, os.WriteFile(vectorFile, append(raw, '\n'), 0o644))
}

// TestTheDocumentShowsAVector keeps the example in docs/api.md true.
func TestTheDocumentShowsAVector(t *testing.T) {
	raw, err := os.ReadFile(vectorFile)
	must(t, err)
	var all vectors
	must(t, json.Unmarshal(raw, &all))
	text, err := os.ReadFile("../../docs/api.md")
	must(t, err)
	for _, v := range all.Accepted {
		if v.Name != "ed25519: parameters are sorted" {
			continue
		}
		for _, part := range []string{v.Method + " " + v.Target + "\n", "\n" + v.Canonical + "\n", "`" + v.Headers[api.HeaderSignature] + "`"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("docs/api.md does not show\n%s", part)
			}
		}
		return
	}
	t.Error("the vector of the document is gone")
}
