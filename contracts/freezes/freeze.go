// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package freezes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// RecordArgs are the arguments of freezes.record.
type RecordArgs struct {
	Right      string `cbor:"1,keyasint" json:"right_id" schema:"format=right,alias=right"` // its id, or TYPE:number
	DocNo      string `cbor:"2,keyasint,omitempty" json:"doc_no,omitempty" schema:"max=64"`
	Court      string `cbor:"3,keyasint,omitempty" json:"court,omitempty" schema:"max=128"`        // its name or credit code; absent: the acting court
	ReceivedAt int64  `cbor:"4,keyasint,omitempty" json:"received_at,omitempty"`                   // by the registrar, ms since 1970 UTC
	Until      string `cbor:"5,keyasint,omitempty" json:"until,omitempty" schema:"format=date"`    // last day; absent: as long as the law allows
	Scope      string `cbor:"6,keyasint,omitempty" json:"scope,omitempty" schema:"max=128"`        // what is frozen of the right
	Against    string `cbor:"7,keyasint,omitempty" json:"against,omitempty" schema:"format=party"` // the owner it is directed against
}

// RenewArgs are the arguments of freezes.renew.
type RenewArgs struct {
	FreezeNo   string `cbor:"1,keyasint" json:"freeze_no" schema:"format=platform_number,alias=freeze_id|chain_of"`
	DocNo      string `cbor:"2,keyasint,omitempty" json:"doc_no,omitempty" schema:"max=64"`
	ReceivedAt int64  `cbor:"3,keyasint,omitempty" json:"received_at,omitempty"`
	Until      string `cbor:"4,keyasint,omitempty" json:"until,omitempty" schema:"format=date"` // absent: as long as the law allows
}

// LiftArgs are the arguments of freezes.lift.
type LiftArgs struct {
	FreezeNo string `cbor:"1,keyasint" json:"freeze_no" schema:"format=platform_number,alias=freeze_id|chain_of"`
	DocNo    string `cbor:"2,keyasint,omitempty" json:"doc_no,omitempty" schema:"max=64"`
	LiftedAt int64  `cbor:"3,keyasint,omitempty" json:"lifted_at,omitempty" schema:"alias=received_at"` // at the registrar; absent: now
}

// Result names the freeze a method was about, and its last day.
type Result struct {
	FreezeNo string `cbor:"1,keyasint" json:"freeze_no"`
	RightID  string `cbor:"2,keyasint" json:"right_id"`
	Until    string `cbor:"3,keyasint,omitempty" json:"until,omitempty"`
	Queued   bool   `cbor:"4,keyasint,omitempty" json:"queued,omitempty"` // another was received before and stands
}

// queues tells whether a later freeze of a right of a number space waits for an
// earlier one to end.
func queues(v *contracts.View, s identifier.Space) bool {
	switch s {
	case identifier.PatentSpace:
		return v.Figure(contracts.FreezeQueuePat) == 1
	case identifier.MarkSpace:
		return v.Figure(contracts.FreezeQueueTM) == 1
	}
	return v.Figure(contracts.FreezeQueueOther) == 1
}

// checkOrder checks a paper: its number, the time of its receipt and the last day of
// the freeze, which is given if it was left out. The period begins with the day after
// the receipt and ends with the corresponding day, whether people work on it or not.
func checkOrder(v *contracts.View, space identifier.Space, docNo string, receivedAt int64, until string, r *contracts.Refusal) (last string) {
	if docNo == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "doc_no", Reason: contracts.ReasonMissing})
	}
	switch {
	case receivedAt == 0:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "received_at", Reason: contracts.ReasonMissing})
		return ""
	case receivedAt < 0 || receivedAt > v.Time():
		v.CheckTime("received_at", receivedAt, 0, r)
		return ""
	}
	received := identifier.DateOf(receivedAt)
	latest := received.AddMonths(rights.LongestFreeze(v.Parameters(), space))
	if until == "" {
		return latest.String()
	}
	if end, err := identifier.ParseDate(until); err != nil || end.Before(received) || latest.Before(end) {
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until", Subject: latest.String(), Reason: contracts.ReasonTooLong})
	}
	return until
}

