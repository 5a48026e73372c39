// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
)

// A righting is what an entry about a right or a freeze should have said (decision 20). The
// reference keeps what was said, and reads the entry with its righting from then on.
type righting struct {
	annulled bool
	since    int64 // when it happened, or was received or lifted; 0: as it was told
	until    string
	at       int64 // of the correction
}

// entryAt is the place in the log of the entry that a transaction made, through the
// corrections of it that were corrected.
func (m *reference) entryAt(transaction string) (root, made int) {
	made, known := m.made[transaction]
	if !known {
		return -1, -1
	}
	for root = made; strings.HasPrefix(m.log[root].method, "corrections."); {
		root = m.made[text(m.log[root].a, "transaction")]
	}
	return root, made
}

// saidOf is the entry at a place of the log as it is to be read now.
func (m *reference) saidOf(place int) (t told, annulled bool) {
	t = m.log[place]
	r, righted := m.righted[place]
	if !righted || r.annulled {
		return t, r.annulled
	}
	if r.until == "" && (t.method == "freezes.record" || t.method == "freezes.renew") {
		r.until = m.lastDay(t) // the ledger has written it down, and the time of the receipt alone is put right
	}
	return t.as(r), false
}

// lastDay is the last day of a freeze by one order as it was recorded.
func (m *reference) lastDay(t told) string {
	if until := text(t.a, "until"); until != "" {
		return until
	}
	space, _, _ := strings.Cut(m.frozen[cmp.Or(text(t.a, "freeze_no"), text(t.result, "freeze_no"))], "/")
	return plusMonths(dayOf(number(t.a, "received_at")), m.figures.freeze(space))
}

// as is an entry with what it should have said.
func (t told) as(r righting) told {
	a := args{}
	for name, value := range t.a {
		a[name] = value
	}
	for _, name := range []string{"fact_time", "received_at", "lifted_at"} {
		if _, said := a[name]; r.since != 0 && (said || name == "lifted_at" && t.method == "freezes.lift") {
			a[name] = r.since
		}
	}
	if t.method == "rights.status_event" {
		a["known_time"] = cmp.Or(number(a, "known_time"), t.at)
	}
	if r.until != "" {
		a["until"] = r.until
	}
	t.a = a
	return t
}

// forget reads an event that did not happen: nothing follows from it, but what it had ended
// is known to stand since it was put right.
func (d *dossier) forget(t told, at int64) {
	d.events++
	for _, flags := range ending[text(t.a, "event")] {
		for _, f := range d.ongoing(t.a, flags...) {
			f.told = at
		}
	}
}

// ending are the events that end a fact, and which.
var ending = map[string][][]string{
	"UPHELD": {{"INVALIDATION_PENDING"}}, "PARTLY_INVALID": {{"INVALIDATION_PENDING"}}, "INVALID_FINAL": {{"INVALIDATION_PENDING"}},
	"SUIT_ENDED": {{"DISPUTED"}, {"SUSPENDED"}}, "TWIN_CLEARED": {{"TWIN_APPLICATION"}},
	"LICENCE_ENDED": {{"LICENSED", "LICENSED_EXCLUSIVE"}}, "OPEN_LICENCE_ENDED": {{"OPEN_LICENCE"}},
}

// hearCorrection takes a correction, and gives the rights that it concerns.
func (m *reference) hearCorrection(c call, at int64) []string {
	root, _ := m.entryAt(text(c.a, "transaction"))
	t := m.log[root]
	if c.method != "corrections.correct_error" {
		return nil
	}
	if p := m.pledges[text(c.a, "subject")]; p != nil {
		if t.method == "pledges.cancel" {
			return p.uncancel(c)
		}
		if no := text(c.a, "statutory_no"); no != "" {
			delete(m.numbers, p.statutory)
			p.statutory, m.numbers[no] = no, p.no
		}
		if then := number(c.a, "statutory_time"); then != 0 {
			p.statutoryAt = then
			p.newest = slices.Max(append(slices.Clone(p.entered), then))
		}
		p.end = cmp.Or(text(c.a, "registration_end"), p.end)
		p.steps++
		of := sorted(append(slices.Clone(p.rights), p.had...))
		return slices.Compact(of)
	}
	r := m.righted[root]
	r.annulled = c.a["annulled"] == true
	r.since, r.at = cmp.Or(number(c.a, "fact_time"), number(c.a, "received_at"), r.since), at
	r.until = cmp.Or(text(c.a, "until"), r.until)
	m.righted[root] = r
	if k := m.consents[text(t.a, "consent_no")]; k != nil {
		k.used, k.usedAt = !r.annulled, r.since
	}
	return []string{cmp.Or(m.claimed[text(c.a, "subject")], m.frozen[text(c.a, "subject")])}
}

