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
// Each box is one goroutine that owns its state; between them are channels.
// The orderer owns the consensus core and performs its effects in order; the
// executor owns the blocks above FINAL and is the only writer of the ledger.
// Nothing returns upstream: whoever wants the result reads it at the end, from
// the head, on any node, also after a restart.
//
// A failure that a replica must not survive (a write that failed, stored data
// that does not decode) is returned by a stage's Run; then all stages end and
// the process says why. A node whose result differs from the certified one
// halts: it signs and takes nothing more, says so, and keeps its evidence.
//
// What a node needs around the pipeline lies in rooms of its own: settings in
// config, the files of the data directory in datadir, the look at all that before
// a start in preflight, the HTTP listener in edge, and what it serves in api.
package node
