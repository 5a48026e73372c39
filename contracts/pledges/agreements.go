// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
)

// Agreements are those on the ranks of one right's pledges, in the order in which they
// were made. The places that the right's public record gives the pledges follow from them:
// each brings its own, and with every agreement the parties take each other's. So when one
// of them turns out to be void, the places of the others are those that the agreements make
// without it, also where somebody has ended by whom a place came or went.
//
// What cannot matter any more is not kept: see agree and settle.
type Agreements struct {
	Parties []Party `cbor:"1,keyasint,omitempty" json:"parties,omitempty"`
	Orders  []Order `cbor:"2,keyasint,omitempty" json:"orders,omitempty"`
}

// A Party is a pledge that has agreed on its rank, from when the right came under it: one
// that lets the right go and takes it in again is another party.
type Party struct {
	PledgeNo string       `cbor:"1,keyasint" json:"pledge_no"`
	Place    rights.Place `cbor:"2,keyasint" json:"place"` // that it brought: of its registration, or what older agreements had settled
}

// An Order is one agreement: its parties as they rank by it.
type Order struct {
	Parties []uint64 `cbor:"1,keyasint" json:"parties"` // each by where it is in the list
}

// maxAgreed bounds the parties and the orders that are kept of one right, which takes no
// further agreement with more of either, until some can be settled. Of two orders that follow
// each other the second lacks somebody whom the first has, so that there are mostly less of
// them than of parties.
const maxAgreed = 128

// AgreementsKey is the state key of the agreements on the ranks of a right.
func AgreementsKey(space identifier.Space, number string) string {
	return "rank_agreements/" + string(space) + "/" + number
}

// partyOf is where the entry of a pledge is among the parties, -1 if it is none: the newest
// of its name, if it has agreed on its rank since the right came under it.
func (a *Agreements) partyOf(e rights.PledgeEntry) int {
	if e.Place == nil {
		return -1
	}
	for i, p := range slices.Backward(a.Parties) {
		if p.PledgeNo == e.PledgeNo {
			return i
		}
	}
	return -1
}

// agree adds an agreement of some pledges, in the order in which they rank by it. One
// before it whose parties are all among them is forgotten: whatever it made of their places
// is distributed again.
func (a *Agreements) agree(entries []rights.PledgeEntry, order []string) {
	var next Order
	for _, no := range order {
		e := &entries[slices.IndexFunc(entries, func(e rights.PledgeEntry) bool { return e.PledgeNo == no })]
		i := a.partyOf(*e)
		if i < 0 {
			place := e.Ranked()
			e.Place, i = &place, len(a.Parties)
			a.Parties = append(a.Parties, Party{PledgeNo: no, Place: place})
		}
		next.Parties = append(next.Parties, uint64(i))
	}
	a.Orders = append(a.Orders, next)
	a.tidy()
}

// without takes a void pledge out of all agreements: it was never a party to any. It tells
// whether it was in one.
func (a *Agreements) without(pledgeNo string) bool {
	void := func(i uint64) bool { return a.Parties[i].PledgeNo == pledgeNo }
	was := false
	for k, order := range a.Orders {
		was = was || slices.ContainsFunc(order.Parties, void)
		a.Orders[k].Parties = slices.DeleteFunc(slices.Clone(order.Parties), void)
	}
	return was
}

// renumber follows the correction of a statutory number.
func (a *Agreements) renumber(former, number string) {
	for i := range a.Parties {
		if p := &a.Parties[i]; p.Place.No == former {
			p.Place.No = number
		}
	}
}

// places are those of the parties after all agreements.
func (a *Agreements) places() []rights.Place {
	at := make([]rights.Place, len(a.Parties))
	for i, p := range a.Parties {
		at[i] = p.Place
	}
	for _, order := range a.Orders {
		var places []rights.Place
		for _, i := range order.Parties {
			places = append(places, at[i])
		}
		slices.SortFunc(places, rights.Place.Compare)
		for j, i := range order.Parties {
			at[i] = places[j]
		}
	}
	return at
}

// rank gives the pledges of the right the places that follow from the agreements, in whose
// order it puts them. Who is party to none any more, and has its own place, is as if it had
// never agreed.
func (a *Agreements) rank(entries []rights.PledgeEntry) {
	at := a.places()
	for i := range entries {
		if k := a.partyOf(entries[i]); k >= 0 {
			entries[i].Place = &at[k]
		}
	}
	a.tidy()
	for i := range entries {
		e := &entries[i]
		if e.Place != nil && a.partyOf(*e) < 0 && *e.Place == (rights.Place{Time: e.StatutoryTime, No: e.StatutoryNo}) {
			e.Place = nil
		}
	}
	rights.Rank(entries)
}

// settle forgets the oldest agreements that cannot make a difference any more: if of all
// their parties one at most may still turn out to be void, or is in an agreement after them,
// then its place is certain, for it needs one only if it is not void itself. The others are
// over, as is told by their pledge's number.
func (a *Agreements) settle(over func(pledgeNo string) bool) {
	var parties, open []uint64 // of the oldest agreements, and those of them that are not over
	for k := 0; k < len(a.Orders) && len(open) < 2; k++ {
		for _, i := range a.Orders[k].Parties {
			if slices.Contains(parties, i) {
				continue
			}
			parties = append(parties, i)
			if !over(a.Parties[i].PledgeNo) {
				open = append(open, i)
			}
		}
		matter := slices.DeleteFunc(slices.Clone(parties), func(i uint64) bool { return !slices.Contains(open, i) && !a.named(i, k+1) })
		if len(matter) > 1 {
			continue
		}
		at := (&Agreements{Parties: a.Parties, Orders: a.Orders[:k+1]}).places()
		for _, i := range matter {
			a.Parties[i].Place = at[i]
		}
		a.Orders, parties, open, k = a.Orders[k+1:], nil, nil, -1
	}
	a.tidy()
}

// named tells whether a party is in an agreement, from one on.
func (a *Agreements) named(party uint64, from int) bool {
	return slices.ContainsFunc(a.Orders[from:], func(o Order) bool { return slices.Contains(o.Parties, party) })
}

// tidy forgets agreements that distribute nothing, or what the next one distributes again,
// and parties that are in none.
func (a *Agreements) tidy() {
	a.Orders = slices.DeleteFunc(a.Orders, func(o Order) bool { return len(o.Parties) < 2 })
	for k := len(a.Orders) - 2; k >= 0; k-- {
		next := a.Orders[k+1].Parties
		if !slices.ContainsFunc(a.Orders[k].Parties, func(i uint64) bool { return !slices.Contains(next, i) }) {
			a.Orders = slices.Delete(a.Orders, k, k+1)
		}
	}
	var parties []Party
	moved := make([]uint64, len(a.Parties))
	for i, p := range a.Parties {
		if a.named(uint64(i), 0) {
			moved[i], parties = uint64(len(parties)), append(parties, p)
		}
	}
	a.Parties = parties
	for _, order := range a.Orders {
		for j, i := range order.Parties {
			order.Parties[j] = moved[i]
		}
	}
}
