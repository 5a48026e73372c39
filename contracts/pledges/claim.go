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

// Grounds on which the claims that a maximum amount secures are fixed (Civil Code,
// article 423).
const (
	FixPeriodEnded = "PERIOD_ENDED" // the period agreed for it is over
	FixOnRequest   = "ON_REQUEST"   // none was agreed, and two years have passed
	FixNoNewDebt   = "NO_NEW_DEBT"  // none can arise any more
	FixSeizure     = "SEIZURE"      // the pledgee knows, or should, that the right is seized
	FixBankruptcy  = "BANKRUPTCY"   // of the debtor or the pledgor, or its dissolution
	FixOtherLaw    = "OTHER_LAW"
)

// A ClaimFixed says when and why the claims of a maximum amount were fixed. The amount is
// sealed.
type ClaimFixed struct {
	Ground     string       `cbor:"1,keyasint" json:"ground"`
	FactTime   int64        `cbor:"2,keyasint" json:"fact_time"`
	LedgerTime int64        `cbor:"3,keyasint" json:"ledger_time"`
	FixedBy    string       `cbor:"4,keyasint" json:"fixed_by"`                       // party id
	Commitment *ledger.Hash `cbor:"5,keyasint,omitempty" json:"commitment,omitempty"` // of the fixed amount
	Document   *ledger.Hash `cbor:"6,keyasint,omitempty" json:"document,omitempty"`
}

// FixArgs are the arguments of pledges.fix_claim.
type FixArgs struct {
	PledgeNo string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Ground   string       `cbor:"2,keyasint,omitempty" json:"ground,omitempty" schema:"enum=PERIOD_ENDED|ON_REQUEST|NO_NEW_DEBT|SEIZURE|BANKRUPTCY|OTHER_LAW"`
	FactTime int64        `cbor:"3,keyasint,omitempty" json:"fact_time,omitempty"`                              // since when it is fixed, ms since 1970 UTC
	Document *ledger.Hash `cbor:"4,keyasint,omitempty" json:"document,omitempty" schema:"alias=court_document"` // that shows it, kept off the ledger
}

// fixClaim fixes the claims of a maximum amount: by a pledgee, who seals the amount, or by
// an office or a court, on a paper. What arises later is not secured.
func fixClaim(v *contracts.View, args FixArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	list := rightsOf(v, record)
	checkState(v, record, list, r, Effective, Enforcing)
	checkSteps(application, r)
	sealed := v.Sealed()
	switch role := v.ActingParty().Role; {
	case role == contracts.Bank:
		if !IsPledgee(v, application) {
			r.Add(notPledgee(record))
		}
		v.Commitment(r)
	case role != contracts.Court && !rights.Reports(role, rights.Registrar(record.Registrar)):
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.Registrar, Reason: contracts.ReasonOtherRegister})
	case args.Document == nil || args.Document.IsZero():
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "document", Reason: contracts.ReasonMissing})
	}
	switch {
	case application.Kind != MaxAmount:
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: record.PledgeNo, Reason: Ordinary})
	case application.ClaimFixed != nil:
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: record.PledgeNo, Reason: contracts.ReasonFixed})
	}
	checkFactTime(v, record, args.FactTime, r)
	switch args.Ground {
	case "":
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "ground", Reason: contracts.ReasonMissing})
	case FixOnRequest:
		// The period is full when its last day is over (Civil Code, articles 201 and 202).
		since := identifier.DateOf(record.StatutoryTime).AddMonths(int(v.Figure(contracts.FixRequestMonths))).AddDays(1)
		if identifier.DateOf(args.FactTime).Before(since) {
			r.Add(ledger.Failure{Code: contracts.ETerm, Field: "fact_time", Subject: since.String(), Reason: contracts.ReasonTooEarly})
		}
	case FixSeizure:
		if !slices.ContainsFunc(list, func(p *pledged) bool { return seized(p.record, args.FactTime) }) {
			r.Add(ledger.Failure{Code: contracts.EState, Field: "ground", Subject: record.PledgeNo, Reason: contracts.ReasonNotFlagged})
		}
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	application.ClaimFixed = &ClaimFixed{
		Ground: args.Ground, FactTime: args.FactTime, LedgerTime: v.Time(), FixedBy: v.Actor(), Commitment: sealed, Document: args.Document,
	}
	step(v, record, application, record.State, "fix_claim", "pledge.claim_fixed")
	return PledgeResult{PledgeNo: record.PledgeNo, State: record.State, Version: record.Version, CertificateNo: record.CertificateNo}, nil
}

// seized tells whether a court's freeze had been received at a right by a time.
func seized(r rights.Record, at int64) bool {
	return slices.ContainsFunc(r.Freezes, func(f rights.Freeze) bool { return f.Stands(at) }) ||
		slices.ContainsFunc(r.Encumbrances, func(e rights.RegistrarEncumbrance) bool { return e.Freezes() && e.InForce(at) })
}

// checkFactTime puts what happened to a pledge between its registration and now.
func checkFactTime(v *contracts.View, record Record, at int64, r *contracts.Refusal) {
	if at == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "fact_time", Reason: contracts.ReasonMissing})
		return
	}
	v.CheckTime("fact_time", at, record.StatutoryTime, r)
}
