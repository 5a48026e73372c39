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
