// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const (
	// failoverRate is the load in claims a second, an open loop; the short test, which
	// shares the machine with others, has less.
	failoverRate, failoverRateShort = 500, 200
	// failoverGoal is within what time after a leader's death something that was
	// submitted after it must be FINAL, at the median.
	failoverGoal = 3 * time.Second
	// failoverCalm is for how long the network is at its usual work before a kill.
	failoverCalm = 500 * time.Millisecond
)

// TestLeaderKilledUnderLoad kills the leader of a network of four processes under an
// open loop of 500 claims a second, and takes the time until a claim that was sent
// after the kill is FINAL. Then the killed node starts again and catches up, and the
// next leader is killed. In the end everything is looked for that was promised.
//
// IPLEDGER_FAILOVER_KILLS says how many leaders are killed. Where it does not the
// test is short, and the machine has other tests to run: there are fewer claims, and
// it is given twice the time.
func TestLeaderKilledUnderLoad(t *testing.T) {
	kills, rate, goal := 3, failoverRateShort, 2*failoverGoal
	if testing.Short() {
		kills = 1
	}
	if given := killSetting(t, "IPLEDGER_FAILOVER_KILLS"); given > 0 {
		kills, rate, goal = int(given), failoverRate, failoverGoal
	}
	if deadline, ok := t.Deadline(); ok && time.Until(deadline) < time.Minute+time.Duration(kills)*20*time.Second {
		t.Fatalf("%d kills take longer than the time this test has; give it -timeout %dm", kills, 2+kills/3)
	}
	f := &failover{hearing: newHearing(t), rate: rate}
	if err := errors.Join(f.run(kills), f.silent()); err != nil {
		t.Fatalf("%v\nthis run: %v", err, f)
	}
	t.Log(f)
	if got := middle(f.final()); got >= goal {
		t.Errorf("after the death of a leader it takes %v until something new is FINAL, want less than %v at the median", got, goal)
	}
}

// A failover is one run of the test.
type failover struct {
	*hearing
	rate   int
	stream *stream
	times  []recovery

	offered float64 // claims a second that were really sent
}

// A recovery is what followed one kill. The first three spans begin with the kill.
type recovery struct {
	at     time.Time
	led    time.Duration // until a survivor led
	height time.Duration // until a survivor held a block that was proposed after the kill
	final  time.Duration // until a client was told that a claim which it sent after the kill is FINAL
	back   time.Duration // from the restart of the killed node until it took part again with all blocks
	whole  time.Duration // and until its log, too, was as long as the others'
}

func (f *failover) final() []time.Duration {
	var all []time.Duration
	for _, r := range f.times {
		all = append(all, r.final)
	}
	return all
}

// String is what the test reports.
func (f *failover) String() string {
	var led, height, back []time.Duration
	for _, r := range f.times {
		led, height, back = append(led, r.led), append(height, r.height), append(back, r.back)
	}
	a := f.audit
	return fmt.Sprintf("failover: kills=%d rate=%d median=%.2fs p90=%.2fs max=%.2fs lost=%d doubled=%d"+
		" differing=%d two_hashes=%d acknowledged=%d receipts_verified=%d heights=%d leader_median=%.2fs height_median=%.2fs caught_up_median=%.2fs caught_up_max=%.2fs offered=%.0f/s",
		len(f.times), f.rate, middle(f.final()).Seconds(), rank(f.final(), 0.9).Seconds(), rank(f.final(), 1).Seconds(), a.faults[lost], a.faults[doubled],
		a.faults[differing], a.faults[twoHashes], f.load.acknowledged(), a.receipts, a.heights,
		middle(led).Seconds(), middle(height).Seconds(), middle(back).Seconds(), rank(back, 1).Seconds(), f.offered)
}

// rank gives the least time that a share of all do not exceed.
func rank(times []time.Duration, share float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, max(0, int(float64(len(sorted))*share+0.999)-1))]
}

// middle is the median; of two in the middle the greater one.
func middle(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(times))[len(times)/2]
}

