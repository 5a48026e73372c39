// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// fill adds n transactions of an actor.
func (w *town) fill(m *mempool, actor string, n int) []*ledger.Transaction {
	w.t.Helper()
	var out []*ledger.Transaction
	for range n {
		tx := w.transaction(actor)
		if fresh, ok := m.add(tx, false, 0); !fresh || !ok {
			w.t.Fatalf("transaction of %s: fresh %v, room %v", actor, fresh, ok)
		}
		out = append(out, tx)
	}
	return out
}

func actors(txs []*ledger.Transaction) string {
	s := ""
	for _, tx := range txs {
		s += tx.Body().Actor
	}
	return s
}

func ids(txs []*ledger.Transaction) []ledger.Hash {
	var out []ledger.Hash
	for _, tx := range txs {
		out = append(out, tx.ID())
	}
	return out
}

func TestActorsTakeTurns(t *testing.T) {
	w := newTown(t, 1)
	m := newMempool(1 << 20)
	w.fill(m, "a", 100)
	w.fill(m, "b", 2)
	w.fill(m, "c", 3)
	if got := actors(m.cut(10, 1<<20)); got != "abcabcacaa" {
		t.Errorf("turns are %s", got)
	}
	w.fill(m, "d", 2)
	if got := actors(m.cut(6, 1<<20)); got != "adadaa" && got != "dadaaa" {
		t.Errorf("a newcomer waits: %s", got)
	}
}

func TestActorsTransactionsKeepTheirOrder(t *testing.T) {
	w := newTown(t, 1)
	m := newMempool(1 << 20)
	want := ids(w.fill(m, "a", 20))
	w.fill(m, "b", 20)
	first := m.cut(10, 1<<20)
	m.release(nil) // the leader is none any more
	again := m.cut(40, 1<<20)
	for name, txs := range map[string][]*ledger.Transaction{"first": first, "again": again} {
		var got []ledger.Hash
		for _, tx := range txs {
			if tx.Body().Actor == "a" {
				got = append(got, tx.ID())
			}
		}
		if !slices.Equal(got, want[:len(got)]) {
			t.Errorf("%s: out of order", name)
		}
	}
	if len(again) != 40 || m.free != 0 {
		t.Errorf("%d of 40 were free again, %d remain", len(again), m.free)
	}
}

func TestWhatIsInTheLogIsNotCutAgain(t *testing.T) {
	w := newTown(t, 1)
	m := newMempool(1 << 20)
	txs := w.fill(m, "a", 10)
	m.take(txs[3].ID())
	m.take(txs[3].ID())
	got := m.cut(100, 1<<20)
	if len(got) != 9 || slices.Contains(ids(got), txs[3].ID()) || len(m.cut(100, 1<<20)) != 0 || m.len() != 10 {
		t.Errorf("%d were cut, %d are held", len(got), m.len())
	}
	m.release(map[ledger.Hash]bool{txs[0].ID(): true})
	if got := m.cut(100, 1<<20); len(got) != 9 || got[0] != txs[1] {
		t.Errorf("%d were cut after a release", len(got))
	}
}

func TestBatchIsBoundedInBytes(t *testing.T) {
	w := newTown(t, 1)
	m := newMempool(1 << 20)
	size := len(w.fill(m, "a", 5)[0].Bytes())
	w.fill(m, "b", 5)
	if got := m.cut(100, 3*size+size/2); len(got) != 3 {
		t.Errorf("%d transactions in room for three", len(got))
	}
	if got := m.cut(100, size/2); len(got) != 0 {
		t.Errorf("%d transactions in room for none", len(got))
	}
}

func TestNoActorTakesMoreThanItsShare(t *testing.T) {
	w := newTown(t, 1)
	size := len(w.transaction("a").Bytes())
	m := newMempool(10*size + 9)
	w.fill(m, "a", 5)
	if _, ok := m.add(w.transaction("a"), true, 0); ok {
		t.Error("an actor took more than half")
	}
	w.fill(m, "b", 4)
	w.fill(m, "c", 1)
	if _, ok := m.add(w.transaction("d"), true, 0); ok {
		t.Error("the mempool took more than it has room for")
	}
	m.remove(ids(m.cut(3, 1<<20)), dawn)
	if _, ok := m.add(w.transaction("d"), true, 0); !ok {
		t.Error("what is FINAL still takes room")
	}
}

func TestFullMempoolRefuses(t *testing.T) {
	w := newTown(t, 4)
	tx := w.transaction("a")
	w.limit = func(c *Config) { c.MempoolBytes = 2*len(tx.Bytes()) + 1 }
	r := w.active(0)
	if out := r.step(Submit{Transaction: tx, Local: true}); len(of[Refused](out)) != 0 || len(of[Send](out)) != 3 {
		t.Fatalf("the first is refused or not flooded: %d sent", len(of[Send](out)))
	}
	if out := r.step(Submit{Transaction: tx, Local: true}); len(of[Refused](out)) != 0 || len(of[Send](out)) != 0 {
		t.Error("a repeated one is refused or flooded again")
	}
	other := w.transaction("a")
	if out := of[Refused](r.step(Submit{Transaction: other, Local: true})); len(out) != 1 || out[0].ID != other.ID() {
		t.Errorf("refused %v", out)
	}
}

