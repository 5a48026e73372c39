// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// claims is the workload claim: each unit is one claim of a patent that nobody
// claimed before, signed before the window.
type claims struct {
	network ledger.Network
	owners  []person
	numbers *patents
	forged  float64 // share of claims that are sent in addition with a wrong signature
	random  *rand.Rand
	made    int

	pool []*request
	next atomic.Int64
}

// do sends the next claim.
func (c *claims) do(w *worker, due time.Time) bool {
	i := int(c.next.Add(1) - 1)
	if i >= len(c.pool) {
		return false
	}
	w.submit(c.pool[i], due)
	return true
}

// maxAge is how old the signature of a request may be when a run begins: nodes
// take it for api.SignatureWindow.
const maxAge = 100 * time.Second

// prepare fills the pool to n claims. No run may be under way.
func (c *claims) prepare(ctx context.Context, n int) error {
	kept := c.pool[min(int(c.next.Load()), len(c.pool)):]
	c.next.Store(0)
	now := time.Now()
	var jobs []func() (*request, error)
	for _, r := range kept {
		if now.Sub(r.signedAt) > maxAge {
			jobs = append(jobs, func() (*request, error) { return r, r.renew(now) })
		} else {
			jobs = append(jobs, func() (*request, error) { return r, nil })
		}
	}
	for len(jobs) < n {
		number, err := c.numbers.take()
		if err != nil {
			return err
		}
		forged := c.forged > 0 && c.random.Float64() < c.forged/(1+c.forged)
		unsigned := c.call(number)
		jobs = append(jobs, func() (*request, error) {
			r, err := unsigned.sign(c.network, now, forged)
			if err == nil {
				r.number = number
			}
			return r, err
		})
	}
	var err error
	c.pool, err = inParallel(ctx, jobs)
	return err
}

func (c *claims) call(number string) call {
	c.made++
	owner := c.owners[c.made%len(c.owners)]
	return call{
		contract: "rights", method: "claim",
		args: rights.ClaimArgs{
			Type: "PAT_INV", Number: number, Owners: []string{owner.organisation},
			Title: title,
		},
		ref:     fmt.Sprintf("claim-%08d", c.made),
		signers: []signature{{owner, contracts.Maker}},
	}
}

// inParallel does all jobs on all processors and gives their results in order.
func inParallel[T any](ctx context.Context, jobs []func() (T, error)) ([]T, error) {
	results := make([]T, len(jobs))
	errs := make([]error, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	var done sync.WaitGroup
	for worker := range errs {
		done.Go(func() {
			for errs[worker] == nil {
				i := int(next.Add(1) - 1)
				if i >= len(jobs) {
					return
				}
				if errs[worker] = ctx.Err(); errs[worker] == nil {
					results[i], errs[worker] = jobs[i]()
				}
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}
