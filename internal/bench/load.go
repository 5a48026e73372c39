// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/node/api"
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
	units []sample // of more than one transaction
}

// A sample is how one transaction, or one unit, ended. Times are since the run
// began.
type sample struct {
	due     time.Duration // when it should have been sent; in a closed loop, when it was
	done    time.Duration
	end     ending
	node    int
	height  uint64   // of its block, if it is FINAL or rejected
	what    string   // code of a rejection or refusal, kind of an error
	request *request // nil for a unit, and for what was never sent
}

// An ending is what became of a transaction as its submitter saw it.
type ending uint8

const (
	final    ending = iota // and nothing less: the node said FINAL
	rejected               // FINAL too, with the outcome that a rule was broken
	refused                // HTTP 4xx, and no state
	failed                 // no FINAL answer: time-out, 429, 503, connection lost
)

func (s sample) forged() bool { return s.request != nil && s.request.forged }

// answer says in words how a transaction ended.
func (s sample) answer() string {
	name := [...]string{final: "FINAL", rejected: "REJECTED", refused: "refused", failed: "no answer"}[s.end]
	if s.what != "" {
		name += " (" + s.what + ")"
	}
	return name
}

// submit sends a transaction, waits for its end and notes it.
func (w *worker) submit(r *request, due time.Time) (answer, ending) {
	c := w.conns[w.turn%len(w.conns)]
	w.turn++
	a, err := c.send(r)
	s := sample{due: due.Sub(w.begun), done: time.Since(w.begun), node: c.node, height: a.height, request: r}
	s.end, s.what = endingOf(a, err)
	w.sent = append(w.sent, s)
	return a, s.end
}

func (w *worker) close() {
	for _, c := range w.conns {
		c.close()
	}
}

func endingOf(a answer, err error) (ending, string) {
	switch {
	case err != nil:
		return failed, kindOf(err)
	case a.status == api.Final:
		return final, ""
	case a.status == api.Rejected:
		return rejected, a.code
	case a.http == http.StatusTooManyRequests || a.http >= 500:
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
	patience time.Duration // open loop: how long after the window what was due in it may still be sent
}

// A run is a plan being carried out.
type run struct {
	plan
	ctx   context.Context
	work  workload
	begun time.Time
	dry   chan struct{} // closed when no unit is left
	once  sync.Once
	end   atomic.Int64  // when the window ended, since begun; 0: it has not
	next  time.Duration // open loop: when the first unit was due that no worker got
}

// loop carries out the plan on the nodes' addresses. begin and end are called
// when the window begins and ends, while the load goes on; the window ends early
// when the units run out. loop returns when all that was sent has ended.
func (p plan) loop(ctx context.Context, work workload, addresses []string, begin, end func()) []*worker {
	r := &run{plan: p, ctx: ctx, work: work, begun: time.Now(), dry: make(chan struct{})}
	workers := make([]*worker, p.workers)
	for i := range workers {
		workers[i] = &worker{begun: r.begun, conns: connsOf(ctx, i, p.workers, addresses)}
	}
	done := make(chan struct{})
	go func() {
		if p.interval == 0 {
			r.closedLoop(workers)
		} else {
			r.openLoop(workers)
		}
		close(done)
	}()
	r.sleep(p.lead)
	begin()
	r.sleep(p.window)
	end()
	r.end.Store(int64(time.Since(r.begun)))
	<-done
	if p.interval > 0 && ctx.Err() == nil {
		r.noteUnsent(workers[0])
	}
	return workers
}

// connsOf gives the i-th of n workers its connections: one, or one to every node
// if there are fewer workers than nodes.
func connsOf(ctx context.Context, i, n int, addresses []string) []*conn {
	if n >= len(addresses) {
		node := i % len(addresses)
		return []*conn{{ctx: ctx, node: node, address: addresses[node]}}
	}
	var all []*conn
	for node, address := range addresses {
		all = append(all, &conn{ctx: ctx, node: node, address: address})
	}
	return all
}

// sleep waits, or until there is nothing to wait for.
func (r *run) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.dry:
	case <-r.ctx.Done():
	}
}

// do performs a unit, and tells the run when none is left.
func (r *run) do(w *worker, due time.Time) bool {
	if r.work.do(w, due) {
		return true
	}
	r.once.Do(func() { close(r.dry) })
	return false
}

// inTime tells whether what is due at a time since the beginning is still to be
// sent.
func (r *run) inTime(at time.Duration) bool {
	end := r.end.Load()
	return end == 0 || int64(at) < end
}

// closedLoop keeps every worker busy until the window ends.
func (r *run) closedLoop(workers []*worker) {
	var done sync.WaitGroup
	for _, w := range workers {
		done.Go(func() {
			defer w.close()
			for r.ctx.Err() == nil && r.inTime(time.Since(r.begun)) && r.do(w, time.Now()) {
			}
		})
	}
	done.Wait()
}

// openLoop hands each unit to a worker when it is due. The due times are fixed
// before any unit is sent. When all workers wait for answers a unit is sent late,
// by the nodes' fault, and its time runs from when it was due all the same.
func (r *run) openLoop(workers []*worker) {
	jobs := make([]chan time.Time, len(workers))
	var done sync.WaitGroup
	idle := newIdle(len(workers))
	for i, w := range workers {
		jobs[i] = make(chan time.Time, 1)
		done.Go(func() {
			defer w.close()
			for due := range jobs[i] {
				if !r.do(w, due) {
					w.unsent(due.Sub(r.begun))
				}
				idle.put(i)
			}
		})
	}
	at := time.Duration(0)
	giveUp := time.NewTimer(r.lead + r.window + r.patience)
	defer giveUp.Stop()
send:
	for ; r.inTime(at); at += r.interval {
		if ahead := time.Until(r.begun.Add(at)); ahead > 0 {
			r.sleep(ahead)
		}
		select {
		case <-idle.some:
			jobs[idle.take()] <- r.begun.Add(at)
		case <-giveUp.C:
			break send
		case <-r.dry:
			break send
		case <-r.ctx.Done():
			break send
		}
	}
	for _, j := range jobs {
		close(j)
	}
	done.Wait()
	r.next = at
}

// noteUnsent notes what was due and never sent: the worst there is, not nothing.
// It is called when the window has ended, which may be after the loop gave up.
func (r *run) noteUnsent(w *worker) {
	for at := r.next; at < time.Duration(r.end.Load()); at += r.interval {
		w.unsent(at)
	}
}

// unsent notes what was due at a time since the run began and not sent.
func (w *worker) unsent(due time.Duration) {
	w.sent = append(w.sent, sample{due: due, done: time.Since(w.begun), end: failed, what: "not sent in time"})
}

// dueIn is how many units of an open loop are due in a span.
func (p plan) dueIn(s span) int {
	before := func(at time.Duration) int { return int((at + p.interval - 1) / p.interval) }
	return before(s.end) - before(s.begin)
}

// idle are the workers that have nothing to do. The one that was busy last is
// taken first, so that no more connections are opened than are needed.
type idle struct {
	some chan struct{} // one for each
	mu   sync.Mutex
	who  []int
}

func newIdle(n int) *idle {
	f := &idle{some: make(chan struct{}, n)}
	for i := range n {
		f.put(n - 1 - i)
	}
	return f
}

func (f *idle) put(i int) {
	f.mu.Lock()
	f.who = append(f.who, i)
	f.mu.Unlock()
	f.some <- struct{}{}
}

// take gives an idle worker to who received from some.
func (f *idle) take() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.who[len(f.who)-1]
	f.who = f.who[:len(f.who)-1]
	return i
}
