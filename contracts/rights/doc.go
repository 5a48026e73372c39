// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package rights keeps what the ledger knows of each intellectual-property
// right, and computes from it whether the right is free.
//
//	claim ──▶ CLAIMED ──confirm──▶ CONFIRMED ──status_event, refresh──▶ LAPSED, INVALIDATED, ABANDONED
//	             │                     └──its last day ends──▶ EXPIRED, without any transaction
//	             ├──reject, or another claim is confirmed──▶ REJECTED
//	             └──nobody answers in time──▶ EXPIRED_CLAIM, without any transaction
//
// Where to find a rule:
//
//	registers.go    which register a right is in, and who reports for it
//	life.go         how long a right lives, by its type
//	claim.go        claims; confirm.go: confirmation, rejection, reading the register again
//	event.go        what can happen to a right: the list of events with their articles
//	fees.go         annual fees, grace, lapse from the due date, restoration; renewal of marks
//	validity.go     invalidation in whole and in part; twin applications
//	ownership.go    suits and suspension, transfer, abandonment, licences
//	conflict.go     facts older than a pledge that came to light after it
//	status.go       what all of that means at a time
//	correct.go      what follows when an event was told wrongly; move.go: what each has moved
//
// A right has one public record under its number space and canonical number,
// whatever type or spelling was typed: a leaf of its own in the state, so that a
// proof of it shows nothing else. The record lists everything that burdens the
// right with its times and no derived status: Status computes that for a time,
// the same way for contracts, API and verifiers, so that what ends by itself
// needs no transaction. No record at all means: unknown to this ledger.
//
// A burden that the statutory register shows is always taken in. If it is older
// than a live pledge of this ledger, the right has the flag CONFLICT_REVIEW: both
// stand, and people have to settle it.
//
// Keys of the state:
//
//	rights/<space>/<number>    Record, public
//	claims/<right id>          Claim, for members
//	right_events/<space>/<number>/<seq>    Event, for members
//	right_ended/<space>/<number>           EndedPledges, for members; see Then
//	statutory/<number>         pledge number; written by package pledges
//
// A right id leads to the record by way of its claim, of which Resolve tells no
// more than the space and number, and these are public.
package rights
