// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"
	"strings"

	"github.com/ipledger/ipledger/ledger"
)

// The codes of refusals. They are interface: stable, never reused.
const (
	EFormat     = "E_FORMAT"
	ECheckDigit = "E_CHECKDIGIT"
	EState      = "E_STATE"
	ERole       = "E_ROLE"
	ESignature  = "E_SIGNATURE"
	EDuplicate  = "E_DUPLICATE"
	EStale      = "E_STALE"
	EOwner      = "E_OWNER"
	ECoowner    = "E_COOWNER"
	EFrozen     = "E_FROZEN"
	EDispute    = "E_DISPUTE"
	EFee        = "E_FEE"
	EExpired    = "E_EXPIRED"
	EPledged    = "E_PLEDGED"
	ETerm       = "E_TERM"
	ECap        = "E_CAP"
	EContract   = "E_CONTRACT"
	EValuation  = "E_VALUATION"
	EConsent    = "E_CONSENT"
	ERank       = "E_RANK"
	EAmount     = "E_AMOUNT"
	EPrivacy    = "E_PRIVACY"
	EParam      = "E_PARAM"
	EQuorum     = "E_QUORUM"
	EClock      = "E_CLOCK"
	ENotFound   = "E_NOTFOUND"
	EForbidden  = "E_FORBIDDEN"
	ERateLimit  = "E_RATE_LIMIT"
	EEvidence   = "E_EVIDENCE"
)

// The grounds on which the registrar of patents refuses a pledge (CNIPA
// Announcement 461, article 11).
const (
	R01 = "R01_NOT_OWNER"
	R02 = "R02_ENDED"
	R03 = "R03_NOT_GRANTED"
	R04 = "R04_FEE_UNPAID"
	R05 = "R05_SUSPENDED_OR_FROZEN"
	R06 = "R06_DEBT_OUTLIVES_RIGHT"
	R07 = "R07_CONTRACT_DEFECT"
	R08 = "R08_COOWNER_CONSENT"
	R09 = "R09_ALREADY_PLEDGED"
	R10 = "R10_TWIN_APPLICATION"
	R11 = "R11_INVALIDATION_PENDING"
	R12 = "R12_OTHER"
)

// The grounds on which the registrar of marks refuses a pledge (CNIPA Announcement
// 358).
const (
	T01 = "T01_NAME_DIFFERS"
	T02 = "T02_CONTRACT_UNLAWFUL"
	T03 = "T03_ENDED"
	T04 = "T04_FROZEN"
	T05 = "T05_OTHER"
)

// The grounds on which the registrar of copyright refuses a pledge (National
// Copyright Administration, Order 8).
const (
	C01 = "C01_NOT_OWNER"
	C02 = "C02_CONTRACT_UNLAWFUL"
	C03 = "C03_EXPIRED"
	C04 = "C04_DEBT_OUTLIVES_RIGHT"
	C05 = "C05_DISPUTED"
	C06 = "C06_OTHER"
)

