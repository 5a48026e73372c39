// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import "slices"

// objectEntry judges an entry of a registration after the first: a change, a partial
// release, an extension, a transfer. The pledgees agree, an office of the register takes
// part, and nothing is entered before what was entered last.
func (m *reference) objectEntry(c call, p *applied, state string, at int64) string {
	then, given := c.a["statutory_time"].(int64)
	if !given {
		then = at
	}
	office := reports(c.actor, p.rights[0])
	for _, s := range c.signers {
		office = office || castRoles[c.actor] == "BANK" && reports(s.Organisation, p.rights[0])
	}
	bank := slices.Contains(p.pledgees, c.actor)
	switch {
	case state != "EFFECTIVE":
		return "it is " + state
	case !c.agree(p.pledgees...) || castRoles[c.actor] == "BANK" && !bank:
		return "a pledgee has not agreed"
	case then > at || then < p.newest:
		return "entered too early"
	case c.method != "pledges.transfer" && (!given || !office):
		return "no office, or no time"
	case c.method == "pledges.transfer" && !bank && !office:
		return "no office"
	}
	switch c.method {
	case "pledges.transfer":
		return m.objectTransfer(c, p)
	case "pledges.partial_release":
		let := m.rightsOf(texts(c.a, "rights"))
		return unless(len(let) > 0 && m.loses(p, let, at))
	case "pledges.extend":
		return m.objectExtension(c, p, then, at)
	}
	kinds, lessens := texts(c.a, "changes"), c.a["lessens"] == true
	added, removed := texts(c.a, "add_rights"), m.rightsOf(texts(c.a, "remove_rights"))
	moves := len(added)+len(removed) > 0
	sealed := slices.ContainsFunc(kinds, func(kind string) bool {
		return slices.Contains([]string{"AMOUNT", "TERM", "DEBTOR", "SCOPE", "CLAUSES"}, kind)
	})
	switch {
	case !c.agree(m.givers(p)...):
		return "a pledgor has not agreed"
	case len(kinds) == 0 && !moves, slices.Contains(kinds, "RIGHTS") && !moves:
		return "nothing changes"
	case sealed && !c.seal:
		return "what is sealed changes, and nothing is sealed"
	case sealed && !lessens && !m.unharmed(c, p, at):
		return "a pledgee behind it has not agreed"
	case len(removed) > 0 && len(added) == 0 && !m.loses(p, removed, at), len(added) > 0 && !m.has(p, removed):
		return "it would have no right left" // INV-30
	}
	return m.objectAdded(c, p, added, then, at)
}

// objectAdded judges the rights that a change adds: each is pledged from then on, and is
// judged as one that is applied for now and registered then.
func (m *reference) objectAdded(c call, p *applied, added []string, then, at int64) string {
	d := draft{pledgors: p.pledgors, acknowledged: texts(c.a, "acknowledgements")}
	for i, ref := range added {
		of := m.know(m.rightOf(ref))
		switch {
		case len(of.claims) == 0 || slices.Contains(p.rights, of.right) || slices.Contains(m.rightsOf(added[:i]), of.right):
			return "not known, or pledged with it already"
		case registrarOf(of.right) != registrarOf(p.rights[0]):
			return "of another registrar"
		case p.end != "" && (of.space != "MARK" || of.expiry != "" && of.expiry < p.end || p.end < dayOf(then)):
			return "it ends before the registration"
		}
		if why := m.objectRight(of, d, c.agree, at); why != "" {
			return why
		}
		if why := of.objectThen(p.statutory, p.pledgors, d.acknowledged, c.agree, then, at); why != "" {
			return why
		}
		for _, e := range of.ranked(at) { // it is told late, and they have seen no application
			if then <= e.place.at && !c.agree(e.pledgees...) {
				return "a pledgee behind it has not agreed"
			}
		}
	}
	return ""
}

// has tells whether all of some rights are under a pledge, each named once.
func (m *reference) has(p *applied, rights []string) bool {
	return len(slices.Compact(sorted(rights))) == len(rights) &&
		!slices.ContainsFunc(rights, func(right string) bool { return !slices.Contains(p.rights, right) })
}

// loses tells whether a pledge can lose some rights: they are of it, and at least one
// stays that lives (INV-30).
func (m *reference) loses(p *applied, rights []string, at int64) bool {
	return m.has(p, rights) && slices.ContainsFunc(p.rights, func(right string) bool {
		return !slices.Contains(rights, right) && !m.know(right).ends(p.no, at)
	})
}

// unharmed tells whether all who rank beside a pledge or behind it agree (L7, L12).
func (m *reference) unharmed(c call, p *applied, at int64) bool {
	for _, right := range p.rights {
		ranked := m.know(right).ranked(at)
		behind := false
		for i, e := range ranked {
			if e.no == p.no {
				behind = true
				for _, beside := range ranked[:i] {
					if beside.place.at == e.place.at && !c.agree(beside.pledgees...) {
						return false
					}
				}
			} else if behind && !c.agree(e.pledgees...) {
				return false
			}
		}
	}
	return true
}

