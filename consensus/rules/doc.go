// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package rules says what a validator may sign, and what the next round of a
// validator set begins with. Its functions are all that safety rests on:
//
//	START ─▶ Voter.Prepare ─▶ Voter.Commit ─▶ certificate
//	                               │ KeptFor
//	intents ─▶ Agreed ─▶ promise ─▶ State ─▶ Carry ─▶ Start.Check ─▶ START of the next round
//
// They are functions of values: no signature, disk or clock. Their caller has
// checked what it passes in and has synced what it says it holds. The core calls
// them, and so does the exhaustive search of package consensus/explore.
package rules
