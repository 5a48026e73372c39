// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/ledger"
)

func TestAListingIsRefusedWithItsReason(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	other := h.confirmed(model, nil, RX)
	both := h.with(h.two(EX), BA)
	notice := h.moment("2026-03-16 23:59")
	for name, c := range map[string]struct {
		more                args
		code, field, reason string
	}{
		"no such currency":       {args{"currency": "RMB"}, contracts.EAmount, "currency", "CURRENCY"},
		"no reference price":     {args{"reference_price": "0"}, contracts.EAmount, "reference_price", contracts.ReasonEmpty},
		"no reserve price":       {args{"reserve_price": "0"}, contracts.EAmount, "reserve_price", contracts.ReasonEmpty},
		"an agreement":           {args{"kind": "AGREEMENT", "valuation": paper}, contracts.EState, "kind", contracts.ReasonRoute},
		"no time to open":        {args{"opens_at": 0}, contracts.EFormat, "opens_at", contracts.ReasonMissing},
		"no time to close":       {args{"closes_at": 0}, contracts.EFormat, "closes_at", contracts.ReasonMissing},
		"opens in the past":      {args{"opens_at": h.time - 1}, contracts.EClock, "opens_at", contracts.ReasonTooEarly},
		"closes before it opens": {args{"closes_at": h.time}, contracts.EClock, "closes_at", ""},
		"closes in a lifetime":   {args{"closes_at": int64(1) << 62}, contracts.EClock, "closes_at", ""},
		"19 days of notice":      {args{"opens_at": notice - contracts.Days(1)}, contracts.ETerm, "opens_at", contracts.ReasonNotice},
		"a right not pledged":    {args{"rights": []string{other}}, contracts.EState, "rights", contracts.ReasonNotInPledge},
		"a right twice":          {args{"rights": []string{h.right, "PATENT:" + canonical}}, contracts.EFormat, "rights[1]", contracts.ReasonRepeated},
		"an unknown right":       {args{"rights": []string{"PATENT:201710601862.3"}}, contracts.ENotFound, "rights[0]", ""},
		"an empty valuation":     {args{"valuation": strings.Repeat("0", 64)}, contracts.EValuation, "valuation", contracts.ReasonMissing},
	} {
		o := h.do("disposals.list", h.offer(c.more), both)
		if o.Status != ledger.Rejected || o.Code != c.code || !slices.ContainsFunc(o.Details, func(f ledger.Failure) bool { return f.Field == c.field && f.Reason == c.reason }) {
			t.Errorf("%s: %v %+v, want %s %s %s", name, o.Status, o.Details, c.code, c.field, c.reason)
		}
	}
	h.because(contracts.ESignature, "signers", "", "disposals.list", h.offer(nil), h.two(EX))
	h.because(contracts.EState, "pledge_no", contracts.ReasonRoute, "disposals.list", h.offer(nil), h.with(h.two(CT), BA))
	h.at("2026-02-24 23:00")
	h.must("disposals.list", h.offer(args{"opens_at": h.moment("2026-03-16 00:00")}), both)
}

