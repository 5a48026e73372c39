// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// A mempool holds transactions from their submission until they are in a FINAL
// block or have expired. Being ordered does not remove one, so a lost leader
// loses nothing. Actors take turns, so that none starves another.
//
// No operation looks at all transactions: a block costs what is in it.
type mempool struct {
	maxBytes int // of all
	maxShare int // of one actor

	byID   map[ledger.Hash]*pooled
	actors map[string]*lane
	order  []*lane // with free transactions, in the order in which they came to have some
	turn   int     // whose turn it is
	free   int     // transactions that are not taken
	weight int     // bytes of these
	bytes  int
	serial uint64

	expiry expiry
	floods []*pooled // local, in the order in which they were flooded
	queue  []*pooled // in the order of submission, some of them gone
}

type pooled struct {
	tx      *ledger.Transaction
	lane    *lane
	serial  uint64 // in the order of submission
	place   int    // in expiry
	flooded int    // tick of the last flood
	since   int    // tick of the submission
	local   bool   // submitted here, so that this node floods it
	taken   bool   // in a batch of this leader's
	gone    bool   // FINAL or expired
}

type lane struct {
	actor string
	free  []*pooled // not taken, by serial; some of them stale
	live  int       // of free, not stale
	bytes int       // of all of the actor's, free or taken
	count int       // likewise
}

func newMempool(maxBytes int) *mempool {
	return &mempool{
		maxBytes: maxBytes,
		maxShare: maxBytes / 2,
		byID:     make(map[ledger.Hash]*pooled),
		actors:   make(map[string]*lane),
	}
}

func (m *mempool) len() int { return len(m.byID) }

func (m *mempool) has(id ledger.Hash) bool { return m.byID[id] != nil }

// find gives the waiting transaction of exactly these bytes, or nil.
func (m *mempool) find(n ledger.Network, raw []byte) *ledger.Transaction {
	id, ok := n.PeekID(raw)
	if !ok {
		return nil
	}
	if p := m.byID[id]; p != nil && bytes.Equal(p.tx.Bytes(), raw) {
		return p.tx
	}
	return nil
}

// holds tells whether this very tx waits, and not another of its id.
func (m *mempool) holds(tx *ledger.Transaction) bool {
	p := m.byID[tx.ID()]
	return p != nil && p.tx == tx
}

// add takes tx in, or tells that there is no room for it. Every node must be able
// to decode tx from its bytes, as NewTransaction, DecodeTransaction and
// JoinTransaction see to: find gives tx in the place of decoding them, and where
// others could not, this node would execute what is nothing to them.
func (m *mempool) add(tx *ledger.Transaction, local bool, tick int) (fresh, ok bool) {
	if p := m.byID[tx.ID()]; p != nil {
		if local && !p.local {
			p.local = true // its client counts on this node now
			m.floods = append(m.floods, p)
		}
		return false, true
	}
	size := len(tx.Bytes())
	actor := tx.Body().Actor
	l := m.actors[actor]
	if l == nil {
		l = &lane{actor: actor}
	}
	if m.bytes+size > m.maxBytes || l.bytes+size > m.maxShare {
		return false, false
	}
	m.actors[actor] = l
	m.serial++
	p := &pooled{tx: tx, lane: l, serial: m.serial, flooded: tick, since: tick, local: local}
	if len(m.queue) > 2*len(m.byID)+64 {
		m.queue = slices.DeleteFunc(m.queue, func(p *pooled) bool { return p.gone })
	}
	m.queue = append(m.queue, p)
	m.byID[tx.ID()] = p
	l.count++
	l.bytes += size
	m.bytes += size
	m.offer(p)
	heap.Push(&m.expiry, p)
	if p.local {
		m.floods = append(m.floods, p)
	}
	return true, true
}

// offer appends p to what its actor has free.
func (m *mempool) offer(p *pooled) {
	l := p.lane
	if l.live == 0 {
		m.order = append(m.order, l)
	}
	l.free = append(l.free, p)
	l.live++
	m.free++
	m.weight += len(p.tx.Bytes())
}

// stale tells that p is no longer free, though it may still be listed.
func (p *pooled) stale() bool { return p.gone || p.taken }

// cut takes the next transactions for a batch, one of each actor in turn.
func (m *mempool) cut(maxCount, maxBytes int) []*ledger.Transaction {
	var batch []*ledger.Transaction
	bytes, tooLarge := 0, 0 // tooLarge counts the turns in a row that found no room
	for tooLarge < len(m.order) && len(batch) < maxCount {
		l := m.order[m.turn]
		for l.free[0].stale() {
			l.free = l.free[1:]
		}
		p := l.free[0]
		if bytes+len(p.tx.Bytes()) > maxBytes {
			tooLarge++
			m.turn = (m.turn + 1) % len(m.order)
			continue
		}
		tooLarge = 0
		bytes += len(p.tx.Bytes())
		batch = append(batch, p.tx)
		p.taken = true
		if m.claimed(p) {
			m.turn = (m.turn + 1) % len(m.order)
		}
	}
	return batch
}