// uncancel takes in that a pledge was not cancelled, or at another time.
func (p *applied) uncancel(c call) []string {
	p.steps++
	if c.a["annulled"] != true {
		end := *p.cancelled
		end.at, p.cancelled = number(c.a, "cancellation_time"), &end
		return p.rights
	}
	was := p.cancelled.was
	p.state, p.ground, p.last, p.cancelled = was.state, was.ground, was.last, nil
	return p.rights
}

// objectCancelled judges that a pledge was not cancelled, or at another time: as a paper of
// the register says, and by a time that the cancellation could have told.
func (m *reference) objectCancelled(c call, root, made int) string {
	p := m.pledges[text(c.a, "subject")]
	then, annulled := number(c.a, "cancellation_time"), c.a["annulled"] == true
	switch end := p.cancelled; {
	case end == nil || end.place != root:
		return "it was annulled"
	case text(c.a, "document") == "":
		return "without the register's paper"
	case c.seal || annulled == (then != 0) || annulled && root != made || then == end.at:
		return "nothing, or too much, is put right"
	case !annulled:
		return unless(p.newest <= then && then <= end.told && (end.court || dayOf(end.was.last) <= dayOf(then)))
	}
	known := *p
	known.rights = slices.DeleteFunc(slices.Clone(p.rights), func(right string) bool { return m.know(right).ownersTold > p.cancelled.told })
	for _, right := range p.rights {
		d := m.know(right)
		e := d.entry(p.no)
		if e.told <= d.burdensTold && e.since <= d.burdensRead && !slices.ContainsFunc(d.burdens, func(b burden) bool { return b.kind == "PLEDGE" && b.no == e.statutory }) {
			return "the register was read since and does not show it"
		}
	}
	return unless(c.agree(m.givers(&known)...))
}

// objectCorrection judges that who made an entry puts it right, or remarks on it, and that
// the other side signs.
func (m *reference) objectCorrection(c call, at int64) string {
	root, made := m.entryAt(text(c.a, "transaction"))
	if root < 0 || m.log[made].actor != c.actor {
		return "no such entry, or another made it"
	}
	t := m.log[root]
	if why := m.objectSides(c, t, at); why != "" || c.method == "corrections.annotate" {
		return why
	}
	if m.log[made].method == "corrections.annotate" {
		return "a remark says nothing that could be put right"
	}
	switch contract, _, _ := strings.Cut(t.method, "."); {
	case t.method == "pledges.cancel":
		return m.objectCancelled(c, root, made)
	case contract == "pledges" || contract == "pools":
		return m.objectRighted(c, t, at)
	case contract == "freezes":
		return m.objectOrder(c, root, at)
	case t.method != "rights.status_event":
		return "a decision is not put right"
	}
	if root != made && c.a["annulled"] == true {
		return "the correction happened"
	}
	return m.objectToldSo(c, root, at)
}

