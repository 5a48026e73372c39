// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A Right names one pledged right.
type Right struct {
	RightID string               `cbor:"1,keyasint" json:"right_id"`
	Type    identifier.RightType `cbor:"2,keyasint" json:"type"`
	Number  string               `cbor:"3,keyasint" json:"number"` // canonical

	// AppliedAt is the block time at which the right came into the application, and
	// PledgedSince the statutory time at which it came into the pledge, where they are
	// not those of the others.
	AppliedAt    int64 `cbor:"4,keyasint,omitempty" json:"applied_at,omitempty"`
	PledgedSince int64 `cbor:"5,keyasint,omitempty" json:"pledged_since,omitempty"`
}

func (r Right) key() string {
	space, _ := r.Type.Space()
	return rights.RecordKey(space, r.Number)
}

func rightOf(r rights.Record) Right {
	return Right{RightID: r.RightID, Type: r.Type, Number: r.Number}
}

// A Record is the public record of a pledge. Until the pledge is EFFECTIVE it
// says only which rights, since when and in which state. Times are ms since 1970
// UTC.
type Record struct {
	PledgeNo         string   `cbor:"1,keyasint" json:"pledge_no"`
	State            State    `cbor:"2,keyasint" json:"state"`   // as the last transaction left it, see StateAt
	Version          uint64   `cbor:"3,keyasint" json:"version"` // of the registered content, from 1 at registration
	Registrar        string   `cbor:"4,keyasint" json:"registrar"`
	Rights           []Right  `cbor:"5,keyasint" json:"rights"`
	SubmittedAt      int64    `cbor:"6,keyasint" json:"submitted_at"`
	Pledgors         []string `cbor:"7,keyasint,omitempty" json:"pledgors,omitempty"`
	Pledgees         []string `cbor:"8,keyasint,omitempty" json:"pledgees,omitempty"`
	StatutoryNo      string   `cbor:"9,keyasint,omitempty" json:"statutory_no,omitempty"`
	StatutoryTime    int64    `cbor:"10,keyasint,omitempty" json:"statutory_time,omitempty"`
	RegisteredAt     int64    `cbor:"11,keyasint,omitempty" json:"registered_at,omitempty"` // block time
	Ground           string   `cbor:"12,keyasint,omitempty" json:"ground,omitempty"`        // of the refusal, the release or the revocation
	CancellationRef  string   `cbor:"13,keyasint,omitempty" json:"cancellation_ref,omitempty"`
	CancellationTime int64    `cbor:"14,keyasint,omitempty" json:"cancellation_time,omitempty"` // statutory, of a revocation too
	EndedAt          int64    `cbor:"15,keyasint,omitempty" json:"ended_at,omitempty"`          // block time
	LapsesAt         int64    `cbor:"16,keyasint,omitempty" json:"lapses_at,omitempty"`         // in CORRECTION: WITHDRAWN from then on without one
	RegistrationEnd  string   `cbor:"17,keyasint,omitempty" json:"registration_end,omitempty"`  // last day of the registration, where it ends by itself
	Changes          []Change `cbor:"18,keyasint,omitempty" json:"changes,omitempty"`           // of the registration, the oldest first
	CertificateNo    string   `cbor:"19,keyasint,omitempty" json:"certificate_no,omitempty"`    // the newest, of the content of this version
	PoolNo           string   `cbor:"20,keyasint,omitempty" json:"pool_no,omitempty"`           // whose rights it pledges
}

// A Change is one entry of the registration after the first.
type Change struct {
	Version       uint64   `cbor:"1,keyasint" json:"version"`
	Kinds         []string `cbor:"2,keyasint" json:"kinds"` // what changed, see the Changed constants
	StatutoryTime int64    `cbor:"3,keyasint" json:"statutory_time"`
	ChangeRef     string   `cbor:"4,keyasint,omitempty" json:"change_ref,omitempty"` // of the statutory registrar
	LedgerTime    int64    `cbor:"5,keyasint" json:"ledger_time"`
	Added         []string `cbor:"6,keyasint,omitempty" json:"added,omitempty"`        // right ids
	Released      []string `cbor:"7,keyasint,omitempty" json:"released,omitempty"`     // right ids
	Former        []string `cbor:"8,keyasint,omitempty" json:"former,omitempty"`       // pledgees before a transfer
	FormerEnd     string   `cbor:"9,keyasint,omitempty" json:"former_end,omitempty"`   // last day before an extension
	FormerNo      string   `cbor:"10,keyasint,omitempty" json:"former_no,omitempty"`   // statutory number before a correction
	FormerTime    int64    `cbor:"11,keyasint,omitempty" json:"former_time,omitempty"` // statutory time before a correction

	FormerCancelled int64         `cbor:"12,keyasint,omitempty" json:"former_cancellation_time,omitempty"` // before a correction
	Annulled        *Cancellation `cbor:"13,keyasint,omitempty" json:"annulled,omitempty"`                 // that was a mistake
}

