// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// An AlertKind is what an alert is about.
type AlertKind string

// The kinds of alerts about a right.
const (
	AlertApplication    AlertKind = "APPLICATION"     // somebody has applied for a pledge of it
	AlertRegistered     AlertKind = "REGISTERED"      // a pledge of it is registered
	AlertFeeDue         AlertKind = "FEE_DUE"         // an annual fee will be due
	AlertFeeGrace       AlertKind = "FEE_GRACE"       // it was not paid; days of grace run
	AlertExpiry         AlertKind = "EXPIRY"          // its last day comes near
	AlertRenewalWindow  AlertKind = "RENEWAL_WINDOW"  // a mark may be renewed
	AlertRenewalGrace   AlertKind = "RENEWAL_GRACE"   // it was not renewed; days of grace run
	AlertInvalidation   AlertKind = "INVALIDATION"    // somebody asks for it to be declared invalid
	AlertSuit           AlertKind = "SUIT"            // somebody says that it is his
	AlertFreeze         AlertKind = "FREEZE"          // a court has frozen it
	AlertFreezeEnding   AlertKind = "FREEZE_ENDING"   // the freeze ends soon unless it is renewed
	AlertFreezeOver     AlertKind = "FREEZE_OVER"     // the freeze was lifted or has ended
	AlertConflictReview AlertKind = "CONFLICT_REVIEW" // a fact older than a pledge came to light
	AlertStale          AlertKind = "STALE"           // the register was last read long ago
	AlertEnded          AlertKind = "ENDED"           // the right is over

	AlertConsentWaiting AlertKind = "CONSENT_WAITING" // its owner asks the pledgees to agree to a deal
	AlertBreach         AlertKind = "BREACH"          // a deal was made without their consent
)

// A Severity says how soon somebody has to look.
type Severity string

// The severities.
const (
	Info    Severity = "INFO"
	Warning Severity = "WARNING"
	Urgent  Severity = "URGENT"
)

// An Alert is something that parties have to know of a right or of a pledge. Nothing is stored and
// no transaction raises it: it follows from the records and a time, like a right's
// status, and everyone computes the same.
type Alert struct {
	Kind     AlertKind `json:"kind"`
	RightID  string    `json:"right_id,omitempty"`
	PledgeNo string    `json:"pledge_no,omitempty"` // of an alert about a pledge
	Subject  string    `json:"subject,omitempty"`   // number of a pledge or freeze, a fact, a ground or a route
	RaisedAt int64     `json:"raised_at"`           // ms since 1970 UTC
	Due      string    `json:"due,omitempty"`       // last day to do something about it
	Severity Severity  `json:"severity"`
	To       []string  `json:"to"` // party ids, sorted
}

// AlertsOf lists what is to be known of a right at a time, by the time at which it
// became so. An alert lasts as long as what it is about.
func AlertsOf(r Record, at int64, p contracts.Parameters) []Alert {
	if r.RightID == "" {
		return nil // nobody has confirmed it
	}
	w := &watch{record: r, at: at, today: identifier.DateOf(at), figures: p, status: StatusOf(r, at, p)}
	for _, a := range slices.DeleteFunc(slices.Clone(r.Pending), func(a PendingPledge) bool { return !a.Waits(at) }) {
		w.raise(Alert{Kind: AlertApplication, RaisedAt: a.SubmittedAt, Severity: Info})
	}
	for _, pledge := range w.status.Pledges {
		w.raise(Alert{Kind: AlertRegistered, Subject: pledge.PledgeNo, RaisedAt: pledge.RegisteredAt, Severity: Info})
	}
	w.register()
	w.freezes()
	for _, c := range Conflicts(r, at) {
		w.raise(Alert{Kind: AlertConflictReview, Subject: c.Subject, RaisedAt: c.LedgerTime, Severity: Urgent})
	}
	switch state := w.status.BaseState; {
	case state == Expired && r.BaseState == Confirmed:
		w.raise(Alert{Kind: AlertEnded, Subject: string(state), RaisedAt: endOf(cmp.Or(r.RenewalEnds, r.ExpiryDate)), Severity: Urgent})
	case state.Ended():
		w.raise(Alert{Kind: AlertEnded, Subject: string(state), RaisedAt: r.EndedAt, Severity: Urgent})
	default:
		w.life()
	}
	slices.SortStableFunc(w.raised, func(a, b Alert) int { return cmp.Compare(a.RaisedAt, b.RaisedAt) })
	return w.raised
}

// A watch looks at one record at one time.
type watch struct {
	record  Record
	at      int64
	today   identifier.Date
	figures contracts.Parameters
	status  Status
	raised  []Alert
}

