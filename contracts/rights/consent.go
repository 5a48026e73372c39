// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// While a right is pledged it is not transferred, licensed or given up unless the
// pledgees agree (Civil Code, article 444; CNIPA Announcement 461), and while it is
// frozen or suspended it does not move at all. A court's paper goes before both.

// agreed checks that all who held a pledge when it happened agree: those of this
// ledger with a consent that they had granted by then, or with their signatures now, those
// of the register alone on paper. A pledge that is younger than the fact is no bar to it:
// its pledgee was not one then, and the two are to be reviewed.
func (h *happening) agreed() {
	consent, state := h.consent(), ""
	if h.args.CourtDocument != nil {
		return
	}
	for _, p := range PledgesThen(h.before, h.args.FactTime) {
		if consent != nil {
			if g, ok := consent.GrantOf(p.PledgeNo); ok && g.Holds(h.args.FactTime) {
				continue
			}
			state = consent.StateAt(h.before, h.args.FactTime).Reason()
		}
		for _, pledgee := range p.Pledgees {
			if !h.v.SignedFor(pledgee, p.PledgeNo, contracts.Countersigner) {
				h.Add(ledger.Failure{Code: contracts.EConsent, Field: "signers", Subject: p.PledgeNo, Reason: state})
			}
		}
	}
	h.agreedElsewhere()
}

// agreedElsewhere checks that those agree whose pledges only the register holds.
func (h *happening) agreedElsewhere() {
	if h.args.CourtDocument != nil {
		return
	}
	elsewhere := func(e RegistrarEncumbrance) bool { return e.Kind == kindPledge && e.InForce(h.args.FactTime) }
	if h.args.Consent == nil && slices.ContainsFunc(h.before.Encumbrances, elsewhere) {
		h.Add(ledger.Failure{Code: contracts.EConsent, Field: "consent_document", Subject: h.record.RightID, Reason: contracts.ReasonEncumbered})
	}
}

// unhindered refuses what a freeze or a suspension forbade when it happened. What was
// finished at the register before they came holds (Supreme Court, provisions on
// seizure, article 23; Implementing Rules of the Patent Law, articles 103 to 105).
func (h *happening) unhindered() {
	if h.args.CourtDocument != nil {
		return
	}
	if frozenAt(h.before, h.args.FactTime) {
		h.Add(ledger.Failure{Code: contracts.EFrozen, Field: "event", Subject: h.record.RightID})
	}
	if h.stood(FlagSuspended) {
		h.Add(ledger.Failure{Code: contracts.EFrozen, Field: "event", Subject: h.record.RightID, Reason: FlagSuspended})
	}
}

// frozenAt tells whether a court's freeze was in force at a time.
func frozenAt(r Record, at int64) bool {
	inForce, _ := queue(r.Freezes, at)
	return len(inForce) > 0 || slices.ContainsFunc(r.Encumbrances, func(e RegistrarEncumbrance) bool { return e.Freezes() && e.InForce(at) })
}
