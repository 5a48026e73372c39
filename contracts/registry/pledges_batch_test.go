// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
)

func TestAManifestOutlivesACorrection(t *testing.T) {
	w := newWorld(t)
	good, better := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	unpaid := w.confirmed("202111223344.5", args{"fee_status": "UNPAID"}, RX)
	a := submission(BA, RX, good, unpaid, better)
	a["atomic"] = false
	no := w.must("pledges.submit", a, w.with(w.two(BA), RX))["pledge_no"].(string)
	w.must("pledges.correct", args{"pledge_no": no, "reason": "请补正"}, w.two(IPO))
	w.must("pledges.resubmit", args{"pledge_no": no}, w.with(w.two(BA), RX))
	if m := w.application(no).Manifest; m == nil || m.Listed != 3 || len(m.Refused) != 1 || m.Refused[0].Right != unpaid {
		t.Fatalf("%+v", m)
	}
	// What cannot be pledged any more is left out beside it; a new list has one of its own.
	w.must("pledges.correct", args{"pledge_no": no, "reason": "请补正"}, w.two(IPO))
	w.must("freezes.record", args{"right_id": better, "doc_no": "(2026)川01执保1号", "court": "示例中级人民法院", "received_at": w.time}, w.two(IPO))
	w.must("pledges.resubmit", args{"pledge_no": no}, w.with(w.two(BA), RX))
	if m := w.application(no).Manifest; m.Listed != 3 || len(m.Refused) != 2 || m.Refused[1].Right != better {
		t.Fatalf("%+v", m)
	}
	w.must("pledges.correct", args{"pledge_no": no, "reason": "请补正"}, w.two(IPO))
	w.must("pledges.resubmit", args{"pledge_no": no, "rights": []string{good}}, w.with(w.two(BA), RX))
	if m := w.application(no).Manifest; m != nil {
		t.Fatalf("%+v", m)
	}
}

func TestABatchIsOfTheRegisterOfWhatCanBePledged(t *testing.T) {
	w := newWorld(t)
	program := w.software()
	w.must("rights.status_event", args{"right_id": program, "event": "OWNERSHIP_SUIT", "fact_time": w.time}, w.two(CPC))
	good := w.confirmed(invention, nil, RX)
	a := submission(BA, RX, program, good)
	a["atomic"] = false
	no := w.must("pledges.submit", a, w.with(w.two(BA), RX))["pledge_no"].(string)
	if got := w.pledge(no).Rights; len(got) != 1 || got[0].RightID != good {
		t.Fatalf("%+v", got)
	}
}

// A right that is only claimed has no id in its record yet: its line says how the
// application names it, so that no two of them become one.
func TestAManifestHasALineForEveryRightThatIsOnlyClaimed(t *testing.T) {
	w := newWorld(t)
	good := w.confirmed(invention, nil, RX)
	first, second := w.claim("201710601862.3", RX), w.claim("202111223344.5", RX)
	a := submission(BA, RX, first, good, "PATENT:202111223344.5")
	a["atomic"] = false
	no := w.must("pledges.submit", a, w.with(w.two(BA), RX))["pledge_no"].(string)
	m := w.application(no).Manifest
	if m == nil || m.Listed != 3 || len(m.Refused) != 2 || m.Refused[0].Right != first || m.Refused[1].Right != "PATENT:202111223344.5" {
		t.Fatalf("%+v, of %s and %s", m, first, second)
	}
}

// A pledge of CNIPA may be of patents and marks. Its office says of each the ground of
// that right's own list.
func TestThePledgeOfAPatentAndAMarkIsJudgedByTheListsOfBoth(t *testing.T) {
	w := newWorld(t)
	patent, mark := w.confirmed(invention, nil, RX), w.mark("12345678")
	a := submission(BA, RX, patent, mark)
	a["atomic"] = false
	no := w.must("pledges.submit", a, w.with(w.two(BA), RX))["pledge_no"].(string)
	w.must("pledges.correct", args{"pledge_no": no, "codes": []string{contracts.R07, contracts.T02}}, w.two(IPO))
	w.must("pledges.resubmit", args{"pledge_no": no}, w.with(w.two(BA), RX))
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.refused(contracts.EFormat, "", "pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.C02}}, w.two(IPO))
	registration := func(code string) args {
		return args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time, "refused": []args{{"right_id": mark, "code": code}}}
	}
	o := w.refused(contracts.EFormat, "", "pledges.register", registration(contracts.R05), w.two(IPO))
	if o.Details[0].Reason != contracts.ReasonOtherRegister || o.Details[0].Field != "refused[0].code" {
		t.Fatalf("%+v", o.Details)
	}
	w.must("pledges.register", registration(contracts.T04), w.two(IPO))
}
