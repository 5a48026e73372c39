// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// claims are claims of distinct patents by a person of their owner.
func claims(w *world, n int) []*ledger.Transaction {
	signers := []ledger.Signer{w.signer(RX, contracts.Maker)}
	txs := make([]*ledger.Transaction, n)
	for i := range txs {
		digits := fmt.Sprintf("20181%07d", i)
		sum := 0
		for j := range len(digits) {
			sum += int(digits[j]-'0') * (2 + j%8)
		}
		check := "0123456789X"[sum%11 : sum%11+1]
		txs[i] = w.tx("rights.claim", args{"type": "PATENT", "number": digits + "." + check, "owners": []string{RX}, "title": "一种装置"}, signers)
	}
	return txs
}

// Figures are per transaction, in blocks of 500 or over one state.
func BenchmarkExecuteClaim(b *testing.B) {
	w := newWorld(b)
	txs := claims(w, 500)
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(txs) {
		outcomes, _, err := contracts.Execute(w.methods, w.state, w.here(), txs)
		if err != nil || outcomes[len(txs)-1].Status != ledger.Final {
			b.Fatal(err, outcomes[len(txs)-1])
		}
	}
}

func BenchmarkCheckIntake(b *testing.B) {
	w := newWorld(b)
	txs := claims(w, 500)
	intake := contracts.NewIntake(w.methods, w.here())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ended, refusal, err := intake.Check(w.state, txs[i%len(txs)])
		if err != nil || ended || refusal.Refuses() {
			b.Fatal(err, ended, refusal)
		}
	}
}
