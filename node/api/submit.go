// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func (s *server) submit(r *http.Request, in Submission) (*written, error) {
	wait := defaultWait
	if r.URL.RawQuery != "" {
		var err error
		if wait, err = parseWait(parameter(r.URL.RawQuery, "timeout")); err != nil {
			return nil, err
		}
	}
	tx, err := assemble(s.Trust.Network, in)
	if err != nil {
		return nil, err
	}
	organisation := callerOf(r.Context()).party.PartyID
	if err := s.slots.enter(organisation); err != nil {
		return nil, err
	}
	defer s.slots.leave(organisation)
	out, err := s.outcomeWithin(r.Context(), tx, wait)
	if err != nil {
		return nil, err
	}
	answer := &written{
		status: http.StatusOK, LedgerHeaders: s.headersOfHead(),
		location: pathTransactions + "/" + out.ID.String(), body: out,
	}
	if out.Status == Received || out.Status == Ordered {
		answer.status = http.StatusAccepted
	}
	return answer, nil
}

// takeWithin is how long the node may take to take a transaction, however short
// the wait for its outcome is: one that is about to be taken is not refused.
const takeWithin = 2 * time.Second

// outcomeWithin finds the outcome of a transaction, submits it if it has none,
// and waits. The outcome is looked for first: a transaction that has one is
// never judged again. The wait is that of both together, from now on: a node
// whose stages stand still must not keep its clients for ever.
func (s *server) outcomeWithin(ctx context.Context, tx *ledger.Transaction, wait time.Duration) (Transaction, error) {
	taking, cancel := context.WithTimeout(ctx, max(wait, takeWithin))
	defer cancel()
	var one *waiter
	if wait > 0 {
		one = s.waiting.join(tx.ID(), tx.Body().ValidUntil)
		defer s.waiting.leave(one)
	}
	waiting := taking
	if wait > 0 && wait < takeWithin {
		waiting, cancel = context.WithTimeout(ctx, wait)
		defer cancel()
	}
	end, err := s.findSubmitted(tx)
	if err != nil {
		return Transaction{}, err
	}
	if end == nil {
		if err := s.Node.Submit(taking, tx); err != nil {
			return Transaction{}, fmt.Errorf("submit %v: %w", tx.ID(), err)
		}
		if wait > 0 {
			if end, err = s.waiting.wait(waiting, one); err != nil {
				return Transaction{}, err
			}
		}
	}
	if end != nil {
		return s.ended(tx.ID(), tx.Body(), end)
	}
	out := under(tx.ID(), s.Node.Progress(tx.ID()))
	if out.Status == Unknown {
		out.Status = Received // it was taken; the node may have just passed it on
	}
	return out, nil
}

func parseWait(s string) (time.Duration, error) {
	if s == "" {
		return defaultWait, nil
	}
	wait, err := time.ParseDuration(s)
	if err != nil || wait < 0 || wait > MaxWait {
		return 0, invalid("timeout", contracts.ReasonValue).expect(text{"0s to 60s", "0s 至 60s"})
	}
	return wait, nil
}

// assemble joins a body with its signatures, which come in any order.
func assemble(n ledger.Network, in Submission) (*ledger.Transaction, error) {
	body, err := ledger.DecodeBody(n, in.Body)
	if err != nil {
		return nil, err
	}
	ordered := make([]keys.Signature, len(body.Signers))
	var failures []ledger.Failure
	fail := func(code, field, subject, reason string) {
		failures = append(failures, ledger.Failure{Code: code, Field: field, Subject: subject, Reason: reason})
	}
	for i, sig := range in.Signatures {
		field := func(name string) string { return fmt.Sprintf("signatures[%d].%s", i, name) }
		key := strings.TrimSpace(sig.PublicKey)
		at := slices.IndexFunc(body.Signers, func(s ledger.Signer) bool { return isText(s.Key, key) })
		switch {
		case sig.Alg != "" && sig.Alg != string(n.Suite.Algorithm()) && sig.Alg != algorithmName(n.Suite.Algorithm()):
			fail(contracts.EFormat, field("alg"), printable(sig.Alg), contracts.ReasonAlgorithm)
		case len(sig.Signature) != keys.SignatureSize:
			fail(contracts.EFormat, field("signature"), "", contracts.ReasonLength)
		case at < 0:
			fail(contracts.ESignature, field("public_key"), printable(key), contracts.ReasonUnexpected)
		case ordered[at] != nil:
			fail(contracts.EFormat, field("public_key"), printable(key), contracts.ReasonRepeated)
		default:
			// A body that names a key twice is refused by its contract, not here.
			for place, signer := range body.Signers {
				if signer.Key == body.Signers[at].Key {
					ordered[place] = sig.Signature
				}
			}
		}
	}
	for i, signer := range body.Signers {
		if ordered[i] == nil && len(failures) == 0 {
			fail(contracts.ESignature, "signatures", signer.Organisation+"/"+signer.Role, contracts.ReasonMissingRole)
		}
	}
	if len(failures) > 0 {
		return nil, refused(http.StatusBadRequest, failures...)
	}
	return ledger.JoinTransaction(n, in.Body, body, ordered)
}

// isText tells whether a text is that of a key, with its algorithm or without.
func isText(key keys.PublicKey, text string) bool {
	if name, digits, ok := strings.Cut(text, ":"); ok {
		if name != string(key.Algorithm) {
			return false
		}
		text = digits
	}
	if len(text) != 2*len(key.Bytes) {
		return false
	}
	const digits = "0123456789abcdef"
	for i := range len(key.Bytes) {
		if b := key.Bytes[i]; text[2*i] != digits[b>>4] || text[2*i+1] != digits[b&15] {
			return false
		}
	}
	return true
}
