// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"
)

// happen reads a status event of DOMAIN 3.1.
func (d *dossier) happen(t told) {
	a := t.a
	since := number(a, "fact_time")
	switch event := text(a, "event"); event {
	case "FEE_DUE_MISSED":
		d.feeDue = d.missed(a)
		d.feeStatus, d.feeAt, d.feeTold = "IN_GRACE", since, t.at
	case "FEE_PAID":
		d.paid(t)
	case "TERMINATED":
		d.over, d.overFrom, d.overTold = "LAPSED", since, t.at
	case "RESTORED":
		d.over, d.overFrom, d.overTold = "", 0, 0
		d.paid(t)
	case "RENEWED":
		if text(a, "expiry_date") != "" {
			d.expiry = text(a, "expiry_date")
		} else {
			d.expiry = plusYears(d.expiry, 10)
		}
	case "TERM_CHANGED":
		d.expiry = text(a, "expiry_date")
	case "INVALIDATION_FILED":
		d.raise(t, "INVALIDATION_PENDING", "")
	case "UPHELD":
		d.lower(t, "INVALIDATION_PENDING")
	case "PARTLY_INVALID":
		d.lower(t, "INVALIDATION_PENDING")
		if d.struck != "" {
			d.struck += "; "
		}
		d.struck += text(a, "struck_claims")
		if !slices.ContainsFunc(d.facts, func(f *fact) bool { return f.flag == "REVALUE" }) {
			d.raise(t, "REVALUE", "")
		}
	case "INVALID_FINAL":
		d.lower(t, "INVALIDATION_PENDING")
		d.over, d.overFrom, d.overTold = "INVALIDATED", 0, t.at
	case "OWNERSHIP_SUIT":
		d.raise(t, "DISPUTED", "")
		if until := text(a, "until"); until != "" {
			d.raise(t, "SUSPENDED", until)
		}
	case "SUSPENSION_EXTENDED":
		if f := d.suspension(a); f != nil {
			f.until = text(a, "until")
		} else {
			d.raise(t, "SUSPENDED", text(a, "until"))
		}
	case "SUIT_ENDED":
		d.lower(t, "DISPUTED")
		d.lower(t, "SUSPENDED") // of this suit, if it has one
	case "TRANSFERRED":
		d.entered = d.entered || d.buys(a, since)
		if since >= d.ownersSince { // an older one is told, and moves nothing
			d.own(a, since, t.at)
		}
	case "ABANDONED":
		d.over, d.overFrom, d.overTold = "ABANDONED", since, t.at
	case "TWIN_FOUND":
		d.twin = text(a, "twin")
		d.raise(t, "TWIN_APPLICATION", "")
	case "TWIN_CLEARED":
		d.twin = ""
		d.lower(t, "TWIN_APPLICATION")
	case "LICENSED", "LICENSED_EXCLUSIVE":
		d.raise(t, event, text(a, "until"))
	case "LICENCE_ENDED":
		d.lower(t, "LICENSED", "LICENSED_EXCLUSIVE")
	case "OPEN_LICENCE":
		d.raise(t, "OPEN_LICENCE", "")
	case "OPEN_LICENCE_ENDED":
		d.lower(t, "OPEN_LICENCE")
	}
}

// missed is the due date of a fee that was missed.
func (d *dossier) missed(a args) string {
	if due := text(a, "fee_due"); due != "" {
		return due
	}
	if d.feeDue != "" {
		return d.feeDue
	}
	return dayOf(number(a, "fact_time"))
}

// paid notes that the fee is paid that was due, whenever that was.
func (d *dossier) paid(t told) {
	d.feeStatus, d.feeAt = "PAID", number(t.a, "fact_time")
	if next := text(t.a, "fee_due"); next != "" {
		d.feeDue = next
	} else if past(d.feeDue, t.at) {
		d.feeAt = max(d.feeAt, dayOver(d.feeDue))
	}
}

// raise notes a fact. One that was shown before its event was told is that event's.
func (d *dossier) raise(t told, flag, until string) {
	since, known := number(t.a, "fact_time"), number(t.a, "known_time")
	if known == 0 {
		known = t.at
	}
	f := &fact{flag: flag, caseNo: text(t.a, "case_no"), since: since, known: known, told: t.at, until: until}
	for i, old := range d.facts {
		if old.flag == flag && old.shown && !old.overBefore(since) && since <= old.since {
			f.known, f.told, f.ended = min(known, old.known), old.told, old.ended
			d.facts[i] = f
			return
		}
	}
	d.facts = append(d.facts, f)
}

// overBefore tells whether a fact had ended when another began.
func (f *fact) overBefore(at int64) bool { return f.ended != 0 && f.ended <= at || past(f.until, at) }

