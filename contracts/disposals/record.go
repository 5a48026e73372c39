// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// State is where a disposal is.
type State string

// The states.
const (
	Listed  State = "LISTED"
	Failed  State = "FAILED" // its last round
	Sold    State = "SOLD"
	Settled State = "SETTLED"
	Stopped State = "STOPPED"
)

// Open tells whether a disposal of this state may still end in a sale.
func (s State) Open() bool { return s == Listed || s == Failed || s == Sold }

// Kinds of rounds. SetOff is no round: it is how a sale comes about after a failed one.
const (
	Auction   = "AUCTION"
	SellOff   = "SELL_OFF"
	Agreement = "AGREEMENT"
	SetOff    = "SET_OFF"
)

// A Record is the public record of a disposal. Times are ms since 1970 UTC.
type Record struct {
	DisposalNo     string           `cbor:"1,keyasint" json:"disposal_no"`
	PledgeNo       string           `cbor:"2,keyasint" json:"pledge_no"`
	Venue          string           `cbor:"3,keyasint" json:"venue"` // party id of the exchange or court that keeps it
	Route          string           `cbor:"4,keyasint" json:"route"` // of the enforcement
	State          State            `cbor:"5,keyasint" json:"state"` // as the last transaction left it, see StateIn
	Rights         []Right          `cbor:"6,keyasint" json:"rights"`
	Currency       string           `cbor:"7,keyasint" json:"currency"`
	ReferencePrice contracts.Amount `cbor:"8,keyasint" json:"reference_price"`
	Valuation      *ledger.Hash     `cbor:"9,keyasint,omitempty" json:"valuation,omitempty"` // behind the reference price, kept off the ledger
	Rounds         []Round          `cbor:"10,keyasint" json:"rounds"`                       // the first one first
	EnforcedSince  int64            `cbor:"11,keyasint" json:"enforced_since"`               // block time: which enforcement of the pledge it belongs to
	Manner         string           `cbor:"12,keyasint,omitempty" json:"manner,omitempty"`   // of the sale: the kind of its round, or SET_OFF
	Price          contracts.Amount `cbor:"13,keyasint,omitempty" json:"price,omitempty"`
	SoldAt         int64            `cbor:"14,keyasint,omitempty" json:"sold_at,omitempty"`     // block time
	SettledAt      int64            `cbor:"15,keyasint,omitempty" json:"settled_at,omitempty"`  // block time
	StoppedAt      int64            `cbor:"16,keyasint,omitempty" json:"stopped_at,omitempty"`  // block time
	Reason         string           `cbor:"17,keyasint,omitempty" json:"stop_reason,omitempty"` // in words
}

// A Right names one right that is sold.
type Right struct {
	RightID string               `cbor:"1,keyasint" json:"right_id"`
	Type    identifier.RightType `cbor:"2,keyasint" json:"type"`
	Number  string               `cbor:"3,keyasint" json:"number"` // canonical
}

// Key is the state key of the right's record.
func (r Right) Key() string {
	space, _ := r.Type.Space()
	return rights.RecordKey(space, r.Number)
}

// A Round is one time that the rights were listed.
type Round struct {
	Kind         string           `cbor:"1,keyasint" json:"kind"` // AUCTION, SELL_OFF or AGREEMENT
	ReservePrice contracts.Amount `cbor:"2,keyasint" json:"reserve_price"`
	OpensAt      int64            `cbor:"3,keyasint,omitempty" json:"opens_at,omitempty"`
	ClosesAt     int64            `cbor:"4,keyasint,omitempty" json:"closes_at,omitempty"` // exclusive
	ListedAt     int64            `cbor:"5,keyasint" json:"listed_at"`                     // block time
	Bids         uint64           `cbor:"6,keyasint,omitempty" json:"bids,omitempty"`      // of the reserve price or more
	FailedAt     int64            `cbor:"7,keyasint,omitempty" json:"failed_at,omitempty"` // block time
}

// Round is the newest round.
func (r Record) Round() Round { return r.Rounds[len(r.Rounds)-1] }

// change gives the record with its newest round changed.
func (r Record) change(edit func(round *Round)) Record {
	r.Rounds = slices.Clone(r.Rounds)
	edit(&r.Rounds[len(r.Rounds)-1])
	return r
}

// StateIn is the disposal's state, given that of its pledge and the pledge's newest
// enforcement: one that is open is stopped once the enforcement has ended. That is
// computed, since nobody needs to act for it.
func (r Record) StateIn(pledge pledges.State, e *pledges.Enforcement) State {
	enforced := pledge == pledges.Enforcing && e != nil && e.EndedAt == 0 && e.StartedAt == r.EnforcedSince
	if r.State.Open() && !enforced {
		return Stopped
	}
	return r.State
}

// StoredAs lists, in order, the states that a record may hold of a disposal whose state
// at some time is the one given; none for the empty one.
func StoredAs(s State) []State {
	switch s {
	case "":
		return nil
	case Stopped:
		return []State{Failed, Listed, Sold, Stopped}
	}
	return []State{s}
}

// A File is the record of a disposal for its parties.
type File struct {
	DisposalNo string   `cbor:"1,keyasint" json:"disposal_no"`
	Pledgors   []string `cbor:"2,keyasint" json:"pledgors"`                   // party ids, when it was listed first
	Pledgees   []string `cbor:"3,keyasint" json:"pledgees"`                   // party ids, likewise
	Buyers     []string `cbor:"4,keyasint,omitempty" json:"buyers,omitempty"` // party ids, sorted
	Outsiders  []string `cbor:"5,keyasint,omitempty" json:"outside_buyers,omitempty"`
	Steps      []Step   `cbor:"6,keyasint" json:"steps"` // the oldest first; bids are counted only
}

// A Step is one thing that happened to a disposal.
type Step struct {
	State       State       `cbor:"1,keyasint" json:"state"` // after it
	Method      string      `cbor:"2,keyasint" json:"method"`
	Time        int64       `cbor:"3,keyasint" json:"time"`
	Transaction ledger.Hash `cbor:"4,keyasint" json:"transaction"`
	Actor       string      `cbor:"5,keyasint" json:"actor"`
	Persons     []string    `cbor:"6,keyasint" json:"persons"`    // who signed, by pseudonym
	SignedFor   []string    `cbor:"7,keyasint" json:"signed_for"` // the organisation each of them signed for
}

// RecordKey is the state key of a disposal's public record.
func RecordKey(disposalNo string) string { return "disposals/" + disposalNo }

// FileKey is the state key of a disposal's file.
func FileKey(disposalNo string) string { return "disposal_files/" + disposalNo }

// newestKey is the state key of the number of a right's newest disposal; key is that of
// the right's record.
func newestKey(key string) string { return "disposal_" + key }

// Names gives the organisations that a disposal names, by its number.
func Names(v *contracts.View, disposalNo string) (parties []string, found bool) {
	r, found := contracts.Load[Record](v, RecordKey(disposalNo))
	f, _ := contracts.Load[File](v, FileKey(disposalNo))
	return slices.Concat([]string{r.Venue}, f.Pledgors, f.Pledgees, f.Buyers), found
}
