// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"fmt"
	"os"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// A receipt is a file that anyone can check who has the genesis file of the
// network: offline, for ever, and without trust in whoever handed it over.
func ExampleVerifyReceipt() {
	genesis, err := os.ReadFile("testdata/ed25519-genesis.json")
	if err != nil {
		panic(err)
	}
	_, trust, err := ledger.ParseGenesis(genesis)
	if err != nil {
		panic(err)
	}
	file, err := os.ReadFile("testdata/ed25519.receipt")
	if err != nil {
		panic(err)
	}

	proven, err := ledger.VerifyReceipt(trust, file)
	if err != nil {
		panic(err)
	}
	body := proven.Transaction.Body()
	fmt.Printf("%s.%s by %s\n", body.Contract, body.Method, body.Actor)
	fmt.Printf("%v in block %d of %s\n", proven.Outcome.Status, proven.Header.Height,
		time.UnixMilli(proven.Header.Time).UTC().Format(time.RFC3339))

	file[200] ^= 1
	_, err = ledger.VerifyReceipt(trust, file)
	fmt.Println("changed:", ledger.ReasonOf(err))
	// Output:
	// pledges.submit by 91510100MA6CA1R24N
	// FINAL in block 7 of 2026-03-01T00:07:00Z
	// changed: TRANSACTION
}
