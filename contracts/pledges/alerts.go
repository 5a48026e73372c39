// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
)

// The kinds of alerts about a pledge.
const (
	AlertCorrectionDue       rights.AlertKind = "CORRECTION_DUE"       // the parties have to mend the application
	AlertReviewDue           rights.AlertKind = "REVIEW_DUE"           // the office has to decide
	AlertReservationEnding   rights.AlertKind = "RESERVATION_ENDING"   // soon others may apply, too
	AlertPeriodEnding        rights.AlertKind = "PERIOD_ENDING"        // the registration ends by itself
	AlertTermBeyondRight     rights.AlertKind = "TERM_BEYOND_RIGHT"    // the right ends before the registration
	AlertReleaseOverdue      rights.AlertKind = "RELEASE_OVERDUE"      // all is paid and nobody lets the pledge go
	AlertCancellationWaiting rights.AlertKind = "CANCELLATION_WAITING" // it was let go and nobody cancels it
	AlertLimitation          rights.AlertKind = "LIMITATION"           // the debt will soon be out of time
	AlertLimitationOver      rights.AlertKind = "LIMITATION_OVER"      // it is, and the pledge with it
	AlertEnforcementDemanded rights.AlertKind = "ENFORCEMENT_DEMANDED" // a pledgor asks for it
	AlertEnforcementOverdue  rights.AlertKind = "ENFORCEMENT_OVERDUE"  // and was not answered in time
	AlertEnforcing           rights.AlertKind = "ENFORCING"            // the pledgees want to be paid from it
	AlertClaimFixed          rights.AlertKind = "CLAIM_FIXED"          // what arises later is not secured
	AlertRevoked             rights.AlertKind = "REVOKED"              // void from the start
	AlertExtinguished        rights.AlertKind = "EXTINGUISHED"         // all of its rights have ended
	AlertEndedByTime         rights.AlertKind = "ENDED_BY_TIME"        // the last day of the registration is over
)

// A Case is all that the alerts of one pledge follow from.
type Case struct {
	Record      Record
	Application Application
	Rights      []rights.Record // in the order of Record.Rights

	// SettledAt is the block time at which the last of the loans that name the pledge was
	// settled; 0 if none names it, or one is not settled.
	SettledAt int64

	// Calendar gives that of a year. A year of which none is known has its weekends off.
	Calendar func(year int) (contracts.Calendar, bool)
}

// AlertsOf lists what is to be known of a pledge at a time, by the time at which it
// became so. Nothing is stored and no transaction raises them, see rights.AlertsOf.
func AlertsOf(c Case, at int64, p contracts.Parameters) []rights.Alert {
	w := &watch{Case: c, at: at, today: identifier.DateOf(at), figures: p, state: c.Record.StateAt(c.Rights, at, p)}
	switch w.state {
	case Submitted, Accepted, Correction:
		w.application()
	case Effective, Enforcing, ReleasePending:
		w.period()
		w.claim()
		w.release()
		w.enforcement()
	case Revoked, Extinguished, EndedByTime:
		w.end()
	}
	slices.SortStableFunc(w.raised, func(a, b rights.Alert) int { return cmp.Compare(a.RaisedAt, b.RaisedAt) })
	return w.raised
}

// A watch looks at one pledge at one time.
type watch struct {
	Case
	at      int64
	today   identifier.Date
	figures contracts.Parameters
	state   State
	raised  []rights.Alert
}

// raise adds an alert. What comes later than the time of the watch is not raised yet.
func (w *watch) raise(a rights.Alert, to ...string) {
	if a.RaisedAt > w.at {
		return
	}
	a.PledgeNo = w.Record.PledgeNo
	slices.Sort(to)
	a.To = slices.Compact(to)
	w.raised = append(w.raised, a)
}

// parties are both sides, as the application names them.
func (w *watch) parties() []string {
	return slices.Concat(w.Application.Pledgors, w.Application.Pledgees)
}

