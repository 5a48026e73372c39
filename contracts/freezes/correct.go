// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package freezes

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// An OrderChange says what the entry of an order should have said. The times are those of
// its receipt, or of a lifting when the freeze was lifted.
type OrderChange struct {
	ReceivedAt int64  // 0: as it was recorded
	Until      string // "": as it was recorded
}

// CorrectOrder puts right the entry of a court's paper and the freeze that follows from
// it. The paper is what it is: only what was typed of it changes. All orders of the
// freeze are judged again, in their order. Who may, package corrections has found out.
func CorrectOrder(v *contracts.View, freeze Record, place int, c OrderChange) ([]rights.Move, *contracts.Refusal) {
	r := new(contracts.Refusal)
	right, _ := contracts.Load[rights.Record](v, rights.RecordKey(freeze.Space, freeze.Number))
	listed := slices.IndexFunc(right.Freezes, func(f rights.Freeze) bool { return f.FreezeNo == freeze.FreezeNo })
	if listed < 0 {
		return nil, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: freeze.FreezeNo, Reason: contracts.ReasonOver})
	}
	freeze.Orders = slices.Clone(freeze.Orders)
	order := &freeze.Orders[place]
	moves := changeOrder(order, c, r)
	if r.Refuses() {
		return nil, r
	}
	by := v.Transaction()
	order.CorrectedBy = &by
	changed := right
	changed.Freezes = slices.Clone(right.Freezes)
	changed.Freezes[listed] = judge(v, freeze, changed.Freezes[listed], right, r)
	checkFirst(v, freeze, right, changed.Freezes[listed], r)
	changed.DropOwnFreeze(changed.Freezes[listed])
	if r.Refuses() {
		return nil, r
	}
	slices.SortStableFunc(changed.Freezes, func(a, b rights.Freeze) int { return cmp.Compare(a.ReceivedAt, b.ReceivedAt) })
	contracts.Store(v, changed.Key(), changed)
	contracts.Store(v, RecordKey(freeze.FreezeNo), freeze)
	v.Emit("freeze.corrected", freeze.FreezeNo)
	rights.TellConflict(v, right, changed)
	return moves, nil
}

// changeOrder writes what should have been said beside what was.
func changeOrder(o *Order, c OrderChange, r *contracts.Refusal) (moves []rights.Move) {
	if c.ReceivedAt == 0 && c.Until == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "received_at", Reason: contracts.ReasonMissing})
	}
	switch {
	case c.ReceivedAt == 0:
	case c.ReceivedAt == o.Since():
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "received_at", Reason: contracts.ReasonUnchanged})
	case c.ReceivedAt < 0 || c.ReceivedAt > o.RecordedAt: // it was here by then
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "received_at"})
	default:
		moves = append(moves, rights.Move{Field: "received_at", Before: rights.Value{Time: o.Since()}, After: rights.Value{Time: c.ReceivedAt}})
		o.HeldFrom = c.ReceivedAt
	}
	switch {
	case c.Until == "":
	case o.Kind == Lifting:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "until", Reason: contracts.ReasonUnknown})
	case c.Until == o.LastDay():
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "until", Reason: contracts.ReasonUnchanged})
	default:
		moves = append(moves, rights.Move{Field: "until", Before: rights.Value{Text: o.LastDay()}, After: rights.Value{Text: c.Until}})
		o.HeldUntil = c.Until
	}
	return moves
}

// judge gives the freeze that follows from its orders: each within the law's longest, a
// renewal received while the freeze stood and lengthening it, a lifting before its end.
func judge(v *contracts.View, freeze Record, f rights.Freeze, right rights.Record, r *contracts.Refusal) rights.Freeze {
	longest := rights.LongestFreeze(v.Parameters(), right.Space)
	f = rights.Freeze{FreezeNo: f.FreezeNo, RecordedAt: f.RecordedAt}
	for i, o := range freeze.Orders {
		since, last := o.Since(), o.LastDay()
		if i == 0 {
			f.ReceivedAt = since
		} else if !f.Stands(since) {
			r.Add(ledger.Failure{Code: contracts.EState, Field: "received_at", Subject: f.Until, Reason: contracts.ReasonOver})
			return f
		}
		if o.Kind == Lifting {
			f.LiftedAt = since
			continue
		}
		received := identifier.DateOf(since)
		latest := received.AddMonths(longest)
		if end, err := identifier.ParseDate(last); err != nil || end.Before(received) || latest.Before(end) {
			r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until", Subject: latest.String(), Reason: contracts.ReasonTooLong})
		}
		if i > 0 && last <= f.Until { // dates of one form are in the order of their texts
			r.Add(ledger.Failure{Code: contracts.ETerm, Field: "until", Subject: f.Until, Reason: contracts.ReasonNoLonger})
		}
		f.Until = last
	}
	return f
}

// checkFirst holds a freeze to what its recording was held to, at the time of its receipt.
func checkFirst(v *contracts.View, freeze Record, right rights.Record, f rights.Freeze, r *contracts.Refusal) {
	if state := rights.StateThen(right, f.ReceivedAt, v.Parameters()); state != rights.Confirmed {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "received_at", Subject: right.RightID, Reason: string(state)})
	}
	if freeze.Against != "" && !slices.Contains(rights.OwnersThen(right, f.ReceivedAt), freeze.Against) {
		r.Add(ledger.Failure{Code: contracts.EOwner, Field: "received_at", Subject: freeze.Against})
	}
	if !queues(v, right.Space) && slices.ContainsFunc(right.Freezes, func(other rights.Freeze) bool {
		return other.FreezeNo != f.FreezeNo && other.Stands(f.ReceivedAt)
	}) {
		r.Add(ledger.Failure{Code: contracts.EFrozen, Field: "received_at", Subject: right.RightID, Reason: contracts.ReasonNoQueue})
	}
}
