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

// suspensionExtended: the suit goes on, and the registrar waits for it. A suspension
// that stands lasts longer; one that is over, or never was, begins.
func suspensionExtended(h *happening) {
	if !h.stood(FlagDisputed) {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: contracts.ReasonNotFlagged})
	}
	if h.args.Until == "" {
		h.Add(missing("until"))
		return
	}
	for i, f := range h.record.Facts {
		if f.Flag == FlagSuspended && f.Stands(h.args.FactTime) && (h.args.CaseNo == "" || h.caseOf(f) == h.args.CaseNo) {
			h.checkSuspension(dateOr(f.Until, h.factDate()))
			h.record.Facts = slices.Clone(h.record.Facts)
			h.record.Facts[i].Until = h.args.Until
			return
		}
	}
	h.checkSuspension(h.factDate())
	h.raise(FlagSuspended, h.args.Until)
}

// checkSuspension bounds a suspension from a day on.
func (h *happening) checkSuspension(from identifier.Date) {
	last, known := parse(h.args.Until)
	if !known || last.Before(from) || from.AddMonths(int(h.v.Figure(contracts.SuspensionMonths))).Before(last) {
		h.Add(ledger.Failure{Code: contracts.ETerm, Field: "until", Subject: h.record.RightID})
	}
}

// suitEnded: the suit is decided or withdrawn, and with it the suspension for it. If
// it moved the right to others that is a transfer, on the court's paper.
func suitEnded(h *happening) {
	h.lower(FlagDisputed)
	if len(h.matching(FlagSuspended)) > 0 { // of this suit: another's goes on
		h.lower(FlagSuspended)
	}
}

// transferred: the register has new owners. A pledge follows the right, and its
// pledgees must have agreed, or a court decided (Civil Code, article 444). Nothing
// moves under a freeze or a suspension. A pledgee does not become owner of what is
// pledged to him by word of the register alone: that would be forfeiture (article
// 428), and takes a settled sale or a court's paper. The sale of an enforced pledge
// stands for the agreement of the pledgees of this ledger, once.
func transferred(h *happening) {
	h.args.Outsiders = inOrder(h.args.Outsiders)
	owners := h.newOwners(h.args.Owners, h.args.Outsiders)
	if slices.Equal(owners, h.record.Owners) && slices.Equal(h.args.Outsiders, h.record.Outsiders) {
		h.Add(ledger.Failure{Code: contracts.EOwner, Field: "owners", Subject: h.record.RightID})
	}
	h.owners = owners
	h.unhindered()
	bought := h.entersBuyers(owners, h.args.Outsiders)
	switch {
	case succeeded(h.v, h.record, owners, h.args.Outsiders):
	case bought && h.soldUnderLive():
		h.agreedElsewhere()
	default:
		h.agreed()
		h.noForfeiture(owners)
		h.noPledgeeOutside()
	}
	if bought { // also one that is told late and moves nothing: the register has entered them
		entered := *h.record.Sale
		entered.EnteredAt = h.v.Time()
		h.record.Sale = &entered
	}
	if h.args.FactTime < h.record.OwnersSince {
		return // those who are owners since later stay: it is recorded and moves nothing
	}
	h.record.own(h.v, owners, h.args.Outsiders, h.args.FactTime)
}

// own writes down who owns the right since a time at the register. Who owns it anew
// owns it for itself, whatever it once split off.
func (r *Record) own(v *contracts.View, owners, outsiders []string, since int64) {
	for _, owner := range owners {
		if !slices.Contains(r.Owners, owner) {
			contracts.NameAnew(v, owner, r.RightID)
		}
	}
	r.OwnersBefore, r.OutsidersBefore = r.Owners, r.Outsiders
	r.Owners, r.Outsiders = owners, outsiders
	r.OwnersSince, r.OwnersAt = since, v.Time()
}

// newOwners checks a list of owners; some of them, or all, may be no organisations of
// this ledger and stand with their names in the register.
func (h *happening) newOwners(ids, outsiders []string) []string {
	if len(ids) == 0 && len(outsiders) > 0 {
		return nil
	}
	return CheckParties(h.v, ids, "owners", h.Refusal)
}

