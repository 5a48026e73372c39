// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package corrections lets people say that an entry of the ledger is wrong. Nothing is
// deleted or overwritten: what they say is an entry of its own that names the one it is
// about.
//
//	entry ◀── annotate         a remark: nothing else changes
//	      ◀── correct_error    what the entry should have said: the record follows, by its own package
//	      ◀── review           the members doubt it: a mark, until they end it
//
// An annotation or a correction is made by the organisation that made the entry, or who
// stands in its place now, and signed by the other side:
//
//	entry of a pledge    the pledgors, and where an office made it the pledgees
//	event of a right     its owners on this ledger, and the pledgees of its live pledges
//	decision on a claim  the owners that it names
//	order of a freeze    the court, if it takes part; else a correction needs its paper
//
// That a pledge was not cancelled, or at another time, a paper of the register says.
//
// A correction is itself an entry of the record that it is about: it can be annotated,
// and corrected by telling the true time once more.
//
// The package checks who signs and keeps what was said. What an entry has done to a
// right, a pledge or a freeze only their own packages change: rights.CorrectEvent,
// pledges.CorrectRegistration and CorrectCancellation, freezes.CorrectOrder.
//
// What must hold: an entry under review is as good as any other; no method looks at the
// mark. It tells readers that people are looking into it.
//
// Keys of the state:
//
//	corrections/<transaction of the entry>/<seq>    Record, for members
//	correction_keys/<transaction>                   state key of the Record that it made
//	reviews/<transaction of the entry>              Review: that it is marked is public
package corrections
