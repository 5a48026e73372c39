// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

// hundredThousand is a written state of as many keys.
func hundredThousand(b *testing.B, h state.Hasher) *state.Tree {
	disk := newMemory()
	tree := apply(b, state.Empty(h), 0, sets(numbered(100_000))...)
	disk.write(b, 0, tree.Writes())
	tree, err := tree.Detach(disk, 0)
	noError(b, err)
	return tree
}

func eachSuite(b *testing.B, run func(*testing.B, state.Hasher)) {
	for _, name := range []string{"ed25519", "sm2"} {
		h, err := keys.SuiteByName(name)
		noError(b, err)
		b.Run(name, func(b *testing.B) { run(b, h) })
	}
}

func BenchmarkApply1000At100k(b *testing.B) {
	eachSuite(b, func(b *testing.B, h state.Hasher) {
		tree := hundredThousand(b, h)
		var updates, inserts []state.Change
		for i := range 1000 {
			updates = append(updates, set(fmt.Sprint(i*97), "changed"))
			inserts = append(inserts, set(fmt.Sprint(i+100_000), "new"))
		}
		for name, changes := range map[string][]state.Change{"update": updates, "insert": inserts} {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					apply(b, tree, 1, changes...)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/change")
			})
		}
	})
}

func BenchmarkProveAndVerifyAt100k(b *testing.B) {
	eachSuite(b, func(b *testing.B, h state.Hasher) {
		tree := hundredThousand(b, h)
		p := prove(b, tree, "4711")
		b.Run("prove", func(b *testing.B) {
			for b.Loop() {
				prove(b, tree, "4711")
			}
		})
		b.Run("verify", func(b *testing.B) {
			for b.Loop() {
				noError(b, state.VerifyInclusion(h, tree.Root(), "4711", []byte("value 4711"), p))
			}
		})
	})
}
