// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// BaseState is where a right is in its life, by the statutory register.
type BaseState string

// The base states. A right whose claims were all rejected is REJECTED until the
// next claim.
const (
	Claimed     BaseState = "CLAIMED"
	Rejected    BaseState = "REJECTED"
	Confirmed   BaseState = "CONFIRMED"
	Lapsed      BaseState = "LAPSED"
	Expired     BaseState = "EXPIRED"
	Invalidated BaseState = "INVALIDATED"
	Abandoned   BaseState = "ABANDONED"
)

// Ended tells whether the right is over.
func (s BaseState) Ended() bool {
	return s == Lapsed || s == Expired || s == Invalidated || s == Abandoned
}

// Fee statuses of the register. An absent one says nothing.
const (
	FeePaid    = "PAID"
	FeeInGrace = "IN_GRACE"
	FeeUnpaid  = "UNPAID"
)

// Flags of a right. Those from FlagStale on are computed for a time and never
// stored.
const (
	FlagDisputed            = "DISPUTED"
	FlagSuspended           = "SUSPENDED"
	FlagInvalidationPending = "INVALIDATION_PENDING"
	FlagTwinApplication     = "TWIN_APPLICATION"
	FlagLicensed            = "LICENSED"
	FlagLicensedExclusive   = "LICENSED_EXCLUSIVE"
	FlagOpenLicence         = "OPEN_LICENCE"
	FlagStale               = "STALE"
	FlagInGrace             = "IN_GRACE"
	FlagFrozen              = "FROZEN"
	FlagCoowned             = "COOWNED"
	FlagReserved            = "RESERVED"
	FlagConflictReview      = "CONFLICT_REVIEW" // a burden older than a live pledge came to light after it
)

// A Record is the public record of a right. Times are ms since 1970 UTC, dates
// are legal dates YYYY-MM-DD of Asia/Shanghai.
type Record struct {
	Space         identifier.Space       `cbor:"1,keyasint" json:"space"`
	Number        string                 `cbor:"2,keyasint" json:"number"`                       // canonical
	Type          identifier.RightType   `cbor:"3,keyasint" json:"type"`                         // by the number's kind digit
	RightID       string                 `cbor:"4,keyasint,omitempty" json:"right_id,omitempty"` // of the confirmed claim
	BaseState     BaseState              `cbor:"5,keyasint" json:"base_state"`
	Title         string                 `cbor:"6,keyasint,omitempty" json:"title,omitempty"`
	Owners        []string               `cbor:"7,keyasint,omitempty" json:"owners,omitempty"` // party ids, sorted
	FilingDate    string                 `cbor:"8,keyasint,omitempty" json:"filing_date,omitempty"`
	GrantDate     string                 `cbor:"9,keyasint,omitempty" json:"grant_date,omitempty"`
	ExpiryDate    string                 `cbor:"10,keyasint,omitempty" json:"expiry_date,omitempty"` // last day of the right
	FeeStatus     string                 `cbor:"11,keyasint,omitempty" json:"fee_status,omitempty"`
	FeeDue        string                 `cbor:"12,keyasint,omitempty" json:"fee_due,omitempty"`
	Flags         []string               `cbor:"13,keyasint,omitempty" json:"flags,omitempty"`                  // sorted
	SnapshotTime  int64                  `cbor:"14,keyasint,omitempty" json:"snapshot_time,omitempty"`          // when the register was read
	ConfirmedAt   int64                  `cbor:"15,keyasint,omitempty" json:"confirmed_at,omitempty"`           // block time
	ConfirmedBy   string                 `cbor:"16,keyasint,omitempty" json:"confirmed_by,omitempty"`           // party id of the IP office
	ClaimsPending []PendingClaim         `cbor:"17,keyasint,omitempty" json:"claims_pending,omitempty"`         // in the order of arrival
	Pledges       []PledgeEntry          `cbor:"18,keyasint,omitempty" json:"pledges,omitempty"`                // live, by rank
	Pending       []PendingPledge        `cbor:"19,keyasint,omitempty" json:"pending,omitempty"`                // applications, in the order of arrival
	Encumbrances  []RegistrarEncumbrance `cbor:"20,keyasint,omitempty" json:"registrar_encumbrances,omitempty"` // other than Pledges
	Freezes       []Freeze               `cbor:"21,keyasint,omitempty" json:"freezes,omitempty"`
}

// MaxPending bounds the applications that wait for one right. With the bounds on
// the arguments of rights.confirm it keeps a confirmed record far below
// ledger.MaxValue, also with as many pledges as the parameters may allow.
const MaxPending = 100

// A PendingClaim is a claim that waits for an IP office.
type PendingClaim struct {
	RightID   string `cbor:"1,keyasint" json:"right_id"`
	ClaimedAt int64  `cbor:"2,keyasint" json:"claimed_at"`
}

// A PledgeEntry is a pledge that the statutory register holds and that lives.
type PledgeEntry struct {
	PledgeNo      string   `cbor:"1,keyasint" json:"pledge_no"`
	Pledgees      []string `cbor:"2,keyasint" json:"pledgees"`
	Pledgors      []string `cbor:"3,keyasint" json:"pledgors"`
	State         string   `cbor:"4,keyasint" json:"state"`
	StatutoryNo   string   `cbor:"5,keyasint" json:"statutory_no"`
	StatutoryTime int64    `cbor:"6,keyasint" json:"statutory_time"`
}