func TestAmountsAreDecimalIntegersInATextOfMinorUnits(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	m, _ := h.methods.Lookup("disposals", 1, "close")
	for text, want := range map[string]string{
		`"1"`: "", `"9000000000000000"`: "", `"9000000000000001"`: "E_AMOUNT RANGE", `"99999999999999999999999"`: "E_AMOUNT RANGE",
		`"100.5"`: "E_AMOUNT SCALE", `"-1"`: "E_FORMAT FORMAT", `"01"`: "E_FORMAT FORMAT", `"1e6"`: "E_FORMAT FORMAT", `"1,000"`: "E_FORMAT FORMAT", `""`: "E_FORMAT FORMAT",
		`1`: "E_FORMAT TYPE", `null`: "E_FORMAT TYPE", `{}`: "E_FORMAT TYPE",
	} {
		_, r := m.EncodeArgs([]byte(`{"disposal_no":"DSP-510100-20260224-0000001-1","price":` + text + `}`))
		got := ""
		if r.Refuses() {
			got = r.Failures[0].Code + " " + r.Failures[0].Reason
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	// Bytes know integers, and their bounds are the same.
	for price, code := range map[contracts.Amount]string{-1: contracts.EFormat, contracts.MaxAmount + 1: contracts.EAmount} {
		tx := h.tx("disposals.close", args{"disposal_no": h.pledge, "price": "1"}, h.two(EX), func(b *ledger.Body) {
			b.Args = ledger.Encode(disposals.CloseArgs{DisposalNo: h.pledge, Price: price})
		})
		want(t, h.block(tx)[0], code, "")
	}
}

func TestOnlyAPledgeThatIsEnforcedIsSold(t *testing.T) {
	w := newWorldOf(t, sellers)
	id := w.confirmed(invention, nil, RX)
	h := &hammer{world: w, right: id, pledge: w.effective(BA, "Y2026510000123", id)}
	h.because(contracts.EState, "pledge_no", "EFFECTIVE", "disposals.list", h.offer(nil), h.with(h.two(EX), BA))
	h.enforce(h.pledge, BA, "COURT")
	h.because(contracts.EState, "pledge_no", contracts.ReasonRoute, "disposals.list", h.offer(nil), h.with(h.two(EX), BA))
	h.no = h.must("disposals.list", h.offer(nil), h.two(CT))["disposal_no"].(string)
	// The debt is paid after all: the disposal is over without any transaction.
	h.must("pledges.end_enforcement", args{"pledge_no": h.pledge, "outcome": "CURED"}, h.two(BA))
	h.opens()
	h.because(contracts.EState, "disposal_no", contracts.ReasonNoEnforcing, "disposals.bid", h.of(nil), h.two(CT))
	h.enforce(h.pledge, BA, "COURT")
	h.because(contracts.EState, "disposal_no", contracts.ReasonNoEnforcing, "disposals.bid", h.of(nil), h.two(CT))
	// It does not stand in the way of the next enforcement, which ends it for good.
	first := h.no
	h.no = h.must("disposals.list", h.offer(nil), h.two(CT))["disposal_no"].(string)
	if r := read[disposals.Record](h.world, disposals.RecordKey(first)); r.State != disposals.Stopped || r.StoppedAt == 0 {
		t.Fatalf("%+v", r)
	}
	h.wantState(disposals.Listed)
}

func TestARightIsInOneOpenDisposalAtMost(t *testing.T) {
	const third = "201710601862.3"
	h := enforced(t, "PRIVATE_SALE", third)
	both := func() []ledger.Signer { return h.with(h.two(EX), BA) }
	h.listed(args{"rights": []string{h.right}})
	first := h.no
	h.because(contracts.EState, "rights", "DISPOSAL_LISTED", "disposals.list", h.offer(nil), both())
	h.because(contracts.EState, "rights", "DISPOSAL_LISTED", "disposals.list", h.offer(args{"rights": []string{h.right}}), h.with(h.two(EX2), BA))
	h.listed(args{"rights": []string{"PATENT:" + third}})
	second := h.no
	h.no = first
	h.failed()
	h.because(contracts.EState, "rights", "DISPOSAL_FAILED", "disposals.list", h.offer(args{"rights": []string{h.right}}), both())
	h.must("disposals.stop", h.of(args{"reason": "无人应买"}), h.two(EX))
	h.because(contracts.EState, "disposal_no", "DISPOSAL_STOPPED", "disposals.stop", h.of(args{"reason": "x"}), h.two(EX))
	h.no = second
	h.must("disposals.stop", h.of(args{"reason": "合并处分"}), h.two(EX))

	h.listed(args{"rights": []string{h.right}})
	h.sold("800000000", MD)
	h.because(contracts.EState, "rights", "DISPOSAL_SOLD", "disposals.list", h.offer(args{"rights": []string{h.right}}), both())
	h.settled()
	h.because(contracts.EState, "rights", "DISPOSAL_SETTLED", "disposals.list", h.offer(args{"rights": []string{h.right}}), both())
	// What is left is what is offered where nobody names rights.
	h.listed(nil)
	if r := h.record(); len(r.Rights) != 1 || r.Rights[0].Number == canonical {
		t.Fatalf("%+v", r.Rights)
	}
	h.must("disposals.stop", h.of(args{"reason": "x"}), h.two(EX))
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{MD}})
	h.because(contracts.EState, "rights", "DISPOSAL_SETTLED", "disposals.list", h.offer(args{"rights": []string{h.right}}), both())
}

func TestOnlyWhoKeepsADisposalReportsOnIt(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	for _, other := range []string{EX2, CT} {
		for method, more := range map[string]args{
			"bid": nil, "fail": nil, "settle": nil, "stop": {"reason": "x"}, "close": {"price": "1", "buyers": []string{MD}},
			"set_off": {"price": "1", "buyers": []string{BA}},
			"relist":  {"kind": "AUCTION", "reserve_price": "1", "opens_at": h.time, "closes_at": h.time + 1},
		} {
			o := h.do("disposals."+method, h.of(more), h.two(other))
			if o.Code != contracts.ERole || o.Details[0].Reason != contracts.ReasonOtherVenue {
				t.Errorf("%s: %+v", method, o)
			}
		}
	}
	h.refused(contracts.ERole, "", "disposals.bid", h.of(nil), h.two(BA))
	h.refused(contracts.ENotFound, "", "disposals.bid", args{"disposal_no": h.pledge}, h.two(EX))
	h.refused(contracts.ECheckDigit, "", "disposals.bid", args{"disposal_no": "DSP-510100-20260224-0000001-1"}, h.two(EX))
}
