// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// Routes of an enforcement (Civil Code, article 436; Supreme Court, interpretation on
// security, article 45).
const (
	RouteAgreement   = "AGREEMENT"    // on a price
	RoutePrivateSale = "PRIVATE_SALE" // by the pledgee, as the contract lets it
	RouteCourt       = "COURT"
)

// An Enforcement is one attempt to be paid from what is pledged. The ledger moves no
// right by it: that takes a sale or a court's paper.
type Enforcement struct {
	Ground    string       `cbor:"1,keyasint" json:"ground"` // DEFAULT or AGREED_EVENT
	Route     string       `cbor:"2,keyasint" json:"route"`
	FactTime  int64        `cbor:"3,keyasint" json:"fact_time"` // of the default or event
	StartedAt int64        `cbor:"4,keyasint" json:"started_at"`
	StartedBy string       `cbor:"5,keyasint" json:"started_by"` // party id
	Notified  []string     `cbor:"6,keyasint" json:"notified"`   // party ids, sorted: the ledger tells them
	Document  *ledger.Hash `cbor:"7,keyasint,omitempty" json:"document,omitempty"`
	EndedAt   int64        `cbor:"8,keyasint,omitempty" json:"ended_at,omitempty"`
	Outcome   string       `cbor:"9,keyasint,omitempty" json:"outcome,omitempty"`
}

// EnforceArgs are the arguments of pledges.start_enforcement.
type EnforceArgs struct {
	PledgeNo string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Ground   string       `cbor:"2,keyasint,omitempty" json:"ground,omitempty" schema:"enum=DEFAULT|AGREED_EVENT"`
	Route    string       `cbor:"3,keyasint,omitempty" json:"route,omitempty" schema:"enum=AGREEMENT|PRIVATE_SALE|COURT"`
	FactTime int64        `cbor:"4,keyasint,omitempty" json:"fact_time,omitempty"`                                     // of the default or event; absent: now
	Notify   []string     `cbor:"5,keyasint,omitempty" json:"notify,omitempty" schema:"format=party,items=16"`         // guarantors and insurers, beside the pledgors and the other pledgees
	Document *ledger.Hash `cbor:"6,keyasint,omitempty" json:"document,omitempty" schema:"alias=notice|court_document"` // the notice or the court's paper, kept off the ledger
}

// startEnforcement tells the pledgors, the other pledgees of the same rights and whoever
// else stands for the debt that the pledgees want to be paid from what is pledged.
func startEnforcement(v *contracts.View, args EnforceArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	list := rightsOf(v, record)
	checkState(v, record, list, r, Effective)
	checkSteps(application, r)
	checkPledgees(v, record, application, r)
	for _, field := range []struct{ name, value string }{{"ground", args.Ground}, {"route", args.Route}} {
		if field.value == "" {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field.name, Reason: contracts.ReasonMissing})
		}
	}
	at := args.FactTime
	if at == 0 {
		at = v.Time()
	}
	checkFactTime(v, record, at, r)
	notified := slices.Clone(application.Pledgors)
	if len(args.Notify) > 0 {
		notified = append(notified, rights.CheckParties(v, args.Notify, "notify", r)...)
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	for _, p := range list {
		notified = append(notified, p.record.Owners...)
		for _, other := range rights.LivePledges(p.record, v.Time()) {
			if other.PledgeNo != record.PledgeNo {
				notified = append(notified, other.Pledgees...)
			}
		}
	}
	slices.Sort(notified)
	application.Enforcement = &Enforcement{
		Ground: args.Ground, Route: args.Route, FactTime: at, StartedAt: v.Time(), StartedBy: v.Actor(),
		Notified: slices.Compact(notified), Document: args.Document,
	}
	mark(v, list, record.PledgeNo, Enforcing)
	step(v, record, application, Enforcing, "start_enforcement", "pledge.enforcing")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Enforcing, Version: record.Version}, nil
}