// A PendingPledge is all that the public sees of an application: that there is
// one, since when, and until when it keeps others out.
type PendingPledge struct {
	SubmittedAt      int64 `cbor:"1,keyasint" json:"submitted_at"`
	ReservationUntil int64 `cbor:"2,keyasint" json:"reservation_until"` // exclusive
}

// The kinds of encumbrance that are told apart from a pledge: a court's freeze,
// and a licence, which no pledge has to stand behind.
const (
	kindPreservation = "PRESERVATION"
	kindLicence      = "LICENCE"
)

// A RegistrarEncumbrance is a burden that the statutory register shows and that
// did not come about on this ledger. It blocks like a pledge, or like a freeze if
// it is a preservation.
type RegistrarEncumbrance struct {
	Kind        string `cbor:"1,keyasint" json:"kind" schema:"enum=PLEDGE|PRESERVATION|LICENCE|OTHER"`
	StatutoryNo string `cbor:"2,keyasint,omitempty" json:"statutory_no,omitempty" schema:"max=64"`
	Time        int64  `cbor:"3,keyasint,omitempty" json:"time,omitempty"`
	PartyName   string `cbor:"4,keyasint,omitempty" json:"party_name,omitempty" schema:"max=64"`
	Until       int64  `cbor:"5,keyasint,omitempty" json:"until,omitempty"` // exclusive; absent: open
}

// Freezes tells whether the encumbrance is a court's freeze.
func (e RegistrarEncumbrance) Freezes() bool { return e.Kind == kindPreservation }

// InForce tells whether the encumbrance burdens the right at a time.
func (e RegistrarEncumbrance) InForce(at int64) bool {
	return e.Time <= at && (e.Until == 0 || at < e.Until)
}

// A Freeze is a court's preservation or seizure, from the registrar's receipt of
// the notice until its end.
type Freeze struct {
	FreezeNo   string `cbor:"1,keyasint" json:"freeze_no"`
	ReceivedAt int64  `cbor:"2,keyasint" json:"received_at"`
	Until      int64  `cbor:"3,keyasint" json:"until"`                      // exclusive
	Queued     bool   `cbor:"4,keyasint,omitempty" json:"queued,omitempty"` // waits for an earlier one to end
}

// InForce tells whether the freeze burdens the right at a time.
func (f Freeze) InForce(at int64) bool {
	return !f.Queued && f.ReceivedAt <= at && at < f.Until
}

// A ClaimState is what became of a claim. EXPIRED_CLAIM is computed, see
// Claim.StateAt.
type ClaimState string

// The states of a claim.
const (
	ClaimWaiting   ClaimState = "CLAIMED"
	ClaimConfirmed ClaimState = "CONFIRMED"
	ClaimRejected  ClaimState = "REJECTED"
	ClaimExpired   ClaimState = "EXPIRED_CLAIM"
)

// A Claim is the member-level record of a claim and of the evidence that
// decided it.
type Claim struct {
	RightID       string               `cbor:"1,keyasint" json:"right_id"`
	Space         identifier.Space     `cbor:"2,keyasint" json:"space"`
	Number        string               `cbor:"3,keyasint" json:"number"`
	Type          identifier.RightType `cbor:"4,keyasint" json:"type"`
	NumberAsTyped string               `cbor:"5,keyasint" json:"number_as_typed"`
	Owners        []string             `cbor:"6,keyasint" json:"owners"` // party ids, sorted
	Title         string               `cbor:"7,keyasint,omitempty" json:"title,omitempty"`
	Office        string               `cbor:"8,keyasint,omitempty" json:"office,omitempty"`
	ClaimedBy     string               `cbor:"9,keyasint" json:"claimed_by"`
	ClaimedAt     int64                `cbor:"10,keyasint" json:"claimed_at"`
	State         ClaimState           `cbor:"11,keyasint" json:"state"`
	DecidedBy     string               `cbor:"12,keyasint,omitempty" json:"decided_by,omitempty"`
	DecidedAt     int64                `cbor:"13,keyasint,omitempty" json:"decided_at,omitempty"`
	Reason        string               `cbor:"14,keyasint,omitempty" json:"reason,omitempty"` // of a rejection
	Source        *Evidence            `cbor:"15,keyasint,omitempty" json:"source,omitempty"` // the newest
	CapturedBy    string               `cbor:"16,keyasint,omitempty" json:"captured_by,omitempty"`
}

// Evidence says from where and when the facts of a register were taken.
type Evidence struct {
	Registrar    string      `cbor:"1,keyasint,omitempty" json:"registrar,omitempty" schema:"enum=CNIPA"`
	EvidenceHash ledger.Hash `cbor:"2,keyasint" json:"evidence_hash"` // of the captured document, kept off the ledger
	CapturedAt   int64       `cbor:"3,keyasint" json:"captured_at"`   // ms since 1970 UTC
	Method       string      `cbor:"4,keyasint,omitempty" json:"method,omitempty" schema:"max=64"`
}

// RecordKey is the state key of a right's public record.
func RecordKey(space identifier.Space, number string) string {
	return "rights/" + string(space) + "/" + number
}

// ClaimKey is the state key of a claim. It leads from a right id to the record.
func ClaimKey(rightID string) string { return "claims/" + rightID }

// StatutoryKey is the state key under which a statutory registration number
// names its pledge, once for ever.
func StatutoryKey(number string) string { return "statutory/" + number }

// RegistrarOf is the statutory registrar of a number space.
func RegistrarOf(space identifier.Space) string {
	switch space {
	case identifier.WorkSpace, identifier.SoftwareSpace:
		return "NCA"
	case identifier.VarietySpace:
		return "MARA"
	}
	return "CNIPA"
}
