// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench loads a running network and tells what the network takes and
// what that costs. The loader is a process of its own; nodes are given nothing
// that other nodes do not have, and no method of theirs exists for it.
//
//	firms registered ─▶ idle ─▶ phase ─▶ phase ─▶ ... ─▶ nodes stopped ─▶ report
//	                              └ sign ahead ─▶ warm-up ─▶ window ─▶ last answers ─▶ verify a sample
//
// A transaction counts when a node says FINAL or REJECTED, and not before. After
// each phase a sample of receipts is read from other nodes than took the
// transactions and verified with the genesis file alone, as are proofs of what
// the state says of claimed and of unclaimed patents. If any of that fails there
// are no figures. Nor are there any if a node did not take part: if at the end of
// a window it does not answer, is 2 s behind the highest node or has used less
// than a quarter of the median node's CPU time, or does not reach the block of the
// last answer.
//
// How each figure is come by:
//
//   - Counts: of what was due in the window, in a closed loop what was sent in it.
//     Each is counted once: submitted = final + rejected + refused + errors, where
//     errors are time-outs and what was not sent in time, and behind tells how many
//     had no answer yet when the window ended. If they do not add up there are no
//     figures.
//   - Transactions a second: those that became FINAL in the window, whenever they
//     were due. If an open loop is more than the network holds (what waits grows by
//     more than a twentieth of the load) neither they nor CPU times of a transaction
//     can be told: nodes work on what becomes FINAL later, or never.
//   - Latency: until the answer is read, of what was due in the window: in a closed
//     loop from sending, in an open loop from the time at which the transaction was
//     due. So an open loop that a
//     node holds up counts every transaction that would have come meanwhile
//     (coordinated omission). What had no answer counts with the time it was
//     waited for, and what was never sent likewise.
//   - CPU time: of the window, by the kernel's account, nodes and loader apart, by
//     FINAL transactions of the window.
//   - Memory: resident set of the largest node.
//   - Disk: growth of the databases by transactions and nodes, as blocks that the
//     file system gave and as lengths of files. Journals get their blocks
//     ahead and are used again, so a short phase can show far more blocks than its
//     share, or none; the whole run is the better figure.
//   - Synced writes: as nodes count them, each one fsync of a journal.
package bench
