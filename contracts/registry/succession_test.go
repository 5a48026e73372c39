// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// succeeded notes a succession that the members carried.
func (w *world) succeeded(kind, from string, more args) args {
	w.t.Helper()
	return w.must("parties.succeed", w.succession(kind, from, more), w.admin(REG))
}

func (w *world) succession(kind, from string, more args) args {
	a := args{"kind": kind, "from": from, "document": paper, "fact_time": w.time - 3600_000}
	maps.Copy(a, more)
	return a
}

// newSuccessions is a world in which the regulator's administrator stands for a vote.
func newSuccessions(t *testing.T) *world {
	w := newWorld(t)
	w.openVotes()
	return w
}

// current asks who stands for a party in a record now.
func (w *world) current(party, record string) string {
	w.t.Helper()
	now, err := contracts.CurrentIn(func(key string, into any) (bool, error) {
		raw, ok := w.state[key]
		if !ok {
			return false, nil
		}
		return true, ledger.Decode(raw, ledger.MaxValue, into)
	}, party, record)
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}

func TestARenamedPartyIsFoundByAllOfItsNames(t *testing.T) {
	w := newSuccessions(t)
	first := w.party(RX).NameZH
	w.must("parties.update", args{"name_en": "Rongxin Micro"}, w.admin(RX))
	fact := w.time - 86400_000
	w.succeeded("RENAMING", RX, args{"name_zh": "成都蓉芯(集团)有限公司", "fact_time": fact})
	w.succeeded("RENAMING", RX, args{"name_zh": "蓉芯科技股份有限公司", "name_en": "Rongxin Technology"})
	p := w.party(RX)
	if p.NameZH != "蓉芯科技股份有限公司" || p.NameEN != "Rongxin Technology" || p.Status != contracts.PartyActive || len(p.FormerNames) != 2 {
		t.Fatalf("%+v", p)
	}
	if f := p.FormerNames[0]; f.NameZH != first || f.NameEN != "Rongxin Micro" || f.Until != fact || f.Succession != 1 {
		t.Fatalf("%+v", f)
	}
	for _, name := range []string{first, "rongxin micro", "成都蓉芯（集团）有限公司", "蓉芯科技股份有限公司", "RONGXIN TECHNOLOGY"} {
		if got := w.named(name); !slices.Equal(got, []string{RX}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	s := read[parties.Succession](w, parties.SuccessionKey(1))
	if s.Kind != parties.Renaming || s.From != RX || s.FactTime != fact || s.RecordedAt <= fact {
		t.Fatalf("%+v", s)
	}
	if got := w.named("蓉芯"); got != nil {
		t.Fatal(got)
	}
}

func TestASuccessorActsWhereverARecordNamesTheMergedParty(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	loan := w.must("loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX))["loan_no"]
	no := w.submitted(BA, id)
	before := w.state[pledges.RecordKey(no)]
	outcomes := w.block(
		w.tx("parties.succeed", w.succession("MERGER", BA, args{"to": BB}), w.admin(REG)),
		w.tx("loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX)),
	)
	if outcomes[0].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[0])
	}
	wantReason(t, outcomes[1], contracts.ERole, contracts.ReasonMerged)
	if p := w.party(BA); p.Status != contracts.PartyMerged || p.SucceededBy != BB || w.current(BA, no) != BB {
		t.Fatalf("%+v", p)
	}
	if p := w.party(BB); !slices.Equal(p.Predecessors, []string{BA}) {
		t.Fatalf("%+v", p)
	}
	if string(w.state[pledges.RecordKey(no)]) != string(before) {
		t.Fatal("the record was rewritten")
	}
	// The office and the pledgor merge, too, while the application waits.
	w.succeeded("MERGER", IPO, args{"to": IP2})
	w.succeeded("MERGER", RX, args{"to": MD})
	register := args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}
	wantReason(t, w.do("pledges.accept", args{"pledge_no": no}, w.two(IPO)), contracts.ERole, contracts.ReasonMerged)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IP2))
	register["statutory_time"] = w.time
	w.must("pledges.register", register, w.two(IP2))
	// The bank's successor pays out, and lets go of the pledge; nobody else does.
	w.must("loans.disburse", args{"loan_no": loan, "pledges": []string{no}}, w.two(BB))
	w.must("loans.settle", args{"loan_no": loan}, w.two(BB))
	consent := args{"pledge_no": no, "ground": "DEBT_PAID"}
	w.refused(contracts.ERole, "", "pledges.consent_release", consent, w.two(BA))
	w.must("pledges.consent_release", consent, w.two(BB))
	if record := read[pledges.Record](w, pledges.RecordKey(no)); !slices.Equal(record.Pledgees, []string{BA}) || !slices.Equal(record.Pledgors, []string{RX}) {
		t.Fatalf("%+v", record)
	}
}

