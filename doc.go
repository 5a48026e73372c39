// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package ipledger is the roof over the rooms of a ledger of intellectual
// property rights, pledges and loans; it holds no code, only the test that
// keeps the rooms in order.
//
//	cmd/ipledger                                    one binary
//	    │
//	    ▼
//	node/rehearsal                                  a story on a throw-away ledger
//	    │
//	    ▼
//	node, node/preflight ─▶ node/edge               a replica; whether it could start; its listener
//	    │
//	    ▼
//	node/datadir ─▶ node/config ─▶ node/api         its files, its settings, its answers
//	    │                             │
//	    ▼                             ▼
//	consensus/log                 ledger/store      the two databases
//	    │                             │
//	    ▼                             ▼
//	consensus      contracts      ledger/state      p2p
//	    │              │              │              │
//	    └──────────────┴── ledger ────┘              │
//	                          │                      │
//	                          ▼                      │
//	                     ledger/keys ◀───────────────┘
//
// Nobody imports what stands above it, and the test says who may import whom. Begin
// with the package comment of ledger, then read Run in node.
package ipledger
