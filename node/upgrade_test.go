// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
)

// nextProgram knows a version 2 beside those of today: it takes no claim any more.
func nextProgram() *contracts.Versions {
	first := registry.New()
	var second []contracts.Method
	for _, m := range first.Methods() {
		if m.FullName() == "rights.claim" {
			m = contracts.NewMethod(m.Spec, func(*contracts.View, rights.ClaimArgs) (rights.ClaimResult, *contracts.Refusal) {
				return rights.ClaimResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EForbidden, Field: "method", Reason: contracts.ReasonMethod})
			})
		}
		second = append(second, m)
	}
	return contracts.NewVersions(first, contracts.NewRegistry(second...))
}

// drafted is a signed call by a person of an organisation, as "0.admin", that a node
// has drafted.
func (c *cluster) drafted(i int, person, contract, method string, args any) (api.Submission, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	raw, err := json.Marshal(args)
	if err != nil {
		return api.Submission{}, err
	}
	draft, err := c.client(i, person).Draft(ctx, api.DraftRequest{
		Contract: contract, Version: 1, Method: method, Args: raw, Actor: organisations[person[0]-'0'].PartyID,
	})
	if err != nil {
		return api.Submission{}, err
	}
	signature, err := draft.Sign(c.trust.Network, c.people[person])
	return api.Submission{Body: draft.Body, Signatures: []api.SubmitSignature{signature}}, err
}

