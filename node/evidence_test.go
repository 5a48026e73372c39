// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

// doubleVote is evidence that a validator has prepared two blocks of a height, as
// one does whose key runs in two processes.
func (c *cluster) doubleVote(place int, height uint64) ledger.Evidence {
	c.t.Helper()
	e := ledger.Evidence{Kind: ledger.DoubleVote}
	for _, name := range []string{"one", "other"} {
		v := ledger.Vote{
			Kind: ledger.Prepare, Chain: c.trust.Chain, Height: height, Block: c.trust.Suite.Sum([]byte(name)), Index: height + 1, Term: 1,
		}
		signed, err := v.Sign(uint64(place), c.validators[place])
		if err != nil {
			c.t.Fatal(err)
		}
		e.Votes = append(e.Votes, signed)
	}
	return e.Canonical()
}

// reports counts the transactions of a method on the ledger of a node, by status.
func (c *cluster) reports(i int) map[string]int {
	c.t.Helper()
	counts := make(map[string]int)
	client := c.client(i, "0.maker")
	for height := uint64(1); height <= c.running[i].node.Head().Header.Height; height++ {
		b, err := client.Block(context.Background(), height)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, tx := range b.Transactions {
			if tx.Contract == "consortium" {
				counts[tx.Status]++
			}
		}
	}
	return counts
}

func TestEvidenceOfANodeIsRecordedOnEveryNodeAndVerifiedWithout(t *testing.T) {
	for _, suite := range []string{"ed25519", "sm2"} {
		t.Run(suite, func(t *testing.T) {
			c := newCluster(t, suite)
			c.startAll()
			e := c.doubleVote(3, 7)
			id := c.trust.EvidenceID(e)
			for i := range 3 { // all honest nodes saw it, and one twice
				c.running[i].node.Accuse(e)
			}
			c.running[0].node.Accuse(e)
			for i := range c.configs {
				var one api.RecordedEvidence
				eventually(t, "the record at every node", 20*time.Second, func() (ok bool) {
					var err error
					one, err = c.client(i, "0.maker").Evidence(context.Background(), id, true)
					return err == nil
				})
				if one.Record.Validator != "node4" || one.Record.Organisation != organisations[3].PartyID || one.Record.Offence != e.Offence() {
					t.Fatalf("node %d: %+v", i+1, one.Record)
				}
				v, err := ledger.VerifyEvidence(c.trust, one.File)
				if err != nil || v.ID != id || v.Offender.Name != "node4" {
					t.Fatalf("node %d: %+v, %v", i+1, v, err)
				}
				proof, err := state.VerifyStatement(c.trust, one.Proof)
				if err != nil || proof.Key != consortium.RecordKey(e.Offence()) {
					t.Fatalf("node %d: %+v, %v", i+1, proof, err)
				}
				page, err := c.client(i, "0.maker").EvidenceList(context.Background(), api.EvidenceFilter{})
				if err != nil || len(page.Items) != 1 || page.Items[0].ID != id {
					t.Fatalf("node %d: %+v, %v", i+1, page, err)
				}
			}
			// The first turn is that of the validator after the offender; the others find the
			// record. On a busy machine another's turn may come before it is FINAL, and its
			// report is refused.
			if counts := c.reports(0); counts["FINAL"] != 1 {
				t.Errorf("reports on the ledger: %v", counts)
			}
			if got := scrape(t, c.configs[0].APIListen)[`ipledger_evidence_total{kind="double_vote",validator="node4"}`]; got != "2" {
				t.Errorf("counted %q times", got)
			}
			// No consequence: the network goes on, with the offender too.
			if tx, err := c.claim(3, "201810234567.3"); err != nil || tx.Status != api.Final {
				t.Errorf("through the accused node: %+v, %v", tx, err)
			}
		})
	}
}

func TestEvidenceIsReportedOnceOverRestartsAndWhileNoQuorumIsThere(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.start(0)
	e := c.doubleVote(3, 7)
	c.running[0].node.Accuse(e) // nothing can become FINAL
	time.Sleep(1500 * time.Millisecond)
	c.stop(0)
	c.startAll()
	c.running[0].node.Accuse(e) // as the core tells of it again
	eventually(t, "the record", 20*time.Second, func() bool {
		_, err := c.client(1, "0.maker").Evidence(context.Background(), c.trust.EvidenceID(e), false)
		return err == nil
	})
	c.stop(0)
	c.start(0)
	c.running[0].node.Accuse(e)
	if tx, err := c.claim(0, "201810234567.3"); err != nil || tx.Status != api.Final {
		t.Fatalf("%+v, %v", tx, err)
	}
	time.Sleep(1500 * time.Millisecond)
	if counts := c.reports(0); counts["FINAL"] != 1 || counts["REJECTED"] != 0 {
		t.Errorf("reports on the ledger: %v", counts)
	}
}

func TestForgedEvidenceIsRefusedOnTheLedger(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.startAll()
	forged := c.doubleVote(3, 7)
	forged.Votes[1].Signature = forged.Votes[0].Signature
	c.running[0].node.Accuse(forged) // no honest core does; it is not reported
	args, err := json.Marshal(map[string]any{"evidence": base64.StdEncoding.EncodeToString(ledger.Encode(forged))})
	if err != nil {
		t.Fatal(err)
	}
	client := c.client(1, "0.maker")
	draft, err := client.Draft(context.Background(), api.DraftRequest{
		Contract: "consortium", Method: "report_evidence", Args: args, Actor: organisations[0].PartyID, ClientRef: "slander",
	})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := draft.Sign(c.trust.Network, c.people["0.maker"])
	if err != nil {
		t.Fatal(err)
	}
	tx, err := client.SubmitParts(context.Background(), api.Submission{Body: draft.Body, Signatures: []api.SubmitSignature{sig}}, 15*time.Second)
	if err != nil || tx.Status != api.Rejected || tx.Code != contracts.EEvidence {
		t.Fatalf("%+v, %v", tx, err)
	}
	if d := tx.Outcome.Details[0]; d.Reason != contracts.ReasonNoProof || !strings.Contains(d.MessageZH, "证据") {
		t.Errorf("%+v", d)
	}
	page, err := client.EvidenceList(context.Background(), api.EvidenceFilter{})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	if counts := c.reports(1); counts["FINAL"] != 0 || counts["REJECTED"] != 1 {
		t.Errorf("reports on the ledger: %v", counts)
	}
}

// Whoever holds no validator key of the organisation cannot speak as its node.
func TestAStrangersReportDoesNotReachTheLedger(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.startAll()
	stranger := c.people["0.checker"]
	body := ledger.Encode(ledger.Body{
		Contract: "consortium", Version: 1, Method: "report_evidence",
		Args:  ledger.Encode(consortium.ReportArgs{Evidence: ledger.Encode(c.doubleVote(3, 7))}),
		Actor: organisations[1].PartyID, ClientRef: "slander",
		Signers:    []ledger.Signer{{Organisation: organisations[1].PartyID, Role: contracts.Validator, Key: stranger.Public()}},
		ValidUntil: time.Now().Add(time.Hour).UnixMilli(),
	})
	sig, err := stranger.Sign(c.trust.SignBytes(body))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := ledger.NewTransaction(c.trust.Network, body, []keys.Signature{sig})
	if err != nil {
		t.Fatal(err)
	}
	err = c.running[1].node.Submit(context.Background(), tx)
	if err == nil || !strings.Contains(err.Error(), contracts.ReasonKey) {
		t.Errorf("it was taken: %v", err)
	}
}
