// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// proposed opens a proposal to change one figure and gives its id. BA, BB and IPO vote
// here, all of whom must agree; BA proposes.
func (w *world) proposed(key string, value int64) ledger.Hash {
	w.t.Helper()
	raw := ledger.Encode(consortium.SetParametersArgs{Changes: []consortium.NewValue{{Key: key, Value: value}}, Source: "联盟大会决议"})
	r := w.must(BA, "consortium.propose", args{
		"contract": "consortium", "method": "set_parameters", "args": base64.StdEncoding.EncodeToString(raw), "title": "权利申报期限",
	})
	return w.proposalID(r)
}

func (w *world) proposalID(result map[string]any) ledger.Hash {
	w.t.Helper()
	id, err := keys.ParseHash(result["proposal_id"].(string))
	must(w.t, err)
	return id
}

func (w *world) cast(by string, id ledger.Hash, ballot string) {
	w.t.Helper()
	w.must(by, "consortium.vote", args{"proposal_id": id.String(), "ballot": ballot})
}

func TestAProposalIsShownWithItsBallots(t *testing.T) {
	w := newWorld(t)
	id := w.proposed("claim.expiry", 60)
	w.cast(BB, id, "YES")
	open, err := w.client(RX, "maker").Proposal(t.Context(), id)
	must(t, err)
	if open.State != consortium.Open || *open.Tally != (consortium.Tally{Yes: 2, Electorate: 3, ThresholdBP: 6667}) || len(open.Ballots) != 2 ||
		open.Ballots[1].Organisation != BB || open.Proposer != BA || open.Title != "权利申报期限" {
		t.Fatalf("%+v", open)
	}
	var changes consortium.SetParametersArgs
	must(t, json.Unmarshal(open.Args, &changes))
	if changes.Changes[0] != (consortium.NewValue{Key: "claim.expiry", Value: 60}) || len(open.RawArgs) == 0 {
		t.Fatalf("%s", open.Args)
	}
	w.cast(IPO, id, "YES")
	passed, err := w.client(RX, "maker").Proposal(t.Context(), id)
	must(t, err)
	if passed.State != consortium.Passed || passed.Tally.Yes != 3 || string(passed.Result) != `{"version":2}` || passed.EndedHeight != passed.Height {
		t.Fatalf("%+v %s", passed, passed.Result)
	}
}

func TestAProposalThatFailedSaysWhy(t *testing.T) {
	w := newWorld(t)
	id := w.proposed("claim.expiry", 1_000_000)
	w.cast(BB, id, "YES")
	w.cast(IPO, id, "YES")
	p, err := w.client(BA, "maker").Proposal(t.Context(), id)
	must(t, err)
	if p.State != consortium.Failed || p.Code != contracts.EParam || len(p.Details) != 1 || p.Details[0].Subject != "claim.expiry" ||
		p.Details[0].Message == "" || p.Details[0].MessageZH == "" {
		t.Fatalf("%+v", p)
	}
}

func TestProposalsAreListedByTheirState(t *testing.T) {
	w := newWorld(t)
	vetoed, open := w.proposed("claim.expiry", 60), w.proposed("claim.expiry", 61)
	w.cast(REG, vetoed, "VETO")
	c := w.client(BA, "maker")
	ids := func(state string, limit int) (got []ledger.Hash) {
		t.Helper()
		f := api.ProposalFilter{State: state, Limit: limit}
		for {
			page, err := c.Proposals(t.Context(), f)
			must(t, err)
			for _, item := range page.Items {
				if state != "" && string(item.State) != state {
					t.Fatalf("%+v", item)
				}
				got = append(got, item.ID)
			}
			if f.Cursor = page.NextCursor; f.Cursor == "" {
				return got
			}
		}
	}
	if got := ids("", 1); !slices.Equal(got, []ledger.Hash{vetoed, open}) {
		t.Errorf("in the order in which they were opened: %v", got)
	}
	for state, want := range map[string][]ledger.Hash{"VETOED": {vetoed}, "OPEN": {open}, "EXPIRED": nil} {
		if got := ids(state, 0); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", state, got, want)
		}
	}
	w.mu.Lock()
	w.now = w.now.Add(14*24*time.Hour + time.Second)
	w.mu.Unlock()
	w.block()
	if got := ids("EXPIRED", 0); !slices.Equal(got, []ledger.Hash{open}) {
		t.Errorf("after a fortnight: %v", got)
	}
}

