// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/ledger/keys"
)

// The headers of a signed request.
const (
	HeaderKeyID     = "X-Ipl-Key-Id"    // text form of the public key, "ed25519:<hex>"
	HeaderTimestamp = "X-Ipl-Timestamp" // RFC 3339, or ms since 1970 UTC
	HeaderNonce     = "X-Ipl-Nonce"     // 16 to 32 letters, digits, '-' or '_'; new for each request
	HeaderAlgorithm = "X-Ipl-Algorithm" // "ed25519" or "sm2-sm3"
	HeaderSignature = "X-Ipl-Signature" // standard base64 of 64 bytes
	HeaderDigest    = "Content-Digest"  // RFC 9530: "sha-256=:<base64>:", for sm2-sm3 also "sm3=:<base64>:"
)

// SignatureWindow is how far the time of a signed request may be from the
// node's clock, in both directions.
const SignatureWindow = 300 * time.Second

// The algorithm names of signed requests.
const (
	algorithmEd25519 = "ed25519"
	algorithmSM2     = "sm2-sm3"
)

func algorithmName(a keys.Algorithm) string {
	if a == keys.SM2 {
		return algorithmSM2
	}
	return algorithmEd25519
}

// A SignedString holds what a request's signature covers. The parts are used
// exactly as they stand in the request.
type SignedString struct {
	Algorithm string
	KeyID     string
	Timestamp string
	Nonce     string
	Method    string // upper case
	Path      string // as sent, percent-encoded
	Query     string // raw, without '?'; its parts are sorted here
	Digest    string // value of Content-Digest; empty if the request has no body
}

// Bytes gives the canonical string:
//
//	IPL1 \n algorithm \n key id \n timestamp \n nonce \n METHOD \n path \n sorted query \n digest
func (s SignedString) Bytes() []byte {
	text := make([]byte, 0, 384)
	text = append(text, "IPL1"...)
	for _, part := range [...]string{s.Algorithm, s.KeyID, s.Timestamp, s.Nonce, s.Method, s.Path, sortQuery(s.Query), s.Digest} {
		text = append(text, '\n')
		text = append(text, part...)
	}
	return text
}

