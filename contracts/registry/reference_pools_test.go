// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"
)

// A pool is a group of rights that are financed together (DOMAIN 3.8). It burdens nothing
// by itself.
type pool struct {
	no, manager  string
	rights       []string // in the order of their coming
	pledgors     []string // sorted
	stand        bool     // its pledgors stand for each other
	applications int
}

// hearPool takes what was done with a pool. An application is one like any other.
func (m *reference) hearPool(c call, at int64, result args) []string {
	g := m.grouped[text(c.a, "pool_no")]
	if c.method == "pools.pledge" {
		g.applications++
		return m.hearPledge(c, at, result)
	}
	if c.method == "pools.create" {
		g = &pool{no: text(result, "pool_no"), manager: c.actor, stand: c.a["cross_default"] == true || text(c.a, "several_or_joint") == "JOINT"}
		m.grouped[g.no], m.groups = g, append(m.groups, g.no)
	}
	for _, right := range m.rightsOf(texts(c.a, "rights")) {
		g.rights = append(g.rights, right)
		g.pledgors = append(g.pledgors, m.know(right).owners...)
	}
	g.pledgors = slices.Compact(sorted(g.pledgors))
	return nil
}

// offeredOf are the rights that an application names of a pool, or all of it, and their
// owners, who are its pledgors.
func (m *reference) offeredOf(c call) (refs, pledgors []string) {
	if refs = texts(c.a, "rights"); len(refs) == 0 {
		for _, right := range m.grouped[text(c.a, "pool_no")].rights {
			refs = append(refs, m.know(right).id)
		}
	}
	for _, right := range m.rightsOf(refs) {
		pledgors = append(pledgors, m.know(right).owners...)
	}
	return refs, slices.Compact(sorted(pledgors))
}

// objectPool judges that a bank groups rights whose owners all agree, or applies for a
// pledge of them.
func (m *reference) objectPool(c call, at int64) string {
	g := &pool{manager: c.actor}
	if c.method != "pools.create" {
		g = m.grouped[text(c.a, "pool_no")]
	}
	refs := texts(c.a, "rights")
	switch {
	case g.manager != c.actor:
		return "another manages it"
	case c.method == "pools.pledge":
		if slices.ContainsFunc(m.rightsOf(refs), func(right string) bool { return !slices.Contains(g.rights, right) }) || g.applications >= 64 {
			return "not of the pool"
		}
		return m.assess(m.draftOf(c, nil), c, at).why
	case len(refs) == 0, g.stand && !c.agree(g.pledgors...):
		return "nothing, or those who stand for it have not agreed"
	}
	list := slices.Clone(g.rights)
	for _, right := range m.rightsOf(refs) {
		d := m.know(right)
		if d.id == "" || d.then(at) != "CONFIRMED" || slices.Contains(list, right) || !c.agree(d.owners...) || len(d.outside) > 0 {
			return "it does not stand, is in it already, or an owner has not agreed"
		}
		list = append(list, right)
	}
	return ""
}

// applies tells whether a call is an application for a pledge, a new one or one anew.
func (c call) applies() bool {
	return c.method == "pools.pledge" || strings.HasSuffix(c.method, "submit")
}