// noForfeiture refuses a new owner who held a pledge of the right then (Civil Code,
// article 428). Of one that is younger than the fact it was no pledgee, see agreed.
func (h *happening) noForfeiture(owners []string) {
	if h.args.CourtDocument != nil {
		return
	}
	for _, p := range PledgesThen(h.before, h.args.FactTime) {
		for _, pledgee := range p.Pledgees {
			if now := contracts.Current(h.v, pledgee, p.PledgeNo); slices.Contains(owners, now) && !slices.Contains(h.before.Owners, now) {
				h.Add(ledger.Failure{Code: contracts.EForbidden, Field: "owners", Subject: p.PledgeNo, Reason: contracts.ReasonForfeiture})
			}
		}
	}
}

// noPledgeeOutside refuses a pledgee who shall be owner under a name that it has, or had,
// and not as the organisation that it is: it is the same forfeiture.
func (h *happening) noPledgeeOutside() {
	if h.args.CourtDocument != nil {
		return
	}
	for _, name := range h.args.Outsiders {
		if slices.Contains(h.before.Outsiders, name) {
			continue
		}
		prefix := contracts.PartyNamePrefix(h.v.Network().Suite, name)
		h.v.Iterate(prefix, func(key string, _ []byte) bool {
			for _, p := range PledgesThen(h.before, h.args.FactTime) {
				if slices.ContainsFunc(p.Pledgees, func(pledgee string) bool {
					return contracts.SameParty(h.v, pledgee, key[len(prefix):], p.PledgeNo)
				}) {
					h.Add(ledger.Failure{Code: contracts.EForbidden, Field: "outside_owners", Subject: p.PledgeNo, Reason: contracts.ReasonForfeiture})
				}
			}
			return true
		})
	}
}

// succeeded tells whether new owners of a right are the old ones, or who stands in
// their place since a merger or split: the register has caught up, and the right has
// gone to nobody else. Nobody need agree to that.
func succeeded(v *contracts.View, before Record, owners, outsiders []string) bool {
	var now []string
	for _, owner := range before.Owners {
		now = append(now, contracts.Current(v, owner, before.RightID))
	}
	slices.Sort(now)
	return slices.Equal(slices.Compact(now), owners) && slices.Equal(before.Outsiders, outsiders)
}

// abandoned: the owner has given the right up, or a model for its twin. The pledgees
// must have agreed (CNIPA Announcement 461).
func abandoned(h *happening) {
	h.unhindered()
	h.agreed()
	if h.args.Twin != "" {
		h.record.ReplacedBy = h.twin()
		if h.record.Type != identifier.PatUM || h.record.Twin != "" && h.record.Twin != h.record.ReplacedBy {
			h.Add(ledger.Failure{Code: contracts.EFormat, Field: "twin", Subject: h.record.Twin, Reason: contracts.ReasonValue})
		}
	}
	if h.record.BaseState != Confirmed {
		h.Add(ledger.Failure{Code: contracts.EState, Field: "event", Subject: h.record.RightID, Reason: string(h.record.BaseState)})
	}
	end(h.v, &h.record, Abandoned, h.args.FactTime)
}

// licensed: a licence, exclusive or not, was recorded; there may be several. While the
// right is pledged the pledgees must have agreed (Civil Code, article 444).
func licensed(h *happening) {
	h.agreed()
	h.raise(h.args.Event, h.args.Until)
}

// licenceEnded: a recorded licence is over.
func licenceEnded(h *happening) { h.lower(FlagLicensed, FlagLicensedExclusive) }

// openLicence: the owner offers a licence to everybody. While the right is pledged the
// pledgees must have agreed (Implementing Rules of the Patent Law, article 86).
func openLicence(h *happening) {
	h.agreed()
	h.raise(FlagOpenLicence, "")
}

// openLicenceEnded: the offer was withdrawn.
func openLicenceEnded(h *happening) { h.lower(FlagOpenLicence) }
