// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// RankArgs are the arguments of pledges.change_rank.
type RankArgs struct {
	RightID       string   `cbor:"1,keyasint" json:"right_id" schema:"format=right,alias=right"`
	Order         []string `cbor:"2,keyasint" json:"order" schema:"format=platform_number,items=16,alias=ranks"` // all live pledges of the right, the first first
	StatutoryTime int64    `cbor:"3,keyasint,omitempty" json:"statutory_time,omitempty" schema:"alias=change_time"`
	ChangeRef     string   `cbor:"4,keyasint,omitempty" json:"change_ref,omitempty" schema:"max=64"`
}

// RankResult is what pledges.change_rank made.
type RankResult struct {
	RightID string   `cbor:"1,keyasint" json:"right_id"`
	Order   []string `cbor:"2,keyasint" json:"order"`
}

// changeRank lets pledges of one right take each other's places, as their pledgees and the
// owners agreed: whoever comes to stand behind one that it stood before or beside must
// have signed, even if it keeps its own place, since another's claim may be the larger
// (Civil Code, article 409). A pledge that comes later stands behind all of them still,
// and the places of those that end are taken by who comes next.
func changeRank(v *contracts.View, args RankArgs) (RankResult, *contracts.Refusal) {
	key, failure := rights.Resolve(v.Get, args.RightID, v.Today())
	if failure != nil {
		failure.Field = "right_id"
		return RankResult{}, contracts.Refuse(*failure)
	}
	of, ok := contracts.Load[rights.Record](v, key)
	if !ok {
		return RankResult{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "right_id"})
	}
	r := new(contracts.Refusal)
	live := rights.LivePledges(of, v.Time())
	rights.Rank(live)
	order, newest := make([]rights.PledgeEntry, 0, len(live)), int64(0)
	var numbers []string // the order, as the records have it
	for i, typed := range args.Order {
		number, err := identifier.PlatformNumber(typed)
		if err != nil {
			r.Add(contracts.IdentifierFailure(err, fmt.Sprintf("order[%d]", i)))
			continue
		}
		no := number.Canonical
		at := slices.IndexFunc(live, func(e rights.PledgeEntry) bool { return e.PledgeNo == no })
		if at < 0 || slices.ContainsFunc(order, func(e rights.PledgeEntry) bool { return e.PledgeNo == no }) {
			r.Add(ledger.Failure{Code: contracts.ERank, Field: "order", Subject: no, Reason: contracts.ReasonOrder})
			continue
		}
		order, numbers = append(order, live[at]), append(numbers, no)
		record, _, _ := Load(v, no, "order")
		newest = max(newest, live[at].StatutoryTime, record.newestEntry()) // no way back behind what was entered of any of them
	}
	if len(order) != len(live) || len(live) < 2 {
		r.Add(ledger.Failure{Code: contracts.ERank, Field: "order", Subject: of.RightID, Reason: contracts.ReasonOrder})
		return RankResult{}, r
	}
	if args.StatutoryTime != 0 {
		v.CheckTime("statutory_time", args.StatutoryTime, newest, r)
	}
	first, _, _ := Load(v, live[0].PledgeNo, "order")
	checkOffice(v, first, r)
	if acts := v.ActingParty().Role; acts == contracts.Bank && !slices.ContainsFunc(live, func(e rights.PledgeEntry) bool {
		return slices.ContainsFunc(e.Pledgees, func(pledgee string) bool { return contracts.ActsFor(v, pledgee, e.PledgeNo) })
	}) {
		r.Add(notPledgee(first))
	}
	checkSigned(v, of.Owners, of.RightID, contracts.EConsent, r)
	m := &amendment{Refusal: r, v: v}
	moved := false
	for i, e := range order {
		place := live[i].Ranked()
		moved = moved || e.Ranked() != place
		if slices.ContainsFunc(order[:i], func(before rights.PledgeEntry) bool {
			j := slices.IndexFunc(order, func(other rights.PledgeEntry) bool { return other.PledgeNo == before.PledgeNo })
			return live[j].Ranked().Time < place.Time && before.Ranked().Time >= e.Ranked().Time
		}) {
			m.worseOff(e)
		}
	}
	if !moved {
		r.Add(ledger.Failure{Code: contracts.ERank, Field: "order", Subject: of.RightID, Reason: contracts.ReasonRepeated})
	}
	for _, e := range order {
		record, application, _ := Load(v, e.PledgeNo, "order")
		checkSteps(application, r)
		if state := StateNow(v, record); state != Effective {
			r.Add(ledger.Failure{Code: contracts.EState, Field: "order", Subject: record.PledgeNo, Reason: string(state)})
		}
	}
	if r.Refuses() {
		return RankResult{}, r
	}
	agreements, _ := contracts.Load[Agreements](v, AgreementsKey(of.Space, of.Number))
	agreements.settle(func(pledgeNo string) bool { return over(v, pledgeNo) })
	of.Pledges = slices.Clone(of.Pledges)
	agreements.agree(of.Pledges, numbers)
	if max(len(agreements.Parties), len(agreements.Orders)) > maxAgreed {
		return RankResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: "right_id", Subject: of.RightID, Reason: contracts.ReasonLength})
	}
	agreements.rank(of.Pledges)
	contracts.Store(v, AgreementsKey(of.Space, of.Number), agreements)
	contracts.Store(v, key, of)
	at := args.StatutoryTime
	if at == 0 {
		at = v.Time()
	}
	for _, e := range order {
		record, application, _ := Load(v, e.PledgeNo, "order")
		m := &amendment{Refusal: r, v: v, record: record, application: application, change: Change{
			Version: record.Version + 1, Kinds: []string{ChangedRank}, StatutoryTime: at, ChangeRef: args.ChangeRef, LedgerTime: v.Time(),
		}}
		if _, refusal := m.finish("change_rank", "pledge.rank_changed"); refusal.Refuses() {
			return RankResult{}, refusal
		}
	}
	v.Emit("right.rank_changed", of.RightID)
	return RankResult{RightID: of.RightID, Order: numbers}, nil
}

