// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/contracts"
)

// ofAMark registers pledges of a mark of RX, one after another.
func (w *world) ofAMark(id string, banks ...string) (list []string) {
	for i, bank := range banks {
		no := w.submitted(bank, id)
		w.registered(no, args{"statutory_no": fmt.Sprintf("商%d号", i)})
		list = append(list, no)
	}
	return list
}

func TestACorrectionOfAnAmountAsksWhomItMayHarm(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	list := w.ofAMark(id, BA, BB)
	a := args{"subject": list[0], "transaction": w.application(list[0]).Steps[0].Transaction.String(), "reason": "金额录入错误"}
	w.refused(contracts.ERank, "", "corrections.correct_error", a, w.with(w.two(BA), RX, IPO), sealing)
	w.must("corrections.correct_error", a, w.with(w.two(BA), RX, IPO, BB), sealing)
}

func TestACorrectionOfAPeriodIsNoExtensionInDisguise(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.registered(first, args{"statutory_no": "商1号", "registration_end": "2027-03-01"})
	w.registered(w.submitted(BB, id), args{"statutory_no": "商2号"})
	a := args{"subject": first, "transaction": w.application(first).Steps[2].Transaction.String(), "reason": "期限录入错误", "registration_end": "2029-03-01"}
	w.refused(contracts.ERank, "", "corrections.correct_error", a, w.with(w.two(IPO), RX, BA))
	w.must("corrections.correct_error", a, w.with(w.two(IPO), RX, BA, BB))
}

func TestAStatutoryTimeIsNotCorrectedIntoAFreeze(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	no := w.acceptedOf(id)
	received := w.time
	freeze := w.freeze(id, "(2026)川01执保1号", args{"received_at": received})
	w.time += 3600_000
	w.must("freezes.lift", args{"freeze_no": freeze, "doc_no": "(2026)川01执保2号", "lifted_at": w.time}, w.two(IPO))
	w.time += 3600_000
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	a := args{"subject": no, "transaction": w.application(no).Steps[2].Transaction.String(), "reason": "时间录入错误", "statutory_time": received + 60_000}
	w.refused(contracts.EFrozen, contracts.R05, "corrections.correct_error", a, w.with(w.two(IPO), RX, BA))
}
