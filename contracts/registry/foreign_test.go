// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/ledger"
)

const (
	SG = "549300SGBANK00000183" // bank of Singapore, not in the genesis
	HK = "300300RX00MICRO20244" // an LEI of another
)

// lender are the arguments by which a foreign bank is admitted.
func (w *world) lender(lei string, more args) args {
	w.t.Helper()
	private := w.private(SG, contracts.Admin)
	a := args{"lei": lei, "name_en": "Straits Bank", "role": "BANK", "admin_key": private.Public().String()}
	maps.Copy(a, more)
	return w.proven(private, a)
}

// abroad is a world in which the foreign bank is admitted, with a maker, a checker and
// an administrator of its own.
func abroad(t testing.TB, parameters ...string) *world {
	w := newWorld(t, parameters...)
	w.passed("parties.admit", w.lender("549300sgbank00000183", nil))
	for _, role := range []string{contracts.Maker, contracts.Checker} {
		newcomer := ledger.Signer{Organisation: SG, Role: contracts.NewPerson, Key: w.key(SG, role)}
		w.must("persons.enrol", args{"key": newcomer.Key, "roles": []string{role}}, []ledger.Signer{w.signer(SG, contracts.Admin), newcomer})
	}
	return w
}

// through are the maker and the checker of an agent, who sign for the foreign bank.
func (w *world) through(agent string) []ledger.Signer {
	return []ledger.Signer{
		{Organisation: SG, Role: contracts.Maker, Key: w.key(agent, contracts.Maker)},
		{Organisation: SG, Role: contracts.Checker, Key: w.key(agent, contracts.Checker)},
	}
}

func (w *world) appoint(agent string, methods ...string) {
	w.t.Helper()
	w.must("parties.delegate", args{"agent": agent, "methods": methods, "until": "2026-12-31"}, w.admin(SG))
}

func TestAForeignOrganisationIsNamedByItsLEI(t *testing.T) {
	w := abroad(t)
	p := w.party(SG)
	if !p.Foreign() || p.PartyID != SG || p.LEI != SG || p.USCC != "" || p.AreaCode != "" || p.NameZH != "" || p.NameEN != "Straits Bank" {
		t.Fatalf("%+v", p)
	}
	if got := w.named("STRAITS BANK"); !slices.Equal(got, []string{SG}) {
		t.Fatal(got)
	}
	if w.party(BA).Foreign() {
		t.Fatal("a bank with a credit code is foreign")
	}
}

func TestWhoHasNoCreditCodeAndNoSeatHereSaysSoInFull(t *testing.T) {
	w := abroad(t)
	for name, c := range map[string]struct {
		lei, code, field, reason string
		more                     args
	}{
		"nothing that names it":      {"", contracts.EFormat, "uscc", contracts.ReasonMissing, nil},
		"a mistyped LEI":             {"549300SGBANK00000184", contracts.ECheckDigit, "lei", string(identifier.CheckSum), nil},
		"a short LEI":                {"549300SGBANK0000018", contracts.EFormat, "lei", string(identifier.Format), nil},
		"no name of the LEI":         {HK, contracts.EFormat, "name_en", contracts.ReasonEmpty, args{"name_en": "", "name_zh": "港银"}},
		"an area of this country":    {HK, contracts.EFormat, "area_code", contracts.ReasonForeign, args{"area_code": "510100"}},
		"an office":                  {HK, contracts.EForbidden, "role", contracts.ReasonForeign, args{"role": "IPO"}},
		"a regulator":                {HK, contracts.EForbidden, "role", contracts.ReasonForeign, args{"role": "REGULATOR"}},
		"who is here already":        {SG, contracts.EDuplicate, "lei", "", nil},
		"an LEI for a domestic bank": {HK, contracts.EFormat, "name_zh", contracts.ReasonEmpty, args{"uscc": BC, "area_code": "510100"}},
	} {
		p := w.carried("parties.admit", w.lender(c.lei, c.more))
		if !slices.ContainsFunc(p.Failures, func(f ledger.Failure) bool {
			return f.Code == c.code && f.Field == c.field && f.Reason == c.reason
		}) {
			t.Errorf("%s: %s %+v", name, p.Code, p.Failures)
		}
	}
}

func TestAMemberRegistersAForeignPledgor(t *testing.T) {
	w := newWorld(t)
	first := ledger.Signer{Organisation: HK, Role: contracts.Admin, Key: w.key(HK, contracts.Admin)}
	a := args{"lei": HK, "name_en": "Victoria Devices Ltd", "name_zh": "维港器件", "role": "PLEDGOR", "admin_key": first.Key}
	if r := w.must("parties.register", a, append(w.two(BA), first)); r["party_id"] != HK || !w.party(HK).Foreign() {
		t.Fatalf("%+v", r)
	}
}

