// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// BaseState is where a right is in its life, by the statutory register.
type BaseState string

// The base states. A right whose claims were all rejected is REJECTED until the
// next claim. EXPIRED_CLAIM, and EXPIRED of a right whose last day is over, are
// computed and never stored, see Status.
const (
	Claimed      BaseState = "CLAIMED"
	ExpiredClaim BaseState = "EXPIRED_CLAIM"
	Rejected     BaseState = "REJECTED"
	Confirmed    BaseState = "CONFIRMED"
	Lapsed       BaseState = "LAPSED"
	Expired      BaseState = "EXPIRED"
	Invalidated  BaseState = "INVALIDATED"
	Abandoned    BaseState = "ABANDONED"
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

// Flags of a right that are stored, each as a Fact: the register tells them, all but
// REVALUE, which follows from claims that were struck.
const (
	FlagDisputed            = "DISPUTED"
	FlagSuspended           = "SUSPENDED"
	FlagInvalidationPending = "INVALIDATION_PENDING"
	FlagTwinApplication     = "TWIN_APPLICATION"
	FlagLicensed            = "LICENSED"
	FlagLicensedExclusive   = "LICENSED_EXCLUSIVE"
	FlagOpenLicence         = "OPEN_LICENCE"
	FlagRevalue             = "REVALUE" // its value is another since claims were struck; stays until it ends
)

// Flags that are computed for a time and never stored.
const (
	FlagStale          = "STALE"
	FlagInGrace        = "IN_GRACE"
	FlagFrozen         = "FROZEN"
	FlagFreezeQueued   = "FREEZE_QUEUED"
	FlagPledged        = "PLEDGED"
	FlagCoowned        = "COOWNED"
	FlagReserved       = "RESERVED"
	FlagConflictReview = "CONFLICT_REVIEW" // a fact older than a live pledge came to light after it
)

// A Record is the public record of a right. Times are ms since 1970 UTC, dates
// are legal dates YYYY-MM-DD of Asia/Shanghai.
type Record struct {
	Space         identifier.Space       `cbor:"1,keyasint" json:"space"`
	Number        string                 `cbor:"2,keyasint" json:"number"`                       // canonical
	Type          identifier.RightType   `cbor:"3,keyasint" json:"type"`                         // of a patent, by the number's kind digit
	RightID       string                 `cbor:"4,keyasint,omitempty" json:"right_id,omitempty"` // of the confirmed claim
	BaseState     BaseState              `cbor:"5,keyasint" json:"base_state"`                   // as the register told it last
	Title         string                 `cbor:"6,keyasint,omitempty" json:"title,omitempty"`
	Owners        []string               `cbor:"7,keyasint,omitempty" json:"owners,omitempty"` // party ids, sorted
	FilingDate    string                 `cbor:"8,keyasint,omitempty" json:"filing_date,omitempty"`
	GrantDate     string                 `cbor:"9,keyasint,omitempty" json:"grant_date,omitempty"`   // of a mark, its registration
	ExpiryDate    string                 `cbor:"10,keyasint,omitempty" json:"expiry_date,omitempty"` // last day of the right
	FeeStatus     string                 `cbor:"11,keyasint,omitempty" json:"fee_status,omitempty"`
	FeeDue        string                 `cbor:"12,keyasint,omitempty" json:"fee_due,omitempty"`
	Facts         []Fact                 `cbor:"13,keyasint,omitempty" json:"facts,omitempty"`                  // that stand or have ended not long ago, in the order of arrival
	SnapshotTime  int64                  `cbor:"14,keyasint,omitempty" json:"snapshot_time,omitempty"`          // when the register was read
	ConfirmedAt   int64                  `cbor:"15,keyasint,omitempty" json:"confirmed_at,omitempty"`           // block time
	ConfirmedBy   string                 `cbor:"16,keyasint,omitempty" json:"confirmed_by,omitempty"`           // party id of the office
	ClaimsPending []PendingClaim         `cbor:"17,keyasint,omitempty" json:"claims_pending,omitempty"`         // in the order of arrival
	Pledges       []PledgeEntry          `cbor:"18,keyasint,omitempty" json:"pledges,omitempty"`                // of the register, by rank; see LivePledges
	Pending       []PendingPledge        `cbor:"19,keyasint,omitempty" json:"pending,omitempty"`                // applications, in the order of arrival
	Encumbrances  []RegistrarEncumbrance `cbor:"20,keyasint,omitempty" json:"registrar_encumbrances,omitempty"` // other than Pledges
	Freezes       []Freeze               `cbor:"21,keyasint,omitempty" json:"freezes,omitempty"`                // by receipt
	FirstPublic   string                 `cbor:"22,keyasint,omitempty" json:"first_public,omitempty"`           // first publication, or commercial use of a layout
	RenewalEnds   string                 `cbor:"23,keyasint,omitempty" json:"renewal_ends,omitempty"`           // last day to renew a mark after its last day
	FeeDeadline   string                 `cbor:"24,keyasint,omitempty" json:"fee_deadline,omitempty"`           // last day to pay with surcharge what was due on FeeDue
	Classes       []string               `cbor:"25,keyasint,omitempty" json:"classes,omitempty"`                // Nice classes or main IPC class
	StruckClaims  string                 `cbor:"26,keyasint,omitempty" json:"struck_claims,omitempty"`          // of a patent held invalid in part
	Twin          string                 `cbor:"27,keyasint,omitempty" json:"twin,omitempty"`                   // number of the invention applied for on the same day
	ReplacedBy    string                 `cbor:"28,keyasint,omitempty" json:"replaced_by,omitempty"`            // number of the twin it was abandoned for
	EndedFrom     int64                  `cbor:"29,keyasint,omitempty" json:"ended_from,omitempty"`             // the end holds from then; absent of an invalid right: it never was
	EndedAt       int64                  `cbor:"30,keyasint,omitempty" json:"ended_at,omitempty"`               // block time at which the end became known
	OwnersSince   int64                  `cbor:"31,keyasint,omitempty" json:"owners_since,omitempty"`           // at the register, of the last transfer
	OwnersAt      int64                  `cbor:"32,keyasint,omitempty" json:"owners_at,omitempty"`              // block time at which it became known
	Events        uint64                 `cbor:"33,keyasint,omitempty" json:"events,omitempty"`                 // how many status events it has had
	Outsiders     []string               `cbor:"34,keyasint,omitempty" json:"outside_owners,omitempty"`         // owners that are not on this ledger, by their names in the register
	OwnersBefore  []string               `cbor:"35,keyasint,omitempty" json:"owners_before,omitempty"`          // until OwnersSince
	FeeStatusAt   int64                  `cbor:"36,keyasint,omitempty" json:"fee_status_at,omitempty"`          // at the register, when FeeStatus was true
	FeeLedgerAt   int64                  `cbor:"37,keyasint,omitempty" json:"fee_ledger_at,omitempty"`          // block time at which a missed fee became known
	NewestFact    int64                  `cbor:"38,keyasint,omitempty" json:"newest_fact,omitempty"`            // fact time of the newest event: no older snapshot undoes it
	Sale          *Sale                  `cbor:"39,keyasint,omitempty" json:"sale,omitempty"`                   // in an enforcement, the newest that was closed

	OutsidersBefore []string `cbor:"40,keyasint,omitempty" json:"outside_owners_before,omitempty"` // beside OwnersBefore

	Looked *Look `cbor:"41,keyasint,omitempty" json:"encumbrances_read,omitempty"` // what showed Encumbrances
}

// A Sale says to whom a right was sold in the enforcement of a pledge. The register has
// the right with the owners it had until it enters the buyers.
type Sale struct {
	DisposalNo string   `cbor:"1,keyasint" json:"disposal_no"`
	PledgeNo   string   `cbor:"2,keyasint" json:"pledge_no"`
	Buyers     []string `cbor:"3,keyasint,omitempty" json:"buyers,omitempty"` // party ids, sorted
	Outsiders  []string `cbor:"4,keyasint,omitempty" json:"outside_buyers,omitempty"`
	SettledAt  int64    `cbor:"5,keyasint" json:"settled_at"`                     // block time
	EnteredAt  int64    `cbor:"6,keyasint,omitempty" json:"entered_at,omitempty"` // block time at which the register's entry of the buyers was told: the sale moves nothing any more
}

// A Fact is a flag of the register with its three times: since when it is true, when
// whoever reports it learned of it, and when the ledger did. Times are ms since 1970
// UTC.
type Fact struct {
	Flag       string `cbor:"1,keyasint" json:"flag"`
	FactTime   int64  `cbor:"2,keyasint" json:"fact_time"`
	KnownTime  int64  `cbor:"3,keyasint" json:"known_time"`
	LedgerTime int64  `cbor:"4,keyasint" json:"ledger_time"`
	Until      string `cbor:"5,keyasint,omitempty" json:"until,omitempty"`     // last day, where it ends by itself
	Event      uint64 `cbor:"6,keyasint,omitempty" json:"event,omitempty"`     // that told it; absent: seen in a snapshot of the register
	EndTime    int64  `cbor:"7,keyasint,omitempty" json:"end_time,omitempty"`  // at the registrar; absent: it has not been ended
	EndEvent   uint64 `cbor:"8,keyasint,omitempty" json:"end_event,omitempty"` // that told the end; absent: a snapshot
}

// Stands tells whether the fact was true at a time: it had begun, and had neither been
// ended nor ended by itself.
func (f Fact) Stands(at int64) bool {
	return f.FactTime <= at && (f.Until == "" || at < endOf(f.Until)) && (f.EndTime == 0 || at < f.EndTime)
}

// Bounds that keep a record far below ledger.MaxValue, with as many pledges as the
// figures may allow and with the bounds on the arguments of rights.confirm.
const (
	MaxPending = 100 // applications that wait for one right
	MaxClaims  = 64  // claims that wait for one number
	MaxFreezes = 64  // freezes of one right that have not ended long ago
	MaxFacts   = 64  // facts of one right that have not ended long ago
	MaxOver    = 32  // pledges of one right that ended by time, and of those that were ended: the newest
)

// Late is for how long a freeze or a fact stays listed after its end, for papers that
// reached the registrar before it and reach the ledger after it.
const Late = 366 * 24 * 60 * 60 * 1000 // ms

// A PendingClaim is a claim that waits for an IP office.
type PendingClaim struct {
	RightID   string `cbor:"1,keyasint" json:"right_id"`
	ClaimedAt int64  `cbor:"2,keyasint" json:"claimed_at"`
}

// A PledgeEntry is a pledge that the statutory register holds for the right. One whose
// registration has a last day lives through it, see Live.
type PledgeEntry struct {
	PledgeNo      string   `cbor:"1,keyasint" json:"pledge_no"`
	Pledgees      []string `cbor:"2,keyasint" json:"pledgees"`
	Pledgors      []string `cbor:"3,keyasint" json:"pledgors"`
	State         string   `cbor:"4,keyasint" json:"state"`
	StatutoryNo   string   `cbor:"5,keyasint" json:"statutory_no"`
	StatutoryTime int64    `cbor:"6,keyasint" json:"statutory_time"`            // of this right: one that a change added is pledged since then
	RegisteredAt  int64    `cbor:"7,keyasint" json:"registered_at"`             // block time
	Until         string   `cbor:"8,keyasint,omitempty" json:"until,omitempty"` // last day of the registration, where it ends by itself
	Place         *Place   `cbor:"9,keyasint,omitempty" json:"place,omitempty"` // in the ranking, where the parties agreed on their places

	// NotShown is when the register was read and did not show the pledge any more; 0:
	// it does.
	NotShown int64 `cbor:"10,keyasint,omitempty" json:"not_shown,omitempty"`

	Gaps []Gap `cbor:"11,keyasint,omitempty" json:"gaps,omitempty"` // in which it was told to have been cancelled, the oldest first
}

// Live tells whether the registration has not ended by itself before a time.
func (e PledgeEntry) Live(at int64) bool { return e.Until == "" || at < endOf(e.Until) }

// A Place is where a pledge stands in the ranking: the statutory time and number that
// count for it. By an agreement on ranks pledges take each other's places (Civil Code,
// article 409).
type Place struct {
	Time int64  `cbor:"1,keyasint" json:"time"`
	No   string `cbor:"2,keyasint" json:"no"`
}

// Ranked is the place that counts for the pledge: the agreed one, or its own.
func (e PledgeEntry) Ranked() Place {
	if e.Place != nil {
		return *e.Place
	}
	return Place{Time: e.StatutoryTime, No: e.StatutoryNo}
}

// Compare orders places as pledges rank: by time, then by number.
func (p Place) Compare(other Place) int {
	return cmp.Or(cmp.Compare(p.Time, other.Time), cmp.Compare(p.No, other.No))
}

// LivePledges lists the pledges of a right that live at a time, by rank.
func LivePledges(r Record, at int64) []PledgeEntry {
	return slices.DeleteFunc(slices.Clone(r.Pledges), func(e PledgeEntry) bool { return !e.Live(at) })
}

// A PendingPledge is all that the public sees of an application: that there is
// one, since when, and until when it keeps others out.
type PendingPledge struct {
	SubmittedAt      int64 `cbor:"1,keyasint" json:"submitted_at"`
	ReservationUntil int64 `cbor:"2,keyasint" json:"reservation_until"`             // exclusive
	LapsesAt         int64 `cbor:"3,keyasint,omitempty" json:"lapses_at,omitempty"` // it waits for a correction, and is withdrawn from then on without one
}

// Waits tells whether the application has not been withdrawn by time alone.
func (p PendingPledge) Waits(at int64) bool { return p.LapsesAt == 0 || at < p.LapsesAt }

// Reserves tells whether the application keeps others out at a time.
func (p PendingPledge) Reserves(at int64) bool { return p.Waits(at) && at < p.ReservationUntil }

// The kinds of encumbrance that are told apart: a pledge, a court's freeze, and a
// licence, which no pledge has to stand behind.
const (
	kindPledge       = "PLEDGE"
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

// Burdens tells whether a pledge would have to stand behind the encumbrance, at a
// time: a licence burdens nobody's pledge.
func (e RegistrarEncumbrance) Burdens(at int64) bool { return e.Kind != kindLicence && e.InForce(at) }

// Pledges tells whether the encumbrance is a pledge from elsewhere: it has a rank among
// those of this ledger.
func (e RegistrarEncumbrance) Pledges() bool { return e.Kind == kindPledge }

// Freezes tells whether the encumbrance is a court's freeze.
func (e RegistrarEncumbrance) Freezes() bool { return e.Kind == kindPreservation }

// InForce tells whether the encumbrance burdens the right at a time.
func (e RegistrarEncumbrance) InForce(at int64) bool {
	return e.Time <= at && (e.Until == 0 || at < e.Until)
}

// A Freeze is a court's preservation or seizure, from the registrar's receipt of
// the notice through its last day, or until it is lifted. Nothing has to happen on
// the ledger for it to end.
type Freeze struct {
	FreezeNo   string `cbor:"1,keyasint" json:"freeze_no"`
	ReceivedAt int64  `cbor:"2,keyasint" json:"received_at"`
	Until      string `cbor:"3,keyasint" json:"until"`                           // last day
	LiftedAt   int64  `cbor:"4,keyasint,omitempty" json:"lifted_at,omitempty"`   // at the register; 0: not lifted
	RecordedAt int64  `cbor:"5,keyasint,omitempty" json:"recorded_at,omitempty"` // block time
}

// End is the moment at which the freeze is over.
func (f Freeze) End() int64 {
	end := endOf(f.Until)
	if f.LiftedAt != 0 {
		end = min(end, f.LiftedAt)
	}
	return end
}

// Stands tells whether the freeze has been received and is not over at a time. Of
// several that stand the first received burdens the right, and the others wait.
func (f Freeze) Stands(at int64) bool { return f.ReceivedAt <= at && at < f.End() }

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
	Outsiders     []string             `cbor:"17,keyasint,omitempty" json:"outside_owners,omitempty"` // owners that are not on this ledger
	DecidedIn     *ledger.Hash         `cbor:"18,keyasint,omitempty" json:"decided_in,omitempty"`     // transaction of the confirmation or rejection
}

// Evidence says from where and when the facts of a register were taken.
type Evidence struct {
	Registrar    string      `cbor:"1,keyasint,omitempty" json:"registrar,omitempty" schema:"enum=CNIPA|NCA|MARA|NFGA"`
	EvidenceHash ledger.Hash `cbor:"2,keyasint" json:"evidence_hash"` // of the captured document, kept off the ledger
	CapturedAt   int64       `cbor:"3,keyasint" json:"captured_at"`   // ms since 1970 UTC
	Method       string      `cbor:"4,keyasint,omitempty" json:"method,omitempty" schema:"max=64"`
	CapturedBy   string      `cbor:"5,keyasint,omitempty" json:"captured_by,omitempty" schema:"max=64"` // pseudonym; absent: the maker
}

// RecordKey is the state key of a right's public record.
func RecordKey(space identifier.Space, number string) string {
	return "rights/" + string(space) + "/" + number
}

// SpaceOf is the number space in a state key that RecordKey made.
func SpaceOf(key string) identifier.Space {
	space, _, _ := strings.Cut(strings.TrimPrefix(key, "rights/"), "/")
	return identifier.Space(space)
}

// Key is the state key of the record.
func (r Record) Key() string { return RecordKey(r.Space, r.Number) }

// ClaimKey is the state key of a claim. It leads from a right id to the record.
func ClaimKey(rightID string) string { return "claims/" + rightID }

// Names gives the organisations that a right names, by its id: the owners that were
// claimed and those of the register, and the offices.
func Names(v *contracts.View, rightID string) (parties []string, found bool) {
	c, found := contracts.Load[Claim](v, ClaimKey(rightID))
	if !found {
		return nil, false
	}
	parties = append(slices.Clone(c.Owners), c.Office)
	if record, _ := contracts.Load[Record](v, RecordKey(c.Space, c.Number)); record.RightID == rightID {
		parties = append(append(parties, record.Owners...), record.ConfirmedBy)
	}
	return parties, true
}

// StatutoryKey is the state key under which a statutory registration number
// names its pledge, once for ever; the empty text is no pledge: it was entered wrongly.
func StatutoryKey(number string) string { return "statutory/" + number }

// StatutoryNumber gives the canonical form of the number under which the register of a
// number space lists a pledge. That of patents is checked; other registrars have not
// published how theirs are made.
func StatutoryNumber(s identifier.Space, typed string, today identifier.Date) (string, error) {
	if s == identifier.PatentSpace {
		return identifier.CNIPAPledgeNumber(typed, today)
	}
	return identifier.RegistrationNumber(typed)
}
