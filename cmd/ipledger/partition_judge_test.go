// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// An episode is one partition, from a second before the cut until all is healed.
type episode struct {
	leader      int   // at the time of the cut
	warnings    []int // by node: how often it had warned of being cut off before
	cut, healed time.Time
	seen        sightings
	told        func() []told // outcomes, since the episode began

	stand []int // nodes that must make nothing FINAL between the cut and the healing
	terms int   // how many new terms there may be meanwhile; 0: any number
	after func() error

	others time.Duration // from the cut until the others told a client that something new was FINAL
	works  time.Duration // from the healing until every node had
	more   string        // to be reported
}

func (e *episode) stands(nodes ...int) { e.stand = nodes }

// judge holds what was seen and told against what must not be.
func (e *episode) judge() error {
	for _, i := range e.stand {
		if err := e.stood(i); err != nil {
			return err
		}
	}
	if n := e.seen.terms(e.cut, e.healed); e.terms > 0 && n > e.terms {
		return fmt.Errorf("%d new terms between the cut and the healing, want at most %d", n, e.terms)
	}
	if e.after != nil {
		return e.after()
	}
	return nil
}

// stood is an error if a node had anything new FINAL between the cut, when what was
// under way had arrived, and the healing, or told a client so.
func (e *episode) stood(node int) error {
	from := e.cut.Add(partitionGrace)
	var height uint64
	for i, s := range e.seen.of(node, from, e.healed) {
		if i > 0 && s.height != height {
			return fmt.Errorf("node%d, which can reach no quorum, was at height %d and %.1fs after the cut at %d", node+1, height, s.at.Sub(e.cut).Seconds(), s.height)
		}
		height = s.height
	}
	if height == 0 {
		return fmt.Errorf("node%d was not seen between the cut and the healing", node+1)
	}
	for _, a := range e.told() {
		if a.node == node && a.begun.After(from) && a.ended.Before(e.healed) {
			return fmt.Errorf("node%d, which can reach no quorum, told a client %.1fs after the cut that %v is %s", node+1, a.ended.Sub(e.cut).Seconds(), a.id, a.status)
		}
	}
	return nil
}

// A sighting is what a node said of itself.
type sighting struct {
	at     time.Time
	node   int
	height uint64
	hash   ledger.Hash
	term   uint64
}

// sightings are those of one episode, in the order in which they were made.
type sightings struct {
	mu  sync.Mutex
	all []sighting
}

// of gives the sightings of a node between two times.
func (s *sightings) of(node int, from, to time.Time) (some []sighting) {
	return s.between(from, to, func(one sighting) bool { return one.node == node })
}

func (s *sightings) between(from, to time.Time, want func(sighting) bool) (some []sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		if one.at.After(from) && one.at.Before(to) && want(one) {
			some = append(some, one)
		}
	}
	return some
}

func anybody(sighting) bool { return true }

// terms gives how many new terms the nodes came to between two times.
func (s *sightings) terms(from, to time.Time) int {
	var first, last uint64
	for _, one := range s.between(from, to, anybody) {
		if first == 0 {
			first = one.term
		}
		last = max(last, one.term)
	}
	return int(last - first)
}

// stretch gives the longest time between two times in which no node showed a height
// above all before.
func (s *sightings) stretch(from, to time.Time) (longest time.Duration) {
	var top uint64
	since := from
	for _, one := range s.between(from, to, anybody) {
		if one.height > top {
			longest, since, top = max(longest, one.at.Sub(since)), one.at, one.height
		}
	}
	return max(longest, to.Sub(since))
}

// observe looks at every node ten times a second until the function that it gives is
// called.
func (p *parting) observe(s *sightings) (stop func()) {
	ctx, cancel := context.WithCancel(p.load.ctx)
	var done sync.WaitGroup
	for i := range p.Nodes {
		done.Go(func() {
			for ctx.Err() == nil {
				if now, err := p.status(ctx, i); err == nil {
					s.mu.Lock()
					s.all = append(s.all, sighting{time.Now(), i, now.Height, now.BlockHash, now.Term})
					s.mu.Unlock()
				}
				select {
				case <-time.After(100 * time.Millisecond):
				case <-ctx.Done():
				}
			}
		})
	}
	return func() {
		cancel()
		done.Wait()
	}
}

// A doctored episode is one of four nodes of which the first is cut off for a minute.
func doctoredEpisode() *episode {
	cut := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	e := &episode{cut: cut, healed: cut.Add(time.Minute), terms: 2}
	var all []told
	e.told = func() []told { return all }
	e.stands(0)
	for at := time.Duration(0); at < time.Minute; at += time.Second {
		for node := range 4 {
			s := sighting{at: cut.Add(at + time.Millisecond), node: node, height: 7, term: 3}
			if node > 0 {
				s.height, s.term = 7+uint64(at/time.Second), 4
				all = append(all, told{acknowledgement{status: "FINAL", height: s.height}, s.at, s.at, node})
			}
			e.seen.all = append(e.seen.all, s)
		}
	}
	return e
}

func TestAnEpisodeIsJudged(t *testing.T) {
	later := func(e *episode, d time.Duration) time.Time { return e.cut.Add(partitionGrace + d) }
	for name, c := range map[string]struct {
		falsify func(e *episode)
		sound   bool
	}{
		"as it should be":                   {func(*episode) {}, true},
		"a height while it is cut off":      {func(e *episode) { e.seen.all[4*30].height++ }, false},
		"a height that was still under way": {func(e *episode) { e.seen.all[0].height-- }, true},
		"an answer while it is cut off": {func(e *episode) {
			all := append(e.told(), told{acknowledgement{status: "FINAL", height: 7}, later(e, time.Second), later(e, 2*time.Second), 0})
			e.told = func() []told { return all }
		}, false},
		"an answer after the healing": {func(e *episode) {
			all := append(e.told(), told{acknowledgement{status: "FINAL", height: 90}, later(e, time.Second), e.healed.Add(time.Second), 0})
			e.told = func() []told { return all }
		}, true},
		"never seen":     {func(e *episode) { e.stands(4) }, false},
		"too many terms": {func(e *episode) { e.seen.all[4*30].term = 9 }, false},
		"what is asked afterwards is wrong": {func(e *episode) {
			e.after = func() error { return ledger.ErrConflict }
		}, false},
	} {
		e := doctoredEpisode()
		c.falsify(e)
		if err := e.judge(); (err == nil) != c.sound {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := doctoredEpisode()
	if got := e.seen.stretch(e.cut, e.healed); got > 2*time.Second {
		t.Errorf("heights that move each second stand for %v", got)
	}
	for i := range e.seen.all[4*10 : 4*40] {
		e.seen.all[4*10+i].height = 8
	}
	if got := e.seen.stretch(e.cut, e.healed); got < 29*time.Second {
		t.Errorf("heights that stand for half a minute stand for %v", got)
	}
}
