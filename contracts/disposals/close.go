// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// CloseArgs are the arguments of disposals.close.
type CloseArgs struct {
	DisposalNo string           `cbor:"1,keyasint" json:"disposal_no" schema:"format=platform_number"`
	Price      contracts.Amount `cbor:"2,keyasint" json:"price"` // in minor units
	Buyers     []string         `cbor:"3,keyasint,omitempty" json:"buyers,omitempty" schema:"format=party,items=16"`
	Outsiders  []string         `cbor:"4,keyasint,omitempty" json:"outside_buyers,omitempty" schema:"max=128,items=16"` // that are not on this ledger, by their names as the register will have them
}

// closeSale sells the rights: to the bidder of a round that is over, or to whom both
// sides have agreed on. A pledgee who buys has bid like anybody else, or takes the rights
// at the agreed price, which a pledgor may grant once he is in default (Civil Code,
// article 436) and not before (article 428): the pledge is being enforced.
func closeSale(v *contracts.View, args CloseArgs) (Result, *contracts.Refusal) {
	s, refusal := at(v, args.DisposalNo, Listed)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	s.checkBuyers(args.Buyers, args.Outsiders)
	s.checkPrice(args.Price)
	if round := s.record.Round(); round.Kind == Agreement {
		s.pledgeesAgree()
		s.ownersAgree()
		s.allPledgeesAgree()
	} else {
		s.checkClosed()
		if s.record.Route == pledges.RoutePrivateSale && s.boughtByPledgee() {
			s.checkWorth(args.Price)
		}
		if round.Bids == 0 {
			s.Add(ledger.Failure{Code: contracts.EState, Field: "disposal_no", Subject: s.record.DisposalNo, Reason: contracts.ReasonNoBid})
		}
	}
	s.record.Manner, s.record.Price, s.record.SoldAt = s.record.Round().Kind, args.Price, v.Time()
	return s.finish(Sold, "close", "disposal.sold")
}

// SetOffArgs are the arguments of disposals.set_off.
type SetOffArgs struct {
	DisposalNo string           `cbor:"1,keyasint" json:"disposal_no" schema:"format=platform_number"`
	Buyers     []string         `cbor:"2,keyasint" json:"buyers" schema:"format=party,items=16"` // pledgees
	Price      contracts.Amount `cbor:"3,keyasint" json:"price"`                                 // in minor units
}

// setOff gives the rights to pledgees who enforce, for a price that is set off against
// the debt: after a failed round, as the owners and all pledgees of the rights agree.
func setOff(v *contracts.View, args SetOffArgs) (Result, *contracts.Refusal) {
	s, refusal := at(v, args.DisposalNo, Failed)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	s.checkBuyers(args.Buyers, nil)
	for _, buyer := range s.file.Buyers {
		if !slices.ContainsFunc(s.application.Pledgees, func(p string) bool { return contracts.Current(v, p, s.pledge.PledgeNo) == buyer }) {
			s.Add(ledger.Failure{Code: contracts.ERole, Field: "buyers", Subject: buyer, Reason: contracts.ReasonNotPledgee})
		}
	}
	s.checkPrice(args.Price)
	s.pledgeesAgree()
	s.allPledgeesAgree()
	s.ownersAgree()
	s.record.Manner, s.record.Price, s.record.SoldAt = SetOff, args.Price, v.Time()
	return s.finish(Sold, "set_off", "disposal.sold")
}

// livePledges lists the pledges of all of the rights.
func (s *sale) livePledges() (list []rights.PledgeEntry) {
	for _, of := range s.rights {
		list = append(list, rights.LivePledges(of, s.v.Time())...)
	}
	return list
}

// checkWorth refuses that a pledgee buys at its own sale for less than a court's first
// auction would let go: that would be forfeiture under the name of a sale (Civil Code,
// article 428).
func (s *sale) checkWorth(price contracts.Amount) {
	if least := shareOf(s.record.ReferencePrice, s.v.Figure(contracts.ReserveFirst)); price < least {
		s.Add(ledger.Failure{Code: contracts.EAmount, Field: "price", Subject: least.String(), Reason: contracts.ReasonReserveFloor})
	}
}

// checkPrice refuses a price under the reserve price of the newest round.
func (s *sale) checkPrice(price contracts.Amount) {
	if reserve := s.record.Round().ReservePrice; price < reserve {
		s.Add(ledger.Failure{Code: contracts.EAmount, Field: "price", Subject: reserve.String(), Reason: contracts.ReasonReserve})
	}
}

// checkBuyers writes the buyers down, sorted. Those of this ledger are named by party id:
// under a name alone a pledgee could pass for somebody else.
func (s *sale) checkBuyers(ids, outsiders []string) {
	if len(ids)+len(outsiders) == 0 {
		s.Add(ledger.Failure{Code: contracts.EFormat, Field: "buyers", Reason: contracts.ReasonMissing})
		return
	}
	s.file.Buyers, s.file.Outsiders = nil, slices.Sorted(slices.Values(outsiders))
	if len(ids) > 0 {
		s.file.Buyers = rights.CheckParties(s.v, ids, "buyers", s.Refusal)
	}
	for i, name := range outsiders {
		field := fmt.Sprintf("outside_buyers[%d]", i)
		if strings.TrimSpace(name) == "" {
			s.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonEmpty})
			continue
		}
		if slices.Index(outsiders, name) < i {
			s.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonRepeated})
		}
		prefix := contracts.PartyNamePrefix(s.v.Network().Suite, name)
		s.v.Iterate(prefix, func(key string, _ []byte) bool {
			s.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: key[len(prefix):], Reason: contracts.ReasonRegistered})
			return false
		})
	}
}

// boughtByPledgee tells whether somebody who holds a pledge of the rights is among the
// buyers.
func (s *sale) boughtByPledgee() bool {
	return slices.ContainsFunc(s.livePledges(), func(e rights.PledgeEntry) bool {
		return slices.ContainsFunc(e.Pledgees, func(pledgee string) bool {
			return slices.Contains(s.file.Buyers, contracts.Current(s.v, pledgee, e.PledgeNo))
		})
	})
}

// allPledgeesAgree requires the signatures of the pledgees of every pledge of the rights:
// whoever takes the rights for his own debt leaves no price for theirs.
func (s *sale) allPledgeesAgree() {
	for _, e := range s.livePledges() {
		s.agreed(contracts.ESignature, e.PledgeNo, e.Pledgees...)
	}
}
