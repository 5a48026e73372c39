// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package pledges carries a pledge from the banks' application to the statutory
// registration that creates it, and to the statutory cancellation that ends it.
//
//	submit ──▶ SUBMITTED ──accept──▶ ACCEPTED ──register──▶ EFFECTIVE ──consent_release──▶ RELEASE_PENDING ──cancel──▶ RELEASED
//	               └──withdraw──▶ WITHDRAWN ◀──┴──refuse──▶ REFUSED      └──cancel on a court's paper──▶ RELEASED
//
// The ledger does not create a pledge: it is EFFECTIVE once the statutory number
// and time are here, never before. From its submission an application holds a
// reservation of its rights for some days, which keeps other applications of
// this ledger out and has no legal force. No amount and no term is on the
// ledger: they are in a sealed part, of which a transaction holds a salted hash.
//
// Who by a merger or split stands in the place of a pledgee, a pledgor or the office
// signs and acts for it, and the record stays as it is: see contracts.Current.
//
// What must hold: nothing is registered on an earlier day than it was accepted,
// nor for others than the owners who signed; a patent has at most as many live
// pledges as the parameter allows, one; a statutory number belongs to one pledge
// for ever; rank follows statutory time; a pledge ends only with the pledgees'
// signatures or a court's paper; its list of rights is never empty.
//
// Keys of the state:
//
//	pledges/<pledge no>                Record, public; parties only once EFFECTIVE
//	pledge_applications/<pledge no>    Application, for members
//	statutory/<number>                 pledge number
package pledges
