// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/internal/address"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/store"
)

// A caller is the enrolled, active person who signed a request.
type caller struct {
	person contracts.Person
	party  contracts.Party
	key    keys.PublicKey // that signed, the person's at the time
}

// An admitted request is one that passed the guard: who signed it, nil if nobody
// did, and the body of a signed one.
type admitted struct {
	caller *caller
	body   []byte
}

type admittedKey struct{}

// callerOf gives who signed the request of ctx, nil if nobody did.
func callerOf(ctx context.Context) *caller {
	if a, ok := ctx.Value(admittedKey{}).(*admitted); ok {
		return a.caller
	}
	return nil
}

// bodyOf gives the body of the signed request of ctx.
func bodyOf(ctx context.Context) []byte {
	if a, ok := ctx.Value(admittedKey{}).(*admitted); ok {
		return a.body
	}
	return nil
}

// notSigned refuses a request that nobody signed.
func notSigned() error {
	return refused(http.StatusForbidden, ledger.Failure{
		Code: contracts.ESignature, Field: "header." + HeaderSignature, Reason: ReasonUnsigned,
	})
}

// admit lets a request in or says why not: the cheap checks first, then the
// signature, which covers the digest of the body and so needs none of it, then
// the body. A request without any header of a signature is anybody's read, and
// its body, which none has a use for, is not read; one with a wrong signature is
// refused even where none is needed. header is that of the answer.
func (s *server) admit(w http.ResponseWriter, r *http.Request, header http.Header) (*admitted, error) {
	if err := checkHead(r); err != nil {
		return nil, err
	}
	now, from := s.Clock(), address.Of(r.RemoteAddr)
	if len(r.Header[headerSignature]) == 0 && len(r.Header[headerKeyID]) == 0 {
		return new(admitted), s.reads.take(from, now, header)
	}
	// Who tries out signatures costs this node more than who reads.
	if err := s.attempts.spent(from, now); err != nil {
		return nil, err
	}
	signed, c, err := s.verify(r, now)
	if err != nil {
		return nil, s.charged(err, from, now)
	}
	// Whoever has caught a request can send it again, but not at the cost of the
	// organisation that signed it: nothing is drawn from its bucket before the body
	// and the nonce are seen to be its own.
	if s.isReplay(r, signed, now) {
		return nil, s.charged(denied(&headerError{HeaderNonce, ReasonReplay}), from, now)
	}
	if err := s.organisations.look(c.party.PartyID, now, header); err != nil {
		return nil, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if err := checkDigest(signed, body); err != nil {
		return nil, s.charged(denied(err), from, now)
	}
	if err := s.organisations.take(c.party.PartyID, now, header); err != nil {
		return nil, err
	}
	if err := s.once(r, signed, now); err != nil {
		return nil, s.charged(err, from, now)
	}
	return &admitted{c, body}, nil
}

// charged counts a request that was not signed well against its address.
func (s *server) charged(err error, from netip.Prefix, now time.Time) error {
	if p := problemOf(err); p.Status == http.StatusForbidden {
		s.attempts.charge(from, now)
	}
	return err
}

// readBody reads all of a body.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	var body []byte
	var err error
	limited := http.MaxBytesReader(w, r.Body, MaxRequest)
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength) // at most MaxRequest: see checkHead
		_, err = io.ReadFull(limited, body)
	} else {
		body, err = io.ReadAll(limited)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refused(http.StatusRequestEntityTooLarge, ledger.Failure{Code: contracts.EFormat, Field: "body", Reason: ReasonTooLarge})
	case err != nil:
		return nil, invalid("body", ReasonCut)
	}
	return body, nil
}

// denied refuses a request for what is wrong with its signature.
func denied(err error) error {
	var h *headerError
	if !errors.As(err, &h) {
		return err
	}
	return refused(http.StatusForbidden, ledger.Failure{Code: contracts.ESignature, Field: "header." + h.header, Reason: h.reason})
}

// verify finds who signed a request: form, time, key and signature.
func (s *server) verify(r *http.Request, now time.Time) (SignedString, *caller, error) {
	signed, signature, at, err := readSigned(r)
	if err != nil {
		return signed, nil, denied(err)
	}
	if skew := at.Sub(now); skew > SignatureWindow || skew < -SignatureWindow {
		p := refused(http.StatusForbidden, ledger.Failure{Code: contracts.ESignature, Field: "header." + HeaderTimestamp, Reason: ReasonClock})
		return signed, nil, p.withClock(at, now)
	}
	c, err := s.callers.find(signed.KeyID)
	if err != nil {
		return signed, nil, err
	}
	if c == nil || algorithmName(c.key.Algorithm) != signed.Algorithm || !s.holds(c.key, signed.Bytes(), signature) {
		return signed, nil, denied(&headerError{HeaderSignature, ReasonSignature})
	}
	return signed, c, nil
}

