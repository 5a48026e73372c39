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
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// newOpenWorld is a world in which an administrator calls by a transaction what a
// vote of the members runs.
func newOpenWorld(t testing.TB) *world {
	list := registry.New().Methods()
	for i := range list {
		if list[i].Rule.Vote {
			list[i].Rule = contracts.Rule{Roles: []string{contracts.Admin}}
		}
	}
	open := contracts.NewRegistry(list...).Naming(registry.Names())
	w := newWorld(t, func(cfg *api.Config) { cfg.Versions = contracts.NewVersions(open) })
	w.registry = open
	return w
}

// paper is the hash of a document.
var paper = strings.Repeat("cd", 32)

func (w *world) found(name string) (ids []string) {
	w.t.Helper()
	page, err := w.client().Parties(w.t.Context(), api.PartyFilter{Name: name})
	must(w.t, err)
	for _, p := range page.Items {
		ids = append(ids, p.PartyID)
	}
	return ids
}

func TestAnOrganisationIsFoundByItsNamesAndItsCode(t *testing.T) {
	w := newOpenWorld(t)
	w.must(REG, "parties.succeed", args{"kind": "RENAMING", "from": BB, "name_zh": "嘉陵银行股份有限公司", "name_en": "Jialing Bank", "document": paper, "fact_time": w.clock().UnixMilli()})
	for name, want := range map[string][]string{
		"嘉陵银行(重庆)": {BB}, "嘉陵银行（重庆）": {BB}, "嘉陵银行股份有限公司": {BB}, "jialing  BANK": {BB}, BB: {BB}, " " + strings.ToLower(BB): {BB},
		"嘉陵银行": nil, "嘉陵银行股份": nil, JG: nil, "蜀锦银行": {BA},
	} {
		if got := w.found(name); !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	p, err := w.client().Party(t.Context(), BB)
	must(t, err)
	if p.Record.NameZH != "嘉陵银行股份有限公司" || len(p.Record.FormerNames) != 1 || p.Record.FormerNames[0].NameZH != "嘉陵银行(重庆)" || p.Status != contracts.PartyActive {
		t.Fatalf("%+v", p)
	}
	// Two organisations of one name are two items, page by page.
	w.must(REG, "parties.succeed", args{"kind": "RENAMING", "from": BA, "name_zh": "嘉陵银行股份有限公司", "document": paper, "fact_time": w.clock().UnixMilli()})
	page, err := w.client().Parties(t.Context(), api.PartyFilter{Name: "嘉陵银行股份有限公司", Limit: 1})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].PartyID != BB || page.NextCursor == "" {
		t.Fatalf("%+v", page)
	}
	page, err = w.client().Parties(t.Context(), api.PartyFilter{Name: "嘉陵银行股份有限公司", Limit: 1, Cursor: page.NextCursor})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].PartyID != BA || page.NextCursor != "" {
		t.Fatalf("%+v", page)
	}
}

func TestDetailsAndDelegationsAreForMembers(t *testing.T) {
	w := newWorld(t)
	w.must(BA, "parties.update", args{"cnaps": "313653000021", "lei": "969500KSV493XWY0PS33"})
	w.must(BA, "parties.delegate", args{"agent": MD, "methods": []string{"pledges"}, "until": "2026-12-31"})
	public, err := w.client().Party(t.Context(), BA)
	must(t, err)
	if public.Details != nil || public.Delegations != nil || public.Record.LEI != "969500KSV493XWY0PS33" {
		t.Fatalf("%+v", public)
	}
	member, err := w.client(RX, contracts.Maker).Party(t.Context(), BA)
	must(t, err)
	if member.Details == nil || member.Details.CNAPS != "313653000021" || len(member.Delegations) != 1 || member.Delegations[0].Agent != MD {
		t.Fatalf("%+v", member)
	}
}

func TestASuspensionEndsByTheBlocksTime(t *testing.T) {
	w := newOpenWorld(t)
	ask := func() error {
		_, err := w.client(MD, contracts.Maker).Persons(t.Context(), "", 0, "")
		return err
	}
	status := func() string {
		p, err := w.client().Party(t.Context(), MD)
		must(t, err)
		page, err := w.client().Parties(t.Context(), api.PartyFilter{Name: MD})
		must(t, err)
		if page.Items[0].Status != p.Status {
			t.Errorf("%s in the list, %s alone", page.Items[0].Status, p.Status)
		}
		return p.Status
	}
	must(t, ask())
	until := w.clock().Add(time.Hour)
	w.must(REG, "parties.suspend", args{"party_id": MD, "ground": "REGULATOR_ORDER", "document": paper, "until": until.UnixMilli()})
	if err := ask(); status() != contracts.PartyFrozen || err != nil { // it may look
		t.Fatalf("%v", err)
	}
	w.at("2026-02-24 10:01")
	w.block()
	if err := ask(); status() != contracts.PartyActive || err != nil {
		t.Fatalf("%v", err)
	}
}

