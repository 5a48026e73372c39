// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package pledges carries a pledge from the banks' application to the statutory
// registration that creates it, through its changes, and to its end.
//
//	submit ──▶ SUBMITTED ──accept──▶ ACCEPTED ──register──▶ EFFECTIVE ──consent_release──▶ RELEASE_PENDING ──cancel──▶ RELEASED
//	            │  ▲  └──correct──┬──────┤ ├──refuse──▶ REFUSED  │ ▲ └───────withdraw_release───────┘
//	            │  └──resubmit── CORRECTION │                    │ │
//	            │        └──nobody mends it─┼──▶ WITHDRAWN       │ └─end_enforcement─ ENFORCING ──consent_release, cancel──▶ REALISED
//	            └──────────withdraw─────────┘                    └──start_enforcement──┘
//
//	EFFECTIVE ──change, partial_release, extend, transfer, change_rank, fix_claim──▶ EFFECTIVE, of another version
//	EFFECTIVE ──its last day is over──▶ ENDED_BY_TIME      EFFECTIVE ──all of its rights end──▶ EXTINGUISHED
//	any live one ──cancel on a court's paper──▶ RELEASED    any live one ──revoke──▶ REVOKED, void from the start
//
// Where to find a rule:
//
//	submit.go       applications and their correction; assess.go: the registrar's grounds, batches and their manifest
//	sides.go        owners, pledgors, pledgees, offices, and who has to sign
//	decide.go       accept, correct, refuse, withdraw
//	register.go     the statutory registration, judged by what held then
//	amend.go        what every later entry of a registration has in common
//	change.go       changes, partial release, extension; transfer.go: other pledgees
//	ranks.go        other ranks, and places without a void pledge; agreements.go: what is kept of agreements
//	claim.go        fixing the claims of a maximum amount
//	enforce.go      demands and enforcement
//	release.go      consent, cancellation, revocation
//	correction.go   what was entered wrongly; reinstate.go: a cancellation that was a mistake
//	certificate.go  the ledger's own numbers for what a registration says
//	state.go        the state of a pledge at a time
//
// The ledger does not create a pledge: it is EFFECTIVE once the statutory number
// and time are here, never before. From its submission an application holds a
// reservation of its rights for some days, which keeps other applications of
// this ledger out and has no legal force. No amount and no term is on the
// ledger: they are in a sealed part, of which a transaction holds a salted hash, and
// whoever signs has checked them. A change of the registration is entered in one
// transaction that the pledgees, the pledgors and an office of the register sign,
// whichever of bank and office acts.
//
// Who by a merger or split stands in the place of a pledgee, a pledgor or the office
// signs and acts for it, and the record stays as it is: see contracts.Current.
//
// What must hold: nothing is registered on an earlier day than it was accepted,
// nor for others than the owners who signed; a patent has at most as many live
// pledges as the parameter allows, one; a statutory number belongs to one pledge; rank
// follows statutory time unless whoever ranks worse has signed; all rights of a pledge
// are in one register; a pledge ends only with the pledgees' signatures, a court's paper,
// the registrar's revocation, time, or its last right; its list of rights is never empty.
//
// Keys of the state:
//
//	pledges/<pledge no>                Record, public; parties only once EFFECTIVE
//	pledge_applications/<pledge no>    Application, for members
//	pledge_steps/<pledge no>/<n>       Step, for members: what happened, written once
//	rank_agreements/<space>/<number>   Agreements on the ranks of a right, for members
//	statutory/<number>                 pledge number
//	certificates/<certificate no>      Certificate, public
package pledges
