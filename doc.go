// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package ipledger is the roof over the rooms of a ledger of intellectual
// property rights, pledges and loans; it holds no code, only the test that
// keeps the rooms in order.
//
//	cmd/ipledger      one binary
//	    │
//	   node ────────▶ node/api, node/web
//	    │                 │
//	    ▼                 ▼
//	ledger/store      consensus/log          the two databases
//	    │                 │
//	    ▼                 ▼
//	ledger/state  contracts  consensus  p2p
//	    │             │          │       │
//	    └─────────────┴── ledger ┴── ledger/keys
//
// Arrows point down only, and the test says which ones there are. Begin with
// the package comment of ledger, then read Run in node.
package ipledger
