// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// nonces remembers the nonces of signed requests for at least twice the window:
// a request dated the window ahead can come again until the window after. Those
// of a key are kept in three generations of one window's length each; the oldest
// is dropped whole.
//
// It is bounded and never forgets early: what does not fit is refused. Each key
// has its own bound and no key takes the room of another. When all keys together
// fill the memory, only those are refused that use more than their share of it,
// so that one key, or one organisation with many, does not shut out the rest.
// Keys are those of enrolled people, whose number the ledger bounds.
type nonces struct {
	limit nonceLimits
	seed  maphash.Seed
	held  atomic.Int64 // nonces of all keys

	mu    sync.Mutex
	keys  map[string]*keyNonces
	swept time.Time
}

// nonceLimits count nonces of one window.
type nonceLimits struct {
	key   int   // most of one key
	share int   // of one key, however full the memory is
	total int64 // of all keys, in all generations
}

// The defaults allow one key 436 requests a second without end and use about
// 20 bytes a nonce, so at most 90 MB; and 20 KB more for each key that signs.
var defaultNonces = nonceLimits{key: 1 << 17, share: 1 << 9, total: 1 << 22}

type keyNonces struct {
	mu          sync.Mutex
	began       time.Time // of the newest generation
	last        time.Time // of the newest nonce
	generations [3]map[uint64]struct{}
	gone        bool // swept away: not to be used any more
}

func newNonces(limit nonceLimits) *nonces {
	return &nonces{limit: limit, seed: maphash.MakeSeed(), keys: make(map[string]*keyNonces)}
}

// use notes a nonce at a time of the node's clock. fresh is false if it was
// used; full is true if it could not be noted.
func (n *nonces) use(keyID, text string, now time.Time) (fresh, full bool) {
	// Two nonces of one key with the same hash would refuse a good request, which
	// is signed again; the hash is secret, so nobody can make it happen.
	id := maphash.String(n.seed, text)
	for {
		k := n.key(keyID, now)
		k.mu.Lock()
		if k.gone {
			k.mu.Unlock()
			continue
		}
		defer k.mu.Unlock()
		n.held.Add(-int64(k.turn(now)))
		k.last = now
		for _, g := range k.generations {
			if _, used := g[id]; used {
				return false, false
			}
		}
		newest := k.generations[0]
		if len(newest) >= n.limit.key || len(newest) >= n.limit.share && n.held.Load() >= n.limit.total {
			return true, true
		}
		newest[id] = struct{}{}
		n.held.Add(1)
		return true, false
	}
}

// used tells whether a nonce was used, and notes nothing.
func (n *nonces) used(keyID, text string, now time.Time) bool {
	n.mu.Lock()
	k := n.keys[keyID]
	n.mu.Unlock()
	if k == nil {
		return false
	}
	id := maphash.String(n.seed, text)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.gone {
		return false
	}
	n.held.Add(-int64(k.turn(now)))
	for _, g := range k.generations {
		if _, used := g[id]; used {
			return true
		}
	}
	return false
}

// key finds the nonces of a key. Once a window it drops the keys whose nonces
// are all over.
func (n *nonces) key(keyID string, now time.Time) *keyNonces {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.swept) >= SignatureWindow {
		n.swept = now
		for id, k := range n.keys {
			k.mu.Lock()
			if now.Sub(k.last) >= time.Duration(len(k.generations))*SignatureWindow {
				n.held.Add(-int64(k.count()))
				k.gone = true
				delete(n.keys, id)
			}
			k.mu.Unlock()
		}
	}
	k := n.keys[keyID]
	if k == nil {
		k = &keyNonces{began: now, last: now}
		k.generations[0] = make(map[uint64]struct{})
		n.keys[keyID] = k
	}
	return k
}

func (k *keyNonces) count() (n int) {
	for _, g := range k.generations {
		n += len(g)
	}
	return n
}

// turn opens the generations that are due and tells how many nonces are over. A
// clock that goes back opens none.
func (k *keyNonces) turn(now time.Time) (over int) {
	before := k.count()
	for turns := 0; now.Sub(k.began) >= SignatureWindow; turns++ {
		if turns == len(k.generations) { // long asleep: all are over
			k.began = now
			break
		}
		k.generations[2], k.generations[1], k.generations[0] = k.generations[1], k.generations[0], make(map[uint64]struct{})
		k.began = k.began.Add(SignatureWindow)
	}
	return before - k.count()
}
