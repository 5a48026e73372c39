// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"cmp"
	"slices"
)

// An entry is a pledge as the register of one right has it.
type entry struct {
	no, statutory string
	since         int64 // statutory time at which this right came under it
	registered    int64 // block time
	pledgees      []string
	end           string // last day, where it has one
	agreements    int    // on ranks, that were older than it
	first         bool   // of the registration, and of no change of it
	gone, void    bool   // cancelled or let go; revoked: it never was
	ended, told   int64  // when it was gone: at the register, and by the block's time
	missing       bool   // the register was read and did not show it
	gaps          []absence
	place         place
}

// An absence is when the ledger was told that a pledge was gone, which it was not, and when that
// was put right.
type absence struct{ since, told, until int64 }

// gapOf is the gap in which something was told.
func (e *entry) gapOf(told int64) *absence {
	for i, g := range slices.Backward(e.gaps) {
		if g.told <= told && told <= g.until {
			return &e.gaps[i]
		}
	}
	return nil
}

// unasked tells whether something happened, as was told in a gap, after the pledge was
// thought to be gone: nobody asked its pledgees.
func (e *entry) unasked(since, told int64) bool {
	g := e.gapOf(told)
	return g != nil && g.since <= since
}

// A place is what decides about ranks: pledges that were registered earlier stand before
// others (DOMAIN 3.3), and parties may let two take each other's places.
type place struct {
	at int64
	no string
}

func (p place) compare(q place) int { return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.no, q.no)) }

// enter reads a step of a pledge as far as it concerns the right.
func (d *dossier) enter(t told) {
	a := t.a
	has := func(name string) bool { return slices.Contains(d.m.rightsOf(texts(a, name)), d.right) }
	if t.method == "pledges.change_rank" {
		d.agreed = append(d.agreed, texts(a, "order"))
		return
	}
	p := t.pledge
	switch t.method {
	case "pledges.register":
		if !slices.Contains(p.rights, d.right) {
			return
		}
		d.entries = append(d.entries, &entry{
			first: true, no: p.no, statutory: p.statutory, since: p.statutoryAt, registered: t.at, pledgees: p.pledgees, end: p.end, agreements: len(d.agreed),
		})
		// The register may have shown this very pledge before the ledger had it.
		d.burdens = slices.DeleteFunc(slices.Clone(d.burdens), func(b burden) bool { return b.is(p.statutory, p.statutoryAt) })
	case "pledges.change":
		if has("remove_rights") {
			d.entry(p.no).leave(number(a, "statutory_time"), t.at)
		}
		if has("add_rights") {
			at := number(a, "statutory_time")
			d.entries = append(d.entries, &entry{
				no: p.no, statutory: p.statutory, since: at, registered: t.at, pledgees: p.pledgees, end: p.end, agreements: len(d.agreed),
			})
			d.burdens = slices.DeleteFunc(slices.Clone(d.burdens), func(b burden) bool { return b.is(p.statutory, at) })
		}
	case "pledges.partial_release":
		if has("rights") {
			d.entry(p.no).leave(number(a, "statutory_time"), t.at)
		}
	case "pledges.extend":
		d.entry(p.no).end = p.end
	case "pledges.transfer":
		d.entry(p.no).pledgees = p.pledgees
	case "pledges.cancel":
		d.entry(p.no).leave(number(a, "cancellation_time"), t.at)
	case "pledges.revoke":
		for _, e := range d.entries {
			if e.no == p.no {
				e.gone, e.void = true, true
			}
		}
	}
}

func (e *entry) leave(at, told int64) { e.gone, e.ended, e.told = true, at, told }

// entry is the newest of a pledge.
func (d *dossier) entry(no string) *entry {
	for _, e := range slices.Backward(d.entries) {
		if e.no == no {
			return e
		}
	}
	return nil
}

// live are the pledges that are registered at a time.
func (d *dossier) live(at int64) (out []*entry) {
	for _, e := range d.entries {
		if !e.gone && !past(e.end, at) {
			out = append(out, e)
		}
	}
	return out
}

// under are the pledges that were registered at a time before, also those that have ended
// since: for a year the ledger knows them still.
func (d *dossier) under(at int64) (out []*entry) {
	for _, e := range d.entries {
		if !e.void && !past(e.end, at) && (!e.gone || at < e.ended && d.m.now < e.told+366*aDay) {
			out = append(out, e)
		}
	}
	return out
}

// ranked are the live pledges as they rank. Each stands where its statutory time puts it,
// until those who agreed took each other's places; what was revoked never took part
// (INV-21).
func (d *dossier) ranked(at int64) []*entry {
	for _, e := range d.entries {
		e.place = place{e.since, e.statutory}
	}
	for i, order := range d.agreed {
		var parties []*entry
		for _, no := range order {
			for _, e := range d.entries {
				if e.no == no && !e.void && e.agreements <= i && e == d.partyTo(no, i) {
					parties = append(parties, e)
				}
			}
		}
		var places []place
		for _, e := range parties {
			places = append(places, e.place)
		}
		slices.SortFunc(places, place.compare)
		for j, e := range parties {
			e.place = places[j]
		}
	}
	live := d.live(at)
	slices.SortFunc(live, func(a, b *entry) int { return a.place.compare(b.place) })
	return live
}

// partyTo is the entry of a pledge that was there at an agreement.
func (d *dossier) partyTo(no string, agreement int) (newest *entry) {
	for _, e := range d.entries {
		if e.no == no && e.agreements <= agreement {
			newest = e
		}
	}
	return newest
}
