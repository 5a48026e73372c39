// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// shared is a right of RX and of others who are not on this ledger.
func (w *world) shared(number string, others ...string) string {
	w.t.Helper()
	id := w.must("rights.claim", args{"type": "PATENT", "number": number, "owners": []string{RX}, "outside_owners": others}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}, "outside_owners": others, "fee_status": "PAID"}), w.two(IPO))
	return id
}

func TestOwnersElsewhereAreThoseOfTheRegisterInAnyOrder(t *testing.T) {
	w := newWorld(t)
	id := w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}, "outside_owners": []string{"甲公司", "乙公司"}},
		[]ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"].(string)
	other := args{"owners": []string{RX}, "outside_owners": []string{"乙公司", "甲公司"}, "fee_status": "PAID"}
	w.must("rights.confirm", w.facts(id, other), w.two(IPO))
	w.time += aDay
	w.must("rights.refresh", w.facts(id, other), w.two(IPO)) // nobody has changed
	w.refused(contracts.EOwner, "", "rights.status_event", args{"right_id": id, "event": "TRANSFERRED", "fact_time": w.time, "owners": []string{RX},
		"outside_owners": []string{"甲公司", "乙公司"}}, w.two(IPO))
}

func TestWhoeverOwnedAShareElsewhereThenKeepsARightOutOfAPledge(t *testing.T) {
	w := newWorld(t)
	shared := w.shared("201710601862.3", "甲公司")
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.time += aDay
	then := w.time
	w.time += aDay
	w.must("rights.status_event", args{"right_id": shared, "event": "TRANSFERRED", "fact_time": w.time, "owners": []string{RX}}, w.two(IPO))
	a := args{"pledge_no": no, "add_rights": []string{shared}, "statutory_time": then}
	w.refused(contracts.ECoowner, contracts.R08, "pledges.change", a, w.with(w.two(BA), RX, IPO))
	a["statutory_time"] = w.time
	w.must("pledges.change", a, w.with(w.two(BA), RX, IPO))
}

func TestACoOwnerAsksToBuyTheShareOfOneElsewhere(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	w.must("rights.status_event", args{"right_id": id, "event": "TRANSFERRED", "fact_time": w.time, "owners": []string{RX}, "outside_owners": []string{"甲公司"}}, w.with(w.two(IPO), BA))
	w.must("consents.request", args{"right_id": id, "kind": "TRANSFER", "counterparty": RX}, []ledger.Signer{w.signer(RX, contracts.Maker)})
}

func TestABankThatOwnedTheRightUnderItsNameBeforeThePledgeTakesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.time += aDay
	before := w.time
	w.time += aDay
	no := w.effective(BA, "Y2026510000123", id)
	a := args{"right_id": id, "event": "TRANSFERRED", "fact_time": before, "outside_owners": []string{w.party(BA).NameZH}}
	w.must("rights.status_event", a, w.two(IPO)) // a fact that came late is recorded, and the pledge is to be reviewed
	if s := w.status(canonical); !s.Has("CONFLICT_REVIEW") {
		t.Fatalf("%s: %+v", no, s)
	}
}
