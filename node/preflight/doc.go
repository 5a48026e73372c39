// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package preflight finds out before a start whether a node could start: its
// settings, keys, addresses, certificate and databases, and the machine. It looks
// at each as the node itself would, goes on after a failure, and changes nothing.
package preflight
