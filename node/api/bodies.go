// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// The readers of what clients send. They and the types' tags, which the OpenAPI
// document is made from, say the same: TestBodiesAreReadAsDocumented.

func readSubmission(r *jsonReader) (in Submission) {
	r.object([]string{"body", "signatures"}, func(name []byte) bool {
		switch string(name) {
		case "body":
			in.Body = r.base64(ledger.MaxBody)
		case "signatures":
			r.list(1, ledger.MaxSigners, func(int) { in.Signatures = append(in.Signatures, readSignature(r)) })
		default:
			return false
		}
		return true
	})
	return in
}

func readSignature(r *jsonReader) (s SubmitSignature) {
	r.object([]string{"public_key", "signature"}, func(name []byte) bool {
		switch string(name) {
		case "alg":
			s.Alg = r.chars(16)
		case "public_key":
			s.PublicKey = r.chars(maxKeyText)
		case "signature":
			s.Signature = r.base64(keys.SignatureSize)
		default:
			return false
		}
		return true
	})
	return s
}

func readDraft(r *jsonReader) (in DraftRequest) {
	r.object([]string{"contract", "method", "args"}, func(name []byte) bool {
		switch string(name) {
		case "contract":
			in.Contract = r.chars(32)
		case "version":
			in.Version = r.integer()
		case "method":
			in.Method = r.chars(32)
		case "args":
			in.Args = r.raw()
		case "actor":
			in.Actor = r.chars(64)
		case "client_ref":
			in.ClientRef = r.chars(64)
		case "valid_until":
			in.ValidUntil = readMoment(r)
		case "signers":
			r.list(0, ledger.MaxSigners, func(int) { in.Signers = append(in.Signers, readSigner(r)) })
		case "commitments":
			r.list(0, ledger.MaxSigners, func(int) { in.Commitments = append(in.Commitments, r.chars(64)) })
		default:
			return false
		}
		return true
	})
	return in
}

func readSigner(r *jsonReader) (s DraftSigner) {
	r.object([]string{"organisation", "role", "public_key"}, func(name []byte) bool {
		switch string(name) {
		case "organisation":
			s.Organisation = r.chars(64)
		case "role":
			s.Role = r.chars(32)
		case "alg":
			s.Alg = r.chars(16)
		case "public_key":
			if text := r.value(maxKeyText); text != nil && s.PublicKey.UnmarshalText(text) != nil {
				r.fail(contracts.ReasonValue, "")
			}
		default:
			return false
		}
		return true
	})
	return s
}

// readMoment reads a time in either of its forms.
func readMoment(r *jsonReader) *Moment {
	text := r.raw()
	if r.isNumberOrText(text) {
		m := new(Moment)
		if err := m.UnmarshalJSON(text); err == nil {
			return m
		}
		r.fail(contracts.ReasonValue, "")
	}
	return nil
}

// isNumberOrText tells whether a value that was read is one, and fails if not.
func (r *jsonReader) isNumberOrText(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	if c := text[0]; c == '"' || c == '-' || c >= '0' && c <= '9' {
		return true
	}
	r.fail(contracts.ReasonType, "")
	return false
}

// maxKeyText bounds the text form of a key, with which clients are not strict.
const maxKeyText = 80
