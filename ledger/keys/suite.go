// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"fmt"
	"hash"
	"io"
)

// Algorithm names a signature algorithm in texts and files.
type Algorithm string

// The algorithms a key can be of.
const (
	Ed25519 Algorithm = "ed25519" // RFC 8032, with SHA-256 as the ledger hash
	SM2     Algorithm = "sm2"     // GB/T 32918.2-2016, with SM3 as the ledger hash
)

// SignatureSize is the length in bytes of a [Signature] of either suite.
const SignatureSize = 64

// Signature is 64 bytes in both suites: R‖S of RFC 8032 for Ed25519, r‖s as two
// big-endian 32-byte integers for SM2.
type Signature []byte

// Suite is the cryptography of one network: a hash and a signature algorithm.
// Its methods are pure and safe for concurrent use.
type Suite interface {
	// Name is the suite's name in a genesis file, "ed25519" or "sm2".
	Name() string
	// Algorithm is the algorithm of all ledger keys in the network.
	Algorithm() Algorithm
	// NewHash returns the ledger hash: SHA-256 or SM3.
	NewHash() hash.Hash
	// Sum hashes the concatenation of parts. The caller sees to it that
	// different lists of parts cannot have the same concatenation.
	Sum(parts ...[]byte) Hash
	// ParsePublicKey checks raw as [NewPublicKey] does.
	ParsePublicKey(raw []byte) (PublicKey, error)
	// Generate makes a private key from the bytes of random alone, so that a
	// seeded reader gives the same key again; nil means crypto/rand.
	Generate(random io.Reader) (PrivateKey, error)
	// Verify is the strict rule, for votes, certificates and signed requests:
	// it accepts only what every sound implementation accepts.
	Verify(key PublicKey, message []byte, sig Signature) bool
	// VerifyClient is the one rule for clients' signatures on transactions:
	// ZIP-215 for Ed25519, the strict rule for SM2.
	VerifyClient(key PublicKey, message []byte, sig Signature) bool
	// NewBatch returns an empty batch that obeys the rule of VerifyClient.
	// Without a cache (nil) every key is expanded anew.
	NewBatch(cache *KeyCache) Batch
}

// Batch verifies many signatures at a lower cost each. It has one owner.
type Batch interface {
	// Add notes a signature to verify. The slices must not change before Verify.
	Add(key PublicKey, message []byte, sig Signature)
	// Verify gives the verdict of each entry, in the order of Add, the same that
	// VerifyClient gives, and leaves the batch empty for the next use.
	Verify() (ok []bool)
	// Len is the number of entries added since the last Verify.
	Len() int
}

// Signer signs messages with a key it does not show: the seam behind which a
// hardware module can stand.
type Signer interface {
	Public() PublicKey
	// Sign signs the message itself, not a digest of it, so that the strict rule
	// accepts the signature.
	Sign(message []byte) (Signature, error)
}

// PrivateKey is a Signer in memory. Its text form shows only the public key.
type PrivateKey interface {
	Signer
	// Seed returns a copy of the 32 secret bytes a key file stores: the seed of
	// RFC 8032, or the SM2 scalar, big endian.
	Seed() []byte
}

// SuiteByName returns the suite a genesis file names.
func SuiteByName(name string) (Suite, error) {
	switch Algorithm(name) {
	case Ed25519:
		return ed25519Suite{}, nil
	case SM2:
		return sm2Suite{}, nil
	}
	return nil, fmt.Errorf("unknown signature suite %q: want %q or %q", name, Ed25519, SM2)
}

// ParsePrivateKey rebuilds a private key from what [PrivateKey.Seed] returned.
func ParsePrivateKey(alg Algorithm, seed []byte) (PrivateKey, error) {
	switch alg {
	case Ed25519:
		return parseEd25519Private(seed)
	case SM2:
		return parseSM2Private(seed)
	}
	return nil, fmt.Errorf("parsing private key: unknown algorithm %q", alg)
}
