// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package loans certifies the milestones of a loan secured by pledges: that it
// was signed, paid out and settled. Amounts, rates and dates are in the sealed
// part, of which the record holds a salted hash.
//
//	sign ──▶ SIGNED ──disburse──▶ ACTIVE ──settle──▶ SETTLED
//
// What must hold: no loan is paid out unless it has a pledge and all of its
// pledges are EFFECTIVE in favour of the lender.
//
// Key of the state: loans/<loan no>, for members.
package loans
