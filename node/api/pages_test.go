// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// patentNumber makes the i-th valid number.
func patentNumber(i int) string {
	body := fmt.Sprintf("20201%07d", 100*i)
	return body + identifier.PatentCheck(body)
}

func TestPagesOfOneWalkShowOneHeight(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 23 {
		number := patentNumber(i)
		w.must(RX, "rights.claim", args{"type": "PATENT", "number": number, "owners": []string{RX}})
		want = append(want, "PATENT/"+number)
	}
	slices.Sort(want)
	for _, limit := range []int{1, 4, 5, 23, 200} {
		var got []string
		var height uint64
		page, err := w.client().Rights(t.Context(), api.RightFilter{Limit: limit, State: "UNCONFIRMED"})
		for n := 0; ; n++ {
			must(t, err)
			if n == 0 {
				height = page.Height
				// What is claimed now is not in this walk.
				w.must(RX, "rights.claim", args{"type": "PATENT", "number": patentNumber(1000 + limit), "owners": []string{RX}})
			}
			if page.Height != height {
				t.Fatalf("page %d is of height %d, the first of %d", n, page.Height, height)
			}
			for _, item := range page.Items {
				got = append(got, item.Key)
				if item.Status != rights.Unconfirmed {
					t.Fatalf("%+v", item)
				}
			}
			if page.NextCursor == "" {
				break
			}
			page, err = w.client().Rights(t.Context(), api.RightFilter{Limit: limit, State: "UNCONFIRMED", Cursor: page.NextCursor})
		}
		if !slices.Equal(got, want) {
			t.Fatalf("limit %d: %v\nwant %v", limit, got, want)
		}
		want = append(want, "PATENT/"+patentNumber(1000+limit))
		slices.Sort(want)
	}
}

func TestACursorServesItsOwnListOnly(t *testing.T) {
	w := newWorld(t)
	page, err := w.client().Parties(t.Context(), api.PartyFilter{Limit: 2})
	must(t, err)
	if len(page.Items) != 2 || page.NextCursor == "" {
		t.Fatalf("%+v", page)
	}
	if _, err := w.client().Parties(t.Context(), api.PartyFilter{Role: "BANK", Limit: 2, Cursor: page.NextCursor}); !errors.Is(err, ledger.ErrInvalid) {
		t.Fatalf("another filter: %v", err)
	}
	if _, err := w.client().Rights(t.Context(), api.RightFilter{Cursor: page.NextCursor}); !errors.Is(err, ledger.ErrInvalid) {
		t.Fatalf("another list: %v", err)
	}
	banks, err := w.client().Parties(t.Context(), api.PartyFilter{Role: "BANK"})
	must(t, err)
	if len(banks.Items) != 2 || banks.NextCursor != "" {
		t.Fatalf("%+v", banks)
	}
}

func TestRightsAreFoundByNumberOwnerAndStatus(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention)
	w.must(MD, "rights.claim", args{"type": "PATENT", "number": patentNumber(1), "owners": []string{MD}})
	for _, f := range []api.RightFilter{
		{Number: "ZL" + invention}, {Number: id}, {Number: "PAT_INV:" + invention}, {Owner: RX}, {State: "FREE"}, {Owner: RX, State: "FREE", Number: canonical},
	} {
		page, err := w.client().Rights(t.Context(), f)
		must(t, err)
		if len(page.Items) != 1 || page.Items[0].Record.RightID != id || page.Items[0].Status != rights.Free {
			t.Fatalf("%+v: %+v", f, page.Items)
		}
	}
	if page, err := w.client().Rights(t.Context(), api.RightFilter{Owner: BA}); err != nil || len(page.Items) != 0 {
		t.Fatal(page, err)
	}
	for _, ref := range []string{id, "PATENT:ZL" + invention, "pat_inv:" + canonical} {
		right, err := w.client(BA, "maker").Right(t.Context(), ref)
		must(t, err)
		if right.Record.RightID != id || right.Claim == nil || right.Claim.ClaimedBy != RX {
			t.Fatalf("%s: %+v", ref, right)
		}
	}
	if right, err := w.client().Right(t.Context(), id); err != nil || right.Claim != nil {
		t.Fatalf("the public sees the claim: %+v %v", right.Claim, err)
	}
}

// A right id leads to the record by way of a claim, which is for members; the public
// sees what became of it and nothing else.
func TestARightIDShowsThePublicNothingOfItsClaim(t *testing.T) {
	w := newWorld(t)
	claim := func(actor, title string) string {
		return w.must(actor, "rights.claim", args{
			"type": "PATENT", "number": invention, "owners": []string{actor}, "title": title, "office": IPO,
		})["right_id"].(string)
	}
	waiting, refused := claim(RX, "晶圆检测"), claim(MD, "别人的题目")
	w.must(IPO, "rights.reject", args{"right_id": refused, "reason": "not the owner"})
	read := func(ref string) string {
		t.Helper()
		answer, err := http.Get(w.server.URL + "/v1/rights/" + ref)
		must(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", ref, answer.Status, body)
		}
		return string(body)
	}
	public := read("PATENT:" + invention)
	for id, state := range map[string]string{waiting: "CLAIMED", refused: "REJECTED"} {
		own := strings.Replace(public, `"base_state":"CLAIMED"`, `"base_state":"`+state+`"`, 1)
		if got := read(id); got != own {
			t.Errorf("%s shows\n%s\nthe number shows\n%s", id, got, public)
		}
	}
	for _, secret := range []string{"晶圆检测", "别人的题目", "not the owner", RX, MD, IPO, `"claim"`} {
		if strings.Contains(public, secret) {
			t.Errorf("the public sees %s: %s", secret, public)
		}
	}
	if right, err := w.client(BB, "checker").Right(t.Context(), refused); err != nil || right.Record.Number != canonical {
		t.Errorf("a member reads %+v: %v", right, err)
	}
}

func TestMembersReadBlocks(t *testing.T) {
	w := newWorld(t)
	w.confirmed(invention)
	c := w.client(BB, "checker")
	page, err := c.Blocks(t.Context(), 0, 2)
	must(t, err)
	if len(page.Items) != 2 || page.Items[0].Header.Height != 0 || page.Next != 2 {
		t.Fatalf("%+v", page)
	}
	latest, err := c.LatestBlocks(t.Context(), 1)
	must(t, err)
	if len(latest.Items) != 1 || latest.Items[0].Hash != w.Head().Hash || latest.Next != 0 || latest.Items[0].Transactions != 1 {
		t.Fatalf("%+v", latest)
	}
	block, err := c.Block(t.Context(), 2)
	must(t, err)
	must(t, block.Proof.Check(w.trust))
	tx := block.Transactions[0]
	if tx.Method != "confirm" || tx.Actor != IPO || len(tx.Signers) != 2 || tx.Status != "FINAL" || len(tx.Args) == 0 || len(tx.Outcome.Events) == 0 {
		t.Fatalf("%+v", tx)
	}
	if genesis, err := c.Block(t.Context(), 0); err != nil || len(genesis.Transactions) != 0 {
		t.Fatal(genesis, err)
	}
}