// objectExtension judges a longer registration, or a longer term of the debt.
func (m *reference) objectExtension(c call, p *applied, then, at int64) string {
	end := text(c.a, "registration_end")
	switch {
	case !c.agree(m.givers(p)...) || !m.unharmed(c, p, at):
		return "a pledgor, or a pledgee behind it, has not agreed"
	case end == "":
		return unless(c.seal && m.stateOf(p, at) == "EFFECTIVE")
	case p.end == "":
		return "it has no end"
	case end <= p.end || end < dayOf(then):
		return "no longer than before"
	}
	for _, right := range p.rights {
		if d := m.know(right); d.space != "MARK" || d.expiry != "" && d.expiry < end {
			return "longer than the right, or no mark"
		}
	}
	return ""
}

// objectTransfer judges that a pledge goes where the debt goes (L11): the debtor was told,
// and while the claims of a maximum amount are not fixed it goes only if that was agreed.
func (m *reference) objectTransfer(c call, p *applied) string {
	to := texts(c.a, "pledgees")
	switch {
	case text(c.a, "notice") == "":
		return "the debtor was not told"
	case slices.Equal(sorted(to), p.pledgees):
		return "it stays where it is"
	case p.kind == "MAX_AMOUNT" && !p.fixed && !c.agree(m.givers(p)...):
		return "the claims are not fixed"
	}
	return objectPledgees(c, to, p.pledgors)
}

// objectRanks judges an agreement on ranks (L7): all live pledges of the right are named,
// and whoever comes to stand behind one that it stood before or beside has signed.
func (m *reference) objectRanks(c call, at int64) string {
	d := m.know(m.rightOf(text(c.a, "right_id")))
	order := texts(c.a, "order")
	was := d.ranked(at)
	if len(was) < 2 || len(order) != len(was) {
		return "not all of them"
	}
	var is []*entry
	newest := int64(0)
	for _, no := range order {
		i := slices.IndexFunc(was, func(e *entry) bool { return e.no == no })
		if i < 0 || slices.Contains(is, was[i]) {
			return "not all of them"
		}
		is, newest = append(is, was[i]), max(newest, was[i].since, m.pledges[no].newest)
	}
	then, given := c.a["statutory_time"].(int64)
	if given && (then > at || then < newest) {
		return "entered too early"
	}
	office, holder := reports(c.actor, d.right), false
	for _, s := range c.signers {
		office = office || castRoles[c.actor] == "BANK" && reports(s.Organisation, d.right)
	}
	moved := false
	for i, e := range is {
		p := m.pledges[e.no]
		holder = holder || slices.Contains(e.pledgees, c.actor)
		if m.stateOf(p, at) != "EFFECTIVE" || p.steps >= 100 {
			return e.no + " does not stand"
		}
		if was[i].place == e.place {
			continue
		}
		moved = true
	}
	switch {
	case !moved:
		return "nothing changes"
	case !c.agree(d.owners...):
		return "an owner has not agreed"
	case !office || castRoles[c.actor] == "BANK" && !holder:
		return "by nobody who may"
	}
	for i, e := range is {
		for j := range i { // those that stand before it now, or at least beside
			f := is[j]
			before := e.place.at <= f.place.at // it stood before it, or beside
			if behind := was[i].place.at > was[j].place.at; before && behind && !c.agree(e.pledgees...) {
				return e.no + " ranks worse and has not agreed"
			}
		}
	}
	return ""
}

// objectFix judges that the claims of a maximum amount are fixed (L10).
func (m *reference) objectFix(c call, p *applied, state string, at int64) string {
	then := number(c.a, "fact_time")
	switch {
	case state != "EFFECTIVE" && state != "ENFORCING" || p.kind != "MAX_AMOUNT" || p.fixed:
		return "there is nothing to fix"
	case castRoles[c.actor] == "BANK":
		if !slices.Contains(p.pledgees, c.actor) || !c.seal {
			return "no pledgee, or no amount"
		}
	case castRoles[c.actor] != "COURT" && !reports(c.actor, p.rights[0]) || text(c.a, "document") == "":
		return "another register, or no paper"
	}
	if then == 0 || then < p.statutoryAt || then > at {
		return "before the pledge, or tomorrow"
	}
	switch text(c.a, "ground") {
	case "":
		return "no ground"
	case "ON_REQUEST":
		return unless(dayOf(then) > plusMonths(dayOf(p.statutoryAt), m.figures.fixMonths))
	case "SEIZURE":
		return unless(slices.ContainsFunc(p.rights, func(right string) bool { return m.know(right).frozenAt(then) }))
	}
	return ""
}

const nobody = "" // who is not on this ledger and cannot sign

// givers are those who agree for the side of the pledgors, with all co-owners: a pledge
// follows the right (Civil Code, article 406), so who owns it since agrees in the place of
// who has parted with all of it.
func (m *reference) givers(p *applied) (list []string) {
	moved, doubt := false, false
	owned := make(map[string]bool)
	for _, right := range p.rights {
		d := m.know(right)
		for _, owner := range d.owners {
			owned[owner] = true
		}
		if e := d.entry(p.no); e != nil && d.ownersSince > e.since {
			if moved, list = true, append(list, d.owners...); len(d.outside) > 0 {
				list = append(list, nobody)
			}
			continue
		}
		if !slices.ContainsFunc(d.owners, func(owner string) bool { return slices.Contains(p.pledgors, owner) }) {
			doubt = true // nobody knows whose it was
		}
		if len(d.owners) > 1 {
			list = append(list, d.owners...) // co-owners, INV-06
		}
	}
	for _, pledgor := range p.pledgors {
		if owned[pledgor] || !moved || doubt {
			list = append(list, pledgor)
		}
	}
	return list
}
