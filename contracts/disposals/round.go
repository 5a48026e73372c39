// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import (
	"math/bits"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/ledger"
)

// maxAuctions is how many auctions a disposal has before the sell-off (Supreme Court,
// provisions on online judicial auctions, article 26).
const maxAuctions = 2

// maxAheadDays is how far ahead a round may end.
const maxAheadDays = 3660

// offer adds a round, as the route lets it. A private sale is the pledgees' own: they
// sign for each round, and for an agreement, too.
func (s *sale) offer(round Round) {
	v := s.v
	if s.record.Route != pledges.RouteCourt {
		s.pledgeesAgree()
	}
	if round.ReservePrice == 0 {
		s.Add(ledger.Failure{Code: contracts.EAmount, Field: "reserve_price", Reason: contracts.ReasonEmpty})
	}
	if least := s.leastReserve(); round.ReservePrice < least {
		s.Add(ledger.Failure{Code: contracts.EAmount, Field: "reserve_price", Subject: least.String(), Reason: contracts.ReasonReserveFloor})
	}
	if round.Kind == Agreement {
		if round.OpensAt != 0 || round.ClosesAt != 0 {
			s.Add(ledger.Failure{Code: contracts.EFormat, Field: "opens_at", Reason: contracts.ReasonByAgreement})
		}
	} else {
		s.checkTimes(round)
	}
	round.ListedAt = v.Time()
	s.record.Rounds = append(s.record.Rounds[:len(s.record.Rounds):len(s.record.Rounds)], round)
}

// checkTimes puts the times of a round in order.
func (s *sale) checkTimes(round Round) {
	for _, field := range []struct {
		name string
		time int64
	}{{"opens_at", round.OpensAt}, {"closes_at", round.ClosesAt}} {
		if field.time == 0 {
			s.Add(ledger.Failure{Code: contracts.EFormat, Field: field.name, Reason: contracts.ReasonMissing})
		}
	}
	if round.OpensAt == 0 || round.ClosesAt == 0 {
		return
	}
	now := s.v.Time()
	if round.OpensAt < now {
		s.Add(ledger.Failure{Code: contracts.EClock, Field: "opens_at", Subject: identifier.TimeText(now), Reason: contracts.ReasonTooEarly})
	}
	if round.ClosesAt <= round.OpensAt || round.ClosesAt > now+contracts.Days(maxAheadDays) {
		s.Add(ledger.Failure{Code: contracts.EClock, Field: "closes_at"})
		return
	}
	if s.record.Route != pledges.RoutePrivateSale {
		return
	}
	first := s.v.Today().AddDays(int(s.v.Figure(contracts.DisposalNoticeDays)))
	if identifier.DateOf(round.OpensAt).Before(first) {
		s.Add(ledger.Failure{Code: contracts.ETerm, Field: "opens_at", Subject: first.String(), Reason: contracts.ReasonNotice})
	}
}

// leastReserve is the least reserve price of the next round, where a court sells.
func (s *sale) leastReserve() contracts.Amount {
	if s.record.Route != pledges.RouteCourt {
		return 0
	}
	switch rounds := s.record.Rounds; len(rounds) {
	case 0:
		return shareOf(s.record.ReferencePrice, s.v.Figure(contracts.ReserveFirst))
	case 1:
		return shareOf(rounds[0].ReservePrice, s.v.Figure(contracts.ReserveSecond))
	default:
		return rounds[len(rounds)-1].ReservePrice
	}
}

// shareOf is a share of an amount in basis points, of at most all of it, rounded up: what
// is not less than it is not less than the share itself.
func shareOf(amount contracts.Amount, bp int64) contracts.Amount {
	const whole = 10_000
	high, low := bits.Mul64(uint64(amount), uint64(bp))
	low, carry := bits.Add64(low, whole-1, 0)
	quotient, _ := bits.Div64(high+carry, low, whole)
	return contracts.Amount(quotient)
}

