// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/p2p"
)

// metrics are what operators watch. Labels are bounded: what a client sends is
// never one.
type metrics struct {
	registry  *prometheus.Registry
	synced    prometheus.Histogram
	committed prometheus.Histogram
	outcomes  *prometheus.CounterVec
	requests  *prometheus.HistogramVec
	refused   prometheus.Counter
	alarms    *prometheus.CounterVec
	evidence  *prometheus.CounterVec
	height    prometheus.Gauge
	executed  prometheus.Gauge
	term      prometheus.Gauge
	leading   prometheus.Gauge
	changes   prometheus.Counter
	commit    prometheus.Gauge
	mempool   prometheus.Gauge
	waiting   prometheus.Gauge
	held      prometheus.Gauge
	missing   prometheus.Gauge
	cutOff    prometheus.Gauge
	stalled   prometheus.Gauge
	drops     *prometheus.CounterVec
	bad       *prometheus.CounterVec

	// The fields below are owned by the orderer, which calls observe.
	leader  consensus.Member
	led     bool
	dropped map[string]uint64
}

func newMetrics(version string) *metrics {
	r := prometheus.NewRegistry()
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "ipledger", Name: name, Help: help})
		r.MustRegister(g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "ipledger", Name: name, Help: help})
		r.MustRegister(c)
		return c
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ipledger", Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	m := &metrics{
		registry: r,
		synced: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipledger", Name: "consensus_sync_seconds", Help: "Duration of a synced write to the consensus database.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
		}),
		committed: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "ipledger", Name: "block_commit_seconds", Help: "Duration of the synced write of a FINAL block to the ledger database.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
		}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "ipledger", Name: "http_request_seconds", Help: "Duration of a request by route pattern, method and status; a submission waits for its outcome.",
			Buckets: []float64{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60},
		}, []string{"route", "method", "code"}),
		outcomes: counters("tx_total", "Transactions in FINAL blocks by result: final, rejected or void, with the code of a refusal.", "result", "code"),
		refused:  counter("mempool_refused_total", "Transactions for which the mempool had no room."),
		alarms:   counters("consensus_alarms_total", "Events of consensus that people must look at.", "kind"),
		evidence: counters("evidence_total", "Offences that this node has evidence of, those kept from before its start among them, by kind and validator.", "kind", "validator"),
		height:   gauge("block_height", "Height of the newest FINAL block."),
		executed: gauge("block_executed_height", "Height of the newest block executed here."),
		term:     gauge("raft_term", "Term of Raft."),
		leading:  gauge("raft_is_leader", "1 if this node is Raft's leader."),
		changes:  counter("raft_leader_changes_total", "How often this node saw another leader than before."),
		commit:   gauge("raft_commit_index", "Commit index of Raft."),
		mempool:  gauge("mempool_transactions", "Transactions that wait for a FINAL block."),
		waiting:  gauge("mempool_bytes", "Size of the transactions that wait for a FINAL block."),
		held:     gauge("disk_held", "1 if this node does not vote because a disk has too little room."),
		missing:  gauge("upgrade_missing", "1 if an upgrade is decided to an execution version that this program does not know: the node stops before its height."),
		cutOff:   gauge("node_cut_off_seconds", "For how long this validator has reached no quorum or known no leader; 0 while it does."),
		stalled:  gauge("block_stalled_seconds", "For how long transactions have waited here without a new FINAL block; 0 while none waits."),
		bad:      counters("flooded_bad_total", "Frames of a member that hold no transaction or one whose signatures do not verify.", "member"),
		drops:    counters("consensus_messages_dropped_total", "Messages of members that the guard let go, by reason.", "reason"),
		dropped:  make(map[string]uint64),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "ipledger", Name: "build_info", Help: "1, with the version of the program and of Go.",
	}, []string{"version", "go"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	r.MustRegister(build, m.synced, m.committed, m.requests,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// A scrape asks all parts of the node and costs more than other reads: so many
// are answered at a time, and none for longer than this.
const (
	maxScrapes    = 2
	longestScrape = 10 * time.Second
)

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes, Timeout: longestScrape})
}

// observe takes over where the core stands, once a tick.
func (m *metrics) observe(s consensus.Status, core *consensus.Core) {
	m.height.Set(float64(s.Final))
	m.executed.Set(float64(s.Executed))
	m.term.Set(float64(s.Term))
	m.commit.Set(float64(s.Commit))
	m.mempool.Set(float64(s.Mempool))
	m.waiting.Set(float64(s.MempoolBytes))
	leading := 0.0
	if s.Leading {
		leading = 1
	}
	m.leading.Set(leading)
	if s.HasLeader {
		if m.led && s.Leader != m.leader {
			m.changes.Inc()
		}
		m.leader, m.led = s.Leader, true
	}
	core.Drops(func(reason string, count uint64) {
		m.drops.WithLabelValues(reason).Add(float64(count - m.dropped[reason]))
		m.dropped[reason] = count
	})
}

// final counts the outcomes of a FINAL block, which are this program's own, and
// so are their codes. A nil m counts nothing.
func (m *metrics) final(outcomes []ledger.Outcome, took time.Duration) {
	if m == nil {
		return
	}
	m.committed.Observe(took.Seconds())
	for _, o := range outcomes {
		result, code := "final", o.Code
		switch o.Status {
		case ledger.Rejected:
			result = "rejected"
		case ledger.Void:
			result = "void"
			if code == "" && len(o.Details) > 0 {
				code = o.Details[0].Code
			}
		}
		m.outcomes.WithLabelValues(result, code).Inc()
	}
}

// floodedBad counts what a member flooded and no honest one passes on. A nil m
// counts nothing.
func (m *metrics) floodedBad(from p2p.MemberID) {
	if m != nil {
		m.bad.WithLabelValues(string(from)).Inc()
	}
}

// methods are those of HTTP that are told apart.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true,
	http.MethodPatch: true, http.MethodDelete: true, http.MethodOptions: true,
}

// request counts an answer. Its route is a pattern of this program or empty; a
// method that nobody knows is folded into one.
func (m *metrics) request(a api.Answered) {
	method, route := a.Method, a.Route
	if !methods[method] {
		method = "other"
	}
	if route == "" {
		route = "none"
	}
	code := strconv.Itoa(a.Status)
	if a.Status == api.Aborted {
		code = "aborted"
	}
	m.requests.WithLabelValues(route, method, code).Observe(a.Took.Seconds())
}
