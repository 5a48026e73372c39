// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"math"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
)

func (w *world) wantFailed(p consortium.Proposal, code, field, reason string) {
	w.t.Helper()
	if p.Stored != consortium.Failed || p.Code != code || p.Failures[0].Field != field || p.Failures[0].Reason != reason {
		w.t.Fatalf("%s %s %+v, want FAILED %s %s %s", p.Stored, p.Code, p.Failures, code, field, reason)
	}
}

func TestNobodyButARegulatorProposesThatARegulatorActNoMore(t *testing.T) {
	w := newWorld(t)
	a := args{"party_id": REG, "ground": "OTHER", "document": paper}
	w.wantFailed(w.carried("parties.suspend", a), contracts.ERole, "party_id", contracts.ReasonRegulator)
	w.orderedBy(REG, "parties.suspend", a)
	w.passed("parties.reinstate", args{"party_id": REG, "document": paper})
}

func TestASuspendedRegulatorsProposalIsNoOrderAnyMore(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(REG, "parties.suspend", args{"party_id": RX, "ground": "REGULATOR_ORDER", "document": paper})
	w.setStatus(REG, contracts.PartySuspended)
	for _, m := range []string{BA, BB, IPO, IP2} {
		w.ballot(m, id, consortium.Yes)
	}
	w.wantFailed(w.proposal(id), contracts.ERole, "party_id", contracts.ReasonRegulator)
}

func TestTheLastWhoVotesIsNotSuspended(t *testing.T) {
	w := newWorld(t)
	for _, m := range voters[1:] {
		w.setStatus(m, contracts.PartySuspended)
	}
	p := w.carried("parties.suspend", args{"party_id": BA, "ground": "OTHER", "document": paper})
	w.wantFailed(p, contracts.EState, "party_id", contracts.ReasonLastVoter)
	w.passed("parties.reinstate", args{"party_id": BB, "document": paper})
	w.passed("parties.suspend", args{"party_id": BA, "ground": "OTHER", "document": paper})
}

// Who is suspended since makes a proposal carried that was not, and no ballot is left
// to be cast.
func TestWhoRepeatsTheOwnBallotHasItCountedAnew(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(BA, "consortium.set_parameters", change("claim.expiry", 60))
	w.ballot(BB, id, consortium.Yes)
	w.ballot(IPO, id, consortium.Yes)
	w.ballot(IP2, id, consortium.No)
	again := func(by, choice string) ledger.Outcome {
		return w.do("consortium.vote", args{"proposal_id": id, "ballot": choice}, w.admin(by))
	}
	wantReason(t, again(BB, consortium.Yes), contracts.EDuplicate, contracts.ReasonVoted)
	w.setStatus(CPC, contracts.PartySuspended)
	wantReason(t, again(BB, consortium.No), contracts.EDuplicate, contracts.ReasonVoted)
	if o := again(IP2, consortium.No); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	p := w.proposal(id)
	if p.Stored != consortium.Passed || len(p.Ballots) != 4 || *p.Tally != (consortium.Tally{Yes: 3, No: 1, Electorate: 4, ThresholdBP: 6667}) {
		t.Fatalf("%s %+v", p.Stored, p.Tally)
	}
	w.wantFigure(contracts.ClaimExpiryDays, 60)
}

func TestTheHeightsOfUpgradesAscendAndLieWithinReach(t *testing.T) {
	w := newWorld(t)
	far := func(height uint64) consortium.Proposal {
		return w.carried("consortium.upgrade", args{"version": 2, "height": height})
	}
	w.wantFailed(far(math.MaxUint64), contracts.EParam, "height", contracts.ReasonFar)
	w.wantFailed(far(w.height+2+1<<26+20), contracts.EParam, "height", contracts.ReasonFar)
	w.passed("consortium.upgrade", args{"version": 2, "height": 1000})
	w.wantFailed(w.carried("consortium.upgrade", args{"version": 3, "height": 1000}), contracts.EParam, "height", contracts.ReasonLead)
	w.passed("consortium.upgrade", args{"version": 3, "height": 1001})
}

func TestAProgramFindsTheFirstVersionItLacks(t *testing.T) {
	two := contracts.NewVersions(registry.New(), registry.New())
	e := contracts.Execution{Upgrades: []contracts.Upgrade{{Version: 1}, {Version: 2, Height: 1000}, {Version: 3, Height: 1001}}}
	for height, want := range map[uint64]bool{7: true, 999: true, 1000: true, 1001: false} {
		u, missing := two.Missing(e, height)
		if missing != want || missing && u != e.Upgrades[2] {
			t.Errorf("after %d: %+v %v", height, u, missing)
		}
	}
}
