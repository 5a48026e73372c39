// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
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

// feeDueMissed: the due date is over and the fee not paid.
func feeDueMissed(h *happening) {
	h.only(identifier.PatentSpace, identifier.VarietySpace)
	due := h.args.FeeDue
	if due == "" {
		due = h.record.FeeDue
	}
	if due == "" {
		due = h.factDate().String()
	}
	if h.status.Has(FlagInGrace) && h.record.FeeStatus != "" {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: FlagInGrace})
	}
	if !isPast(due, h.v.Today()) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fee_due", Subject: due})
	}
	h.record.FeeStatus, h.record.FeeDue = FeeInGrace, due
	h.record.FeeDeadline = feeDeadline(h.record, h.v.Parameters())
}

// feePaid: the fee was paid in time or, with the surcharge, before the deadline. The
// next due date may be given.
func feePaid(h *happening) {
	h.only(identifier.PatentSpace, identifier.VarietySpace)
	h.needs(FlagInGrace)
	if isPast(h.record.FeeDeadline, h.factDate()) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time", Subject: h.record.FeeDeadline, Reason: contracts.ReasonDeadline})
	}
	h.record.FeeStatus, h.record.FeeDue = FeePaid, h.args.FeeDue
	h.record.FeeDeadline = feeDeadline(h.record, h.v.Parameters())
}

// terminated: nobody paid before the deadline, so that the right ended on the due
// date. That is the time of the fact, whatever day it is told on.
func terminated(h *happening) {
	h.only(identifier.PatentSpace, identifier.VarietySpace)
	h.needs(FlagInGrace)
	if !isPast(h.record.FeeDeadline, h.v.Today()) {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "event", Subject: h.record.FeeDeadline, Reason: contracts.ReasonGrace})
	}
	if h.factDate().String() != h.record.FeeDue {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time", Subject: h.record.FeeDue, Reason: contracts.ReasonDueDate})
	}
	end(h.v, &h.record, Lapsed, h.args.FactTime)
}

// restored: the registrar has given a lapsed right back, with the fee paid.
func restored(h *happening) {
	if h.args.FactTime < h.record.EndedFrom {
		h.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time"})
	}
	h.record.BaseState, h.record.EndedFrom, h.record.EndedAt = Confirmed, 0, 0
	h.record.FeeStatus, h.record.FeeDue = FeePaid, h.args.FeeDue
	h.record.FeeDeadline = feeDeadline(h.record, h.v.Parameters())
}

// renewed: a mark has another ten years. It may be renewed from twelve months before
// its last day to six months after it (Trademark Law, article 40).
func renewed(h *happening) {
	h.only(identifier.MarkSpace)
	last, known := parse(h.record.ExpiryDate)
	if !known {
		h.Add(missing("expiry_date"))
		return
	}
	opens := last.AddMonths(-int(h.v.Figure(contracts.RenewalWindow)))
	if h.factDate().Before(opens) || isPast(h.record.RenewalEnds, h.factDate()) {
		h.Add(ledger.Failure{Code: contracts.ETerm, Field: "fact_time", Subject: h.record.ExpiryDate})
	}
	h.newLastDay(last.AddYears(10).String())
}

// termChanged: the registrar has compensated or corrected the term.
func termChanged(h *happening) {
	if h.args.ExpiryDate == "" {
		h.Add(missing("expiry_date"))
		return
	}
	h.newLastDay("")
}

// newLastDay sets the last day to that of the register, or to what the law says.
func (h *happening) newLastDay(byLaw string) {
	if h.args.ExpiryDate != "" {
		byLaw = h.args.ExpiryDate
	}
	if filing, filed := parse(h.record.FilingDate); filed {
		if day, known := parse(byLaw); known && !filing.Before(day) {
			h.Add(ledger.Failure{Code: contracts.EFormat, Field: "expiry_date", Reason: string(identifier.NoDate)})
		}
	}
	h.record.ExpiryDate = byLaw
	h.record.RenewalEnds = renewalEnds(h.record, h.v.Parameters())
}
