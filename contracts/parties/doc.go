// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package parties keeps the organisations of the ledger. A bank or an IP office
// brings in a firm, and the firm's first administrator proves with a signature that
// it holds its key. From then on the organisation says itself what is its own to say,
// and lets agents sign for it; the members together note what the business register
// decided about it, and suspend it.
//
//	register ──▶ ACTIVE ──suspend──▶ SUSPENDED or ACCOUNT_FROZEN ──reinstate, or by time alone──▶ ACTIVE
//	               └──────────succeed, a merger──────────▶ MERGED, for good
//
// Organisations that run nodes or decide about others come with the genesis or
// by a vote of the members, never through a single member's transaction: parties.admit
// and what the members note and decide about an organisation run by a proposal, see
// package consortium.
//
// What must hold: a name changes with the register's paper only, and is found for
// ever; a successor stands wherever a record names the organisation before it, see
// contracts.Current, and no record is rewritten for it; what is suspended or merged
// neither submits nor countersigns, and its people sign for nobody else as an agent's;
// a delegation ends by time alone, is never passed on, and is never of administration.
//
// Keys of the state:
//
//	party_details/<party id>                 Details, for members
//	delegations/<principal>/<agent>          contracts.Delegation, for members
//	successions/<number>                     Succession, public
//	successions/last                         number of the last one
//	party_assignments/<party id>/<record>    contracts.Assignment, public
package parties
