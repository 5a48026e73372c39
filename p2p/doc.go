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
//     handshakes may be under way, and for how long, is bounded.
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
//   - Protocol names carry the genesis hash and a version, so two networks, or two versions that
//     do not understand each other, refuse each other's streams.
//
// Peer identities are libp2p peer ids of Ed25519 keys, which no certificate expiry can stop. The
// TLS certificates that carry them are made anew at every start and are valid from one hour
// before it: members whose clocks differ by more than that cannot connect.
package p2p
