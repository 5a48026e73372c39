// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// abroad is a world with a foreign bank that holds a pledge, by its agent BB.
type abroad struct {
	*world
	right, pledge, loan, freeze, consent, pool, disposal, proposal, transaction string
}

// through runs a method for the foreign bank, by the people of its agent.
func (w *abroad) through(method string, a args) map[string]any {
	w.t.Helper()
	raw, err := json.Marshal(a)
	must(w.t, err)
	contract, name, _ := strings.Cut(method, ".")
	in := api.DraftRequest{Contract: contract, Method: name, Args: raw, Actor: SG, ClientRef: fmt.Sprintf("%s-%d", name, w.Head().Header.Height)}
	in.Commitments = []string{w.trust.Suite.Sum([]byte(in.ClientRef)).String()}
	d, err := w.client(BB, contracts.Maker).Draft(context.Background(), in)
	must(w.t, err)
	for _, s := range d.Signers {
		if s.Organisation == SG && (s.PublicKey == w.key(SG, contracts.Maker).Public() || s.PublicKey == w.key(SG, contracts.Checker).Public()) {
			w.t.Fatalf("the draft names the foreign bank's own people: %+v", d.Signers)
		}
	}
	out, err := w.client(BB, contracts.Maker).SubmitParts(context.Background(), w.signed(d), 5*time.Second)
	must(w.t, err)
	if out.Status != api.Final {
		w.t.Fatalf("%s: %+v %+v", method, out, out.Outcome)
	}
	w.transaction = out.ID.String()
	var result map[string]any
	must(w.t, json.Unmarshal(out.Outcome.Result, &result))
	return result
}

