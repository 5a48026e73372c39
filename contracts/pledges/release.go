// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// Grounds on which a pledge is let go: the closed list of the Civil Code, articles 388
// and 393, and a court's order.
const (
	GroundDebtPaid         = "DEBT_PAID" // or prepaid
	GroundRealised         = "REALISED"
	GroundWaived           = "WAIVED"
	GroundMainContractVoid = "MAIN_CONTRACT_VOID"
	GroundOther            = "OTHER"
	GroundCourt            = "COURT"
)

// ConsentArgs are the arguments of pledges.consent_release.
type ConsentArgs struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Ground   string `cbor:"2,keyasint,omitempty" json:"ground,omitempty" schema:"enum=DEBT_PAID|REALISED|WAIVED|MAIN_CONTRACT_VOID|OTHER"`
}

// CancelArgs are the arguments of pledges.cancel.
type CancelArgs struct {
	PledgeNo         string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	CancellationRef  string       `cbor:"2,keyasint,omitempty" json:"cancellation_ref,omitempty" schema:"max=64,alias=cancellation_no"` // of the statutory registrar
	CancellationTime int64        `cbor:"3,keyasint,omitempty" json:"cancellation_time,omitempty" schema:"alias=statutory_time"`        // ms since 1970 UTC, statutory
	CourtDocument    *ledger.Hash `cbor:"4,keyasint,omitempty" json:"court_document,omitempty"`                                         // a court's paper stands for the pledgees' consent
}

// consentRelease lets a pledge go, as far as the pledgees can: it ends when the registrar
// cancels it. That it was realised can only be said of one that is being enforced and of
// which something was sold.
func consentRelease(v *contracts.View, args ConsentArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	checkPledgees(v, record, application, r)
	list := rightsOf(v, record)
	if args.Ground == GroundRealised {
		checkState(v, record, list, r, Enforcing)
		if !slices.ContainsFunc(list, func(p *pledged) bool { return rights.SoldUnder(p.record, record.PledgeNo) }) {
			r.Add(ledger.Failure{Code: contracts.EState, Field: "ground", Subject: record.PledgeNo, Reason: contracts.ReasonNotSold})
		}
	} else {
		checkState(v, record, list, r, Effective)
	}
	if args.Ground == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "ground", Reason: contracts.ReasonMissing})
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	mark(v, list, record.PledgeNo, ReleasePending)
	record.Ground = args.Ground
	step(v, record, application, ReleasePending, "consent_release", "pledge.release_pending")
	return PledgeResult{PledgeNo: record.PledgeNo, State: ReleasePending, Version: record.Version}, nil
}

// withdrawRelease takes the consent back before the registrar has cancelled the pledge,
// if the pledgors agree.
func withdrawRelease(v *contracts.View, args PledgeArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	list := rightsOf(v, record)
	checkState(v, record, list, r, ReleasePending)
	checkSteps(application, r)
	checkPledgees(v, record, application, r)
	checkPledgorsAgree(v, record, application, list, contracts.EConsent, "", r)
	if r.Refuses() {
		return PledgeResult{}, r
	}
	back := Effective
	if record.Ground == GroundRealised {
		back = Enforcing
	}
	mark(v, list, record.PledgeNo, back)
	record.Ground = ""
	step(v, record, application, back, "withdraw_release", "pledge.release_withdrawn")
	return PledgeResult{PledgeNo: record.PledgeNo, State: back, Version: record.Version}, nil
}

// cancel relays the statutory cancellation. Whoever reports for the pledge's register
// may: the register is one, and the office that received the application may be gone by
// then.
func cancel(v *contracts.View, args CancelArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	court := args.CourtDocument != nil
	checkRegister(v, record, r)
	list, from := rightsOf(v, record), []State{ReleasePending}
	if court {
		from = []State{Effective, ReleasePending, Enforcing}
	}
	checkState(v, record, list, r, from...)
	if args.CancellationRef == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "cancellation_ref", Reason: contracts.ReasonMissing})
	}
	checkCourt(args.CourtDocument, r)
	earliest := record.newestEntry()
	if !court {
		earliest = max(earliest, dayOf(application.StepTime))
	}
	if args.CancellationTime == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "cancellation_time", Reason: contracts.ReasonMissing})
	} else {
		v.CheckTime("cancellation_time", args.CancellationTime, earliest, r)
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	drop(v, list, record.PledgeNo, args.CancellationTime)
	application.Stood = &Standing{State: record.State, Since: application.StepTime, Ground: record.Ground}
	state := Released
	switch {
	case court:
		record.Ground, application.CourtDocument = GroundCourt, args.CourtDocument
	case record.Ground == GroundRealised:
		state = Realised
	}
	application.endEnforcement(v, string(state))
	record.CancellationRef, record.CancellationTime, record.EndedAt = args.CancellationRef, args.CancellationTime, v.Time()
	if refusal := certify(v, &record); refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	step(v, record, application, state, "cancel", "pledge.released")
	return registered(record, state), nil
}

