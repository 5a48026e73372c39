// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func (s *server) describeDrafts(a huma.API, mux *http.ServeMux) {
	draft := operation(http.MethodPost, "/v1/drafts", "draftTransaction", "The bytes of a transaction to be signed; nothing is kept", levelMember)
	registerWrite[DraftRequest, Draft](s, mux, a, draft, readDraft, s.draft)
}

func (s *server) draft(r *http.Request, in DraftRequest) (*written, error) {
	c := callerOf(r.Context())
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	rules, _, err := s.rulesAfter(v)
	if err != nil {
		return nil, err
	}
	m, body, err := draftBody(rules, in)
	if err != nil {
		return nil, err
	}
	if body.Actor == "" {
		body.Actor = c.party.PartyID
	}
	var actor contracts.Party
	if ok, err := v.load(contracts.PartyKey(body.Actor), &actor); err != nil {
		return nil, err
	} else if !ok {
		return nil, refused(http.StatusBadRequest, ledger.Failure{
			Code: contracts.ERole, Field: "actor", Subject: printable(body.Actor), Reason: contracts.ReasonParty,
		})
	}
	if body.ClientRef == "" {
		body.ClientRef = randomText()
	}
	if body.ValidUntil == 0 {
		params, err := v.parameters()
		if err != nil {
			return nil, err
		}
		body.ValidUntil = min(s.Clock().Add(defaultValidity).UnixMilli(), v.header.Time+params.Of(contracts.MaxValidity))
	}
	if len(body.Signers) == 0 {
		if err := s.chooseSigners(v, rules, c, m, &body, in.Args); err != nil {
			return nil, err
		}
	}
	if err := s.checkDraft(v, rules, body); err != nil {
		return nil, err
	}
	return &written{status: http.StatusOK, LedgerHeaders: v.headers(), body: newDraft(s.Trust.Network, body)}, nil
}

const defaultValidity = 24 * time.Hour

// draftBody encodes what a request says; the server and the client both do, so
// that the client can compare. What is absent stays absent.
func draftBody(registry *contracts.Registry, in DraftRequest) (contracts.Method, ledger.Body, error) {
	body := ledger.Body{Contract: in.Contract, Version: in.Version, Method: in.Method, Actor: in.Actor, ClientRef: in.ClientRef}
	if body.Version == 0 {
		body.Version = 1
	}
	m, ok := registry.Lookup(body.Contract, body.Version, body.Method)
	if !ok {
		return m, body, refused(http.StatusBadRequest, ledger.Failure{
			Code: contracts.EFormat, Field: "method", Reason: contracts.ReasonMethod,
			Subject: printable(fmt.Sprintf("%s.%s/%d", body.Contract, body.Method, body.Version)),
		})
	}
	args, refusal := m.EncodeArgs(in.Args)
	if refusal.Refuses() {
		return m, body, refused(http.StatusBadRequest, refusal.Failures...)
	}
	body.Args = args
	if in.ValidUntil != nil {
		body.ValidUntil = in.ValidUntil.UnixMilli()
	}
	for i, s := range in.Signers {
		if s.PublicKey.IsZero() {
			return m, body, invalid(fmt.Sprintf("signers[%d].public_key", i), contracts.ReasonMissing)
		}
		body.Signers = append(body.Signers, ledger.Signer{Organisation: s.Organisation, Role: s.Role, Key: s.PublicKey})
	}
	for i, text := range in.Commitments {
		c, err := parseCommitment(text)
		if err != nil {
			return m, body, invalid(fmt.Sprintf("commitments[%d]", i), contracts.ReasonValue)
		}
		body.Commitments = append(body.Commitments, c)
	}
	return m, body, nil
}

// parseCommitment reads 32 bytes in hex or base64, which differ in length.
func parseCommitment(text string) ([]byte, error) {
	var c []byte
	var err error
	if len(text) == 2*keys.HashSize {
		c, err = hex.DecodeString(text)
	} else {
		c, err = base64.StdEncoding.Strict().DecodeString(text)
	}
	if err == nil && len(c) != keys.HashSize {
		err = errors.New("not 32 bytes")
	}
	return c, err
}

// newDraft shows a body as it is to be signed.
func newDraft(n ledger.Network, body ledger.Body) Draft {
	raw := ledger.Encode(body)
	return Draft{ID: n.TransactionID(raw), Body: raw, SignBytes: n.SignBytes(raw), Signers: signersOf(&body)}
}

// unsigned makes a transaction that can be judged and not submitted.
func unsigned(n ledger.Network, body ledger.Body) (*ledger.Transaction, error) {
	return ledger.NewTransaction(n, ledger.Encode(body), make([]keys.Signature, len(body.Signers)))
}

// checkDraft refuses at once what would be refused at submission.
func (s *server) checkDraft(v *view, rules *contracts.Registry, body ledger.Body) error {
	tx, err := unsigned(s.Trust.Network, body)
	if err != nil {
		return err
	}
	refusal, err := contracts.CheckIntake(rules, v, s.blockAfter(v), tx)
	if err != nil {
		return err
	}
	if refusal.Refuses() {
		return refusal
	}
	return nil
}

// rulesAfter gives the methods in force for the block after the view's, with their
// execution version.
func (s *server) rulesAfter(v *view) (*contracts.Registry, uint64, error) {
	version, rules, err := s.Versions.At(v, v.header.Height+1)
	if err == nil && rules == nil {
		err = (&Held{Reason: ReasonRules}).Problem()
	}
	return rules, version, err
}

func (s *server) blockAfter(v *view) contracts.Block {
	return contracts.Block{Network: s.Trust.Network, Height: v.header.Height + 1, Time: v.header.Time}
}

// failures executes a draft over the state and tells which rules it breaks.
// Nothing is kept; execution does not look at signatures, only at who is named.
func (s *server) failures(v *view, rules *contracts.Registry, body ledger.Body) ([]ledger.Failure, error) {
	tx, err := unsigned(s.Trust.Network, body)
	if err != nil {
		return nil, err
	}
	outcomes, _, err := contracts.Execute(rules, v, s.blockAfter(v), []*ledger.Transaction{tx})
	if err != nil {
		return nil, err
	}
	return outcomes[0].Details, nil
}

// argument reads one text field of arguments in JSON, "" if it has none.
func argument(args json.RawMessage, field string) string {
	var fields map[string]json.RawMessage
	var text string
	if json.Unmarshal(args, &fields) != nil || json.Unmarshal(fields[field], &text) != nil {
		return ""
	}
	return text
}
