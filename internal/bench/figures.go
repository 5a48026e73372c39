// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"slices"
	"time"
)

// fill computes the figures of the window between two snapshots. The names of
// the nodes are there already.
func (p *Phase) fill(workers []*worker, before, after snapshot) {
	window := span{before.at.Sub(workers[0].begun), after.at.Sub(workers[0].begun)}
	p.Seconds = window.length().Seconds()
	p.countEndings(workers, window)
	p.PerSecond = float64(p.Final) / p.Seconds
	p.P50, p.P99, p.Max = quantiles(p.latencies(workers, window))

	loader := after.loader - before.loader
	p.ServerCores = servers(before, after).Seconds() / p.Seconds
	p.LoaderCores = loader.Seconds() / p.Seconds
	p.OtherCores = max(0, (after.busy-before.busy).Seconds()/p.Seconds-p.ServerCores-p.LoaderCores)
	if p.Final > 0 {
		p.ServerCPU, p.LoaderCPU = ms(servers(before, after))/float64(p.Final), ms(loader)/float64(p.Final)
	}
	for i := range p.Nodes {
		p.Nodes[i].CPU = ms(after.cpu[i]-before.cpu[i]) / float64(max(1, p.Final))
		p.Nodes[i].RSS = after.rss[i]
		p.RSS = max(p.RSS, after.rss[i])
	}
	p.fillBlocks(before, after)
	p.fillUnits(workers, window, before, after)
}

// A span is from begin up to but not including end, since the run began.
type span struct{ begin, end time.Duration }

func (s span) holds(at time.Duration) bool { return at >= s.begin && at < s.end }
func (s span) length() time.Duration       { return s.end - s.begin }

// countEndings counts what was answered in the window.
func (p *Phase) countEndings(workers []*worker, window span) {
	p.Rejected, p.Refused, p.Errors = map[string]int{}, map[string]int{}, map[string]int{}
	size := 0
	for _, w := range workers {
		for _, s := range w.sent {
			if s.forged() {
				continue // all of them were refused, else there were no figures
			}
			if p.Loop == Open && window.holds(s.due) && s.done >= window.end {
				p.Behind++
			}
			if s.request == nil {
				if window.holds(s.due) {
					p.Errors[s.what]++
				}
				continue
			}
			if !window.holds(s.done) {
				continue
			}
			p.Submitted++
			switch s.end {
			case final:
				p.Final++
				size += s.request.size
			case rejected:
				p.Rejected[s.what]++
			case refused:
				p.Refused[s.what]++
			case failed:
				p.Errors[s.what]++
			}
		}
	}
	p.TransactionBytes = float64(size) / float64(max(1, p.Final))
}

// latencies gives how long transactions took: in a closed loop those answered in
// the window, in an open loop those due in it, whenever they were answered. What
// had no answer counts with the time it was waited for.
func (p *Phase) latencies(workers []*worker, window span) (all []time.Duration) {
	for _, w := range workers {
		for _, s := range w.sent {
			at := s.done
			if p.Loop == Open {
				at = s.due
			}
			if window.holds(at) && !s.forged() && (s.end == final || s.end == failed) {
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
		p.Blocks, p.PerBlock = blocks/p.Seconds, float64(p.Final)/blocks
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
