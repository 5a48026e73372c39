// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"container/list"
	"sync"
)

// KeyCache keeps the keys verified last in the form that verifies fastest
// (about 1.5 KiB each for Ed25519, less for SM2; 40 KiB more each for those few
// that verify most) and forgets the one unused longest when it is full. It is safe
// for concurrent use.
type KeyCache struct {
	capacity int

	mu     sync.Mutex
	byKey  map[PublicKey]*list.Element
	recent list.List     // of *cachedKey, the one used last in front
	tabled []*ed25519Key // those that have a table, the one that has it longest first
}

type cachedKey struct {
	key      PublicKey
	expanded any // *ed25519Key or *sm2Public
}

// NewKeyCache returns an empty cache of at most capacity keys; capacity is at least 1.
func NewKeyCache(capacity int) *KeyCache {
	return &KeyCache{capacity: max(capacity, 1), byKey: make(map[PublicKey]*list.Element)}
}

// Len is the number of keys in the cache.
func (c *KeyCache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byKey)
}

// Verify is the strict rule of the key's suite, see [Suite.Verify], at about half
// the cost for a key in the cache, and a third for one that verifies often. A nil
// cache is one that is always empty.
func (c *KeyCache) Verify(key PublicKey, message []byte, sig Signature) bool {
	switch key.Algorithm {
	case Ed25519:
		expanded, ok := expandedKey(c, key, expandEd25519)
		return ok && expanded.strict(c, key, message, sig)
	case SM2:
		public, ok := expandedKey(c, key, parseSM2Public)
		return ok && public.verify(message, sig)
	}
	return false
}

// Cached is the suite with cache behind its Verify, and behind the batches that
// are made without one. Its verdicts are those of the suite.
func Cached(suite Suite, cache *KeyCache) Suite { return cachedSuite{suite, cache} }

type cachedSuite struct {
	Suite
	cache *KeyCache
}

func (s cachedSuite) Verify(key PublicKey, message []byte, sig Signature) bool {
	return key.Algorithm == s.Algorithm() && s.cache.Verify(key, message, sig)
}

func (s cachedSuite) NewBatch(cache *KeyCache) Batch {
	if cache == nil {
		cache = s.cache
	}
	return s.Suite.NewBatch(cache)
}

// expandedKey returns the expanded form of key, from the cache if it is there.
// Two callers may expand the same key at the same time: the work is then done
// twice, but no one waits for arithmetic under the lock. Keys that do not expand
// are not kept.
func expandedKey[E any](c *KeyCache, key PublicKey, expand func([]byte) (*E, error)) (*E, bool) {
	if c != nil {
		if e, ok := c.get(key).(*E); ok {
			return e, true
		}
	}
	e, err := expand([]byte(key.Bytes))
	if err != nil {
		return nil, false
	}
	if c != nil {
		c.put(key, e)
	}
	return e, true
}

func (c *KeyCache) get(key PublicKey) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byKey[key]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(el)
	return el.Value.(*cachedKey).expanded
}

func (c *KeyCache) put(key PublicKey, expanded any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byKey[key]; ok {
		c.recent.MoveToFront(el)
		return
	}
	c.byKey[key] = c.recent.PushFront(&cachedKey{key, expanded})
	if len(c.byKey) > c.capacity {
		last := c.recent.Back()
		delete(c.byKey, c.recent.Remove(last).(*cachedKey).key)
	}
}
