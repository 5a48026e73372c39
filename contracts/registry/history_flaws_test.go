// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// spoil makes a call one that the ledger has to refuse, whatever the state is, and says
// with which code. Some calls cannot be spoilt so; they stay as they are.
func (h *history) spoil(c call) call {
	c.a, c.signers = maps.Clone(c.a), slices.Clone(c.signers)
	checked := len(c.signers) > 1 && c.signers[1].Role == contracts.Checker
	switch h.draw.below(10) {
	case 9: // people of a foreign organisation, who do not sign its business themselves
		for i, s := range c.signers {
			if own, foreign := h.town.own[s.Organisation]; foreign && s.Role != contracts.Checker {
				c.signers[i].Key, c.must = own.Key, contracts.ERole
			}
		}
	case 0: // one key enters and checks (INV-22)
		if checked {
			c.signers[1] = c.signers[0]
			c.signers[1].Role = contracts.Checker
			c.must = contracts.ERole
		}
	case 1: // one person, who may do both, does both (INV-22)
		if checked {
			c.signers[0], c.signers[1] = h.town.both[c.actor], h.town.both[c.actor]
			c.signers[0].Role = contracts.Maker
			c.must = contracts.ERole
		}
	case 2:
		if checked {
			c.signers = slices.Delete(c.signers, 1, 2)
			c.must = contracts.ERole
		}
	case 3: // somebody else's checker
		if checked {
			c.signers[1].Key = h.who(pick(h.draw, SR, OP), contracts.Checker).Key
			c.must = contracts.ERole
		}
	case 4: // organisations that may do nothing of the kind
		c.actor = pick(h.draw, OP, REG, VAL, SR)
		if c.signers = h.pair(c.actor); !checked {
			c.signers = c.signers[:1]
		}
		c.must = contracts.ERole
	case 5:
		if name, unknown := idOf(c); name != "" {
			c.a[name] = unknown
			c.must = contracts.ENotFound
		}
	case 6:
		if name, unknown := idOf(c); name != "" {
			c.a[name] = unknown[:len(unknown)-1] + "0"
			c.must = contracts.ECheckDigit
		}
	case 7: // INV-23
		for _, name := range []string{"title", "reason", "text", "case_no", "doc_no", "court", "scope", "cancellation_ref", "change_ref", "revocation_ref"} {
			if _, ok := c.a[name]; ok {
				c.a[name], c.must = h.resident(), contracts.EPrivacy
				return c
			}
		}
		number := residentNumber(h.draw)
		c.must = contracts.EPrivacy
		c.change = func(b *ledger.Body) { b.ClientRef = number }
	case 8:
		for _, name := range []string{"fact_time", "received_at", "statutory_time", "cancellation_time", "revocation_time"} {
			if _, ok := c.a[name]; ok {
				c.a[name], c.must = h.time+1+h.draw.span(aDay), anyCode // the clock's, unless another comes first
			}
		}
	}
	return c
}

// idOf is the argument that names the record of a call, and the number of none.
func idOf(c call) (name, unknown string) {
	for _, id := range [][2]string{
		{"disposal_no", "DSP-510100-20260105-0000042-2"}, {"consent_no", "CON-510100-20260105-0000042-T"},
		{"right_id", "IPR-510100-20260105-0123456-J"}, {"pledge_no", "PLG-510100-20260105-0000042-T"}, {"freeze_no", noFreeze},
		{"subject", noFreeze}, {"pool_no", noPool},
	} {
		if _, ok := c.a[id[0]]; ok && !(id[0] == "consent_no" && c.method == "rights.status_event") {
			return id[0], id[1]
		}
	}
	return "", ""
}

// Numbers of nothing.
const (
	noFreeze = "FRZ-510100-20260105-0000042-7"
	noPool   = "POL-510100-20260105-0000042-E"
)

// residentNumber is a resident identity number of nobody.
func residentNumber(d draws) string {
	digits := fmt.Sprintf("5101%02d%04d%02d%02d%03d", 1+d.below(32), 1940+d.below(80), 1+d.below(12), 1+d.below(28), d.below(1000))
	sum := 0
	for i := range digits {
		sum += int(digits[i]-'0') * []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}[i]
	}
	return digits + string("10X98765432"[sum%11])
}

// resident hides such a number in a text as people do.
func (h *history) resident() string {
	n := residentNumber(h.draw)
	replace := func(zero rune) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, n)
	}
	switch h.draw.below(10) {
	case 0:
		return "身份证号:" + n + "。"
	case 1:
		return n[:6] + " " + n[6:14] + " " + n[14:]
	case 2:
		return n[:6] + "-" + n[6:14] + "-" + n[14:]
	case 3:
		return replace('０')
	case 4:
		return "ID " + replace('𝟎')
	case 5:
		return strings.ToLower(n)
	case 6:
		return "tel. 028-8555 1234 " + n
	case 7:
		return n[:14] + "\u2011" + n[14:]
	case 8:
		return "张三\u3000" + n[:3] + "\u3000" + n[3:10] + "\u00a0" + n[10:]
	}
	return n
}

// peopleCalls let an organisation enrol one more checker, who signs, is revoked and signs
// no more, all perhaps in one block. Nobody is enrolled twice with one key.
func (h *history) peopleCalls() (list []call) {
	organisation := pick(h.draw, IPO, IP2)
	admin := h.who(organisation, contracts.Admin)
	newcomer := ledger.Signer{Organisation: organisation, Role: contracts.NewPerson, Key: h.town.newcomers[organisation]}
	enrolled, revoked := false, false
	for _, t := range h.ref.log {
		enrolled = enrolled || t.method == "persons.enrol" && t.actor == organisation
		revoked = revoked || t.method == "persons.revoke" && t.actor == organisation
	}
	for range 1 + h.draw.below(3) {
		checker := newcomer
		checker.Role = contracts.Checker
		c := call{actor: organisation}
		switch n := h.draw.below(10); {
		case !enrolled && n < 7, n < 1:
			c.method, c.a = "persons.enrol", args{"key": newcomer.Key, "roles": []string{contracts.Checker}}
			c.signers = []ledger.Signer{admin, newcomer}
			if enrolled {
				c.must = contracts.EDuplicate
			}
			enrolled = true
		case enrolled && !revoked && n < 4:
			c.method, c.a = "persons.revoke", args{"person_id": contracts.PersonID(h.network.Suite, newcomer.Key), "reason": "LEFT"}
			c.signers, revoked = []ledger.Signer{admin}, true
		default: // who may sign gets as far as the freeze, which does not exist
			c.method, c.a = "freezes.lift", args{"freeze_no": noFreeze, "doc_no": "1"}
			c.signers = []ledger.Signer{h.who(organisation, contracts.Maker), checker}
			if c.must = contracts.ERole; enrolled && !revoked {
				c.must = contracts.ENotFound
			}
		}
		list = append(list, c)
	}
	return list
}
