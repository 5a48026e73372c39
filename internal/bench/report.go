// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// A Report is what one run of the benchmark found.
type Report struct {
	Phases []Phase `json:"phases"`
}

// A Phase is one load and what was measured under it.
type Phase struct {
	Workload    string  `json:"workload"`
	Loop        string  `json:"loop"`                  // closed or open
	Outstanding int     `json:"outstanding,omitempty"` // closed: units under way
	Rate        int     `json:"rate,omitempty"`        // open: units a second
	Seconds     float64 `json:"seconds"`               // length of the window

	Submitted int            `json:"submitted"` // answered in the window
	Final     int            `json:"final"`
	Rejected  map[string]int `json:"rejected"`
	Refused   map[string]int `json:"refused"`
	Errors    map[string]int `json:"errors"`

	PerSecond   float64 `json:"tx_per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`
	ServerCPU   float64 `json:"server_cpu_ms_per_tx"`
	LoaderCPU   float64 `json:"loader_cpu_ms_per_tx"`
	ServerCores float64 `json:"server_cores"`
	LoaderCores float64 `json:"loader_cores"`

	BlocksPerSecond   float64 `json:"blocks_per_second"`
	TxPerBlock        float64 `json:"tx_per_block"`
	ConsensusPerBlock float64 `json:"consensus_syncs_per_block_node"`
	LedgerPerBlock    float64 `json:"ledger_syncs_per_block_node"`
}

// name tells phases apart, also in file names.
func (p Phase) name() string {
	if p.Loop == "open" {
		return fmt.Sprintf("%s-open-%d", p.Workload, p.Rate)
	}
	return fmt.Sprintf("%s-closed-%d", p.Workload, p.Outstanding)
}

// fill computes the figures of the window between two snapshots.
func (p *Phase) fill(workers []*worker, before, after snapshot) {
	p.Rejected, p.Refused, p.Errors = map[string]int{}, map[string]int{}, map[string]int{}
	begin, end := before.at.Sub(workers[0].begun), after.at.Sub(workers[0].begun)
	var latencies []time.Duration
	for _, w := range workers {
		for _, s := range w.sent {
			if s.done >= begin && s.done < end {
				p.count(s)
			}
			// An open loop counts what was due in the window, whenever it ended.
			at := s.done
			if p.Loop == "open" {
				at = s.due
			}
			if s.end == final && at >= begin && at < end {
				latencies = append(latencies, s.done-s.due)
			}
		}
	}
	window := after.at.Sub(before.at)
	p.Seconds = window.Seconds()
	p.PerSecond = float64(p.Final) / p.Seconds
	slices.Sort(latencies)
	p.P50, p.P99, p.Max = ms(percentile(latencies, 50)), ms(percentile(latencies, 99)), ms(percentile(latencies, 100))

	var servers time.Duration
	for i := range after.cpu {
		servers += after.cpu[i] - before.cpu[i]
	}
	loader := after.loader - before.loader
	p.ServerCores, p.LoaderCores = servers.Seconds()/p.Seconds, loader.Seconds()/p.Seconds
	if p.Final > 0 {
		p.ServerCPU, p.LoaderCPU = ms(servers)/float64(p.Final), ms(loader)/float64(p.Final)
	}
	if blocks := float64(after.height - before.height); blocks > 0 {
		p.BlocksPerSecond = blocks / p.Seconds
		p.TxPerBlock = float64(p.Final) / blocks
		for i := range after.syncs {
			p.ConsensusPerBlock += (after.syncs[i].consensus - before.syncs[i].consensus) / blocks / float64(len(after.syncs))
			p.LedgerPerBlock += (after.syncs[i].ledger - before.syncs[i].ledger) / blocks / float64(len(after.syncs))
		}
	}
}

func (p *Phase) count(s sample) {
	p.Submitted++
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

// percentile gives the smallest value that at least p of 100 sorted values do
// not exceed; 0 if there are none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Rows shows the phases as a table.
func (r *Report) Rows() (head []string, rows [][]string) {
	head = []string{"PHASE", "TX/S", "P50 MS", "P99 MS", "CPU-MS/TX SERVERS", "LOADER", "BLOCKS/S", "TX/BLOCK", "SYNCS/BLOCK CONSENSUS", "LEDGER", "FINAL", "REJECTED", "REFUSED", "ERRORS"}
	for _, p := range r.Phases {
		rows = append(rows, []string{
			p.name(), figure(p.PerSecond), figure(p.P50), figure(p.P99), figure(p.ServerCPU), figure(p.LoaderCPU),
			figure(p.BlocksPerSecond), figure(p.TxPerBlock), figure(p.ConsensusPerBlock), figure(p.LedgerPerBlock),
			strconv.Itoa(p.Final), counts(p.Rejected), counts(p.Refused), counts(p.Errors),
		})
	}
	return head, rows
}

// figure shows three digits, or all before the point.
func figure(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

func counts(of map[string]int) string {
	if len(of) == 0 {
		return "0"
	}
	text := ""
	for i, name := range slices.Sorted(maps.Keys(of)) {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", of[name], name)
	}
	return text
}
