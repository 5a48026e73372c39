// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// The readers of what clients send. They and the types' tags, which the OpenAPI
// document is made from, say the same: TestBodiesAreReadAsDocumented.

func readSubmission(r *jsonReader) (in Submission) {
	r.object([]string{"body", "signatures"}, func(name string) bool {
		switch name {
		case "body":
			in.Body = r.base64(ledger.MaxBody)
		case "signatures":
			r.list(1, ledger.MaxSigners, func() { in.Signatures = append(in.Signatures, readSignature(r)) })
		default:
			return false
		}
		return true
	})
	return in
}

func readSignature(r *jsonReader) (s SubmitSignature) {
	r.object([]string{"public_key", "signature"}, func(name string) bool {
		switch name {
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
	r.object([]string{"contract", "method", "args"}, func(name string) bool {
		switch name {
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
			r.list(0, ledger.MaxSigners, func() { in.Signers = append(in.Signers, readSigner(r)) })
		case "commitments":
			r.list(0, ledger.MaxSigners, func() { in.Commitments = append(in.Commitments, r.chars(64)) })
		default:
			return false
		}
		return true
	})
	return in
}

func readSigner(r *jsonReader) (s DraftSigner) {
	r.object([]string{"organisation", "role", "public_key"}, func(name string) bool {
		switch name {
		case "organisation":
			s.Organisation = r.chars(64)
		case "role":
			s.Role = r.chars(32)
		case "alg":
			s.Alg = r.chars(16)
		case "public_key":
			if text := r.chars(maxKeyText); text != "" && s.PublicKey.UnmarshalText([]byte(text)) != nil {
				r.fail(contracts.ReasonValue)
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
	t, ok := r.take(jsontext.KindString, jsontext.KindNumber)
	if !ok {
		return nil
	}
	m := new(Moment)
	if m.read(t.String()) != nil {
		r.fail(contracts.ReasonValue)
	}
	return m
}

// maxKeyText bounds the text form of a key, with which clients are not strict.
const maxKeyText = 80
