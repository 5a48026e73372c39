// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package sim runs the consensus core of a whole network in one goroutine, from
// one seed, in virtual time, and breaks everything around it that may break.
//
//	seed ─▶ weather, faults, load ─▶ queue (time, sequence) ─▶ node: Step ─▶ effects ─▶ disk, ledger, links ─▶ queue
//
// The core is the real one. Around it are small real implementations of what a
// node gives it: a consensus database that loses unsynced batches at a crash, a
// ledger that executes and stores in its own time, and a network that loses,
// repeats, delays and reorders. The same seed gives the same history, event for
// event, as long as crypto/rand is seeded too: Raft draws its election jitter
// from there.
//
// What is judged after every step, over all nodes, restarts and time:
//
//   - one certified block for each height, and one chain that every node's
//     FINAL chain is a prefix of;
//   - no two votes of one validator for one epoch, height and kind leave it;
//   - a vote is durable before it leaves;
//   - PREPARE follows execution, COMMIT follows a quorum of PREPAREs, and none
//     is more than eight heights above FINAL;
//   - what was announced as FINAL stays, and a transaction takes effect once;
//   - no alarm is raised, as nobody here has earned one;
//   - once all faults are healed, every node reaches the same height, and new
//     transactions become FINAL everywhere.
//
// A simulator that finds nothing proves something only if it finds what was
// broken on purpose: see Mutation.
package sim