// record takes a freeze in. Nobody on the ledger can decide against a court: what is
// refused is a paper that cannot be what it says.
func record(v *contracts.View, args RecordArgs) (Result, *contracts.Refusal) {
	key, failure := rights.Resolve(v.Get, args.Right, v.Today())
	if failure != nil {
		failure.Field = "right_id"
		return Result{}, contracts.Refuse(*failure)
	}
	right, ok := contracts.Load[rights.Record](v, key)
	if !ok {
		return Result{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "right_id"})
	}
	r := new(contracts.Refusal)
	if v.ActingParty().Role != contracts.Court {
		rights.CheckReporter(v, right, r)
	}
	if state := rights.StateThen(right, args.ReceivedAt, v.Parameters()); state != rights.Confirmed {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: right.RightID, Reason: string(state)})
	}
	last := checkOrder(v, right.Space, args.DocNo, args.ReceivedAt, args.Until, r)
	against := ""
	if args.Against != "" {
		against = contracts.FindParty(v, args.Against, "against", r).PartyID
		// A transfer that the register finished before the notice came stands against
		// the freeze (provisions on seizure, article 23).
		if against != "" && !slices.Contains(rights.OwnersThen(right, args.ReceivedAt), against) {
			r.Add(ledger.Failure{Code: contracts.EOwner, Field: "against", Subject: against})
		}
	}
	court, courtID := courtOf(v, args.Court)
	if court == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "court", Reason: contracts.ReasonMissing})
	}
	others := slices.DeleteFunc(slices.Clone(right.Freezes), func(f rights.Freeze) bool { return f.End()+rights.Late <= v.Time() })
	before := slices.ContainsFunc(others, func(f rights.Freeze) bool { return f.Stands(args.ReceivedAt) })
	if before && !queues(v, right.Space) {
		r.Add(ledger.Failure{Code: contracts.EFrozen, Field: "right_id", Subject: right.RightID, Reason: contracts.ReasonNoQueue})
	}
	if len(others) >= rights.MaxFreezes {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: right.RightID, Reason: contracts.ReasonLength})
	}
	if slices.ContainsFunc(others, func(f rights.Freeze) bool {
		known, _ := contracts.Load[Record](v, RecordKey(f.FreezeNo))
		return known.Court == court && known.Orders[0].DocNo == args.DocNo && args.DocNo != ""
	}) {
		r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: "doc_no", Subject: right.RightID})
	}
	if r.Refuses() {
		return Result{}, r
	}
	no, refusal := v.NextNumber(identifier.FreezeRecord, v.ActingParty().AreaCode)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	changed := right
	changed.Freezes = append(others, rights.Freeze{FreezeNo: no, ReceivedAt: args.ReceivedAt, Until: last, RecordedAt: v.Time()})
	slices.SortStableFunc(changed.Freezes, func(a, b rights.Freeze) int { return cmp.Compare(a.ReceivedAt, b.ReceivedAt) })
	contracts.Store(v, key, changed)
	contracts.Store(v, RecordKey(no), Record{
		FreezeNo: no, RightID: right.RightID, Space: right.Space, Number: right.Number, Court: court, CourtID: courtID, Scope: args.Scope,
		Against: against, RecordedBy: v.Actor(), Orders: []Order{order(v, Freezing, args.DocNo, args.ReceivedAt, last)},
	})
	v.Emit("freeze.recorded", no)
	rights.TellConflict(v, right, changed)
	return Result{FreezeNo: no, RightID: right.RightID, Until: last, Queued: before}, nil
}

// courtOf gives the court's name and, if it takes part in the ledger, its party id. A
// court that acts orders for itself. An office may write the name or the credit code.
func courtOf(v *contracts.View, typed string) (name, partyID string) {
	if v.ActingParty().Role == contracts.Court {
		return v.ActingParty().NameZH, v.Actor()
	}
	if id, err := identifier.PartyID(typed); err == nil {
		if party, ok := contracts.Load[contracts.Party](v, contracts.PartyKey(id)); ok && party.Role == contracts.Court {
			return party.NameZH, id
		}
	}
	return strings.TrimSpace(typed), ""
}

func order(v *contracts.View, kind, docNo string, receivedAt int64, until string) Order {
	return Order{
		Kind: kind, DocNo: docNo, ReceivedAt: receivedAt, Until: until,
		Transaction: v.Transaction(), RecordedAt: v.Time(), RecordedBy: v.Actor(),
	}
}

