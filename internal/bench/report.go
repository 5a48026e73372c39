// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"time"
)

// Format is the first field of every report in JSON. Field names stay as they
// are within a format.
const Format = "ipledger-bench/1"

// Workloads, and what All stands for: one after the other.
const (
	Claim  = "claim"
	Pledge = "pledge"
	All    = "all"
)

// Kinds of load. A closed loop keeps a number of units under way: a slow node
// slows the load down, and nobody waits for what was not sent. An open loop sends
// at a rate whatever the nodes do, and counts time from when a unit was due.
const (
	Closed = "closed"
	Open   = "open"
)

// A Report is what one run of the benchmark found.
type Report struct {
	Format   string    `json:"format"`
	Begun    time.Time `json:"begun"`
	Seconds  float64   `json:"seconds"` // the whole run
	Settings Settings  `json:"settings"`
	Machine  Machine   `json:"machine"`
	Versions Versions  `json:"versions"`
	Idle     Idle      `json:"idle"`
	Phases   []Phase   `json:"phases"`
	Whole    Whole     `json:"whole"`
	Notes    []string  `json:"notes"` // how the figures were come by
}

// Idle is what the nodes cost without load, all together.
type Idle struct {
	Seconds float64 `json:"seconds"` // 0: not measured
	Cores   float64 `json:"cores"`
}

// Whole is what can be told of all phases together only.
type Whole struct {
	Final       int   `json:"final"`                    // transactions, warm-ups included
	PeakRSS     int64 `json:"peak_rss_bytes"`           // of the largest node, since it was started
	Disk        Disk  `json:"disk_per_tx_node"`         // at the end, nodes running
	DiskStopped Disk  `json:"disk_per_tx_node_stopped"` // after they were stopped in order
}

// Disk is by how much the databases grew, in bytes by transactions and nodes.
type Disk struct {
	Allocated float64 `json:"allocated_bytes"` // blocks of the file system
	Length    float64 `json:"length_bytes"`    // lengths of the files
}

// A Phase is one load and what was measured under it. CPU times,
// blocks and writes are those of the window.
type Phase struct {
	Workload    string  `json:"workload"`
	Loop        string  `json:"loop"`
	Outstanding int     `json:"outstanding,omitempty"` // closed: units under way
	Rate        int     `json:"rate,omitempty"`        // open: units a second
	Seconds     float64 `json:"seconds"`               // length of the window
	Short       bool    `json:"short,omitempty"`       // the window ended early: the transactions signed ahead were used up

	// What was due in the window, whenever it ended; in a closed loop a transaction
	// is due when it is sent. Each is counted once:
	// submitted = final + rejected + refused + errors.
	Submitted int            `json:"submitted"` // without those with a wrong signature
	Final     int            `json:"final"`
	Rejected  map[string]int `json:"rejected"` // by code
	Refused   map[string]int `json:"refused"`  // by code, HTTP 4xx
	Errors    map[string]int `json:"errors"`   // no final answer, or not sent in time, by kind
	Behind    int            `json:"behind"`   // of those submitted, not answered when the window ended

	FinalInWindow int  `json:"final_in_window"`      // whenever they were due; what figures of a transaction are divided by
	Overloaded    bool `json:"overloaded,omitempty"` // open: the network does not hold the rate

	PerSecond Figure  `json:"tx_per_second"` // FINAL; null if overloaded
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
	Units     *Units  `json:"units,omitempty"`

	ServerCPU   Figure  `json:"server_cpu_ms_per_tx"` // all nodes together; null if overloaded
	LoaderCPU   Figure  `json:"loader_cpu_ms_per_tx"` // null if overloaded
	ServerCores float64 `json:"server_cores"`
	LoaderCores float64 `json:"loader_cores"`
	OtherCores  float64 `json:"other_cores"` // what the rest of the machine was busy with

	Blocks           float64 `json:"blocks_per_second"`
	PerBlock         float64 `json:"tx_per_block"`
	ConsensusSyncs   float64 `json:"consensus_syncs_per_block_node"`
	LedgerSyncs      float64 `json:"ledger_syncs_per_block_node"`
	ConsensusSyncMs  float64 `json:"consensus_sync_ms"` // mean, of all nodes
	LedgerSyncMs     float64 `json:"ledger_sync_ms"`
	TransactionBytes float64 `json:"tx_bytes"`         // mean size as ordered
	Disk             Disk    `json:"disk_per_tx_node"` // over the whole phase, nodes running
	RSS              int64   `json:"rss_bytes"`        // of the largest node, at the end

	Nodes   []NodeFigures `json:"nodes"`
	Checked Checked       `json:"checked"`
	Forged  *Forged       `json:"forged,omitempty"`
}

// NodeFigures are what one node cost.
type NodeFigures struct {
	Name    string `json:"name"`
	Leading bool   `json:"leading"`       // when the phase began
	CPU     Figure `json:"cpu_ms_per_tx"` // null if overloaded
	RSS     int64  `json:"rss_bytes"`     // at the end
}

// Units are the figures of units of several transactions: whole pledges.
type Units struct {
	Final     int     `json:"final"`
	Failed    int     `json:"failed"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"` // from the first transaction's sending to the last one's answer
	P99       float64 `json:"p99_ms"`
	ServerCPU float64 `json:"server_cpu_ms"`
	LoaderCPU float64 `json:"loader_cpu_ms"`
}

// Name tells phases apart, also in file names.
func (p Phase) Name() string {
	if p.Loop == Open {
		return fmt.Sprintf("%s-open-%d", p.Workload, p.Rate)
	}
	return fmt.Sprintf("%s-closed-%d", p.Workload, p.Outstanding)
}

// notes say what a reader of the figures has to know.
func notes() []string {
	return []string{
		"claim: transactions and HTTP requests were signed before the window, the requests at most 100 s before it (nodes take them for 300 s)",
		"pledge: every transaction was signed when it was sent, since it names what the one before made; that is CPU time of the loader",
		"counts and latencies are of what was due in the window (closed: sent in it), each counted once: DUE = FINAL + REJECTED + REFUSED + ERRORS; BEHIND of them had no answer when it ended; tx/s and CPU times by FINAL IN WINDOW, whenever due",
		"CPU times are of the window, in steps of 10 ms a process (/proc/PID/stat); the loader's by getrusage",
		"other cores: what else this machine was busy with; latencies and tx/s of a busy machine are not the program's",
		"transactions with a wrong signature go to leader and followers alike, each over the HTTP API of the node that the worker talks to",
		"disk: growth of consensus/ and ledger/ from before the warm-up to after the last answer, nodes running, by FINAL transactions and nodes; allocated blocks, and lengths of files: journals have their blocks before they are written",
		"fsyncs: synced writes as the nodes count them, one fsync of a journal each; flushes and compactions of the databases come on top",
		"nodes: as ipledger devnet runs them; but node.toml lifts the rates of addresses and organisations and makes room for all connections, since one loader is all clients",
		"phases follow one another on one network; each finds the ledger as the one before left it",
	}
}
