// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package corrections

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// AnnotateArgs are the arguments of corrections.annotate.
type AnnotateArgs struct {
	Subject     string       `cbor:"1,keyasint" json:"subject" schema:"format=platform_number"` // of a pledge, right or freeze
	Transaction ledger.Hash  `cbor:"2,keyasint" json:"transaction" schema:"alias=corrects"`     // of the entry
	Text        string       `cbor:"3,keyasint" json:"text" schema:"max=512"`
	Document    *ledger.Hash `cbor:"4,keyasint,omitempty" json:"document,omitempty"` // of a paper kept off the ledger
}

// CorrectArgs are the arguments of corrections.correct_error: what the entry should have
// said. Of an event of a right fact_time or annulled, of an order of a freeze received_at
// and until, of the registration of a pledge statutory_no, statutory_time and
// registration_end, of its cancellation cancellation_time or annulled. What was sealed with an entry of a pledge, an amount or a term, is put
// right by the commitment of another sealed part in the body.
type CorrectArgs struct {
	Subject     string       `cbor:"1,keyasint" json:"subject" schema:"format=platform_number"`
	Transaction ledger.Hash  `cbor:"2,keyasint" json:"transaction" schema:"alias=corrects"`
	Reason      string       `cbor:"3,keyasint" json:"reason" schema:"max=512"`
	Document    *ledger.Hash `cbor:"4,keyasint,omitempty" json:"document,omitempty"`
	FactTime    int64        `cbor:"5,keyasint,omitempty" json:"fact_time,omitempty"` // ms since 1970 UTC
	Annulled    bool         `cbor:"6,keyasint,omitempty" json:"annulled,omitempty"`  // it did not happen
	ReceivedAt  int64        `cbor:"7,keyasint,omitempty" json:"received_at,omitempty"`
	Until       string       `cbor:"8,keyasint,omitempty" json:"until,omitempty" schema:"format=date"`

	StatutoryNo     string `cbor:"9,keyasint,omitempty" json:"statutory_no,omitempty" schema:"max=64"`
	StatutoryTime   int64  `cbor:"10,keyasint,omitempty" json:"statutory_time,omitempty"`
	RegistrationEnd string `cbor:"11,keyasint,omitempty" json:"registration_end,omitempty" schema:"format=date"`

	CancellationTime int64 `cbor:"12,keyasint,omitempty" json:"cancellation_time,omitempty"`
}

// Result names what an annotation or correction is about, and its place there.
type Result struct {
	Subject  string      `cbor:"1,keyasint" json:"subject"`
	Corrects ledger.Hash `cbor:"2,keyasint" json:"corrects"`
	Seq      uint64      `cbor:"3,keyasint" json:"seq"`
}

func annotate(v *contracts.View, args AnnotateArgs) (Result, *contracts.Refusal) {
	e, refusal := find(v, args.Subject, args.Transaction)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	e.signed(v, r)
	checkWords("text", args.Text, args.Document, r)
	if r.Refuses() {
		return Result{}, r
	}
	return keep(v, e, Record{Kind: Annotation, Text: args.Text, Document: args.Document})
}

func correctError(v *contracts.View, args CorrectArgs) (Result, *contracts.Refusal) {
	e, refusal := find(v, args.Subject, args.Transaction)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	e.signed(v, r)
	checkWords("reason", args.Reason, args.Document, r)
	if e.paper && args.Document == nil {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "document", Reason: contracts.ReasonMissing})
	}
	if e.correct == nil {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: e.subject, Reason: contracts.ReasonUncorrected})
	} else {
		args.checkTaken(e.takes, r)
	}
	if r.Refuses() {
		return Result{}, r
	}
	changes, refusal := e.correct(v, args)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	return keep(v, e, Record{Kind: Correction, Text: args.Reason, Document: args.Document, Changes: changes})
}

// checkWords requires a text, and that a paper, if one is named, has a hash.
func checkWords(field, text string, document *ledger.Hash, r *contracts.Refusal) {
	if text == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonMissing})
	}
	if document != nil && document.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "document", Reason: contracts.ReasonEmpty})
	}
}

// checkTaken refuses arguments that say nothing of such an entry: dropped in silence they
// would be believed to hold.
func (a CorrectArgs) checkTaken(takes []string, r *contracts.Refusal) {
	for _, field := range []struct {
		name  string
		given bool
	}{{"fact_time", a.FactTime != 0}, {"annulled", a.Annulled}, {"received_at", a.ReceivedAt != 0}, {"until", a.Until != ""},
		{"statutory_no", a.StatutoryNo != ""}, {"statutory_time", a.StatutoryTime != 0}, {"registration_end", a.RegistrationEnd != ""},
		{"cancellation_time", a.CancellationTime != 0}} {
		if field.given && !slices.Contains(takes, field.name) {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field.name, Reason: contracts.ReasonUnknown})
		}
	}
}