// claimed notes that p is no longer free, and tells whether its actor still has
// turns.
func (m *mempool) claimed(p *pooled) bool {
	l := p.lane
	m.free--
	m.weight -= len(p.tx.Bytes())
	l.live--
	if l.live == 0 {
		l.free = nil
		i := slices.Index(m.order, l)
		m.order = slices.Delete(m.order, i, i+1)
		if i < m.turn {
			m.turn--
		}
		if m.turn == len(m.order) {
			m.turn = 0
		}
		return false
	}
	if len(l.free) > 2*l.live+32 {
		l.free = slices.DeleteFunc(l.free, (*pooled).stale)
	}
	return true
}

// take notes that a transaction is in this leader's log.
func (m *mempool) take(id ledger.Hash) {
	if p := m.byID[id]; p != nil && !p.taken {
		p.taken = true
		m.claimed(p)
	}
}

// release makes all transactions free, each in its old place, but those that
// are in this leader's log.
func (m *mempool) release(taken map[ledger.Hash]bool) {
	all := slices.Clone(m.expiry)
	for _, p := range all {
		p.taken = taken[p.tx.ID()]
		p.lane.free, p.lane.live = nil, 0
	}
	slices.SortFunc(all, func(a, b *pooled) int { return cmp.Compare(a.serial, b.serial) })
	m.order, m.turn, m.free, m.weight = nil, 0, 0, 0
	for _, p := range all {
		if !p.taken {
			m.offer(p)
		}
	}
}

// remove drops what is FINAL, and what can no longer become it at block time.
func (m *mempool) remove(final []ledger.Hash, time int64) {
	for _, id := range final {
		if p := m.byID[id]; p != nil {
			heap.Remove(&m.expiry, p.place)
			m.drop(p)
		}
	}
	for len(m.expiry) > 0 && m.expiry[0].tx.Body().ValidUntil < time {
		m.drop(heap.Pop(&m.expiry).(*pooled))
	}
}

func (m *mempool) drop(p *pooled) {
	id, l := p.tx.ID(), p.lane
	p.gone = true
	delete(m.byID, id)
	if !p.taken {
		m.claimed(p)
	}
	size := len(p.tx.Bytes())
	m.bytes -= size
	l.bytes -= size
	if l.count--; l.count == 0 {
		delete(m.actors, l.actor)
	}
}

// oldest is the tick at which the transaction came that waits longest.
func (m *mempool) oldest() (tick int, ok bool) {
	for len(m.queue) > 0 && m.queue[0].gone {
		m.queue[0] = nil
		m.queue = m.queue[1:]
	}
	if len(m.queue) == 0 {
		return 0, false
	}
	return m.queue[0].since, true
}

// waitedSince gives at most limit of the transactions that came up to a tick, those
// that wait longest.
func (m *mempool) waitedSince(tick, limit int) []*ledger.Transaction {
	m.oldest()
	var out []*ledger.Transaction
	for _, p := range m.queue {
		if p.since > tick || len(out) == limit {
			break
		}
		if !p.gone {
			out = append(out, p.tx)
		}
	}
	return out
}

// overdue gives at most limit local transactions last flooded before tick, and
// notes that they are flooded now.
func (m *mempool) overdue(before, now, limit int) []*ledger.Transaction {
	var out []*ledger.Transaction
	for len(m.floods) > 0 && len(out) < limit {
		p := m.floods[0]
		if !p.gone && p.flooded > before {
			break
		}
		m.floods[0] = nil
		m.floods = m.floods[1:]
		if !p.gone {
			p.flooded = now
			m.floods = append(m.floods, p)
			out = append(out, p.tx)
		}
	}
	return out
}

// expiry is a heap by valid-until.
type expiry []*pooled

func (e expiry) Len() int { return len(e) }

func (e expiry) Less(i, j int) bool {
	a, b := e[i].tx.Body().ValidUntil, e[j].tx.Body().ValidUntil
	return a < b || a == b && e[i].serial < e[j].serial
}

func (e expiry) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].place, e[j].place = i, j
}

func (e *expiry) Push(p any) {
	p.(*pooled).place = len(*e)
	*e = append(*e, p.(*pooled))
}

func (e *expiry) Pop() any {
	last := len(*e) - 1
	p := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	return p
}