// ongoing are the facts of some flags that an event of its case can be the end of.
func (d *dossier) ongoing(a args, flags ...string) (out []*fact) {
	caseNo := text(a, "case_no")
	var unnumbered []*fact
	for _, f := range d.facts {
		if !slices.Contains(flags, f.flag) || f.ended != 0 || !f.stands(number(a, "fact_time")) {
			continue
		}
		if caseNo == "" || f.caseNo == caseNo {
			out = append(out, f)
		} else if f.caseNo == "" {
			unnumbered = append(unnumbered, f)
		}
	}
	if len(out) == 0 {
		return unnumbered
	}
	return out
}

func (d *dossier) lower(t told, flags ...string) {
	for _, f := range d.ongoing(t.a, flags...) {
		f.ended = number(t.a, "fact_time")
	}
}

// suspension is the one that an event lengthens, nil if it begins another.
func (d *dossier) suspension(a args) *fact {
	for _, f := range d.facts {
		if f.flag == "SUSPENDED" && f.stands(number(a, "fact_time")) && (text(a, "case_no") == "" || f.caseNo == text(a, "case_no")) {
			return f
		}
	}
	return nil
}

// kinds are the rights that have an event, by number space; of others there is no such.
func hasEvent(event, space, kind string) bool {
	switch event {
	case "FEE_DUE_MISSED", "FEE_PAID", "TERMINATED", "RESTORED", "TERM_CHANGED":
		return space == "PATENT" || space == "VARIETY"
	case "RENEWED":
		return space == "MARK"
	case "INVALIDATION_FILED", "UPHELD", "INVALID_FINAL":
		return space != "WORK" && space != "SOFTWARE"
	case "PARTLY_INVALID", "OPEN_LICENCE", "OPEN_LICENCE_ENDED":
		return space == "PATENT"
	case "TWIN_FOUND", "TWIN_CLEARED":
		return kind == "PAT_UM"
	}
	return true
}

// objectEvent says why an event cannot be what it says, "" if it can. It is judged by
// what held when it happened.
func (d *dossier) objectEvent(c call, at int64) string {
	a, event := c.a, text(c.a, "event")
	since, known := number(a, "fact_time"), number(a, "known_time")
	if known == 0 {
		known = at
	}
	base := d.then(since)
	switch {
	case since <= 0 || since > known || known > at:
		return "the three times are out of order"
	case !hasEvent(event, d.space, d.kind):
		return "rights of this kind have no such event"
	case event == "RESTORED" && base != "LAPSED", event != "RESTORED" && base != "CONFIRMED":
		return "the right was " + base
	}
	switch event {
	case "FEE_DUE_MISSED", "FEE_PAID", "TERMINATED", "RESTORED", "RENEWED", "TERM_CHANGED":
		return unless(d.fits(event, a, at))
	case "TRANSFERRED", "ABANDONED", "LICENSED", "LICENSED_EXCLUSIVE", "OPEN_LICENCE":
		if why := d.objectMove(c, event, since); why != "" {
			return why
		}
	}
	switch event {
	case "INVALIDATION_FILED":
		return unless(d.begins(a, "INVALIDATION_PENDING"))
	case "UPHELD", "INVALID_FINAL":
		return unless(len(d.ongoing(a, "INVALIDATION_PENDING")) == 1)
	case "PARTLY_INVALID":
		return unless(len(d.ongoing(a, "INVALIDATION_PENDING")) == 1 && text(a, "struck_claims") != "" && len(d.struck)+len(text(a, "struck_claims")) < 512)
	case "OWNERSHIP_SUIT":
		until := text(a, "until")
		return unless(d.begins(a, "DISPUTED") && (until == "" || d.begins(a, "SUSPENDED") && d.suspends(dayOf(since), until)))
	case "SUSPENSION_EXTENDED":
		from := dayOf(since)
		if f := d.suspension(a); f != nil {
			from = f.until
		} else if !d.begins(a, "SUSPENDED") {
			return "suspended already"
		}
		return unless(d.flagged("DISPUTED", since) && d.suspends(from, text(a, "until")))
	case "SUIT_ENDED":
		return unless(len(d.ongoing(a, "DISPUTED")) == 1 && len(d.ongoing(a, "SUSPENDED")) <= 1)
	case "TWIN_FOUND":
		return unless(d.begins(a, "TWIN_APPLICATION"))
	case "TWIN_CLEARED":
		return unless(len(d.ongoing(a, "TWIN_APPLICATION")) == 1)
	case "LICENSED", "LICENSED_EXCLUSIVE", "OPEN_LICENCE":
		return unless(d.begins(a, event))
	case "LICENCE_ENDED":
		return unless(len(d.ongoing(a, "LICENSED", "LICENSED_EXCLUSIVE")) == 1)
	case "OPEN_LICENCE_ENDED":
		return unless(len(d.ongoing(a, "OPEN_LICENCE")) == 1)
	}
	return ""
}

// overSince tells whether a fact that began then is known to have ended: it was told
// after a look at the register had shown it and then no more.
func (d *dossier) overSince(flag string, since int64) bool {
	return slices.ContainsFunc(d.facts, func(f *fact) bool { return f.flag == flag && f.since == since && f.ended != 0 })
}

