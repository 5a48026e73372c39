// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

// frozen freezes the account of an organisation on the regulator's order.
func (w *world) frozen(id string) {
	w.t.Helper()
	w.orderedBy(REG, "parties.suspend", args{"party_id": id, "ground": "REGULATOR_ORDER", "document": paper})
}

// orderedBy is passed for what an organisation proposes that has no vote itself.
func (w *world) orderedBy(by, method string, a args) consortium.Proposal {
	w.t.Helper()
	id := w.proposed(by, method, a)
	for _, member := range []string{BA, BB, IPO, IP2} {
		w.ballot(member, id, consortium.Yes)
	}
	p := w.proposal(id)
	if p.Stored != consortium.Passed {
		w.t.Fatalf("%s %s %+v", p.Stored, p.Code, p.Failures)
	}
	return p
}

func TestWhatAFrozenAccountHoldsGoesOverOnARegulatorsProposalAlone(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.frozen(RX)
	split := w.succession("SPLIT", RX, args{"to": MD, "records": []string{id}})
	merger := w.succession("MERGER", RX, args{"to": MD})
	for _, a := range []args{split, merger} {
		p := w.carried("parties.succeed", a)
		if p.Stored != consortium.Failed || p.Code != contracts.ERole || p.Failures[0].Field != "from" || p.Failures[0].Reason != contracts.ReasonRegulator {
			t.Fatalf("%s: %s %+v", a["kind"], p.Stored, p.Failures)
		}
	}
	w.passed("parties.succeed", w.succession("RENAMING", RX, args{"name_zh": "新名"}))
	w.orderedBy(REG, "parties.succeed", merger)
}

func TestASuccessorIsFreeToActAndInBusinessForItself(t *testing.T) {
	w := newWorld(t)
	w.setStatus(BB, contracts.PartySuspended)
	for name, c := range map[string]struct{ from, to, code, reason string }{
		"a suspended bank":             {BA, BB, contracts.EState, contracts.ReasonSuspended},
		"a borrower into a regulator":  {RX, REG, contracts.ERole, contracts.ReasonPartyRole},
		"a borrower into the operator": {RX, OP, contracts.ERole, contracts.ReasonPartyRole},
		"a borrower into an IP office": {RX, IPO, contracts.ERole, contracts.ReasonPartyRole},
	} {
		p := w.carried("parties.succeed", w.succession("MERGER", c.from, args{"to": c.to}))
		if p.Stored != consortium.Failed || p.Code != c.code || p.Failures[0].Reason != c.reason || p.Failures[0].Field != "to" {
			t.Errorf("%s: %s %+v", name, p.Stored, p.Failures)
		}
	}
	w.passed("parties.succeed", w.succession("MERGER", RX, args{"to": BA}))
}

func TestASplitGivesAwayOnlyRecordsThatNameWhoSplits(t *testing.T) {
	w := newSuccessions(t)
	others := w.confirmed(model, nil, MD)
	loan := w.must("loans.sign", args{"borrower": MD}, w.with(w.two(BA), MD))["loan_no"].(string)
	pledge := w.submitted(BA, w.confirmed(invention, nil, RX))
	split := func(from, to, record string) ledger.Outcome {
		return w.do("parties.succeed", w.succession("SPLIT", from, args{"to": to, "records": []string{record}}), w.admin(REG))
	}
	wantReason(t, split(RX, LQ, others), contracts.EState, contracts.ReasonNotNamed)
	wantReason(t, split(RX, LQ, loan), contracts.EState, contracts.ReasonNotNamed)
	wantReason(t, split(MD, LQ, pledge), contracts.EState, contracts.ReasonNotNamed)
	// What names a predecessor names who stands in its place.
	w.succeeded("MERGER", RX, args{"to": MD})
	w.succeeded("SPLIT", MD, args{"to": LQ, "records": []string{pledge, loan, others}})
	if w.current(RX, pledge) != LQ || w.current(MD, others) != LQ {
		t.Fatal("the records did not go over")
	}
}

func TestWhoBuysBackWhatItSplitOffOwnsItForItself(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	w.succeeded("SPLIT", RX, args{"to": LQ, "records": []string{id}})
	owned := func(by string) args { return w.facts(id, args{"owners": []string{by}, "owner_changed": true}) }
	w.must("rights.refresh", owned(LQ), w.two(IPO))
	w.must("rights.refresh", owned(RX), w.two(IPO))
	w.refused(contracts.ESignature, "", "pledges.submit", submission(BA, RX, id), w.with(w.two(BA), LQ))
	w.must("pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	// It can be split off once more.
	w.succeeded("SPLIT", RX, args{"to": MD, "records": []string{id}})
	if got := w.current(RX, id); got != MD {
		t.Fatal(got)
	}
}