// raise adds an alert for the owners and the pledgees of the live pledges. What comes
// later than the time of the watch is not raised yet.
func (w *watch) raise(a Alert, also ...string) {
	if a.RaisedAt > w.at {
		return
	}
	a.RightID = w.record.RightID
	to := slices.Concat(w.record.Owners, also)
	for _, p := range w.status.Pledges {
		to = append(to, p.Pledgees...)
	}
	slices.Sort(to)
	a.To = slices.Compact(to)
	w.raised = append(w.raised, a)
}

// life watches the days that come: fees, the last day, the renewal of a mark.
func (w *watch) life() {
	r := w.record
	if hasAnnualFee(r.Space) {
		if due, known := parse(r.FeeDue); known && !w.status.Has(FlagInGrace) {
			w.ahead(AlertFeeDue, due, contracts.AlertFeeFirst, contracts.AlertFeeSecond, contracts.AlertFeeLast)
		} else if known {
			w.raise(Alert{Kind: AlertFeeGrace, RaisedAt: due.AddDays(1).Start(), Due: r.FeeDeadline, Severity: Urgent})
		}
	}
	last, known := parse(r.ExpiryDate)
	if !known {
		return
	}
	switch {
	case last.Before(w.today): // a mark in its grace, or it would have ended
		w.raise(Alert{Kind: AlertRenewalGrace, RaisedAt: last.AddDays(1).Start(), Due: r.RenewalEnds, Severity: Urgent})
	case r.Space == identifier.MarkSpace:
		opens := last.AddMonths(-int(w.figures.Of(contracts.RenewalWindow)))
		w.raise(Alert{Kind: AlertRenewalWindow, RaisedAt: opens.Start(), Due: r.ExpiryDate, Severity: Info})
		w.ahead(AlertExpiry, last, contracts.AlertExpiryFirst, contracts.AlertExpirySecond, contracts.AlertExpiryLast)
	default:
		w.ahead(AlertExpiry, last, contracts.AlertExpiryFirst, contracts.AlertExpirySecond, contracts.AlertExpiryLast)
	}
}

// ahead raises an alert some days before a date, and again, more urgently, with fewer
// days to go. The last one raised takes the place of those before.
func (w *watch) ahead(kind AlertKind, due identifier.Date, first, second, last contracts.Figure) {
	var newest Alert
	for i, days := range []contracts.Figure{first, second, last} {
		raised := due.AddDays(-int(w.figures.Of(days))).Start()
		if raised <= w.at && raised >= newest.RaisedAt {
			newest = Alert{Kind: kind, RaisedAt: raised, Due: due.String(), Severity: []Severity{Info, Warning, Urgent}[i]}
		}
	}
	if newest.Kind != "" && !due.Before(w.today) {
		w.raise(newest)
	}
}

// register watches what the register has told, and how long ago.
func (w *watch) register() {
	for _, f := range w.record.Facts {
		if !f.Stands(w.at) {
			continue
		}
		switch f.Flag {
		case FlagInvalidationPending:
			w.raise(Alert{Kind: AlertInvalidation, RaisedAt: f.LedgerTime, Severity: Warning})
		case FlagDisputed:
			w.raise(Alert{Kind: AlertSuit, RaisedAt: f.LedgerTime, Severity: Urgent})
		}
	}
	if w.status.Has(FlagStale) && !w.status.BaseState.Ended() {
		stale := identifier.DateOf(w.record.SnapshotTime).AddDays(int(w.figures.Of(contracts.StaleDays)) + 1).Start()
		w.raise(Alert{Kind: AlertStale, RaisedAt: stale, Severity: Info}, w.record.ConfirmedBy)
	}
}

// freezes watches those that stand, and those that were over not long ago.
func (w *watch) freezes() {
	before := w.figures.Days(contracts.AlertFreezeEnd)
	for _, f := range w.record.Freezes {
		switch end := f.End(); {
		case f.Stands(w.at):
			w.raise(Alert{Kind: AlertFreeze, Subject: f.FreezeNo, RaisedAt: f.RecordedAt, Due: f.Until, Severity: Urgent})
			w.raise(Alert{Kind: AlertFreezeEnding, Subject: f.FreezeNo, RaisedAt: max(f.RecordedAt, end-before), Due: f.Until, Severity: Warning})
		case end <= w.at && w.at < end+before:
			w.raise(Alert{Kind: AlertFreezeOver, Subject: f.FreezeNo, RaisedAt: max(f.RecordedAt, end), Severity: Info})
		}
	}
}
