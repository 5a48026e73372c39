// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/ledger"
)

// Those who sell.
const (
	EX  = "91510000MA6Q6U7W2U" // exchange
	EX2 = "91510100MA6P5R6T70" // another exchange
)

var sellers = func() map[string]contracts.PartyRole {
	all := maps.Clone(roles)
	all[EX], all[EX2], all[CT] = contracts.Exchange, contracts.Exchange, contracts.Court
	return all
}()

// A hammer is a world in which a pledge of RX to BA is being enforced.
type hammer struct {
	*world
	right  string
	pledge string
	no     string // of the disposal, once it is listed
}

// enforced carries a pledge into its enforcement on a route.
func enforced(t *testing.T, route string, numbers ...string) *hammer {
	w := newWorldOf(t, sellers)
	var ids []string
	for _, number := range append([]string{invention}, numbers...) {
		ids = append(ids, w.confirmed(number, nil, RX))
	}
	h := &hammer{world: w, right: ids[0], pledge: w.effective(BA, "Y2026510000123", ids...)}
	h.enforce(h.pledge, BA, route)
	return h
}

func (h *hammer) enforce(pledge, bank, route string) {
	h.t.Helper()
	h.must("pledges.start_enforcement", args{"pledge_no": pledge, "ground": "DEFAULT", "route": route}, h.two(bank))
}

// offer are the arguments of disposals.list of an auction that opens when the notice has
// run and lasts a day.
func (h *hammer) offer(more args) args {
	opens := h.time + contracts.Days(20)
	a := args{
		"pledge_no": h.pledge, "kind": "AUCTION", "currency": "CNY", "reference_price": "1000000000", "reserve_price": "800000000",
		"opens_at": opens, "closes_at": opens + contracts.Days(1),
	}
	maps.Copy(a, more)
	return a
}

// agreement are those of an agreement on a price.
func (h *hammer) agreement(more args) args {
	a := h.offer(args{"kind": "AGREEMENT", "valuation": paper})
	delete(a, "opens_at")
	delete(a, "closes_at")
	maps.Copy(a, more)
	return a
}

func (h *hammer) listed(more args) {
	h.t.Helper()
	h.no = h.must("disposals.list", h.offer(more), h.with(h.two(EX), BA))["disposal_no"].(string)
}

// of are arguments that name the disposal.
func (h *hammer) of(more args) args {
	a := args{"disposal_no": h.no}
	maps.Copy(a, more)
	return a
}

func (h *hammer) record() disposals.Record {
	h.t.Helper()
	return read[disposals.Record](h.world, disposals.RecordKey(h.no))
}

// opens and ends set the clock to the begin and the end of the newest round.
func (h *hammer) opens() { h.time = h.record().Round().OpensAt }
func (h *hammer) ends()  { h.time = h.record().Round().ClosesAt }

// again are the arguments of disposals.relist.
func (h *hammer) again(kind, reserve string) args {
	opens := h.time + contracts.Days(20)
	return h.of(args{"kind": kind, "reserve_price": reserve, "opens_at": opens, "closes_at": opens + contracts.Days(1)})
}

// failed lets the newest round pass without a bid.
func (h *hammer) failed() {
	h.t.Helper()
	h.ends()
	h.must("disposals.fail", h.of(nil), h.two(EX))
}

// sold sells to buyers after a bid.
func (h *hammer) sold(price string, buyers ...string) {
	h.t.Helper()
	h.opens()
	h.must("disposals.bid", h.of(nil), h.two(EX))
	h.ends()
	h.must("disposals.close", h.of(args{"price": price, "buyers": buyers}), h.two(EX))
}

func (h *hammer) settled() {
	h.t.Helper()
	h.must("disposals.settle", h.of(nil), h.with(h.two(EX), BA))
}

// because runs a transaction that has to be rejected for a reason in a field.
func (h *hammer) because(code, field, reason, method string, a args, signers []ledger.Signer) {
	h.t.Helper()
	o := h.refused(code, "", method, a, signers)
	if !slices.ContainsFunc(o.Details, func(f ledger.Failure) bool { return f.Field == field && f.Reason == reason }) {
		h.t.Fatalf("%s: %+v, want %s %s", method, o.Details, field, reason)
	}
}

func (h *hammer) wantState(state disposals.State) {
	h.t.Helper()
	if got := h.record().State; got != state {
		h.t.Fatalf("the disposal is %s, want %s", got, state)
	}
}

