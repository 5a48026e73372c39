// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package rehearsal plays a story on a throw-away ledger of one node.
//
//	story.toml ─▶ Read ─▶ Story ─▶ Play ─▶ transcript, Report
//	                                │
//	                                ▼
//	                 a node in a temporary directory, whose clock jumps
//
// The ledger is a real one: consensus, execution, both databases and the API of
// package node, with a validator set of one and a clock that stands still but where
// the story moves it. Steps are transactions that are signed, ordered, executed and
// certified; what became of each is read from its receipt, which is verified with
// the genesis file alone. Checks are requests to the API.
//
// A step is in a block of the time that the story gives it, or 1 ms after the block
// before, and a check reads a FINAL block of its time or later. Empty blocks make
// time pass, as they do in service: there is no method for rehearsals.
//
// docs/stories/README.md says how a story is written.
package rehearsal
