// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// ownershipSuit: somebody else says that the right is his. On his request the
// registrar suspends its procedures, a pledge among them, for a year at most
// (Implementing Rules of the Patent Law, articles 103 to 105).
func ownershipSuit(h *happening) {
	h.raise(FlagDisputed, "")
	if h.args.Until != "" {
		h.checkSuspension(h.factDate())
		h.raise(FlagSuspended, h.args.Until)
	}
}

// suspensionExtended: the suit goes on, and the registrar waits for it.
func suspensionExtended(h *happening) {
	h.needs(FlagDisputed)
	if h.args.Until == "" {
		h.Add(missing("suspended_until"))
		return
	}
	from := h.factDate()
	if i := factOf(h.record.Facts, FlagSuspended); i >= 0 {
		if last, known := parse(h.record.Facts[i].Until); known && from.Before(last) {
			from = last
		}
	}
	h.checkSuspension(from)
	h.lower(FlagSuspended)
	h.raise(FlagSuspended, h.args.Until)
}

// checkSuspension bounds a suspension from a day on.
func (h *happening) checkSuspension(from identifier.Date) {
	last, known := parse(h.args.Until)
	if !known || last.Before(from) || from.AddMonths(int(h.v.Figure(contracts.SuspensionMonths))).Before(last) {
		h.Add(ledger.Failure{Code: contracts.ETerm, Field: "suspended_until", Subject: h.record.RightID})
	}
}

// suitEnded: the suit is decided or withdrawn. If it moved the right to others that
// is a transfer, on the court's paper.
func suitEnded(h *happening) {
	h.needs(FlagDisputed)
	h.lower(FlagDisputed, FlagSuspended)
}

// transferred: the register has new owners. A pledge follows the right, and its
// pledgees must have agreed, or a court decided (Civil Code, article 444). Nothing
// moves under a freeze.
func transferred(h *happening) {
	if len(h.args.Owners) == 0 {
		h.Add(missing("owners"))
		return
	}
	owners := CheckParties(h.v, h.args.Owners, "owners", h.Refusal)
	if slices.Equal(owners, h.record.Owners) {
		h.Add(ledger.Failure{Code: contracts.EOwner, Field: "owners", Subject: h.record.RightID})
	}
	h.unfrozen()
	h.agreed()
	h.record.Owners, h.record.OwnersSince, h.record.OwnersAt = owners, h.args.FactTime, h.v.Time()
}

// abandoned: the owner has given the right up, or a model for its twin. The pledgees
// must have agreed (CNIPA Announcement 461).
func abandoned(h *happening) {
	h.unfrozen()
	h.agreed()
	if h.args.Twin != "" {
		h.record.ReplacedBy = h.twin()
		if h.record.Twin != "" && h.record.Twin != h.record.ReplacedBy {
			h.Add(ledger.Failure{Code: contracts.EFormat, Field: "twin", Subject: h.record.Twin, Reason: contracts.ReasonValue})
		}
	}
	end(h.v, &h.record, Abandoned, h.args.FactTime)
}

// licensed: a licence, exclusive or not, was recorded. While the right is pledged the
// pledgees must have agreed (Civil Code, article 444).
func licensed(h *happening) {
	h.agreed()
	h.raise(h.args.Event, h.args.Until)
}

// licenceEnded: the recorded licences are over.
func licenceEnded(h *happening) {
	if !h.status.Has(FlagLicensed) {
		h.needs(FlagLicensedExclusive)
	}
	h.lower(FlagLicensed, FlagLicensedExclusive)
}

// openLicence: the owner offers a licence to everybody. While the right is pledged the
// pledgees must have agreed (Implementing Rules of the Patent Law, article 86).
func openLicence(h *happening) {
	h.only(identifier.PatentSpace)
	h.agreed()
	h.raise(FlagOpenLicence, "")
}

// openLicenceEnded: the offer was withdrawn.
func openLicenceEnded(h *happening) {
	h.needs(FlagOpenLicence)
	h.lower(FlagOpenLicence)
}
