// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// A stream is an open loop of claims: at its fixed moments, whatever becomes of
// those before, one more is sent, by a client of its own who does not rest until it
// is told the outcome. They are signed ahead. Where the machine has no time for the
// test itself, moments are left out and counted: to send them all at once later
// would be another load, and to measure from when they were due, to blame the nodes.
type stream struct {
	load    *load
	rate    int                                  // claims a second
	choose  func(r *rand.Rand, n int) func() int // of the n-th client: the nodes that it asks
	stopped chan struct{}
	done    sync.WaitGroup

	begun   time.Time
	sent    atomic.Int64
	left    atomic.Int64 // moments left out
	waiting atomic.Int64 // clients
}

// late is by how much a moment may be missed before those up to now are left out.
const late = 200 * time.Millisecond

// ahead is how many claims are signed and not yet due.
const ahead = 1000

// streamOf begins a stream.
func (l *load) streamOf(rate int, seed uint64, choose func(r *rand.Rand, n int) func() int) *stream {
	s := &stream{load: l, rate: rate, choose: choose, begun: time.Now(), stopped: make(chan struct{})}
	signed := make(chan signedClaim, ahead)
	s.done.Go(func() { s.sign(signed) })
	s.done.Go(func() { s.send(signed, seed) })
	return s
}

type signedClaim struct {
	tx *ledger.Transaction
	by string // "BA.maker"
}

// sign makes claims until the stream ends.
func (s *stream) sign(signed chan<- signedClaim) {
	for n := 0; ; n++ {
		code := []string{"BA", "BB", "RX"}[n%3]
		tx, err := s.load.sign(s.load.claim(code, s.load.nextPatent()))
		if err != nil {
			s.load.cancel(fmt.Errorf("sign a claim: %w", err))
			return
		}
		select {
		case signed <- signedClaim{tx, code + ".maker"}:
		case <-s.stopped:
			return
		case <-s.load.ctx.Done():
			return
		}
	}
}

// send sends each claim when it is due.
func (s *stream) send(signed <-chan signedClaim, seed uint64) {
	every := time.Second / time.Duration(s.rate)
	due := s.begun
	for n := 0; ; n++ {
		due = due.Add(every)
		if behind := time.Since(due); behind > late {
			missed := behind / every
			s.left.Add(int64(missed))
			due = due.Add(missed * every)
		}
		select {
		case <-time.After(time.Until(due)):
		case <-s.stopped:
			return
		case <-s.load.ctx.Done():
			return
		}
		var c signedClaim
		select {
		case c = <-signed:
		case <-s.stopped: // who signs has stopped, too
			return
		case <-s.load.ctx.Done():
			return
		}
		s.sent.Add(1)
		s.waiting.Add(1)
		s.done.Go(func() {
			defer s.waiting.Add(-1)
			r := rand.New(rand.NewPCG(seed, uint64(n)))
			a, answer, err := s.load.acknowledge(r, c.tx, s.load.people[c.by], s.choose(r, n))
			switch {
			case s.load.ctx.Err() != nil: // the load has ended, and why is known
			case err != nil:
				s.load.cancel(fmt.Errorf("claim: %w", err))
			case answer.Code != "":
				s.load.cancel(fmt.Errorf("claim %v: %s %s", a.id, a.status, a.code))
			}
		})
	}
}

// offered gives how many claims a second were sent, until now.
func (s *stream) offered() float64 { return float64(s.sent.Load()) / time.Since(s.begun).Seconds() }

// end sends nothing more, and waits until every client is told its outcome.
func (s *stream) end() error {
	close(s.stopped)
	s.done.Wait()
	return s.load.failed()
}
