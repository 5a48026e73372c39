// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"cmp"
	"slices"
	"strings"
)

// reportersOf are the kinds of organisations that report for the register of a right
// (DOMAIN 1.2 and 2.1).
func reportersOf(right string) []string {
	if strings.HasPrefix(right, "WORK/") || strings.HasPrefix(right, "SOFTWARE/") {
		return []string{"CPC", "REGISTRAR"}
	}
	return []string{"IPO", "REGISTRAR"}
}

func reports(actor, right string) bool {
	return slices.Contains(reportersOf(right), string(castRoles[actor]))
}

// object says why a call, whose signers may make it, is unlawful at a time; "" if the
// ledger has to accept it.
func (m *reference) object(c call, right string, at int64) string {
	m.now = at
	if why := m.objectMandates(c, at); why != "" {
		return why
	}
	switch c.method {
	case "rights.claim":
		d, own := m.know(right), 0
		for _, other := range d.claims {
			if other.by == c.actor && d.waits(other, at) {
				own++
			}
		}
		switch {
		case d.id != "":
			return "confirmed already"
		case own >= 8:
			return "too many claims of one"
		case text(c.a, "office") != "" && !reports(text(c.a, "office"), right):
			return "the office has another register"
		}
		return ""
	case "rights.confirm", "rights.reject":
		return m.objectAnswer(c, at)
	case "rights.refresh", "rights.status_event":
		d := m.know(m.claimed[text(c.a, "right_id")])
		switch {
		case d.id != text(c.a, "right_id"):
			return "not the confirmed claim"
		case !reports(c.actor, d.right):
			return "another register"
		case c.method == "rights.refresh":
			return d.objectRefresh(c, at)
		}
		return d.objectEvent(c, at)
	case "freezes.record", "freezes.renew", "freezes.lift":
		return m.objectFreeze(c, at)
	}
	switch contract, _, _ := strings.Cut(c.method, "."); contract {
	case "loans":
		return m.objectLoan(c, at)
	case "pledges":
		return m.objectPledge(c, at)
	case "disposals":
		return m.objectDisposal(c, at)
	case "consents":
		return m.objectConsent(c, at)
	case "pools":
		return m.objectPool(c, at)
	case "corrections":
		return m.objectCorrection(c, at)
	}
	return ""
}

// objectAnswer judges the answer to a claim.
func (m *reference) objectAnswer(c call, at int64) string {
	d := m.know(m.claimed[text(c.a, "right_id")])
	claim := d.claim(text(c.a, "right_id"))
	switch {
	case !d.waits(claim, at):
		return "the claim does not wait"
	case claim.office != "" && claim.office != c.actor:
		return "another office answers"
	case !reports(c.actor, d.right):
		return "another register"
	case c.method == "rights.reject":
		return ""
	}
	captured := number(c.a["evidence"].(args), "captured_at")
	trial := m.trial(c, at, d.right)
	switch {
	case captured <= 0 || captured > at || older(captured, at, m.figures.evidenceDays):
		return "the evidence is stale, or of tomorrow"
	case !slices.Equal(sorted(texts(c.a, "owners")), claim.owners) || !slices.Equal(sorted(texts(c.a, "outside_owners")), claim.outside):
		return "other owners"
	case text(c.a, "legal_status") == "NOT_GRANTED":
		return "not granted"
	case ended(trial.base(at)):
		return "over: " + trial.base(at)
	}
	if why := d.objectShown(c, at); why != "" {
		return why
	}
	return trial.objectDates(at)
}

// trial is the dossier as it would be with one call more.
func (m *reference) trial(c call, at int64, right string) *dossier {
	d := m.compile(right)
	if text(c.a, "legal_status") == "NOT_GRANTED" {
		return d
	}
	d.take(told{call: c, at: at, result: args{}})
	return d
}

// objectDates finds dates of a right that lie ahead or are out of order.
func (d *dossier) objectDates(at int64) string {
	today := dayOf(at)
	switch {
	case max(d.filing, d.grant, d.published) > today:
		return "a date lies ahead"
	case d.filing != "" && d.grant != "" && d.grant < d.filing, d.filing != "" && d.expiry != "" && d.expiry <= d.filing:
		return "dates out of order"
	}
	for _, b := range d.burdens {
		if b.from > at || b.until != 0 && b.until <= b.from {
			return "a burden of tomorrow"
		}
	}
	return ""
}

// objectRefresh judges what the register is said to show now.
func (d *dossier) objectRefresh(c call, at int64) string {
	captured := number(c.a["evidence"].(args), "captured_at")
	status := text(c.a, "legal_status")
	moved := d.others(c.a)
	changed, _ := c.a["owner_changed"].(bool)
	switch {
	case captured <= max(d.read, d.newest) || captured > at:
		return "no newer evidence"
	case status == "NOT_GRANTED":
		return "not granted"
	case d.over != "" && d.over != "LAPSED" && status != "" && status != d.over:
		return "an end for good"
	case changed && len(texts(c.a, "owners"))+len(texts(c.a, "outside_owners")) == 0, moved && !changed:
		return "who the owners are is not said"
	case moved || status == "ABANDONED" && d.over != "ABANDONED":
		if len(d.live(at)) > 0 || d.frozenAt(at) {
			return "the pledgees have not agreed, or it is frozen"
		}
	}
	if why := d.objectShown(c, at); why != "" {
		return why
	}
	trial := d.m.trial(c, at, d.right)
	if d.over == "" && d.base(at) == "EXPIRED" && trial.expiresLater(at) {
		return "a right whose last day is over does not come back"
	}
	return trial.objectDates(at)
}

// expiresLater tells whether the last day is not over.
func (d *dossier) expiresLater(at int64) bool {
	living := *d
	living.over = ""
	return living.base(at) != "EXPIRED"
}

