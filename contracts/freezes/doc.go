// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package freezes keeps the courts' freezes of rights: preservation during a suit and
// seizure for enforcement.
//
//	record ──▶ stands ──renew, before its end──▶ stands, with a later end
//	              ├──lift──▶ over from then
//	              └──its last day ends──▶ over, without any transaction
//
// A freeze counts from the registrar's receipt of the court's notice, not from the
// block, and for no longer than the law allows one order: half a year for a patent, a
// year for a mark, three years for another right. Of several freezes of one right the
// first received is in force, and the others wait in the order of receipt; when it
// ends, the next is in force by itself. A freeze keeps new pledges out and does not
// touch the rank of an earlier one.
//
// Nothing is stored about which freeze is in force: rights.StatusOf computes it for a
// time from the list in the right's record.
//
// Sources: Supreme Court, patent dispute provisions (2015 text), article 13;
// interpretation on the preservation of trademarks (2020); provisions on seizure
// (2020), articles 23, 25 and 26.
//
// Keys of the state:
//
//	freezes/<freeze no>    Record, for members: the court's papers; what is public is in the right's record
package freezes
