// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/p2p"
)

// A collector reads, at each scrape, what databases, network, HTTP server and
// machine count themselves.
type collector struct{ node *Node }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("ipledger_"+name, help, labels, nil)
}

var (
	pebbleDisk        = describe("pebble_disk_bytes", "Size of a database on disk.", "database")
	pebbleDebt        = describe("pebble_compaction_debt_bytes", "Bytes that a database has yet to rewrite; growing without end means that the disk is too slow.", "database")
	pebbleMemTable    = describe("pebble_memtable_bytes", "Writes of a database that are in no table yet.", "database")
	pebbleCache       = describe("pebble_cache_bytes", "Size of the block cache of a database.", "database")
	pebbleCacheReads  = describe("pebble_cache_reads_total", "Reads of blocks, by whether the cache held them.", "database", "result")
	pebbleReads       = describe("pebble_read_amplification", "Tables that a read of a database may have to look into.", "database")
	pebbleFlushes     = describe("pebble_flushes_total", "Tables made of what was in memory.", "database")
	pebbleCompactions = describe("pebble_compactions_total", "Rewrites of tables.", "database")

	p2pConnected  = describe("p2p_member_connected", "1 if a member accepts this node's frames.", "member")
	p2pMembers    = describe("p2p_members_connected", "Other members that accept this node's frames.")
	p2pAccepted   = describe("p2p_connections_total", "Connections made with a member.", "member")
	p2pFrames     = describe("p2p_frames_total", "Frames exchanged with other members by class and direction.", "class", "direction")
	p2pDropped    = describe("p2p_frames_dropped_total", "Frames to other members that were dropped, by class.", "class")
	p2pRefused    = describe("p2p_refused_total", "Streams and frames of members that were refused, by reason.", "reason")
	p2pStrangers  = describe("p2p_strangers_total", "Connections whose authenticated peer is no member.")
	p2pCrowded    = describe("p2p_crowded_total", "Inbound connections closed unseen because too many were not authenticated.")
	p2pHandshakes = describe("p2p_handshakes", "Inbound connections not authenticated yet.")

	httpConnections = describe("http_connections", "Open HTTP connections.")
	httpRefused     = describe("http_connections_refused_total", "HTTP connections closed at once, by the bound they met.", "bound")
	tlsExpiry       = describe("tls_certificate_expiry_seconds", "Seconds until the TLS certificate in use expires; below 0 it has.")
	tlsFailures     = describe("tls_certificate_failures_total", "TLS certificates that were read and could not be used.")
	diskFree        = describe("disk_free_bytes", "Bytes that may still be written below the data directory.")
	draining        = describe("node_draining", "1 once the node was told to end.")
)

// Describe tells nothing: which metrics there are depends on the machine and the
// configuration.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads everything.
func (c collector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	for name, m := range map[string]store.Metrics{"ledger": c.node.store.Metrics(), "consensus": c.node.log.Metrics()} {
		gauge(pebbleDisk, float64(m.DiskBytes), name)
		gauge(pebbleDebt, float64(m.CompactionDebt), name)
		gauge(pebbleMemTable, float64(m.MemTableBytes), name)
		gauge(pebbleCache, float64(m.CacheBytes), name)
		counter(pebbleCacheReads, float64(m.CacheHits), name, "hit")
		counter(pebbleCacheReads, float64(m.CacheMisses), name, "miss")
		gauge(pebbleReads, float64(m.ReadAmplification), name)
		counter(pebbleFlushes, float64(m.Flushes), name)
		counter(pebbleCompactions, float64(m.Compactions), name)
	}
	network(c.node.host.Statistics(), gauge, counter)
	e := c.node.edge.Statistics()
	gauge(httpConnections, float64(e.Connections))
	counter(httpRefused, float64(e.RefusedTotal), "total")
	counter(httpRefused, float64(e.RefusedAddress), "address")
	gauge(draining, number(e.Draining))
	if e.TLS {
		gauge(tlsExpiry, time.Until(e.CertificateExpires).Seconds())
		counter(tlsFailures, float64(e.CertificateFailures))
	}
	if space, err := database.SpaceOf(c.node.config.Dir); err == nil {
		gauge(diskFree, float64(space.Free))
	}
}

// network shows the counts of the p2p host. Members are those of the genesis
// file.
func network(s p2p.Statistics, gauge, counter func(d *prometheus.Desc, v float64, labels ...string)) {
	classes := len(p2p.MemberStatistics{}.Sent)
	sent, received, dropped := make([]uint64, classes), make([]uint64, classes), make([]uint64, classes)
	var refused [len(p2p.MemberStatistics{}.Refused)]uint64
	connected := 0
	for member, m := range s.Members {
		gauge(p2pConnected, number(m.Connected), string(member))
		counter(p2pAccepted, float64(m.Accepted), string(member))
		if m.Connected {
			connected++
		}
		for i, n := range m.Refused {
			refused[i] += n
		}
		for i := range classes {
			sent[i] += m.Sent[i]
			received[i] += m.Received[i]
			dropped[i] += m.Dropped[i]
		}
	}
	gauge(p2pMembers, float64(connected))
	for i, n := range refused {
		counter(p2pRefused, float64(n), p2p.Reason(i).String())
	}
	for i := range classes {
		class := p2p.Class(i).String()
		counter(p2pFrames, float64(sent[i]), class, "sent")
		counter(p2pFrames, float64(received[i]), class, "received")
		counter(p2pDropped, float64(dropped[i]), class)
	}
	counter(p2pStrangers, float64(s.Strangers))
	counter(p2pCrowded, float64(s.Crowded))
	gauge(p2pHandshakes, float64(s.Handshakes))
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