// objectSides finds who had to sign and has not.
func (m *reference) objectSides(c call, t told, at int64) string {
	var sides []string
	switch contract, _, _ := strings.Cut(t.method, "."); contract {
	case "pledges", "pools":
		p := m.pledges[text(c.a, "subject")]
		sides = append(sides, p.pledgors...)
		if !slices.Contains(p.pledgees, t.actor) {
			sides = append(sides, p.pledgees...)
		}
	case "freezes":
		if f := m.know(m.frozen[text(c.a, "subject")]).freeze(text(c.a, "subject")); castRoles[f.court] == "COURT" {
			sides = []string{f.court}
		} else if c.method == "corrections.correct_error" && text(c.a, "document") == "" {
			return "without the court's paper"
		}
	default:
		d := m.know(m.claimed[text(c.a, "subject")])
		if t.method != "rights.status_event" {
			sides = d.claim(text(c.a, "subject")).owners
			break
		}
		sides = slices.Clone(d.owners)
		for _, e := range d.live(at) {
			sides = append(sides, e.pledgees...)
		}
	}
	return unless(c.agree(sides...))
}

// objectRighted judges another word for what was registered, or sealed: it is no way round
// the rules of a change. Both sides and the register's office sign, and whoever comes to
// stand worse.
func (m *reference) objectRighted(c call, t told, at int64) string {
	p := m.pledges[text(c.a, "subject")]
	no, then, end := text(c.a, "statutory_no"), number(c.a, "statutory_time"), text(c.a, "registration_end")
	registered := no != "" || then != 0 || end != ""
	office := reports(c.actor, p.rights[0])
	for _, s := range c.signers {
		office = office || castRoles[c.actor] == "BANK" && reports(s.Organisation, p.rights[0])
	}
	switch {
	case !slices.Contains([]string{"EFFECTIVE", "ENFORCING", "RELEASE_PENDING"}, m.stateOf(p, at)):
		return "it does not stand"
	case registered && t.method != "pledges.register" || !registered && !c.seal || t.method != "pledges.register" && !t.seal:
		return "nothing of it is put right"
	case !office || !c.agree(p.pledgees...) || !c.agree(m.givers(p)...):
		return "somebody has not agreed"
	case no != "" && m.numbers[no] != "":
		return "the number is another pledge's" // INV-25
	case (c.seal || p.end != "" && end > p.end) && !m.unharmed(c, p, at):
		return "a pledgee behind it has not agreed"
	case end != "" && end < dayOf(cmp.Or(then, p.statutoryAt)):
		return "over before it began"
	}
	if then != 0 && (then > p.registeredAt || dayOf(then) < dayOf(p.acceptedAt) || slices.ContainsFunc(p.entered, func(later int64) bool { return later < then })) {
		return "out of order"
	}
	for _, right := range p.rights {
		d := m.know(right)
		if end != "" && (d.space != "MARK" || d.expiry != "" && d.expiry < end) {
			return "longer than the right, or no mark"
		}
		own := d.entry(p.no)
		if then == 0 || !own.first {
			continue
		}
		if why := d.barred(p.acknowledged, then); why != "" {
			return why // INV-03, INV-04
		}
		for _, e := range d.ranked(at) {
			if e != own && then <= e.place.at && e.place.at <= own.since && !c.agree(e.pledgees...) {
				return e.no + " ranks worse and has not agreed"
			}
		}
	}
	return ""
}

// objectToldSo judges that an event did not happen, or at another time: it is judged as if
// it were told now with the right one, and as known when it was told.
func (m *reference) objectToldSo(c call, root int, at int64) string {
	t, gone := m.saidOf(root)
	then, annulled := number(c.a, "fact_time"), c.a["annulled"] == true
	known := cmp.Or(number(t.a, "known_time"), t.at)
	switch {
	case gone:
		return "it did not happen"
	case annulled == (then != 0) || then == number(t.a, "fact_time") || then < 0 || then > known:
		return "no other time, or a later one than it was known"
	case annulled:
		return ""
	}
	was, before := m.righted[root], len(m.righted)
	m.righted[root] = righting{annulled: true}
	d := m.compile(m.claimed[text(c.a, "subject")])
	if m.righted[root] = was; before < len(m.righted) && was == (righting{}) {
		delete(m.righted, root)
	}
	again := t.as(righting{since: then}).call
	again.signers = c.signers
	if k := m.consents[text(t.a, "consent_no")]; k != nil && k.used { // it served this one
		k.used = false
		defer func() { k.used = true }()
	}
	return d.objectEvent(again, at)
}

