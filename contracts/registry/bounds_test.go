// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

// toTheBrim gives RX a record that takes no more, as no method would leave it.
func (w *world) toTheBrim() {
	w.t.Helper()
	party := w.party(RX)
	for len(ledger.Encode(party)) < ledger.MaxValue-600 {
		party.FormerNames = append(party.FormerNames, contracts.FormerName{NameZH: strings.Repeat("x", 400), Until: w.time})
	}
	party.FormerNames = append(party.FormerNames, contracts.FormerName{})
	last := &party.FormerNames[len(party.FormerNames)-1]
	last.NameZH = strings.Repeat("x", ledger.MaxValue-len(ledger.Encode(party))-8)
	w.state[contracts.PartyKey(RX)] = ledger.Encode(party)
}

func TestAnOrganisationHasHadSoManyNames(t *testing.T) {
	w := newSuccessions(t)
	for i := range 32 {
		if o := w.do("parties.succeed", w.succession("RENAMING", RX, args{"name_zh": fmt.Sprint("成都蓉芯", i)}), w.admin(REG)); o.Status != ledger.Final {
			t.Fatalf("renaming %d: %+v", i, o)
		}
	}
	o := w.do("parties.succeed", w.succession("RENAMING", RX, args{"name_zh": "成都蓉芯"}), w.admin(REG))
	wantReason(t, o, contracts.EState, contracts.ReasonLength)
}

func TestARecordThatOutgrowsTheLedgerRefusesTheTransactionAndNothingElse(t *testing.T) {
	w := newSuccessions(t)
	w.toTheBrim()
	before := w.state[contracts.PartyKey(RX)]
	records := len(w.state)
	for method, c := range map[string]struct {
		a  args
		by string
	}{
		"parties.update":  {args{"name_en": strings.Repeat("Rongxin", 18)}, RX},
		"parties.suspend": {args{"party_id": RX, "ground": "OTHER", "document": paper, "until": w.time + contracts.Days(30)}, REG},
	} {
		o := w.do(method, c.a, w.admin(c.by))
		wantReason(t, o, contracts.EState, contracts.ReasonLength)
		if o.Details[0].Subject != contracts.PartyKey(RX) {
			t.Fatalf("%s: %+v", method, o.Details)
		}
	}
	if string(w.state[contracts.PartyKey(RX)]) != string(before) || len(w.state) != records+2 { // two client references
		t.Fatal("a refused transaction has written")
	}
}

func TestAProposalWhoseMethodWritesTooMuchIsFailed(t *testing.T) {
	w := newSuccessions(t)
	w.toTheBrim()
	w = w.closedVotes()
	p := w.carried("parties.suspend", args{"party_id": RX, "ground": "OTHER", "document": paper, "until": w.time + contracts.Days(30)})
	if p.Stored != consortium.Failed || p.Code != contracts.EState || p.Failures[0].Reason != contracts.ReasonLength || len(p.Ballots) != 4 {
		t.Fatalf("%+v", p)
	}
	if !w.party(RX).ActiveAt(w.time) {
		t.Fatal("a refused method has written")
	}
}

func TestAPersonThatRotatesForEverCanBeRevoked(t *testing.T) {
	w := newWorld(t)
	id := w.enrolled(BA, "key 0", contracts.Maker)
	for i := range 33 {
		was, next := fmt.Sprint("key ", i), fmt.Sprint("key ", i+1)
		o := w.do("persons.rotate_key", args{"person_id": id, "key": w.key(BA, next)},
			[]ledger.Signer{w.as(BA, contracts.Maker, was), w.as(BA, contracts.NewPerson, next)})
		if i < 32 && o.Status != ledger.Final {
			t.Fatalf("rotation %d: %+v", i, o)
		} else if i == 32 {
			wantReason(t, o, contracts.EState, contracts.ReasonLength)
		}
	}
	w.must("persons.roles", args{"person_id": id, "roles": []string{contracts.Maker, contracts.Checker, contracts.Approver}}, w.admin(BA))
	w.must("persons.revoke", args{"person_id": id, "reason": "KEY_STOLEN", "fact_time": w.time}, w.admin(BA))
}
