// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package consortium keeps what concerns the network itself and not its business:
// evidence that a validator has signed what no honest one signs.
//
//	votes, statements, batches ─▶ a node that saw them ─▶ report_evidence ─▶ one record for each offence
//
// A record proves itself: whoever has the validator set checks the signatures in it
// again. It takes no right from anybody. What follows from it is for people to
// decide, since a bug or two processes with one key leave the same signatures as a
// thief.
package consortium