// decide has the administrator of an organisation propose or vote through its node.
func (c *cluster) decide(i int, method string, args any) consortium.ProposalResult {
	c.t.Helper()
	admin := fmt.Sprintf("%d.admin", i)
	in, err := c.drafted(i, admin, "consortium", method, args)
	if err != nil {
		c.t.Fatal(err)
	}
	tx, err := c.client(i, admin).SubmitParts(context.Background(), in, 15*time.Second)
	if err != nil || tx.Status != api.Final {
		c.t.Fatalf("%s: %+v %v", method, tx, err)
	}
	var out consortium.ProposalResult
	if err := json.Unmarshal(tx.Outcome.Result, &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// upgrade has the members decide on an execution version from a height on.
func (c *cluster) upgrade(version, height uint64) {
	c.t.Helper()
	args := ledger.Encode(consortium.UpgradeArgs{Version: version, Height: height})
	p := c.decide(0, "propose", map[string]any{
		"contract": "consortium", "method": "upgrade", "args": base64.StdEncoding.EncodeToString(args), "title": "upgrade drill",
	})
	for i := 1; i <= 2; i++ {
		p = c.decide(i, "vote", map[string]any{"proposal_id": p.Proposal, "ballot": "YES"})
	}
	if p.State != consortium.Passed {
		c.t.Fatalf("%+v", p)
	}
}

func (c *cluster) head(i int) ledger.Header { return c.running[i].node.Head().Header }

func (c *cluster) catchesUp(i, with int) {
	c.t.Helper()
	eventually(c.t, fmt.Sprintf("node %d has the blocks of node %d and is active", i+1, with+1), 20*time.Second, func() bool {
		return c.head(i) == c.head(with) && c.running[i].node.Status().Phase == "active"
	})
}

// patent makes the i-th valid number.
func patent(i int) string {
	body := fmt.Sprintf("20201%07d", 100*i)
	return body + identifier.PatentCheck(body)
}

// TestTheUpgradeDrill goes from this version to the next: the members decide on it
// while one node, the fourth, still runs a program that does not know it.
func TestTheUpgradeDrill(t *testing.T) {
	c := newCluster(t, "ed25519")
	for i := range 3 {
		c.programs[i] = nextProgram()
	}
	c.startAll()
	if tx, err := c.claim(0, patent(0)); err != nil || tx.Status != api.Final {
		t.Fatalf("%+v %v", tx, err)
	}
	first := c.head(0).Height + contracts.UpgradeLead + 6
	c.upgrade(2, first)
	eventually(t, "the node that cannot follow says so in time", 10*time.Second, func() bool {
		up := c.status(3).Upgrade
		return up != nil && up.Version == 2 && up.Height == first && !up.Known
	})
	eventually(t, "the node that can follow says so", 10*time.Second, func() bool {
		up := c.status(0).Upgrade
		return up != nil && up.Known
	})

	// Each claim makes a block: those before the height are judged by version 1, those
	// from it by version 2.
	heights := make(map[api.State]uint64)
	for i := 1; c.head(0).Height < first+2; i++ {
		tx, err := c.claim(i%3, patent(i))
		if err != nil {
			t.Fatal(err)
		}
		want := api.Final
		if tx.Height >= first {
			want = api.Rejected
		}
		if tx.Status != want {
			t.Fatalf("at height %d: %+v", tx.Height, tx)
		}
		heights[tx.Status] = tx.Height
	}
	if heights[api.Final] == 0 || heights[api.Rejected] == 0 {
		t.Fatalf("%v", heights)
	}
	block := func(height uint64) ledger.Certified {
		b, err := c.client(0, "0.maker").Block(context.Background(), height)
		if err != nil {
			t.Fatal(err)
		}
		return b.Proof
	}
	for height := uint64(0); height <= first+2; height++ {
		want := uint64(1)
		if height >= first {
			want = 2
		}
		if got := block(height).Header.ExecutionVersion; got != want {
			t.Fatalf("block %d is of version %d, want %d", height, got, want)
		}
	}

	c.staysBefore(3, first)
	other, err := c.drafted(0, "0.maker", "rights", "claim", map[string]any{"type": "PAT_INV", "number": patent(700), "owners": []string{organisations[0].PartyID}})
	if err != nil {
		t.Fatal(err)
	}
	var problem *api.Problem
	if _, err := c.client(3, "0.maker").SubmitParts(context.Background(), other, time.Second); !errors.As(err, &problem) || problem.Details[0].Reason != api.ReasonRules {
		t.Errorf("a transaction of another node's draft: %v", err)
	}

	// With the program of the others it catches up, and with three of four nodes it is
	// needed for a quorum: so it votes.
	c.stop(3)
	c.programs[3] = nextProgram()
	c.start(3)
	c.catchesUp(3, 0)
	c.stop(2)
	if tx, err := c.claim(3, patent(500)); err != nil || tx.Status != api.Rejected || tx.Code != contracts.EForbidden {
		t.Fatalf("%+v %v", tx, err)
	}

	// A ledger that is fetched anew executes each block by the version of its height.
	if _, err := datadir.RebuildLedger(c.configs[2].Dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	c.start(2)
	c.catchesUp(2, 0)

	// An older program does not touch what a newer one has written.
	c.stop(2)
	cfg, err := config.Load(c.configs[2].Dir, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if n, err := node.OpenOf(cfg, slog.New(slog.DiscardHandler), registry.Versions()); !errors.Is(err, store.ErrNewer) {
		t.Errorf("an older program opens the ledger: %v", err)
		_ = n.Close()
	}
}

func (c *cluster) status(i int) api.Status {
	c.t.Helper()
	s, err := c.client(i, "0.maker").Status(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// staysBefore checks what a node does that lacks the rules of a height: nothing for
// that block, and all for those who read.
func (c *cluster) staysBefore(i int, height uint64) {
	c.t.Helper()
	t, ctx, client := c.t, context.Background(), c.client(i, "0.maker")
	eventually(t, "the node stops", 10*time.Second, func() bool { return c.running[i].node.Status().Held != nil })
	s := c.status(i)
	if s.Held.Reason != api.ReasonRules || s.Height != height-1 || s.Executed != height-1 ||
		!strings.Contains(s.Held.Detail, fmt.Sprintf("from height %d on", height)) {
		t.Fatalf("at %d: %+v", s.Height, s.Held)
	}
	answer, err := client.Encumbrance(ctx, "PATENT", patent(0), api.EncumbranceOptions{Proof: true})
	if err != nil || answer.Height != height-1 {
		t.Fatalf("%+v %v", answer, err)
	}
	if _, err := state.VerifyStatement(c.trust, answer.Proof); err != nil {
		t.Errorf("what it serves proves nothing: %v", err)
	}
	if ready, text, err := client.Ready(ctx); err != nil || ready || !strings.Contains(text, "[-] rules: ") {
		t.Errorf("ready %v %v:\n%s", ready, err, text)
	}
	var problem *api.Problem
	for name, try := range map[string]func() error{
		"a draft":     func() error { _, err := c.claim(i, patent(600)); return err },
		"the methods": func() error { _, err := client.Methods(ctx); return err },
	} {
		if err := try(); !errors.As(err, &problem) || problem.Status != 503 || problem.Details[0].Reason != api.ReasonRules {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestANetworkThatLacksTheVersionWaits has every node stop before the height, since
// nobody has installed the program that the members decided on.
func TestANetworkThatLacksTheVersionWaits(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.startAll()
	if tx, err := c.claim(0, patent(0)); err != nil || tx.Status != api.Final {
		t.Fatalf("%+v %v", tx, err)
	}
	first := c.head(0).Height + contracts.UpgradeLead + 3
	c.upgrade(2, first)
	for i := 1; c.head(0).Height < first-1; i++ {
		if tx, err := c.claim(0, patent(i)); err != nil || tx.Status != api.Final {
			t.Fatalf("%+v %v", tx, err)
		}
	}
	c.staysBefore(0, first)
	for i := range c.configs {
		c.stop(i)
		c.programs[i] = nextProgram()
		c.start(i)
	}
	for i := range c.configs {
		if tx, err := c.claim(i, patent(500+i)); err != nil || tx.Status != api.Rejected || tx.Height < first {
			t.Fatalf("%+v %v", tx, err)
		}
	}
	for i := range c.configs {
		c.catchesUp(i, 0)
	}
}