// Reasons are finer than a code.
const (
	ReasonExpired       = "EXPIRED"             // valid-until lies before the block's time
	ReasonEarly         = "EARLY"               // valid-until lies too far ahead
	ReasonReference     = "REFERENCE"           // the client reference is taken
	ReasonMethod        = "METHOD"              // no such contract, version or method
	ReasonMissing       = "MISSING"             // a required argument is absent
	ReasonUnknown       = "UNKNOWN"             // an argument the method does not have
	ReasonType          = "TYPE"                // an argument of another type
	ReasonEmpty         = "EMPTY"               // an empty value where it must be left out or filled
	ReasonLength        = "LENGTH"              // too long or too many
	ReasonValue         = "VALUE"               // not one of the allowed values
	ReasonEncoding      = "ENCODING"            // not in the deterministic encoding
	ReasonRepeated      = "REPEATED"            // the same twice in one list
	ReasonParty         = "PARTY"               // the organisation is unknown or not active
	ReasonPartyRole     = "PARTY_ROLE"          // an organisation of this kind may not do this
	ReasonKey           = "KEY"                 // the key is not enrolled
	ReasonRevoked       = "REVOKED"             // the key is revoked
	ReasonOther         = "OTHER_ORGANISATION"  // the key belongs to another organisation
	ReasonPersonRole    = "PERSON_ROLE"         // the person does not hold the role
	ReasonUnexpected    = "UNEXPECTED_SIGNER"   // a signature this method has no use for
	ReasonMissingRole   = "MISSING_SIGNER"      // a needed signature is not named
	ReasonSamePerson    = "SAME_PERSON"         // one person or key signs twice
	ReasonReservation   = "RESERVATION"         // an earlier application holds the reservation
	ReasonEncumbered    = "REGISTRAR"           // the statutory register shows an encumbrance
	ReasonKeyUsed       = "KEY_USED"            // the key is or was enrolled
	ReasonPossession    = "PROOF_OF_POSSESSION" // the new key did not sign
	ReasonNotPledgee    = "NOT_PLEDGEE"         // the acting bank is not a pledgee
	ReasonOtherOffice   = "OTHER_OFFICE"        // another office received it
	ReasonRegistrars    = "REGISTRAR_DIFFERS"   // the rights have different statutory registrars
	ReasonInvalid       = "SIGNATURE_INVALID"   // a signature does not verify
	ReasonAlgorithm     = "ALGORITHM"           // a key or signature of another algorithm than the network's
	ReasonNormal        = "NORMAL_FORM"         // a text that is not in Unicode normal form C
	ReasonNode          = "NOT_A_VALIDATOR"     // the key is that of no validator of the organisation today
	ReasonNoProof       = "PROVES_NOTHING"      // what is called evidence proves nothing
	ReasonRecorded      = "RECORDED"            // the offence is on the ledger already
	ReasonEnough        = "ENOUGH"              // as many offences of this kind are recorded as the ledger keeps
	ReasonOtherRegister = "OTHER_REGISTER"      // the organisation, or the evidence, is of another statutory register
	ReasonNoSuchEvent   = "NO_SUCH_EVENT"       // rights of this type have no such event
	ReasonNotFlagged    = "NOT_BEGUN"           // what the event ends or follows has not begun
	ReasonRanks         = "NO_RANK_LEFT"        // as many pledges of one right as have ranks
	ReasonWorseOff      = "WORSE_OFF"           // a pledge would rank worse whose pledgees have not signed
	ReasonOrder         = "NOT_THE_ORDER"       // not all live pledges of the right, each once
	ReasonAtomic        = "ATOMIC"              // the batch is registered whole or not at all
	ReasonLastRight     = "LAST_RIGHT"          // no right would be left
	ReasonOutlives      = "OUTLIVES_RIGHT"      // it would last longer than the right
	ReasonNotFixed      = "CLAIM_NOT_FIXED"     // claims up to a maximum go with a pledge only if that was agreed
	ReasonFixed         = "CLAIM_FIXED"         // they are fixed already
	ReasonNotPledgor    = "NOT_PLEDGOR"         // the acting organisation is not a pledgor
	ReasonNoOffice      = "NO_OFFICE"           // no office of the register signed
	ReasonNoPeriod      = "NO_PERIOD"           // registrations of rights of this type do not end by themselves
	ReasonFuture        = "IN_THE_FUTURE"       // after the block's time
	ReasonTooEarly      = "TOO_EARLY"           // before what must have come before it
	ReasonNoEnd         = "NO_LAST_DAY"         // the registration does not end by itself
	ReasonEndsEarly     = "ENDS_TOO_EARLY"      // it would end before it begins
	ReasonNotManager    = "NOT_MANAGER"         // another organisation manages the pool
	ReasonNotSold       = "NOT_SOLD"            // nothing was sold in the enforcement
	ReasonNotPledged    = "NOT_PLEDGED"         // no pledge of this ledger lives on the right
	ReasonNotOwner      = "NOT_OWNER"           // the acting organisation does not own the right
	ReasonOtherDeal     = "OTHER_DEAL"          // the consent is to another deal
	ReasonConsentUsed   = "CONSENT_USED"        // the consent has served for another event
	ReasonAgreed        = "AGREED"              // there was a consent to the deal
	ReasonTooLong       = "TOO_LONG"            // the freeze would last longer than one order may
	ReasonNoLonger      = "NO_LONGER"           // a renewal that does not lengthen
	ReasonNoQueue       = "NO_QUEUE"            // another freeze is in force, and freezes of this right do not queue
	ReasonOver          = "OVER"                // the freeze is over
	ReasonOtherCourt    = "OTHER_COURT"         // another court's freeze
	ReasonForfeiture    = "FORFEITURE"          // a pledgee would become owner without a disposal or a court's paper
	ReasonDeadline      = "PAST_DEADLINE"       // after the last day on which it could be done
	ReasonGrace         = "IN_GRACE_STILL"      // the grace has not ended
	ReasonDueDate       = "NOT_THE_DUE_DATE"    // the right ends from the fee's due date
	ReasonVote          = "NEEDS_VOTE"          // only a proposal that the members carried does this
	ReasonCalendar      = "CALENDAR"            // the ledger holds no calendar of that year
	ReasonSet           = "VALIDATOR_SET"       // no such validator set
	ReasonNoVote        = "NEEDS_NO_VOTE"       // the members do not decide about this method
	ReasonVoted         = "VOTED"               // the organisation has cast its ballot
	ReasonProposer      = "NOT_THE_PROPOSER"    // another organisation proposed it
	ReasonNotNext       = "NOT_THE_NEXT"        // not the execution version after the newest one decided
	ReasonLead          = "TOO_NEAR"            // too few blocks before an upgrade
	ReasonFar           = "TOO_FAR"             // more blocks ahead than an upgrade may lie
	ReasonAnnounced     = "ANNOUNCED"           // an announced calendar does not become a provisional one
	ReasonContradiction = "CONTRADICTION"       // two figures would contradict each other
	ReasonPastDay       = "PAST_DAY"            // a day that has begun would be counted otherwise

	// Of the sale of what is pledged.
	ReasonRoute        = "OTHER_ROUTE"      // the enforcement goes another way
	ReasonOtherVenue   = "OTHER_VENUE"      // another exchange or court keeps the disposal
	ReasonNoEnforcing  = "NOT_ENFORCING"    // the enforcement that it belongs to has ended
	ReasonNotInPledge  = "NOT_IN_PLEDGE"    // the pledge does not have the right, or no more
	ReasonReserve      = "BELOW_RESERVE"    // less than the reserve price
	ReasonReserveFloor = "RESERVE_TOO_LOW"  // the reserve price is less than the least one allowed
	ReasonNotice       = "NOTICE_TOO_SHORT" // opens before the notice of a private sale has run
	ReasonNotYet       = "NOT_YET"          // the round is not so far
	ReasonRoundOver    = "ROUND_OVER"       // it takes no bids any more
	ReasonNoBid        = "NO_BID"           // nobody has bid the reserve price
	ReasonBidPlaced    = "BID_PLACED"       // somebody has
	ReasonRounds       = "NO_ROUND_LEFT"    // two auctions, then one sell-off
	ReasonByAgreement  = "BY_AGREEMENT"     // an agreement on a price has no bids and no rounds
	ReasonRegistered   = "REGISTERED"       // an organisation of this ledger stands by its party id

	// Of organisations and people.
	ReasonSuspended    = "PARTY_SUSPENDED"  // the organisation is suspended, or its account frozen
	ReasonMerged       = "PARTY_MERGED"     // the organisation is no more; its successor acts
	ReasonDelegation   = "DELEGATION"       // what the organisation delegated to the signer's does not cover this, or has ended
	ReasonSelfDealing  = "SELF_DEALING"     // an agent of another party here signs for itself, too
	ReasonNoDelegate   = "NOT_DELEGABLE"    // this is never delegated, or not by or to organisations of this kind
	ReasonKeyReplaced  = "KEY_REPLACED"     // the person signs with another key now
	ReasonKeyWaiting   = "KEY_WAITING"      // the key does not hold before the lock window is over
	ReasonRotating     = "ROTATION_WAITS"   // a rotation waits already
	ReasonNoRotation   = "NO_ROTATION"      // none waits
	ReasonHolder       = "HOLDER_OR_ADMINS" // neither the holder's key nor enough administrators signed
	ReasonLastAdmin    = "LAST_ADMIN"       // an organisation keeps an administrator
	ReasonAbsent       = "ABSENT_ROLE"      // the absent person does not hold the role
	ReasonSucceeded    = "SUCCEEDED"        // the record is another organisation's already
	ReasonLastVoter    = "LAST_VOTER"       // nobody would be left who votes
	ReasonNotNamed     = "NOT_NAMED"        // the record does not name the organisation
	ReasonNotSuspended = "NOT_SUSPENDED"    // the organisation is not suspended
	ReasonRegulator    = "REGULATOR"        // only on a regulator's proposal
	ReasonForeign      = "FOREIGN"          // not for an organisation without a unified social credit code
	ReasonNeedsAgent   = "NEEDS_AGENT"      // a foreign organisation does business through an agency

	// Of corrections and reviews.
	ReasonNotActor    = "NOT_THE_ACTOR" // another organisation made the entry
	ReasonNotEntry    = "NOT_ITS_ENTRY" // no entry of the record is of that transaction
	ReasonAnnulled    = "ANNULLED"      // the entry was annulled
	ReasonUnchanged   = "UNCHANGED"     // the entry says that already
	ReasonMovedSince  = "MOVED_SINCE"   // something else has changed the field since
	ReasonOverBy      = "OVER_BY"       // what the event began was over by the time named
	ReasonFollowed    = "FOLLOWED"      // a later entry rests on it
	ReasonNotShown    = "NOT_SHOWN"     // the register was read since and does not show the pledge
	ReasonNotUndone   = "NOT_UNDONE"    // what was before is not known any more
	ReasonUncorrected = "NOT_CORRECTED" // entries of this kind are not corrected this way
	ReasonUnderReview = "UNDER_REVIEW"  // the entry is under review already
)