// pledgees is a copy, for raise to sort.
func (w *watch) pledgees() []string { return slices.Clone(w.Application.Pledgees) }

// application watches what waits for somebody to do his part.
func (w *watch) application() {
	a := w.Application
	if due, known := parseDay(a.DueDate); known {
		since := a.StepTime
		switch w.state {
		case Accepted:
			w.due(AlertReviewDue, since, due, rights.Info, a.Office)
		case Correction:
			w.due(AlertCorrectionDue, since, due, rights.Warning, w.parties()...)
		}
	}
	if w.at < a.ReservationUntil {
		before := a.ReservationUntil - w.figures.Days(contracts.AlertReservation)
		w.raise(rights.Alert{
			Kind: AlertReservationEnding, RaisedAt: max(before, w.Record.SubmittedAt), Severity: rights.Warning,
			Due: identifier.DateOf(a.ReservationUntil - 1).String(),
		}, w.parties()...)
	}
}

// due raises an alert of something that has a last day, and again, urgently, on that day.
func (w *watch) due(kind rights.AlertKind, since int64, due identifier.Date, severity rights.Severity, to ...string) {
	a := rights.Alert{Kind: kind, RaisedAt: since, Due: due.String(), Severity: severity}
	if last := max(since, due.Start()); last <= w.at {
		a.RaisedAt, a.Severity = last, rights.Urgent
	}
	w.raise(a, to...)
}

// period watches the last day of a registration that ends by itself.
func (w *watch) period() {
	last, known := parseDay(w.Record.RegistrationEnd)
	if !known {
		return
	}
	var newest rights.Alert
	for i, days := range []contracts.Figure{contracts.AlertPeriodFirst, contracts.AlertPeriodSecond, contracts.AlertPeriodLast} {
		raised := last.AddDays(-int(w.figures.Of(days))).Start()
		if raised <= w.at && raised >= newest.RaisedAt {
			newest = rights.Alert{Kind: AlertPeriodEnding, RaisedAt: raised, Due: last.String(), Severity: []rights.Severity{rights.Info, rights.Warning, rights.Urgent}[i]}
		}
	}
	if newest.Kind != "" {
		w.raise(newest, w.parties()...)
	}
	since := w.Record.RegisteredAt
	for _, c := range w.Record.Changes {
		if slices.Contains(c.Kinds, ChangedPeriod) {
			since = c.LedgerTime
		}
	}
	for _, of := range w.Rights {
		// Dates of one form are in the order of their texts.
		if of.ExpiryDate != "" && of.ExpiryDate < w.Record.RegistrationEnd && w.Record.RemovedGround(of, w.at, w.figures) == "" {
			w.raise(rights.Alert{
				Kind: AlertTermBeyondRight, RightID: of.RightID, RaisedAt: since, Due: of.ExpiryDate, Severity: rights.Warning,
			}, w.parties()...)
		}
	}
}

// claim watches the debt, as far as the ledger sees it: from the newest demand for
// payment on limitation runs anew (Civil Code, articles 188, 195 and 419).
func (w *watch) claim() {
	if f := w.Application.ClaimFixed; f != nil {
		w.raise(rights.Alert{Kind: AlertClaimFixed, Subject: f.Ground, RaisedAt: f.LedgerTime, Severity: rights.Info}, w.parties()...)
	}
	newest := int64(0)
	for _, d := range w.Application.Demands {
		if d.Kind == DemandPayment {
			newest = max(newest, d.FactTime)
		}
	}
	if newest == 0 || w.state == ReleasePending {
		return
	}
	demanded := identifier.DateOf(newest)
	over := demanded.AddMonths(int(w.figures.Of(contracts.LimitationMonths)))
	if end := over.AddDays(1).Start(); end <= w.at {
		w.raise(rights.Alert{Kind: AlertLimitationOver, RaisedAt: end, Due: over.String(), Severity: rights.Urgent}, w.pledgees()...)
		return
	}
	near := demanded.AddMonths(int(w.figures.Of(contracts.LimitationAlertMonths)))
	w.raise(rights.Alert{Kind: AlertLimitation, RaisedAt: near.Start(), Due: over.String(), Severity: rights.Urgent}, w.pledgees()...)
}

