// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// agreeRanks lets all who may be concerned sign an order of the pledges of a mark.
func (w *world) agreeRanks(id string, order ...string) {
	w.t.Helper()
	w.time += 1000
	w.must("pledges.change_rank", args{"right_id": id, "order": order}, w.with(w.two(IPO), BA, BB, RX))
}

// cancelled lets a pledge go and relays its cancellation.
func (w *world) cancelled(no string, bank string) {
	w.t.Helper()
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(bank))
	w.must("pledges.cancel", args{"pledge_no": no, "cancellation_ref": "注1", "cancellation_time": w.time}, w.two(IPO))
}

func (w *world) revoked(no string) {
	w.t.Helper()
	w.must("pledges.revoke", args{"pledge_no": no, "ground": "FORGED_PAPERS"}, w.two(IPO))
}

// wantPlaces names the pledges of a mark in their order, each with the statutory number
// whose place it has.
func (w *world) wantPlaces(number string, want ...string) {
	w.t.Helper()
	var got []string
	for _, e := range rights.LivePledges(read[rights.Record](w, rights.RecordKey(identifier.MarkSpace, number)), w.time) {
		got = append(got, e.PledgeNo+" "+e.Ranked().No)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Fatalf("the places of %s are %v, want %v", number, got, want)
	}
}

// three are pledges of one mark, of BA, BB and BA.
func (w *world) three() (id, one, two, three string) {
	w.t.Helper()
	id = w.marked("4512345", nil, RX)
	one, two, three = w.pledged(BA, "TZ0001", nil, id), w.pledged(BB, "TZ0002", nil, id), w.pledged(BA, "TZ0003", nil, id)
	return id, one, two, three
}

func TestAnOrderOfRanksIsReadAsPeopleTypeIt(t *testing.T) {
	w := newWorld(t)
	id, one, two, three := w.three()
	w.agreeRanks(id, strings.ToLower(two), " "+three+" ", one)
	w.wantPlaces("4512345", two+" TZ0001", three+" TZ0002", one+" TZ0003")
	w.time += 1000
	mistyped := args{"right_id": id, "order": []string{one, two[:len(two)-1] + "*", three}}
	o := w.refused(contracts.EFormat, "", "pledges.change_rank", mistyped, w.with(w.two(IPO), BA, BB, RX))
	if o.Details[0].Field != "order[1]" {
		t.Fatalf("%+v", o.Details)
	}
}

func TestRanksAreNotAgreedBehindWhatWasEnteredBefore(t *testing.T) {
	w := newWorld(t)
	id, one, two, three := w.three()
	earlier := w.time + 500
	w.agreeRanks(id, two, one, three) // a second later
	w.time += 1000
	a := args{"right_id": id, "order": []string{one, two, three}, "statutory_time": earlier}
	all := w.with(w.two(IPO), BA, BB, RX)
	w.refused(contracts.EClock, "", "pledges.change_rank", a, all)
	a["statutory_time"] = w.time
	w.must("pledges.change_rank", a, all)
	w.wantPlaces("4512345", one+" TZ0001", two+" TZ0002", three+" TZ0003")
}

func TestAPlaceThatCameThroughARevokedPledgeIsLostAlsoIfItsFirstOwnerHasEnded(t *testing.T) {
	w := newWorld(t)
	id, one, two, three := w.three()
	w.agreeRanks(id, two, one, three)
	w.cancelled(one, BA)
	w.agreeRanks(id, three, two)
	w.wantPlaces("4512345", three+" TZ0001", two+" TZ0003")
	w.revoked(two)
	w.wantPlaces("4512345", three+" TZ0003") // without the second, nobody gave it the first place
}

func TestAPlaceThatARevokedPledgeDidNotGiveStays(t *testing.T) {
	w := newWorld(t)
	id, one, two, three := w.three()
	w.agreeRanks(id, three, one, two)
	w.cancelled(one, BA)
	w.wantPlaces("4512345", three+" TZ0001", two+" TZ0003")
	w.revoked(two)
	w.wantPlaces("4512345", three+" TZ0001") // the first and the third had changed places without it
}

