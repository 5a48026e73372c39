// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// submitted applies for a pledge of RX's rights to a bank.
func (w *world) submitted(bank string, rights ...string) string {
	w.t.Helper()
	return w.must(bank, "pledges.submit", args{"rights": rights, "pledgors": []string{RX}, "pledgees": []string{bank}})["pledge_no"].(string)
}

// effective carries an application to its registration.
func (w *world) effective(bank, statutoryNo string, more args, rights ...string) string {
	w.t.Helper()
	no := w.submitted(bank, rights...)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	a := args{"pledge_no": no, "statutory_no": statutoryNo, "statutory_time": w.clock().UnixMilli()}
	for name, value := range more {
		a[name] = value
	}
	w.must(IPO, "pledges.register", a)
	return no
}

// mark claims and confirms a mark of RX.
func (w *world) mark(number string) string {
	w.t.Helper()
	id := w.must(RX, "rights.claim", args{"type": "TM", "number": number, "owners": []string{RX}, "office": IPO})["right_id"].(string)
	w.must(IPO, "rights.confirm", args{"right_id": id, "evidence": w.evidence(), "owners": []string{RX}, "grant_date": "2020-06-02"})
	return id
}

// later moves the clock and makes a block then.
func (w *world) later(text string) {
	w.t.Helper()
	w.at(text)
	w.block()
}

// numbers are those of the pledges that a filter finds.
func (w *world) numbers(f api.PledgeFilter) (list []string) {
	w.t.Helper()
	for _, p := range w.allPledges(f) {
		list = append(list, p.PledgeNo)
	}
	slices.Sort(list)
	return list
}

