// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A caller is the enrolled, active person who signed a request.
type caller struct {
	person contracts.Person
	party  contracts.Party
}

type callerKey struct{}

// callerOf gives who signed the request of ctx, nil if nobody did.
func callerOf(ctx context.Context) *caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	return c
}

// needCaller refuses an unsigned request.
func needCaller(ctx context.Context) (*caller, error) {
	if c := callerOf(ctx); c != nil {
		return c, nil
	}
	return nil, refused(http.StatusForbidden, ledger.Failure{
		Code: contracts.ESignature, Field: "header." + HeaderSignature, Reason: ReasonUnsigned,
	})
}

// authenticate reads the body of a request and finds its caller. A request
// without any header of a signature has none; one with a wrong signature is
// refused even where none is needed.
func (s *server) authenticate(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequest))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, refused(http.StatusRequestEntityTooLarge, ledger.Failure{Code: contracts.EFormat, Field: "body", Reason: ReasonTooLarge})
		}
		return nil, invalid("body", contracts.ReasonEncoding)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.Header.Get(HeaderSignature) == "" && r.Header.Get(HeaderKeyID) == "" {
		return r, nil
	}
	c, err := s.verify(r, body)
	if err != nil {
		return nil, err
	}
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c)), nil
}

// verify checks a signed request, the cheap checks first. The nonce is noted
// last, so that only who holds a key can fill the memory for nonces.
func (s *server) verify(r *http.Request, body []byte) (*caller, error) {
	denied := func(header, reason string) *Problem {
		return refused(http.StatusForbidden, ledger.Failure{Code: contracts.ESignature, Field: "header." + header, Reason: reason})
	}
	signed, signature, at, err := readSigned(r, body)
	if err != nil {
		var h *headerError
		if errors.As(err, &h) {
			return nil, denied(h.header, h.reason)
		}
		return nil, err
	}
	now := s.Clock()
	if skew := at.Sub(now); skew > SignatureWindow || skew < -SignatureWindow {
		p := denied(HeaderTimestamp, ReasonClock)
		told := fmt.Sprintf("%s (%+d s)", now.In(shanghai).Format(time.RFC3339), int64(skew/time.Second))
		p.Detail += " This node's time and your difference: " + told + "."
		p.MessageZH += "本节点时间及偏差：" + told + "。"
		return nil, p
	}
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	c, err := v.callerWithKey(signed.KeyID)
	if err != nil {
		return nil, err
	}
	suite := s.Trust.Suite
	if c == nil || algorithmName(c.person.Key.Algorithm) != signed.Algorithm || !suite.Verify(c.person.Key, signed.Bytes(), signature) {
		return nil, denied(HeaderSignature, ReasonSignature)
	}
	// A submission may come again for ever and gets the same answer: its client
	// reference, not the nonce, keeps it from happening twice.
	if r.Method == http.MethodPost && r.URL.Path == pathTransactions {
		return c, nil
	}
	fresh, full := s.nonces.use(signed.KeyID, signed.Nonce, now)
	switch {
	case full:
		return nil, fmt.Errorf("note nonce: %w", ledger.ErrBusy)
	case !fresh:
		return nil, denied(HeaderNonce, ReasonReplay)
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
	if ok, err := v.load(contracts.PersonKey(id), &c.person); err != nil || !ok || c.person.RevokedAt != 0 {
		return nil, err
	}
	if ok, err := v.load(contracts.PartyKey(c.person.Organisation), &c.party); err != nil || !ok || c.party.Status != contracts.PartyActive {
		return nil, err
	}
	return &c, nil
}

// maxKeyID is the length of the longest text form of a key, "ed25519:" or
// "sm2:" and two digits a byte.
const maxKeyID = 8 + 2*33