func TestAnLEINamesOneOrganisationForEver(t *testing.T) {
	w := abroad(t)
	o := w.refused(contracts.EDuplicate, "", "parties.update", args{"lei": SG}, w.admin(BA))
	if o.Details[0].Field != "lei" || o.Details[0].Subject != SG {
		t.Fatalf("%+v", o.Details)
	}
	w.must("parties.update", args{"lei": HK}, w.admin(BA))
	w.must("parties.update", args{"lei": HK}, w.admin(BA))
	w.must("parties.update", args{"clear": []string{"lei"}}, w.admin(BA))
	private := w.private("another", contracts.Admin)
	p := w.carried("parties.admit", w.proven(private, args{"lei": HK, "name_en": "Victoria", "role": "BANK", "admin_key": private.Public().String()}))
	w.wantFailed(p, contracts.EDuplicate, "lei", "")
	// A domestic organisation is not found under its LEI: its id is its credit code.
	w.refused(contracts.ENotFound, "", "parties.delegate", args{"agent": HK, "methods": []string{"rights"}, "until": "2026-12-31"}, w.admin(RX))
}

func TestAForeignOrganisationStaysWhatItIs(t *testing.T) {
	w := abroad(t)
	for field, c := range map[string]struct {
		code string
		a    args
	}{
		"lei":       {contracts.EForbidden, args{"lei": HK}},
		"area_code": {contracts.EFormat, args{"area_code": "510100"}},
		"name_en":   {contracts.EFormat, args{"clear": []string{"name_en"}}},
	} {
		if o := w.refused(c.code, "", "parties.update", c.a, w.admin(SG)); o.Details[0].Field != field {
			t.Errorf("%s: %+v", field, o.Details)
		}
	}
	w.refused(contracts.EForbidden, "", "parties.update", args{"clear": []string{"lei"}}, w.admin(SG))
	w.must("parties.update", args{"name_en": "Straits Bank Ltd", "sme_class": "LARGE"}, w.admin(SG))

	rename := func(names args) consortium.Proposal {
		a := args{"kind": "RENAMING", "from": strings.ToLower(SG), "document": paper, "fact_time": w.time - 1}
		maps.Copy(a, names)
		return w.carried("parties.succeed", a)
	}
	w.wantFailed(rename(args{"name_zh": "海峡银行"}), contracts.EFormat, "name_en", contracts.ReasonMissing)
	w.wantFailed(rename(args{"name_en": "Straits Bank Ltd"}), contracts.EFormat, "name_en", contracts.ReasonRepeated)
	if p := rename(args{"name_en": "Straits Bank Group"}); p.Stored != consortium.Passed || w.party(SG).NameEN != "Straits Bank Group" {
		t.Fatalf("%+v", p)
	}
}