// BidArgs are the arguments of disposals.bid.
type BidArgs struct {
	DisposalNo string `cbor:"1,keyasint" json:"disposal_no" schema:"format=platform_number"`
}

// bid counts one bid of the reserve price or more. Who bid and how much is in the sealed
// part.
func bid(v *contracts.View, args BidArgs) (Result, *contracts.Refusal) {
	s, refusal := at(v, args.DisposalNo, Listed)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	round := s.record.Round()
	switch {
	case round.Kind == Agreement:
		s.byAgreement()
	case v.Time() < round.OpensAt:
		s.notYet(round.OpensAt)
	case v.Time() >= round.ClosesAt:
		s.Add(ledger.Failure{Code: contracts.EClock, Field: "disposal_no", Subject: identifier.TimeText(round.ClosesAt), Reason: contracts.ReasonRoundOver})
	}
	v.Commitment(s.Refusal)
	s.record = s.record.change(func(round *Round) { round.Bids++ })
	return s.store("disposal.bid")
}

func (s *sale) byAgreement() {
	s.Add(ledger.Failure{Code: contracts.EState, Field: "disposal_no", Subject: s.record.DisposalNo, Reason: contracts.ReasonByAgreement})
}

// notYet refuses what may be done from a time of the round on.
func (s *sale) notYet(from int64) {
	s.Add(ledger.Failure{Code: contracts.EClock, Field: "disposal_no", Subject: identifier.TimeText(from), Reason: contracts.ReasonNotYet})
}

// checkClosed refuses the end of a round before its time.
func (s *sale) checkClosed() {
	if ends := s.record.Round().ClosesAt; s.v.Time() < ends {
		s.notYet(ends)
	}
}

// fail ends a round in which nobody bid the reserve price.
func fail(v *contracts.View, args BidArgs) (Result, *contracts.Refusal) {
	s, refusal := at(v, args.DisposalNo, Listed)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	round := s.record.Round()
	if round.Kind == Agreement {
		s.byAgreement()
	} else {
		s.checkClosed()
	}
	if round.Bids > 0 {
		s.Add(ledger.Failure{Code: contracts.EState, Field: "disposal_no", Subject: s.record.DisposalNo, Reason: contracts.ReasonBidPlaced})
	}
	s.record = s.record.change(func(round *Round) { round.FailedAt = v.Time() })
	return s.finish(Failed, "fail", "disposal.failed")
}

// RelistArgs are the arguments of disposals.relist.
type RelistArgs struct {
	DisposalNo   string           `cbor:"1,keyasint" json:"disposal_no" schema:"format=platform_number"`
	Kind         string           `cbor:"2,keyasint" json:"kind" schema:"enum=AUCTION|SELL_OFF"`
	ReservePrice contracts.Amount `cbor:"3,keyasint" json:"reserve_price"`
	OpensAt      int64            `cbor:"4,keyasint" json:"opens_at"`
	ClosesAt     int64            `cbor:"5,keyasint" json:"closes_at"`
}

// relist offers the rights anew after a failed round: at a second auction, and then at a
// sell-off.
func relist(v *contracts.View, args RelistArgs) (Result, *contracts.Refusal) {
	s, refusal := at(v, args.DisposalNo, Failed)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	auctions := 0
	for _, round := range s.record.Rounds {
		if round.Kind == SellOff {
			auctions = maxAuctions + 1
		}
		auctions++
	}
	if auctions > maxAuctions || auctions == maxAuctions && args.Kind == Auction {
		s.Add(ledger.Failure{Code: contracts.EState, Field: "kind", Subject: s.record.DisposalNo, Reason: contracts.ReasonRounds})
	}
	s.offer(Round{Kind: args.Kind, ReservePrice: args.ReservePrice, OpensAt: args.OpensAt, ClosesAt: args.ClosesAt})
	return s.finish(Listed, "relist", "disposal.relisted")
}
