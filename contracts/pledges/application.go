// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// Kinds of a pledge: for one claim, or for those of a period up to a maximum (Civil
// Code, articles 420 and 439).
const (
	Ordinary  = "ORDINARY"
	MaxAmount = "MAX_AMOUNT"
)

// An Application is the member-level record of a pledge, from its application to its
// end. Times are ms since 1970 UTC.
type Application struct {
	PledgeNo         string       `cbor:"1,keyasint" json:"pledge_no"`
	Kind             string       `cbor:"2,keyasint" json:"kind"` // ORDINARY or MAX_AMOUNT
	Pledgors         []string     `cbor:"3,keyasint" json:"pledgors"`
	Pledgees         []string     `cbor:"4,keyasint" json:"pledgees"`
	Office           string       `cbor:"5,keyasint" json:"office"`
	Method           string       `cbor:"6,keyasint" json:"method"` // ONLINE or PAPER
	Acknowledgements []string     `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty"`
	Commitment       ledger.Hash  `cbor:"8,keyasint" json:"commitment"` // of the sealed part in force
	ReservationUntil int64        `cbor:"9,keyasint" json:"reservation_until"`
	DueDate          string       `cbor:"10,keyasint,omitempty" json:"due_date,omitempty"`        // of the review; in CORRECTION, of the answer
	DueProvisional   bool         `cbor:"11,keyasint,omitempty" json:"due_provisional,omitempty"` // the calendar of that year is not announced
	Codes            []string     `cbor:"12,keyasint,omitempty" json:"codes,omitempty"`           // of a refusal, a correction or a revocation
	CourtDocument    *ledger.Hash `cbor:"13,keyasint,omitempty" json:"court_document,omitempty"`  // that ended the pledge
	StepCount        uint64       `cbor:"14,keyasint" json:"-"`                                   // how much has happened: each Step has a record of its own
	Manifest         *Manifest    `cbor:"15,keyasint,omitempty" json:"manifest,omitempty"`        // of a batch of which some was refused
	Reason           string       `cbor:"16,keyasint,omitempty" json:"reason,omitempty"`          // of a correction or a refusal, in words
	ClaimFixed       *ClaimFixed  `cbor:"17,keyasint,omitempty" json:"claim_fixed,omitempty"`     // of a maximum amount
	Enforcement      *Enforcement `cbor:"18,keyasint,omitempty" json:"enforcement,omitempty"`     // the newest
	Demands          []Demand     `cbor:"19,keyasint,omitempty" json:"demands,omitempty"`         // the oldest first
	Signed           []string     `cbor:"20,keyasint" json:"signed"`                              // for which organisations the application in force was signed
	Partial          bool         `cbor:"21,keyasint,omitempty" json:"partial,omitempty"`         // not atomic: some of the rights may be refused
	AcceptedAt       int64        `cbor:"22,keyasint,omitempty" json:"accepted_at,omitempty"`     // into review, the last time
	StepState        State        `cbor:"23,keyasint" json:"-"`                                   // that the newest step led to
	StepTime         int64        `cbor:"24,keyasint" json:"-"`                                   // of the step that led to it from another: a later one, as a correction, begins no time anew
	PoolNo           string       `cbor:"25,keyasint,omitempty" json:"pool_no,omitempty"`         // whose rights it pledges
	Stood            *Standing    `cbor:"26,keyasint,omitempty" json:"-"`                         // of a cancelled pledge, before it
}

// A Standing is where a pledge stood when it was cancelled. It goes back there if the
// cancellation was a mistake.
type Standing struct {
	State  State  `cbor:"1,keyasint" json:"state"`
	Since  int64  `cbor:"2,keyasint" json:"since"`                      // block time
	Ground string `cbor:"3,keyasint,omitempty" json:"ground,omitempty"` // of the consent to its release
}

// A Manifest says of a batch which rights were refused, and why. What is not in it was
// accepted.
type Manifest struct {
	Listed  uint64        `cbor:"1,keyasint" json:"listed"` // rights in the application
	Refused []RefusedLine `cbor:"2,keyasint" json:"refused"`
}

// A RefusedLine is one right that was refused.
type RefusedLine struct {
	Right  string `cbor:"1,keyasint" json:"right"` // its id, or as the application names it
	Code   string `cbor:"2,keyasint" json:"code"`
	Ground string `cbor:"3,keyasint,omitempty" json:"ground,omitempty"`
	Reason string `cbor:"4,keyasint,omitempty" json:"reason,omitempty"`
}

// and adds what was refused later of the same batch. Either may be nil.
func (m *Manifest) and(later *Manifest) *Manifest {
	if m == nil || later == nil {
		return cmp.Or(m, later)
	}
	return &Manifest{Listed: m.Listed, Refused: slices.Concat(m.Refused, later.Refused)}
}

// ApplicationKey is the state key of a pledge's application.
func ApplicationKey(pledgeNo string) string { return "pledge_applications/" + pledgeNo }

// Names gives the organisations that a pledge names, by its number: both sides and the
// office.
func Names(v *contracts.View, pledgeNo string) (parties []string, found bool) {
	a, found := contracts.Load[Application](v, ApplicationKey(pledgeNo))
	return slices.Concat(a.Pledgors, a.Pledgees, []string{a.Office}), found
}
