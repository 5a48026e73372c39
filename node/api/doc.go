// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package api is the node's HTTP interface, and the Go client beside it.
//
//	request ─▶ limits ─▶ signature? ─▶ huma: route, parse ─▶ operation ─▶ answer ─▶ Ledger-* headers, ETag
//	                        │                                   │
//	                     caller: an enrolled,             store at one FINAL height;
//	                     active person, or nobody         writes go to Node.Submit
//
// What must hold:
//
//   - A read is served from one FINAL height, which its headers name, and never
//     by asking another node.
//   - A submission's answer is read at the end of the pipe: from the ledger, the
//     same on every node and for ever. No request is remembered here.
//   - Nobody learns from an answer whether a record exists that he may not see.
//   - errors.go is the only place where an error becomes an HTTP status, and
//     Client turns it back, so that errors.Is works across the wire.
//   - Client.Draft lets nobody sign bytes that a node made unseen.
//
// The OpenAPI document is served at /openapi.json and pinned in openapi.json.
package api
