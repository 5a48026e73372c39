// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/p2p"
)

// metrics are what operators watch. Labels are bounded: reasons, kinds, members.
type metrics struct {
	registry *prometheus.Registry
	synced   prometheus.Histogram // writes to the consensus database
	stored   prometheus.Histogram // writes to the ledger database
	refused  prometheus.Counter
	alarms   *prometheus.CounterVec
	height   prometheus.Gauge
	executed prometheus.Gauge
	term     prometheus.Gauge
	leading  prometheus.Gauge
	commit   prometheus.Gauge
	mempool  prometheus.Gauge
	drops    *prometheus.GaugeVec
}

func newMetrics() *metrics {
	r := prometheus.NewRegistry()
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "ipledger", Name: name, Help: help})
		r.MustRegister(g)
		return g
	}
	m := &metrics{
		registry: r,
		synced: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipledger", Name: "consensus_sync_seconds", Help: "Duration of a synced write to the consensus database.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
		}),
		stored: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipledger", Name: "ledger_sync_seconds", Help: "Duration of a synced write to the ledger database, checks included.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "ipledger", Name: "mempool_refused_total", Help: "Transactions for which the mempool had no room.",
		}),
		alarms: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "ipledger", Name: "consensus_alarms_total", Help: "Events of consensus that people must look at.",
		}, []string{"kind"}),
		height:   gauge("block_height", "Height of the newest FINAL block."),
		executed: gauge("block_executed_height", "Height of the newest block executed here."),
		term:     gauge("raft_term", "Term of Raft."),
		leading:  gauge("raft_is_leader", "1 if this node is Raft's leader."),
		commit:   gauge("raft_commit_index", "Commit index of Raft."),
		mempool:  gauge("mempool_transactions", "Transactions that wait for a FINAL block."),
		drops: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "ipledger", Name: "consensus_messages_dropped", Help: "Messages of members that the guard let go since start.",
		}, []string{"reason"}),
	}
	r.MustRegister(m.synced, m.stored, m.refused, m.alarms, m.drops,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch shows what the ledger database and the network count themselves.
func (m *metrics) watch(s *store.Store, h *p2p.Host) {
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "ipledger", Name: name, Help: help}, read))
	}
	gauge("ledger_disk_bytes", "Size of the ledger database on disk.", func() float64 { return float64(s.Metrics().DiskBytes) })
	gauge("ledger_compaction_debt_bytes", "Bytes that the ledger database has yet to rewrite.", func() float64 { return float64(s.Metrics().CompactionDebt) })
	gauge("p2p_members_connected", "Other members that accept this node's frames.", func() float64 { return float64(len(h.Connected())) })
	gauge("p2p_frames_dropped", "Frames to other members that were dropped since start.", func() float64 {
		var n uint64
		for _, member := range h.Statistics().Members {
			for _, dropped := range member.Dropped {
				n += dropped
			}
		}
		return float64(n)
	})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) observe(s consensus.Status, core *consensus.Core) {
	m.height.Set(float64(s.Final))
	m.executed.Set(float64(s.Executed))
	m.term.Set(float64(s.Term))
	m.commit.Set(float64(s.Commit))
	m.mempool.Set(float64(s.Mempool))
	leading := 0.0
	if s.Leading {
		leading = 1
	}
	m.leading.Set(leading)
	core.Drops(func(reason string, count uint64) { m.drops.WithLabelValues(reason).Set(float64(count)) })
}
