// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package edge is where clients reach a node: an HTTP server that is bounded in
// connections, bytes and time, and that drains before it ends. It serves TLS on
// any address and follows the files of its certificate; plain HTTP, and Go's
// profiles, it serves on loopback only.
//
// It knows nothing of what the requests are about: a handler answers them. Of
// package ledger it takes the classes of errors and no more.
package edge
