// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Figures are those of all nodes. A node that is stopped, cut off or left behind
// costs nothing, and makes the others look cheap: then there are no figures.
const (
	// answerTime is how long a node may take to tell its counters.
	answerTime = 10 * time.Second
	// mostBehind is by how much of the window's blocks a node may be behind the
	// highest when the window ends, and slack how many blocks in any case.
	mostBehind = 2 * time.Second
	slack      = 8
	// leastShare is how much of the median node's CPU time each must have used.
	// Below leastJudged of that median, the kernel's steps are too coarse to tell.
	leastShare  = 0.25
	leastJudged = 20 * tick
	// catchUpTime is how long nodes may take after the last answer to reach its
	// block.
	catchUpTime = 15 * time.Second
)

// tookPart is an error if a node did not do the work of the window.
func tookPart(nodes []Node, before, after snapshot) error {
	allowed := slack + uint64(float64(after.height-before.height)*mostBehind.Seconds()/after.at.Sub(before.at).Seconds())
	spent := make([]time.Duration, len(nodes))
	for i := range nodes {
		spent[i] = after.cpu[i] - before.cpu[i]
	}
	median := slices.Sorted(slices.Values(spent))[len(spent)/2]
	for i, n := range nodes {
		if behind := after.height - after.reach[i]; behind > allowed {
			return fmt.Errorf("%s did not take part: at the end of the window it was %d blocks behind, at height %d", n.Name, behind, after.reach[i])
		}
		if median >= leastJudged && spent[i] < time.Duration(leastShare*float64(median)) {
			return fmt.Errorf("%s did not take part: it used %v of CPU time in the window, the median node %v", n.Name, spent[i], median)
		}
	}
	return nil
}

// catchUp waits until every node holds the block of the last answer.
func (c Config) catchUp(ctx context.Context, workers []*worker) error {
	var last uint64
	for _, w := range workers {
		for _, s := range w.sent {
			last = max(last, s.height)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	for _, n := range c.Network {
		for {
			m, err := metricsOf(ctx, n)
			if err != nil {
				return err
			}
			height := uint64(m[metricHeight])
			if height >= last {
				break
			}
			if pause(ctx, 50*time.Millisecond) != nil {
				return fmt.Errorf("%s did not take part: it is at height %d, and transactions were FINAL at %d", n.Name, height, last)
			}
		}
	}
	return nil
}

// allAtOnce does all jobs at the same time and gives their results in order.
func allAtOnce[T any](jobs []func() (T, error)) ([]T, error) {
	results, errs := make([]T, len(jobs)), make([]error, len(jobs))
	var done sync.WaitGroup
	for i, job := range jobs {
		done.Go(func() { results[i], errs[i] = job() })
	}
	done.Wait()
	return results, errors.Join(errs...)
}
