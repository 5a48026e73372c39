// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consents

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// RequestArgs are the arguments of consents.request.
type RequestArgs struct {
	Right        string `cbor:"1,keyasint" json:"right_id" schema:"format=right,alias=right"` // its id, or TYPE:number
	Kind         string `cbor:"2,keyasint" json:"kind" schema:"enum=TRANSFER|LICENCE|LICENCE_EXCLUSIVE|OPEN_LICENCE|ABANDONMENT"`
	Counterparty string `cbor:"3,keyasint,omitempty" json:"counterparty,omitempty" schema:"format=party"` // the deal is with it; absent: the sealed terms say with whom
	Until        string `cbor:"4,keyasint,omitempty" json:"until,omitempty" schema:"format=date"`         // last day to grant it; absent: as long as may be
}

// maxRequests bounds the requests about one right in as many days as one may wait.
const maxRequests = 64

// request asks all who hold a pledge of the right. Any owner may ask; whether co-owners
// agree to the deal is for the register to examine.
func request(v *contracts.View, args RequestArgs) (Result, *contracts.Refusal) {
	right, refusal := findRight(v, args.Right)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	if !slices.ContainsFunc(right.Owners, func(owner string) bool { return contracts.ActsFor(v, owner, right.RightID) }) {
		r.Add(ledger.Failure{Code: contracts.EOwner, Field: "actor", Subject: right.RightID, Reason: contracts.ReasonNotOwner})
	}
	checkAlive(v, right, r)
	asked := rights.LivePledges(right, v.Time())
	if len(asked) == 0 {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: right.RightID, Reason: contracts.ReasonNotPledged})
	}
	if args.Kind == rights.DealOpenLicence && right.Space != identifier.PatentSpace {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "kind", Subject: string(right.Type), Reason: contracts.ReasonNoSuchEvent})
	}
	counterparty := findCounterparty(v, args.Kind, args.Counterparty, right, r)
	latest := v.Today().AddDays(int(v.Figure(contracts.ConsentDays)))
	until := args.Until
	if until == "" {
		until = latest.String()
	} else if last, err := identifier.ParseDate(until); err != nil || last.Before(v.Today()) || latest.Before(last) {
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until", Subject: latest.String()})
	}
	sealed := v.Commitment(r)
	if recent := v.Time() - contracts.Days(v.Figure(contracts.ConsentDays)); len(consentsOf(v, right, func(c rights.Consent) bool { return c.RequestedAt > recent })) >= maxRequests {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: right.RightID, Reason: contracts.ReasonLength})
	}
	if r.Refuses() {
		return Result{}, r
	}
	c := rights.Consent{
		Kind: args.Kind, Counterparty: counterparty, RequestedBy: v.Actor(), RequestedAt: v.Time(), Until: until, Commitment: &sealed,
	}
	return enter(v, c, right, asked, "consent.requested")
}

// enter gives a new record its number and stores it.
func enter(v *contracts.View, c rights.Consent, right rights.Record, asked []rights.PledgeEntry, event string) (Result, *contracts.Refusal) {
	no, refusal := v.NextNumber(identifier.ConsentRecord, v.AreaOf(v.ActingParty()))
	if refusal.Refuses() {
		return Result{}, refusal
	}
	c.ConsentNo, c.RightID, c.Space, c.Number = no, right.RightID, right.Space, right.Number
	result := Result{ConsentNo: no, Until: c.Until}
	for _, e := range asked {
		c.Asked = append(c.Asked, rights.AskedPledge{PledgeNo: e.PledgeNo, Pledgees: e.Pledgees})
		result.Asked = append(result.Asked, e.PledgeNo)
	}
	contracts.Store(v, rights.ConsentsPrefix(right.Space, right.Number)+no, no)
	result.State = store(v, c, right, event)
	return result, nil
}

// store keeps a consent and gives its state.
func store(v *contracts.View, c rights.Consent, right rights.Record, event string) string {
	contracts.Store(v, rights.ConsentKey(c.ConsentNo), c)
	v.Emit(event, c.ConsentNo)
	return string(c.StateAt(right, v.Time()))
}

func findRight(v *contracts.View, typed string) (rights.Record, *contracts.Refusal) {
	key, failure := rights.Resolve(v.Get, typed, v.Today())
	if failure != nil {
		failure.Field = "right_id"
		return rights.Record{}, contracts.Refuse(*failure)
	}
	right, ok := contracts.Load[rights.Record](v, key)
	if !ok {
		return rights.Record{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "right_id"})
	}
	return right, nil
}

// checkAlive refuses a right about which no deal is made any more.
func checkAlive(v *contracts.View, right rights.Record, r *contracts.Refusal) {
	if state := rights.StateThen(right, v.Time(), v.Parameters()); state != rights.Confirmed {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: right.RightID, Reason: string(state)})
	}
}

// findCounterparty gives the party that a deal is with. What is offered to everybody, or
// given up, is with nobody; and nobody deals with itself.
func findCounterparty(v *contracts.View, kind, typed string, right rights.Record, r *contracts.Refusal) string {
	if typed == "" {
		return ""
	}
	if kind == rights.DealOpenLicence || kind == rights.DealAbandonment {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "counterparty", Subject: kind, Reason: contracts.ReasonUnknown})
		return ""
	}
	party := contracts.FindParty(v, typed, "counterparty", r).PartyID
	if party != "" && slices.ContainsFunc(right.Owners, func(owner string) bool { return contracts.SameParty(v, owner, party, right.RightID) }) && len(right.Owners)+len(right.Outsiders) == 1 {
		r.Add(ledger.Failure{Code: contracts.EOwner, Field: "counterparty", Subject: party})
	}
	return party
}

// consentsOf lists the consents of a right that are wanted, by number.
func consentsOf(v *contracts.View, right rights.Record, wanted func(c rights.Consent) bool) (list []rights.Consent) {
	var numbers []string
	v.Iterate(rights.ConsentsPrefix(right.Space, right.Number), func(key string, _ []byte) bool {
		no, _ := contracts.Load[string](v, key)
		numbers = append(numbers, no)
		return true
	})
	for _, no := range numbers {
		if c, ok := contracts.Load[rights.Consent](v, rights.ConsentKey(no)); ok && wanted(c) {
			list = append(list, c)
		}
	}
	return list
}
