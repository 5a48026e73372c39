// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package p2p carries opaque frames between the named members of one network, over one
// authenticated TCP connection per pair of members.
//
//	Send(to, Control, f) ─▶ queue ─▶ stream …/control/1 ──────┐                ┌─▶ Received(Control)
//	Send(to, Blocks, f)  ─▶ queue ─▶ stream …/blocks/1 ───────┼─ TLS 1.3, TCP ─┼─▶ Received(Blocks)
//	Send(to, Trans…, f)  ─▶ queue ─▶ stream …/transactions/1 ─┤                ├─▶ Received(Transactions)
//	Request(to, q)       ◀─────────▶ stream …/sync/1 ─────────┘                └─▶ Serve(handler)
//
// The package knows who sent a frame and of which class it is; what it means is the business of
// the layers above. What holds:
//
//   - Only members are served. A stranger gets a TLS handshake and nothing else; how many
//     handshakes are made in a second, and for how long one may take, is bounded.
//   - Frame.From is the member whose key the connection was authenticated with, whatever the
//     bytes say.
//   - Send never blocks. A frame may be lost, in the queue or on the way, and is never repeated.
//     What arrives of one class from one member, while its connection stands, arrives in order.
//   - Transactions leave together, at most 10 ms late, because a write costs more than what is in
//     it. Control and Blocks leave at once.
//   - At most 256 KiB are allocated on the word of a length: beyond, a frame's memory grows as its
//     bytes arrive, up to the limit of its class.
//   - A full Received channel holds back the members that send that class, each in its turn, and
//     no other class.
//   - A connection from which nothing comes is given up within Config.SilenceTimeout.
//   - What others cause is logged a few times and then once a minute, of each kind and member, and
//     counted in Statistics. Warnings of libp2p itself go to Config.Logger, bounded in the same way;
//     it has one logger for the process, so of several hosts the one made last gets them.
//
// # Versions
//
// A protocol name is /ipledger/<network>/<kind>/<version>: the first 16 digits of the genesis
// hash; control, blocks, transactions or sync; a number. Whoever opens a stream offers all versions
// it speaks, the newest first, and the other takes the first that it knows: the highest that both
// speak. If there is none, or the network is another, the stream is refused, the log of each side
// names the versions of both, Statistics counts it under RefusedVersion or RefusedNetwork, and the
// connection stays idle: its streams are tried again after 30 s, or at once on a new connection,
// which the member makes when it comes back with another release.
//
// # Identities
//
// Peer identities are libp2p peer ids of Ed25519 keys, which no certificate expiry can stop. The
// TLS certificates that carry them are made anew at every start and are valid from one hour
// before it: members whose clocks differ by more than that cannot connect.
package p2p