// checkRegister refuses an actor that reports for another register than the pledge's.
func checkRegister(v *contracts.View, record Record, r *contracts.Refusal) {
	if !rights.Reports(v.ActingParty().Role, rights.Registrar(record.Registrar)) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.Registrar, Reason: contracts.ReasonOtherRegister})
	}
}

// checkCourt refuses a court's paper without content.
func checkCourt(document *ledger.Hash, r *contracts.Refusal) {
	if document != nil && document.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "court_document", Reason: contracts.ReasonEmpty})
	}
}

// checkRevocation refuses a revocation that does not say why: a ground of refusal that was
// found later is named by its code, a decision of a court or authority by its paper.
func checkRevocation(args RevokeArgs, r *contracts.Refusal) {
	refuse := func(field, reason string) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: reason})
	}
	switch {
	case args.Ground == "" && len(args.Codes) == 0:
		refuse("ground", contracts.ReasonMissing)
	case args.Ground == RevokedGroundFound && len(args.Codes) == 0:
		refuse("codes", contracts.ReasonMissing)
	case args.Ground == RevokedByDecision && args.Document == nil:
		refuse("document", contracts.ReasonMissing)
	}
	if args.Document != nil && args.Document.IsZero() {
		refuse("document", contracts.ReasonEmpty)
	}
}

// Grounds of a revocation that need more than their name.
const (
	RevokedGroundFound = "GROUND_FOUND" // one of those to refuse was found later
	RevokedByDecision  = "DECISION"     // a court, arbitral body or authority decided so
)

// RevokeArgs are the arguments of pledges.revoke.
type RevokeArgs struct {
	PledgeNo       string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Ground         string       `cbor:"2,keyasint,omitempty" json:"ground,omitempty" schema:"enum=GROUND_FOUND|CONTRACT_VOID|FORGED_PAPERS|DECISION|RIGHT_LOST|FRAUD|OTHER"`
	Codes          []string     `cbor:"3,keyasint,omitempty" json:"codes,omitempty" schema:"enum=R01_NOT_OWNER|R02_ENDED|R03_NOT_GRANTED|R04_FEE_UNPAID|R05_SUSPENDED_OR_FROZEN|R06_DEBT_OUTLIVES_RIGHT|R07_CONTRACT_DEFECT|R08_COOWNER_CONSENT|R09_ALREADY_PLEDGED|R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING|R12_OTHER|T01_NAME_DIFFERS|T02_CONTRACT_UNLAWFUL|T03_ENDED|T04_FROZEN|T05_OTHER|C01_NOT_OWNER|C02_CONTRACT_UNLAWFUL|C03_EXPIRED|C04_DEBT_OUTLIVES_RIGHT|C05_DISPUTED|C06_OTHER,items=12"` // of a refusal, found later
	RevocationRef  string       `cbor:"4,keyasint,omitempty" json:"revocation_ref,omitempty" schema:"max=64,alias=revocation_no"`
	RevocationTime int64        `cbor:"5,keyasint,omitempty" json:"revocation_time,omitempty" schema:"alias=statutory_time"` // at the registrar, ms since 1970 UTC; absent: now
	Document       *ledger.Hash `cbor:"6,keyasint,omitempty" json:"document,omitempty" schema:"alias=court_document"`
}

// revoke relays that the registrar has taken the registration back: the pledge is void
// from the start, as if it had never been (CNIPA Announcement 461, articles 12 and 13;
// Announcement 358; Order 8, article 14). The other pledges move up. What the ledger said
// before it still says for then.
func revoke(v *contracts.View, args RevokeArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	checkRegister(v, record, r)
	list := rightsOf(v, record)
	checkState(v, record, list, r, Effective, ReleasePending, Enforcing)
	checkCodes(record, args.Codes, r)
	checkRevocation(args, r)
	at := args.RevocationTime
	if at == 0 {
		at = v.Time()
	}
	v.CheckTime("revocation_time", at, record.StatutoryTime, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}
	void(v, record, list)
	record.Ground = args.Ground
	if record.Ground == "" {
		record.Ground = args.Codes[0]
	}
	application.Codes = args.Codes
	application.CourtDocument = args.Document
	application.endEnforcement(v, string(Revoked))
	record.CancellationRef, record.CancellationTime, record.EndedAt = args.RevocationRef, at, v.Time()
	if refusal := certify(v, &record); refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	step(v, record, application, Revoked, "revoke", "pledge.revoked")
	result := registered(record, Revoked)
	result.Codes = args.Codes
	return result, nil
}
