// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// The load is clients that submit transactions to nodes, some of them twice.
type load struct {
	w *world
	dice
	key   keys.PrivateKey
	every int64 // µs between submissions on average
	made  int
	past  []*ledger.Transaction // a few, to be submitted again
	off   bool
	open  []submission
	must  []ledger.Hash // must take effect
}

// A submission is one that a node took in one of its lives, and must see through
// unless it crashes.
type submission struct {
	id   ledger.Hash
	node *node
	life int
}

func newLoad(w *world) (*load, error) {
	key, err := w.network.Suite.Generate(w.bytes)
	if err != nil {
		return nil, fmt.Errorf("client key: %w", err)
	}
	d := newDice(w.o, "load", 0)
	return &load{w: w, dice: d, key: key, every: d.between(30_000, 300_000)}, nil
}

func (l *load) run() {
	if l.off {
		return
	}
	times := 1
	if l.chance(0.02) {
		times = 30 // a burst
	}
	for range times {
		l.submit(l.w.nodes[l.IntN(len(l.w.nodes))])
	}
	l.w.after(l.between(0, 2*l.every), l.run)
}

// patience is how many transactions may wait at a node before its clients do.
const patience = 200

func (l *load) submit(n *node) {
	if n.core != nil && n.core.Status().Mempool > patience {
		return
	}
	tx, lasting := l.next(week), true
	if l.chance(0.05) {
		tx, lasting = l.next(3000), false
	}
	if len(l.past) > 0 && l.chance(0.05) {
		tx, lasting = l.past[l.IntN(len(l.past))], false
	}
	life := n.life // the submission itself may end it
	if n.submit(tx) && lasting && n.treason == nil {
		l.open = append(l.open, submission{tx.ID(), n, life})
	}
	if l.chance(0.1) {
		l.w.nodes[l.IntN(len(l.w.nodes))].submit(tx)
	}
	if l.chance(0.2) {
		l.past = append(l.past, tx)
		l.past = l.past[max(0, len(l.past)-20):]
	}
}

const week = 7 * 24 * 3600 * 1000 // ms

// fresh submits a transaction at each living node. These must become FINAL, and
// so must whatever living nodes took before and have not forgotten in a crash.
func (l *load) fresh() {
	for _, s := range l.open {
		if s.node.life == s.life {
			l.must = append(l.must, s.id)
		}
	}
	for _, n := range l.w.sound() {
		tx := l.next(week)
		n.submit(tx)
		l.must = append(l.must, tx.ID())
	}
}

// next makes a transaction that is valid for some time, in ms.
func (l *load) next(valid int64) *ledger.Transaction {
	l.made++
	method, args := "put", []byte{0xa0}
	if l.made%5 == 0 {
		method, args = "claim", ledger.Encode(name{fmt.Sprintf("name-%d", l.made/20)})
	}
	body := ledger.Encode(ledger.Body{
		Contract:   "sim",
		Version:    1,
		Method:     method,
		Args:       args,
		Actor:      fmt.Sprintf("actor-%d", l.made%3),
		ClientRef:  fmt.Sprintf("ref-%d", l.made),
		Signers:    []ledger.Signer{{Organisation: "org", Role: "maker", Key: l.key.Public()}},
		ValidUntil: l.w.clock() + valid,
	})
	sig, err := l.key.Sign(l.w.network.SignBytes(body))
	if err != nil {
		panic(err) // keys in memory sign
	}
	tx, err := ledger.NewTransaction(l.w.network, body, []keys.Signature{sig})
	if err != nil {
		panic(err) // as made above
	}
	return tx
}

// A name is what a transaction of method "claim" asks for. Several do for each.
type name struct {
	Name string `cbor:"1,keyasint"`
}

// claimed gives the name that a transaction claims, if it claims one.
func claimed(t *ledger.Transaction) string {
	var n name
	if args := t.Body().Args; t.Body().Method != "claim" || ledger.Decode(args, len(args), &n) != nil {
		return ""
	}
	return n.Name
}