// EndEnforcementArgs are the arguments of pledges.end_enforcement.
type EndEnforcementArgs struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Outcome  string `cbor:"2,keyasint,omitempty" json:"outcome,omitempty" schema:"alias=ground,enum=CURED|SETTLED|STOPPED"`
}

// endEnforcement lets the pledge stand as before: the default is cured, the debt settled
// with other means, or the pledgees have thought better of it.
func endEnforcement(v *contracts.View, args EndEnforcementArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	list := rightsOf(v, record)
	checkState(v, record, list, r, Enforcing)
	checkPledgees(v, record, application, r)
	if args.Outcome == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "outcome", Reason: contracts.ReasonMissing})
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	application.endEnforcement(v, args.Outcome)
	mark(v, list, record.PledgeNo, Effective)
	step(v, record, application, Effective, "end_enforcement", "pledge.enforcement_ended")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Effective, Version: record.Version}, nil
}

func (a *Application) endEnforcement(v *contracts.View, outcome string) {
	if a.Enforcement == nil || a.Enforcement.EndedAt != 0 {
		return
	}
	ended := *a.Enforcement
	ended.EndedAt, ended.Outcome = v.Time(), outcome
	a.Enforcement = &ended
}

// Kinds of demands.
const (
	DemandPayment     = "PAYMENT"     // by a pledgee: limitation of the debt runs anew (Civil Code, article 195)
	DemandEnforcement = "ENFORCEMENT" // by a pledgor: the pledgee answers for delay (article 437)
)

// A Demand is one side asking the other to do its part.
type Demand struct {
	Kind       string       `cbor:"1,keyasint" json:"kind"`
	FactTime   int64        `cbor:"2,keyasint" json:"fact_time"` // when it reached the other side
	By         string       `cbor:"3,keyasint" json:"by"`        // party id
	Document   *ledger.Hash `cbor:"4,keyasint,omitempty" json:"document,omitempty"`
	RecordedAt int64        `cbor:"5,keyasint" json:"recorded_at"` // block time
}

// maxDemands is how many demands a pledge lists: the newest.
const maxDemands = 32

// DemandArgs are the arguments of pledges.demand.
type DemandArgs struct {
	PledgeNo string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Kind     string       `cbor:"2,keyasint" json:"kind" schema:"enum=PAYMENT|ENFORCEMENT"`
	FactTime int64        `cbor:"3,keyasint,omitempty" json:"fact_time,omitempty"`                      // when it reached the other side; absent: now
	Document *ledger.Hash `cbor:"4,keyasint,omitempty" json:"document,omitempty" schema:"alias=notice"` // kept off the ledger
}

// demand records that a pledgee has asked for payment, or a pledgor for enforcement. What
// follows from it are clocks, see AlertsOf.
func demand(v *contracts.View, args DemandArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	checkState(v, record, rightsOf(v, record), r, Effective, Enforcing)
	checkSteps(application, r)
	pledgor := slices.ContainsFunc(application.Pledgors, func(p string) bool { return contracts.ActsFor(v, p, record.PledgeNo) })
	if args.Kind == DemandPayment && !IsPledgee(v, application) {
		r.Add(notPledgee(record))
	}
	if args.Kind == DemandEnforcement && !pledgor {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.PledgeNo, Reason: contracts.ReasonNotPledgor})
	}
	at := args.FactTime
	if at == 0 {
		at = v.Time()
	}
	checkFactTime(v, record, at, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}
	demands := append(slices.Clone(application.Demands), Demand{Kind: args.Kind, FactTime: at, By: v.Actor(), Document: args.Document, RecordedAt: v.Time()})
	application.Demands = demands[max(0, len(demands)-maxDemands):]
	step(v, record, application, record.State, "demand", "pledge.demand")
	return PledgeResult{PledgeNo: record.PledgeNo, State: record.State, Version: record.Version}, nil
}
