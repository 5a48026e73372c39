// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
)

// entryCall is a further entry of a registration, which both sides and the office sign.
func (h *history) entryCall(c *call, step string, p *applied) {
	d := h.ref.know(p.rights[0])
	office, bank := h.office(p.rights[0]), pick(h.draw, p.pledgees...)
	with := append(slices.Clone(p.pledgees), h.ref.givers(p)...)
	c.actor = bank
	if h.draw.chance(40) {
		c.actor = office
	} else {
		with = append(with, office)
	}
	if step != "transfer" || h.draw.chance(50) {
		c.a["statutory_time"] = h.statutory(d, p.newest)
	}
	c.a["change_ref"] = fmt.Sprintf("B%d", h.next())
	behind := h.draw.chance(75) // those who may come to stand behind sign, too
	for _, right := range p.rights {
		for _, e := range h.ref.know(right).live(h.time) {
			if behind {
				with = append(with, e.pledgees...)
			}
		}
	}
	switch step {
	case "change":
		h.change(c, p, &with)
	case "partial_release":
		c.a["rights"] = h.someOf(p)
	case "extend":
		if h.draw.chance(50) || p.end != "" {
			from := p.end
			if from == "" && h.draw.chance(90) && d.space != "MARK" {
				c.seal = true
				break
			}
			if from == "" {
				from = dayOf(h.time)
			}
			c.a["registration_end"] = h.lastDay(p.rights, from)
		}
		c.seal = h.draw.chance(60)
	case "transfer":
		to := pick(h.draw, []string{BA}, []string{BB}, []string{BA, BB}, []string{SG}, []string{BA, SG})
		if slices.Equal(to, p.pledgees) {
			to = pick(h.draw, []string{BA}, []string{BB}, []string{BA, BB})
		}
		c.a["pledgees"] = to
		if h.draw.chance(96) {
			c.a["notice"] = paper
		}
		if h.draw.chance(30) { // the pledgors have no part in it
			with = slices.DeleteFunc(with, func(id string) bool { return slices.Contains(p.pledgors, id) })
		}
		with = append(with, to...)
	case "change_rank":
		h.ranks(c, p, &with)
	}
	c.signers = h.pair(c.actor)
	if h.draw.chance(4) {
		with = with[1:]
	}
	c.signers = h.and(c.signers, with...)
}

// someOf are rights that a pledge may lose: one of them, or now and then all that live.
func (h *history) someOf(p *applied) (ids []string) {
	if h.draw.chance(30) {
		for _, right := range p.rights {
			if d := h.ref.know(right); !d.ends(p.no, h.time) {
				ids = append(ids, d.id)
			}
		}
	}
	if len(ids) == 0 {
		ids = []string{h.ref.know(pick(h.draw, p.rights...)).id}
	}
	return ids
}

// change is what changes of a registration.
func (h *history) change(c *call, p *applied, with *[]string) {
	if h.draw.chance(map[bool]int{false: 55, true: 35}[len(p.rights) > 1]) {
		kinds := []string{pick(h.draw, "AMOUNT", "TERM", "DEBTOR", "SCOPE", "CLAUSES", "NAMES", "AGENT")}
		if h.draw.chance(20) && kinds[0] != "NAMES" {
			kinds = append(kinds, "NAMES")
		}
		c.a["changes"] = kinds
		if c.seal = h.draw.chance(95); h.draw.chance(25) {
			c.a["lessens"] = true
		}
	}
	if c.a["changes"] == nil || h.draw.chance(15) {
		if len(p.rights) > 1 && h.draw.chance(95) || h.draw.chance(3) {
			c.a["remove_rights"] = h.someOf(p)
		}
		var more []*dossier
		for _, d := range h.beside(p.rights[0]) {
			if !slices.Contains(p.rights, d.right) && slices.ContainsFunc(d.owners, func(o string) bool { return slices.Contains(p.pledgors, o) }) || h.draw.chance(5) {
				if older(d.read, h.time, h.ref.figures.evidenceDays) && h.draw.chance(80) {
					continue
				}
				more = append(more, d)
			}
		}
		if len(more) > 0 {
			d := pick(h.draw, more...)
			c.a["add_rights"] = []string{d.id}
			*with = append(*with, d.owners...)
			if h.draw.chance(70) {
				c.a["acknowledgements"] = []string{contracts.R10, contracts.R11}
			}
		}
	}
}

// ranks lets the pledges of a right that has several take each other's places.
func (h *history) ranks(c *call, p *applied, with *[]string) {
	d := h.ref.know(p.rights[0])
	for _, s := range h.subjects {
		if other := h.ref.know(s.right); len(other.live(h.time)) > max(1, len(d.live(h.time))-h.draw.below(2)) {
			d = other
		}
	}
	order, newest := []string{}, int64(0)
	*with = append(*with, d.owners...)
	for _, e := range d.ranked(h.time) {
		order, newest = append(order, e.no), max(newest, e.since)
		*with = append(*with, h.ref.pledges[e.no].pledgors...)
	}
	for i := range order {
		j := h.draw.below(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	if ranked := d.ranked(h.time); len(order) > 1 && order[0] == ranked[0].no && h.draw.chance(90) {
		order[0], order[1] = order[1], order[0]
	}
	if len(order) > 2 && h.draw.chance(4) {
		order = order[1:]
	}
	delete(c.a, "pledge_no")
	c.a["right_id"], c.a["order"] = d.id, order
	if _, given := c.a["statutory_time"]; given {
		c.a["statutory_time"] = newest + h.draw.span(max(h.time-newest, 0)+1)
	}
	if live := d.live(h.time); len(live) > 0 && reports(c.actor, d.right) == reports(c.actor, p.rights[0]) {
		if castRoles[c.actor] == contracts.Bank {
			c.actor = pick(h.draw, pick(h.draw, live...).pledgees...)
			*with = append(*with, h.office(d.right))
		} else {
			c.actor = h.office(d.right)
		}
		if h.draw.chance(60) {
			for _, e := range live {
				*with = append(*with, e.pledgees...)
			}
		} else {
			*with = slices.DeleteFunc(*with, func(id string) bool { return castRoles[id] == contracts.Bank && h.draw.chance(50) })
		}
	}
}