func TestASuccessorSignsForTheOwnerThatTheRegisterStillNames(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	shared := w.confirmed("201710601862.3", nil, RX, LQ)
	w.succeeded("MERGER", RX, args{"to": MD})
	a := submission(BA, RX, id)
	o := w.refused(contracts.ESignature, "", "pledges.submit", a, w.two(BA))
	if o.Details[0].Subject != MD {
		t.Fatalf("%+v", o.Details)
	}
	wantReason(t, w.do("pledges.submit", a, w.with(w.two(BA), RX)), contracts.ERole, contracts.ReasonMerged)
	w.refused(contracts.EOwner, contracts.R01, "pledges.submit", submission(BA, MD, id), w.with(w.two(BA), MD))
	no := w.must("pledges.submit", a, w.with(w.two(BA), MD))["pledge_no"].(string)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	// Meanwhile the register has changed: the pledgor is the owner all the same.
	w.must("rights.refresh", w.facts(id, args{"owners": []string{MD}, "owner_changed": true}), w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))

	both := args{"rights": []string{shared}, "pledgors": []string{RX, LQ}, "pledgees": []string{BA}}
	o = w.refused(contracts.ECoowner, contracts.R08, "pledges.submit", both, w.with(w.two(BA), LQ))
	if o.Details[0].Subject != MD {
		t.Fatalf("%+v", o.Details)
	}
	no = w.must("pledges.submit", both, w.with(w.two(BA), MD, LQ))["pledge_no"].(string)
	w.refused(contracts.ESignature, "", "pledges.withdraw", args{"pledge_no": no}, w.with(w.two(BA), LQ))
	w.must("pledges.withdraw", args{"pledge_no": no}, w.with(w.two(BA), MD, LQ))
}

func TestABankPledgesNothingToItself(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	w.succeeded("MERGER", RX, args{"to": BA})
	w.refused(contracts.EContract, contracts.R07, "pledges.submit", submission(BA, RX, id), w.two(BA))
	w.must("pledges.submit", submission(BB, RX, id), w.with(w.two(BB), BA))
}

func TestInASplitTheRecordsListedGoAndTheRestStays(t *testing.T) {
	w := newSuccessions(t)
	kept := w.effective(BA, "Y2026510000001", w.confirmed(invention, nil, RX))
	gone := w.effective(BA, "Y2026510000002", w.confirmed("201710601862.3", nil, RX))
	w.succeeded("SPLIT", BA, args{"to": BB, "records": []string{gone}})
	if p := w.party(BA); !p.ActiveAt(w.time) || p.SucceededBy != "" || w.current(BA, kept) != BA || w.current(BA, gone) != BB {
		t.Fatalf("%+v", p)
	}
	consent := func(no string) args { return args{"pledge_no": no, "ground": "WAIVED"} }
	w.refused(contracts.ERole, "", "pledges.consent_release", consent(gone), w.two(BA))
	w.refused(contracts.ERole, "", "pledges.consent_release", consent(kept), w.two(BB))
	w.must("pledges.consent_release", consent(gone), w.two(BB))
	w.must("pledges.consent_release", consent(kept), w.two(BA))
}

func TestARightThatWentOverInASplitIsPledgedByWhoHasIt(t *testing.T) {
	w := newSuccessions(t)
	first, second := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	w.succeeded("SPLIT", RX, args{"to": MD, "records": []string{second}})
	a := submission(BA, RX, first, second)
	o := w.refused(contracts.ESignature, "", "pledges.submit", a, w.with(w.two(BA), RX))
	if o.Details[0].Subject != MD {
		t.Fatalf("%+v", o.Details)
	}
	w.refused(contracts.ESignature, "", "pledges.submit", a, w.with(w.two(BA), MD))
	w.must("pledges.submit", a, w.with(w.two(BA), RX, MD))
}

func TestSuccessionsAreFollowedInTheirOrder(t *testing.T) {
	w := newSuccessions(t)
	no := w.effective(BA, "Y2026510000001", w.confirmed(invention, nil, RX))
	other := w.effective(BA, "Y2026510000002", w.confirmed("201710601862.3", nil, RX))
	wantWho := func(record, want string) {
		t.Helper()
		if got := w.current(BA, record); got != want {
			t.Fatalf("%s stands for BA in %s, want %s", got, record, want)
		}
	}
	// There and back and there again, without going round in circles.
	w.succeeded("SPLIT", BA, args{"to": BB, "records": []string{no}})
	wantReason(t, w.do("parties.succeed", w.succession("SPLIT", BA, args{"to": BB, "records": []string{no}}), w.admin(REG)), contracts.EState, contracts.ReasonSucceeded)
	w.succeeded("SPLIT", BB, args{"to": BA, "records": []string{no}})
	wantWho(no, BA)
	w.succeeded("SPLIT", BA, args{"to": BB, "records": []string{no}})
	wantWho(no, BB)
	w.succeeded("MERGER", BB, args{"to": BA})
	wantWho(no, BA)
	wantWho(other, BA)
	// Who has merged is no successor, so that no chain comes back to it.
	wantReason(t, w.do("parties.succeed", w.succession("MERGER", BA, args{"to": BB}), w.admin(REG)), contracts.EState, contracts.ReasonMerged)
	wantReason(t, w.do("parties.succeed", w.succession("RENAMING", BB, args{"name_zh": "新名"}), w.admin(REG)), contracts.EState, contracts.ReasonMerged)
}

