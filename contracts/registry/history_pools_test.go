// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"

	"github.com/ipledger/ipledger/contracts/pools"
)

// poolArrows are what is done with pools (DOMAIN 3.8); of each there have to be fewer.
var poolArrows = []string{
	"pool created", "pool of several owners", "pool grown", "pool pledged whole", "pool pledged in part", "pool pledged, some refused",
}

// pooled counts what was done with a pool.
func (n *tally) pooled(m *reference, c call, result args) {
	switch c.method {
	case "pools.create":
		n.arrows["pool created"]++
		if len(m.grouped[text(result, "pool_no")].pledgors) > 1 {
			n.arrows["pool of several owners"]++
		}
	case "pools.add":
		n.arrows["pool grown"]++
	case "pools.pledge":
		arrow := "pool pledged whole"
		if len(texts(c.a, "rights")) > 0 {
			arrow = "pool pledged in part"
		}
		if manifest, _ := result["manifest"].(map[string]any); manifest["refused"] != nil {
			n.arrows["pool pledged, some refused"]++
		}
		n.arrows[arrow]++
	}
}

// poolCall makes a pool of a right and others, adds to one, or applies for a pledge of it:
// a is what the application would say of the rights alone.
func (h *history) poolCall(s subject, d *dossier, c call) call {
	var mine []*pool
	for _, no := range h.ref.groups {
		if g := h.ref.grouped[no]; slices.Contains(g.rights, d.right) {
			mine = append(mine, g)
		}
	}
	n := h.draw.below(100)
	if len(mine) > 0 && n < 82 {
		return h.poolPledge(pick(h.draw, mine...), c)
	}
	refs := []string{pick(h.draw, d.id, s.ref())}
	with := slices.Clone(d.owners)
	for _, e := range h.beside(d.right) {
		if h.draw.chance(60) {
			refs, with = append(refs, e.id), append(with, e.owners...)
		}
	}
	if h.draw.chance(2) {
		refs = append(refs, d.id)
	}
	c = call{method: "pools.create", actor: c.actor, a: args{"rights": refs}}
	if len(h.ref.groups) > 0 && n > 82 {
		g := h.ref.grouped[pick(h.draw, h.ref.groups...)]
		if slices.Contains(g.rights, d.right) && len(refs) > 1 {
			c.a["rights"] = refs[1:]
		}
		c.method, c.a["pool_no"] = "pools.add", g.no
		if c.actor = g.manager; h.draw.chance(4) {
			c.actor = pick(h.draw, BA, BB)
		}
		if with = append(with, g.pledgors...); h.draw.chance(20) {
			with = slices.Clone(d.owners)
		}
	} else {
		if h.draw.chance(30) {
			c.a["cross_default"] = true
		}
		if h.draw.chance(50) {
			c.a["several_or_joint"] = pick(h.draw, "SEVERAL", "JOINT")
		}
	}
	if h.draw.chance(5) && len(with) > 0 {
		with = with[1:]
	}
	c.signers = h.and(h.pair(c.actor), with...)
	return c
}

// poolPledge applies for a pledge of a pool.
func (h *history) poolPledge(g *pool, c call) call {
	a := args{"pool_no": g.no, "pledgees": []string{g.manager}}
	for _, name := range []string{"kind", "office", "method", "acknowledgements"} {
		if value, given := c.a[name]; given {
			a[name] = value
		}
	}
	if h.draw.chance(70) {
		a["atomic"] = h.draw.chance(15)
	}
	if h.draw.chance(40) {
		refs := []string{h.ref.know(pick(h.draw, g.rights...)).id}
		for _, right := range g.rights {
			if id := h.ref.know(right).id; !slices.Contains(refs, id) && h.draw.chance(50) {
				refs = append(refs, id)
			}
		}
		if h.draw.chance(3) {
			refs = append(refs, h.ref.know(pick(h.draw, h.subjects...).right).id)
		}
		if !slices.Contains(refs, "") {
			a["rights"] = refs
		}
	}
	var with []string
	for _, right := range g.rights {
		with = append(with, h.ref.know(right).owners...)
	}
	actor := g.manager
	if h.draw.chance(4) {
		actor = pick(h.draw, BA, BB)
	}
	if h.draw.chance(4) && len(with) > 0 {
		with = with[1:]
	}
	return call{method: "pools.pledge", actor: actor, a: a, signers: h.and(h.pair(actor), with...)}
}

// checkPool holds a pool against the reference.
func (h *history) checkPool(record pools.Record) {
	g := h.ref.grouped[record.PoolNo]
	var ids []string
	for _, right := range g.rights {
		ids = append(ids, h.ref.know(right).id)
	}
	if record.Manager != g.manager || !slices.Equal(record.Rights, ids) || !slices.Equal(record.Pledgors, g.pledgors) || len(record.Pledges) != g.applications {
		h.fail("pool %+v, want %v of %+v", record, ids, *g)
	}
}
