// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package log is the consensus database: Raft's log, the votes this node has
// signed, the newest votes it has seen, and prepare certificates. One goroutine
// writes what the consensus core asks for, one atomic batch for each Write.
//
//	00                           name, format, chain
//	01                           joined
//	02                           HardState (protobuf)
//	03                           first: index, term
//	04                           cursor: height, index
//	05                           highest: Certificate
//	06                           final: height
//	07 key                       surrendered: a public key, in text
//	10 index                     entry (protobuf)
//	20 height set round kind     own vote: SignedVote
//	21 set validator             newest vote of a validator: SignedVote
//	22 height                    prepare certificate with its header: PreparedBlock
//	23 set round                 what a round began with: SignedStart
//	24 set round                 own statement and promise: SignedStatement
//	25 height hash               block that a later round may carry: Block
//	26 hash                      evidence against a validator: Evidence
//
// Records 02, 03, 04 and 10 are of the newest round under 23, or of round 0.
//
// Numbers in keys are 8 bytes, big endian; kind is one byte. Votes and
// certificates are deterministic CBOR.
//
// What must hold:
//
//   - A Write with Sync is durable when it returns, and so is every Write before
//     it. A crash loses a suffix of the writes after the last synced one, never a
//     part of one and never one from the middle.
//
//   - A stored vote is never replaced by another for the same epoch, height and
//     kind, and none is taken at or below the height up to which votes were given
//     up. The Write is refused instead, and all that follow it. The newest vote of
//     each validator, this one's own included, never gets older or lost.
//
//   - What a round begins with, and the end of the log of the round before, is one
//     write. STARTs, statements and evidence are never deleted.
//
//   - After the first failed write nothing more is written: what the disk holds
//     after a failed sync is unknown, and only reading it anew can tell.
//
//   - A record that cannot be read is not passed over: Open fails, because a node
//     that does not know what it has signed must not sign.
//
//   - A key that was surrendered, because the record of its votes was lost, is
//     named from the first moment on, and for ever.
//
// This database is never backed up or copied to another machine: an old copy
// would let the node vote twice. It is no loss to the network if it is destroyed;
// the node then follows as an observer.
package log
