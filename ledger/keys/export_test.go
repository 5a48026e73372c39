// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

// Holds tells whether key is in the cache, without counting as a use.
func (c *KeyCache) Holds(key PublicKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.byKey[key]
	return ok
}

// VerifySM2Digest verifies over a digest chosen by the test.
func VerifySM2Digest(key PublicKey, digest []byte, sig Signature) bool {
	public, err := parseSM2Public([]byte(key.Bytes))
	return err == nil && public.verifyDigest(digest, sig)
}

// Tables is how many keys have a table, and HasTable tells whether key has.
func (c *KeyCache) Tables() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.tabled)
}

func (c *KeyCache) HasTable(key PublicKey) bool {
	k, ok := c.get(key).(*ed25519Key)
	return ok && k.table.Load() != nil
}

// GiveTable gives key a table at once, if the strict rule may accept signatures
// of it at all.
func (c *KeyCache) GiveTable(key PublicKey) {
	if k, ok := expandedKey(c, key, expandEd25519); ok && k.table.Load() == nil && !weakEncoding([]byte(key.Bytes)) {
		c.giveTable(k, key)
	}
}

// MaxTables is how many keys have one at most, and TableAfter how often a key
// must verify to get one.
const (
	MaxTables  = maxTables
	TableAfter = tableAfter
)