// sortQuery sorts the parts of a raw query by their bytes.
func sortQuery(raw string) string {
	if raw == "" {
		return ""
	}
	parts := strings.Split(raw, "&")
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

// Digest gives the value of Content-Digest for a body: of the suite's hash.
func Digest(suite keys.Suite, body []byte) string {
	sum := suite.Sum(body)
	name := "sha-256"
	if suite.Algorithm() == keys.SM2 {
		name = "sm3"
	}
	return name + "=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// SignRequest sets the headers that make r a request signed by key. body are
// the bytes that r sends, nil if none. The nonce must be new for every request;
// an empty one is drawn from crypto/rand.
func SignRequest(r *http.Request, body []byte, key keys.Signer, now time.Time, nonce string) error {
	public := key.Public()
	suite, err := keys.SuiteByName(string(public.Algorithm))
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	if nonce == "" {
		nonce = randomText()
	}
	s := SignedString{
		Algorithm: algorithmName(public.Algorithm),
		KeyID:     public.String(),
		Timestamp: strconv.FormatInt(now.UnixMilli(), 10),
		Nonce:     nonce,
		Method:    r.Method,
		Path:      r.URL.EscapedPath(),
		Query:     r.URL.RawQuery,
	}
	if len(body) > 0 {
		s.Digest = Digest(suite, body)
		r.Header.Set(HeaderDigest, s.Digest)
	}
	signature, err := key.Sign(s.Bytes())
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	r.Header.Set(HeaderKeyID, s.KeyID)
	r.Header.Set(HeaderTimestamp, s.Timestamp)
	r.Header.Set(HeaderNonce, s.Nonce)
	r.Header.Set(HeaderAlgorithm, s.Algorithm)
	r.Header.Set(HeaderSignature, base64.StdEncoding.EncodeToString(signature))
	return nil
}

// randomText gives 128 random bits as 32 hexadecimal digits.
func randomText() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// A headerError says which header of a signature is wrong, and why.
type headerError struct{ header, reason string }

func (e *headerError) Error() string { return fmt.Sprintf("header %s: %s", e.header, e.reason) }

// The names of headers as net/http keeps them.
var (
	headerSignature = http.CanonicalHeaderKey(HeaderSignature)
	headerKeyID     = http.CanonicalHeaderKey(HeaderKeyID)
)

// readSigned reads the parts of r's signature and checks their form. Errors are
// *headerError.
func readSigned(r *http.Request) (SignedString, keys.Signature, time.Time, error) {
	fail := func(header, reason string) (SignedString, keys.Signature, time.Time, error) {
		return SignedString{}, nil, time.Time{}, &headerError{header, reason}
	}
	for _, name := range []string{HeaderKeyID, HeaderTimestamp, HeaderNonce, HeaderAlgorithm, HeaderSignature} {
		if len(r.Header.Values(name)) != 1 {
			return fail(name, ReasonHeader)
		}
	}
	s := SignedString{
		Algorithm: r.Header.Get(HeaderAlgorithm),
		KeyID:     r.Header.Get(HeaderKeyID),
		Timestamp: r.Header.Get(HeaderTimestamp),
		Nonce:     r.Header.Get(HeaderNonce),
		Method:    r.Method,
		Path:      r.URL.EscapedPath(),
		Query:     r.URL.RawQuery,
		Digest:    r.Header.Get(HeaderDigest),
	}
	at, err := parseTime(s.Timestamp)
	if err != nil {
		return fail(HeaderTimestamp, ReasonHeader)
	}
	if !isNonce(s.Nonce) {
		return fail(HeaderNonce, ReasonHeader)
	}
	if s.Algorithm != algorithmEd25519 && s.Algorithm != algorithmSM2 {
		return fail(HeaderAlgorithm, ReasonHeader)
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(r.Header.Get(HeaderSignature))
	if err != nil || len(signature) != keys.SignatureSize {
		return fail(HeaderSignature, ReasonHeader)
	}
	if len(r.Header.Values(HeaderDigest)) > 1 || s.Digest == "" && r.ContentLength != 0 {
		return fail(HeaderDigest, ReasonHeader)
	}
	return s, signature, at, nil
}

// checkDigest tells whether the body is the one that was signed. Errors are
// *headerError.
func checkDigest(s SignedString, body []byte) error {
	switch {
	case s.Digest == "" && len(body) > 0:
		return &headerError{HeaderDigest, ReasonHeader}
	case s.Digest != "" && !digestHolds(s.Algorithm, s.Digest, body):
		return &headerError{HeaderDigest, ReasonDigest}
	}
	return nil
}

func digestHolds(algorithm, digest string, body []byte) bool {
	name, value, _ := strings.Cut(digest, "=")
	value, opened := strings.CutPrefix(value, ":")
	value, closed := strings.CutSuffix(value, ":")
	sum, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || !opened || !closed {
		return false
	}
	switch {
	case name == "sha-256":
		want := sha256.Sum256(body)
		return bytes.Equal(sum, want[:])
	case name == "sm3" && algorithm == algorithmSM2:
		suite, err := keys.SuiteByName(string(keys.SM2))
		if err != nil {
			return false
		}
		want := suite.Sum(body)
		return bytes.Equal(sum, want[:])
	}
	return false
}

func isNonce(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return len(s) >= 16 && len(s) <= 32
}

// parseTime reads RFC 3339 or decimal ms since 1970 UTC, years 1970 to 9999.
func parseTime(s string) (time.Time, error) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		if ms <= 0 || ms > maxTime {
			return time.Time{}, errors.New(wantTime)
		}
		return time.UnixMilli(ms), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, errors.New(wantTime)
	}
	if ms := t.UnixMilli(); ms <= 0 || ms > maxTime {
		return time.Time{}, errors.New(wantTime)
	}
	return t, nil
}

const wantTime = "not RFC 3339 or ms since 1970 UTC, up to the year 9999"

// maxTime is the end of the year 9999, in ms since 1970 UTC.
const maxTime = 253402300799999