func TestProposalsAreForMembers(t *testing.T) {
	w := newWorld(t)
	id := w.proposed("claim.expiry", 60)
	for path, status := range map[string]int{
		"/v1/proposals":                http.StatusForbidden,
		"/v1/proposals/" + id.String(): http.StatusForbidden,
		"/v1/parameters":               http.StatusOK,
		"/v1/parameters?at_height=0":   http.StatusOK,
		"/v1/parameters?at_height=99":  http.StatusNotFound,
		"/v1/calendars":                http.StatusOK,
	} {
		if a := w.send(t, http.MethodGet, path, nil, nil); a.status != status {
			t.Errorf("%s: %d %.200s", path, a.status, a.body)
		}
	}
	c := w.client(BA, "maker")
	if _, err := c.Proposal(t.Context(), ledger.Hash{1}); err == nil || !strings.Contains(err.Error(), "404") && !strings.Contains(err.Error(), "E_NOTFOUND") {
		t.Errorf("a proposal that is not there: %v", err)
	}
}

func TestEveryFigureNamesItsSource(t *testing.T) {
	w := newWorld(t)
	id := w.proposed("claim.expiry", 60)
	w.cast(BB, id, "YES")
	w.cast(IPO, id, "YES")
	now, err := w.client().Parameters(t.Context(), 0)
	must(t, err)
	if now.Version != 2 || now.Area != "510100" || len(now.Items) != len(contracts.Figures(contracts.FirstVersion)) {
		t.Fatalf("%+v", now)
	}
	for _, p := range now.Items {
		if p.Source == "" || p.Title == "" || p.TitleZH == "" || p.Unit == "" || p.Mark == "" || p.Value < p.Min || p.Value > p.Max {
			t.Errorf("%+v", p)
		}
		switch changed := p.Key == "claim.expiry"; {
		case !changed && (p.Change != nil || p.Value != p.Default):
			t.Errorf("%+v", p)
		case changed:
			if c := p.Change; p.Value != 60 || c == nil || c.Version != 2 || c.Before != 90 || *c.Proposal != id || c.Source != "联盟大会决议" {
				t.Errorf("%+v %+v", p, p.Change)
			}
		}
	}
	before, err := w.client().Parameters(t.Context(), now.Height-1)
	must(t, err)
	if before.Version != 1 {
		t.Errorf("%+v", before)
	}
}

func TestCalendarsAreShownByYear(t *testing.T) {
	w := newWorld(t)
	got, err := w.client().Calendars(t.Context(), 0)
	must(t, err)
	if len(got.Items) != 2 || got.Items[0].Year != 2025 || got.Items[1].Year != 2026 || len(got.Items[1].Off) == 0 || got.Items[1].Source == "" {
		t.Fatalf("%+v", got.Items)
	}
}

func TestWhatIsProposedIsRefusedBeforeItIsSigned(t *testing.T) {
	w := newWorld(t)
	raw := ledger.Encode(consortium.SetParametersArgs{Changes: []consortium.NewValue{{Key: "claim.expiry", Value: 60}}, Source: "by 11010519491231002X"})
	_, err := w.draft(BA, "consortium.propose", args{
		"contract": "consortium", "method": "set_parameters", "args": base64.StdEncoding.EncodeToString(raw),
	})
	if err == nil || !strings.Contains(err.Error(), contracts.EPrivacy) || !strings.Contains(err.Error(), "args.source") {
		t.Errorf("%v", err)
	}
}
