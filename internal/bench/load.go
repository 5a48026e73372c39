// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A workload gives units of work: transactions that belong together. Its do is
// called by many workers.
type workload interface {
	// do performs one unit through w. It is false if no unit is left.
	do(w *worker, due time.Time) bool
}

// A worker sends one transaction at a time and notes how each ended. It has one
// owner, the goroutine that runs it.
type worker struct {
	begun time.Time // of the run
	conns []*conn   // used in turn
	turn  int

	sent  []sample // transactions
	units []sample
}

// A sample is how one transaction, or one unit, ended. Times are since the run
// began.
type sample struct {
	due  time.Duration // when it should have been sent; in a closed loop, when it was
	done time.Duration
	end  ending
	node int
	what string   // code of a rejection or refusal, kind of an error
	by   *request // nil for a unit
}

// An ending is what became of a transaction as its submitter saw it.
type ending uint8

const (
	final    ending = iota // and nothing less: the node said FINAL
	rejected               // FINAL too, with the outcome that a rule was broken
	refused                // HTTP 4xx, and no state
	failed                 // no FINAL answer: time-out, 429, 503, connection lost
)

// submit sends a transaction, waits for its end and notes it.
func (w *worker) submit(r *request, due time.Time) (answer, ending) {
	c := w.conns[w.turn%len(w.conns)]
	w.turn++
	a, err := c.send(r)
	s := sample{due: due.Sub(w.begun), done: time.Since(w.begun), node: c.node, by: r}
	s.end, s.what = judge(a, err)
	w.sent = append(w.sent, s)
	return a, s.end
}

func judge(a answer, err error) (ending, string) {
	switch {
	case err != nil:
		return failed, kindOf(err)
	case a.status == "FINAL":
		return final, ""
	case a.status == "REJECTED":
		return rejected, a.code
	case a.http == 429 || a.http >= 500:
		return failed, a.code
	case a.http >= 400:
		return refused, a.code
	}
	return failed, string(a.status) // RECEIVED or ORDERED when the wait was over
}

// A plan is how a run sends its units.
type plan struct {
	workers  int           // how many units can be under way
	interval time.Duration // open loop: between the due times of units; 0: closed loop
	lead     time.Duration // load before the window
	window   time.Duration // what is measured
}

// A run is a plan being carried out.
type run struct {
	plan
	work  workload
	begun time.Time
	slot  atomic.Int64  // open loop: the next unit's
	over  chan struct{} // closed when no unit shall begin any more
	dry   chan struct{} // closed when no unit is left
	once  sync.Once
}

// loop carries out the plan on the nodes' addresses. begin and end are called
// when the window begins and ends, while the load goes on; the window ends early
// when the units run out. loop returns when all that was sent has ended.
func (p plan) loop(ctx context.Context, work workload, addresses []string, begin, end func()) []*worker {
	r := &run{plan: p, work: work, begun: time.Now(), over: make(chan struct{}), dry: make(chan struct{})}
	workers := make([]*worker, p.workers)
	var done sync.WaitGroup
	for i := range workers {
		workers[i] = &worker{begun: r.begun, conns: connsOf(i, p.workers, addresses)}
		done.Go(func() { r.serve(workers[i]) })
	}
	r.sleep(ctx, p.lead)
	begin()
	r.sleep(ctx, p.lead+p.window)
	end()
	close(r.over)
	done.Wait()
	return workers
}

// connsOf gives the i-th of n workers its connections: one, or one to every node
// if there are fewer workers than nodes.
func connsOf(i, n int, addresses []string) []*conn {
	if n >= len(addresses) {
		node := i % len(addresses)
		return []*conn{{node: node, address: addresses[node]}}
	}
	var all []*conn
	for node, address := range addresses {
		all = append(all, &conn{node: node, address: address})
	}
	return all
}

// sleep waits until a time of the run, or until there is nothing to wait for.
func (r *run) sleep(ctx context.Context, until time.Duration) {
	timer := time.NewTimer(time.Until(r.begun.Add(until)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.dry:
	case <-ctx.Done():
	}
}

func (r *run) serve(w *worker) {
	defer func() {
		for _, c := range w.conns {
			c.close()
		}
	}()
	for {
		due, ok := r.due()
		if !ok {
			return
		}
		if !r.work.do(w, due) {
			r.once.Do(func() { close(r.dry) })
			return
		}
	}
}

// due waits until the next unit is due. It is false when no more shall begin.
// In an open loop the due time is fixed before any unit was sent: who is late,
// since all workers wait for answers, is late by the nodes' fault, and that
// counts.
func (r *run) due() (time.Time, bool) {
	select {
	case <-r.over:
		return time.Time{}, false
	default:
	}
	if r.interval == 0 {
		return time.Now(), true
	}
	at := time.Duration(r.slot.Add(1)-1) * r.interval
	if at >= r.lead+r.window {
		return time.Time{}, false
	}
	if ahead := time.Until(r.begun.Add(at)); ahead > 0 {
		time.Sleep(ahead)
	}
	return r.begun.Add(at), true
}
