// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// bear plays one cycle.
func (k *killing) bear(c cycle) error {
	before := k.load.acknowledged()
	k.load.every.Store(int64(killRush))
	if err := k.wait(c.calm); err != nil {
		return err
	}
	targets, led, err := k.choose(c)
	if err != nil {
		return err
	}
	if err := k.strike(c, targets); err != nil {
		return err
	}
	if err := k.whileDown(c, targets); err != nil {
		return err
	}
	k.load.every.Store(int64(killRush))
	if err := k.raise(c, targets); err != nil {
		return err
	}
	if c.again {
		if err := k.killAgain(c, targets); err != nil {
			return err
		}
	}
	if c.blow != frozen {
		k.two += count(c.two)
		k.leader += count(led && c.blow == killed)
	}
	took, err := k.recovered(k.load.ctx, targets, k.load.top())
	if err != nil {
		return err
	}
	k.recoveries = append(k.recoveries, took)
	return until(k.load.ctx, killPatience, func(context.Context) (bool, error) {
		if n := k.load.acknowledged() - before; n < killEach {
			return false, fmt.Errorf("%d transactions acknowledged, want %d", n, killEach)
		}
		return true, nil
	})
}

// choose picks the nodes of a cycle and tells whether the leader is among them.
func (k *killing) choose(c cycle) (targets []int, led bool, err error) {
	leader, err := k.victims.leader(k.load.ctx)
	if err != nil {
		return nil, false, err
	}
	others := slices.DeleteFunc(slices.Clone(c.choice), func(i int) bool { return i == leader })
	if c.leader {
		others = append([]int{leader}, others...)
	}
	return others[:1+count(c.two)], c.leader, nil
}

// strike brings the nodes down, one after the other.
func (k *killing) strike(c cycle, targets []int) error {
	for i, target := range targets {
		if i > 0 {
			if err := k.wait(c.apart); err != nil {
				return err
			}
		}
		if c.blow == killed {
			k.kill(target)
			continue
		}
		if err := k.freeze(target); err != nil {
			return err
		}
	}
	return nil
}

// whileDown waits with the nodes down. With one of them the others must go on;
// with two they cannot, and no client may be told otherwise.
func (k *killing) whileDown(c cycle, targets []int) error {
	struck := time.Now()
	k.load.every.Store(int64(killPace))
	before := k.load.acknowledged()
	if err := k.wait(c.down); err != nil {
		return err
	}
	begunSince := func() (n int) {
		for _, a := range k.load.since(before) {
			n += count(a.begun.After(struck))
		}
		return n
	}
	if c.two {
		if n := begunSince(); n > 0 {
			return fmt.Errorf("%d transactions that were sent while %d of %d nodes were down are acknowledged, without a quorum", n, len(targets), killNodes)
		}
		return nil
	}
	return until(k.load.ctx, killPatience, func(context.Context) (bool, error) {
		if err := k.upright(targets...); err != nil {
			return true, err
		}
		n := begunSince()
		if n >= killProgress {
			k.withOneDown += n
			return true, nil
		}
		return false, fmt.Errorf("%s is down, and of what was sent since then the others made %d FINAL, want %d", k.Nodes[targets[0]].Name, n, killProgress)
	})
}

// raise lets the nodes go on.
func (k *killing) raise(c cycle, targets []int) error {
	for _, target := range targets {
		switch c.blow {
		case frozen:
			if err := k.thaw(target); err != nil {
				return err
			}
			continue
		case frozenKilled:
			k.kill(target)
		}
		if err := k.start(target); err != nil {
			return err
		}
	}
	return nil
}

// killAgain kills nodes that have just been started, while they recover. Where
// the machine was too busy to do so soon it tries once more.
func (k *killing) killAgain(c cycle, targets []int) error {
	for range 5 {
		if err := k.wait(c.recover); err != nil {
			return err
		}
		soon := true
		for _, target := range targets {
			soon = k.kill(target) && soon
		}
		for _, target := range targets {
			if err := k.start(target); err != nil {
				return err
			}
		}
		if soon {
			k.soon++
			return nil
		}
	}
	return fmt.Errorf("no kill within %v of the restart in five attempts", killSoon)
}

// wait lets time pass, unless the load fails.
func (k *killing) wait(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-k.load.ctx.Done():
		return k.load.failed()
	}
}
