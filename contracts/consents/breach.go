// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consents

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// BreachArgs are the arguments of consents.report_breach.
type BreachArgs struct {
	Right        string      `cbor:"1,keyasint" json:"right_id" schema:"format=right,alias=right"` // its id, or TYPE:number
	Kind         string      `cbor:"2,keyasint" json:"kind" schema:"enum=TRANSFER|LICENCE|LICENCE_EXCLUSIVE|OPEN_LICENCE|ABANDONMENT"`
	FactTime     int64       `cbor:"3,keyasint,omitempty" json:"fact_time,omitempty"`                          // when the deal was made, ms since 1970 UTC
	Evidence     ledger.Hash `cbor:"4,keyasint" json:"evidence" schema:"alias=document"`                       // of the contract or offer, kept off the ledger
	Counterparty string      `cbor:"5,keyasint,omitempty" json:"counterparty,omitempty" schema:"format=party"` // the deal was with it
}

// reportBreach records a deal that no consent covered. It takes the deal from nobody: the
// register does not enter it, and the pledgees go to court.
func reportBreach(v *contracts.View, args BreachArgs) (Result, *contracts.Refusal) {
	right, refusal := findRight(v, args.Right)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	checkFactTime(v, args.FactTime, r)
	then := rights.Then(v, right, args.FactTime)
	hurt := rights.PledgesThen(then, args.FactTime)
	switch v.ActingParty().Role {
	case contracts.Exchange: // it sees deals of every register
	case contracts.Bank:
		if !slices.ContainsFunc(hurt, func(e rights.PledgeEntry) bool { return isPledgee(v, e.PledgeNo, e.Pledgees) }) {
			r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: right.RightID, Reason: contracts.ReasonNotPledgee})
		}
	default:
		rights.CheckReporter(v, right, r)
	}
	if args.Evidence.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "evidence", Reason: contracts.ReasonEmpty})
	}
	counterparty := findCounterparty(v, args.Kind, args.Counterparty, rights.Record{}, r)
	if len(hurt) == 0 {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: right.RightID, Reason: contracts.ReasonNotPledged})
	}
	if r.Refuses() {
		return Result{}, r
	}
	for _, c := range consentsOf(v, right, func(c rights.Consent) bool { return c.Kind == args.Kind }) {
		switch {
		case c.Breach != nil && c.Breach.FactTime == args.FactTime && c.Counterparty == counterparty:
			r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: "right_id", Subject: c.ConsentNo})
		case c.Breach == nil && c.StateAt(then, args.FactTime) == rights.ConsentGranted && covers(v, c, args.FactTime, counterparty):
			r.Add(ledger.Failure{Code: contracts.EState, Field: "fact_time", Subject: c.ConsentNo, Reason: contracts.ReasonAgreed})
		}
	}
	if entered(v, right, args.Kind, args.FactTime) {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "fact_time", Subject: right.RightID, Reason: contracts.ReasonAgreed})
	}
	if r.Refuses() {
		return Result{}, r
	}
	c := rights.Consent{Kind: args.Kind, Counterparty: counterparty, Breach: &rights.Breach{
		FactTime: args.FactTime, ReportedBy: v.Actor(), ReportedAt: v.Time(), Evidence: args.Evidence, Owners: rights.OwnersThen(right, args.FactTime),
	}}
	return enter(v, c, right, hurt, "consent.breach")
}

// covers tells whether a granted consent is one to the deal of a time. It is to no deal
// with another than it names; and once a deal of another time has used it, or brought
// proceeds, it is to that one alone.
func covers(v *contracts.View, c rights.Consent, at int64, counterparty string) bool {
	if c.Counterparty != "" && counterparty != "" {
		return contracts.SameParty(v, c.Counterparty, counterparty, c.RightID)
	}
	use, _ := contracts.Load[rights.ConsentUse](v, rights.ConsentUseKey(c.ConsentNo))
	used := use.Event != 0
	if used || len(c.Proceeds) > 0 {
		return used && use.FactTime == at || len(c.Proceeds) > 0 && c.Proceeds[0].FactTime == at
	}
	return true
}

// entered tells whether the register has entered such a deal of that time: without a
// consent, a signature or a court's paper it could not be recorded.
func entered(v *contracts.View, right rights.Record, kind string, at int64) (found bool) {
	v.Iterate(rights.EventPrefix(right.Space, right.Number), func(key string, _ []byte) bool {
		event, _ := contracts.Load[rights.Event](v, key)
		found = !event.Annulled && event.Since() == at && rights.DealOf(event.Event) == kind
		return !found
	})
	return found
}
