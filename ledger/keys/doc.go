// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package keys holds the signature suites of a network, the names of keys and
// hashes, and the files in which private keys rest.
//
//	suite      signature (strict rule)      client rule   hash      public key      signature
//	ed25519    RFC 8032 + no weak points    ZIP-215       SHA-256   32 bytes        64 bytes, R‖S
//	sm2        GB/T 32918.2, user id        the same      SM3       33 bytes,       64 bytes, r‖s
//	           "1234567812345678"                                   compressed
//
// A network chooses one suite in its genesis; every key still names its
// algorithm, so that a key of the other suite is refused and never misread.
//
// What holds:
//   - Two replicas never disagree about a client's signature: one rule decides
//     it, alone ([Suite.VerifyClient]) and in batches ([Suite.NewBatch]).
//   - Votes, certificates and request signatures obey the strict rule
//     ([Suite.Verify]), which accepts only what every sound verifier accepts.
//     What the strict rule accepts, the client rule accepts. With a key that was
//     expanded before ([KeyCache.Verify], [Cached]) the verdict is the same.
//   - Decoding checks the form of a key; [NewPublicKey], [ParsePublicKey] and
//     [PublicKey.Check] also check its point. A key is checked where it is
//     enrolled, not each time it is read.
//   - No input bytes make this package panic.
//
// The suites depend on nothing outside memory and also build for js/wasm; only
// key files need a file system.
package keys
