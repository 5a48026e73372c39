// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package explore goes through everything that four validators, one of them
// Byzantine, can sign in a few heights and rounds, and looks for two different
// FINAL blocks of one height. Honest validators ask package rules, as the core
// does.
//
//	round 0: PREPARE, COMMIT of height 1, of height 2 ─▶ promises ─▶ STARTs ─▶ round 1 ─▶ promises ─▶ STARTs ─▶ round 2
//
// A state is the set of all that was ever signed. Nothing is taken back, and a
// node may have received any part of it: so loss, delay, reordering and
// repetition need no deeds of their own, and a crash, which loses nothing that
// was synced, is a node that does nothing for a while.
//
// What is left out, and why no fault hides behind it:
//
//   - The Byzantine validator signs all. A quorum is there as soon as honest nodes
//     lack one vote for it.
//   - Any validator may be the Byzantine one, so a START that the rules allow is
//     offered in every round, to each node another one. Votes count together
//     although they name different START records of a round: more can happen here
//     than in truth.
//   - A START is made of statements of two honest nodes and of any statement of
//     the Byzantine one. A third honest one says nothing that the Byzantine one
//     cannot say in its place, as all it holds are certificates that exist.
//   - An honest statement holds only what its node had to sync. More of it, and
//     its highest certificate, can come from the Byzantine one's, which takes
//     part in every START. What a node leaves out because it has a certificate
//     above it is below the base of the START then.
//   - Raft may give any block at any time to any node. In a round no more than one
//     block of a height is prepared by a quorum, and a vote for any other leads to
//     nothing; so as many blocks on each parent as there are rounds are enough.
//   - The honest nodes are interchangeable, and so are the names of blocks: one
//     state stands for all that differ in them only.
//   - InOrder: the deeds are done in the order of rounds, then heights, PREPARE
//     before COMMIT. No deed needs a later one in this order: a node with a
//     certificate of a later round signs nothing in an earlier one (rules.Voter),
//     and certificates only become more. What no later stage looks at is
//     forgotten. Without Early, a node promises at the end of a round: after the
//     promise it does nothing in it anyway. The tests compare what can become
//     FINAL with what can in any order of deeds, where that is small enough.
//
// Not looked at: progress, Raft, signatures, the window, changes of the set, more
// than one Byzantine validator of four, more heights and rounds.
//
// A search that finds nothing proves something only if it finds what was broken
// on purpose: see Variants.
package explore