// asks asks for people as the holder of a key does.
func (w *world) asks(key keys.PrivateKey) error {
	c := w.client()
	c.Key = key
	_, err := c.Persons(w.t.Context(), "", 0, "")
	return err
}

func TestOneKeyOfAPersonSignsRequestsAtATime(t *testing.T) {
	w := newWorld(t)
	old, fresh := w.key(BA, contracts.Checker), keyOf(t, w.trust.Suite, "fresh")
	id := contracts.PersonID(w.trust.Suite, old.Public())
	wantOne := func(now, not keys.PrivateKey) {
		t.Helper()
		for range 2 {
			if err := w.asks(now); err != nil {
				t.Fatal(err)
			}
			if err := w.asks(not); !errors.Is(err, ledger.ErrDenied) {
				t.Fatalf("%v", err)
			}
		}
	}
	wantOne(old, fresh)
	// The maker drafts, so the administrators are asked.
	w.must(BA, "persons.rotate_key", args{"person_id": id, "key": fresh.Public()}, fresh)
	wantOne(old, fresh)
	w.at("2026-02-27 08:59")
	w.block()
	wantOne(old, fresh)
	w.at("2026-02-27 09:01")
	w.block() // nothing but time has changed
	wantOne(fresh, old)
	page, err := w.client(BA, contracts.Maker).Persons(t.Context(), "", 0, "")
	must(t, err)
	if at := slices.IndexFunc(page.Items, func(p contracts.Person) bool { return p.PersonID == id }); at < 0 || page.Items[at].Rotation == nil {
		t.Fatalf("%+v", page.Items)
	}
	// The maker's own key: the old one is enough, and is the caller's.
	own := keyOf(t, w.trust.Suite, "own")
	w.must(BA, "persons.rotate_key", args{"person_id": contracts.PersonID(w.trust.Suite, w.key(BA, contracts.Maker).Public()), "key": own.Public()}, own)
	wantOne(own, w.key(BA, contracts.Maker))
}

func TestAnAgentDraftsAndSubmitsForThePrincipal(t *testing.T) {
	w := newWorld(t)
	w.must(RX, "parties.delegate", args{"agent": MD, "methods": []string{"rights.claim", "pledges"}, "until": "2026-12-31"})
	claim := func(r *api.DraftRequest) { r.Actor = RX }
	d, err := w.draft(MD, "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}}, claim)
	must(t, err)
	if d.Signers[0].Organisation != RX || d.Signers[0].PublicKey != w.key(MD, contracts.Maker).Public() {
		t.Fatalf("%+v", d.Signers)
	}
	out, err := w.client(MD, contracts.Maker).SubmitParts(t.Context(), w.signed(d), 5*time.Second)
	must(t, err)
	if out.Status != api.Final {
		t.Fatalf("%+v", out.Outcome)
	}
	// RX's own people go before the agent's, and the administrators are its own.
	d, err = w.draft(RX, "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}})
	must(t, err)
	if d.Signers[0].PublicKey != w.key(RX, contracts.Maker).Public() {
		t.Fatalf("%+v", d.Signers)
	}
	d, err = w.draft(MD, "parties.update", args{"name_en": "RX"}, claim)
	must(t, err)
	if d.Signers[0].PublicKey != w.key(RX, contracts.Admin).Public() {
		t.Fatalf("%+v", d.Signers)
	}
}

func TestASuccessorSeesTheLoansOfTheMergedBank(t *testing.T) {
	w := newOpenWorld(t)
	loan := w.must(BA, "loans.sign", args{"borrower": RX})["loan_no"].(string)
	if _, err := w.client(BB, contracts.Maker).Loan(t.Context(), loan); !errors.Is(err, ledger.ErrNotFound) {
		t.Fatalf("another bank: %v", err)
	}
	w.must(REG, "parties.succeed", args{"kind": "MERGER", "from": BA, "to": BB, "document": paper, "fact_time": w.clock().UnixMilli()})
	_, err := w.client(BB, contracts.Maker).Loan(t.Context(), loan)
	must(t, err)
	if err := w.asks(w.key(BA, contracts.Maker)); !errors.Is(err, ledger.ErrDenied) {
		t.Fatalf("people of the merged bank: %v", err)
	}
	p, err := w.client().Party(t.Context(), BA)
	must(t, err)
	if p.Status != contracts.PartyMerged || p.Record.SucceededBy != BB {
		t.Fatalf("%+v", p)
	}
}
