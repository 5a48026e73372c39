// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Node is one running node of the network under test.
type Node struct {
	Name       string
	URL        string // of its API, plain HTTP
	PID        int
	DataDir    string
	ProfileURL string // of its profiler; used only if profiles are asked for
}

// An Organisation is one that acts in the workloads, with the keys of two of its
// people.
type Organisation struct {
	PartyID        string
	Maker, Checker keys.PrivateKey
}

func (o Organisation) maker() person   { return person{o.PartyID, o.Maker} }
func (o Organisation) checker() person { return person{o.PartyID, o.Checker} }

// Config says what to measure on which network.
type Config struct {
	Nodes  []Node
	Trust  ledger.Trust // from the genesis file; nothing else is believed
	Bank   Organisation
	Office Organisation // of intellectual property

	Closed  []int // claims under way in each closed loop
	Open    []int // claims a second in each open loop
	Window  time.Duration
	WarmUp  time.Duration
	Bad     float64 // share of claims sent in addition with a wrong signature
	Seed    uint64
	Profile string // directory of CPU profiles; "": none

	Say func(format string, args ...any) // tells a person how far it is
}

func addressesOf(nodes []Node) []string {
	addresses := make([]string, len(nodes))
	for i, n := range nodes {
		addresses[i] = strings.TrimPrefix(n.URL, "http://")
	}
	return addresses
}

// Run measures, and gives the figures or why there are none.
func Run(ctx context.Context, c Config) (*Report, error) {
	firms, err := registerOwners(ctx, c)
	if err != nil {
		return nil, err
	}
	work := &claims{
		network: c.Trust.Network, owners: firms, forged: c.Bad,
		numbers: newPatents(c.Seed, identifier.DateOf(time.Now().UnixMilli())),
		random:  rand.New(rand.NewPCG(c.Seed, 1)),
	}
	report := &Report{}
	rate := firstRate
	for _, n := range c.Closed {
		p, err := c.closed(ctx, work, n, &rate)
		if err != nil {
			return nil, err
		}
		report.Phases = append(report.Phases, p)
	}
	for _, perSecond := range c.Open {
		p, err := c.open(ctx, work, perSecond)
		if err != nil {
			return nil, err
		}
		report.Phases = append(report.Phases, p)
	}
	return report, nil
}

const (
	// firstRate is how many claims a second are made ready for the first warm-up.
	firstRate = 4000.0
	// ramp is the load between the warm-up, which tells how many claims the window
	// will take, and the window.
	ramp = 500 * time.Millisecond
)

// closed measures with n claims under way. rate is the highest rate seen so far.
func (c Config) closed(ctx context.Context, work *claims, n int, rate *float64) (Phase, error) {
	p := plan{workers: n, lead: c.WarmUp}
	seen := firstRate
	if c.WarmUp > 0 {
		if err := work.prepare(ctx, int(min(*rate*1.5, float64(n)*1000)*c.WarmUp.Seconds())+n); err != nil {
			return Phase{}, err
		}
		begun := time.Now()
		sent := 0
		for _, w := range p.loop(ctx, work, addressesOf(c.Nodes), func() {}, func() {}) {
			sent += len(w.sent)
		}
		seen = float64(sent) / time.Since(begun).Seconds()
		*rate = max(*rate, seen)
	}
	p.lead, p.window = ramp, c.Window
	if err := work.prepare(ctx, int(seen*1.6*(p.lead+p.window).Seconds())+2*n); err != nil {
		return Phase{}, err
	}
	return c.measure(ctx, Phase{Workload: "claim", Loop: "closed", Outstanding: n}, p, work)
}

// open measures with a number of claims a second.
func (c Config) open(ctx context.Context, work *claims, perSecond int) (Phase, error) {
	p := plan{
		workers:  openWorkers(perSecond),
		interval: time.Duration(float64(time.Second) / (float64(perSecond) * (1 + c.Bad))),
		lead:     c.WarmUp, window: c.Window,
	}
	if err := work.prepare(ctx, int((p.lead+p.window)/p.interval)+1); err != nil {
		return Phase{}, err
	}
	return c.measure(ctx, Phase{Workload: "claim", Loop: "open", Rate: perSecond}, p, work)
}

// openWorkers is how many transactions of an open loop can be under way: as many
// as come in two seconds. Behind that, they wait in the loader, and their time
// runs.
func openWorkers(perSecond int) int { return max(64, 2*perSecond) }

// measure carries out a plan and fills in the figures of its window.
func (c Config) measure(ctx context.Context, phase Phase, p plan, work workload) (Phase, error) {
	c.Say("%s", phase.name())
	var before, after snapshot
	var errs []error
	var profiles *recording
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	workers := p.loop(ctx, work, addressesOf(c.Nodes), func() {
		note(before.readMetrics(ctx, c.Nodes))
		note(before.readCPU(c.Nodes))
		if c.Profile != "" {
			var err error
			profiles, err = record(ctx, c.Profile, phase.name(), c.Nodes, p.window)
			note(err)
		}
	}, func() {
		note(after.readCPU(c.Nodes))
		note(after.readMetrics(ctx, c.Nodes))
	})
	if profiles != nil {
		note(profiles.stop())
	}
	if err := ctx.Err(); err != nil {
		return phase, err
	}
	if len(errs) > 0 {
		return phase, fmt.Errorf("measure %s: %w", phase.name(), errs[0])
	}
	phase.fill(workers, before, after)
	return phase, nil
}
