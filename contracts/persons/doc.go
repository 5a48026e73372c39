// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package persons lets an organisation enrol and revoke its own people, give them
// roles and substitutes, by the signatures of its administrators, as many as the
// figure admin.threshold asks for, or all of them while there are fewer. A person
// changes the own key alone.
//
// A person is a pseudonym and a key, nothing personal.
//
//	          enrol                rotate_key by the holder: at once
//	(none) ─────────▶ key 1 ─────────────────────────────────────────▶ key 2
//	                    │ ▲                                              ▲
//	                    │ └─ veto_rotation by key 1 ─┐                   │
//	                    └─ rotate_key by administrators, ─ lock window ──┘
//	                       reset_admin by the members
//	revoke ends the person, whatever its key
//
// What must hold: a key belongs to one person for ever, also one that was vetoed; a
// person signs with one key at a time; what ends a role or a key by time needs no
// transaction; a revoked person signs nothing from its block on; an organisation
// keeps an administrator; nobody signs twice in one transaction, as a substitute or
// with another key.
package persons
