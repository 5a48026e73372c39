// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// TransferArgs are the arguments of pledges.transfer.
type TransferArgs struct {
	PledgeNo      string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Pledgees      []string     `cbor:"2,keyasint" json:"pledgees" schema:"format=party,items=16,alias=new_pledgees|to"` // all of them, after it
	Notice        *ledger.Hash `cbor:"3,keyasint,omitempty" json:"notice,omitempty" schema:"alias=notice_hash"`         // of the notice to the debtor, kept off the ledger
	StatutoryTime int64        `cbor:"4,keyasint,omitempty" json:"statutory_time,omitempty" schema:"alias=change_time"` // at the registrar; absent: now
	ChangeRef     string       `cbor:"5,keyasint,omitempty" json:"change_ref,omitempty" schema:"max=64"`
}

// transfer moves a pledge with its debt to other pledgees: it goes where the debt goes
// (Civil Code, articles 407 and 547), and its rank stays. The old and the new pledgees
// sign, and the debtor was told. A pledge for a maximum amount whose claims are not fixed
// goes with a part of them only if that was agreed (article 421): the pledgors sign, too.
func transfer(v *contracts.View, args TransferArgs) (PledgeResult, *contracts.Refusal) {
	m, refusal := amend(v, args.PledgeNo, args.StatutoryTime, args.ChangeRef, false)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	if !IsPledgee(v, m.application) && v.ActingParty().Role != contracts.Bank {
		checkOffice(v, m.record, m.Refusal)
	}
	to := rights.CheckParties(v, args.Pledgees, "pledgees", m.Refusal)
	checkPledgeeRoles(v, m.list, m.application.Pledgors, to, m.Refusal)
	for _, pledgee := range to {
		if pledgee != v.Actor() && !v.Signed(pledgee, contracts.Countersigner) {
			m.Add(ledger.Failure{Code: contracts.ESignature, Field: "pledgees", Subject: pledgee})
		}
	}
	if slices.Equal(to, m.record.Pledgees) {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "pledgees", Subject: m.record.PledgeNo, Reason: contracts.ReasonRepeated})
	}
	if args.Notice == nil || args.Notice.IsZero() {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "notice", Reason: contracts.ReasonMissing})
	}
	if m.application.Kind == MaxAmount && m.application.ClaimFixed == nil {
		checkPledgorsAgree(v, m.record, m.application, m.list, contracts.EConsent, contracts.ReasonNotFixed, m.Refusal)
	}
	if m.Refuses() {
		return PledgeResult{}, m.Refusal
	}
	for _, pledgee := range to {
		if !slices.Contains(m.record.Pledgees, pledgee) {
			contracts.NameAnew(v, pledgee, m.record.PledgeNo)
		}
	}
	m.change.Kinds, m.change.Former = []string{ChangedPledgees}, m.record.Pledgees
	m.record.Pledgees, m.application.Pledgees = to, to
	eachEntry(v, m.list, m.record.PledgeNo, func(e *rights.PledgeEntry) bool {
		e.Pledgees = to
		return true
	})
	return m.finish("transfer", "pledge.transferred")
}

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
	for _, no := range args.Order {
		i := slices.IndexFunc(live, func(e rights.PledgeEntry) bool { return e.PledgeNo == no })
		if i < 0 || slices.ContainsFunc(order, func(e rights.PledgeEntry) bool { return e.PledgeNo == no }) {
			r.Add(ledger.Failure{Code: contracts.ERank, Field: "order", Subject: no, Reason: contracts.ReasonOrder})
			continue
		}
		order = append(order, live[i])
		newest = max(newest, live[i].StatutoryTime)
	}
	if len(order) != len(live) || len(live) < 2 {
		r.Add(ledger.Failure{Code: contracts.ERank, Field: "order", Subject: of.RightID, Reason: contracts.ReasonOrder})
		return RankResult{}, r
	}
	if args.StatutoryTime < 0 || args.StatutoryTime > v.Time() || args.StatutoryTime != 0 && args.StatutoryTime < newest {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "statutory_time"})
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
	of.Pledges = slices.Clone(of.Pledges)
	for i, e := range order {
		place := live[i].Ranked()
		k := slices.IndexFunc(of.Pledges, func(p rights.PledgeEntry) bool { return p.PledgeNo == e.PledgeNo })
		of.Pledges[k].Place = &place
	}
	rights.Rank(of.Pledges)
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
	return RankResult{RightID: of.RightID, Order: args.Order}, nil
}

// closeUp lets the pledges of a right that agreed on ranks with one that was revoked stand
// as if it had never been: they keep their order, and have the places that were theirs
// without it.
func closeUp(list []rights.PledgeEntry, void rights.PledgeEntry) {
	if void.Place == nil {
		return
	}
	var parties []int
	places := []rights.Place{*void.Place}
	for i, e := range list {
		if e.Place != nil {
			parties, places = append(parties, i), append(places, *e.Place)
		}
	}
	slices.SortFunc(parties, func(i, j int) int { return list[i].Place.Compare(*list[j].Place) })
	slices.SortFunc(places, rights.Place.Compare)
	k := slices.Index(places, rights.Place{Time: void.StatutoryTime, No: void.StatutoryNo})
	if k < 0 {
		return // who held it has ended
	}
	places = slices.Delete(places, k, k+1)
	for j, i := range parties {
		list[i].Place = &places[j]
	}
}
