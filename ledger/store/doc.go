// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package store is the ledger database: FINAL blocks with their proofs and
// outcomes, the state at every height, and the indexes to find them. One
// goroutine writes, one atomic and synced batch for each block; any number read.
//
//	00                           name, format, chain
//	a                            applied: height, block hash, history hashes
//	h height                     Header
//	b height                     transactions, as they came
//	o height                     outcomes, encoded
//	c height                     certificate, and the headers between
//	i                            of which version the index is, and up to which height
//	i term 00 key 00 ^height     whether the value of a state key has a term, from height on
//	t id                         transaction: height, index
//	v key 00 ^height             value of a state key from height on
//	k height                     state keys that the block of height changed, until a later tree is on disk
//	n version nibbles            node of the state tree
//	f                            which tree is on disk whole
//	g number                     nodes on disk that it does not need
//
// Numbers in keys are 8 bytes, big endian; ^height is inverted, so that the
// newest value of a key comes first and the value at a height is the first one
// from there on. State keys and terms hold no zero byte, so values sort by key, and
// the index by term and key.
//
// What must hold:
//
//   - A block is there with all that belongs to it or not at all. When Commit
//     has returned, it is durable. A crash during Commit leaves the head before
//     it or the block as the new head.
//   - Nothing is seen before it is durable. Pebble shows a batch while it is
//     still being synced; readers are therefore bounded by the head, which moves
//     after the sync.
//   - What is written is never changed: not a block, not its certificate, not the
//     value of a key at a height. So a height gives the same answers for ever.
//   - The index is what follows from the values, at every height: a block writes
//     what it changes in it along with them. One that is not of this program's
//     version, or not of the head, is made anew by Open, of all heights; it is
//     record for record the one that blocks would have written.
//   - What is remembered of values is what the database holds: a block changes it
//     before the block becomes the head.
//   - The tree is what follows from the values, and proofs are made of it for the
//     newest heights only (all, with Options.KeepTrees). Most of its nodes are
//     superseded within a few blocks. So they stay in memory, and the tree of some
//     height goes to disk now and then, in parts, in the batches of the blocks
//     after it. Until that tree is there whole nothing is deleted that the one
//     before needs. Open applies the values of the blocks since then again and
//     compares each root with its header.
//   - After the first failed write nothing more is written: what the disk holds
//     after a failed sync is unknown, and only reading it anew can tell. What was
//     FINAL before can still be read.
//
// All of it follows from the blocks: a lost or damaged ledger database is fetched
// from other members again. Nothing in it says what this node has signed.
package store
