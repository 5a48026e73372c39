// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"slices"
	"time"
)

// fill computes the figures of the window between two snapshots. The names of
// the nodes are there already.
func (p *Phase) fill(workers []*worker, before, after snapshot) {
	window := windowOf(workers, before, after)
	p.Seconds = window.length().Seconds()
	p.countEndings(workers, window)
	p.P50, p.P99, p.Max = quantiles(p.latencies(workers, window))

	loader := after.loader - before.loader
	p.ServerCores = servers(before, after).Seconds() / p.Seconds
	p.LoaderCores = loader.Seconds() / p.Seconds
	p.OtherCores = max(0, (after.busy-before.busy).Seconds()/p.Seconds-p.ServerCores-p.LoaderCores)
	p.PerSecond = Figure(float64(p.FinalInWindow) / p.Seconds)
	p.ServerCPU, p.LoaderCPU = p.each(servers(before, after)), p.each(loader)
	for i := range p.Nodes {
		p.Nodes[i].CPU = p.each(after.cpu[i] - before.cpu[i])
		p.Nodes[i].RSS = after.rss[i]
		p.RSS = max(p.RSS, after.rss[i])
	}
	if p.Overloaded {
		p.PerSecond = untold()
	}
	p.fillBlocks(before, after)
	p.fillUnits(workers, window, before, after)
}

// each divides a time of the window among its FINAL transactions. Under a load
// that the network does not hold it cannot be told: nodes work on transactions
// that become FINAL later, or never.
func (p *Phase) each(spent time.Duration) Figure {
	if p.Overloaded || p.FinalInWindow == 0 {
		return untold()
	}
	return Figure(ms(spent) / float64(p.FinalInWindow))
}

// windowOf is the span between two snapshots of the run of these workers.
func windowOf(workers []*worker, before, after snapshot) span {
	return span{before.at.Sub(workers[0].begun), after.at.Sub(workers[0].begun)}
}

// A span is from begin up to but not including end, since the run began.
type span struct{ begin, end time.Duration }

func (s span) holds(at time.Duration) bool { return at >= s.begin && at < s.end }
func (s span) length() time.Duration       { return s.end - s.begin }

// countEndings counts how those ended that were due in the window, and which
// became FINAL in it.
func (p *Phase) countEndings(workers []*worker, window span) {
	p.Rejected, p.Refused, p.Errors = map[string]int{}, map[string]int{}, map[string]int{}
	size, growth := 0, 0
	for _, w := range workers {
		for _, s := range w.sent {
			if s.forged() {
				continue // all of them were refused, else there were no figures
			}
			if s.end == final && window.holds(s.done) {
				p.FinalInWindow++
				size += s.request.size
			}
			if s.due < window.begin && s.done >= window.begin {
				growth--
			}
			if window.holds(s.due) {
				p.countDue(s, window)
			}
			if s.due < window.end && s.done >= window.end {
				growth++
			}
		}
	}
	p.TransactionBytes = float64(size) / float64(max(1, p.FinalInWindow))
	p.Overloaded = p.Loop == Open && p.overloaded(growth)
}

// countDue counts one that was due in the window.
func (p *Phase) countDue(s sample, window span) {
	p.Submitted++
	if s.done >= window.end {
		p.Behind++
	}
	switch s.end {
	case final:
		p.Final++
	case rejected:
		p.Rejected[s.what]++
	case refused:
		p.Refused[s.what]++
	case failed:
		p.Errors[s.what]++
	}
}

// overloaded tells whether the network does not hold the rate of an open loop: by
// so much more transactions wait at the end of the window than at its beginning,
// or get no answer. A quarter of a second's worth is chance.
func (p *Phase) overloaded(growth int) bool {
	lost := float64(max(0, growth) + sum(p.Errors))
	return lost > max(0.05*float64(p.Submitted), 0.25*float64(p.Submitted)/p.Seconds)
}

// addUp is an error unless everything that was due in the window is counted, and
// counted once.
func (p *Phase) addUp(plan plan, workers []*worker, window span) error {
	if counted := p.Final + sum(p.Rejected) + sum(p.Refused) + sum(p.Errors); counted != p.Submitted {
		return fmt.Errorf("%d transactions were due in the window, and %d ended", p.Submitted, counted)
	}
	sent, noted, due := 0, 0, 0
	for _, w := range workers {
		sent += w.turn
		for _, s := range w.sent {
			if s.request != nil {
				noted++
			}
			if window.holds(s.due) {
				due++
			}
		}
	}
	if sent != noted {
		return fmt.Errorf("%d transactions were sent, and the ends of %d noted", sent, noted)
	}
	if plan.interval > 0 && due != plan.dueIn(window) {
		return fmt.Errorf("%d transactions were due in the window, and %d are accounted for", plan.dueIn(window), due)
	}
	return nil
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

// latencies gives how long those took that were due in the window, whenever they
// were answered. What had no answer counts with the time it was waited for.
func (p *Phase) latencies(workers []*worker, window span) (all []time.Duration) {
	for _, w := range workers {
		for _, s := range w.sent {
			if window.holds(s.due) && !s.forged() && (s.end == final || s.end == failed) {
				all = append(all, s.done-s.due)
			}
		}
	}
	return all
}

func (p *Phase) fillBlocks(before, after snapshot) {
	var consensus, ledger syncs
	for i := range after.syncs {
		consensus = consensus.plus(after.syncs[i].consensus, before.syncs[i].consensus)
		ledger = ledger.plus(after.syncs[i].ledger, before.syncs[i].ledger)
	}
	p.ConsensusSyncMs, p.LedgerSyncMs = consensus.meanMs(), ledger.meanMs()
	if blocks := float64(after.height - before.height); blocks > 0 {
		p.Blocks, p.PerBlock = blocks/p.Seconds, float64(p.FinalInWindow)/blocks
		p.ConsensusSyncs = consensus.count / blocks / float64(len(after.syncs))
		p.LedgerSyncs = ledger.count / blocks / float64(len(after.syncs))
	}
}

func (p *Phase) fillUnits(workers []*worker, window span, before, after snapshot) {
	if p.Workload != Pledge {
		return
	}
	p.Units = new(Units)
	var took []time.Duration
	for _, w := range workers {
		for _, u := range w.units {
			switch {
			case !window.holds(u.done):
			case u.end == final:
				p.Units.Final++
				took = append(took, u.done-u.due)
			default:
				p.Units.Failed++
			}
		}
	}
	p.Units.PerSecond = float64(p.Units.Final) / p.Seconds
	p.Units.P50, p.Units.P99, _ = quantiles(took)
	if p.Units.Final > 0 {
		p.Units.ServerCPU = ms(servers(before, after)) / float64(p.Units.Final)
		p.Units.LoaderCPU = ms(after.loader-before.loader) / float64(p.Units.Final)
	}
}

func quantiles(times []time.Duration) (p50, p99, highest float64) {
	slices.Sort(times)
	return ms(percentile(times, 50)), ms(percentile(times, 99)), ms(percentile(times, 100))
}

// percentile gives the smallest value that at least p of 100 sorted values do
// not exceed; 0 if there are none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
