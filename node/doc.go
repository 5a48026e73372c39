// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package node builds one replica from the rooms below it and runs the pipeline
// that a transaction takes.
//
//	                      peers
//	                       │ frames
//	HTTP ─▶ intake ─▶ orderer ─▶ executor ─▶ ledger database ─▶ head ─▶ HTTP
//	        checks     Core        state        FINAL blocks
//	                    │  ▲         │
//	                    ▼  └─────────┘ executed, stored
//	             consensus database
//
// Intake, orderer and executor are one goroutine each, which owns its state;
// between them are channels. The orderer owns the consensus core, performs its
// effects in order and is the only writer of the consensus database; the executor
// owns the blocks above FINAL and is the only writer of the ledger.
// No outcome goes back to who submitted: whoever wants it reads it at the end,
// from the head, on any node, also after a restart.
//
// A failure that a replica must not survive (a write that failed, stored data
// that does not decode) is returned by a stage's Run; then all stages end and
// the process says why. A node whose result differs from the certified one
// halts: it signs and takes nothing more, says so, and keeps its evidence.
//
// Beside the pipeline run the peer network, the HTTP listener, the reporter of
// evidence, and the guard of the disk, which holds the pipeline while there is too
// little room.
//
// What a node needs around the pipeline lies in rooms of its own: settings in
// config, the files of the data directory in datadir, the look at all that before
// a start in preflight, the HTTP listener in edge, and what it serves in api.
package node
