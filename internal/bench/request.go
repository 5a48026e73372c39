// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A person holds a key that is enrolled, or is being enrolled, for an
// organisation.
type person struct {
	organisation string
	key          keys.PrivateKey
}

// A signature is one that a transaction needs: of whom, in which role.
type signature struct {
	by   person
	role string
}

// A call is a transaction before it is signed. The actor is the organisation of
// its first signer, who also signs the request.
type call struct {
	contract, method string
	args             any // as the contract's own type
	ref              string
	signers          []signature
	commitment       *ledger.Hash
}

// A request is a signed transaction as the bytes of a signed HTTP request, ready
// to be written to a connection of any node.
type request struct {
	id       ledger.Hash
	raw      []byte
	body     int // where the body begins in raw
	size     int // of the transaction as it is ordered, in bytes
	by       person
	signedAt time.Time // the request, which is valid for api.SignatureWindow
	forged   bool      // a signature of the transaction is wrong
	number   string    // of the patent that is claimed, "" if none is
}

// validity is how long a transaction may take to become FINAL.
const validity = 24 * time.Hour

// wait is how long a node is asked to wait for the outcome.
const wait = 30 * time.Second

// sign makes the request of a call. With forged the first signature of the
// transaction is altered; the request's own signature is good.
func (c call) sign(n ledger.Network, now time.Time, forged bool) (*request, error) {
	body := ledger.Body{
		Contract: c.contract, Version: 1, Method: c.method, Args: ledger.Encode(c.args),
		Actor: c.signers[0].by.organisation, ClientRef: c.ref, ValidUntil: now.Add(validity).UnixMilli(),
	}
	if c.commitment != nil {
		body.Commitments = [][]byte{c.commitment[:]}
	}
	for _, s := range c.signers {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: s.by.organisation, Role: s.role, Key: s.by.key.Public()})
	}
	raw := ledger.Encode(body)
	message := n.SignBytes(raw)
	submission := api.Submission{Body: raw}
	signatures := make([]keys.Signature, len(c.signers))
	for i, s := range c.signers {
		var err error
		if signatures[i], err = s.by.key.Sign(message); err != nil {
			return nil, fmt.Errorf("sign %s.%s: %w", c.contract, c.method, err)
		}
		if forged && i == 0 {
			signatures[i][len(signatures[i])-1] ^= 1
		}
		submission.Signatures = append(submission.Signatures, api.SubmitSignature{PublicKey: s.by.key.Public().String(), Signature: signatures[i]})
	}
	tx, err := ledger.NewTransaction(n, raw, signatures)
	if err != nil {
		return nil, fmt.Errorf("sign %s.%s: %w", c.contract, c.method, err)
	}
	text, err := json.Marshal(submission)
	if err != nil {
		return nil, fmt.Errorf("sign %s.%s: %w", c.contract, c.method, err)
	}
	r := &request{id: tx.ID(), size: len(tx.Bytes()), by: c.signers[0].by, forged: forged}
	return r, r.seal(text, now)
}

// seal signs the HTTP request that carries body. The host it names is nobody's:
// the signature does not cover it, and so the request fits every node.
func (r *request) seal(body []byte, now time.Time) error {
	h, err := http.NewRequest(http.MethodPost, "http://ipledger/v1/transactions?timeout="+wait.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	h.Header.Set("Content-Type", "application/json")
	h.Header.Set("Accept", "application/json")
	if err := api.SignRequest(h, body, r.by.key, now, ""); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := h.Write(&out); err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	r.raw, r.body, r.signedAt = bytes.Clone(out.Bytes()), out.Len()-len(body), now
	return nil
}

// renew signs the HTTP request again. The transaction stays the same.
func (r *request) renew(now time.Time) error { return r.seal(r.raw[r.body:], now) }
