// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package parties registers the organisations of the ledger: a bank or an IP
// office brings in a firm, and the firm's first administrator proves with a
// signature that it holds its key.
//
// Organisations that run nodes or decide about others come with the genesis or
// by a vote of the members, never through a single member's transaction: parties.admit
// runs by a proposal, see package consortium.
package parties
