// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"cmp"
	"fmt"
	"slices"
)

// An opinion is what the reference says of a right at a time.
type opinion struct {
	base, value  string
	flags        []string // sorted
	inForce      string   // freeze number
	queued       []string
	pledges      []string // by rank
	ranks        []int
	burdens      int // in force
	reservations int
	pending      int
	conflicts    []string // pledge and fact, sorted
}

func (o opinion) equals(p opinion) bool {
	return o.base == p.base && o.value == p.value && slices.Equal(o.flags, p.flags) && o.inForce == p.inForce && slices.Equal(o.queued, p.queued) &&
		slices.Equal(o.pledges, p.pledges) && slices.Equal(o.ranks, p.ranks) && o.burdens == p.burdens &&
		o.reservations == p.reservations && o.pending == p.pending && slices.Equal(o.conflicts, p.conflicts)
}

func (o opinion) has(flag string) bool { return slices.Contains(o.flags, flag) }

// ended tells whether a base state is one of the four ends of DOMAIN 3.1.
func ended(base string) bool {
	return slices.Contains([]string{"LAPSED", "EXPIRED", "INVALIDATED", "ABANDONED"}, base)
}

// base is the base state at a time.
func (d *dossier) base(at int64) string {
	switch {
	case d.id != "" && d.over != "":
		return d.over
	case d.id != "" && d.space == "MARK" && past(d.renewable(), at), d.id != "" && d.space != "MARK" && past(d.expiry, at):
		return "EXPIRED"
	case d.id != "":
		return "CONFIRMED"
	case len(d.claims) == 0:
		return "UNKNOWN"
	}
	state := ""
	for _, c := range d.claims {
		if d.waits(c, at) {
			return "CLAIMED"
		}
		state = cmp.Or(c.state, "EXPIRED_CLAIM") // the last claim's
	}
	return state
}

// feeOwed tells whether an annual fee is in its grace: its due date is over, and the
// register has not said since that it is paid. Where no date is known the register's word
// is taken.
func (d *dossier) feeOwed(at int64) bool {
	if d.feeDue == "" {
		return d.feeStatus == "IN_GRACE" || d.feeStatus == "UNPAID"
	}
	return past(d.feeDue, at) && !(d.feeStatus == "PAID" && d.feeAt >= dayOver(d.feeDue))
}

// standing are the freezes that have been received and are not over, the first
// received first.
func (d *dossier) standing(at int64) (out []*frozen) {
	for _, f := range d.freezes {
		if f.stands(at) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b *frozen) int { return cmp.Compare(a.received, b.received) })
	return out
}

// at gives the opinion of a time.
func (d *dossier) at(at int64) opinion {
	o := opinion{base: d.base(at), flags: d.told(at)}
	for i, f := range d.standing(at) {
		if i == 0 {
			o.inForce = f.no
		} else {
			o.queued = append(o.queued, f.no)
		}
	}
	ranked := d.ranked(at)
	for _, e := range ranked {
		earlier := 0 // the rank is how many stand before, and one
		for _, other := range ranked {
			if other.place.at < e.place.at {
				earlier++
			}
		}
		for _, b := range d.burdens { // one from elsewhere has a rank, too
			if b.kind == "PLEDGE" && b.inForce(at) && b.from < e.place.at {
				earlier++
			}
		}
		o.pledges, o.ranks = append(o.pledges, e.no), append(o.ranks, earlier+1)
	}
	preserved, burdened := false, false
	for _, b := range d.burdens {
		if b.inForce(at) {
			o.burdens++
			preserved = preserved || b.kind == "PRESERVATION"
			burdened = burdened || b.burdens(at)
		}
	}
	for _, p := range d.m.waiting(d.right, at) {
		o.pending++
		if at < p.until[d.right] {
			o.reservations++
		}
	}
	o.conflicts = d.conflicts(at)
	for flag, set := range map[string]bool{
		"STALE":           d.read != 0 && older(d.read, at, d.m.figures.staleDays),
		"IN_GRACE":        o.base == "CONFIRMED" && (d.feeOwed(at) || past(d.expiry, at)),
		"PLEDGED":         len(ranked) > 0,
		"FROZEN":          o.inForce != "" || preserved,
		"FREEZE_QUEUED":   len(o.queued) > 0,
		"COOWNED":         len(d.owners)+len(d.outside) > 1,
		"RESERVED":        o.reservations > 0,
		"CONFLICT_REVIEW": len(o.conflicts) > 0,
	} {
		if set {
			o.flags = append(o.flags, flag)
		}
	}
	slices.Sort(o.flags)
	switch {
	case o.base == "UNKNOWN":
		o.value = "UNKNOWN"
	case ended(o.base):
		o.value = "ENDED"
	case o.base != "CONFIRMED":
		o.value = "UNCONFIRMED"
	case len(ranked) > 0:
		o.value = "PLEDGED"
	case burdened:
		o.value = "ENCUMBERED"
	case o.inForce != "":
		o.value = "FROZEN"
	default:
		o.value = "FREE"
	}
	return o
}

