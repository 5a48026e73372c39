// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package contracts decides what a transaction may do: it runs the typed,
// deterministic methods of the contracts over a View of the state.
//
//	body ──▶ void? ──▶ method known? ──▶ signers may act? ──▶ arguments well formed? ──▶ Run ──▶ outcome
//	          │                │                 │                      │                 │
//	          ▼                └─────────────────┴──── REJECTED ────────┴─────────────────┘
//	        VOID: nothing         the reference is consumed, nothing else changes
//
// The same transactions over the same state give the same bytes on every
// machine, for ever: no clock but the block's time, no randomness, no floats, no
// goroutines, no walk of a map in its own order. A refusal is an outcome, which
// is certified; an error means that the state could not be read, and stops the
// node.
//
// Every contract has a folder of its own below this one; contracts/registry
// lists them all. Keys of the state used by this package:
//
//	consortium/parameters          Parameters
//	consortium/parameter_versions/ Amendment, by version
//	consortium/calendars/<year>    Calendar
//	consortium/execution           Execution
//	consortium/members             Members
//	consortium/sets/<number>       ledger.ValidatorSet
//	parties/<party id>             Party
//	party_leis/<lei>               party id of the organisation that has or had it
//	party_names/<hash>/<party id>  party id, under the hash of each name it has or had
//	party_assignments/…            Assignment, see package parties
//	delegations/…                  Delegation, see package parties
//	persons/<person id>            Person
//	admins/<party id>              person ids of its administrators
//	keys/<public key>              person id; a key is never used again
//	refs/<actor>/<client ref>      Hash of the first transaction; kept for ever
//	serials/<kind>/<area>/<date>   last serial of that day
package contracts