// TestFromDefaultToTheBuyerInTheRegister goes the whole way: a round without a bid, a
// second one, the sale, the payment, the entry in the register, the end of the pledge.
func TestFromDefaultToTheBuyerInTheRegister(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.failed()
	h.wantState(disposals.Failed)
	h.must("disposals.relist", h.again("AUCTION", "600000000"), h.with(h.two(EX), BA))
	h.opens()
	for range 2 {
		h.must("disposals.bid", h.of(nil), h.two(EX))
	}
	h.ends()
	h.must("disposals.close", h.of(args{"price": "610000000", "buyers": []string{MD}}), h.two(EX))

	// A sale that nobody has paid for moves nothing and lets nobody go.
	to := args{"owners": []string{MD}}
	want(t, h.event(h.right, "TRANSFERRED", to), contracts.EConsent, "")
	h.because(contracts.EState, "ground", contracts.ReasonNotSold, "pledges.consent_release", args{"pledge_no": h.pledge, "ground": "REALISED"}, h.two(BA))
	h.settled()

	r := h.record()
	if r.State != disposals.Settled || len(r.Rounds) != 2 || r.Rounds[0].FailedAt == 0 || r.Round().Bids != 2 || r.Price != 610_000_000 || r.Manner != "AUCTION" {
		t.Fatalf("%+v", r)
	}
	sale := h.world.record(canonical).Sale
	if sale == nil || sale.DisposalNo != h.no || sale.PledgeNo != h.pledge || !slices.Equal(sale.Buyers, []string{MD}) || sale.EnteredAt != 0 {
		t.Fatalf("%+v", sale)
	}

	// Others than the buyers still need the pledgees.
	for _, others := range [][]string{{LQ}, {MD, LQ}, {BA}} {
		want(t, h.event(h.right, "TRANSFERRED", args{"owners": others}), contracts.EConsent, "")
	}
	want(t, h.event(h.right, "TRANSFERRED", args{"owners": []string{MD}, "outside_owners": []string{"某公司"}}), contracts.EConsent, "")
	want(t, h.event(h.right, "TRANSFERRED", args{"owners": []string{MD}, "fact_time": sale.SettledAt - contracts.Days(1)}), contracts.EConsent, "")
	h.happened(h.right, "TRANSFERRED", to)
	got := h.world.record(canonical)
	if !slices.Equal(got.Owners, []string{MD}) || got.Sale == nil || got.Sale.EnteredAt == 0 || len(got.Pledges) != 1 {
		t.Fatalf("%+v", got)
	}
	// The sale is used up: the next transfer needs the pledgees, also back and forth.
	want(t, h.event(h.right, "TRANSFERRED", args{"owners": []string{LQ}}), contracts.EConsent, "")
	o := h.do("rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": []string{RX}}), h.with(h.two(IPO), BA))
	if o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	want(t, h.event(h.right, "TRANSFERRED", to), contracts.EConsent, "")

	h.must("pledges.consent_release", args{"pledge_no": h.pledge, "ground": "REALISED"}, h.two(BA))
	h.must("pledges.cancel", args{"pledge_no": h.pledge, "cancellation_ref": "C1", "cancellation_time": h.time}, h.two(IPO))
	if p := read[pledges.Record](h.world, pledges.RecordKey(h.pledge)); p.State != pledges.Realised || p.Ground != pledges.GroundRealised {
		t.Fatalf("%+v", p)
	}
}

func TestAPledgeeBecomesOwnerOnlyByASettledSaleOrACourt(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	take := func(signers []ledger.Signer) ledger.Outcome {
		return h.do("rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": []string{BA}}), signers)
	}
	everybody := func() []ledger.Signer { return h.with(h.two(IPO), BA, RX) }
	forfeits := func(when string) {
		t.Helper()
		o := take(everybody())
		if o.Status != ledger.Rejected || o.Code != contracts.EForbidden || o.Details[0].Reason != contracts.ReasonForfeiture {
			t.Fatalf("%s: %+v", when, o)
		}
	}
	forfeits("in the enforcement")
	h.listed(nil)
	forfeits("while it is listed")
	h.because(contracts.EState, "disposal_no", "DISPOSAL_LISTED", "disposals.set_off", h.of(args{"buyers": []string{BA}, "price": "900000000"}), h.with(h.two(EX), BA, RX))
	h.failed()
	forfeits("after a failed round")
	h.must("disposals.set_off", h.of(args{"buyers": []string{BA}, "price": "800000000"}), h.with(h.two(EX), BA, RX))
	forfeits("before it is settled")
	if r := h.record(); r.Manner != disposals.SetOff || r.Price != 800_000_000 || r.State != disposals.Sold {
		t.Fatalf("%+v", r)
	}
	h.settled()
	if o := take(h.two(IPO)); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	if got := h.world.record(canonical); !slices.Equal(got.Owners, []string{BA}) {
		t.Fatalf("%+v", got)
	}
}

func TestAPledgeeMayTakeAtAPriceThatIsAgreedInTheEnforcement(t *testing.T) { // Civil Code, article 436
	w := newWorldOf(t, sellers)
	h := &hammer{world: w, right: w.mark("12345678")}
	h.pledge = w.submitted(BA, h.right)
	w.registered(h.pledge, args{"statutory_no": "商1号"})
	w.registered(w.submitted(BB, h.right), args{"statutory_no": "商2号"})
	h.enforce(h.pledge, BA, "AGREEMENT")
	h.no = h.must("disposals.list", h.agreement(nil), h.with(h.two(EX), BA))["disposal_no"].(string)
	to := h.of(args{"buyers": []string{BA}, "price": "800000000"})
	h.because(contracts.EConsent, "signers", "", "disposals.close", to, h.with(h.two(EX), BA, BB))
	h.because(contracts.ESignature, "signers", "", "disposals.close", to, h.with(h.two(EX), BA, RX)) // BB's pledge would go unpaid
	h.must("disposals.close", to, h.with(h.two(EX), BA, BB, RX))
	o := h.do("rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": []string{BA}}), h.with(h.two(IPO), BA, BB, RX))
	want(t, o, contracts.EForbidden, "") // it is not settled yet
	h.settled()
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{BA}})
}