func TestAPledgeThatHadLetARightGoIsVoidForThatRightToo(t *testing.T) {
	w := newWorld(t)
	id, other := w.marked("4512345", nil, RX), w.marked("4512346", nil, RX)
	one, two := w.pledged(BA, "TZ0001", nil, id, other), w.pledged(BB, "TZ0002", nil, id)
	w.agreeRanks(id, two, one)
	w.must("pledges.partial_release", args{"pledge_no": one, "rights": []string{id}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	w.wantPlaces("4512345", two+" TZ0001")
	w.revoked(one)
	w.wantPlaces("4512345", two+" TZ0002")
	w.wantPlaces("4512346")
}

func TestAPledgeThatCameBackToARightStandsWhereItCameBack(t *testing.T) {
	w := newWorld(t)
	id, other := w.marked("4512345", nil, RX), w.marked("4512346", nil, RX)
	one, two := w.pledged(BA, "TZ0001", nil, id, other), w.pledged(BB, "TZ0002", nil, id)
	w.agreeRanks(id, two, one)
	w.must("pledges.partial_release", args{"pledge_no": one, "rights": []string{id}, "statutory_time": w.time}, w.with(w.two(IPO), BA))
	w.must("pledges.change", args{"pledge_no": one, "add_rights": []string{id}, "statutory_time": w.time}, w.with(w.two(IPO), BA, RX))
	w.wantPlaces("4512345", two+" TZ0001", one+" TZ0001") // of its first registration, and of its second
	w.agreeRanks(id, one, two)
	w.revoked(one)
	w.wantPlaces("4512345", two+" TZ0002")
}

func TestAPlaceFollowsACorrectionOfTheNumberItCameFrom(t *testing.T) {
	w := newWorld(t)
	id, one, two, three := w.three()
	w.agreeRanks(id, three, two, one)
	a := args{"subject": one, "transaction": w.steps(one)[2].Transaction.String(), "reason": "号码录入错误", "statutory_no": "TZ0009"}
	w.must("corrections.correct_error", a, w.with(w.two(IPO), BA, RX))
	w.wantPlaces("4512345", three+" TZ0009", two+" TZ0002", one+" TZ0003")
	w.revoked(two)
	w.wantPlaces("4512345", three+" TZ0009", one+" TZ0003")
}

func TestARightWithManyAgreementsTakesNoMoreUntilTheirPartiesEnd(t *testing.T) {
	w := newWorld(t)
	id := w.marked("4512345", nil, RX)
	stay := []string{w.pledged(BA, "TZ0001", nil, id), w.pledged(BB, "TZ0002", nil, id)}
	for i := range 200 {
		w.time += 1000
		if i%50 == 49 {
			w.must("rights.refresh", w.facts(id, nil), w.two(IPO))
		}
		no := w.pledged(BA, fmt.Sprintf("TZ%d", 1000+i), nil, id)
		o := w.do("pledges.change_rank", args{"right_id": id, "order": []string{no, stay[0], stay[1]}}, w.with(w.two(IPO), BA, BB, RX))
		if o.Status == ledger.Final {
			w.cancelled(no, BA)
			continue
		}
		wantReason(t, o, contracts.EState, contracts.ReasonLength)
		if i < 100 || o.Details[0].Field != "right_id" {
			t.Fatalf("after %d: %+v", i, o.Details)
		}
		w.cancelled(stay[0], BA)
		w.agreeRanks(id, no, stay[1]) // of the parties before, one has not ended: its place is certain
		w.revoked(no)
		w.wantPlaces("4512345", fmt.Sprintf("%s TZ%d", stay[1], 999+i))
		if a := read[pledges.Agreements](w, pledges.AgreementsKey(identifier.MarkSpace, "4512345")); len(a.Parties) != 0 {
			t.Fatalf("%d parties are kept", len(a.Parties))
		}
		return
	}
	t.Fatal("it takes anything")
}

func TestAnAgreementNamesNothingBesideThePledgesOfTheRight(t *testing.T) {
	w := newWorld(t)
	id, one, two, three := w.three()
	other := w.pledged(BA, "TZ0009", nil, w.marked("4512346", nil, RX))
	for _, order := range [][]string{{three, two, one, other}, {three, two, one, two}, {three, two, other}} {
		o := w.refused(contracts.ERank, "", "pledges.change_rank", args{"right_id": id, "order": order}, w.with(w.two(IPO), BA, BB, RX))
		wantReason(t, o, contracts.ERank, contracts.ReasonOrder)
	}
}