func wantNumbers(t *testing.T, got []string, want ...string) {
	t.Helper()
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestAFilterByStateFindsWhatTimeAloneHasChanged(t *testing.T) {
	w := newWorld(t)
	first, second, third := w.confirmed(patentNumber(1)), w.mark("12345678"), w.confirmed(patentNumber(3))
	lapsing := w.submitted(BA, first)
	w.must(IPO, "pledges.correct", args{"pledge_no": lapsing, "reason": "合同缺页"})
	ending := w.effective(BA, "Y2026510000001", args{"registration_end": "2026-03-20"}, second)
	dying := w.effective(BA, "Y2026510000002", nil, third)
	w.at("2026-02-25 09:00")
	w.must(IPO, "rights.refresh", args{"right_id": third, "evidence": w.evidence(), "legal_status": "LAPSED"})
	before := w.Head().Header.Height
	w.later("2026-04-01 09:00")
	for _, c := range []struct {
		state string
		past  api.Past
		want  []string
	}{
		{"WITHDRAWN", api.Past{}, []string{lapsing}}, {"CORRECTION", api.Past{}, nil},
		{"CORRECTION", api.Past{AtHeight: before}, []string{lapsing}}, {"WITHDRAWN", api.Past{AtHeight: before}, nil},
		{"ENDED_BY_TIME", api.Past{}, []string{ending}}, {"EFFECTIVE", api.Past{}, nil}, {"EFFECTIVE", api.Past{AtHeight: before}, []string{ending}},
		{"EXTINGUISHED", api.Past{}, []string{dying}}, {"EXTINGUISHED", api.Past{AtHeight: before}, []string{dying}},
		{"REALISED", api.Past{}, nil}, {"REVOKED", api.Past{}, nil}, {"ENFORCING", api.Past{}, nil},
	} {
		for _, area := range []string{"", "510100"} {
			wantNumbers(t, w.numbers(api.PledgeFilter{State: c.state, Area: area, Past: c.past}), c.want...)
		}
		for _, p := range w.allPledges(api.PledgeFilter{State: c.state, Past: c.past}) {
			if string(p.State) != c.state {
				t.Errorf("%s is shown as %s", p.PledgeNo, p.State)
			}
		}
	}
}

func TestPledgesAreFoundByTheirTimesAndNumbers(t *testing.T) {
	w := newWorld(t)
	first, second := w.confirmed(patentNumber(1)), w.confirmed(patentNumber(2))
	one := w.effective(BA, "Y2026510000001", nil, first)
	between := w.clock().Add(time.Hour)
	w.at("2026-02-25 10:00")
	other := w.effective(BB, "Y2026510000002", args{"statutory_time": w.clock().UnixMilli() - 60_000}, second)
	for _, c := range []struct {
		f    api.PledgeFilter
		want []string
	}{
		{api.PledgeFilter{RegisteredFrom: between}, []string{other}}, {api.PledgeFilter{RegisteredTo: between}, []string{one}},
		{api.PledgeFilter{StatutoryFrom: between}, []string{other}}, {api.PledgeFilter{StatutoryTo: between}, []string{one}},
		{api.PledgeFilter{StatutoryFrom: w.clock()}, nil}, {api.PledgeFilter{RegisteredFrom: w.clock()}, []string{other}},
		{api.PledgeFilter{PledgeNo: " " + strings.ToLower(one)}, []string{one}}, {api.PledgeFilter{PledgeNo: one, Pledgee: BB}, nil},
		{api.PledgeFilter{StatutoryNo: "y2026510000002"}, []string{other}}, {api.PledgeFilter{StatutoryNo: "2026-F-0042"}, nil},
		{api.PledgeFilter{Registrar: "CNIPA"}, []string{one, other}}, {api.PledgeFilter{Registrar: "NCA"}, nil},
	} {
		wantNumbers(t, w.numbers(c.f), c.want...)
	}
	for what, f := range map[string]api.PledgeFilter{
		"a statutory number of one letter": {StatutoryNo: "Y"}, "a platform number that is none": {PledgeNo: "PLG-1"}, "a right's number": {PledgeNo: first},
		"a pool that is a pledge": {PoolNo: one}, "a state that is none": {State: "GONE"}, "a time before the other": {RegisteredFrom: w.clock(), RegisteredTo: between},
	} {
		if _, err := w.client().Pledges(t.Context(), f); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSearchesFollowSuccessors(t *testing.T) {
	w := newOpenWorld(t)
	first, second, third := w.confirmed(patentNumber(1)), w.confirmed(patentNumber(2)), w.confirmed(patentNumber(3))
	syndicate := w.must(BA, "pledges.submit", args{"rights": []string{third}, "pledgors": []string{RX}, "pledgees": []string{BA, BB}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": syndicate})
	w.must(IPO, "pledges.register", args{"pledge_no": syndicate, "statutory_no": "Y2026510000003", "statutory_time": w.clock().UnixMilli()})
	one, other := w.effective(BA, "Y2026510000001", nil, first), w.effective(BB, "Y2026510000002", nil, second)
	wantNumbers(t, w.numbers(api.PledgeFilter{Pledgee: BB}), other, syndicate)
	before := w.Head().Header.Height
	for _, s := range [][2]string{{BA, BB}, {RX, MD}} {
		w.must(REG, "parties.succeed", args{"kind": "MERGER", "from": s[0], "to": s[1], "document": paper, "fact_time": w.clock().UnixMilli()})
	}
	for limit := range 3 { // of pages: the syndicate is found under two names and shown once
		wantNumbers(t, w.numbers(api.PledgeFilter{Pledgee: BB, Limit: limit}), one, other, syndicate)
	}
	wantNumbers(t, w.numbers(api.PledgeFilter{Pledgee: BA}), one, syndicate)
	wantNumbers(t, w.numbers(api.PledgeFilter{Pledgor: MD, Pledgee: BB, State: "EFFECTIVE"}), one, other, syndicate)
	wantNumbers(t, w.numbers(api.PledgeFilter{Pledgee: BB, Past: api.Past{AtHeight: before}}), other, syndicate)
	if got := w.allRights(api.RightFilter{Owner: MD}); len(got) != 3 {
		t.Errorf("rights of the successor: %+v", got)
	}
	if got := w.allRights(api.RightFilter{Owner: MD, Past: api.Past{AtHeight: before}}); len(got) != 0 {
		t.Errorf("rights of the successor before: %+v", got)
	}
	page, err := w.client().Portfolio(t.Context(), BB, api.Past{}, 0, "")
	must(t, err)
	if page.Counts.Pledges != 3 || len(page.Items) != 3 {
		t.Errorf("portfolio of the successor: %+v", page.Counts)
	}
}

func TestAPortfolioShowsLivePledgesAndWhatIsPledged(t *testing.T) {
	w := newWorld(t)
	first, second, third, fourth := w.confirmed(patentNumber(1)), w.confirmed(patentNumber(2)), w.confirmed(patentNumber(3)), w.confirmed(patentNumber(4))
	two := w.effective(BA, "Y2026510000001", nil, first, second)
	leaving := w.effective(BA, "Y2026510000002", nil, third)
	w.effective(BB, "Y2026510000003", nil, fourth)
	before := w.Head().Header.Height
	w.at("2026-02-25 09:00")
	w.must(BA, "pledges.consent_release", args{"pledge_no": leaving, "ground": "WAIVED"})
	w.must(IPO, "rights.refresh", args{"right_id": second, "evidence": w.evidence(), "legal_status": "LAPSED"})
	w.must(IPO, "freezes.record", args{"right_id": first, "doc_no": "1", "court": "示例中级人民法院", "received_at": w.clock().UnixMilli()})

	var all api.PortfolioCounts
	var items []api.PortfolioItem
	for cursor := ""; ; {
		page, err := w.client().Portfolio(t.Context(), BA, api.Past{}, 1, cursor)
		must(t, err)
		all.Add(page.Counts)
		items = append(items, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if all.Pledges != 2 || all.Rights != 2 || all.ByState["EFFECTIVE"] != 1 || all.ByState["RELEASE_PENDING"] != 1 || all.ByRegistrar["CNIPA"] != 2 ||
		all.ByArea["510100"] != 2 || all.ByFlag["FROZEN"] != 1 || all.ByFlag["REMOVED"] != 1 {
		t.Errorf("counts %+v", all)
	}
	i := slices.IndexFunc(items, func(item api.PortfolioItem) bool { return item.Record.PledgeNo == two })
	for _, r := range items[i].Rights {
		switch r.RightID {
		case first:
			if r.State != "LIVE" || r.Rank != 1 || r.Status != rights.Pledged || !slices.Contains(r.Flags, "FROZEN") || r.ExpiryDate != "2038-03-18" || r.FeeStatus != "PAID" {
				t.Errorf("%+v", r)
			}
		case second:
			if r.State != "REMOVED" || r.Ground != "LAPSED" || r.Rank != 0 || r.Status != rights.Ended {
				t.Errorf("%+v", r)
			}
		}
	}
	past, err := w.client().Portfolio(t.Context(), BA, api.Past{AtHeight: before}, 0, "")
	must(t, err)
	if past.Counts.ByState["EFFECTIVE"] != 2 || past.Counts.Rights != 3 {
		t.Errorf("before: %+v", past.Counts)
	}
	if _, err := w.client().Portfolio(t.Context(), JG, api.Past{}, 0, ""); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestADossierTellsEverythingOfARightAtATime(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention)
	old := w.effective(BA, "Y2026510000001", nil, id)
	w.must(BA, "pledges.consent_release", args{"pledge_no": old, "ground": "WAIVED"})
	w.must(IPO, "pledges.cancel", args{"pledge_no": old, "cancellation_ref": "C1", "cancellation_time": w.clock().UnixMilli()})
	before := w.Head().Header.Height
	w.at("2026-02-25 09:00")
	no := w.effective(BB, "Y2026510000002", nil, id)
	w.must(IPO, "freezes.record", args{"right_id": id, "doc_no": "1", "court": "示例中级人民法院", "received_at": w.clock().UnixMilli()})
	w.must(IPO, "rights.status_event", args{"right_id": id, "event": "INVALIDATION_FILED", "fact_time": w.clock().UnixMilli(), "case_no": "4W1"})
	d, err := w.client(BA, contracts.Maker).RightDossier(t.Context(), "PATENT:"+invention, api.Past{})
	must(t, err)
	states := map[string]pledges.State{}
	for _, p := range d.Pledges {
		states[p.Record.PledgeNo] = p.State
	}
	if len(states) != 2 || states[old] != pledges.Released || states[no] != pledges.Effective || d.Status != rights.Pledged ||
		len(d.StatusDetail.Freezes) != 1 || len(d.Events) != 1 || d.Record.RightID != id || d.Claim == nil {
		t.Errorf("%+v", d)
	}
	public, err := w.client().RightDossier(t.Context(), id, api.Past{})
	must(t, err)
	if len(public.Pledges) != 2 || public.Events != nil || public.Claim != nil {
		t.Errorf("the public is told %+v", public)
	}
	past, err := w.client(BA, contracts.Maker).RightDossier(t.Context(), id, api.Past{AtHeight: before})
	must(t, err)
	if past.Status != rights.Free || len(past.Pledges) != 1 || len(past.Events) != 0 || past.Height != before {
		t.Errorf("before: %+v", past)
	}
	if _, err := w.client().RightDossier(t.Context(), "PATENT:"+patentNumber(9), api.Past{}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("of a right never seen: %v", err)
	}
}

func TestACertificateSaysWhatItCertifiesAndWhetherItHolds(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000001", nil, w.confirmed(invention))
	issued := w.Head().Header.Height
	of := func(number string, past api.Past) api.PledgeCertificate {
		t.Helper()
		c, err := w.client().Certificate(t.Context(), number, past)
		must(t, err)
		return c
	}
	pledge, err := w.client().Pledge(t.Context(), no)
	must(t, err)
	first := pledge.Record.CertificateNo
	if c := of(first, api.Past{}); c.Status != "VALID" || c.Record.PledgeNo != no || c.IssuedHeight != issued || c.AtIssue.State != pledges.Effective {
		t.Errorf("%+v", c)
	}
	w.at("2026-02-25 09:00")
	w.must(BA, "pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"})
	if c := of(first, api.Past{}); c.Status != "VALID" || c.State != pledges.ReleasePending || c.AtIssue.State != pledges.Effective {
		t.Errorf("%+v", c)
	}
	w.must(IPO, "pledges.cancel", args{"pledge_no": no, "cancellation_ref": "C1", "cancellation_time": w.clock().UnixMilli()})
	pledge, err = w.client().Pledge(t.Context(), no)
	must(t, err)
	second := pledge.Record.CertificateNo
	if c := of(first, api.Past{}); c.Status != "SUPERSEDED" || c.SupersededBy != second || c.IssuedHeight != issued || c.AtIssue.State != pledges.Effective || c.Now.State != pledges.Released {
		t.Errorf("%+v", c)
	}
	if c := of(second, api.Past{}); c.Status != "ENDED" || c.State != pledges.Released {
		t.Errorf("%+v", c)
	}
	if c := of(first, api.Past{AtHeight: issued}); c.Status != "VALID" {
		t.Errorf("when it was issued: %+v", c)
	}
	if _, err := w.client().Certificate(t.Context(), no, api.Past{}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("a pledge's number: %v", err)
	}
}

func TestALoanShowsWhatBecameOfItsPledges(t *testing.T) {
	w := newWorld(t)
	first, second := w.confirmed(patentNumber(1)), w.confirmed(patentNumber(2))
	one, other := w.effective(BA, "Y2026510000001", nil, first), w.effective(BA, "Y2026510000002", nil, second)
	loan := w.must(BA, "loans.sign", args{"borrower": RX, "pledges": []string{one, other}})["loan_no"].(string)
	w.must(BA, "loans.disburse", args{"loan_no": loan})
	flags := func(want ...string) {
		t.Helper()
		got, err := w.client(BA, contracts.Maker).Loan(t.Context(), loan)
		must(t, err)
		if got.Flags == nil || !slices.Equal(got.Flags, want) {
			t.Errorf("flags %q, want %q", got.Flags, want)
		}
	}
	flags([]string{}...)
	w.must(IPO, "pledges.revoke", args{"pledge_no": one, "ground": "FORGED_PAPERS"})
	flags("UNSECURED")
	w.at("2026-02-25 09:00")
	w.must(IPO, "rights.refresh", args{"right_id": second, "evidence": w.evidence(), "legal_status": "LAPSED"})
	flags("COLLATERAL_LOST", "UNSECURED")
	w.must(BA, "loans.settle", args{"loan_no": loan})
	flags([]string{}...)
}

func TestThePartiesOfAPledgeAreToldWhatBecomesOfIt(t *testing.T) {
	w := newWorld(t)
	told := func(organisation, party string) string {
		t.Helper()
		page, err := w.client(organisation, contracts.Maker).Alerts(t.Context(), party, time.Time{}, 0, "")
		must(t, err)
		var kinds []string
		for _, a := range page.Items {
			kinds = append(kinds, string(a.Kind))
		}
		return strings.Join(kinds, " ")
	}
	wants := func(want map[string]string) {
		t.Helper()
		for organisation, kinds := range want {
			if got := told(organisation, ""); got != kinds {
				t.Errorf("%s is told %q, want %q", organisation, got, kinds)
			}
			if got := told(REG, organisation); got != kinds {
				t.Errorf("the regulator is told %q of %s, want %q", got, organisation, kinds)
			}
		}
	}
	id := w.confirmed(invention)
	no := w.submitted(BA, id)
	w.must(IPO, "pledges.correct", args{"pledge_no": no, "reason": "合同缺页"})
	wants(map[string]string{BA: "CORRECTION_DUE", RX: "CORRECTION_DUE APPLICATION", BB: "", IPO: ""})
	w.later("2026-03-30 09:00") // it is withdrawn
	wants(map[string]string{BA: "", RX: ""})
	w.must(IPO, "rights.refresh", args{"right_id": id, "evidence": w.evidence()})
	no = w.submitted(BA, id)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	wants(map[string]string{IPO: "REVIEW_DUE", BA: "", RX: "APPLICATION"})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000001", "statutory_time": w.clock().UnixMilli()})
	wants(map[string]string{IPO: "", BA: "REGISTERED", RX: "REGISTERED"})
	loan := w.must(BA, "loans.sign", args{"borrower": RX, "pledges": []string{no}})["loan_no"].(string)
	w.must(BA, "loans.disburse", args{"loan_no": loan})
	w.must(BA, "loans.settle", args{"loan_no": loan})
	w.later("2026-04-20 09:00")
	wants(map[string]string{BA: "RELEASE_OVERDUE REGISTERED", RX: "RELEASE_OVERDUE REGISTERED", BB: ""})
	w.must(BA, "pledges.start_enforcement", args{"pledge_no": no, "ground": "AGREED_EVENT", "route": "AGREEMENT", "notify": []string{MD}})
	wants(map[string]string{BA: "ENFORCING REGISTERED", RX: "ENFORCING REGISTERED", MD: "ENFORCING", BB: ""})
	w.must(BA, "pledges.end_enforcement", args{"pledge_no": no, "outcome": "CURED"})
	w.must(BA, "pledges.consent_release", args{"pledge_no": no, "ground": "DEBT_PAID"})
	w.later("2026-05-20 09:00")
	wants(map[string]string{IPO: "CANCELLATION_WAITING", BA: "REGISTERED", MD: ""})
	w.must(IPO, "pledges.revoke", args{"pledge_no": no, "ground": "FRAUD"})
	wants(map[string]string{IPO: "", BA: "REVOKED", RX: ""})
}

func TestTheFreezesOfARightAreListed(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention)
	before := w.Head().Header.Height
	for _, paper := range []string{"1", "2"} {
		w.must(IPO, "freezes.record", args{"right_id": id, "doc_no": paper, "court": "示例中级人民法院", "received_at": w.clock().UnixMilli()})
	}
	list, err := w.client().Freezes(t.Context(), "PATENT:"+invention, api.Past{})
	must(t, err)
	if len(list.Items) != 2 || list.RightID != id || list.Items[0].State != "FROZEN" || list.Items[1].State != "FREEZE_QUEUED" {
		t.Errorf("%+v", list)
	}
	list, err = w.client().Freezes(t.Context(), id, api.Past{AtHeight: before})
	must(t, err)
	if list.Items == nil || len(list.Items) != 0 {
		t.Errorf("before: %+v", list)
	}
}