// find gives a freeze and the record of its right, with the place of the freeze in
// it. A court acts on its own freezes, an office on those of its register. Which have
// ended is no matter of the block's time: a paper may have reached the registrar
// before the end and the ledger after it.
func find(v *contracts.View, freezeNo string) (Record, rights.Record, int, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(freezeNo)
	if err != nil {
		return Record{}, rights.Record{}, 0, contracts.Refuse(contracts.IdentifierFailure(err, "freeze_no"))
	}
	freeze, ok := contracts.Load[Record](v, RecordKey(number.Canonical))
	if !ok {
		return Record{}, rights.Record{}, 0, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "freeze_no", Subject: number.Canonical})
	}
	right, _ := contracts.Load[rights.Record](v, rights.RecordKey(freeze.Space, freeze.Number))
	r := new(contracts.Refusal)
	if v.ActingParty().Role != contracts.Court {
		rights.CheckReporter(v, right, r)
	} else if freeze.CourtID != v.Actor() {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: freeze.FreezeNo, Reason: contracts.ReasonOtherCourt})
	}
	place := slices.IndexFunc(right.Freezes, func(f rights.Freeze) bool { return f.FreezeNo == freeze.FreezeNo })
	if place < 0 || right.Freezes[place].LiftedAt != 0 {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "freeze_no", Subject: freeze.FreezeNo, Reason: contracts.ReasonOver})
	}
	right.Freezes = slices.Clone(right.Freezes)
	return freeze, right, place, r
}

// renew moves the last day of a freeze. The notice must have reached the registrar
// before the end; otherwise the freeze has lifted by itself, and a new one takes its
// place at the end of the queue.
func renew(v *contracts.View, args RenewArgs) (Result, *contracts.Refusal) {
	freeze, right, place, r := find(v, args.FreezeNo)
	if r.Refuses() {
		return Result{}, r
	}
	last := checkOrder(v, right.Space, args.DocNo, args.ReceivedAt, args.Until, r)
	if len(freeze.Orders) >= maxOrders {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "freeze_no", Subject: freeze.FreezeNo, Reason: contracts.ReasonLength})
	}
	f := &right.Freezes[place]
	switch {
	case r.Refuses():
	case !f.Stands(args.ReceivedAt):
		r.Add(ledger.Failure{Code: contracts.EState, Field: "received_at", Subject: f.Until, Reason: contracts.ReasonOver})
	case last <= f.Until: // dates of one form are in the order of their texts
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until", Subject: f.Until, Reason: contracts.ReasonNoLonger})
	}
	if r.Refuses() {
		return Result{}, r
	}
	f.Until = last
	freeze.Orders = append(slices.Clone(freeze.Orders), order(v, Renewal, args.DocNo, args.ReceivedAt, last))
	return keep(v, freeze, right, place, "freeze.renewed"), nil
}

// lift ends a freeze before its time, on the court's word.
func lift(v *contracts.View, args LiftArgs) (Result, *contracts.Refusal) {
	freeze, right, place, r := find(v, args.FreezeNo)
	if r.Refuses() {
		return Result{}, r
	}
	at := args.LiftedAt
	if at == 0 {
		at = v.Time()
	}
	if args.DocNo == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "doc_no", Reason: contracts.ReasonMissing})
	}
	f := &right.Freezes[place]
	v.CheckTime("lifted_at", at, f.ReceivedAt, r)
	if at <= v.Time() && at >= f.End() {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "freeze_no", Subject: freeze.FreezeNo, Reason: contracts.ReasonOver})
	}
	if r.Refuses() {
		return Result{}, r
	}
	f.LiftedAt = at
	freeze.Orders = append(slices.Clone(freeze.Orders), order(v, Lifting, args.DocNo, at, ""))
	return keep(v, freeze, right, place, "freeze.lifted"), nil
}

// keep stores a freeze and its right.
func keep(v *contracts.View, freeze Record, right rights.Record, place int, event string) Result {
	contracts.Store(v, right.Key(), right)
	contracts.Store(v, RecordKey(freeze.FreezeNo), freeze)
	v.Emit(event, freeze.FreezeNo)
	return Result{FreezeNo: freeze.FreezeNo, RightID: freeze.RightID, Until: right.Freezes[place].Until}
}
