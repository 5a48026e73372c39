// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// The eight leaves, and the roots over the first n of them, that implementations
// of RFC 6962 and RFC 9162 test with (first published with the reference
// implementation of Certificate Transparency).
var (
	publishedLeaves = []string{
		"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
	}
	publishedRoots = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	publishedPaths = []struct {
		index, size int
		path        []string
	}{
		{0, 1, nil},
		{0, 8, []string{
			"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		}},
		{5, 8, []string{
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		}},
		{2, 3, []string{
			"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		}},
		{1, 5, []string{
			"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		}},
	}
)

func TestPublishedMerkleTrees(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	var leaves [][]byte
	for _, l := range publishedLeaves {
		leaves = append(leaves, unhex(t, l))
	}
	for n, want := range publishedRoots {
		if got := ledger.MerkleRoot(suite, leaves[:n]); got.String() != want {
			t.Errorf("root over %d leaves is %v, published is %s", n, got, want)
		}
	}
	for _, p := range publishedPaths {
		path, err := ledger.MerklePath(suite, leaves[:p.size], p.index)
		noError(t, err)
		if got := fmt.Sprint(path); got != fmt.Sprint(p.path) {
			t.Errorf("path of leaf %d of %d is %v, published is %v", p.index, p.size, got, p.path)
		}
	}
}

// naiveMerkleRoot is the definition of RFC 6962, section 2.1, word for word.
func naiveMerkleRoot(suite keys.Suite, leaves [][]byte) ledger.Hash {
	switch len(leaves) {
	case 0:
		return suite.Sum()
	case 1:
		return suite.Sum([]byte{0}, leaves[0])
	}
	k := splitOf(len(leaves))
	left, right := naiveMerkleRoot(suite, leaves[:k]), naiveMerkleRoot(suite, leaves[k:])
	return suite.Sum([]byte{1}, left[:], right[:])
}

// naiveMerklePath is that of section 2.1.1.
func naiveMerklePath(suite keys.Suite, leaves [][]byte, index int) []ledger.Hash {
	if len(leaves) == 1 {
		return nil
	}
	k := splitOf(len(leaves))
	if index < k {
		return append(naiveMerklePath(suite, leaves[:k], index), naiveMerkleRoot(suite, leaves[k:]))
	}
	return append(naiveMerklePath(suite, leaves[k:], index-k), naiveMerkleRoot(suite, leaves[:k]))
}

// splitOf is the largest power of two smaller than n.
func splitOf(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func numberedLeaves(n int) [][]byte {
	var leaves [][]byte
	for i := range n {
		leaves = append(leaves, fmt.Appendf(nil, "leaf %d", i))
	}
	return leaves
}

func TestMerkleTreesFollowTheirDefinition(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		for n := range 35 {
			leaves := numberedLeaves(n)
			root := ledger.MerkleRoot(suite, leaves)
			if want := naiveMerkleRoot(suite, leaves); root != want {
				t.Fatalf("%s: root over %d leaves is %v, by definition %v", name, n, root, want)
			}
			for i := range n {
				path, err := ledger.MerklePath(suite, leaves, i)
				noError(t, err)
				if want := naiveMerklePath(suite, leaves, i); !slices.Equal(path, want) {
					t.Fatalf("%s: path of leaf %d of %d is %v, by definition %v", name, i, n, path, want)
				}
				if err := ledger.CheckMerklePath(suite, leaves[i], uint64(i), uint64(n), path, root); err != nil {
					t.Fatalf("%s: own path of leaf %d of %d: %v", name, i, n, err)
				}
			}
		}
	}
}

// A path shows one leaf in one place of a tree of one size.
func TestMerklePathShowsNothingElse(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	const most = 12
	for size := range most {
		leaves := numberedLeaves(size)
		root := ledger.MerkleRoot(suite, leaves)
		for i := range size {
			path, err := ledger.MerklePath(suite, leaves, i)
			noError(t, err)
			refused := func(what string, leaf []byte, index, n uint64, path []ledger.Hash, root ledger.Hash) {
				if ledger.CheckMerklePath(suite, leaf, index, n, path, root) == nil {
					t.Errorf("leaf %d of %d: verifies with %s", i, size, what)
				}
			}
			for other := range uint64(most) {
				if other != uint64(i) {
					refused("another index", leaves[i], other, uint64(size), path, root)
					refused("another leaf", fmt.Appendf(nil, "leaf %d", other), uint64(i), uint64(size), path, root)
				}
			}
			refused("index 2^64-1", leaves[i], 1<<64-1, uint64(size), path, root)
			refused("size 0", leaves[i], uint64(i), 0, path, root)
			refused("size 2^64-1", leaves[i], uint64(i), 1<<64-1, path, root)
			refused("another root", leaves[i], uint64(i), uint64(size), path, suite.Sum(root[:]))
			refused("a longer path", leaves[i], uint64(i), uint64(size), append(slices.Clone(path), root), root)
			if len(path) > 0 {
				refused("a shorter path", leaves[i], uint64(i), uint64(size), path[:len(path)-1], root)
				refused("no path", leaves[i], uint64(i), uint64(size), nil, root)
				for level := range path {
					changed := slices.Clone(path)
					changed[level][31] ^= 1
					refused("a changed path", leaves[i], uint64(i), uint64(size), changed, root)
				}
				// The content of an inner node, passed off as a leaf one level up.
				leaf := suite.Sum([]byte{0}, leaves[i])
				for _, inner := range [][]byte{
					slices.Concat(leaf[:], path[0][:]), slices.Concat(path[0][:], leaf[:]),
					slices.Concat([]byte{1}, leaf[:], path[0][:]), slices.Concat([]byte{1}, path[0][:], leaf[:]),
				} {
					refused("an inner node as leaf", inner, uint64(i)/2, uint64(size+1)/2, path[1:], root)
				}
			}
		}
	}
	if ledger.CheckMerklePath(suite, nil, 0, 0, nil, ledger.MerkleRoot(suite, nil)) == nil {
		t.Error("the tree without leaves has one")
	}
	for _, index := range []int{-1, 3, 1 << 40} {
		if _, err := ledger.MerklePath(suite, numberedLeaves(3), index); err == nil {
			t.Errorf("path of leaf %d of 3", index)
		}
	}
}

// The size is not in the root: a path of a smaller tree may fit into a larger
// one. That is why an outcome names its place and the count.
func TestRootAloneDoesNotBindTheSize(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	leaves := numberedLeaves(6)
	path, err := ledger.MerklePath(suite, leaves, 5)
	noError(t, err)
	root := ledger.MerkleRoot(suite, leaves)
	if err := ledger.CheckMerklePath(suite, leaves[5], 3, 4, path, root); err != nil {
		t.Errorf("leaf 5 of 6 as leaf 3 of 4: %v", err)
	}
}

func TestHistoryIsTheTreeOverItsBlocks(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		var blocks [][]byte
		h := ledger.NewHistory(suite)
		for n := range 70 {
			if h.Size() != uint64(n) || h.Root() != ledger.MerkleRoot(suite, blocks) {
				t.Fatalf("%s: history of %d blocks: size %d, root %v", name, n, h.Size(), h.Root())
			}
			again, err := ledger.RestoreHistory(suite, h.Size(), h.Hashes())
			noError(t, err)
			if again.Root() != h.Root() || !slices.Equal(again.Hashes(), h.Hashes()) {
				t.Fatalf("%s: history of %d blocks restored has root %v", name, n, again.Root())
			}
			before, hashes := h.Root(), h.Hashes()
			block := suite.Sum(fmt.Append(nil, "block ", n))
			left, right := h.Append(block), h.Append(suite.Sum([]byte("another block")))
			if h.Root() != before || !slices.Equal(h.Hashes(), hashes) || h.Size() != uint64(n) {
				t.Fatalf("%s: appending changed the history of %d blocks", name, n)
			}
			if left.Root() == right.Root() {
				t.Fatalf("%s: two blocks, one history", name)
			}
			h, blocks = left, append(blocks, block[:])
		}
	}
}

func TestHistoryOfWrongLengthIsCorrupt(t *testing.T) {
	suite := suiteOf(t, "sm2")
	for size, hashes := range map[uint64]int{0: 1, 1: 0, 3: 1, 7: 4, 8: 3, 1<<64 - 1: 1} {
		if _, err := ledger.RestoreHistory(suite, size, make([]ledger.Hash, hashes)); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%d hashes for %d blocks: %v", hashes, size, err)
		}
	}
}

func suiteOf(t testing.TB, name string) keys.Suite {
	t.Helper()
	s, err := keys.SuiteByName(name)
	noError(t, err)
	return s
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	noError(t, err)
	return b
}