// release watches those who have to let the pledge go, and who has to cancel it then.
func (w *watch) release() {
	switch {
	case w.state == Effective && w.SettledAt > 0:
		due := w.dutyEnds(w.SettledAt)
		w.raise(rights.Alert{Kind: AlertReleaseOverdue, RaisedAt: due.AddDays(1).Start(), Due: due.String(), Severity: rights.Urgent}, w.parties()...)
	case w.state == ReleasePending:
		due := w.dutyEnds(w.Application.StepTime)
		w.raise(rights.Alert{Kind: AlertCancellationWaiting, RaisedAt: due.AddDays(1).Start(), Due: due.String(), Severity: rights.Warning}, w.Application.Office)
	}
}

// dutyEnds is the last day on which what became due at a time is done in time.
func (w *watch) dutyEnds(since int64) identifier.Date {
	return contracts.CountWorkingDays(identifier.DateOf(since), w.figures.Of(contracts.ReleaseDutyDays), w.Calendar).Date
}

// enforcement watches one that is under way, and a pledgor's demand for one: the pledgee
// answers for delay (Civil Code, article 437). Of several the first one counts, until it
// is answered.
func (w *watch) enforcement() {
	e := w.Application.Enforcement
	if w.state == Enforcing && e != nil {
		w.raise(rights.Alert{Kind: AlertEnforcing, Subject: e.Route, RaisedAt: e.StartedAt, Severity: rights.Urgent}, slices.Concat(e.Notified, w.Application.Pledgees)...)
	}
	if w.state != Effective {
		return
	}
	for _, d := range w.Application.Demands {
		if d.Kind != DemandEnforcement || e != nil && e.StartedAt >= d.RecordedAt {
			continue
		}
		due := identifier.DateOf(d.FactTime).AddDays(int(w.figures.Of(contracts.EnforcementDays)))
		if end := max(d.RecordedAt, due.AddDays(1).Start()); end <= w.at {
			w.raise(rights.Alert{Kind: AlertEnforcementOverdue, RaisedAt: end, Due: due.String(), Severity: rights.Urgent}, w.parties()...)
		} else {
			w.raise(rights.Alert{Kind: AlertEnforcementDemanded, RaisedAt: d.RecordedAt, Due: due.String(), Severity: rights.Warning}, w.pledgees()...)
		}
		return
	}
}

// end tells those who relied on the pledge that it is no more, for as long as papers may
// come late.
func (w *watch) end() {
	a := rights.Alert{Kind: rights.AlertKind(w.state), Severity: rights.Urgent}
	switch w.state {
	case Revoked:
		a.Subject, a.RaisedAt = w.Record.Ground, w.Record.EndedAt
	case EndedByTime:
		a.RaisedAt = afterDay(w.Record.RegistrationEnd)
	case Extinguished:
		for _, of := range w.Rights {
			ended := of.EndedAt
			if !of.BaseState.Ended() { // by time alone
				ended = afterDay(cmp.Or(of.RenewalEnds, of.ExpiryDate))
			}
			a.RaisedAt = max(a.RaisedAt, ended)
		}
	}
	if w.at < a.RaisedAt+rights.Late {
		w.raise(a, w.pledgees()...)
	}
}

func parseDay(date string) (identifier.Date, bool) {
	d, err := identifier.ParseDate(date)
	return d, err == nil
}

// afterDay is the moment after the end of a legal date; 0 if there is none.
func afterDay(date string) int64 {
	d, known := parseDay(date)
	if !known {
		return 0
	}
	return d.AddDays(1).Start()
}
