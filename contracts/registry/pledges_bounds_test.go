// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// crowd are as many organisations as sign one transaction beside a bank and an office.
var crowd = []string{RX, MD, LQ, VAL, REG, OP, CPC, IP2}

// full repeats a transaction until the pledge takes no more.
func (w *world) full(again func(i int) ledger.Outcome) {
	w.t.Helper()
	for i := range 1100 {
		if o := again(i); o.Status != ledger.Final {
			wantReason(w.t, o, contracts.EState, contracts.ReasonLength)
			if o.Details[0].Field != "pledge_no" {
				w.t.Fatalf("the record has outgrown the ledger: %+v", o.Details)
			}
			return
		}
	}
	w.t.Fatal("it takes anything")
}

// released lets a pledge go, with everybody's signature.
func (w *world) released(no string) {
	w.t.Helper()
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.with(w.two(BA), append([]string{BB, IPO}, crowd...)...))
	w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "注1", "cancellation_time": w.time}, w.with(w.two(IPO), append([]string{BA, BB}, crowd...)...))
}

func TestAPledgeWhoseRankChangedOftenCanStillEnd(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	list := w.ofAMark(id, BA, BB)
	w.full(func(i int) ledger.Outcome {
		order := []string{list[(i+1)%2], list[i%2]}
		return w.do("pledges.change_rank", args{"right_id": id, "order": order, "statutory_time": w.time, "change_ref": strings.Repeat("变", 64)}, w.with(w.two(IPO), append([]string{BA, BB}, crowd...)...))
	})
	w.released(list[0])
}

func TestAPledgeOfWhichManyRightsCameAndWentCanStillEnd(t *testing.T) {
	w := newWorld(t)
	var some []string
	for i := range 100 {
		some = append(some, w.mark(fmt.Sprint(20000001+i)))
	}
	no := w.submitted(BA, w.mark("12345678"))
	w.registered(no, args{"statutory_no": "商1号"})
	w.full(func(i int) ledger.Outcome {
		a := args{"pledge_no": no, "statutory_time": w.time}
		a[[]string{"add_rights", "remove_rights"}[i%2]] = some
		return w.do("pledges.change", a, w.with(w.two(IPO), append([]string{BA, BB}, crowd...)...))
	})
	w.released(no)
}

func TestAPledgeOfWhichMuchWasDemandedCanStillEnd(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.mark("12345678"))
	w.registered(no, args{"statutory_no": "商1号"})
	w.full(func(int) ledger.Outcome {
		return w.do("pledges.demand", args{"pledge_no": no, "kind": "PAYMENT"}, w.two(BA))
	})
	w.released(no)
	if n := len(w.steps(no)); n != 1002 {
		t.Fatalf("%d steps", n)
	}
}

func TestARightThatIsPledgedForADayAgainAndAgainCanStillBeFrozen(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	s := submission(BA, RX, id)
	s["pledgees"] = []string{BA, BB}
	for i := range 40 * 16 {
		if i%16 == 0 {
			w.time += contracts.Days(1)
			w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
		}
		no := w.must("pledges.submit", s, w.with(w.two(BA), RX, BB))["pledge_no"].(string)
		w.registered(no, args{"statutory_no": fmt.Sprintf("商%d号", i), "registration_end": identifier.DateOf(w.time).String()})
	}
	record := read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, "12345678"))
	if n := len(record.Pledges); n > rights.MaxOver+16 {
		t.Fatalf("%d pledges of which 16 live", n)
	}
	w.must("freezes.record", args{"right_id": id, "doc_no": "(2026)川01执保1号", "court": "示例中级人民法院", "received_at": w.time}, w.two(IPO))
}
