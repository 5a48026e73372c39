// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

func TestATransactionIsFinalOnEveryNodeAndItsReceiptNeedsNoNode(t *testing.T) {
	for _, suite := range []string{"ed25519", "sm2"} {
		t.Run(suite, func(t *testing.T) {
			c := newCluster(t, suite)
			c.startAll()
			tx, err := c.claim(1, "201810234567.3")
			if err != nil {
				t.Fatal(err)
			}
			if tx.Status != api.Final {
				t.Fatalf("status %s, want FINAL: %+v", tx.Status, tx)
			}
			for i := range c.configs {
				var file []byte
				eventually(t, "receipt from every node", 10*time.Second, func() bool {
					file, err = c.client(i, "0.maker").ReceiptFile(context.Background(), tx.ID)
					return err == nil
				})
				r, err := ledger.VerifyReceipt(c.trust, file)
				if err != nil {
					t.Fatalf("node %d: %v", i+1, err)
				}
				if r.Outcome.Status != ledger.Final || r.Transaction.ID() != tx.ID {
					t.Fatalf("node %d: receipt of another outcome: %+v", i+1, r.Outcome)
				}
			}
			first, err := c.client(1, "0.maker").ReceiptFile(context.Background(), tx.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.client(3, "0.maker").Submit(context.Background(), c.submitted[tx.ID], 5*time.Second); err != nil {
				t.Fatalf("the same request again, at another node: %v", err)
			}
			again, err := c.client(1, "0.maker").ReceiptFile(context.Background(), tx.ID)
			if err != nil || !bytes.Equal(first, again) {
				t.Fatalf("a repeated request changed the receipt: %v", err)
			}
		})
	}
}

func TestANodeThatWasAwayFetchesWhatItMissedAndJoinsAgain(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.startAll()
	if _, err := c.claim(0, "201810234567.3"); err != nil {
		t.Fatal(err)
	}
	c.stop(3)
	for _, number := range []string{"201610777888.9", "201710888999.1"} {
		if tx, err := c.claim(0, number); err != nil || tx.Status != api.Final {
			t.Fatalf("with three of four nodes: %+v, %v", tx, err)
		}
	}
	c.start(3)
	eventually(t, "the node is at the others' height and active", 15*time.Second, func() bool {
		mine, theirs := c.running[3].node.Head(), c.running[0].node.Head()
		return mine.Header == theirs.Header && c.running[3].node.Status().Phase == "active"
	})
	if tx, err := c.claim(3, "202111223344.5"); err != nil || tx.Status != api.Final {
		t.Fatalf("through the node that was away: %+v, %v", tx, err)
	}
}

func TestANodeWhoseVotesAreLostFollowsAndSignsNothing(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.startAll()
	if _, err := c.claim(0, "201810234567.3"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "every node has the block", 5*time.Second, func() bool {
		return c.running[3].node.Head().Header == c.running[0].node.Head().Header
	})
	c.stop(3)
	if err := os.RemoveAll(filepath.Join(c.configs[3].Dir, "consensus")); err != nil {
		t.Fatal(err)
	}
	c.start(3)
	eventually(t, "the node is an observer", 10*time.Second, func() bool {
		return c.running[3].node.Status().Phase == "observer"
	})
	if _, err := c.claim(0, "201610777888.9"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the observer follows", 10*time.Second, func() bool {
		return c.running[3].node.Head().Header == c.running[0].node.Head().Header
	})
	if mine, theirs := c.running[3].node.Status().Role, c.running[0].node.Status().Role; mine != api.RoleObserver || theirs != api.RoleValidator {
		t.Errorf("the node that follows is called %s, one that votes %s", mine, theirs)
	}
}
