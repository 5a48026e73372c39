// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package identifier holds the numbers of the field: it normalises what a
// person typed, checks it, and gives the one canonical form the ledger keeps.
//
//	typed text ── fold ──▶ pattern ──▶ kind, year, date ──▶ check digit ──▶ canonical form
//	 NFKC, trim,           FORMAT      TYPE KIND YEAR DATE  CHECK ORGCHECK
//	 upper-case
//
// What must hold:
//
//   - Same text, same date, same answer, on every machine and every toolchain:
//     no clock (the date is an argument), no floats, and only characters whose
//     compatibility form is fixed for ever are folded (see fold.go).
//   - The canonical form is a fixed point: checking it again gives it back.
//   - Two spellings of one number have one canonical form, so a right cannot be
//     entered twice under two spellings.
//   - Of several faults the first is reported in the order FORMAT, TYPE, KIND,
//     YEAR or DATE, CHECK, ORGCHECK.
//   - An error never repeats a resident identity number.
//
// A kind of number is one line in the table of type.go and one check function:
//
//	canonical, err := identifier.Check("patent_number", "ZL 2018 1 0234567.3", today)
//	// "2018102345673", nil
package identifier
