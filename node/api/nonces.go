// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"crypto/sha256"
	"sync"
	"time"
)

// nonces remembers the nonces of signed requests for at least twice the window:
// a request dated the window ahead can come again until the window after. They
// are kept in three generations of one window's length each; the oldest is
// dropped whole. A full generation refuses, it does not forget.
type nonces struct {
	mu          sync.Mutex
	began       time.Time // of the newest generation
	generations [3]map[nonce]struct{}
	limit       int // of one generation
}

// A nonce is the head of the hash of key id and nonce, which bounds its size.
type nonce [16]byte

const maxNonces = 1 << 18 // about 10 MB a generation

func newNonces() *nonces { return &nonces{limit: maxNonces} }

// use notes a nonce at a time of the node's clock. fresh is false if it was
// used; full is true if it could not be noted.
func (n *nonces) use(keyID, text string, now time.Time) (fresh, full bool) {
	sum := sha256.Sum256([]byte(keyID + "\n" + text))
	id := nonce(sum[:])
	n.mu.Lock()
	defer n.mu.Unlock()
	n.turn(now)
	for _, g := range n.generations {
		if _, used := g[id]; used {
			return false, false
		}
	}
	if len(n.generations[0]) >= n.limit {
		return true, true
	}
	n.generations[0][id] = struct{}{}
	return true, false
}

// turn opens the generations that are due. A clock that goes back opens none.
func (n *nonces) turn(now time.Time) {
	if n.generations[0] == nil {
		n.generations[0], n.began = make(map[nonce]struct{}), now
	}
	for turns := 0; now.Sub(n.began) >= SignatureWindow; turns++ {
		if turns == len(n.generations) { // long asleep: all are over
			n.began = now
			return
		}
		n.generations[2], n.generations[1], n.generations[0] = n.generations[1], n.generations[0], make(map[nonce]struct{})
		n.began = n.began.Add(SignatureWindow)
	}
}
