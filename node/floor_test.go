// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/p2p"
)

// A floor is what one node does for a transaction, whatever its disk, its
// network and its clients cost: one validator's ledger and a block of claims.
type floor struct {
	trust  ledger.Trust
	key    keys.PrivateKey // of the validator
	cache  *keys.KeyCache
	intake *intake
	x      *executor
	raw    [][]byte // transactions as they are flooded
	batch  []byte   // the same as the leader's log entry

	waiting map[ledger.Hash]*ledger.Transaction // what the mempool would hold
}

// newFloor makes a block of claims, by turns of 64 persons of one owner.
func newFloor(t testing.TB, claims int) *floor {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	const owner = "91510100MA6CA1R24N"
	state := contracts.GenesisState{
		Area:    "510100",
		Parties: []contracts.GenesisParty{{PartyID: owner, NameZH: "瑞新科技", Role: contracts.Borrower}},
	}
	people := make([]keys.PrivateKey, 64)
	for i := range people {
		if people[i], err = suite.Generate(nil); err != nil {
			t.Fatal(err)
		}
		state.Persons = append(state.Persons, contracts.GenesisPerson{
			Organisation: owner, Roles: []string{contracts.Maker}, Key: people[i].Public(),
		})
	}
	rawState, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(ledger.Genesis{
		Format: ledger.GenesisFormat, Name: "test", Suite: suite.Name(), Time: dawn, State: rawState,
		Validators: []ledger.Validator{{Name: "node1", Organisation: owner, Key: people[0].Public(), PeerID: "peer"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	genesis, trust, err := ledger.ParseGenesis(file)
	if err != nil {
		t.Fatal(err)
	}
	cache := keys.NewKeyCache(4096)
	trust.Suite = keys.Cached(trust.Suite, cache)
	s, err := openLedger(t.TempDir(), datadir.Identity{Genesis: genesis, Trust: trust}, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	f := &floor{trust: trust, key: people[0], cache: cache}
	if f.x, err = newExecutor(trust.Network, registry.Versions(), s, newBrake(), newMetrics("test")); err != nil {
		t.Fatal(err)
	}
	for i := range claims {
		f.raw = append(f.raw, claimBytes(t, trust.Network, people[i%len(people)], owner, i))
	}
	at := dawn.UnixMilli() + 10
	if f.batch, err = ledger.SignBatch(trust.Network, ledger.Batch{Index: 2, Term: 1, Time: at, Transactions: f.raw}, 0, f.key); err != nil {
		t.Fatal(err)
	}
	f.forget()
	return f
}

// forget gives the node an intake that has seen nothing; the cache of keys stays.
func (f *floor) forget() {
	f.intake = &intake{
		network:   f.trust.Network,
		cache:     f.cache,
		brake:     newBrake(),
		checked:   newRecent[struct{}](1 << 17),
		received:  newRecent[received](1 << 17),
		versions:  f.x.versions,
		head:      newHead(f.x.store),
		submitted: make(chan submission, len(f.raw)),
		logger:    slog.New(slog.DiscardHandler),
		suspects:  make(map[p2p.MemberID]bool),
	}
	f.waiting = make(map[ledger.Hash]*ledger.Transaction)
}

// claimBytes is the claim of the i-th patent of its year.
func claimBytes(t testing.TB, network ledger.Network, key keys.PrivateKey, owner string, i int) []byte {
	t.Helper()
	digits := fmt.Sprintf("20181%07d", i)
	body := ledger.Encode(ledger.Body{
		Contract: "rights", Version: 1, Method: "claim", Actor: owner, ClientRef: fmt.Sprintf("bench-%08d", i),
		Args: ledger.Encode(rights.ClaimArgs{
			Type: "PATENT", Number: digits + "." + identifier.PatentCheck(digits), Owners: []string{owner}, Title: "一种用于质押登记的装置",
		}),
		Signers:    []ledger.Signer{{Organisation: owner, Role: contracts.Maker, Key: key.Public()}},
		ValidUntil: dawn.UnixMilli() + 3_600_000,
	})
	sig, err := key.Sign(network.SignBytes(body))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := ledger.NewTransaction(network, body, []keys.Signature{sig})
	if err != nil {
		t.Fatal(err)
	}
	return tx.Bytes()
}

func (f *floor) decode(b *testing.B) []*ledger.Transaction {
	txs := make([]*ledger.Transaction, len(f.raw))
	for i, raw := range f.raw {
		var err error
		if txs[i], err = ledger.DecodeTransaction(f.trust.Network, raw); err != nil {
			b.Fatal(err)
		}
	}
	return txs
}

// admit takes the block's transactions as other members flood them.
func (f *floor) admit(b *testing.B) {
	for txs := f.decode(b); len(txs) > 0; {
		n := min(len(txs), maxIntake)
		waiting := make([]flooded, n)
		for i, tx := range txs[:n] {
			waiting[i] = flooded{"node2", tx}
		}
		fresh, _, err := f.intake.admit(waiting)
		if err != nil || len(fresh) != n {
			b.Fatalf("%d of %d admitted: %v", len(fresh), n, err)
		}
		for _, tx := range fresh {
			f.waiting[tx.ID()] = tx
		}
		txs = txs[n:]
	}
}

// open opens the leader's batch as the core does when all of it waits there.
func (f *floor) open(b *testing.B) *ledger.SignedBatch {
	batch, err := ledger.OpenKnownBatch(f.trust.Network, f.trust.Sets[0], f.batch, func(raw []byte) *ledger.Transaction {
		id, _ := f.trust.PeekID(raw)
		tx := f.waiting[id]
		if tx == nil || !bytes.Equal(tx.Bytes(), raw) {
			b.Fatal("a transaction does not wait")
		}
		return tx
	})
	if err != nil {
		b.Fatal(err)
	}
	return batch
}

// run executes the batch and makes its header.
func (f *floor) run(b *testing.B, batch *ledger.SignedBatch) {
	txs := ledger.ExecutionOrder(f.trust.Network, f.x.head.hash, batch.Transactions)
	e, known, err := f.x.run(f.x.head, batch.Time, txs)
	if err != nil || !known {
		b.Fatal(err)
	}
	for _, o := range e.outcomes {
		if o.Status != ledger.Final {
			b.Fatalf("%+v", o)
		}
	}
}

// BenchmarkFloor measures the stages of a follower, and what the node of entry
// does beyond them. Figures are per transaction, in blocks of 500.
func BenchmarkFloor(b *testing.B) {
	const claims = 500
	f := newFloor(b, claims)
	stage := func(name string, prepare func(), do func(*testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.StopTimer()
			for n := 0; n < b.N; n += claims {
				prepare()
				b.StartTimer()
				do(b)
				b.StopTimer()
			}
		})
	}
	nothing := func() {}
	stage("decode", nothing, func(b *testing.B) { f.decode(b) })
	stage("admit", f.forget, func(b *testing.B) { f.admit(b) })
	f.admit(b)
	stage("open", nothing, func(b *testing.B) { f.open(b) })
	batch := f.open(b)
	stage("run", nothing, func(b *testing.B) { f.run(b, batch) })
	stage("follower", f.forget, func(b *testing.B) {
		f.admit(b)
		f.run(b, f.open(b))
	})
	txs := f.decode(b)
	stage("submit", f.forget, func(b *testing.B) {
		for _, tx := range txs {
			if err := f.intake.Submit(context.Background(), tx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