func TestASuccessionThatSaysTooLittleOrTooMuchIsRefused(t *testing.T) {
	w := newSuccessions(t)
	no := w.submitted(BA, w.confirmed(invention, nil, RX))
	for name, c := range map[string]struct {
		kind, field, code string
		more              args
	}{
		"a merger into nobody":          {"MERGER", "to", contracts.EFormat, nil},
		"a merger with itself":          {"MERGER", "to", contracts.EFormat, args{"to": BA}},
		"a bank into a borrower":        {"MERGER", "to", contracts.ERole, args{"to": RX}},
		"a merger into a stranger":      {"MERGER", "to", contracts.ENotFound, args{"to": JG}},
		"a merger with a new name":      {"MERGER", "name_zh", contracts.EFormat, args{"to": BB, "name_zh": "新名"}},
		"a merger of some records":      {"MERGER", "records", contracts.EFormat, args{"to": BB, "records": []string{no}}},
		"a split of nothing":            {"SPLIT", "records", contracts.EFormat, args{"to": BB}},
		"a split of a record twice":     {"SPLIT", "records[1]", contracts.EFormat, args{"to": BB, "records": []string{no, no}}},
		"a split of what is not there":  {"SPLIT", "records[0]", contracts.ENotFound, args{"to": BB, "records": []string{"PLG-510100-20260312-0000042-K"}}},
		"a split of a mistyped number":  {"SPLIT", "records[0]", contracts.ECheckDigit, args{"to": BB, "records": []string{"PLG-510100-20260312-0000042-0"}}},
		"a split of a certificate":      {"SPLIT", "records[0]", contracts.EFormat, args{"to": BB, "records": []string{"CRT-510100-20260312-0000043-V"}}},
		"a renaming without a name":     {"RENAMING", "name_zh", contracts.EFormat, args{"name_en": "BA"}},
		"a renaming to the same name":   {"RENAMING", "name_zh", contracts.EFormat, args{"name_zh": w.party(BA).NameZH}},
		"a renaming of another":         {"RENAMING", "to", contracts.EFormat, args{"name_zh": "新名", "to": BB}},
		"a fact that lies ahead":        {"RENAMING", "fact_time", contracts.EClock, args{"name_zh": "新名", "fact_time": w.time + contracts.Days(1)}},
		"a fact without a paper":        {"RENAMING", "document", contracts.EFormat, args{"name_zh": "新名", "document": "0000000000000000000000000000000000000000000000000000000000000000"}},
		"somebody whom nobody has seen": {"RENAMING", "from", contracts.ENotFound, args{"name_zh": "新名", "from": JG}},
	} {
		o := w.do("parties.succeed", w.succession(c.kind, BA, c.more), w.admin(REG))
		if o.Code != c.code || o.Details[0].Field != c.field {
			t.Errorf("%s: %v %s %+v", name, o.Status, o.Code, o.Details)
		}
	}
	if _, written := w.state[parties.SuccessionKey(1)]; written {
		t.Error("a refused succession has a number")
	}
}

func TestTheRegisterFollowsASuccessionWithoutConsent(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000001", id)
	owned := func(by string) args { return w.facts(id, args{"owners": []string{by}, "owner_changed": true}) }
	w.refused(contracts.EConsent, "", "rights.refresh", owned(MD), w.two(IPO))
	w.succeeded("MERGER", RX, args{"to": MD})
	w.refused(contracts.EConsent, "", "rights.refresh", owned(LQ), w.two(IPO))
	w.must("rights.refresh", owned(MD), w.two(IPO))
}

func TestTheSuccessorOfAPledgeeAgreesToALicence(t *testing.T) {
	w := newSuccessions(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000001", id)
	w.succeeded("MERGER", BA, args{"to": BB})
	licence := w.eventArgs(id, "LICENSED", nil)
	w.refused(contracts.EConsent, "", "rights.status_event", licence, w.two(IPO))
	w.must("rights.status_event", licence, w.with(w.two(IPO), BB))
}

func TestTheClaimOfAMergedOfficeIsItsSuccessors(t *testing.T) {
	w := newSuccessions(t)
	id := w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}, "office": IPO}, []ledger.Signer{w.signer(RX, contracts.Maker)})["right_id"]
	reject := args{"right_id": id, "reason": "no"}
	wantReason(t, w.do("rights.reject", reject, w.two(IP2)), contracts.ERole, contracts.ReasonOtherOffice)
	w.succeeded("MERGER", IPO, args{"to": IP2})
	w.must("rights.reject", reject, w.two(IP2))
}

func TestAMergedOwnerStaysInTheRegistersRecord(t *testing.T) {
	w := newSuccessions(t)
	w.confirmed(invention, nil, RX)
	w.succeeded("MERGER", RX, args{"to": MD})
	record := read[rights.Record](w, "rights/PATENT/"+canonical)
	if !slices.Equal(record.Owners, []string{RX}) {
		t.Fatalf("%+v", record.Owners)
	}
}
