// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"reflect"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// pledgedThen gives a patent of RX that was pledged to BA, and a time at which it was. The
// pledge has been released since if the world says so.
func pledgedThen(t *testing.T, released bool) (w *world, id, no string, then int64) {
	w = newWorld(t)
	id = w.confirmed(invention, nil, RX)
	no = w.effective(BA, "Y2026510000123", id)
	then = w.time + 60_000
	w.time += contracts.Days(2)
	if released {
		w.cancelled(no, BA)
		w.time += contracts.Days(1)
	}
	return w, id, no, then
}

func TestAFactIsJudgedByThePledgesOfItsTimeAlsoIfTheyHaveBeenReleasedSince(t *testing.T) {
	for name, c := range map[string]struct {
		event  string
		more   args
		agree  []string
		reason string
	}{
		"to its pledgee":            {"TRANSFERRED", args{"owners": []string{BA}}, []string{BA}, contracts.ReasonForfeiture},
		"to its pledgee's name":     {"TRANSFERRED", args{"outside_owners": []string{"机构" + BA[14:]}}, []string{BA}, ""},
		"to another":                {"TRANSFERRED", args{"owners": []string{MD}}, nil, ""},
		"to another, who agree":     {"TRANSFERRED", args{"owners": []string{MD}}, []string{BA}, ""},
		"licensed":                  {"LICENSED", nil, nil, ""},
		"given up":                  {"ABANDONED", nil, nil, ""},
		"to its pledgee by a court": {"TRANSFERRED", args{"owners": []string{BA}, "court_document": paper}, nil, ""},
	} {
		tell := func(released bool) ledger.Outcome {
			w, id, _, then := pledgedThen(t, released)
			a := w.eventArgs(id, c.event, args{"fact_time": then})
			for k, v := range c.more {
				a[k] = v
			}
			return w.do("rights.status_event", a, w.with(w.two(IPO), c.agree...))
		}
		in, late := tell(false), tell(true)
		if in.Status != late.Status || in.Code != late.Code || !reflect.DeepEqual(in.Details, late.Details) {
			t.Errorf("%s: in time %v %+v, late %v %+v", name, in.Status, in.Details, late.Status, late.Details)
		}
		if c.reason != "" && (len(late.Details) != 1 || late.Details[0].Reason != c.reason) {
			t.Errorf("%s: %+v", name, late.Details)
		}
	}
}

func TestAfterItsReleaseAPledgeIsNoBarToWhatHappensThen(t *testing.T) {
	w, id, no, _ := pledgedThen(t, true)
	end := w.pledge(no).CancellationTime
	w.happened(id, "LICENSED", args{"fact_time": end})
	w.happened(id, "TRANSFERRED", args{"owners": []string{BA}})
	if r := w.right(); len(r.Pledges) != 0 || w.status(canonical).Value != rights.Free {
		t.Fatalf("the public record still lists %+v", r.Pledges)
	}
}

func TestAReleasedPledgeIsForgottenAfterAYear(t *testing.T) {
	w, id, _, then := pledgedThen(t, true)
	w.time += rights.Late
	w.happened(id, "LICENSED", args{"fact_time": then})
}

func TestARightThatWasLetGoWasPledgedUntilThenUnlessThePledgeIsVoid(t *testing.T) {
	w := newWorld(t)
	id, other := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", id, other)
	w.time += 60_000
	then := w.time
	w.time += 60_000
	w.must("pledges.partial_release", args{"pledge_no": no, "rights": []string{id}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	a := w.eventArgs(id, "TRANSFERRED", args{"owners": []string{BA}, "fact_time": then})
	o := w.refused(contracts.EForbidden, "", "rights.status_event", a, w.with(w.two(IPO), BA))
	wantReason(t, o, contracts.EForbidden, contracts.ReasonForfeiture)
	w.revoked(no)
	w.must("rights.status_event", a, w.two(IPO)) // it never was a pledge
}

func TestTheBuyersAreEnteredUnderThePledgeOfThatTimeAfterItsEnd(t *testing.T) {
	h := enforced(t, "PRIVATE_SALE")
	h.listed(nil)
	h.sold("800000000", BA)
	h.settled()
	h.time += contracts.Days(1)
	entered := h.time
	h.time += contracts.Days(1)
	h.must("pledges.consent_release", args{"pledge_no": h.pledge, "ground": "REALISED"}, h.two(BA))
	h.must("pledges.cancel", args{"pledge_no": h.pledge, "cancellation_ref": "注1", "cancellation_time": h.time}, h.two(IPO))
	h.happened(h.right, "TRANSFERRED", args{"owners": []string{BA}, "fact_time": entered})
}

func TestABreachIsReportedAfterTheReleaseOfThePledgeThatItHurt(t *testing.T) {
	w, id, no, then := pledgedThen(t, true)
	w.must("consents.report_breach", breach(w, id, "LICENCE", args{"fact_time": then}), w.two(BA))
	w.reason(contracts.EState, contracts.ReasonNotPledged, "consents.report_breach", breach(w, id, "LICENCE", args{"fact_time": w.pledge(no).CancellationTime}), w.two(IPO))
}

func TestALookAtTheRegisterIsJudgedByThePledgesOfItsTime(t *testing.T) {
	w, id, _, then := pledgedThen(t, true)
	a := w.facts(id, args{"evidence": w.evidence(then), "flags": []string{"LICENSED"}})
	w.refused(contracts.EConsent, "", "rights.refresh", a, w.two(IPO))
	w.must("rights.refresh", w.facts(id, args{"flags": []string{"LICENSED"}}), w.two(IPO))
}

func TestADealThatIsCorrectedToATimeUnderAnEndedPledgeIsJudgedByIt(t *testing.T) {
	w, id, _, then := pledgedThen(t, true)
	event := w.told(id, "TRANSFERRED", args{"owners": []string{BA}})
	w.uncorrected(contracts.EForbidden, contracts.ReasonForfeiture, id, event, args{"fact_time": then}, BA)
}
