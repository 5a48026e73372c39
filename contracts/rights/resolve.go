// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// Canonical gives the number space and canonical number of a right from a type,
// which is a right code or PATENT, and any spelling of its number. Errors are
// *identifier.Error.
func Canonical(rightType, number string, asOf identifier.Date) (identifier.Space, string, error) {
	if rightType == string(identifier.PatentSpace) {
		p, err := identifier.PatentNumber(number, asOf)
		return identifier.PatentSpace, p.Canonical, err
	}
	return identifier.RightNumber(identifier.RightType(rightType), number, asOf)
}

// halfWidth folds the full-width letters, digits and signs, a colon among them,
// that a Chinese keyboard gives.
func halfWidth(c rune) rune {
	if c >= 0xff01 && c <= 0xff5e {
		return c - 0xff01 + '!'
	}
	return c
}

// claimed is how a Claim begins: what of it says which right it is.
type claimed struct {
	RightID string           `cbor:"1,keyasint"`
	Space   identifier.Space `cbor:"2,keyasint"`
	Number  string           `cbor:"3,keyasint"`
}

// Resolve finds the state key of a right's public record from a reference: a
// right id, "TYPE:number" with TYPE a right code or PATENT, or a patent number
// alone. Every spelling of one right gives the same key. get reads the state and
// is asked for right ids only; whether the record exists is not looked at.
func Resolve(get func(key string) ([]byte, bool), ref string, asOf identifier.Date) (key string, failure *ledger.Failure) {
	ref = strings.TrimSpace(strings.Map(halfWidth, ref))
	if id, err := identifier.PlatformNumber(ref); err == nil && id.Kind == identifier.RightRecord {
		raw, _ := get(ClaimKey(id.Canonical))
		c, err := ledger.DecodeFirst[claimed](raw)
		if err != nil {
			return "", &ledger.Failure{Code: contracts.ENotFound, Subject: id.Canonical}
		}
		return RecordKey(c.Space, c.Number), nil
	}
	rightType, number := string(identifier.PatentSpace), ref
	switch before, after, typed := strings.Cut(ref, ":"); {
	case typed:
		rightType, number = strings.ToUpper(strings.TrimSpace(before)), after
	case strings.HasPrefix(strings.ToUpper(ref), string(identifier.RightRecord)+"-"):
		_, err := identifier.PlatformNumber(ref)
		f := contracts.IdentifierFailure(err, "")
		return "", &f
	}
	space, canonical, err := Canonical(rightType, number, asOf)
	if err != nil {
		f := contracts.IdentifierFailure(err, "")
		return "", &f
	}
	return RecordKey(space, canonical), nil
}
