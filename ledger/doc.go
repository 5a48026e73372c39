// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package ledger has the words of the system and every proof about them:
// transaction, batch, block, vote, certificate, receipt.
//
//	Body ─ signatures ─▶ Transaction ─┐
//	                                  ├─▶ Batch ─▶ Block = Header + transactions
//	Outcome ◀─ execution ─────────────┘              │
//	   │                                             ▼
//	   └──────────▶ Receipt ◀── Certificate ◀── votes on the header's hash
//
// Everything here is a pure function of bytes: no disk, network, clock or
// randomness. The node, the command line and a browser verify with this code.
//
// What must hold:
//
//   - A value has exactly one encoding: deterministic CBOR in the profile of
//     CheckProfile. What is hashed or signed is always the bytes as they came.
//   - Each signature binds its domain and the network, by the hash of the
//     genesis file.
//   - A verifier's trust is an argument. Nothing in a file can widen it.
//   - No input panics; each refusal by a verifier names its Reason.
package ledger