// void takes a revoked pledge off its rights, where the others then stand as if it had never
// been. That is so, too, where it had agreed on ranks and let the right go since.
func void(v *contracts.View, record Record, list []*pledged) {
	for _, p := range append(formerRights(v, record), list...) {
		rights.DropEnded(v, p.record, record.PledgeNo)
		key := AgreementsKey(p.record.Space, p.record.Number)
		agreements, _ := contracts.Load[Agreements](v, key)
		agreed := agreements.without(record.PledgeNo)
		if !agreed && entryOf(p, record.PledgeNo) < 0 {
			continue
		}
		p.record.Pledges = slices.DeleteFunc(slices.Clone(p.record.Pledges), func(e rights.PledgeEntry) bool { return e.PledgeNo == record.PledgeNo })
		agreements.rank(p.record.Pledges)
		contracts.Store(v, p.key, p.record)
		if agreed {
			contracts.Store(v, key, agreements)
		}
	}
}

// formerRights lists the rights that a pledge had and let go.
func formerRights(v *contracts.View, record Record) (list []*pledged) {
	var keys []string
	for _, c := range record.Changes {
		for _, id := range c.Released {
			key, failure := rights.Resolve(v.Get, id, v.Today())
			has := slices.ContainsFunc(record.Rights, func(right Right) bool { return right.key() == key })
			if failure == nil && !has && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	for _, key := range keys {
		p := &pledged{key: key}
		p.record, _ = contracts.Load[rights.Record](v, key)
		list = append(list, p)
	}
	return list
}

// over tells whether a pledge can neither be revoked any more nor come back: it has been
// ended, or it ended by time so long ago that a right does not list it any more.
func over(v *contracts.View, pledgeNo string) bool {
	record, _ := contracts.Load[Record](v, RecordKey(pledgeNo))
	if !record.State.Live() {
		return true
	}
	list := rightsOf(v, record)
	return stateOf(v, record, list) == EndedByTime && slices.ContainsFunc(list, func(p *pledged) bool { return entryOf(p, pledgeNo) < 0 })
}

// renumber gives the places that came from a pledge the statutory number that it should have
// had.
func renumber(v *contracts.View, list []*pledged, former, number string) {
	for _, p := range list {
		key := AgreementsKey(p.record.Space, p.record.Number)
		agreements, ok := contracts.Load[Agreements](v, key)
		if !ok {
			continue
		}
		agreements.renumber(former, number)
		agreements.rank(p.record.Pledges)
		contracts.Store(v, key, agreements)
		contracts.Store(v, p.key, p.record)
	}
}
