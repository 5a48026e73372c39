// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A Certificate is the ledger's own number for one version of a pledge's registration,
// or for its end. What it certifies is the public record as its transaction left it. It
// is superseded once the record of the pledge has another.
type Certificate struct {
	CertificateNo string      `cbor:"1,keyasint" json:"certificate_no"`
	PledgeNo      string      `cbor:"2,keyasint" json:"pledge_no"`
	Version       uint64      `cbor:"3,keyasint" json:"version"`
	IssuedAt      int64       `cbor:"4,keyasint" json:"issued_at"` // block time
	Transaction   ledger.Hash `cbor:"5,keyasint" json:"transaction"`
}

// CertificateKey is the state key of a certificate.
func CertificateKey(number string) string { return "certificates/" + number }

// certify issues a certificate of what a record says from now on.
func certify(v *contracts.View, record *Record) *contracts.Refusal {
	number, refusal := v.NextNumber(identifier.CertificateRecord, contracts.AreaOf(record.PledgeNo))
	if refusal.Refuses() {
		return refusal
	}
	record.CertificateNo = number
	contracts.Store(v, CertificateKey(number), Certificate{
		CertificateNo: number, PledgeNo: record.PledgeNo, Version: record.Version, IssuedAt: v.Time(), Transaction: v.Transaction(),
	})
	return nil
}
