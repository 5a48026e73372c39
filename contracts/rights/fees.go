// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// The annual fee is due before the year before ends; then there are six months to pay
// it with a surcharge; if it stays unpaid the right ends back from the due date
// (Implementing Rules of the Patent Law, article 115).
//
//	due ──missed──▶ IN_GRACE ──paid──▶ as before
//	                    └──terminated, after the deadline──▶ LAPSED from the due date ──restored──▶ CONFIRMED

// hasAnnualFee tells whether rights of the number space live on an annual fee.
func hasAnnualFee(s identifier.Space) bool { return slices.Contains(annual, s) }

// feeInGrace tells whether the annual fee was owed at a time: the due date is over,
// and the register has not said since that it is paid. A register that says UNPAID or
// IN_GRACE and no date is believed.
func feeInGrace(r Record, at int64) bool {
	due, known := parse(r.FeeDue)
	if !known {
		return r.FeeStatus == FeeInGrace || r.FeeStatus == FeeUnpaid
	}
	over := due.AddDays(1).Start()
	return over <= at && (r.FeeStatus != FeePaid || r.FeeStatusAt < over)
}

// FeeOwed tells whether the annual fee of a right was owed at a time at the register, or
// the renewal of a mark.
func FeeOwed(r Record, at int64) bool {
	return hasAnnualFee(r.Space) && feeInGrace(r, at) || r.Space == identifier.MarkSpace && isPast(r.ExpiryDate, identifier.DateOf(at))
}

// feeDueMissed: the due date is over and the fee not paid.
func feeDueMissed(h *happening) {
	if feeInGrace(h.record, h.v.Time()) && h.record.FeeStatus == FeeInGrace {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: FlagInGrace})
	}
	due := h.args.FeeDue
	if due == "" {
		due = h.record.FeeDue
	}
	if due == "" {
		due = h.factDate().String()
	}
	if !isPast(due, h.v.Today()) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fee_due", Subject: due})
	}
	if filing, filed := parse(h.record.FilingDate); filed && !filing.Before(dateOr(due, filing)) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fee_due", Subject: h.record.FilingDate})
	}
	h.setFee(FeeInGrace, due)
	h.record.FeeLedgerAt = h.v.Time()
}

// feePaid: the fee was paid before the deadline, with the surcharge. The next due date
// may be given.
func feePaid(h *happening) {
	if !feeInGrace(h.record, h.v.Time()) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: contracts.ReasonNotFlagged})
	}
	if isPast(h.record.FeeDeadline, h.factDate()) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time", Subject: h.record.FeeDeadline, Reason: contracts.ReasonDeadline})
	}
	h.setFee(FeePaid, h.args.FeeDue)
}

// terminated: nobody paid before the deadline, so that the right ended on the due
// date. That is the time of the fact, whatever day it is told on. While the procedures
// of the right are suspended or it is frozen it is not ended (article 105).
func terminated(h *happening) {
	if !feeInGrace(h.record, h.v.Time()) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: contracts.ReasonNotFlagged})
		return
	}
	if !isPast(h.record.FeeDeadline, h.v.Today()) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "event", Subject: h.record.FeeDeadline, Reason: contracts.ReasonGrace})
	}
	if h.record.FeeDue != "" && h.factDate().String() != h.record.FeeDue {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time", Subject: h.record.FeeDue, Reason: contracts.ReasonDueDate})
	}
	if h.record.BaseState != Confirmed {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: string(h.record.BaseState)})
	}
	if now := h.v.Time(); h.args.CourtDocument == nil && (frozenAt(h.record, now) || h.suspendedNow()) {
		h.Add(ledger.Failure{Code: contracts.EFrozen, Field: "event", Subject: h.record.RightID})
	}
	end(h.v, &h.record, Lapsed, h.args.FactTime)
}

func (h *happening) suspendedNow() bool {
	return slices.ContainsFunc(h.record.Facts, func(f Fact) bool { return f.Flag == FlagSuspended && f.Stands(h.v.Time()) })
}

// restored: the registrar has given a lapsed right back, with the fee paid.
func restored(h *happening) {
	if h.args.FactTime < h.record.EndedFrom {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time", Subject: identifier.TimeText(h.record.EndedFrom), Reason: contracts.ReasonTooEarly})
	}
	h.record.BaseState, h.record.EndedFrom, h.record.EndedAt = Confirmed, 0, 0
	h.setFee(FeePaid, h.args.FeeDue)
}

// setFee notes what the register says of the fee at the time of the fact. Without a
// new due date the old one stays; if it is over, what is paid is what was due on it,
// also when that was paid in time and is told late.
func (h *happening) setFee(status, due string) {
	h.record.FeeStatus, h.record.FeeStatusAt = status, h.args.FactTime
	if due != "" {
		h.record.FeeDue = due
	} else if over := endOf(h.record.FeeDue); status == FeePaid && over <= h.v.Time() {
		h.record.FeeStatusAt = max(h.args.FactTime, over)
	}
	h.record.FeeDeadline = feeDeadline(h.record, h.v.Parameters())
}

// renewed: a mark has another ten years. It may be renewed from twelve months before
// its last day to six months after it (Trademark Law, article 40).
func renewed(h *happening) {
	last, known := parse(h.record.ExpiryDate)
	if !known {
		h.Add(missing("expiry_date"))
		return
	}
	opens := last.AddMonths(-int(h.v.Figure(contracts.RenewalWindow)))
	if h.factDate().Before(opens) || isPast(h.record.RenewalEnds, h.factDate()) {
		h.Add(ledger.Failure{Code: contracts.ETerm, Field: "fact_time", Subject: h.record.ExpiryDate})
	}
	next := last.AddYears(10)
	if given, told := parse(h.args.ExpiryDate); told && given.Before(last) {
		h.Add(ledger.Failure{Code: contracts.ETerm, Field: "expiry_date", Subject: h.record.ExpiryDate})
	} else if told {
		next = given
	}
	h.setLastDay(next)
}

// longestCompensation is by how many years a term may be moved at once: patents are
// compensated by five years at most (Patent Law, article 42).
const longestCompensation = 5

// termChanged: the registrar has compensated or corrected the term.
func termChanged(h *happening) {
	given, told := parse(h.args.ExpiryDate)
	last, known := parse(h.record.ExpiryDate)
	switch {
	case !told:
		h.Add(missing("expiry_date"))
	case given.Before(h.factDate()), known && last.AddYears(longestCompensation).Before(given):
		h.Add(ledger.Failure{Code: contracts.ETerm, Field: "expiry_date", Subject: h.record.ExpiryDate})
	default:
		h.setLastDay(given)
	}
}

func (h *happening) setLastDay(d identifier.Date) {
	h.record.ExpiryDate = d.String()
	h.record.RenewalEnds = renewalEnds(h.record, h.v.Parameters())
}

// dateOr reads a date, or gives another.
func dateOr(text string, other identifier.Date) identifier.Date {
	if d, known := parse(text); known {
		return d
	}
	return other
}