func newAbroad(t *testing.T) *abroad {
	t.Helper()
	w := &abroad{world: newWorldIn(t, "ed25519", func(w *world) {
		w.foreign = true
		w.guests = []contracts.GenesisParty{{PartyID: EX, Role: contracts.Exchange, NameZH: "成渝知识产权交易中心(示例)"}}
	})}
	w.right = w.confirmed(invention)
	w.must(SG, "parties.delegate", args{"agent": BB, "methods": []string{"pledges", "loans"}, "until": "2026-12-31"})
	w.must(SG, "parties.update", args{"sme_class": "LARGE"})
	w.must(RX, "parties.update", args{"sme_class": "SMALL"})
	w.pledge = w.through("pledges.submit", args{"rights": []string{w.right}, "pledgors": []string{RX}, "pledgees": []string{SG}, "office": IPO})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": w.pledge})
	w.must(IPO, "pledges.register", args{"pledge_no": w.pledge, "statutory_no": "Y2026510000101", "statutory_time": w.clock().UnixMilli()})
	w.loan = w.through("loans.sign", args{"borrower": RX, "pledges": []string{w.pledge}})["loan_no"].(string)
	w.pool = w.must(BA, "pools.create", args{"rights": []string{w.right}})["pool_no"].(string)
	w.consent = w.must(RX, "consents.request", args{"right_id": w.right, "kind": "LICENCE"})["consent_no"].(string)
	w.freeze = w.must(IPO, "freezes.record", args{
		"right_id": w.right, "doc_no": "(2026)川01执保217号", "court": "示例中级人民法院", "received_at": w.clock().UnixMilli(), "until": "2026-08-23",
	})["freeze_no"].(string)
	other := w.must(BA, "pledges.submit", args{"rights": []string{w.confirmed("201710601862.3")}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": other})
	w.must(IPO, "pledges.register", args{"pledge_no": other, "statutory_no": "Y2026510000102", "statutory_time": w.clock().UnixMilli()})
	w.must(BA, "pledges.start_enforcement", args{"pledge_no": other, "ground": "DEFAULT", "route": "PRIVATE_SALE"})
	opens := w.clock().Add(30 * 24 * time.Hour).UnixMilli()
	w.disposal = w.must(EX, "disposals.list", args{
		"pledge_no": other, "kind": "AUCTION", "currency": "CNY", "reference_price": "1000000000", "reserve_price": "800000000",
		"opens_at": opens, "closes_at": opens + 1,
	})["disposal_no"].(string)
	m, _ := w.registry.Lookup("parties", 1, "suspend")
	inner, refusal := m.EncodeArgs(json.RawMessage(`{"party_id":"` + MD + `","ground":"BREACH","document":"` + paper + `"}`))
	if refusal.Refuses() {
		t.Fatal(refusal)
	}
	w.proposal = w.must(BA, "consortium.propose", args{"contract": "parties", "method": "suspend", "args": inner})["proposal_id"].(string)
	return w
}

// TestWhatEachRouteShowsToWhom holds all routes to their levels: an unsigned caller, a
// member and somebody of a foreign organisation ask each. What the foreign one gets
// from a public route is what anybody gets, to the byte.
func TestWhatEachRouteShowsToWhom(t *testing.T) {
	w := newAbroad(t)
	pledge, err := w.client().Pledge(t.Context(), w.pledge)
	must(t, err)
	const public, member, party = "public", "member", "party"
	asked := make(map[string]bool)
	for _, c := range []struct {
		route, target string
		level         string
		more          bool // a member sees more than anybody
	}{
		{"/v1/status", "/v1/status", public, false},
		{"/v1/methods", "/v1/methods", public, false},
		{"/v1/parameters", "/v1/parameters", public, false},
		{"/v1/calendars", "/v1/calendars", public, false},
		{"/v1/rights", "/v1/rights?owner=" + strings.ToLower(RX), public, false},
		{"/v1/rights/{ref}", "/v1/rights/" + w.right, public, true},
		{"/v1/rights/{ref}/dossier", "/v1/rights/" + w.right + "/dossier", public, true},
		{"/v1/rights/{ref}/history", "/v1/rights/" + w.right + "/history", public, true},
		{"/v1/rights/{ref}/events", "/v1/rights/" + w.right + "/events", member, false},
		{"/v1/corrections", "/v1/corrections?subject=" + w.right, member, false},
		{"/v1/encumbrance", "/v1/encumbrance?type=PATENT&number=" + invention + "&proof=true", public, false},
		{"/v1/pledges", "/v1/pledges?pledgee=" + strings.ToLower(SG), public, false},
		{"/v1/pledges/{pledge_no}", "/v1/pledges/" + w.pledge, public, true},
		{"/v1/pledges/{pledge_no}/history", "/v1/pledges/" + w.pledge + "/history", public, true},
		{"/v1/certificates/{certificate_no}", "/v1/certificates/" + pledge.Record.CertificateNo, public, false},
		{"/v1/freezes", "/v1/freezes?right=" + w.right, public, false},
		{"/v1/freezes/{freeze_no}", "/v1/freezes/" + w.freeze, public, true},
		{"/v1/loans/{loan_no}", "/v1/loans/" + w.loan, party, false},
		{"/v1/pools/{pool_no}", "/v1/pools/" + w.pool, member, false},
		{"/v1/disposals", "/v1/disposals?area=510100", public, false},
		{"/v1/disposals/{disposal_no}", "/v1/disposals/" + w.disposal, public, true},
		{"/v1/consents", "/v1/consents?right=" + w.right, member, false},
		{"/v1/consents/{consent_no}", "/v1/consents/" + w.consent, party, false},
		{"/v1/alerts", "/v1/alerts?party=" + RX, member, false},
		{"/v1/parties", "/v1/parties", public, false},
		{"/v1/parties", "/v1/parties?name=" + strings.ToLower(SG), public, false},
		{"/v1/parties/{party_id}", "/v1/parties/" + RX, public, true},
		{"/v1/parties/{party_id}/portfolio", "/v1/parties/" + strings.ToLower(SG) + "/portfolio", public, false},
		{"/v1/persons", "/v1/persons?organisation=" + RX, member, false},
		{"/v1/transactions/{id}", "/v1/transactions/" + w.transaction, public, false},
		{"/v1/transactions/{id}/receipt", "/v1/transactions/" + w.transaction + "/receipt", public, false},
		{"/v1/blocks", "/v1/blocks", member, false},
		{"/v1/blocks/{height}", "/v1/blocks/3", member, false},
		{"/v1/evidence", "/v1/evidence?organisation=" + BA, public, false},
		{"/v1/evidence/{id}", "/v1/evidence/" + strings.Repeat("ab", 32), public, false}, // there is none: all hear the same
		{"/v1/proposals", "/v1/proposals", member, false},
		{"/v1/proposals/{id}", "/v1/proposals/" + w.proposal, member, false},
	} {
		asked[c.route] = true
		operation := api.Document().Paths[c.route].Get
		if got := fmt.Sprint(operation.Extensions["x-level"]); got != c.level {
			t.Errorf("%s is declared as %s, want %s", c.route, got, c.level)
		}
		anybody := w.send(t, http.MethodGet, c.target, nil, nil)
		domestic := w.send(t, http.MethodGet, c.target, nil, w.key(domesticFor(c.target), contracts.Maker))
		foreign := w.send(t, http.MethodGet, c.target, nil, w.key(SG, contracts.Maker))
		if c.level == public {
			if anybody.status != domestic.status || foreign.status != anybody.status || !bytes.Equal(foreign.body, anybody.body) {
				t.Errorf("%s: %d %d %d\nanybody %s\nforeign %s", c.target, anybody.status, domestic.status, foreign.status, anybody.body, foreign.body)
			}
			if more := !bytes.Equal(domestic.body, anybody.body); more != c.more {
				t.Errorf("%s: a member sees more: %v", c.target, more)
			}
			continue
		}
		want := http.StatusForbidden
		if c.level == party {
			want = http.StatusNotFound
		}
		if anybody.status != want || domestic.status != http.StatusOK {
			t.Errorf("%s: %d %d %s", c.target, anybody.status, domestic.status, domestic.body)
		}
		w.wantStopped(c.target, foreign)
	}
	for path, item := range api.Document().Paths {
		if item.Get != nil && !asked[path] {
			t.Errorf("%s is in no line of the table", path)
		}
	}
}

// domesticFor is who asks as a member: of a record that only its parties see, one of them.
func domesticFor(target string) string {
	if strings.HasPrefix(target, "/v1/loans") || strings.HasPrefix(target, "/v1/disposals/") || strings.HasPrefix(target, "/v1/consents/") || strings.HasPrefix(target, "/v1/alerts") {
		return RX
	}
	return BA
}

func (w *abroad) wantStopped(target string, a reply) {
	w.t.Helper()
	p := a.problem(w.t)
	if a.status != http.StatusForbidden || p.Code != contracts.EForbidden || len(p.Details) != 1 || p.Details[0].Reason != api.ReasonCrossBorder ||
		!strings.Contains(p.Detail, "leave the country") || !strings.Contains(p.MessageZH, "出境") {
		w.t.Errorf("%s: %d %s", target, a.status, a.body)
	}
}

func TestAForeignOrganisationSeesWhatIsItsOwn(t *testing.T) {
	w := newAbroad(t)
	maker := w.key(SG, contracts.Maker)
	for target, text := range map[string]string{
		"/v1/persons": `"organisation":"` + SG,
		"/v1/persons?organisation=" + strings.ToLower(SG): `"organisation":"` + SG,
		"/v1/parties/" + SG: `"agent":"` + BB,
		"/v1/alerts":        `"items":[`,
		"/v1/alerts?party=" + strings.ToLower(SG): `"items":[`,
	} {
		if a := w.send(t, http.MethodGet, target, nil, maker); a.status != http.StatusOK || !strings.Contains(string(a.body), text) {
			t.Errorf("%s: %d %s", target, a.status, a.body)
		}
	}
	// What its agency does for it stays with the agency.
	w.wantStopped("its own loan", w.send(t, http.MethodGet, "/v1/loans/"+w.loan, nil, maker))
	w.wantStopped("no loan", w.send(t, http.MethodGet, "/v1/loans/LON-510100-20260306-0000001-U", nil, maker))
}

func TestAForeignOrganisationDraftsItsAdministrationAlone(t *testing.T) {
	w := newAbroad(t)
	draft := func(in api.DraftRequest, key keys.PrivateKey) reply {
		body, err := json.Marshal(in)
		must(t, err)
		return w.send(t, http.MethodPost, "/v1/drafts", body, key)
	}
	own := api.DraftRequest{Contract: "parties", Method: "end_delegation", Args: json.RawMessage(`{"agent":"` + BB + `"}`)}
	admin := w.key(SG, contracts.Admin)
	if a := draft(own, admin); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for name, change := range map[string]func(*api.DraftRequest){
		"for another":        func(in *api.DraftRequest) { in.Actor = BA },
		"of the business":    func(in *api.DraftRequest) { in.Contract, in.Method = "pledges", "withdraw" },
		"of what is unknown": func(in *api.DraftRequest) { in.Contract = "stories" },
	} {
		in := own
		change(&in)
		w.wantStopped(name, draft(in, admin))
		if a := draft(in, nil); a.status != http.StatusForbidden || a.problem(t).Code != contracts.ESignature {
			t.Errorf("%s, unsigned: %d %s", name, a.status, a.body)
		}
	}
	// What it has signed itself it submits like everybody.
	w.must(SG, "parties.end_delegation", args{"agent": BB})
}

func TestTheDraftOfARegistrationNamesAForeignNewcomer(t *testing.T) {
	w := newAbroad(t)
	const lei = "300300RX00MICRO20244"
	key := w.key(lei, contracts.Admin)
	r := w.must(BA, "parties.register", args{"lei": lei, "name_en": "Victoria Devices", "role": "PLEDGOR", "admin_key": key.Public().String()}, key)
	if r["party_id"] != lei {
		t.Fatalf("%+v", r)
	}
}

func TestAPartyIsNamedInAnySpellingAndAMistypedOneIsToldSo(t *testing.T) {
	w := newAbroad(t)
	for _, target := range []string{
		"/v1/rights?owner=", "/v1/pledges?pledgee=", "/v1/pledges?pledgor=", "/v1/alerts?party=", "/v1/persons?organisation=",
		"/v1/evidence?organisation=", "/v1/parties/",
	} {
		for id, code := range map[string]string{
			" 549300sgbank00000183": "", "91510100ma6ca1r24n": "",
			"549300SGBANK00000184": contracts.ECheckDigit, "91510100MA6CA1R240": contracts.ECheckDigit, "RX": contracts.EFormat,
		} {
			a := w.send(t, http.MethodGet, target+strings.ReplaceAll(id, " ", "%20"), nil, w.key(REG, contracts.Maker))
			if code == "" && a.status != http.StatusOK || code != "" && (a.status != http.StatusBadRequest || a.problem(t).Code != code) {
				t.Errorf("%s%s: %d %s", target, id, a.status, a.body)
			}
		}
	}
}
