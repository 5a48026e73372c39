// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"time"
)

// A phase is being measured.
type phase struct {
	*session
	out     Phase
	workers []*worker // of its warm-up and its measured load
	plan    plan      // of its measured load
}

const (
	// firstRate is how many claims a second are made ready for the first warm-up.
	firstRate = 4000.0
	// ramp is the load between the warm-up, which tells how many claims the window
	// will take, and the window.
	ramp = 500 * time.Millisecond
	// patience is how long after the window an open loop still sends what was due
	// in it.
	patience = 10 * time.Second
)

// openWorkers is how many transactions of an open loop can be under way: as many
// as come in two seconds. Behind that, they wait in the loader, and their time
// runs.
func openWorkers(perSecond int) int { return max(64, 2*perSecond) }

// run carries out the phase, verifies what was answered, and fills in the
// figures.
func (p *phase) run(ctx context.Context) error {
	disk, err := diskOf(p.Network)
	if err != nil {
		return err
	}
	leader, err := p.leaderOf(ctx)
	if err != nil {
		return err
	}
	for i, n := range p.Network {
		p.out.Nodes = append(p.out.Nodes, NodeFigures{Name: n.Name, Leading: i == leader})
	}
	workers, before, after, err := p.load(ctx)
	if err != nil {
		return err
	}
	if p.out.Forged, err = p.checkForged(ctx, p.workers, leader); err != nil {
		return err
	}
	unclaimed, err := p.claims.numbers.take()
	if err != nil {
		return err
	}
	if p.out.Checked, err = p.check(ctx, p.workers, p.random, unclaimed); err != nil {
		return err
	}
	p.out.fill(workers, before, after)
	if err := p.out.addUp(p.plan, workers, windowOf(workers, before, after)); err != nil {
		return err
	}
	if p.out.FinalInWindow == 0 {
		return errors.New("no transaction became FINAL in the window")
	}
	grown, err := diskOf(p.Network)
	all := 0
	for _, w := range p.workers {
		all += len(ended(w.sent, final))
	}
	p.final += all
	p.out.Disk = grown.perTransaction(disk, all, len(p.Network))
	return err
}

// load carries out the warm-up and the measured load of the phase.
func (p *phase) load(ctx context.Context) ([]*worker, snapshot, snapshot, error) {
	switch {
	case p.out.Workload == Pledge:
		workers, before, after, err := p.measure(ctx, plan{workers: p.out.Outstanding, lead: p.warmUp(), window: p.window()}, p.pledges)
		return workers, before, after, errors.Join(err, p.pledges.failure)
	case p.out.Loop == Open:
		plan := plan{
			workers:  openWorkers(p.out.Rate),
			interval: time.Duration(float64(time.Second) / (float64(p.out.Rate) * (1 + p.Bad))),
			lead:     p.warmUp(), window: p.window(), patience: patience,
		}
		// Some more, since reading the counters at the window's ends takes its time.
		if err := p.claims.prepare(ctx, int((plan.lead+plan.window+3*time.Second)/plan.interval)); err != nil {
			return nil, snapshot{}, snapshot{}, err
		}
		return p.measure(ctx, plan, p.claims)
	}
	rate, err := p.warm(ctx)
	if err != nil {
		return nil, snapshot{}, snapshot{}, err
	}
	plan := plan{workers: p.out.Outstanding, lead: ramp, window: p.window()}
	if err := p.claims.prepare(ctx, int(rate*1.6*(plan.lead+plan.window).Seconds())+2*p.out.Outstanding); err != nil {
		return nil, snapshot{}, snapshot{}, err
	}
	return p.measure(ctx, plan, p.claims)
}

// warm loads a closed loop of claims without measuring, and gives the rate.
func (p *phase) warm(ctx context.Context) (perSecond float64, err error) {
	if p.warmUp() == 0 {
		return firstRate, nil
	}
	most := min(p.rate*1.5, float64(p.out.Outstanding)*1000)
	if err := p.claims.prepare(ctx, int(most*p.WarmUp)+p.out.Outstanding); err != nil {
		return 0, err
	}
	begun := time.Now()
	workers := plan{workers: p.out.Outstanding, lead: p.warmUp()}.loop(ctx, p.claims, p.addresses(), func() {}, func() {})
	p.workers = append(p.workers, workers...)
	sent := 0
	for _, w := range workers {
		sent += len(w.sent)
	}
	perSecond = float64(sent) / time.Since(begun).Seconds()
	p.rate = max(p.rate, perSecond)
	return perSecond, ctx.Err()
}

// measure carries out a plan and reads the counters around its window.
func (p *phase) measure(ctx context.Context, plan plan, work workload) (workers []*worker, before, after snapshot, err error) {
	var errs []error
	var profiles *recording
	note := func(err error) { errs = append(errs, err) }
	workers = plan.loop(ctx, work, p.addresses(), func() {
		note(before.readMetrics(ctx, p.Network))
		note(before.readCPU(p.Network))
		if p.Profile != "" {
			var err error
			profiles, err = record(ctx, p.Profile, p.out.Name(), p.Network, plan.window)
			note(err)
		}
	}, func() {
		note(after.readCPU(p.Network))
		note(after.readMetrics(ctx, p.Network))
	})
	p.workers = append(p.workers, workers...)
	if profiles != nil {
		note(profiles.stop())
	}
	if err := ctx.Err(); err != nil {
		return nil, before, after, err
	}
	if err := errors.Join(errs...); err != nil {
		return nil, before, after, err
	}
	if err := tookPart(p.Network, before, after); err != nil {
		return nil, before, after, err
	}
	if err := p.catchUp(ctx, workers); err != nil {
		return nil, before, after, err
	}
	p.plan = plan
	// A window that is cut short by a little still tells the truth.
	window := after.at.Sub(before.at)
	if p.out.Short = window < plan.window*19/20; window < plan.window/10 {
		return nil, before, after, errors.New("the transactions signed ahead were used up before the window; make --warm-up longer")
	}
	return workers, before, after, nil
}

// ended gives the samples that ended in one way.
func ended(samples []sample, end ending) (some []sample) {
	for _, s := range samples {
		if s.end == end {
			some = append(some, s)
		}
	}
	return some
}
