// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/ledger"
)

func (w *world) party(id string) contracts.Party {
	w.t.Helper()
	return read[contracts.Party](w, contracts.PartyKey(id))
}

// named lists the organisations that are found under a name.
func (w *world) named(name string) []string {
	w.t.Helper()
	prefix := contracts.PartyNamePrefix(w.network.Suite, name)
	var ids []string
	for _, key := range slices.Sorted(maps.Keys(w.state)) {
		if id, ok := strings.CutPrefix(key, prefix); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestAnOrganisationSaysWhatIsItsOwnToSay(t *testing.T) {
	w := newWorld(t)
	a := args{
		"name_en": "Shujin Bank", "area_code": "510104", "lei": "969500ksv493xwy0ps33", "cnaps": "313653000021", "fi_code": "C1010211000012",
		"sme_class": "LARGE", "tech_labels": []string{"HIGH_TECH", "GAZELLE", "HIGH_TECH"},
	}
	w.refused(contracts.ERole, "", "parties.update", a, []ledger.Signer{w.signer(BA, contracts.Maker)})
	w.must("parties.update", a, w.admin(BA))
	p, d := w.party(BA), read[parties.Details](w, parties.DetailsKey(BA))
	if p.NameEN != "Shujin Bank" || p.AreaCode != "510104" || p.LEI != "969500KSV493XWY0PS33" || p.NameZH != "机构"+BA[14:] {
		t.Fatalf("%+v", p)
	}
	if d.CNAPS != "313653000021" || d.FICode != "C1010211000012" || d.SMEClass != "LARGE" || !slices.Equal(d.TechLabels, []string{"GAZELLE", "HIGH_TECH"}) {
		t.Fatalf("%+v", d)
	}
	w.must("parties.update", args{"sme_class": "MEDIUM", "clear": []string{"lei", "tech_labels"}}, w.admin(BA))
	p, d = w.party(BA), read[parties.Details](w, parties.DetailsKey(BA))
	if p.LEI != "" || d.TechLabels != nil || d.SMEClass != "MEDIUM" || d.CNAPS == "" || p.NameEN == "" {
		t.Fatalf("%+v %+v", p, d)
	}
	if got := w.named("shujin　ＢＡＮＫ"); !slices.Equal(got, []string{BA}) {
		t.Fatal(got)
	}
	for field, c := range map[string]struct {
		code string
		a    args
	}{
		"lei":       {contracts.ECheckDigit, args{"lei": "969500KSV493XWY0PS34"}},
		"cnaps":     {contracts.ECheckDigit, args{"cnaps": "102100099997"}},
		"fi_code":   {contracts.EFormat, args{"fi_code": "1010211000012"}},
		"area_code": {contracts.EFormat, args{"area_code": "160000"}},
		"clear":     {contracts.EFormat, args{"lei": "969500KSV493XWY0PS33", "clear": []string{"lei"}}},
		"args":      {contracts.EFormat, args{}},
	} {
		if o := w.refused(c.code, "", "parties.update", c.a, w.admin(BA)); o.Details[0].Field != field {
			t.Errorf("%s: %+v", field, o.Details)
		}
	}
}

// delegated lets people of MD sign for RX.
func (w *world) delegated(until string, methods ...string) {
	w.t.Helper()
	w.must("parties.delegate", args{"agent": MD, "methods": methods, "until": until}, w.admin(RX))
}

// agent is a person of MD who signs for RX.
func (w *world) agent(role, name string) ledger.Signer {
	return ledger.Signer{Organisation: RX, Role: role, Key: w.key(MD, name)}
}

func (w *world) claimBy(s ledger.Signer) ledger.Outcome {
	w.t.Helper()
	return w.do("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}}, []ledger.Signer{s})
}

func TestAnAgentSignsForThePrincipalUntilTheLastDay(t *testing.T) {
	w := newWorld(t)
	agent := w.agent(contracts.Maker, contracts.Maker)
	wantReason(t, w.claimBy(agent), contracts.ERole, contracts.ReasonOther)
	w.delegated("2026-03-31", "rights.claim", "pledges")
	if o := w.claimBy(agent); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	wantReason(t, w.claimBy(w.agent(contracts.Maker, contracts.Checker)), contracts.ERole, contracts.ReasonPersonRole)
	// The delegation says which methods, and is of RX alone.
	loan := w.tx("loans.sign", args{"borrower": RX}, append(w.two(BA), w.agent(contracts.Countersigner, contracts.Maker)))
	wantReason(t, w.block(loan)[0], contracts.ERole, contracts.ReasonDelegation)
	other := agent
	other.Organisation = LQ
	wantReason(t, w.claimBy(other), contracts.ERole, contracts.ReasonOther)
	w.at("2026-03-31 23:59")
	if o := w.claimBy(agent); o.Status != ledger.Final {
		t.Fatalf("on the last day: %+v", o)
	}
	w.at("2026-04-01 00:00")
	wantReason(t, w.claimBy(agent), contracts.ERole, contracts.ReasonDelegation)

	w.delegated("2026-12-31", "rights")
	w.must("parties.end_delegation", args{"agent": MD}, w.admin(RX))
	wantReason(t, w.claimBy(agent), contracts.ERole, contracts.ReasonDelegation)
	w.refused(contracts.ENotFound, "", "parties.end_delegation", args{"agent": MD}, w.admin(RX))
}

func TestDelegationIsNeverOfAdministrationNorPassedOn(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		code, reason string
		by           string
		change       args
	}{
		"administration":          {contracts.EForbidden, contracts.ReasonNoDelegate, RX, args{"methods": []string{"persons.enrol"}}},
		"what decides together":   {contracts.EForbidden, contracts.ReasonNoDelegate, BA, args{"methods": []string{"consortium"}}},
		"what does not exist":     {contracts.EForbidden, contracts.ReasonNoDelegate, RX, args{"methods": []string{"rights.sell"}}},
		"an office's own work":    {contracts.EForbidden, contracts.ReasonNoDelegate, IPO, args{}},
		"to the operator":         {contracts.EForbidden, contracts.ReasonNoDelegate, RX, args{"agent": OP}},
		"to itself":               {contracts.EFormat, contracts.ReasonRepeated, MD, args{}},
		"nothing":                 {contracts.EFormat, contracts.ReasonEmpty, RX, args{"methods": []string{}}},
		"the same twice":          {contracts.EFormat, contracts.ReasonRepeated, RX, args{"methods": []string{"rights", "rights"}}},
		"until a day gone by":     {contracts.ETerm, "", RX, args{"until": "2026-02-23"}},
		"for more than the limit": {contracts.ETerm, "", RX, args{"until": "2029-02-25"}},
	} {
		a := args{"agent": MD, "methods": []string{"rights"}, "until": "2026-12-31"}
		maps.Copy(a, c.change)
		o := w.do("parties.delegate", a, w.admin(c.by))
		if o.Code != c.code || o.Details[0].Reason != c.reason {
			t.Errorf("%s: %s %+v", name, o.Code, o.Details)
		}
	}
	w.delegated("2029-02-24", "rights")
	w.must("parties.delegate", args{"agent": LQ, "methods": []string{"rights"}, "until": "2026-12-31"}, w.admin(MD))
	chain := ledger.Signer{Organisation: RX, Role: contracts.Maker, Key: w.key(LQ, contracts.Maker)}
	wantReason(t, w.claimBy(chain), contracts.ERole, contracts.ReasonOther)
	// An agent's administrator administers nothing of the principal.
	fresh := ledger.Signer{Organisation: RX, Role: contracts.NewPerson, Key: w.key(RX, "fresh")}
	wantReason(t, w.do("persons.enrol", args{"key": fresh.Key, "roles": []string{contracts.Maker}},
		[]ledger.Signer{w.agent(contracts.Admin, contracts.Admin), fresh}), contracts.ERole, contracts.ReasonDelegation)
}

func TestAnAgentOfBothSidesIsTwoPeople(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.delegated("2026-12-31", "pledges")
	w.must("parties.delegate", args{"agent": MD, "methods": []string{"pledges"}, "until": "2026-12-31"}, w.admin(BA))
	w.enrolled(MD, "both", contracts.Maker, contracts.Checker)
	bank := func(role, name string) ledger.Signer {
		return ledger.Signer{Organisation: BA, Role: role, Key: w.key(MD, name)}
	}
	submit := func(signers ...ledger.Signer) ledger.Outcome {
		return w.do("pledges.submit", submission(BA, RX, id), signers)
	}
	maker, checker := bank(contracts.Maker, contracts.Maker), bank(contracts.Checker, contracts.Checker)
	wantReason(t, submit(maker, bank(contracts.Checker, contracts.Maker), w.signer(RX, contracts.Countersigner)), contracts.ERole, contracts.ReasonPersonRole)
	wantReason(t, submit(bank(contracts.Maker, "both"), bank(contracts.Checker, "both"), w.signer(RX, contracts.Countersigner)), contracts.ERole, contracts.ReasonSamePerson)
	// Who signs as the bank's maker does not countersign for the pledgor.
	wantReason(t, submit(maker, checker, w.agent(contracts.Countersigner, contracts.Maker)), contracts.ERole, contracts.ReasonSamePerson)
	o := submit(maker, checker, w.agent(contracts.Countersigner, "both"))
	if o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	// The application counts as signed by the bank and the pledgor.
	no := w.result("pledges.submit", o)["pledge_no"]
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
}

func TestASuspendedPartyNeitherSubmitsNorCountersigns(t *testing.T) {
	w := newWorld(t)
	w.openVotes()
	by := w.admin(REG)
	start := w.time
	a := args{"party_id": MD, "ground": "BREACH", "document": paper, "until": start + contracts.Days(30)}
	w.refused(contracts.ETerm, "", "parties.suspend", args{"party_id": MD, "ground": "BREACH", "document": paper, "until": start}, by)
	w.refused(contracts.EFormat, "", "parties.suspend", args{"party_id": MD, "ground": "BREACH", "document": strings.Repeat("0", 64)}, by)
	wantReason(t, w.do("parties.reinstate", args{"party_id": MD, "document": paper}, by), contracts.EState, contracts.ReasonNotSuspended)
	w.delegated("2026-12-31", "rights") // to MD

	own := w.tx("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{MD}}, []ledger.Signer{w.signer(MD, contracts.Maker)})
	loan := w.tx("loans.sign", args{"borrower": MD}, w.with(w.two(BA), MD))
	outcomes := w.block(w.tx("parties.suspend", a, by), own, loan)
	if outcomes[0].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[0])
	}
	wantReason(t, outcomes[1], contracts.ERole, contracts.ReasonSuspended)
	wantReason(t, outcomes[2], contracts.ERole, contracts.ReasonSuspended)
	wantReason(t, w.claimBy(w.agent(contracts.Maker, contracts.Maker)), contracts.ERole, contracts.ReasonSuspended)
	if p := w.party(MD); p.StatusAt(w.time) != contracts.PartySuspended || p.Suspension.Ground != "BREACH" || w.person(MD, contracts.Maker).RevokedAt != 0 {
		t.Fatalf("%+v", p)
	}
	// It ends by time alone.
	w.time = start + contracts.Days(30) - 1
	wantReason(t, w.claimBy(w.agent(contracts.Maker, contracts.Maker)), contracts.ERole, contracts.ReasonSuspended)
	w.time = start + contracts.Days(30)
	if o := w.claimBy(w.agent(contracts.Maker, contracts.Maker)); o.Status != ledger.Final || w.party(MD).StatusAt(w.time) != contracts.PartyActive {
		t.Fatalf("%+v", o)
	}
	delete(a, "until")
	w.must("parties.suspend", a, by)
	w.time += contracts.Days(4000)
	w.must("parties.reinstate", args{"party_id": MD, "document": paper}, by)
	if p := w.party(MD); !p.ActiveAt(w.time) || p.Suspension != nil {
		t.Fatalf("%+v", p)
	}
}

func TestAnAccountIsFrozenAndFreedOnARegulatorsProposal(t *testing.T) {
	w := newWorld(t)
	w.openVotes()
	freeze := args{"party_id": BB, "ground": "REGULATOR_ORDER", "document": paper}
	wantReason(t, w.do("parties.suspend", freeze, w.admin(BA)), contracts.ERole, contracts.ReasonRegulator)
	w.must("parties.suspend", freeze, w.admin(REG))
	if p := w.party(BB); p.StatusAt(w.time) != contracts.PartyFrozen {
		t.Fatalf("%+v", p)
	}
	wantReason(t, w.do("loans.sign", args{"borrower": RX}, w.with(w.two(BB), RX)), contracts.ERole, contracts.ReasonSuspended)
	// The members' own suspension does not take the place of an order.
	breach := args{"party_id": BB, "ground": "BREACH", "document": paper, "until": w.time + contracts.Days(1)}
	wantReason(t, w.do("parties.suspend", breach, w.admin(BA)), contracts.ERole, contracts.ReasonRegulator)
	wantReason(t, w.do("parties.reinstate", args{"party_id": BB, "document": paper}, w.admin(BA)), contracts.ERole, contracts.ReasonRegulator)
	w.must("parties.reinstate", args{"party_id": BB, "document": paper}, w.admin(REG))
	w.must("loans.sign", args{"borrower": RX}, w.with(w.two(BB), RX))
}

func TestTheMembersFreezeAnAccountByVoteAndItVotesNoMore(t *testing.T) {
	w := newWorld(t)
	electorate := func() []string {
		list, err := contracts.Electorate(w.state, w.time)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	all := electorate()
	until := w.time + contracts.Days(30)
	freeze := args{"party_id": BB, "ground": "REGULATOR_ORDER", "document": paper, "until": until}
	// A bank may propose it, and the members agree, and yet it is no regulator's order.
	if p := w.carried("parties.suspend", freeze); p.Stored != consortium.Failed || p.Code != contracts.ERole {
		t.Fatalf("%+v", p)
	}
	id := w.proposed(REG, "parties.suspend", freeze)
	for _, member := range []string{BA, BB, IPO, CPC} {
		w.ballot(member, id, consortium.Yes)
	}
	if p := w.proposal(id); p.Stored != consortium.Passed {
		t.Fatalf("%+v", p)
	}
	if got := electorate(); slices.Contains(got, BB) || len(got) != len(all)-1 {
		t.Fatalf("%v vote", got)
	}
	wantReason(t, w.do("consortium.propose", w.call("parties.reinstate", args{"party_id": BB, "document": paper}), w.admin(BB)), contracts.ERole, contracts.ReasonSuspended)
	w.time = until
	if got := electorate(); !slices.Equal(got, all) {
		t.Fatalf("%v vote", got)
	}
	// A merged member votes no more, and its successor has one vote.
	w.passed("parties.succeed", w.succession("MERGER", BB, args{"to": BA}))
	if got := electorate(); slices.Contains(got, BB) || !slices.Contains(got, BA) {
		t.Fatalf("%v vote", got)
	}
}

func TestWhatTheMembersDecideNobodyDoesAlone(t *testing.T) {
	w := newWorld(t)
	for method, a := range map[string]args{
		"parties.suspend":   {"party_id": BB, "ground": "OTHER", "document": paper},
		"parties.reinstate": {"party_id": BB, "document": paper},
		"parties.succeed":   {"kind": "MERGER", "from": BB, "to": BA, "document": paper, "fact_time": w.time},
	} {
		wantReason(t, w.do(method, a, w.admin(REG)), contracts.EQuorum, contracts.ReasonVote)
	}
}
