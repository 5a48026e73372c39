// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A snapshot is what the counters of the nodes and the loader show at one time.
type snapshot struct {
	at     time.Time
	cpu    []time.Duration // by node
	loader time.Duration
	busy   time.Duration // the whole machine
	height uint64        // of the highest node
	reach  []uint64      // height by node
	rss    []int64       // by node, in bytes
	syncs  []syncCount   // by node
}

// A syncCount counts a node's synced writes by database.
type syncCount struct{ consensus, ledger syncs }

// syncs counts synced writes, and the seconds they took.
type syncs struct{ count, seconds float64 }

// plus adds what came between two counts.
func (s syncs) plus(after, before syncs) syncs {
	return syncs{s.count + after.count - before.count, s.seconds + after.seconds - before.seconds}
}

func (s syncs) meanMs() float64 {
	if s.count == 0 {
		return 0
	}
	return s.seconds / s.count * 1000
}

// Names of the nodes' metrics; a histogram has a sum and a count.
const (
	metricHeight         = "ipledger_block_height"
	metricConsensusSyncs = "ipledger_consensus_sync_seconds"
	metricLedgerSyncs    = "ipledger_block_commit_seconds"
)

// readCPU fills in the time and the CPU times.
func (s *snapshot) readCPU(nodes []Node) error {
	s.at = time.Now()
	for _, n := range nodes {
		spent, err := cpuOf(n.PID)
		if err != nil {
			return err
		}
		s.cpu = append(s.cpu, spent)
	}
	var err error
	if s.loader, err = ownCPU(); err != nil {
		return err
	}
	s.busy, err = busy()
	return err
}

// servers is the CPU time of all nodes between two snapshots.
func servers(before, after snapshot) time.Duration {
	var sum time.Duration
	for i := range after.cpu {
		sum += after.cpu[i] - before.cpu[i]
	}
	return sum
}

// readMetrics fills in what the nodes count themselves. It costs them some CPU
// time, so it is read outside of what readCPU measures.
func (s *snapshot) readMetrics(ctx context.Context, nodes []Node) error {
	// At the same time, so that their heights can be held against each other.
	jobs := make([]func() (metrics, error), len(nodes))
	for i, n := range nodes {
		jobs[i] = func() (metrics, error) { return metricsOf(ctx, n) }
	}
	all, err := allAtOnce(jobs)
	if err != nil {
		return err
	}
	for i, n := range nodes {
		m := all[i]
		rss, _, err := memoryOf(n.PID)
		if err != nil {
			return err
		}
		s.reach = append(s.reach, uint64(m[metricHeight]))
		s.height = max(s.height, uint64(m[metricHeight]))
		s.rss = append(s.rss, rss)
		s.syncs = append(s.syncs, syncCount{m.syncs(metricConsensusSyncs), m.syncs(metricLedgerSyncs)})
	}
	return nil
}

// metrics are the values of a node's metrics by name.
type metrics map[string]float64

func (m metrics) syncs(name string) syncs { return syncs{m[name+"_count"], m[name+"_sum"]} }

// metricsOf reads the metrics of a node that have no labels.
func metricsOf(ctx context.Context, n Node) (metrics, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.URL+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", n.Name, err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%s did not take part: metrics: %w", n.Name, err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("metrics of %s: HTTP status %d", n.Name, a.StatusCode)
	}
	values := make(metrics)
	lines := bufio.NewScanner(a.Body)
	for lines.Scan() {
		name, text, ok := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); ok && err == nil {
			values[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", n.Name, err)
	}
	for _, name := range []string{metricHeight, metricConsensusSyncs + "_count", metricLedgerSyncs + "_count"} {
		if _, ok := values[name]; !ok {
			return nil, fmt.Errorf("metrics of %s: it does not count %s", n.Name, name)
		}
	}
	return values, nil
}
