// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// ListArgs are the arguments of disposals.list.
type ListArgs struct {
	PledgeNo       string           `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Kind           string           `cbor:"2,keyasint" json:"kind" schema:"enum=AUCTION|SELL_OFF|AGREEMENT"`
	Currency       string           `cbor:"3,keyasint" json:"currency" schema:"max=3"`
	ReferencePrice contracts.Amount `cbor:"4,keyasint" json:"reference_price"`                      // in minor units: what the rights are worth, all together
	ReservePrice   contracts.Amount `cbor:"5,keyasint" json:"reserve_price" schema:"alias=reserve"` // in minor units: nothing is sold for less
	Rights         []string         `cbor:"6,keyasint,omitempty" json:"rights,omitempty" schema:"format=right,items=200"`
	OpensAt        int64            `cbor:"7,keyasint,omitempty" json:"opens_at,omitempty"`  // ms since 1970 UTC; not of an agreement
	ClosesAt       int64            `cbor:"8,keyasint,omitempty" json:"closes_at,omitempty"` // exclusive
	Valuation      *ledger.Hash     `cbor:"9,keyasint,omitempty" json:"valuation,omitempty"` // kept off the ledger
}

// list offers some or all of the rights of a pledge that is being enforced, the first
// time. An agreement on a price needs a valuation: it has no auction to show what the
// rights are worth.
func list(v *contracts.View, args ListArgs) (Result, *contracts.Refusal) {
	pledge, application, refusal := pledges.Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return Result{}, refusal
	}
	s := &sale{Refusal: new(contracts.Refusal), v: v, pledge: pledge, application: application}
	e := application.Enforcement
	if state := pledges.StateNow(v, pledge); state != pledges.Enforcing || e == nil {
		s.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: pledge.PledgeNo, Reason: string(state)})
		return Result{}, s.Refusal
	}
	if byCourt := v.ActingParty().Role == contracts.Court; byCourt != (e.Route == pledges.RouteCourt) {
		s.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: pledge.PledgeNo, Reason: contracts.ReasonRoute})
	}
	if byAgreement := args.Kind == Agreement; byAgreement != (e.Route == pledges.RouteAgreement) {
		s.Add(ledger.Failure{Code: contracts.EState, Field: "kind", Subject: pledge.PledgeNo, Reason: contracts.ReasonRoute})
	}
	s.record = Record{
		PledgeNo: pledge.PledgeNo, Venue: v.Actor(), Route: e.Route, Currency: args.Currency, ReferencePrice: args.ReferencePrice,
		Valuation: args.Valuation, EnforcedSince: e.StartedAt,
	}
	s.file = File{Pledgors: application.Pledgors, Pledgees: application.Pledgees}
	s.choose(args.Rights)
	s.checkRights()
	s.checkUnsold()
	contracts.CheckCurrency(args.Currency, "currency", s.Refusal)
	if args.ReferencePrice == 0 {
		s.Add(ledger.Failure{Code: contracts.EAmount, Field: "reference_price", Reason: contracts.ReasonEmpty})
	}
	noValuation := args.Valuation == nil || args.Valuation.IsZero()
	if args.Kind == Agreement && noValuation || args.Valuation != nil && noValuation {
		s.Add(ledger.Failure{Code: contracts.EValuation, Field: "valuation", Reason: contracts.ReasonMissing})
	}
	s.offer(Round{Kind: args.Kind, ReservePrice: args.ReservePrice, OpensAt: args.OpensAt, ClosesAt: args.ClosesAt})
	if s.Refuses() {
		return Result{}, s.Refusal
	}
	area := v.ActingParty().AreaCode
	if area == "" {
		area = v.Parameters().Area
	}
	number, refusal := v.NextNumber(identifier.DisposalRecord, area)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	s.record.DisposalNo, s.file.DisposalNo = number, number
	for _, right := range s.record.Rights {
		s.take(right)
	}
	return s.finish(Listed, "list", "disposal.listed")
}

// choose finds the rights that are named, or all that live and are not sold yet.
func (s *sale) choose(named []string) {
	add := func(of rights.Record) {
		s.rights = append(s.rights, of)
		s.record.Rights = append(s.record.Rights, Right{RightID: of.RightID, Type: of.Type, Number: of.Number})
	}
	for i, ref := range named {
		field := fmt.Sprintf("rights[%d]", i)
		key, failure := rights.Resolve(s.v.Get, ref, s.v.Today())
		if failure != nil {
			failure.Field = field
			s.Add(*failure)
			continue
		}
		switch of, ok := contracts.Load[rights.Record](s.v, key); {
		case !ok:
			s.Add(ledger.Failure{Code: contracts.ENotFound, Field: field})
		case slices.ContainsFunc(s.record.Rights, func(r Right) bool { return r.Key() == key }):
			s.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: of.RightID, Reason: contracts.ReasonRepeated})
		default:
			add(of)
		}
	}
	if len(named) > 0 {
		return
	}
	for _, right := range s.pledge.Rights {
		of, _ := contracts.Load[rights.Record](s.v, Right{Type: right.Type, Number: right.Number}.Key())
		if !rights.EndsPledge(of, s.pledge.PledgeNo, s.v.Time(), s.v.Parameters()) && !rights.SoldUnder(of, s.pledge.PledgeNo) {
			add(of)
		}
	}
	if len(s.rights) == 0 {
		s.Add(ledger.Failure{Code: contracts.EState, Field: "rights", Subject: s.pledge.PledgeNo, Reason: contracts.ReasonEmpty})
	}
}

// checkUnsold refuses a right that another disposal offers or has sold. One that was sold
// under another pledge and has gone to its buyers may be sold again.
func (s *sale) checkUnsold() {
	for i, right := range s.record.Rights {
		refuse := func(disposalNo string, state State) {
			s.Add(ledger.Failure{Code: contracts.EState, Field: "rights", Subject: disposalNo, Reason: contracts.DisposalReason + string(state)})
		}
		if of := s.rights[i]; of.Sale.Bars(of, s.pledge.PledgeNo) {
			refuse(of.Sale.DisposalNo, Settled)
			continue
		}
		if other, ok := newest(s.v, right); ok {
			if state := stateNow(s.v, other); state.Open() {
				refuse(other.DisposalNo, state)
			}
		}
	}
}

// newest is the record of the newest disposal of a right.
func newest(v *contracts.View, right Right) (Record, bool) {
	number, ok := contracts.Load[string](v, newestKey(right.Key()))
	if !ok {
		return Record{}, false
	}
	return contracts.Load[Record](v, RecordKey(number))
}

// take notes that a right is in this disposal. What was left of an older one whose
// enforcement has ended is over for good: it must not come back with a withdrawn release.
func (s *sale) take(right Right) {
	if other, ok := newest(s.v, right); ok && other.State.Open() {
		other.State, other.StoppedAt = Stopped, s.v.Time()
		contracts.Store(s.v, RecordKey(other.DisposalNo), other)
		s.v.Emit("disposal.stopped", other.DisposalNo)
	}
	contracts.Store(s.v, newestKey(right.Key()), s.record.DisposalNo)
}
