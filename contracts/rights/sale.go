// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// SoldUnder tells whether a right was sold in the enforcement of a pledge.
func SoldUnder(r Record, pledgeNo string) bool { return r.Sale != nil && r.Sale.PledgeNo == pledgeNo }

// Bars tells whether a settled sale keeps the right from being sold again under a pledge:
// under the same one for ever, under another until the register has entered the buyers,
// or has told of another owner since.
func (s *Sale) Bars(r Record, pledgeNo string) bool {
	return s != nil && (s.PledgeNo == pledgeNo || s.EnteredAt == 0 && r.OwnersAt <= s.SettledAt)
}

// entersBuyers tells whether new owners are the buyers of the right's settled sale, or who
// stands in their place, on the day of the settlement or later, and for the first time.
func (h *happening) entersBuyers(owners, outsiders []string) bool {
	sale := h.before.Sale
	if sale == nil || sale.EnteredAt != 0 || h.factDate().Before(identifier.DateOf(sale.SettledAt)) {
		return false
	}
	var buyers []string
	for _, buyer := range sale.Buyers {
		buyers = append(buyers, contracts.Current(h.v, buyer, sale.DisposalNo))
	}
	slices.Sort(buyers)
	return slices.Equal(slices.Compact(buyers), owners) && slices.Equal(sale.Outsiders, outsiders)
}

// soldUnderLive tells whether the right's sale came of a pledge that lived when this
// happened.
func (h *happening) soldUnderLive() bool {
	return slices.ContainsFunc(LivePledges(h.before, h.args.FactTime), func(e PledgeEntry) bool { return e.PledgeNo == h.before.Sale.PledgeNo })
}

// takeBackEntry lets the buyers be entered again where the transfer that entered them, told
// at a block time, is taken back.
func (r *Record) takeBackEntry(toldAt int64) {
	if r.Sale != nil && r.Sale.EnteredAt == toldAt {
		open := *r.Sale
		open.EnteredAt = 0
		r.Sale = &open
	}
}