// A Cancellation is what the ledger was told of the end of a pledge that has not ended.
type Cancellation struct {
	State  State  `cbor:"1,keyasint" json:"state"` // that the pledge was in by it
	Ref    string `cbor:"2,keyasint" json:"cancellation_ref"`
	Time   int64  `cbor:"3,keyasint" json:"cancellation_time"`
	Ground string `cbor:"4,keyasint" json:"ground"`
	ToldAt int64  `cbor:"5,keyasint" json:"told_at"` // block time
}

// What a change may be of. The first group concerns what is sealed and comes with a new
// commitment.
const (
	ChangedAmount  = "AMOUNT"  // of the secured claim, or its maximum
	ChangedTerm    = "TERM"    // of the debt
	ChangedDebtor  = "DEBTOR"  // another owes the debt
	ChangedScope   = "SCOPE"   // of what is secured
	ChangedClauses = "CLAUSES" // fees, licences, enforcement

	ChangedNames      = "NAMES" // of the parties, who stay the same
	ChangedAgent      = "AGENT"
	ChangedRights     = "RIGHTS"
	ChangedPeriod     = "PERIOD" // of the registration
	ChangedPledgees   = "PLEDGEES"
	ChangedRank       = "RANK"
	ChangedCorrection = "CORRECTION" // of what was entered wrongly
)

// sealedChange tells of which changes the ledger sees no more than a commitment.
func sealedChange(kind string) bool {
	return slices.Contains([]string{ChangedAmount, ChangedTerm, ChangedDebtor, ChangedScope, ChangedClauses}, kind)
}

// roomToEnd is what a record keeps free, in bytes: whatever has been entered, the end of
// the pledge can be written.
const roomToEnd = 8 << 10

// isLong tells whether the record may come near to what a value holds: of what it lists,
// some 150 take less than a third of that.
func (r Record) isLong() bool {
	n := len(r.Rights)
	for _, c := range r.Changes {
		n += 2 + len(c.Added) + len(c.Released) + len(c.Former)
	}
	return n > 150
}

// newestEntry is the statutory time of the newest entry of the registration.
func (r Record) newestEntry() int64 {
	newest := r.StatutoryTime
	for _, c := range r.Changes {
		if c.entered() {
			newest = max(newest, c.StatutoryTime)
		}
	}
	return newest
}

// entered tells whether the registrar made an entry: of a correction of what was typed
// here he has none, and it is of no time of his.
func (c Change) entered() bool { return !slices.Contains(c.Kinds, ChangedCorrection) }

// FormerNumbers lists the statutory numbers that the pledge had before a correction.
func (r Record) FormerNumbers() []string {
	var list []string
	for _, c := range r.Changes {
		if c.FormerNo != "" && c.FormerNo != r.StatutoryNo && !slices.Contains(list, c.FormerNo) {
			list = append(list, c.FormerNo)
		}
	}
	return list
}

// RecordKey is the state key of a pledge's public record.
func RecordKey(pledgeNo string) string { return "pledges/" + pledgeNo }

// Load finds a pledge by its number as typed; a failure names the field.
func Load(v *contracts.View, pledgeNo, field string) (Record, Application, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(pledgeNo)
	if err != nil {
		return Record{}, Application{}, contracts.Refuse(contracts.IdentifierFailure(err, field))
	}
	record, ok := contracts.Load[Record](v, RecordKey(number.Canonical))
	if !ok {
		return Record{}, Application{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: number.Canonical})
	}
	application, _ := contracts.Load[Application](v, ApplicationKey(number.Canonical))
	return record, application, nil
}
