// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// Run measures, and gives the figures or why there are none. The nodes are
// stopped at its end if all went well.
func Run(ctx context.Context, c Config) (*Report, error) {
	if err := c.checkOpenFiles(); err != nil {
		return nil, err
	}
	report := &Report{
		Format: Format, Begun: time.Now().UTC().Truncate(time.Second), Settings: c.Settings, Machine: machine(), Versions: versions(), Notes: notes(),
	}
	s, err := newSession(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Idle > 0 {
		if report.Idle, err = s.idle(ctx); err != nil {
			return nil, err
		}
	}
	if report.Phases, err = s.phases(ctx); err != nil {
		return nil, err
	}
	report.Whole, err = s.whole()
	report.Seconds = time.Since(report.Begun).Seconds()
	return report, err
}

// checkOpenFiles refuses loops that need more connections than this process may
// have.
func (c Config) checkOpenFiles() error {
	allowed, err := openFiles()
	if err != nil {
		return err
	}
	most := c.Connections()
	if need := uint64(most) + 128; allowed < need {
		return fmt.Errorf("%w: %d transactions under way need %d open files, and this process may have %d; raise the limit with ulimit -n", ledger.ErrInvalid, most, need, allowed)
	}
	return nil
}

// A session is a network that is ready for load, with what all phases share.
type session struct {
	Config
	claims  *claims
	pledges *pledging
	random  *rand.Rand
	rate    float64 // highest rate of claims seen so far, a second
	base    diskUse // disk space of all nodes before the first phase
	final   int     // transactions of all phases so far
}

func newSession(ctx context.Context, c Config) (*session, error) {
	firms, err := registerOwners(ctx, c)
	if err != nil {
		return nil, err
	}
	numbers := newPatents(c.Seed, identifier.DateOf(time.Now().UnixMilli()))
	s := &session{Config: c, random: rand.New(rand.NewPCG(c.Seed, 1)), rate: firstRate}
	s.claims = &claims{network: c.Trust.Network, owners: firms, numbers: numbers, forged: c.Bad, random: rand.New(rand.NewPCG(c.Seed, 2))}
	s.pledges = &pledging{network: c.Trust.Network, owners: firms, numbers: numbers, bank: c.Bank, office: c.Office}
	return s, nil
}

// settling is how long the nodes are left alone before they count as idle.
const settling = 2 * time.Second

// idle measures the nodes without load.
func (s *session) idle(ctx context.Context) (Idle, error) {
	s.Say("measuring %s", "idle")
	if err := pause(ctx, settling); err != nil {
		return Idle{}, err
	}
	var before, after snapshot
	if err := before.readCPU(s.Network); err != nil {
		return Idle{}, err
	}
	if err := pause(ctx, seconds(s.Config.Idle)); err != nil {
		return Idle{}, err
	}
	if err := after.readCPU(s.Network); err != nil {
		return Idle{}, err
	}
	length := after.at.Sub(before.at)
	return Idle{Seconds: length.Seconds(), Cores: servers(before, after).Seconds() / length.Seconds()}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// phases carries out all phases of the settings, in their order, on one network:
// each finds the ledger as the one before left it.
func (s *session) phases(ctx context.Context) (all []Phase, err error) {
	if s.base, err = diskOf(s.Network); err != nil {
		return nil, err
	}
	var todo []*phase
	for _, n := range s.Closed {
		todo = append(todo, &phase{session: s, out: Phase{Workload: Claim, Loop: Closed, Outstanding: n}})
	}
	for _, n := range s.Open {
		todo = append(todo, &phase{session: s, out: Phase{Workload: Claim, Loop: Open, Rate: n}})
	}
	for _, n := range s.Config.Pledges {
		todo = append(todo, &phase{session: s, out: Phase{Workload: Pledge, Loop: Closed, Outstanding: n}})
	}
	for _, p := range todo {
		s.Say("measuring %s", p.out.Name())
		if err := p.run(ctx); err != nil {
			return nil, fmt.Errorf("no figures: %s: %w", p.out.Name(), err)
		}
		all = append(all, p.out)
	}
	return all, nil
}

// whole sums up the run and stops the nodes.
func (s *session) whole() (Whole, error) {
	w := Whole{Final: s.final}
	for _, n := range s.Network {
		_, peak, err := memoryOf(n.PID)
		if err != nil {
			return Whole{}, err
		}
		w.PeakRSS = max(w.PeakRSS, peak)
	}
	running, err := diskOf(s.Network)
	if err != nil {
		return Whole{}, err
	}
	if err := s.Stop(); err != nil {
		return Whole{}, err
	}
	stopped, err := diskOf(s.Network)
	w.Disk = running.perTransaction(s.base, s.final, len(s.Network))
	w.DiskStopped = stopped.perTransaction(s.base, s.final, len(s.Network))
	return w, err
}