// begins tells whether a proceeding can begin: the same one is not under way. Licences
// are many, and may have no number.
func (d *dossier) begins(a args, flag string) bool {
	since, caseNo := number(a, "fact_time"), text(a, "case_no")
	for _, f := range d.facts {
		if f.flag != flag || f.overBefore(since) {
			continue
		}
		if f.shown && since <= f.since {
			return true // it is this one
		}
		if f.caseNo == caseNo && (caseNo != "" || !strings.HasPrefix(flag, "LICENSED")) {
			return false
		}
	}
	return true
}

// fits judges what concerns the fee and the term.
func (d *dossier) fits(event string, a args, at int64) bool {
	since := number(a, "fact_time")
	switch event {
	case "FEE_DUE_MISSED":
		due := d.missed(a)
		return !(d.feeOwed(at) && d.feeStatus == "IN_GRACE") && past(due, at) && (d.filing == "" || d.filing < due)
	case "FEE_PAID":
		return d.feeOwed(at) && !past(d.feeDeadline(), since)
	case "TERMINATED":
		hindered := d.frozenAt(at) || d.flagged("SUSPENDED", at)
		return d.feeOwed(at) && past(d.feeDeadline(), at) && dayOf(since) == d.feeDue && d.over == "" && (!hindered || text(a, "court_document") != "")
	case "RENEWED":
		last := text(a, "expiry_date")
		return d.expiry != "" && dayOf(since) >= plusMonths(d.expiry, -d.m.figures.renewalWindow) && !past(d.renewable(), since) && (last == "" || last >= d.expiry)
	case "TERM_CHANGED":
		last := text(a, "expiry_date")
		return last >= dayOf(since) && (d.expiry == "" || last <= plusYears(d.expiry, 5))
	}
	return true
}

// objectMove judges what takes the right, or a part of its use, from under its pledges: a
// freeze or suspension of that time, and pledgees who have not agreed, stand against it.
func (d *dossier) objectMove(c call, event string, since int64) string {
	a := c.a
	moves := event == "TRANSFERRED" || event == "ABANDONED"
	court := text(a, "court_document") != ""
	owners := sorted(texts(a, "owners"))
	switch {
	case event == "TRANSFERRED" && !d.others(a):
		return "nobody else owns it then"
	case event == "ABANDONED" && d.over != "":
		return "it is over already"
	case event == "ABANDONED" && text(a, "twin") != "" && (d.kind != "PAT_UM" || d.twin != "" && text(a, "twin") != d.twin):
		return "for another twin"
	case !court && moves && (d.frozenAt(since) || d.flagged("SUSPENDED", since)):
		return "frozen or suspended then"
	}
	bought := event == "TRANSFERRED" && d.buys(a, since) && slices.ContainsFunc(d.under(since), func(e *entry) bool { return e.no == d.sale.pledge })
	k := d.m.consents[text(a, "consent_no")]
	if k != nil && (bought || !k.serves(d, c, since)) {
		return "the consent is not to this"
	}
	for _, e := range d.under(since) {
		if court || bought { // a court decided, or the sale stands for all who were pledgees
			break
		}
		for _, pledgee := range e.pledgees {
			switch {
			case e.since >= since:
			case !c.signs(pledgee) && !(k != nil && k.grants[e.no].holds(since)):
				return pledgee + " has not agreed" // INV-11
			case event == "TRANSFERRED" && slices.Contains(owners, pledgee) && !slices.Contains(d.owners, pledgee):
				return pledgee + " would own what is pledged to it" // INV-13
			}
		}
	}
	for _, e := range d.elder(since) { // nor under a name
		for _, name := range texts(a, "outside_owners") {
			if !court && !bought && !slices.Contains(d.outside, name) && slices.ContainsFunc(e.pledgees, func(pledgee string) bool { return nameOf(pledgee) == name }) {
				return name + " would own what is pledged to it" // INV-13
			}
		}
	}
	elsewhere := func(b burden) bool { return b.kind == "PLEDGE" && b.inForce(since) }
	return unless(court || text(a, "consent_document") != "" || !slices.ContainsFunc(d.burdens, elsewhere))
}

// buys tells whether owners of a time are the buyers of the right's sale, who have not been
// entered before.
func (d *dossier) buys(a args, since int64) bool {
	return d.sale != nil && !d.entered && dayOf(since) >= dayOf(d.sale.settledAt) && slices.Equal(sorted(texts(a, "owners")), d.sale.buyers) && len(texts(a, "outside_owners")) == 0
}

// nameOf is the name of an organisation of the histories.
func nameOf(id string) string { return "机构" + id[14:] }

func unless(lawful bool) string {
	if lawful {
		return ""
	}
	return "the event does not fit the right"
}

// suspends tells whether a suspension may last from a day until another.
func (d *dossier) suspends(from, until string) bool {
	return until != "" && until >= from && until <= plusMonths(from, d.m.figures.suspension)
}
