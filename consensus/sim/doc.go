// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package sim runs the consensus core of a whole network in one goroutine, from
// one seed, in virtual time, and breaks everything around it that may break.
//
//	seed ─▶ weather, strikes, traitors, load ─▶ queue (time, sequence) ─▶ node: Step ─▶ effects ─▶ disk, ledger, links ─▶ queue
//
// The core is the real one. Around it are small real implementations of what a
// node gives it: a consensus database that loses unsynced batches at a crash, a
// ledger that executes and stores in its own time, and a network that loses,
// repeats, delays and reorders. The same seed gives the same history, event for
// event, as long as crypto/rand is seeded too: Raft draws its election jitter
// from there.
//
// What is judged after every step, over all nodes, restarts and time, is the
// list of rules. While faults last, members that betray, die or lose their record
// of votes are fewer than a third. When all is healed and traitors have ceased,
// every other node must reach the same height, new transactions must become FINAL
// everywhere, and a network with nothing to do must be silent.
//
// A simulator that finds nothing proves something only if it finds what was
// broken on purpose: see Mutation. What it finds it makes small: see Shrink.
package sim
