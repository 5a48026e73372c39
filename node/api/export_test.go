// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/internal/address"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Document gives the OpenAPI document without a node.
func Document() *huma.OpenAPI {
	s := &server{}
	s.Version = "test"
	return s.describe(http.NewServeMux()).OpenAPI()
}

// TextOf explains a failure in both languages.
func TextOf(f ledger.Failure) (en, zh string) { return textOf(f) }

// A NonceStore is the memory for nonces with a small room.
type NonceStore struct{ n *nonces }

func NewNonceStore(key, share, total int) NonceStore {
	return NonceStore{newNonces(nonceLimits{key: key, share: share, total: int64(total)})}
}

func (s NonceStore) Use(key, nonce string, now time.Time) (fresh, full bool) {
	return s.n.use(key, nonce, now)
}

// ReadSigned reads a signed request as the server does.
func ReadSigned(r *http.Request, body []byte) (SignedString, keys.Signature, error) {
	s, signature, _, err := readSigned(r)
	if err == nil {
		err = checkDigest(s, body)
	}
	return s, signature, err
}

// Keys and Held count what is kept.
func (s NonceStore) Keys() int   { return len(s.n.keys) }
func (s NonceStore) Held() int64 { return s.n.held.Load() }

// An AddressLimiter is the limiter of addresses with little room.
type AddressLimiter struct{ l *limiter[netip.Prefix] }

func NewAddressLimiter(perSecond float64, burst, room int) AddressLimiter {
	l := newLimiter[netip.Prefix]("address", perSecond, burst)
	l.room = room
	return AddressLimiter{l}
}

func (a AddressLimiter) Take(remote string, now time.Time) bool {
	return a.l.take(address.Of(remote), now, make(http.Header)) == nil
}

// Len counts the buckets.
func (a AddressLimiter) Len() (n int) {
	for i := range a.l.shards {
		n += len(a.l.shards[i].buckets)
	}
	return n
}

// MovedCursor makes up a cursor that stands elsewhere than a good one.
func MovedCursor(text, term, after string) string {
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	var c cursor
	if err := ledger.Decode(raw, 1024, &c); err != nil {
		panic(err)
	}
	c.Term, c.After = term, after
	return c.String()
}

// MaxPassed is how many entries of other heights one page passes over.
const MaxPassed = maxPassed

// Readers are the readers of request bodies, by the names of their schemas.
var Readers = map[string]func(text []byte) error{
	"DraftRequest":    readerOf(readDraft),
	"DraftSigner":     readerOf(readSigner),
	"Submission":      readerOf(readSubmission),
	"SubmitSignature": readerOf(readSignature),
}

func readerOf[T any](read func(*jsonReader) T) func([]byte) error {
	return func(text []byte) error {
		r := newJSONReader(text)
		read(r)
		return r.end()
	}
}

// ReadAny reads any value by the rules of bodies.
func ReadAny(text []byte) error {
	return readerOf(func(r *jsonReader) any { r.skip(); return nil })(text)
}

// Callers is the memory of callers, and how often it has read the ledger.
type Callers struct {
	c     *callers
	Reads int
}

func NewCallers(cfg Config) *Callers {
	m, s := new(Callers), &server{Config: cfg}
	m.c = newCallers(func() (*view, error) { m.Reads++; return s.newest() }, cfg.Store)
	return m
}

// Find gives the person with a key, "" if there is none.
func (m *Callers) Find(keyID string) (person string, err error) {
	c, err := m.c.find(keyID)
	if c == nil {
		return "", err
	}
	return c.person.PersonID, err
}
