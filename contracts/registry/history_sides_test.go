// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// sideCall is what the parties do by themselves.
func (h *history) sideCall(c *call, step string, p *applied) {
	bank := pick(h.draw, p.pledgees...)
	c.actor = bank
	with := slices.Clone(p.pledgees)
	fact := h.before()
	if p.statutoryAt > 0 && h.draw.chance(90) {
		fact = p.statutoryAt + h.draw.span(max(h.time-p.statutoryAt, 0)+1)
	}
	switch step {
	case "resubmit":
		with = append(with, p.pledgors...)
		h.resubmission(c, p)
	case "withdraw":
		with = append(with, p.pledgors...)
	case "withdraw_release":
		with = append(with, h.ref.givers(p)...)
	case "start_enforcement":
		c.a["ground"], c.a["route"] = pick(h.draw, "DEFAULT", "AGREED_EVENT"), pick(h.draw, "AGREEMENT", "PRIVATE_SALE", "COURT")
		if h.draw.chance(60) {
			c.a["fact_time"] = fact
		}
	case "end_enforcement":
		c.a["outcome"] = pick(h.draw, "CURED", "SETTLED", "STOPPED")
	case "consent_release":
		c.a["ground"] = pick(h.draw, "DEBT_PAID", "WAIVED", "MAIN_CONTRACT_VOID", "OTHER")
		if h.draw.chance(5) || p.state == "ENFORCING" {
			c.a["ground"] = "REALISED"
		}
	case "demand":
		c.a["kind"] = pick(h.draw, "PAYMENT", "ENFORCEMENT")
		if c.a["kind"] == "ENFORCEMENT" && h.draw.chance(90) {
			c.actor = pick(h.draw, p.pledgors...)
		}
		if h.draw.chance(60) {
			c.a["fact_time"] = fact
		}
		c.signers = []ledger.Signer{h.who(c.actor, contracts.Maker)}
		return
	case "fix_claim":
		c.actor = pick(h.draw, bank, bank, bank, h.office(p.rights[0]), CT)
		frozen := false
		for _, right := range p.rights {
			for _, f := range h.ref.know(right).freezes {
				if f.received > p.statutoryAt && p.statutoryAt > 0 && h.draw.chance(80) {
					fact, frozen = f.received, true
				}
			}
		}
		if h.draw.chance(map[bool]int{false: 55, true: 15}[frozen]) {
			fact = h.time
		}
		c.a["fact_time"] = fact
		c.a["ground"] = h.fixGround(p, fact)
		if c.actor == bank {
			c.seal = h.draw.chance(96)
			with = nil
		} else {
			c.a["document"] = paper
		}
	}
	c.signers = h.pair(c.actor)
	if (h.draw.chance(5) || len(p.pledgees) > 1 && h.draw.chance(15)) && len(with) > 0 {
		with = with[1:]
	}
	c.signers = h.and(c.signers, with...)
}

// fixGround is a ground that fits, if the pledge has one.
func (h *history) fixGround(p *applied, at int64) string {
	if h.draw.chance(25) {
		return pick(h.draw, "ON_REQUEST", "SEIZURE")
	}
	if slices.ContainsFunc(p.rights, func(right string) bool { return h.ref.know(right).frozenAt(at) }) {
		return "SEIZURE" // it is frozen while it is pledged
	}
	if dayOf(at) >= plusMonths(dayOf(p.statutoryAt), h.ref.figures.fixMonths) {
		return "ON_REQUEST"
	}
	return pick(h.draw, "PERIOD_ENDED", "NO_NEW_DEBT", "BANKRUPTCY", "OTHER_LAW")
}

// resubmission mends an application, or what was said of it.
func (h *history) resubmission(c *call, p *applied) {
	if h.draw.chance(30) {
		var refs []string
		for _, right := range p.rights {
			refs = append(refs, h.ref.know(right).id)
		}
		if len(refs) > 1 && h.draw.chance(50) {
			refs = refs[1:]
		}
		for _, d := range h.beside(p.rights[0]) {
			if h.draw.chance(30) && !slices.Contains(refs, d.id) {
				refs = append(refs, d.id)
			}
		}
		c.a["rights"] = refs
	}
	if h.draw.chance(50) {
		c.a["acknowledgements"] = []string{contracts.R10, contracts.R11}
	}
	if h.draw.chance(20) {
		c.a["kind"] = pick(h.draw, "ORDINARY", "MAX_AMOUNT")
	}
	if h.draw.chance(10) {
		c.a["pledgees"] = pick(h.draw, []string{BA}, []string{BB}, []string{BA, BB})
	}
	c.seal = h.draw.chance(50)
}
