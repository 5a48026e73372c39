// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// batchEntry is one signature waiting for its verdict.
type batchEntry struct {
	key     PublicKey
	message []byte
	sig     Signature
}

// ed25519Chunk is how many signatures one equation covers. Twice as many saves
// only about a twentieth of the time, while one bad signature, for which its
// whole chunk is verified singly, then costs twice as much.
const ed25519Chunk = 64

// ed25519Few is how many signatures are cheaper alone than in one equation.
const ed25519Few = 3

// ed25519Batch verifies by random linear combination: one equation for a whole
// chunk, and each signature alone if it fails. Both are the cofactored equation
// of ZIP-215, so the verdicts are those of VerifyClient.
type ed25519Batch struct {
	cache   *KeyCache
	entries []batchEntry
}

func (b *ed25519Batch) Len() int { return len(b.entries) }

func (b *ed25519Batch) Add(key PublicKey, message []byte, sig Signature) {
	b.entries = append(b.entries, batchEntry{key, message, sig})
}

func (b *ed25519Batch) Verify() []bool {
	ok := make([]bool, len(b.entries))
	for start := 0; start < len(b.entries); start += ed25519Chunk {
		end := min(start+ed25519Chunk, len(b.entries))
		b.verifyChunk(b.entries[start:end], ok[start:end])
	}
	clear(b.entries) // let go of the messages
	b.entries = b.entries[:0]
	return ok
}

// verifyChunk sets ok for each entry. Entries that cannot be valid stay out of
// the equation: they would only force all others to be verified alone.
func (b *ed25519Batch) verifyChunk(entries []batchEntry, ok []bool) {
	options := zip215()
	if len(entries) <= ed25519Few {
		for i, e := range entries {
			expanded, found := b.expanded(e)
			// What the strict rule accepts, the client rule accepts, and it is faster.
			ok[i] = found && (expanded.strict(b.cache, e.key, e.message, e.sig) ||
				voi.VerifyExpandedWithOptions(expanded.expanded, e.message, e.sig, options))
		}
		return
	}
	verifier := voi.NewBatchVerifierWithCapacity(len(entries))
	at := make([]int, 0, len(entries)) // positions of what the verifier holds
	for i, e := range entries {
		expanded, found := b.expanded(e)
		if !found {
			continue
		}
		verifier.AddExpandedWithOptions(expanded.expanded, e.message, e.sig, options)
		at = append(at, i)
	}
	_, verdicts := verifier.Verify(nil)
	for i, verdict := range verdicts {
		ok[at[i]] = verdict
	}
}

// expanded gives the expanded key of an entry, if the entry can be valid at all.
func (b *ed25519Batch) expanded(e batchEntry) (*ed25519Key, bool) {
	if e.key.Algorithm != Ed25519 || len(e.sig) != SignatureSize {
		return nil, false
	}
	return expandedKey(b.cache, e.key, expandEd25519)
}

// sm2Batch verifies one by one; SM2 signatures cannot be combined, since r alone
// does not give back the point. What the cache saves is decompressing the key
// and hashing ZA.
type sm2Batch struct {
	cache   *KeyCache
	entries []batchEntry
}

func (b *sm2Batch) Len() int { return len(b.entries) }

func (b *sm2Batch) Add(key PublicKey, message []byte, sig Signature) {
	b.entries = append(b.entries, batchEntry{key, message, sig})
}

func (b *sm2Batch) Verify() []bool {
	ok := make([]bool, len(b.entries))
	for i, e := range b.entries {
		if e.key.Algorithm != SM2 {
			continue
		}
		public, found := expandedKey(b.cache, e.key, parseSM2Public)
		ok[i] = found && public.verify(e.message, e.sig)
	}
	clear(b.entries)
	b.entries = b.entries[:0]
	return ok
}