func TestFinalAndExpiredTransactionsLeave(t *testing.T) {
	w := newTown(t, 1)
	m := newMempool(1 << 20)
	final := w.fill(m, "a", 3)
	short := w.transactionUntil("b", dawn+10)
	m.add(short, true, 0)
	m.remove(ids(final[:2]), dawn+10)
	if m.has(final[0].ID()) || !m.has(final[2].ID()) || !m.has(short.ID()) {
		t.Error("at its last moment a transaction is gone, or a FINAL one is not")
	}
	m.remove(append(ids(final), w.network.Chain), dawn+11) // some that it does not hold
	if m.has(short.ID()) || m.len() != 0 || m.bytes != 0 || m.free != 0 || len(m.actors) != 0 || len(m.order) != 0 || len(m.expiry) != 0 {
		t.Errorf("an empty mempool holds %+v", m)
	}
	if got := m.overdue(100, 100, 10); len(got) != 0 || len(m.floods) != 0 {
		t.Errorf("%d expired transactions are flooded", len(got))
	}
}

func TestLocalTransactionsAreFloodedAgain(t *testing.T) {
	w := newTown(t, 1)
	m := newMempool(1 << 20)
	for i := range 5 {
		m.add(w.transaction("a"), i%2 == 0, i)
	}
	if got := m.overdue(1, 20, 10); len(got) != 1 {
		t.Errorf("%d are due at first", len(got))
	}
	if got := m.overdue(19, 40, 1); len(got) != 1 {
		t.Errorf("%d within a limit of one", len(got))
	}
	if got := m.overdue(19, 40, 10); len(got) != 1 {
		t.Errorf("%d of those flooded before", len(got))
	}
}

// TestMempoolAgainstAList holds the mempool against the plainest one that there
// could be.
func TestMempoolAgainstAList(t *testing.T) {
	w := newTown(t, 1)
	rng := rand.New(rand.NewPCG(1, 2))
	m := newMempool(1 << 20)
	var list []*ledger.Transaction // live, in the order of submission
	taken := make(map[ledger.Hash]bool)
	time := int64(dawn)
	drop := func(gone func(*ledger.Transaction) bool) {
		list = slices.DeleteFunc(list, gone)
	}
	for step := range 4000 {
		switch rng.IntN(12) {
		case 0, 1, 2, 3, 4:
			tx := w.transactionUntil(fmt.Sprint("actor-", rng.IntN(5)), time+rng.Int64N(200))
			m.add(tx, rng.IntN(2) == 0, step)
			list = append(list, tx)
		case 5, 6:
			for _, tx := range m.cut(rng.IntN(6), 1<<20) {
				if taken[tx.ID()] || !slices.Contains(list, tx) {
					t.Fatalf("step %d: cut what is not free", step)
				}
				for _, before := range list {
					if before == tx {
						break
					}
					if before.Body().Actor == tx.Body().Actor && !taken[before.ID()] {
						t.Fatalf("step %d: an actor's transactions are out of order", step)
					}
				}
				taken[tx.ID()] = true
			}
		case 7, 8:
			var final []ledger.Hash
			for _, tx := range list {
				if rng.IntN(4) == 0 {
					final = append(final, tx.ID())
				}
			}
			time += rng.Int64N(10)
			m.remove(final, time)
			drop(func(tx *ledger.Transaction) bool {
				return slices.Contains(final, tx.ID()) || tx.Body().ValidUntil < time
			})
		case 9:
			m.overdue(step-20, step, 10)
		case 10:
			if len(list) > 0 {
				id := list[rng.IntN(len(list))].ID()
				m.take(id)
				taken[id] = true
			}
		case 11:
			if rng.IntN(5) == 0 {
				clear(taken)
				m.release(taken)
			}
		}
		free, weight, bytes := 0, 0, 0
		for _, tx := range list {
			bytes += len(tx.Bytes())
			if !taken[tx.ID()] {
				free++
				weight += len(tx.Bytes())
			}
		}
		if m.len() != len(list) || m.free != free || m.weight != weight || m.bytes != bytes || len(m.expiry) != len(list) {
			t.Fatalf("step %d: holds %d, free %d of %d bytes, bytes %d; must be %d, %d of %d, %d", step, m.len(), m.free, m.weight, m.bytes, len(list), free, weight, bytes)
		}
	}
}

// What waits was checked when it was submitted. A batch that holds the same bytes
// costs no second check, and one that holds other signatures is checked.
func TestABatchIsCheckedAsFarAsItIsUnknown(t *testing.T) {
	w := newTown(t, 4)
	var asked []*ledger.Transaction
	w.limit = func(c *Config) {
		check := c.Check
		c.Check = func(txs []*ledger.Transaction) []bool {
			asked = append(asked, txs...)
			return check(txs)
		}
	}
	r := w.active(0)
	known, unknown := w.transaction("a"), w.transaction("b")
	r.step(Submit{Transaction: known})
	effects := r.step(w.lead(chief, 0, term, base,
		entry(Position{2, term}, nil),
		w.batch(chief, Position{3, term}, w.now, known, unknown),
	))
	if len(asked) != 1 || asked[0].ID() != unknown.ID() {
		t.Errorf("%d transactions were checked, want the unknown one", len(asked))
	}
	if len(effects) == 0 || r.core.Status().LastIndex != 3 {
		t.Fatalf("the batch was refused: %+v", r.core.Status())
	}

	forged, err := ledger.NewTransaction(w.network, known.BodyBytes(), []keys.Signature{make(keys.Signature, keys.SignatureSize)})
	if err != nil {
		t.Fatal(err)
	}
	r.step(w.lead(chief, 0, term, Position{3, term}, w.batch(chief, Position{4, term}, w.now, forged)))
	if len(asked) != 2 || r.dropped(dropEntry) != 1 || r.core.Status().LastIndex != 3 {
		t.Errorf("a waiting body under a forged signature: %d checks, %+v", len(asked), r.core.Status())
	}
}