// objectOrder judges the entry of a court's paper with what it should have said: all
// orders of the freeze are judged again.
func (m *reference) objectOrder(c call, root int, at int64) string {
	received, until := number(c.a, "received_at"), text(c.a, "until")
	no := text(c.a, "subject")
	d := m.know(m.frozen[no])
	t, _ := m.saidOf(root)
	when := func(t told) int64 {
		if t.method == "freezes.lift" {
			return cmp.Or(number(t.a, "lifted_at"), t.at)
		}
		return number(t.a, "received_at")
	}
	switch {
	case received == 0 && until == "":
		return "nothing is put right"
	case received != 0 && (received == when(t) || received < 0 || received > t.at):
		return "no other time, or a later one than it was told"
	case until != "" && (t.method == "freezes.lift" || until == m.lastDay(t)):
		return "no other day"
	}
	f := &frozen{}
	for place, t := range m.log {
		if text(t.a, "freeze_no") != no && text(t.result, "freeze_no") != no || !strings.HasPrefix(t.method, "freezes.") {
			continue
		}
		t, _ = m.saidOf(place)
		since, day := when(t), m.lastDay(t)
		if place == root {
			since, day = cmp.Or(received, since), cmp.Or(until, day)
		}
		if t.method == "freezes.record" {
			f.received = since
		} else if !f.stands(since) {
			return "the freeze was over then"
		}
		switch {
		case t.method == "freezes.lift":
			f.lifted = since
			continue
		case day < dayOf(since) || day > plusMonths(dayOf(since), m.figures.freeze(d.space)), t.method == "freezes.renew" && day <= f.until:
			return "longer than one order may last, or no longer than before"
		}
		f.until = day
	}
	first := m.log[slices.IndexFunc(m.log, func(t told) bool { return text(t.result, "freeze_no") == no && t.method == "freezes.record" })]
	against := text(first.a, "against")
	switch {
	case d.then(f.received) != "CONFIRMED":
		return "no right that lived then"
	case against != "" && !slices.Contains(d.ownersAt(f.received), against):
		return "against somebody else"
	case !m.figures.queues && slices.ContainsFunc(d.standing(f.received), func(other *frozen) bool { return other.no != no }):
		return "no queue"
	}
	return ""
}

// rightEntry reads a correction of a pledge as far as it concerns the right. What the
// register had shown under the right number is the pledge itself.
func (d *dossier) rightEntry(p applied) {
	for _, e := range d.entries {
		if e.no != p.no {
			continue
		}
		if e.first {
			e.since = p.statutoryAt
		}
		if e.statutory = p.statutory; e.gone {
			continue
		}
		e.end = p.end
		d.burdens = slices.DeleteFunc(slices.Clone(d.burdens), func(b burden) bool { return b.is(e.statutory, e.since) })
	}
}

// rightEnd reads that a pledge has not ended, or at another time.
func (d *dossier) rightEnd(t told) {
	e := d.entry(t.pledge.no)
	if t.a["annulled"] != true {
		e.ended = number(t.a, "cancellation_time")
		return
	}
	e.gaps = append(e.gaps, absence{e.ended, e.told, t.at})
	e.gone = false
	d.burdens = slices.DeleteFunc(slices.Clone(d.burdens), func(b burden) bool {
		return b.is(e.statutory, e.since) || b.is(e.statutory, t.pledge.statutoryAt)
	})
}

// followed tells of a refusal whether something else rests on the entry, which has to be
// put right before, or the entry cannot be taken back any more (decision 20). The reference
// does not say when; it says what follows if the ledger accepts.
func followed(o ledger.Outcome) bool {
	return slices.ContainsFunc(o.Details, func(f ledger.Failure) bool {
		ended := f.Code == "E_CLOCK" && f.Field == "fact_time" && f.Subject != "" // what it began was over by then: it is another that is meant, or the end was wrong
		return ended || slices.Contains([]string{"MOVED_SINCE", "FOLLOWED", "NOT_UNDONE"}, f.Reason)
	})
}
