// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package corrections

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A Record is one annotation or correction, kept for ever.
type Record struct {
	Seq         uint64        `cbor:"1,keyasint" json:"seq"` // of those about this entry, from 1
	Subject     string        `cbor:"2,keyasint" json:"subject"`
	Corrects    ledger.Hash   `cbor:"3,keyasint" json:"corrects"` // transaction of the entry that it is about
	Kind        string        `cbor:"4,keyasint" json:"kind"`
	Text        string        `cbor:"5,keyasint" json:"text"` // of a correction, the reason
	Document    *ledger.Hash  `cbor:"6,keyasint,omitempty" json:"document,omitempty"`
	Changes     []rights.Move `cbor:"7,keyasint,omitempty" json:"changes,omitempty"`
	Actor       string        `cbor:"8,keyasint" json:"actor"`      // party id
	SignedFor   []string      `cbor:"9,keyasint" json:"signed_for"` // party ids, sorted, the actor's too
	Time        int64         `cbor:"10,keyasint" json:"time"`      // of the block, ms since 1970 UTC
	Transaction ledger.Hash   `cbor:"11,keyasint" json:"transaction"`
}

// The kinds of records.
const (
	Annotation = "ANNOTATION"
	Correction = "CORRECTION"
)

// maxRecords bounds the records about one entry.
const maxRecords = 100

// RecordKey is the state key of a record about the entry of a transaction.
func RecordKey(entry ledger.Hash, seq uint64) string {
	return fmt.Sprintf("%s%06d", RecordPrefix(entry), seq)
}

// RecordPrefix begins the state keys of all records about the entry of a transaction.
func RecordPrefix(entry ledger.Hash) string { return "corrections/" + entry.String() + "/" }

// KeyOf is the state key under which a transaction names the key of the record that it
// made.
func KeyOf(transaction ledger.Hash) string { return "correction_keys/" + transaction.String() }

// Terms gives the term by which a record is found. Only members are shown what is found.
var Terms = contracts.TermsOf(func(r Record) []string { return []string{SubjectTerm(r.Subject)} })

// SubjectTerm is the term of the records about the entries of a pledge, right or freeze.
func SubjectTerm(number string) string { return "corrections/subject/" + number }

// keep writes a record about an entry.
func keep(v *contracts.View, e entry, record Record) (Result, *contracts.Refusal) {
	v.Iterate(RecordPrefix(e.transaction), func(string, []byte) bool { record.Seq++; return true })
	if record.Seq >= maxRecords {
		return Result{}, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: e.subject, Reason: contracts.ReasonLength})
	}
	record.Seq++
	record.Subject, record.Corrects = e.subject, e.transaction
	record.Actor, record.Time, record.Transaction = v.Actor(), v.Time(), v.Transaction()
	for _, s := range v.Signers() {
		record.SignedFor = append(record.SignedFor, s.Organisation)
	}
	slices.Sort(record.SignedFor)
	record.SignedFor = slices.Compact(record.SignedFor)
	key := RecordKey(e.transaction, record.Seq)
	contracts.Store(v, key, record)
	contracts.Store(v, KeyOf(record.Transaction), key)
	kind := "entry.annotated"
	if record.Kind == Correction {
		kind = "entry.corrected"
	}
	v.Emit(kind, e.subject)
	return Result{Subject: e.subject, Corrects: e.transaction, Seq: record.Seq}, nil
}
