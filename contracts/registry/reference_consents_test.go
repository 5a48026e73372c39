// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"
)

// A consent is what the pledgees of a right were asked for, or a deal made without them
// (DOMAIN 3.4).
type consent struct {
	no, right, kind, with, by string
	until                     string           // last day to grant it
	asked                     map[string]banks // pledge number ──▶ its pledgees then
	grants                    map[string]grant // by pledge number
	refused                   int64
	used                      bool
	usedAt                    int64 // when the deal was made
	proceeds                  []int64
	breach                    int64 // when the deal was made
}

type banks []string

// A grant is that of one pledge.
type grant struct {
	pledgees banks
	at       int64
	last     string // day
}

func (g grant) holds(at int64) bool { return g.at > 0 && g.at <= at && !past(g.last, at) }

// deals are the kinds of deals that a consent may be for, by the event that enters one.
var deals = map[string]string{
	"TRANSFERRED": "TRANSFER", "LICENSED": "LICENCE", "LICENSED_EXCLUSIVE": "LICENCE_EXCLUSIVE", "OPEN_LICENCE": "OPEN_LICENCE", "ABANDONED": "ABANDONMENT",
}

// elder are the pledges that were there before a deal of a time, and when it was made.
func (d *dossier) elder(at int64) []*entry {
	return slices.DeleteFunc(d.under(at), func(e *entry) bool { return e.since >= at })
}

// consentState is where a consent is at a time: it is granted only if every pledge that
// lives then has granted it, and who refuses, refuses for all.
func (m *reference) consentState(k *consent, at int64) string {
	return k.state(slices.DeleteFunc(m.know(k.right).live(at), func(e *entry) bool { return e.since >= at }), at)
}

// state is where it is at a time, with the pledges that burden the right then.
func (k *consent) state(of []*entry, at int64) string {
	switch {
	case k.breach != 0:
		return "BREACH"
	case k.refused != 0 && k.refused <= at:
		return "REFUSED"
	}
	var needed []string
	for _, e := range of {
		needed = append(needed, e.no)
	}
	if len(needed) == 0 {
		for no := range k.asked {
			needed = append(needed, no)
		}
	}
	missing, over := false, false
	for _, no := range needed {
		g, granted := k.grants[no]
		missing = missing || !granted || at < g.at
		over = over || granted && past(g.last, at)
	}
	switch {
	case over, missing && past(k.until, at):
		return "LAPSED"
	case missing:
		return "REQUESTED"
	}
	return "GRANTED"
}

// hearConsent takes a step of a consent.
func (m *reference) hearConsent(c call, at int64, result args) {
	k := m.consents[text(c.a, "consent_no")]
	switch strings.TrimPrefix(c.method, "consents.") {
	case "request", "report_breach":
		k = &consent{
			no: text(result, "consent_no"), right: m.rightOf(text(c.a, "right_id")), kind: text(c.a, "kind"), with: text(c.a, "counterparty"),
			until: text(c.a, "until"), asked: make(map[string]banks), grants: make(map[string]grant),
		}
		of := m.know(k.right).live(at)
		if c.method == "consents.request" {
			if k.by = c.actor; k.until == "" {
				k.until = plusDays(dayOf(at), 90)
			}
		} else {
			k.breach = number(c.a, "fact_time")
			of = m.know(k.right).elder(k.breach)
		}
		for _, e := range of {
			k.asked[e.no] = e.pledgees
		}
		m.consents[k.no], m.asked = k, append(m.asked, k.no)
	case "grant":
		for _, e := range m.know(k.right).live(at) {
			if _, granted := k.grants[e.no]; !granted && slices.Contains(e.pledgees, c.actor) {
				k.grants[e.no] = grant{e.pledgees, at, text(c.a, "valid_until")}
			}
		}
	case "refuse":
		k.refused = at
	case "report_proceeds":
		k.proceeds = append(k.proceeds, number(c.a, "fact_time"))
	}
}

