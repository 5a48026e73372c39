// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
)

func TestASetOffTakesAFailedRoundAndEverybodyWhoHasAStake(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.failed()
	to := func(buyer, price string) args { return h.of(args{"buyers": []string{buyer}, "price": price}) }
	all := h.with(h.two(EX), BA, RX)
	h.because(contracts.ESignature, "signers", "", "disposals.set_off", to(BA, "800000000"), h.with(h.two(EX), RX))
	h.because(contracts.EConsent, "signers", "", "disposals.set_off", to(BA, "800000000"), h.with(h.two(EX), BA))
	h.because(contracts.EAmount, "price", contracts.ReasonReserve, "disposals.set_off", to(BA, "799999999"), all)
	h.because(contracts.ERole, "buyers", contracts.ReasonNotPledgee, "disposals.set_off", to(BB, "800000000"), all)
	h.because(contracts.ERole, "buyers", contracts.ReasonNotPledgee, "disposals.set_off", to(MD, "800000000"), all)
	h.must("disposals.set_off", to(BA, "800000000"), all)
	h.because(contracts.EState, "disposal_no", "DISPOSAL_SOLD", "disposals.set_off", to(BA, "800000000"), all)
}

func TestASetOffAsksThePledgeesOfOtherRanks(t *testing.T) {
	w := newWorldOf(t, sellers, `{"pledge":{"max_live":{"pat":3}}}`)
	id := w.confirmed(invention, nil, RX)
	h := &hammer{world: w, right: id, pledge: w.effective(BA, "Y2026510000123", id)}
	second := w.effective(BB, "Y2026510000124", id)
	h.enforce(h.pledge, BA, "PRIVATE_SALE")
	h.listed(nil)
	h.failed()
	to := h.of(args{"buyers": []string{BA}, "price": "800000000"})
	h.because(contracts.ESignature, "signers", "", "disposals.set_off", to, h.with(h.two(EX), BA, RX))
	h.must("disposals.set_off", to, h.with(h.two(EX), BA, RX, BB))
	h.settled()
	// The second pledge follows the right to its new owner, and is not asked again.
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{BA}})
	if got := h.status(canonical); len(got.Pledges) != 2 || got.Pledges[1].PledgeNo != second {
		t.Fatalf("%+v", got)
	}
	// It does not make its pledgee the owner.
	o := h.do("rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": []string{BB}}), h.with(h.two(IPO), BA, BB))
	want(t, o, contracts.EForbidden, "")
}

func TestABuyerOutsideTheLedgerStandsByTheName(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.opens()
	h.must("disposals.bid", h.of(nil), h.two(EX))
	h.ends()
	to := func(names ...string) args { return h.of(args{"price": "800000000", "outside_buyers": names}) }
	bank := h.party(BA).NameZH
	h.because(contracts.EFormat, "outside_buyers[0]", contracts.ReasonRegistered, "disposals.close", to(bank), h.two(EX))
	h.because(contracts.EFormat, "outside_buyers[1]", contracts.ReasonRepeated, "disposals.close", to("甲公司", "甲公司"), h.two(EX))
	h.because(contracts.EFormat, "outside_buyers[0]", contracts.ReasonEmpty, "disposals.close", to(""), h.two(EX))
	h.must("disposals.close", to("甲公司", "乙公司"), h.two(EX))
	h.settled()
	want(t, h.event(h.right, "TRANSFERRED", args{"outside_owners": []string{"甲公司"}}), contracts.EConsent, "")
	h.happened(h.right, "TRANSFERRED", args{"outside_owners": []string{"甲公司", "乙公司"}})
	if got := h.world.record(canonical); len(got.Owners) != 0 || len(got.Outsiders) != 2 || got.Sale.EnteredAt == 0 {
		t.Fatalf("%+v", got)
	}
}

func TestTheSuccessorOfABuyerIsEntered(t *testing.T) {
	for _, kind := range []string{"MERGER", "SPLIT"} {
		h := enforced(t, "PRIVATE_SALE")
		h.listed(nil)
		h.sold("800000000", MD)
		h.settled()
		h.openVotes()
		a := args{"to": LQ}
		if kind == "SPLIT" {
			a["records"] = []string{h.no} // of all that MD has, what it bought here
		}
		h.must("parties.succeed", h.succession(kind, MD, a), h.admin(REG))
		want(t, h.event(h.right, "TRANSFERRED", args{"owners": []string{MD}}), contracts.EConsent, "")
		h.happened(h.right, "TRANSFERRED", args{"owners": []string{LQ}})
	}
}

