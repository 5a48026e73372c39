// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package corrections

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A Review keeps the marks of one entry: when the members doubted it, and what they found.
type Review struct {
	Transaction ledger.Hash `cbor:"1,keyasint" json:"transaction"`
	Marks       []Mark      `cbor:"2,keyasint" json:"marks"` // the oldest first
}

// A Mark says why an entry is under review, or was.
type Mark struct {
	Since    int64        `cbor:"1,keyasint" json:"since"`       // block time, ms since 1970 UTC
	Proposal ledger.Hash  `cbor:"2,keyasint" json:"proposal_id"` // that decided it
	Reason   string       `cbor:"3,keyasint" json:"reason"`
	Person   string       `cbor:"4,keyasint,omitempty" json:"person,omitempty"` // pseudonym of whose key is in doubt
	Document *ledger.Hash `cbor:"5,keyasint,omitempty" json:"document,omitempty"`
	EndedAt  int64        `cbor:"6,keyasint,omitempty" json:"ended_at,omitempty"`
	EndedBy  *ledger.Hash `cbor:"7,keyasint,omitempty" json:"ended_by,omitempty"` // the proposal that ended it
	Outcome  string       `cbor:"8,keyasint,omitempty" json:"outcome,omitempty"`
}

// What a review has found.
const (
	Confirmed = "CONFIRMED" // the entry holds
	Corrected = "CORRECTED" // it was put right by an entry of its own
)

// Open tells whether the entry is under review.
func (r Review) Open() bool { return len(r.Marks) > 0 && r.Marks[len(r.Marks)-1].EndedAt == 0 }

// maxMarks bounds the marks of one entry.
const maxMarks = 16

// ReviewKey is the state key of the review of the entry of a transaction.
func ReviewKey(transaction ledger.Hash) string { return "reviews/" + transaction.String() }

// ReviewArgs are the arguments of corrections.review.
type ReviewArgs struct {
	Transactions []ledger.Hash `cbor:"1,keyasint" json:"transactions" schema:"items=64"` // of the entries
	Person       string        `cbor:"2,keyasint,omitempty" json:"person,omitempty" schema:"max=64"`
	Reason       string        `cbor:"3,keyasint" json:"reason" schema:"max=512"`
	Document     *ledger.Hash  `cbor:"4,keyasint,omitempty" json:"document,omitempty"`
}

// EndReviewArgs are the arguments of corrections.end_review.
type EndReviewArgs struct {
	Transactions []ledger.Hash `cbor:"1,keyasint" json:"transactions" schema:"items=64"`
	Outcome      string        `cbor:"2,keyasint" json:"outcome" schema:"enum=CONFIRMED|CORRECTED"`
}

// ReviewResult says how many entries were marked, or of how many the mark was ended.
type ReviewResult struct {
	Entries uint64 `cbor:"1,keyasint" json:"entries"`
}

// review marks entries whose truth the members doubt. The entries stay as they are, and
// so does what follows from them: a mark decides nothing. That there are such
// transactions no contract can know, since blocks are not in the state; what the members
// mark is on the paper that they vote on.
func review(v *contracts.View, args ReviewArgs) (ReviewResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	checkEntries(args.Transactions, r)
	checkWords("reason", args.Reason, args.Document, r)
	if args.Person != "" {
		if _, ok := contracts.Load[contracts.Person](v, contracts.PersonKey(args.Person)); !ok {
			r.Add(ledger.Failure{Code: contracts.ENotFound, Field: "person", Subject: args.Person})
		}
	}
	mark := Mark{Since: v.Time(), Proposal: v.Mandate(), Reason: args.Reason, Person: args.Person, Document: args.Document}
	return eachReview(v, args.Transactions, "entry.under_review", r, func(review *Review) *ledger.Failure {
		switch {
		case review.Open():
			return &ledger.Failure{Code: contracts.EState, Field: "transactions", Subject: review.Transaction.String(), Reason: contracts.ReasonUnderReview}
		case len(review.Marks) >= maxMarks:
			return &ledger.Failure{Code: contracts.EState, Field: "transactions", Subject: review.Transaction.String(), Reason: contracts.ReasonLength}
		}
		review.Marks = append(review.Marks, mark)
		return nil
	})
}

// endReview says what the members have found: the entries hold, or were corrected.
func endReview(v *contracts.View, args EndReviewArgs) (ReviewResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	checkEntries(args.Transactions, r)
	by := v.Mandate()
	return eachReview(v, args.Transactions, "entry.review_ended", r, func(review *Review) *ledger.Failure {
		if !review.Open() {
			return &ledger.Failure{Code: contracts.EState, Field: "transactions", Subject: review.Transaction.String(), Reason: contracts.ReasonNotFlagged}
		}
		mark := &review.Marks[len(review.Marks)-1]
		mark.EndedAt, mark.EndedBy, mark.Outcome = v.Time(), &by, args.Outcome
		return nil
	})
}

// checkEntries checks a list of transactions: each once, and one at least.
func checkEntries(list []ledger.Hash, r *contracts.Refusal) {
	if len(list) == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "transactions", Reason: contracts.ReasonEmpty})
	}
	for i, id := range list {
		switch {
		case id.IsZero():
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "transactions", Reason: contracts.ReasonValue})
		case slices.Contains(list[:i], id):
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "transactions", Subject: id.String(), Reason: contracts.ReasonRepeated})
		}
	}
}

// eachReview changes the reviews of entries, of all or, if it is refused for one, of none.
func eachReview(v *contracts.View, list []ledger.Hash, event string, r *contracts.Refusal, change func(*Review) *ledger.Failure) (ReviewResult, *contracts.Refusal) {
	var changed []Review
	for _, id := range list {
		review, _ := contracts.Load[Review](v, ReviewKey(id))
		review.Transaction = id
		review.Marks = slices.Clone(review.Marks)
		if f := change(&review); f != nil {
			r.Add(*f)
		}
		changed = append(changed, review)
	}
	if r.Refuses() {
		return ReviewResult{}, r
	}
	for _, review := range changed {
		contracts.Store(v, ReviewKey(review.Transaction), review)
		v.Emit(event, review.Transaction.String())
	}
	return ReviewResult{Entries: uint64(len(changed))}, nil
}