// objectConsent judges a step of a consent.
func (m *reference) objectConsent(c call, at int64) string {
	switch c.method {
	case "consents.request":
		return m.objectRequest(c, at)
	case "consents.report_breach":
		return m.objectBreach(c, at)
	}
	k := m.consents[text(c.a, "consent_no")]
	d := m.know(k.right)
	if c.method == "consents.report_proceeds" {
		then := number(c.a, "fact_time")
		switch {
		case castRoles[c.actor] != "EXCHANGE" && c.actor != k.by:
			return "neither the exchange nor who asked"
		case then <= 0 || then > at || m.consentState(k, then) != "GRANTED":
			return "no deal that was agreed to"
		case len(k.proceeds) > 0 && k.proceeds[0] != then:
			return "another deal"
		}
		for no, g := range k.grants {
			pledgees := g.pledgees
			if e := d.entry(no); e != nil && !e.gone {
				pledgees = e.pledgees
			}
			if !c.agree(pledgees...) {
				return no + " has not signed" // INV-12
			}
		}
		return ""
	}
	var mine, waiting []*entry
	asked := false
	for _, e := range d.live(at) {
		if slices.Contains(e.pledgees, c.actor) {
			mine = append(mine, e)
			if _, granted := k.grants[e.no]; !granted {
				waiting = append(waiting, e)
			}
		}
	}
	for _, pledgees := range k.asked {
		asked = asked || slices.Contains(pledgees, c.actor)
	}
	switch {
	case len(mine) == 0 && !asked, m.consentState(k, at) != "REQUESTED", len(waiting) == 0:
		return "it does not wait for this pledgee"
	case c.method == "consents.refuse":
		return unless(text(c.a, "reason") != "")
	case d.then(at) != "CONFIRMED":
		return "the right is over"
	case text(c.a, "valid_until") < dayOf(at):
		return "over already, or without a last day"
	}
	for _, e := range waiting {
		if !c.agree(e.pledgees...) {
			return e.no + " has not agreed"
		}
	}
	return ""
}

// objectRequest judges that an owner asks.
func (m *reference) objectRequest(c call, at int64) string {
	d := m.know(m.rightOf(text(c.a, "right_id")))
	kind, with, until := text(c.a, "kind"), text(c.a, "counterparty"), text(c.a, "until")
	switch {
	case !slices.Contains(d.owners, c.actor):
		return "not the owner"
	case d.then(at) != "CONFIRMED" || len(d.live(at)) == 0:
		return "over, or not pledged"
	case kind == "OPEN_LICENCE" && d.space != "PATENT":
		return "rights of this kind have no such licence"
	case with != "" && (kind == "OPEN_LICENCE" || kind == "ABANDONMENT" || slices.Equal(d.owners, []string{with}) && len(d.outside) == 0):
		return "with nobody, or with himself"
	case until != "" && (until < dayOf(at) || until > plusDays(dayOf(at), 90)):
		return "too long to wait"
	}
	return ""
}

// objectBreach judges that a deal was made without a consent.
func (m *reference) objectBreach(c call, at int64) string {
	d := m.know(m.rightOf(text(c.a, "right_id")))
	then, kind, with := number(c.a, "fact_time"), text(c.a, "kind"), text(c.a, "counterparty")
	if then <= 0 || then > at {
		return "tomorrow"
	}
	hurt := d.elder(then)
	role := castRoles[c.actor]
	switch {
	case len(hurt) == 0:
		return "nobody is hurt"
	case role == "BANK" && !slices.ContainsFunc(hurt, func(e *entry) bool { return slices.Contains(e.pledgees, c.actor) }),
		role != "BANK" && role != "EXCHANGE" && !reports(c.actor, d.right):
		return "by nobody who may"
	case with != "" && (kind == "OPEN_LICENCE" || kind == "ABANDONMENT"):
		return "with nobody"
	}
	for _, k := range m.consents {
		switch {
		case k.right != d.right || k.kind != kind:
		case k.breach != 0:
			if k.breach == then && k.with == with {
				return "told already"
			}
		case k.state(hurt, then) == "GRANTED" && k.covers(then, with):
			return "it was agreed to"
		}
	}
	for _, i := range m.about[d.right] {
		if t, gone := m.saidOf(i); !gone && t.method == "rights.status_event" && number(t.a, "fact_time") == then && deals[text(t.a, "event")] == kind {
			return "the register has entered it"
		}
	}
	return ""
}

// covers tells whether a consent is to a deal of a time, which it can serve if it has
// served none.
func (k *consent) covers(then int64, with string) bool {
	switch {
	case k.with != "" && with != "":
		return k.with == with
	case k.used || len(k.proceeds) > 0:
		return k.used && k.usedAt == then || len(k.proceeds) > 0 && k.proceeds[0] == then
	}
	return true
}

// serves tells whether a consent can serve an event: it is to this kind of deal about this
// right, with those who buy, and has served no other.
func (k *consent) serves(d *dossier, c call, since int64) bool {
	event := text(c.a, "event")
	switch {
	case k.right != d.right || k.kind != deals[event] || k.breach != 0 || k.refused != 0 && k.refused <= since || k.used:
		return false
	case k.with == "" || event != "TRANSFERRED":
		return true
	}
	stranger := slices.ContainsFunc(texts(c.a, "outside_owners"), func(name string) bool { return !slices.Contains(d.outside, name) })
	return !stranger && !slices.ContainsFunc(texts(c.a, "owners"), func(o string) bool { return o != k.with && !slices.Contains(d.owners, o) })
}