func TestWhatIsFrozenOrEndedIsNotSoldPrivately(t *testing.T) {
	freeze := func(h *hammer) string { return h.freeze(h.right, "（2026）川01执保1号", nil) }
	for _, route := range []string{"PRIVATE_SALE", "AGREEMENT"} {
		h := enforced(t, route)
		freeze(h)
		a := h.offer(nil)
		if route == "AGREEMENT" {
			a = h.agreement(nil)
		}
		h.because(contracts.EFrozen, "rights", "", "disposals.list", a, h.with(h.two(EX), BA))
	}
	h := enforced(t, "COURT")
	freeze(h)
	h.no = h.must("disposals.list", h.offer(nil), h.two(CT))["disposal_no"].(string)

	h = enforced(t, "PRIVATE_SALE", "201710601862.3")
	h.listed(nil)
	h.happened(h.right, "ABANDONED", args{"court_document": paper})
	h.opens()
	h.because(contracts.EExpired, "rights", "", "disposals.bid", h.of(nil), h.two(EX))
	h.must("disposals.stop", h.of(args{"reason": "标的之一已放弃"}), h.two(EX))
	h.listed(nil) // what lives
	if r := h.record(); len(r.Rights) != 1 {
		t.Fatalf("%+v", r.Rights)
	}
}

func TestABuyerWhoDoesNotPayLeavesTheRightToBeListedAgain(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", MD)
	h.must("disposals.stop", h.of(args{"reason": "买受人逾期未付款"}), h.two(EX))
	if r := h.world.record(canonical); r.Sale != nil {
		t.Fatalf("%+v", r.Sale)
	}
	h.listed(nil)
	h.wantState(disposals.Listed)
}

func TestASaleThatAnEndedPledgeLeftBehindMovesNothing(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", BA)
	h.settled()
	h.must("pledges.cancel", args{"pledge_no": h.pledge, "cancellation_ref": "C1", "cancellation_time": h.time, "court_document": paper}, h.two(IPO))
	h.must("rights.refresh", h.facts(h.right, nil), h.two(IPO))
	h.effective(BB, "Y2026510000124", h.right)
	want(t, h.event(h.right, "TRANSFERRED", args{"owners": []string{BA}}), contracts.EConsent, "")
}

func TestADisposalNamesItsPartiesAndTheIndexOnlyWhatIsPublic(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", MD)
	got := h.terms(disposals.RecordKey(h.no))
	if !slices.Equal(got, []string{
		"disposals/area/510100/SOLD", "disposals/pledge/" + h.pledge, "disposals/right/" + rights.RecordKey(identifier.PatentSpace, canonical),
	}) {
		t.Fatalf("%q", got)
	}
	file := read[disposals.File](h.world, disposals.FileKey(h.no))
	if !slices.Equal(file.Buyers, []string{MD}) || len(file.Steps) != 2 || file.Steps[0].Method != "list" || !slices.Contains(file.Steps[0].SignedFor, BA) {
		t.Fatalf("%+v", file)
	}
}

func TestARightThatWasSoldIsSoldAgainUnderAnotherPledgeOnlyFromItsBuyer(t *testing.T) {
	w := newWorldOf(t, sellers, `{"pledge":{"max_live":{"pat":3}}}`)
	id := w.confirmed(invention, nil, RX)
	h := &hammer{world: w, right: id, pledge: w.effective(BA, "Y2026510000123", id)}
	second := w.effective(BB, "Y2026510000124", id)
	h.enforce(h.pledge, BA, "PRIVATE_SALE")
	h.enforce(second, BB, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", MD)
	h.settled()
	again := func() args { return h.offer(args{"pledge_no": second}) }
	h.because(contracts.EState, "rights", "DISPOSAL_SETTLED", "disposals.list", again(), h.with(h.two(EX), BB))
	// The first pledge ends before the register has entered the buyer, who stays the buyer.
	h.must("pledges.consent_release", args{"pledge_no": h.pledge, "ground": "REALISED"}, h.two(BA))
	h.must("pledges.cancel", args{"pledge_no": h.pledge, "cancellation_ref": "C1", "cancellation_time": h.time}, h.two(IPO))
	h.because(contracts.EState, "rights", "DISPOSAL_SETTLED", "disposals.list", again(), h.with(h.two(EX), BB))
	want(t, h.event(id, "TRANSFERRED", args{"owners": []string{MD}}), contracts.EConsent, "")
	h.must("rights.status_event", h.eventArgs(id, "TRANSFERRED", args{"owners": []string{MD}}), h.with(h.two(IPO), BB))
	h.must("disposals.list", again(), h.with(h.two(EX), BB))
}

func TestAnEntryOfTheBuyersThatIsTakenBackIsMadeAgain(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", MD)
	h.settled()
	settled := h.time
	h.time += contracts.Days(1)
	to := args{"owners": []string{MD}}
	entry := h.told(h.right, "TRANSFERRED", to)
	h.time += contracts.Days(1)
	h.corrected(h.right, entry, args{"fact_time": settled}, RX, MD, BA)
	if r := h.world.record(canonical); r.Sale.EnteredAt != r.OwnersAt || !slices.Equal(r.Owners, []string{MD}) {
		t.Fatalf("%+v", r)
	}
	h.corrected(h.right, entry, args{"annulled": true}, RX, MD, BA)
	if r := h.world.record(canonical); r.Sale.EnteredAt != 0 || !slices.Equal(r.Owners, []string{RX}) {
		t.Fatalf("%+v", r)
	}
	h.happened(h.right, "TRANSFERRED", to)
}