// A Refusal lists the rules a transaction breaks, the weightiest first. The nil
// refusal, like the empty one, refuses nothing.
type Refusal struct {
	Failures []ledger.Failure
}

// Refuse makes a refusal of one failure.
func Refuse(f ledger.Failure) *Refusal { return &Refusal{Failures: []ledger.Failure{f}} }

// Add notes one more broken rule, unless the same is noted already.
func (r *Refusal) Add(f ledger.Failure) {
	for _, known := range r.Failures {
		if known == f {
			return
		}
	}
	r.Failures = append(r.Failures, f)
}

// Refuses tells whether any rule is broken.
func (r *Refusal) Refuses() bool { return r != nil && len(r.Failures) > 0 }

// Code is the code of the first broken rule, "" if none is.
func (r *Refusal) Code() string {
	if !r.Refuses() {
		return ""
	}
	return r.Failures[0].Code
}

// Error makes a refusal at intake an error of its request.
func (r *Refusal) Error() string {
	var parts []string
	for _, f := range r.Failures {
		part := f.Code
		for _, finer := range []string{f.Ground, f.Reason, f.Field, f.Subject} {
			if finer != "" {
				part += " " + finer
			}
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("refused: %s", strings.Join(parts, "; "))
}

// Unwrap gives the class of the failed request: a taken reference is a
// conflict, all else is invalid.
func (r *Refusal) Unwrap() error {
	if r.Code() == EDuplicate {
		return ledger.ErrConflict
	}
	return ledger.ErrInvalid
}