// conflicts are the live pledges and freezes, and the facts that came to light after them
// or in their block and would have kept them out (DOMAIN 3.1).
func (d *dossier) conflicts(at int64) (out []string) {
	for _, p := range d.live(at) {
		late := func(what string, since, told int64) {
			if since <= p.since && told >= p.registered {
				out = append(out, p.no+" "+what)
			}
		}
		for _, b := range d.burdens {
			ranked := b.kind == "PLEDGE" && d.space != "PATENT" // it stands before, and no harm is done
			if b.burdens(at) && b.from <= p.since && !ranked {
				out = append(out, p.no+" "+b.kind)
			}
		}
		if p.missing {
			out = append(out, p.no+" NOT_IN_REGISTER")
		}
		for _, f := range d.freezes {
			if f.stands(at) {
				late("FREEZE", f.received, f.told)
			}
		}
		for _, f := range d.facts {
			if f.stands(at) && slices.Contains([]string{"DISPUTED", "SUSPENDED", "TWIN_APPLICATION", "INVALIDATION_PENDING"}, f.flag) {
				late(f.flag, f.since, f.told)
			}
			licence := slices.Contains([]string{"LICENSED", "LICENSED_EXCLUSIVE", "OPEN_LICENCE"}, f.flag)
			if licence && f.stands(at) && p.unasked(f.since, f.told) {
				out = append(out, p.no+" "+f.flag)
			}
		}
		for _, other := range d.live(at) { // it was not to be seen when this one was registered
			if other != p && other.gapOf(p.registered) != nil {
				out = append(out, p.no+" PLEDGE")
			}
		}
		if d.over == "" && d.feeOwed(at) {
			missed := int64(0) // who knows since when
			if d.feeDue != "" {
				missed = dayOver(d.feeDue)
			}
			late("IN_GRACE", missed, d.feeTold)
		}
		if d.over != "" && d.over != "INVALIDATED" {
			if late(d.over, d.overFrom, d.overTold); d.over == "ABANDONED" && !(d.overFrom <= p.since && d.overTold >= p.registered) && p.unasked(d.overFrom, d.overTold) {
				out = append(out, p.no+" ABANDONED")
			}
		}
		// The pledgor was no owner any more; or the right moved under the pledge, and
		// the ledger had been told so before it heard of the pledge.
		if d.ownersTold > 0 && (d.ownersSince <= p.since && d.ownersTold >= p.registered || d.ownersSince > p.since && d.ownersTold < p.registered || p.unasked(d.ownersSince, d.ownersTold)) {
			out = append(out, p.no+" OWNER")
		}
	}
	for _, f := range d.freezes {
		if d.ownersTold > 0 && f.stands(at) && (d.ownersSince < f.received && d.ownersTold > f.told || d.ownersSince >= f.received && d.ownersTold <= f.told) {
			out = append(out, f.no+" OWNER")
		}
	}
	slices.Sort(out)
	return out
}

// ends tells whether a pledge has lost the right, since it is over. While it is in doubt
// whether the end came first or the pledge, the pledge stands.
func (d *dossier) ends(pledge string, at int64) bool {
	base := d.then(at)
	return ended(base) && !slices.Contains(d.conflicts(at), pledge+" "+base)
}

func (o opinion) String() string {
	return fmt.Sprintf("%s %s %v freeze %q queue %v pledges %v ranks %v, %d burdens, %d reservations, %d pending, conflicts %v",
		o.base, o.value, o.flags, o.inForce, o.queued, o.pledges, o.ranks, o.burdens, o.reservations, o.pending, o.conflicts)
}
