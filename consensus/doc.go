// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package consensus is the pure core of agreement: Raft orders batches, two
// signed votes make a block FINAL, and nothing that Raft says is believed
// without them.
//
//	Submit ─▶ mempool ─▶ batch ─▶ Raft ─▶ Execute ─▶ Executed ─▶ PREPARE ─▶ COMMIT ─▶ Finalize ─▶ Stored ─▶ Announce
//
// A Core is a function from events to effects: no disk, network, clock,
// goroutine or randomness of its own. Its caller performs the effects strictly
// in order, one list after the other, and feeds the consequences back as
// events. The same core runs in a node and in the simulator (consensus/sim).
//
// What holds at every step:
//
//   - A vote is signed at most once for each epoch, height and kind. It is in a
//     synced Persist before it is in a Send, and it is only ever repeated byte
//     for byte.
//   - PREPARE follows Raft's commit and the execution of the block; its parent
//     is FINAL or prepared by this node. COMMIT follows the prepare certificates
//     of the block and of its parent.
//   - At most Window blocks above FINAL are executed or voted on.
//   - A round in which nothing becomes FINAL is left by a quorum together. Each
//     has synced its promise to vote in it no more before it says what it holds,
//     and the next round begins with whatever may have been certified.
//   - Two signatures of one key that contradict each other are evidence: Persist
//     keeps it and Accuse tells the caller, again after a restart. A leader of whom
//     half of the set complains is not listened to as a leader for a while; that
//     proves nothing against it, and it is accused of nothing.
//   - A message of a peer can at worst be dropped. The guard lets nothing reach
//     Raft that Raft would panic on or that its sender had no right to say.
package consensus
