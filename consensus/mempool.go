// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// A mempool holds transactions from their submission until they are in a FINAL
// block or have expired. Being ordered does not remove one, so a lost leader
// loses nothing. Actors take turns, so that none starves another.
type mempool struct {
	maxBytes int // of all
	maxShare int // of one actor

	byID   map[ledger.Hash]*pooled
	actors map[string]*lane
	order  []*lane // in the order in which they first submitted
	turn   int
	bytes  int
}

type pooled struct {
	tx      *ledger.Transaction
	local   bool
	flooded int // tick of the last flood
}

type lane struct {
	actor string
	txs   []*pooled
	bytes int
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

// add takes tx in, or tells that there is no room for it.
func (m *mempool) add(tx *ledger.Transaction, local bool, tick int) (fresh, ok bool) {
	if m.has(tx.ID()) {
		return false, true
	}
	size := len(tx.Bytes())
	l := m.actors[tx.Body().Actor]
	if l == nil {
		l = &lane{actor: tx.Body().Actor}
	}
	if m.bytes+size > m.maxBytes || l.bytes+size > m.maxShare {
		return false, false
	}
	if len(l.txs) == 0 {
		m.actors[l.actor] = l
		m.order = append(m.order, l)
	}
	p := &pooled{tx: tx, local: local, flooded: tick}
	l.txs = append(l.txs, p)
	l.bytes += size
	m.bytes += size
	m.byID[tx.ID()] = p
	return true, true
}

// cut gives the next transactions for a batch, one of each actor in turn,
// without those that taken says are ordered already.
func (m *mempool) cut(maxCount, maxBytes int, taken func(ledger.Hash) bool) [][]byte {
	next := make([]int, len(m.order))
	var batch [][]byte
	bytes := 0
	idle := 0
	for idle < len(m.order) && len(batch) < maxCount {
		m.turn = (m.turn + 1) % len(m.order)
		l := m.order[m.turn]
		i := &next[m.turn]
		for *i < len(l.txs) && taken(l.txs[*i].tx.ID()) {
			*i++
		}
		if *i == len(l.txs) || bytes+len(l.txs[*i].tx.Bytes()) > maxBytes {
			idle++
			continue
		}
		idle = 0
		raw := l.txs[*i].tx.Bytes()
		*i++
		batch = append(batch, raw)
		bytes += len(raw)
	}
	return batch
}

// remove drops what is FINAL, and what can no longer become it at block time.
func (m *mempool) remove(final []ledger.Hash, time int64) {
	gone := make(map[ledger.Hash]bool, len(final))
	for _, id := range final {
		gone[id] = m.has(id)
	}
	m.order = slices.DeleteFunc(m.order, func(l *lane) bool {
		l.txs = slices.DeleteFunc(l.txs, func(p *pooled) bool {
			id := p.tx.ID()
			if !gone[id] && p.tx.Body().ValidUntil >= time {
				return false
			}
			delete(m.byID, id)
			m.bytes -= len(p.tx.Bytes())
			l.bytes -= len(p.tx.Bytes())
			return true
		})
		if len(l.txs) == 0 {
			delete(m.actors, l.actor)
		}
		return len(l.txs) == 0
	})
	if m.turn >= len(m.order) {
		m.turn = 0
	}
}

// overdue gives at most limit local transactions last flooded before tick, and
// notes that they are flooded now.
func (m *mempool) overdue(before, now, limit int) []*ledger.Transaction {
	var out []*ledger.Transaction
	for _, l := range m.order {
		for _, p := range l.txs {
			if len(out) == limit {
				return out
			}
			if p.local && p.flooded <= before {
				p.flooded = now
				out = append(out, p.tx)
			}
		}
	}
	return out
}