func TestAForeignOrganisationActsThroughAnAgency(t *testing.T) {
	w := abroad(t)
	right := w.confirmed(invention, nil, RX)
	apply := submission(SG, RX, right)
	wantReason(t, w.do("pledges.submit", apply, w.with(w.two(SG), RX)), contracts.ERole, contracts.ReasonNeedsAgent)
	wantReason(t, w.do("pledges.submit", apply, w.with(w.through(BB), RX)), contracts.ERole, contracts.ReasonOther)
	w.appoint(BB, "pledges", "loans")
	wantReason(t, w.do("pledges.submit", apply, w.with(w.two(SG), RX)), contracts.ERole, contracts.ReasonNeedsAgent)
	// One of the own people beside one of the agent's is one too many.
	mixed := []ledger.Signer{w.signer(SG, contracts.Maker), w.through(BB)[1]}
	wantReason(t, w.do("pledges.submit", apply, w.with(mixed, RX)), contracts.ERole, contracts.ReasonNeedsAgent)

	apply["pledgees"] = []string{" ５49300sgbank00000183"}
	no := w.must("pledges.submit", apply, w.with(w.through(BB), RX))["pledge_no"].(string)
	if !strings.HasPrefix(no, "PLG-510100-") {
		t.Fatal(no)
	}
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000101", "statutory_time": w.time}, w.two(IPO))

	// Its loans are numbered by the network's home, since it has no seat here.
	loan := w.must("loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.through(BB), RX))["loan_no"].(string)
	if !strings.HasPrefix(loan, "LON-510100-") || read[loans.Record](w, loans.RecordKey(loan)).Lender != SG {
		t.Fatal(loan)
	}

	w.must("parties.end_delegation", args{"agent": BB}, w.admin(SG))
	wantReason(t, w.do("pledges.consent_release", args{"pledge_no": no}, w.through(BB)), contracts.ERole, contracts.ReasonDelegation)
	wantReason(t, w.do("pledges.consent_release", args{"pledge_no": no}, w.two(SG)), contracts.ERole, contracts.ReasonNeedsAgent)
}

func TestAForeignPledgorAgreesThroughAnAgencyToo(t *testing.T) {
	w := newWorld(t)
	first := ledger.Signer{Organisation: HK, Role: contracts.Admin, Key: w.key(HK, contracts.Maker)}
	w.must("parties.register", args{"lei": HK, "name_en": "Victoria Devices", "role": "PLEDGOR", "admin_key": first.Key}, append(w.two(BA), first))
	right := w.confirmed(invention, nil, HK)
	own := append(w.two(BA), ledger.Signer{Organisation: HK, Role: contracts.Countersigner, Key: w.key(HK, contracts.Maker)})
	wantReason(t, w.do("pledges.submit", submission(BA, HK, right), own), contracts.ERole, contracts.ReasonNeedsAgent)
}

func TestAnAgencyIsDomestic(t *testing.T) {
	w := abroad(t)
	for _, principal := range []string{RX, BA} {
		o := w.do("parties.delegate", args{"agent": SG, "methods": []string{"rights"}, "until": "2026-12-31"}, w.admin(principal))
		wantReason(t, o, contracts.EForbidden, contracts.ReasonForeign)
	}
}

func TestAForeignBankNeitherVotesNorCounts(t *testing.T) {
	w := abroad(t)
	electorate, err := contracts.Electorate(w.state, w.time)
	if want := slices.Sorted(slices.Values(voters)); err != nil || !slices.Equal(electorate, want) {
		t.Fatalf("%v %v, want %v", electorate, err, want)
	}
	wantReason(t, w.do("consortium.propose", w.call("consortium.set_parameters", change("claim.expiry", 60)), w.admin(SG)), contracts.ERole, contracts.ReasonForeign)
	id := w.proposed(BA, "consortium.set_parameters", change("claim.expiry", 60))
	wantReason(t, w.do("consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(SG)), contracts.ERole, contracts.ReasonForeign)
	if p := w.proposal(id); len(p.Ballots) != 1 {
		t.Fatalf("%+v", p)
	}
}

func TestTheLastVoterDoesNotMergeIntoAForeignBank(t *testing.T) {
	w := abroad(t)
	for _, id := range voters {
		if id != BA {
			w.setStatus(id, contracts.PartySuspended)
		}
	}
	p := w.carried("parties.succeed", args{"kind": "MERGER", "from": BA, "to": SG, "document": paper, "fact_time": w.time - 1})
	w.wantFailed(p, contracts.EState, "from", contracts.ReasonLastVoter)
}

func TestTheGenesisTakesForeignOrganisations(t *testing.T) {
	w := newWorld(t)
	begin := func(set ledger.ValidatorSet, p contracts.GenesisParty) (*world, error) {
		g := contracts.GenesisState{Area: "510100", Parties: []contracts.GenesisParty{p}, Persons: []contracts.GenesisPerson{
			{Organisation: p.PartyID, Roles: []string{contracts.Maker}, Key: w.key(SG, contracts.Maker)},
		}}
		raw, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := contracts.Genesis(w.network, set, raw, w.time)
		out := &world{t: t, state: memory{}}
		out.apply(changes)
		return out, err
	}
	good := contracts.GenesisParty{PartyID: SG, NameEN: "Straits Bank", Role: contracts.Bank}
	out, err := begin(w.validators(), good)
	if err != nil {
		t.Fatal(err)
	}
	if p := out.party(SG); !p.Foreign() || p.LEI != SG || p.AreaCode != "" || read[string](out, contracts.LEIKey(SG)) != SG {
		t.Fatalf("%+v", p)
	}
	ours := ledger.ValidatorSet{Members: []ledger.Validator{{Name: "node1", Organisation: SG, Key: w.key(SG, contracts.Validator), PeerID: "peer1"}}}
	for name, c := range map[string]struct {
		set    ledger.ValidatorSet
		change func(*contracts.GenesisParty)
		text   string
	}{
		"runs a validator":  {ours, func(*contracts.GenesisParty) {}, "runs no validator"},
		"an office":         {w.validators(), func(p *contracts.GenesisParty) { p.Role = contracts.IPOffice }, "no role IPO"},
		"an area":           {w.validators(), func(p *contracts.GenesisParty) { p.AreaCode = "510100" }, "is foreign"},
		"no English name":   {w.validators(), func(p *contracts.GenesisParty) { p.NameEN, p.NameZH = "", "海峡" }, "name_en is missing"},
		"in small letters":  {w.validators(), func(p *contracts.GenesisParty) { p.PartyID = strings.ToLower(SG) }, "write it as"},
		"with a wrong code": {w.validators(), func(p *contracts.GenesisParty) { p.PartyID = "549300SGBANK00000184" }, "check"},
	} {
		p := good
		c.change(&p)
		if _, err := begin(c.set, p); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %q", name, err, c.text)
		}
	}
}

func TestRecordsOfAForeignOrganisationAreNumberedByTheAreaOfTheNetwork(t *testing.T) {
	w := abroad(t)
	right := w.confirmed(invention, nil, RX)
	w.appoint(BB, "pools", "consents", "pledges")
	pool := w.must("pools.create", args{"rights": []string{right}}, w.with(w.through(BB), RX))["pool_no"].(string)
	no := w.must("pledges.submit", submission(SG, RX, right), w.with(w.through(BB), RX))["pledge_no"].(string)
	w.registered(no, nil)
	w.time += aDay
	breach := args{"right_id": right, "kind": "LICENCE", "evidence": paper, "fact_time": w.time}
	consent := w.must("consents.report_breach", breach, w.through(BB))["consent_no"].(string)
	for _, number := range []string{pool, consent} {
		if number[3:11] != "-510100-" {
			t.Fatal(number)
		}
	}
}
