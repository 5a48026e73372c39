// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package consents keeps the pledgees' consents to deals about pledged rights, and the
// deals that were made without one.
//
//	request ──▶ REQUESTED ──grant, by all pledges that live──▶ GRANTED ──rights.status_event──▶ used
//	                │  │                                          │  └──report_proceeds──▶ divided
//	                │  └──refuse, by one pledgee──▶ REFUSED       └──its last day ends──▶ LAPSED
//	                └──the last day to grant it ends──▶ LAPSED
//	report_breach ──▶ BREACH
//
// While a right is pledged it is not transferred, licensed or given up unless its pledgees
// agree, and what the deal brings prepays the debt or is deposited (Civil Code, article
// 444; Implementing Rules of the Patent Law, article 86; CNIPA Announcement 461). Without
// their consent the register's event is refused, see rights.status_event; a deal that was
// signed all the same is a breach, of which the pledgees are told.
//
// Invariants: a consent is GRANTED at a time only if every pledge that lives then has
// granted it, also one that came after the request; it serves one deal; who refuses,
// refuses for all. GRANTED and LAPSED are computed for a time, see rights.Consent.StateAt,
// since a pledge may come or end, and days pass, without any transaction of this package.
//
// The terms are sealed: with whom, for how long, for how much at least, which part of the
// money prepays the debt and which is deposited. The owner commits to those it asks for,
// the pledgees to the same or to narrower ones. That the parts of the proceeds add up to
// them (prepaid + deposited + released = proceeds) no contract can see; so the pledgees,
// who can, sign the report.
//
// The records of a consent are of its parties' level. They name organisations by their
// places in the right and in its pledges, so that they follow who succeeds them there; a
// succession divides rights and pledges, and no consent apart from them.
//
// Keys of the state:
//
//	consents/<consent no>                       rights.Consent
//	right_consents/<space>/<number>/<consent no>  the number: leads from a right to its consents
//
// What a consent was used for, consent_uses/<consent no>, is owned by package rights.
package consents
