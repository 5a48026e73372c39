// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package consortium keeps what concerns the network itself and not its business:
// what the members decide together, and evidence that a validator has signed what no
// honest one signs.
//
// Some methods nobody calls alone: those that change the rules, and those that admit,
// suspend or succeed members (contracts.Rule.Vote). They run by a proposal.
//
//	propose ─▶ OPEN ─┬─ enough YES ─▶ the method runs ─┬─ it succeeds ─▶ PASSED
//	                 │                                 └─ it refuses ──▶ FAILED, with its reason
//	                 ├─ too many NO ───────────────────────────────────▶ REJECTED
//	                 ├─ VETO of a regulator ───────────────────────────▶ VETOED
//	                 ├─ withdrawn by who made it ──────────────────────▶ WITHDRAWN
//	                 └─ time ──────────────────────────────────────────▶ EXPIRED, computed
//
// The method runs in the transaction of the ballot that reaches the threshold: what
// comes later in the same block is judged by what was decided. The ballots are
// counted with each new one, against those who vote then. So a member that is
// suspended counts nowhere, and what only a suspension would decide is decided with
// the next ballot.
//
// A record of evidence proves itself: whoever has the validator set checks the
// signatures in it again. It takes no right from anybody. What follows from it is for
// people to decide, since a bug or two processes with one key leave the same
// signatures as a thief.
//
//	votes, statements, batches ─▶ a node that saw them ─▶ report_evidence ─▶ one record for each offence
//
// Keys of the state:
//
//	consortium/proposals/<height opened>/<id>   Proposal
//	consortium/proposal_ids/<id>                key of its record
//	consortium/evidence/…                       Record, see RecordKey
//	consortium/evidence_ids/<id>                key of its record
package consortium
