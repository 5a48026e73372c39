// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package state is the authenticated state: a map of text keys to values under
// one root hash, readable at every version, with proofs of presence and absence.
//
// The tree is a compressed sparse Merkle tree over the hashes of the keys. It is
// binary; a subtree that holds one key is that key's leaf, an empty one is zero:
//
//	path(key)         = H("ipledger/state/key/v1\x00" ‖ key)
//	leaf              = H(0x00 ‖ path ‖ H(value))
//	inner(left,right) = H(0x01 ‖ left ‖ right)
//	empty             = 32 zero bytes
//
//	            root
//	          /      \
//	       inner     leaf 1011…   one key begins with 1: no deeper node
//	      /     \
//	   empty    inner             two keys begin with 01
//	           /     \
//	     leaf 010…  leaf 011…
//
// What must hold:
//
//   - The root depends on the map alone: not on the order of changes, not on
//     keys that came and went.
//   - A Tree never changes. Apply gives a new one, an overlay that keeps its own
//     nodes and values in memory and reads everything else below it, so blocks
//     may be executed above the last FINAL one and dropped again.
//   - Four binary levels are stored as one node, under the version that wrote
//     it; a leaf stands in its parent. The root is written at each version,
//     changed or not; so a version is found by its number, and what it no longer
//     needs is listed for pruning.
//   - A key has exactly one valid proof against a root; other forms are refused.
//
// The layout follows the Jellyfish Merkle tree (Gao, Hu and Wu, 2021). The package
// does no I/O: it reads through a Reader, and its user writes what Writes lists.
package state
