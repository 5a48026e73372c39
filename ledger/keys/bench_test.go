// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
)

// Figures are per signature. Messages have the 300 bytes of a usual transaction.
func BenchmarkVerify(b *testing.B) {
	for _, name := range suites {
		suite := suiteOf(b, name)
		message := make([]byte, 300)
		public := make([]keys.PublicKey, 64)
		sigs := make([]keys.Signature, 64)
		for i := range public {
			private := generate(b, suite, byte(i))
			public[i] = private.Public()
			sigs[i], _ = private.Sign(message)
		}
		b.Run(name+"/strict", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				must(b, suite.Verify(public[i%64], message, sigs[i%64]))
			}
		})
		b.Run(name+"/strict/cached", func(b *testing.B) {
			cache := keys.NewKeyCache(64)
			for i := 0; b.Loop(); i++ {
				must(b, cache.Verify(public[i%64], message, sigs[i%64]))
			}
		})
		b.Run(name+"/strict/often", func(b *testing.B) {
			cache := keys.NewKeyCache(64)
			for i := range 64 * keys.TableAfter {
				must(b, cache.Verify(public[i%64], message, sigs[i%64]))
			}
			for i := 0; b.Loop(); i++ {
				must(b, cache.Verify(public[i%64], message, sigs[i%64]))
			}
		})
		b.Run(name+"/client", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				must(b, suite.VerifyClient(public[i%64], message, sigs[i%64]))
			}
		})
		for _, cached := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/batch=64/cached=%v", name, cached), func(b *testing.B) {
				var cache *keys.KeyCache
				if cached {
					cache = keys.NewKeyCache(64)
				}
				batch := suite.NewBatch(cache)
				for n := 0; n < b.N; n += 64 {
					for i := range 64 {
						batch.Add(public[i], message, sigs[i])
					}
					for _, ok := range batch.Verify() {
						must(b, ok)
					}
				}
			})
		}
	}
}

// Batches as small as they come when little waits.
func BenchmarkSmallBatch(b *testing.B) {
	suite := suiteOf(b, "ed25519")
	private, cache, message := generate(b, suite, 1), keys.NewKeyCache(1), make([]byte, 300)
	sig, _ := private.Sign(message)
	for _, size := range []int{1, 2, 3, 4, 8, 16} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			batch := suite.NewBatch(cache)
			for range keys.TableAfter {
				must(b, cache.Verify(private.Public(), message, sig))
			}
			for n := 0; n < b.N; n += size {
				for range size {
					batch.Add(private.Public(), message, sig)
				}
				must(b, batch.Verify()[0])
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	for _, name := range suites {
		private := generate(b, suiteOf(b, name), 1)
		message := make([]byte, 300)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := private.Sign(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, name := range suites {
		key := generate(b, suiteOf(b, name), 1).Public()
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := key.Check(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func must(b *testing.B, ok bool) {
	if !ok {
		b.Fatal("refused")
	}
}