// objectShown finds in a look at the register what it cannot show, or not without more.
func (d *dossier) objectShown(c call, at int64) string {
	a := c.a
	captured := number(a["evidence"].(args), "captured_at")
	trial := *d // with its fee as it would be
	if due := text(a, "fee_due"); due != "" {
		if text(a, "fee_status") == "" && d.feeOwed(at) {
			return "the fee is owed, and whether it was paid is not said"
		}
		trial.feeDue = due
	}
	if status := text(a, "fee_status"); status != "" {
		trial.feeStatus, trial.feeAt = status, captured
	}
	if text(a, "legal_status") == "LAPSED" && d.over != "LAPSED" && trial.feeOwed(captured) {
		if deadline := trial.feeDeadline(); deadline != "" && !past(deadline, captured) {
			return "it had not lapsed then"
		}
	}
	for _, flag := range texts(a, "flags") {
		if (strings.HasPrefix(flag, "LICENSED") || flag == "OPEN_LICENCE") && len(d.under(captured)) > 0 && !d.flagged(flag, captured) {
			return "a licence under a pledge is told by its event"
		}
	}
	return ""
}

// objectFreeze judges the papers of a court (DOMAIN 1.6).
func (m *reference) objectFreeze(c call, at int64) string {
	a := c.a
	if c.method == "freezes.record" {
		d := m.know(m.rightOf(text(a, "right_id")))
		received, until := number(a, "received_at"), text(a, "until")
		switch {
		case d.id == "" || d.then(received) != "CONFIRMED":
			return "no right that lived then"
		case castRoles[c.actor] != "COURT" && !reports(c.actor, d.right):
			return "another register"
		case received <= 0 || received > at:
			return "received tomorrow"
		case until != "" && (until < dayOf(received) || until > plusMonths(dayOf(received), m.figures.freeze(d.space))):
			return "longer than one order may last"
		case text(a, "against") != "" && !slices.Contains(d.ownersAt(received), text(a, "against")):
			return "against somebody else"
		case !m.figures.queues && len(d.standing(received)) > 0:
			return "no queue"
		}
		for _, f := range d.freezes {
			court := text(a, "court")
			if court == "" {
				court = c.actor
			}
			if f.court == court && f.docs[0] == text(a, "doc_no") && at < f.end()+366*aDay {
				return "the same paper"
			}
		}
		return ""
	}
	d := m.know(m.frozen[text(a, "freeze_no")])
	f := d.freeze(text(a, "freeze_no"))
	switch {
	case castRoles[c.actor] == "COURT" && f.court != c.actor, castRoles[c.actor] != "COURT" && !reports(c.actor, d.right):
		return "another court or register"
	case f.lifted != 0:
		return "lifted already"
	}
	if c.method == "freezes.lift" {
		lifted := number(a, "lifted_at")
		if lifted == 0 {
			lifted = at
		}
		return unless(f.received <= lifted && lifted <= at && lifted < f.end())
	}
	received, until := number(a, "received_at"), text(a, "until")
	latest := plusMonths(dayOf(received), m.figures.freeze(d.space))
	if until == "" {
		until = latest
	}
	return unless(received <= at && f.stands(received) && until <= latest && until >= dayOf(received) && until > f.until)
}

// unsure tells of calls on which DOMAIN is silent: papers that come to the ledger more
// than a year late. By then it may have forgotten a freeze that was over.
func (m *reference) unsure(c call, at int64) bool {
	told := max(number(c.a, "statutory_time"), number(c.a, "received_at"), number(c.a, "fact_time"))
	switch c.method {
	case "freezes.renew", "freezes.lift":
		f := m.know(m.frozen[text(c.a, "freeze_no")]).freeze(text(c.a, "freeze_no"))
		return f.end()+366*aDay <= at
	case "pledges.register", "pledges.change", "pledges.fix_claim", "freezes.record", "rights.status_event":
		return at-told > 366*aDay
	case "corrections.correct_error":
		if told != 0 && at-told > 366*aDay {
			return true
		}
	}
	p := m.pledges[cmp.Or(text(c.a, "pledge_no"), text(c.a, "subject"))]
	if right := m.frozen[text(c.a, "subject")]; right != "" && m.know(right).freeze(text(c.a, "subject")).end()+366*aDay <= at {
		return true
	}
	// An extension that is told after the end has its own tests.
	late := c.method == "pledges.extend" && p != nil && m.stateOf(p, at) == "ENDED_BY_TIME"
	return late || p != nil && p.steps >= 1000
}

// objectLoan judges the little that the ledger says of loans.
func (m *reference) objectLoan(c call, at int64) string {
	state, may := "", []string{"EFFECTIVE"}
	var list []string
	if c.method == "loans.sign" {
		if may = append(may, "SUBMITTED", "ACCEPTED", "CORRECTION"); !c.signs(text(c.a, "borrower")) {
			return "the borrower has not signed"
		}
	} else {
		l := m.loans[text(c.a, "loan_no")]
		if l.lender != c.actor {
			return "another lender's"
		}
		state, list = l.state, l.pledges
	}
	switch c.method {
	case "loans.settle":
		return unless(state == "ACTIVE")
	case "loans.disburse":
		if list = append(slices.Clone(list), texts(c.a, "pledges")...); state != "SIGNED" || len(list) == 0 {
			return "not signed, or nothing secures it"
		}
	default:
		list = texts(c.a, "pledges")
	}
	for _, no := range list {
		if p := m.pledges[no]; !slices.Contains(p.pledgees, c.actor) || !slices.Contains(may, m.stateOf(p, at)) {
			return "the pledge " + no + " does not secure it"
		}
	}
	return ""
}
