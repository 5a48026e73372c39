// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A row of transactions, of few actors, some of them listed twice.
func rowOf(t *rapid.T, w *world) []*ledger.Transaction {
	actors := rapid.SliceOfN(rapid.StringMatching(`[A-C][0-3]?`), 0, 25).Draw(t, "actors")
	var txs []*ledger.Transaction
	for i, actor := range actors {
		body := w.body(0)
		body.Actor, body.ClientRef = actor, fmt.Sprint("reference-", i)
		tx, err := ledger.NewTransaction(w.trust.Network, ledger.Encode(body), make([]keys.Signature, 2))
		if err != nil {
			t.Fatal(err)
		}
		txs = append(txs, tx)
	}
	if len(txs) > 0 && rapid.Bool().Draw(t, "one twice") {
		txs = append(txs, rapid.SampledFrom(txs).Draw(t, "twice"))
	}
	return txs
}

// byActor keeps the order of each actor's transactions.
func byActor(txs []*ledger.Transaction) map[string][]*ledger.Transaction {
	lists := map[string][]*ledger.Transaction{}
	for _, tx := range txs {
		lists[tx.Body().Actor] = append(lists[tx.Body().Actor], tx)
	}
	return lists
}

// expectedOrder is the rule word for word: actors by the hash of parent and
// actor, each with its transactions as listed.
func expectedOrder(w *world, parent ledger.Hash, txs []*ledger.Transaction) []*ledger.Transaction {
	lists := byActor(txs)
	var ranked []string
	rank := map[string]string{}
	for actor := range lists {
		h := w.suite.Sum([]byte("ipledger/order/v1\x00" + string(parent[:]) + actor))
		rank[string(h[:])] = actor
		ranked = append(ranked, string(h[:]))
	}
	slices.Sort(ranked)
	var ordered []*ledger.Transaction
	for _, h := range ranked {
		ordered = append(ordered, lists[rank[h]]...)
	}
	return ordered
}

func TestExecutionOrderIsByParentAndActor(t *testing.T) {
	for _, name := range suites {
		w := newWorld(t, name, 1)
		rapid.Check(t, func(t *rapid.T) {
			txs := rowOf(t, w)
			parent := w.suite.Sum(rapid.SliceOfN(rapid.Byte(), 1, 4).Draw(t, "parent"))
			listed := slices.Clone(txs)
			got := ledger.ExecutionOrder(w.trust.Network, parent, txs)
			if !slices.Equal(txs, listed) {
				t.Fatal("the list itself was reordered")
			}
			if !slices.Equal(got, expectedOrder(w, parent, txs)) {
				t.Fatal("not in the order of the rule")
			}
			if again := ledger.ExecutionOrder(w.trust.Network, parent, got); !slices.Equal(again, got) {
				t.Fatal("ordering what is in order changes it")
			}
		})
	}
}

// However a leader shuffles the actors of a batch, the block is the same: all
// that counts is the order in which each actor's own transactions are listed.
func TestALeaderCannotFavourAnActor(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	rapid.Check(t, func(t *rapid.T) {
		txs := rowOf(t, w)
		parent := w.suite.Sum([]byte("parent"))
		lists := byActor(txs)
		var shuffled []*ledger.Transaction
		for _, tx := range rapid.Permutation(txs).Draw(t, "shuffled") {
			actor := tx.Body().Actor
			shuffled = append(shuffled, lists[actor][0])
			lists[actor] = lists[actor][1:]
		}
		if !slices.Equal(ledger.ExecutionOrder(w.trust.Network, parent, shuffled), ledger.ExecutionOrder(w.trust.Network, parent, txs)) {
			t.Fatal("another list of the same transactions runs in another order")
		}
	})
}

// Nothing an actor writes into a transaction but its own name moves it.
func TestContentDoesNotMoveATransaction(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	parent := w.suite.Sum([]byte("parent"))
	make2 := func(ref string) []*ledger.Transaction {
		var txs []*ledger.Transaction
		for i := range 20 {
			body := w.body(i)
			body.Actor = fmt.Sprint("bank-", i)
			body.ClientRef += ref
			txs = append(txs, w.signed(body))
		}
		return ledger.ExecutionOrder(w.trust.Network, parent, txs)
	}
	names := func(txs []*ledger.Transaction) (all []byte) {
		for _, tx := range txs {
			all = append(all, tx.Body().Actor+" "...)
		}
		return all
	}
	first := names(make2("-a"))
	if !bytes.Equal(first, names(make2("-b"))) {
		t.Error("the order of actors depends on their transactions")
	}
	parent = w.suite.Sum([]byte("another parent"))
	if bytes.Equal(first, names(make2("-a"))) {
		t.Error("the order of actors does not depend on the parent")
	}
}