// withClock tells this node's time and how far the request's is from it.
func (p *Problem) withClock(at, now time.Time) *Problem {
	p.ServerTime, p.ClockSkewMS = clockText(now.UnixMilli()), at.Sub(now).Milliseconds()
	told := fmt.Sprintf("%s (%+d ms)", p.ServerTime, p.ClockSkewMS)
	p.say("This node's time and your difference: "+told+".", "本节点时间及偏差："+told+"。")
	return p
}

// holds is the one place where the signature of a request is verified.
func (s *server) holds(key keys.PublicKey, message []byte, signature keys.Signature) bool {
	return s.Trust.Suite.Verify(key, message, signature)
}

// isReplay tells of a request that once would refuse whether its nonce was used. It
// notes nothing: what is refused for another reason can be sent again as it is.
func (s *server) isReplay(r *http.Request, signed SignedString, now time.Time) bool {
	return !mayRepeat(r) && s.nonces.used(signed.KeyID, signed.Nonce, now)
}

// mayRepeat tells of a submission.
func mayRepeat(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == pathTransactions
}

// once refuses a request that was answered before. It comes last, so that what
// was refused can be sent again as it is. A submission may come again for ever
// and gets the same answer: its client reference, not the nonce, keeps it from
// happening twice.
//
// Nonces are not kept over a restart. A request that was signed before this node
// began may have been answered by it before, and is to be signed again. One that
// was dated ahead of this node's clock can pass; it is a read or a draft, which
// changes nothing.
func (s *server) once(r *http.Request, signed SignedString, now time.Time) error {
	if mayRepeat(r) {
		return nil
	}
	if at, err := parseTime(signed.Timestamp); err == nil && at.Before(s.began) {
		p := refused(http.StatusServiceUnavailable, ledger.Failure{Code: codeUnavailable, Field: "header." + HeaderTimestamp, Reason: ReasonRestarted})
		p.retryAfter = seconds(s.began.Sub(at))
		return p.withClock(at, now)
	}
	fresh, full := s.nonces.use(signed.KeyID, signed.Nonce, now)
	switch {
	case full:
		return tooMany(ReasonNonces, SignatureWindow/10)
	case !fresh:
		return denied(&headerError{HeaderNonce, ReasonReplay})
	}
	return nil
}

// callers remembers who holds a key, as of one FINAL block and all later ones in
// which no key, person or party has changed.
type callers struct {
	newest  func() (*view, error)
	changed func() uint64 // the last height in which one may have changed, see store.LastChange
	now     func() int64  // time of the newest FINAL block

	mu     sync.RWMutex
	height uint64
	byKey  map[string]*caller
}

func newCallers(newest func() (*view, error), s *store.Store) *callers {
	return &callers{
		newest:  newest,
		changed: func() uint64 { return s.LastChange("keys", "persons", "parties") },
		now:     func() int64 { head, _ := s.Head(); return head.Header.Time },
	}
}

// maxCallers bounds the memory of callers; it begins anew when it is full.
const maxCallers = 1 << 14

// find gives the active person whose key has this text form, nil if there is
// none. Only people are remembered: what is no enrolled key takes no room.
func (m *callers) find(keyID string) (*caller, error) {
	changed := m.changed()
	m.mu.RLock()
	c := m.byKey[keyID]
	known := c != nil && changed <= m.height
	m.mu.RUnlock()
	if known {
		if !c.mayCall(keyID, m.now()) { // a key was replaced by time alone
			return nil, nil
		}
		return c, nil
	}
	v, err := m.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	if c, err = v.callerWithKey(keyID); err != nil || c == nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey == nil || len(m.byKey) == maxCallers || changed > m.height && v.header.Height > m.height {
		m.height, m.byKey = max(m.height, v.header.Height), make(map[string]*caller)
	}
	if v.header.Height >= m.height {
		m.byKey[keyID] = c
	}
	return c, nil
}

// callerWithKey finds the active person whose key has this text form, nil if
// there is none.
func (v *view) callerWithKey(keyID string) (*caller, error) {
	if len(keyID) > maxKeyID {
		return nil, nil
	}
	var id string
	if ok, err := v.load("keys/"+keyID, &id); err != nil || !ok {
		return nil, err
	}
	var c caller
	if ok, err := v.load(contracts.PersonKey(id), &c.person); err != nil || !ok {
		return nil, err
	}
	if ok, err := v.load(contracts.PartyKey(c.person.Organisation), &c.party); err != nil || !ok || !c.mayCall(keyID, v.header.Time) {
		return nil, err
	}
	c.key = c.person.KeyAt(v.header.Time)
	return &c, nil
}

// mayCall tells whether the person may sign requests with a key at a time, if its
// record and its party's have not changed since they were read. It may while its party
// is suspended, to look, and to stop what is done with its keys.
func (c *caller) mayCall(keyID string, at int64) bool {
	return c.person.RevokedAt == 0 && isText(c.person.KeyAt(at), keyID) && c.party.StatusAt(at) != contracts.PartyMerged
}

// maxKeyID is the length of the longest text form of a key, "ed25519:" or
// "sm2:" and two digits a byte.
const maxKeyID = 8 + 2*33
