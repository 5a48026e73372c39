// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

// largest is a receipt about as large as they get in daily business: of the
// largest set, from a full block, below all the blocks that may be above it.
func largest(t testing.TB, suite string, validators int) (ledger.Trust, []byte) {
	w := newWorld(t, suite, validators)
	p := w.page(7, 300)
	return w.trust, ledger.Encode(w.receipt(p, 299, ledger.MaxDescendants))
}

func TestReceiptIsShort(t *testing.T) {
	for _, name := range suites {
		trust, file := largest(t, name, ledger.MaxValidators)
		if _, err := ledger.VerifyReceipt(trust, file); err != nil {
			t.Fatal(err)
		}
		if len(file) > 8<<10 {
			t.Errorf("%s: %d bytes", name, len(file))
		}
	}
}

func BenchmarkVerifyReceipt(b *testing.B) {
	for _, name := range suites {
		for _, n := range []int{4, 7, ledger.MaxValidators} {
			b.Run(fmt.Sprintf("%s/validators=%d", name, n), func(b *testing.B) {
				trust, file := largest(b, name, n)
				for b.Loop() {
					if _, err := ledger.VerifyReceipt(trust, file); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(file)), "bytes/receipt")
			})
		}
	}
}

func BenchmarkDecodeTransaction(b *testing.B) {
	w := newWorld(b, "ed25519", 1)
	raw := w.signed(w.body(1)).Bytes()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := ledger.DecodeTransaction(w.trust.Network, raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExecutionOrder(b *testing.B) {
	w := newWorld(b, "ed25519", 1)
	txs := w.page(7, 500).txs
	for b.Loop() {
		ledger.ExecutionOrder(w.trust.Network, w.trust.Chain, txs)
	}
}