func TestAPledgeeMayBuyAsABidder(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", BA)
	h.settled()
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{BA}})
}

func TestASaleToAnotherDoesNotMakeAPledgeeOwner(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", MD)
	h.settled()
	for _, owners := range [][]string{{BA}, {BA, MD}} {
		o := h.do("rights.status_event", h.eventArgs(h.right, "TRANSFERRED", args{"owners": owners}), h.with(h.two(IPO), BA))
		want(t, o, contracts.EForbidden, "")
	}
}

func TestAnAgreementOnAPriceNeedsAValuationAndBothSides(t *testing.T) {
	h := enforced(t, "AGREEMENT")
	both := func() []ledger.Signer { return h.with(h.two(EX), BA) }
	h.because(contracts.EState, "kind", contracts.ReasonRoute, "disposals.list", h.offer(nil), both())
	for _, none := range []any{nil, strings.Repeat("0", 64)} {
		a := h.agreement(nil)
		if delete(a, "valuation"); none != nil {
			a["valuation"] = none
		}
		h.because(contracts.EValuation, "valuation", contracts.ReasonMissing, "disposals.list", a, both())
	}
	h.because(contracts.EFormat, "opens_at", contracts.ReasonByAgreement, "disposals.list", h.agreement(args{"opens_at": h.time, "closes_at": h.time + 1}), both())
	h.because(contracts.ESignature, "signers", "", "disposals.list", h.agreement(nil), h.two(EX))
	h.no = h.must("disposals.list", h.agreement(nil), both())["disposal_no"].(string)

	h.because(contracts.EState, "disposal_no", contracts.ReasonByAgreement, "disposals.bid", h.of(nil), h.two(EX))
	h.because(contracts.EState, "disposal_no", contracts.ReasonByAgreement, "disposals.fail", h.of(nil), h.two(EX))
	to := func(buyer, price string) args { return h.of(args{"buyers": []string{buyer}, "price": price}) }
	h.because(contracts.EConsent, "signers", "", "disposals.close", to(MD, "800000000"), both())
	h.because(contracts.ESignature, "signers", "", "disposals.close", to(MD, "800000000"), h.with(h.two(EX), RX))
	h.because(contracts.EAmount, "price", contracts.ReasonReserve, "disposals.close", to(MD, "799999999"), h.with(h.two(EX), BA, RX))
	h.must("disposals.close", to(MD, "800000000"), h.with(h.two(EX), BA, RX))
	h.settled()
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{MD}})
}

func TestNobodySellsOverTheHeadsOfThoseBeforeHim(t *testing.T) {
	for _, route := range []string{"PRIVATE_SALE", "AGREEMENT"} {
		w := newWorldOf(t, sellers, `{"pledge":{"max_live":{"pat":3}}}`)
		id := w.confirmed(invention, nil, RX)
		w.effective(BB, "Y2026510000124", id)
		h := &hammer{world: w, right: id, pledge: w.effective(BA, "Y2026510000123", id)}
		h.enforce(h.pledge, BA, route)
		if route == "AGREEMENT" {
			h.no = h.must("disposals.list", h.agreement(nil), h.with(h.two(EX), BA))["disposal_no"].(string)
			a := h.of(args{"buyers": []string{MD}, "price": "800000000"})
			h.refused(contracts.ESignature, "", "disposals.close", a, h.with(h.two(EX), BA, RX))
			h.must("disposals.close", a, h.with(h.two(EX), BA, RX, BB))
		} else {
			h.listed(nil)
			h.opens()
			h.must("disposals.bid", h.of(nil), h.two(EX))
			h.ends()
			h.must("disposals.close", h.of(args{"price": "800000000", "buyers": []string{MD}}), h.two(EX))
		}
		h.refused(contracts.EConsent, "", "disposals.settle", h.of(nil), h.with(h.two(EX), BA))
		h.must("disposals.settle", h.of(nil), h.with(h.two(EX), BA, BB))
	}
}

func TestAPledgeeDoesNotBuyForNextToNothingAtItsOwnSale(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(args{"reserve_price": "1"})
	h.opens()
	h.must("disposals.bid", h.of(nil), h.two(EX))
	h.ends()
	h.refused(contracts.EAmount, "", "disposals.close", h.of(args{"price": "1", "buyers": []string{BA}}), h.two(EX))
	h.refused(contracts.EAmount, "", "disposals.close", h.of(args{"price": "699999999", "buyers": []string{BA}}), h.two(EX))
	h.must("disposals.close", h.of(args{"price": "700000000", "buyers": []string{BA}}), h.two(EX))
}
