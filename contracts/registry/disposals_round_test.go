// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

func TestARoundTakesBidsBetweenItsTimesAndEndsAfterThem(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	to := h.of(args{"price": "800000000", "buyers": []string{MD}})
	h.because(contracts.EClock, "disposal_no", contracts.ReasonNotYet, "disposals.bid", h.of(nil), h.two(EX))
	h.opens()
	h.refused(contracts.EContract, contracts.R07, "disposals.bid", h.of(nil), h.two(EX), func(b *ledger.Body) { b.Commitments = nil })
	closes := time.UnixMilli(h.record().Round().ClosesAt).In(time.FixedZone("", 8*3600)).Format("2006-01-02T15:04:05.000-07:00")
	for method, a := range map[string]args{"disposals.close": to, "disposals.fail": h.of(nil)} {
		h.because(contracts.EClock, "disposal_no", contracts.ReasonNotYet, method, a, h.two(EX))
		if o := h.refused(contracts.EClock, "", method, a, h.two(EX)); o.Details[0].Subject != closes {
			t.Errorf("%s names %q, want %s", method, o.Details[0].Subject, closes)
		}
	}
	h.time = h.record().Round().ClosesAt - 1
	h.must("disposals.bid", h.of(nil), h.two(EX))
	h.ends()
	h.because(contracts.EClock, "disposal_no", contracts.ReasonRoundOver, "disposals.bid", h.of(nil), h.two(EX))
	h.because(contracts.EState, "disposal_no", contracts.ReasonBidPlaced, "disposals.fail", h.of(nil), h.two(EX))
	h.because(contracts.EAmount, "price", contracts.ReasonReserve, "disposals.close", h.of(args{"price": "799999999", "buyers": []string{MD}}), h.two(EX))
	h.because(contracts.EFormat, "buyers", contracts.ReasonMissing, "disposals.close", h.of(args{"price": "800000000"}), h.two(EX))
	h.because(contracts.EState, "disposal_no", "DISPOSAL_LISTED", "disposals.settle", h.of(nil), h.with(h.two(EX), BA))
	h.because(contracts.EState, "disposal_no", "DISPOSAL_LISTED", "disposals.relist", h.again("AUCTION", "1"), h.with(h.two(EX), BA))
	h.must("disposals.close", to, h.two(EX))
	h.because(contracts.EState, "disposal_no", "DISPOSAL_SOLD", "disposals.close", to, h.two(EX))
	h.because(contracts.ESignature, "signers", "", "disposals.settle", h.of(nil), h.two(EX))
	h.settled()
	h.because(contracts.EState, "disposal_no", "DISPOSAL_SETTLED", "disposals.stop", h.of(args{"reason": "x"}), h.two(EX))
}

func TestARoundWithoutABidSellsNothing(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.ends()
	h.because(contracts.EState, "disposal_no", contracts.ReasonNoBid, "disposals.close", h.of(args{"price": "800000000", "buyers": []string{MD}}), h.two(EX))
	h.failed()
	h.because(contracts.EState, "disposal_no", "DISPOSAL_FAILED", "disposals.close", h.of(args{"price": "800000000", "buyers": []string{MD}}), h.two(EX))
}

func TestThereAreTwoAuctionsAndThenOneSellOff(t *testing.T) {
	for _, kinds := range [][]string{{"AUCTION", "AUCTION", "SELL_OFF"}, {"AUCTION", "SELL_OFF"}, {"SELL_OFF"}} {
		h := enforced(t, "PRIVATE_SALE")
		signers := h.with(h.two(EX), BA)
		h.listed(args{"kind": kinds[0]})
		h.failed()
		for i, kind := range kinds[1:] {
			if i == 1 {
				h.because(contracts.EState, "kind", contracts.ReasonRounds, "disposals.relist", h.again("AUCTION", "1"), signers)
			}
			h.because(contracts.ESignature, "signers", "", "disposals.relist", h.again(kind, "1"), h.two(EX))
			h.because(contracts.EAmount, "reserve_price", contracts.ReasonEmpty, "disposals.relist", h.again(kind, "0"), signers)
			h.must("disposals.relist", h.again(kind, "1"), signers)
			h.failed()
		}
		for _, kind := range []string{"AUCTION", "SELL_OFF"} {
			h.because(contracts.EState, "kind", contracts.ReasonRounds, "disposals.relist", h.again(kind, "1"), signers)
		}
		if got := h.record().Rounds; len(got) != len(kinds) {
			t.Fatalf("%+v", got)
		}
	}
}

func TestACourtsReservePriceHasAFloor(t *testing.T) {
	for _, c := range []struct {
		reference                  string
		tooLow, first, low, second string
	}{
		{"1000000000", "699999999", "700000000", "559999999", "560000000"},
		{"9000000000000000", "6299999999999999", "6300000000000000", "5039999999999999", "5040000000000000"},
		{"1000000001", "700000000", "700000001", "560000000", "560000001"}, // of 700,000,000.7 and 560,000,000.8
		{"1", "0", "1", "0", "1"},
	} {
		h := enforced(t, "COURT")
		court := h.two(CT)
		a := func(reserve string) args {
			return h.offer(args{"reference_price": c.reference, "reserve_price": reserve, "opens_at": h.time})
		}
		h.because(contracts.EAmount, "reserve_price", contracts.ReasonReserveFloor, "disposals.list", a(c.tooLow), court)
		h.no = h.must("disposals.list", a(c.first), court)["disposal_no"].(string)
		fail := func() {
			h.ends()
			h.must("disposals.fail", h.of(nil), court)
		}
		fail()
		h.because(contracts.EAmount, "reserve_price", contracts.ReasonReserveFloor, "disposals.relist", h.again("AUCTION", c.low), court)
		h.must("disposals.relist", h.again("AUCTION", c.second), court)
		fail()
		h.because(contracts.EAmount, "reserve_price", contracts.ReasonReserveFloor, "disposals.relist", h.again("SELL_OFF", c.low), court)
		h.must("disposals.relist", h.again("SELL_OFF", c.second), court)
	}
}
