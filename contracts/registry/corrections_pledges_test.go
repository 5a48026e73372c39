// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
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
	a := args{"subject": list[0], "transaction": w.steps(list[0])[0].Transaction.String(), "reason": "金额录入错误"}
	w.refused(contracts.ERank, "", "corrections.correct_error", a, w.with(w.two(BA), RX, IPO), sealing)
	w.must("corrections.correct_error", a, w.with(w.two(BA), RX, IPO, BB), sealing)
}

func TestACorrectionOfAPeriodIsNoExtensionInDisguise(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	first := w.submitted(BA, id)
	w.registered(first, args{"statutory_no": "商1号", "registration_end": "2027-03-01"})
	w.registered(w.submitted(BB, id), args{"statutory_no": "商2号"})
	a := args{"subject": first, "transaction": w.steps(first)[2].Transaction.String(), "reason": "期限录入错误", "registration_end": "2029-03-01"}
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
	a := args{"subject": no, "transaction": w.steps(no)[2].Transaction.String(), "reason": "时间录入错误", "statutory_time": received + 60_000}
	w.refused(contracts.EFrozen, contracts.R05, "corrections.correct_error", a, w.with(w.two(IPO), RX, BA))
}

// putRight corrects the registration of a pledge of RX and BA at the office.
func (w *world) putRight(no string, more args) {
	w.t.Helper()
	a := args{"subject": no, "transaction": w.steps(no)[2].Transaction.String(), "reason": "登记事项录入错误"}
	maps.Copy(a, more)
	w.must("corrections.correct_error", a, w.with(w.two(IPO), RX, BA))
}

func TestACorrectionDoesNotHoldUpACancellation(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(BA))
	w.time += aDay
	cancelled := w.time
	w.time += aDay
	w.putRight(no, args{"statutory_no": "Y2026510000132"})
	w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "X1", "cancellation_time": cancelled}, w.two(IPO))
}

func TestAnEntryFollowsTheRegistrationAndNotItsCorrection(t *testing.T) {
	w := newWorld(t)
	no := w.acceptedOf(w.confirmed(invention, nil, RX))
	registered := w.time
	w.time += 2 * aDay
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	w.putRight(no, args{"statutory_time": registered}) // it was two days before
	a := args{"pledge_no": no, "changes": []string{"NAMES"}, "statutory_time": registered + aDay}
	w.must("pledges.change", a, w.with(w.two(BA), RX, IPO))
}

func TestATimeIsPutRightMoreThanOnce(t *testing.T) {
	w := newWorld(t)
	no := w.acceptedOf(w.confirmed(invention, nil, RX))
	registered := w.time
	w.time += aDay
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": registered}, w.two(IPO))
	w.putRight(no, args{"statutory_no": "Y2026510000132"})
	w.putRight(no, args{"statutory_time": registered + 3600_000})
}

func TestARightThatAChangeAddedStaysAtTheTimeOfTheChange(t *testing.T) {
	w := newWorld(t)
	first, second := w.mark("12345678"), w.mark("12345679")
	other := w.submitted(BB, second)
	w.must("pledges.accept", args{"pledge_no": other}, w.two(IPO))
	no := w.submitted(BA, first)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	accepted := w.time
	w.time += 3600_000
	w.must("pledges.register", args{"pledge_no": other, "statutory_no": "商2号", "statutory_time": w.time - 60_000}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "商1号", "statutory_time": w.time - 30_000}, w.two(IPO))
	added := read[pledges.Record](w, pledges.RecordKey(no)).StatutoryTime
	w.must("pledges.change", args{"pledge_no": no, "add_rights": []string{second}, "statutory_time": added}, w.with(w.two(BA), RX, IPO))
	w.putRight(no, args{"statutory_time": accepted}) // of the registration, which BB has nothing to do with
	for number, since := range map[string]int64{"12345678": accepted, "12345679": added} {
		for _, e := range read[rights.Record](w, rights.RecordKey("MARK", number)).Pledges {
			if e.PledgeNo == no && e.StatutoryTime != since {
				t.Fatalf("%s is pledged since %d, want %d", number, e.StatutoryTime, since)
			}
		}
	}
}