func (f *failover) run(kills int) error {
	if err := f.load.joinFirm(); err != nil {
		return err
	}
	if err := f.settled(f.load.ctx); err != nil { // every node knows the firm
		return err
	}
	f.load.wait = 10 * time.Second // a killed node's clients notice at once
	f.stream = f.load.streamOf(f.rate, 1, func(r *rand.Rand, _ int) func() int { return anyNode(r) })
	begun := time.Now()
	for i := range kills {
		r, err := f.killLeader()
		if err != nil {
			return fmt.Errorf("kill %d of %d: %w", i+1, kills, errors.Join(err, f.load.failed()))
		}
		f.times = append(f.times, r)
		f.t.Logf("%6.1fs kill %d: led after %.2fs, height moved after %.2fs, FINAL after %.2fs, back in %.2fs, its log in %.2fs, %d acknowledged, %d wait", time.Since(begun).Seconds(), i+1,
			r.led.Seconds(), r.height.Seconds(), r.final.Seconds(), r.back.Seconds(), r.whole.Seconds(), f.load.acknowledged(), f.stream.waiting.Load())
	}
	f.offered = f.stream.offered()
	if err := f.stream.end(); err != nil {
		return err
	}
	if err := f.settled(f.t.Context()); err != nil {
		return err
	}
	if err := f.receiptsInTurn(f.inDoubt()); err != nil {
		return err
	}
	return f.ledgers()
}

// inDoubt are the claims that a kill could harm: those sent from a second before it
// until something new was FINAL.
func (f *failover) inDoubt() (some []told) {
	for _, a := range f.load.since(0) {
		if slices.ContainsFunc(f.times, func(r recovery) bool {
			return a.begun.After(r.at.Add(-time.Second)) && a.begun.Before(r.at.Add(r.final))
		}) {
			some = append(some, a)
		}
	}
	return some
}

// killLeader kills the leader of the moment and waits until all is as before.
func (f *failover) killLeader() (r recovery, err error) {
	if err := f.calm(); err != nil {
		return r, err
	}
	leader, err := f.leader(f.load.ctx)
	if err != nil {
		return r, err
	}
	before := f.load.acknowledged()
	r.at = time.Now()
	f.kill(leader)
	if err := f.watch(leader, &r); err != nil {
		return r, err
	}
	if r.final, err = f.firstFinal(before, r.at); err != nil {
		return r, err
	}
	r.height = min(r.height, r.final) // a client may be told before this test asks
	r.led = min(r.led, r.height)
	if err := f.start(leader); err != nil {
		return r, err
	}
	restarted := time.Now()
	if r.back, err = f.recovered(f.load.ctx, []int{leader}, f.load.top()); err != nil {
		return r, err
	}
	err = f.inStep(f.load.ctx)
	r.whole = time.Since(restarted)
	return r, err
}

// calm waits until claims that are due become FINAL within a second, and then for a
// moment more: the next kill finds the network at its usual work.
func (f *failover) calm() error {
	if err := until(f.load.ctx, killPatience, func(context.Context) (bool, error) {
		if n := f.stream.waiting.Load(); n >= int64(f.rate) {
			return false, fmt.Errorf("this machine does not keep up with %d claims a second: %d wait for their outcome", f.rate, n)
		}
		return true, nil
	}); err != nil {
		return fmt.Errorf("calm: %w", err)
	}
	select {
	case <-time.After(failoverCalm):
		return nil
	case <-f.load.ctx.Done():
		return f.load.failed()
	}
}

// watch asks the survivors until one leads and one holds a block that was proposed
// after the kill. All run by one clock.
func (f *failover) watch(dead int, r *recovery) error {
	ctx, cancel := context.WithTimeout(f.load.ctx, killPatience)
	defer cancel()
	for r.led == 0 || r.height == 0 {
		for i := range f.Nodes {
			if i == dead {
				continue
			}
			s, err := f.status(ctx, i)
			if err != nil {
				continue // too busy to answer; the next question is soon
			}
			if s.Leading && r.led == 0 {
				r.led = time.Since(r.at)
			}
			if s.BlockTimeMS > r.at.UnixMilli() && r.height == 0 {
				r.height = time.Since(r.at)
			}
		}
		if err := f.upright(dead); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the survivors did not go on within %v: led after %v, height moved after %v: %w", killPatience, r.led, r.height, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// firstFinal gives how long after the kill a client was first told that a claim which
// it sent after it is FINAL.
func (f *failover) firstFinal(before int, at time.Time) (first time.Duration, err error) {
	err = until(f.load.ctx, killPatience, func(context.Context) (bool, error) {
		for _, a := range f.load.since(before) {
			if took := a.ended.Sub(at); a.begun.After(at) && (first == 0 || took < first) {
				first = took
			}
		}
		if first == 0 {
			return false, errors.New("nothing that was sent after the kill is FINAL")
		}
		return true, nil
	})
	return first, err
}
