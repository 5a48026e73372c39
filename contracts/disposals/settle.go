// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// SettleArgs are the arguments of disposals.settle.
type SettleArgs struct {
	DisposalNo string `cbor:"1,keyasint" json:"disposal_no" schema:"format=platform_number"`
}

// settle confirms, with the pledgees, that the price was paid or set off. From now on the
// register may enter the buyers without anybody's further consent.
func settle(v *contracts.View, args SettleArgs) (Result, *contracts.Refusal) {
	s, refusal := at(v, args.DisposalNo, Sold)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	s.pledgeesAgree()
	if s.record.Route != pledges.RouteCourt {
		s.priorPledgeesAgree()
	}
	if s.Refuses() {
		return Result{}, s.Refusal
	}
	for i, right := range s.record.Rights {
		of := s.rights[i]
		of.Sale = &rights.Sale{
			DisposalNo: s.record.DisposalNo, PledgeNo: s.record.PledgeNo, Buyers: s.file.Buyers, Outsiders: s.file.Outsiders, SettledAt: v.Time(),
		}
		contracts.Store(v, right.Key(), of)
		v.Emit("right.sold", of.RightID)
	}
	s.record.SettledAt = v.Time()
	return s.finish(Settled, "settle", "disposal.settled")
}

// priorPledgeesAgree requires the signatures of the pledgees of every pledge of the rights
// that does not rank behind the one that is enforced: without a court nobody sells what is
// pledged to others before him over their heads (Civil Code, articles 414 and 444). Those
// behind are paid from what is left.
func (s *sale) priorPledgeesAgree() {
	for _, of := range s.rights {
		live := rights.LivePledges(of, s.v.Time())
		own := slices.IndexFunc(live, func(e rights.PledgeEntry) bool { return e.PledgeNo == s.pledge.PledgeNo })
		for i, e := range live {
			if i != own && (own < 0 || e.Ranked().Time <= live[own].Ranked().Time) {
				s.agreed(contracts.EConsent, e.PledgeNo, e.Pledgees...)
			}
		}
	}
}

// StopArgs are the arguments of disposals.stop.
type StopArgs struct {
	DisposalNo string `cbor:"1,keyasint" json:"disposal_no" schema:"format=platform_number"`
	Reason     string `cbor:"2,keyasint" json:"reason"`
}

// stop ends a disposal without a sale, or one whose buyer has not paid. What is left of
// the enforcement may list the rights again.
func stop(v *contracts.View, args StopArgs) (Result, *contracts.Refusal) {
	s, refusal := find(v, args.DisposalNo)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	if !s.record.State.Open() {
		s.wrongState(s.record.State)
	}
	if args.Reason == "" {
		s.Add(ledger.Failure{Code: contracts.EFormat, Field: "reason", Reason: contracts.ReasonEmpty})
	}
	s.record.StoppedAt, s.record.Reason = v.Time(), args.Reason
	return s.finish(Stopped, "stop", "disposal.stopped")
}
