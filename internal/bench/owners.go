// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/ledger"
)

// owners is how many firms claim patents. Transactions of one actor run in the
// order in which they were sent; with many actors that is no bottleneck.
const owners = 64

// registerOwners has the bank register made-up firms, each with one person, by
// the transactions that it would use for real ones.
func registerOwners(ctx context.Context, c Config) ([]person, error) {
	var people []person
	var calls []call
	for i := range owners {
		code, err := creditCode(i + 1)
		if err != nil {
			return nil, err
		}
		key, err := c.Trust.Suite.Generate(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("make key of firm %d: %w", i+1, err)
		}
		p := person{code, key}
		people = append(people, p)
		calls = append(calls, call{
			contract: "parties", method: "register",
			args: parties.RegisterArgs{
				USCC: code, NameZH: fmt.Sprintf("基准测试企业%02d", i+1), Role: string(contracts.Borrower), AreaCode: "510100", AdminKey: key.Public(),
			},
			ref:     fmt.Sprintf("firm-%02d", i+1),
			signers: []signature{{c.Bank.maker(), contracts.Maker}, {c.Bank.checker(), contracts.Checker}, {p, contracts.Admin}},
		})
	}
	return people, submitAll(ctx, c, calls)
}

// submitAll submits calls that must all be FINAL.
func submitAll(ctx context.Context, c Config, calls []call) error {
	jobs := make([]func() (*request, error), len(calls))
	for i, unsigned := range calls {
		jobs[i] = func() (*request, error) { return unsigned.sign(c.Trust.Network, time.Now(), false) }
	}
	requests, err := inParallel(ctx, jobs)
	if err != nil {
		return err
	}
	list := &claims{pool: requests}
	for _, w := range (plan{workers: 16, window: time.Minute}).loop(ctx, list, c.addresses(), func() {}, func() {}) {
		for _, s := range w.sent {
			if s.end != final {
				return fmt.Errorf("%w: a firm of the benchmark was not registered: %s", ledger.ErrUnavailable, s.what)
			}
		}
	}
	return ctx.Err()
}
