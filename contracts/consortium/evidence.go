// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"fmt"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A Record is evidence as the ledger keeps it, for ever. It is public.
type Record struct {
	ID           ledger.Hash         `cbor:"1,keyasint" json:"id"` // of the evidence
	Kind         ledger.EvidenceKind `cbor:"2,keyasint" json:"kind"`
	Set          uint64              `cbor:"3,keyasint" json:"set"`
	Place        uint64              `cbor:"4,keyasint" json:"place"`           // of the offender in the set
	Validator    string              `cbor:"5,keyasint" json:"validator"`       // its name
	Organisation string              `cbor:"6,keyasint" json:"organisation"`    // its party id
	Evidence     []byte              `cbor:"7,keyasint" json:"evidence"`        // encoded ledger.Evidence
	ReportedBy   string              `cbor:"8,keyasint" json:"reported_by"`     // party id
	Height       uint64              `cbor:"9,keyasint" json:"recorded_height"` // of the block of the report
	RecordedAt   int64               `cbor:"10,keyasint" json:"recorded_at"`    // its time, ms since 1970 UTC
}

// MaxOffences bounds the records of one kind against one validator of one set: an
// offender can sign for ever, and that many prove it as well as more would.
const MaxOffences = 16

// EvidencePrefix begins the state keys of all records of evidence.
const EvidencePrefix = "consortium/evidence/"

// offencesPrefix begins those of one kind against one validator of one set.
func offencesPrefix(o ledger.Offence) string {
	return fmt.Sprintf("%s%d/%d/%s/", EvidencePrefix, o.Set, o.Validator, o.Kind)
}

// RecordKey is the state key of the record of an offence.
func RecordKey(o ledger.Offence) string {
	if o.Kind == ledger.DoubleBatch {
		return fmt.Sprintf("%s%d/%d.%d", offencesPrefix(o), o.Round, o.Term, o.Index)
	}
	return fmt.Sprintf("%s%d/%d", offencesPrefix(o), o.Round, o.Height)
}

// IDKey is the state key under which the id of recorded evidence names the key of
// its record.
func IDKey(id ledger.Hash) string { return "consortium/evidence_ids/" + id.String() }

// Room tells whether the state still takes a report of an offence, and why not: the
// reason that a report of it would be refused for, "" if there is none. Whoever
// wants to report asks it before; the method asks it again.
func Room(r contracts.Reader, o ledger.Offence) (reason string, err error) {
	if _, recorded, err := r.Get(RecordKey(o)); err != nil || recorded {
		return contracts.ReasonRecorded, err
	}
	count := 0
	err = r.Iterate(offencesPrefix(o), func(string, []byte) bool {
		count++
		return count < MaxOffences
	})
	if err != nil || count >= MaxOffences {
		return contracts.ReasonEnough, err
	}
	return "", nil
}
