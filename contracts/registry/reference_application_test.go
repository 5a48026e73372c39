// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import "slices"

// A draft is what an application says.
type draft struct {
	refs, pledgors, pledgees, acknowledged []string
	kind, method, office                   string
	partial                                bool
	own                                    *applied // that is brought anew
}

// draftOf reads an application, with what it leaves to the one before.
func (m *reference) draftOf(c call, own *applied) draft {
	d := draft{
		refs: texts(c.a, "rights"), pledgors: texts(c.a, "pledgors"), pledgees: texts(c.a, "pledgees"), acknowledged: texts(c.a, "acknowledgements"),
		kind: text(c.a, "kind"), method: text(c.a, "method"), office: text(c.a, "office"),
	}
	if c.method == "pools.pledge" {
		d.refs, d.pledgors = m.offeredOf(c)
	}
	if atomic, given := c.a["atomic"].(bool); given {
		d.partial = !atomic
	}
	if own != nil && own.kind != "" {
		d.own, d.partial, d.office = own, own.partial, own.office
		if len(d.refs) == 0 {
			for _, right := range own.rights {
				d.refs = append(d.refs, m.know(right).id)
			}
		}
		if len(d.pledgors) == 0 {
			d.pledgors = own.pledgors
		}
		if len(d.pledgees) == 0 {
			d.pledgees = own.pledgees
		}
		if _, given := c.a["acknowledgements"]; !given {
			d.acknowledged = own.acknowledged
		}
		if d.kind == "" {
			d.kind = own.kind
		}
		if d.method == "" {
			d.method = own.method
		}
	}
	if d.kind == "" {
		d.kind = "ORDINARY"
	}
	if d.method == "" {
		d.method = "ONLINE"
	}
	return d
}

// An assessment says what becomes of an application: why it is refused whole, or which
// rights it is taken in for and which of a batch are refused.
type assessment struct {
	why      string
	good     []*dossier
	refused  []string // right ids, or as typed; sorted
	pledgors []string // sorted
}

// assess judges an application (DOMAIN 3.3 and 3.8). In a batch that is not atomic those
// rights are refused that cannot be pledged, and whoever pledges none of the others is no
// pledgor.
func (m *reference) assess(d draft, c call, at int64) (a assessment) {
	a.pledgors = sorted(d.pledgors)
	refuse := func(why string) assessment {
		a.why = why
		return a
	}
	var list []*dossier
	for _, ref := range d.refs {
		of := m.know(m.rightOf(ref))
		known := len(of.claims) > 0
		if known && slices.ContainsFunc(list, func(other *dossier) bool { return other.right == of.right }) {
			return refuse("one right twice")
		}
		why := "nobody has claimed it"
		if known {
			list = append(list, of)
			why = m.objectRight(of, d, c.agree, at)
			if why == "" && len(a.good) > 0 && registrarOf(of.right) != registrarOf(a.good[0].right) {
				why = "of another registrar"
			}
		}
		switch {
		case why == "":
			a.good = append(a.good, of)
		case !d.partial:
			return refuse(of.right + ": " + why)
		case of.id == "":
			a.refused = append(a.refused, ref)
		default:
			a.refused = append(a.refused, of.id)
		}
	}
	slices.Sort(a.refused)
	if len(a.good) == 0 {
		return refuse("nothing of it can be pledged")
	}
	owns := func(list []*dossier, pledgor string) bool {
		return slices.ContainsFunc(list, func(of *dossier) bool { return slices.Contains(of.owners, pledgor) })
	}
	a.pledgors = slices.DeleteFunc(a.pledgors, func(pledgor string) bool { return owns(list, pledgor) && !owns(a.good, pledgor) })
	for _, pledgor := range a.pledgors {
		if !owns(a.good, pledgor) || !c.signs(pledgor) {
			return refuse(pledgor + " does not own it, or has not signed") // R01, INV-05
		}
	}
	if why := objectPledgees(c, d.pledgees, a.pledgors); why != "" {
		return refuse(why)
	}
	if !slices.Contains(d.pledgees, c.actor) {
		return refuse("the bank is no pledgee")
	}
	if registrar := text(c.a, "registrar"); registrar != "" && registrar != registrarOf(a.good[0].right) {
		return refuse("to another registrar")
	}
	office := d.office
	if office == "" {
		office = a.good[0].by
	}
	return refuse(unless(d.own != nil || reports(office, a.good[0].right)))
}

// objectPledgees finds a pledgee who lends nothing, who would pledge to himself, or who
// has not signed.
func objectPledgees(c call, pledgees, pledgors []string) string {
	for _, pledgee := range pledgees {
		if castRoles[pledgee] != "BANK" || slices.Contains(pledgors, pledgee) || !c.agree(pledgee) {
			return pledgee + " is no bank, or pledges it, or has not signed"
		}
	}
	return unless(len(pledgees) > 0 && len(slices.Compact(sorted(pledgees))) == len(pledgees))
}

// objectRight says why a right cannot be pledged now.
func (m *reference) objectRight(of *dossier, d draft, signed func(...string) bool, at int64) string {
	o := of.at(at)
	reserved := func(p *applied) bool { return p != d.own && at < p.until[of.right] }
	switch {
	case o.base != "CONFIRMED":
		return "no living right" // INV-03
	case older(of.read, at, m.figures.evidenceDays):
		return "an old look at the register"
	case o.inForce != "" || o.has("FROZEN") || o.has("SUSPENDED") || o.has("DISPUTED"):
		return "frozen, suspended or disputed" // INV-04
	case o.has("IN_GRACE"):
		return "a fee is owed" // R04
	case of.full("", 0, at), slices.ContainsFunc(m.waiting(of.right, at), reserved):
		return "pledged, or spoken for" // R09, INV-02
	case o.has("TWIN_APPLICATION") && !slices.Contains(d.acknowledged, "R10_TWIN_APPLICATION"),
		o.has("INVALIDATION_PENDING") && !slices.Contains(d.acknowledged, "R11_INVALIDATION_PENDING"):
		return "the parties have not been told"
	}
	return objectOwners(of.right, of.owners, of.outside, d.pledgors, signed)
}

// full tells whether a right carries as many pledges as it may, here and in the register,
// where the pledge itself may be shown already under a number. What burdens it otherwise
// stands in the way of all.
func (d *dossier) full(no string, then, at int64) bool {
	here, elsewhere := len(d.live(at)), 0
	for _, b := range d.burdens {
		switch {
		case !b.burdens(at) || b.kind == "PRESERVATION" || no != "" && b.is(no, then):
		case b.kind == "PLEDGE":
			elsewhere++
		default:
			return true
		}
	}
	return here+elsewhere >= d.m.figures.most(d.space)
}

// objectOwners finds a right that none of the pledgors owns, and a co-owner who has not
// signed (R08, INV-06), as one cannot that is not on this ledger.
func objectOwners(right string, owners, outside, pledgors []string, signed func(...string) bool) string {
	if !slices.ContainsFunc(owners, func(o string) bool { return slices.Contains(pledgors, o) }) {
		return "none of the pledgors owns " + right
	}
	if len(outside) > 0 {
		return "a co-owner is not on this ledger"
	}
	for _, owner := range owners {
		if len(owners) > 1 && !signed(owner) {
			return "the co-owner " + owner + " has not signed"
		}
	}
	return ""
}
