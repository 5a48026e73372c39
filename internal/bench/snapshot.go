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
	height uint64
	syncs  []syncCount // by node
}

// A syncCount counts a node's synced writes by database.
type syncCount struct{ consensus, ledger float64 }

// Names of the nodes' metrics.
const (
	metricHeight         = "ipledger_block_height"
	metricConsensusSyncs = "ipledger_consensus_sync_seconds_count"
	metricLedgerSyncs    = "ipledger_ledger_sync_seconds_count"
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
	s.loader, err = ownCPU()
	return err
}

// readMetrics fills in what the nodes count themselves. It costs them some CPU
// time, so it is read outside of what readCPU measures.
func (s *snapshot) readMetrics(ctx context.Context, nodes []Node) error {
	for _, n := range nodes {
		m, err := metricsOf(ctx, n)
		if err != nil {
			return err
		}
		s.height = max(s.height, uint64(m[metricHeight]))
		s.syncs = append(s.syncs, syncCount{m[metricConsensusSyncs], m[metricLedgerSyncs]})
	}
	return nil
}

// metricsOf reads the metrics of a node that have no labels.
func metricsOf(ctx context.Context, n Node) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.URL+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", n.Name, err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", n.Name, err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("metrics of %s: HTTP status %d", n.Name, a.StatusCode)
	}
	values := make(map[string]float64)
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
	for _, name := range []string{metricHeight, metricConsensusSyncs, metricLedgerSyncs} {
		if _, ok := values[name]; !ok {
			return nil, fmt.Errorf("metrics of %s: it does not count %s", n.Name, name)
		}
	}
	return values, nil
}
