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

// renamedToTheBrim renames RX until its record takes no more.
func (w *world) renamedToTheBrim() {
	w.t.Helper()
	long := strings.Repeat("𠀀", 127)
	renamed := func(zh, en string) bool {
		more := args{"name_zh": zh}
		if en != "" {
			more["name_en"] = en
		}
		return w.do("parties.succeed", w.succession("RENAMING", RX, more), w.admin(REG)).Status == ledger.Final
	}
	for i := range 61 {
		if !renamed(long+string(rune('a'+i%26)), long) {
			w.t.Fatalf("renaming %d is refused", i)
		}
	}
	for i := 0; renamed("x"+fmt.Sprint(i%2), ""); i++ {
	}
}

func TestARecordThatOutgrowsTheLedgerRefusesTheTransactionAndNothingElse(t *testing.T) {
	w := newSuccessions(t)
	w.renamedToTheBrim()
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
	w.renamedToTheBrim()
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
