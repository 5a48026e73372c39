// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// EndedPledges are the pledges that were cancelled not long ago, or have let the right go.
// The public record of the right lists them no more: what is in it burdens the right, or
// ends by itself on a day that it shows. They are kept for facts that were true while they
// stood, and are told after it.
type EndedPledges struct {
	Pledges []EndedPledge `cbor:"1,keyasint" json:"pledges"` // the newest MaxOver, the oldest first
}

// An EndedPledge is the last entry of a pledge in the record of a right.
type EndedPledge struct {
	Entry   PledgeEntry `cbor:"1,keyasint" json:"entry"`
	EndedAt int64       `cbor:"2,keyasint" json:"ended_at"` // at the register
	ToldAt  int64       `cbor:"3,keyasint" json:"told_at"`  // block time
}

// forgotten tells whether the end was told too long ago for papers that come late.
func (e EndedPledge) forgotten(now int64) bool { return e.ToldAt+Late <= now }

// EndedKey is the state key of the ended pledges of a right.
func EndedKey(space identifier.Space, number string) string {
	return "right_ended/" + string(space) + "/" + number
}

// KeepEnded notes the entry of a pledge that has ended at the register, for the record of
// its right.
func KeepEnded(v *contracts.View, r Record, e PledgeEntry, endedAt int64) {
	key := EndedKey(r.Space, r.Number)
	ended, _ := contracts.Load[EndedPledges](v, key)
	list := slices.DeleteFunc(ended.Pledges, func(old EndedPledge) bool { return old.forgotten(v.Time()) })
	list = append(list, EndedPledge{Entry: e, EndedAt: endedAt, ToldAt: v.Time()})
	ended.Pledges = list[max(0, len(list)-MaxOver):]
	contracts.Store(v, key, ended)
}

// TakeEnded takes the newest entry of a pledge out again, since it has not ended. If its end
// was told too long ago, or too many have ended since, it is not there.
func TakeEnded(v *contracts.View, r Record, pledgeNo string) (taken EndedPledge, found bool) {
	key := EndedKey(r.Space, r.Number)
	ended, _ := contracts.Load[EndedPledges](v, key)
	for i, e := range slices.Backward(ended.Pledges) {
		if e.Entry.PledgeNo == pledgeNo && !e.forgotten(v.Time()) {
			ended.Pledges = slices.Delete(slices.Clone(ended.Pledges), i, i+1)
			contracts.Store(v, key, ended)
			return e, true
		}
	}
	return EndedPledge{}, false
}

// EachEnded puts right what is kept of a pledge that a right had, the oldest first.
func EachEnded(v *contracts.View, r Record, pledgeNo string, change func(*EndedPledge)) {
	key := EndedKey(r.Space, r.Number)
	ended, _ := contracts.Load[EndedPledges](v, key)
	list := slices.Clone(ended.Pledges)
	changed := false
	for i := range list {
		if list[i].Entry.PledgeNo == pledgeNo {
			change(&list[i])
			changed = true
		}
	}
	if changed {
		ended.Pledges = list
		contracts.Store(v, key, ended)
	}
}

// DropEnded forgets a pledge that turned out to be void: it never burdened the right.
func DropEnded(v *contracts.View, r Record, pledgeNo string) {
	key := EndedKey(r.Space, r.Number)
	ended, _ := contracts.Load[EndedPledges](v, key)
	void := func(e EndedPledge) bool { return e.Entry.PledgeNo == pledgeNo }
	if slices.ContainsFunc(ended.Pledges, void) {
		ended.Pledges = slices.DeleteFunc(ended.Pledges, void)
		contracts.Store(v, key, ended)
	}
}

// Then is the record of a right with the pledges that burdened it at a time at the register
// and have ended since. A fact of that time is judged by it as if it had been told in time.
func Then(v *contracts.View, r Record, at int64) Record {
	ended, ok := contracts.Load[EndedPledges](v, EndedKey(r.Space, r.Number))
	if !ok {
		return r
	}
	r.Pledges = slices.Clone(r.Pledges)
	for _, e := range ended.Pledges {
		if at < e.EndedAt && !e.forgotten(v.Time()) {
			r.Pledges = append(r.Pledges, e.Entry)
		}
	}
	Rank(r.Pledges)
	return r
}
