// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Table is one part of a report for people to read.
type Table struct {
	Title string
	Head  []string // none for a list of facts
	Rows  [][]string
}

// Tables shows the report.
func (r *Report) Tables() []Table {
	tables := []Table{
		{Title: "What was done, and how soon", Head: []string{"PHASE", "TX/S FINAL", "P50 MS", "P99 MS", "MAX MS", "SECONDS", "FINAL IN WINDOW", "DUE", "FINAL", "REJECTED", "REFUSED", "ERRORS", "BEHIND"}},
		{Title: "What it cost", Head: []string{"PHASE", "CPU-MS/TX SERVERS", "LOADER", "CORES SERVERS", "LOADER", "OTHERS", "MB RSS/NODE", "BYTES/TX", "KB DISK/TX/NODE", "IN FILES", "CPU-MS/TX BY NODE (* LED)"}},
		{Title: "Blocks and synced writes", Head: []string{"PHASE", "BLOCKS/S", "TX/BLOCK", "SYNCS/BLOCK/NODE CONSENSUS", "LEDGER", "MS/SYNC CONSENSUS", "LEDGER"}},
		{Title: "What was verified", Head: []string{"PHASE", "RECEIPTS", "BYTES", "MS EACH", "RECORDS", "ABSENCES", "WRONG SIGNATURES", "TO LEADER", "TO FOLLOWERS", "REFUSED"}},
	}
	add := func(i int, p Phase, cells ...string) {
		tables[i].Rows = append(tables[i].Rows, append([]string{p.Name()}, cells...))
	}
	for _, p := range r.Phases {
		seconds := figure(p.Seconds)
		if p.Short {
			seconds += " (cut short)"
		}
		add(0, p, p.PerSecond.String(), figure(p.P50), figure(p.P99), figure(p.Max), seconds,
			strconv.Itoa(p.FinalInWindow), strconv.Itoa(p.Submitted), strconv.Itoa(p.Final), counts(p.Rejected), counts(p.Refused), counts(p.Errors), strconv.Itoa(p.Behind))
		add(1, p, p.ServerCPU.String(), p.LoaderCPU.String(), figure(p.ServerCores), figure(p.LoaderCores), figure(p.OtherCores),
			figure(megabytes(p.RSS)), figure(p.TransactionBytes), figure(p.Disk.Allocated/1000), figure(p.Disk.Length/1000), byNode(p.Nodes))
		add(2, p, figure(p.Blocks), figure(p.PerBlock), figure(p.ConsensusSyncs), figure(p.LedgerSyncs), figure(p.ConsensusSyncMs), figure(p.LedgerSyncMs))
		forged := Forged{}
		if p.Forged != nil {
			forged = *p.Forged
		}
		add(3, p, strconv.Itoa(p.Checked.Receipts), figure(p.Checked.ReceiptBytes), figure(p.Checked.ReceiptMs), strconv.Itoa(p.Checked.Records), strconv.Itoa(p.Checked.Absences),
			strconv.Itoa(forged.Sent), strconv.Itoa(forged.ToLeader), strconv.Itoa(forged.ToFollower), strconv.Itoa(forged.Refused))
	}
	if units := r.units(); len(units.Rows) > 0 {
		tables = append(tables, units)
	}
	return append(tables, r.facts(), r.remarks())
}

// units shows whole pledges.
func (r *Report) units() Table {
	t := Table{Title: "Whole pledges, of " + strconv.Itoa(transactionsOfPledge) + " transactions each",
		Head: []string{"PHASE", "PLEDGES/S", "P50 MS", "P99 MS", "CPU-MS SERVERS", "LOADER", "REGISTERED", "FAILED"}}
	for _, p := range r.Phases {
		if u := p.Units; u != nil {
			t.Rows = append(t.Rows, []string{p.Name(), figure(u.PerSecond), figure(u.P50), figure(u.P99), figure(u.ServerCPU), figure(u.LoaderCPU), strconv.Itoa(u.Final), strconv.Itoa(u.Failed)})
		}
	}
	return t
}

func (r *Report) facts() Table {
	idle := "not measured"
	if r.Idle.Seconds > 0 {
		idle = fmt.Sprintf("%.4f cores, all nodes together, over %.0f s", r.Idle.Cores, r.Idle.Seconds)
	}
	revision := "commit " + r.Versions.Revision
	switch {
	case r.Versions.Revision == "":
		revision = "commit not recorded: built with -buildvcs=false"
	case r.Versions.Modified:
		revision += " with changes"
	}
	m := r.Machine
	rows := [][]string{
		{"without load", idle},
		{"peak RSS", figure(megabytes(r.Whole.PeakRSS)) + " MB, largest node"},
		{"disk, whole run", fmt.Sprintf("%v over %d transactions; %v after the nodes were stopped", r.Whole.Disk, r.Whole.Final, r.Whole.DiskStopped)},
		{"network", fmt.Sprintf("%d nodes as processes, suite %s, fsync on, every signature checked by every node", r.Settings.Nodes, r.Settings.Suite)},
		{"machine", fmt.Sprintf("%s, %d cores, %.1f GB, kernel %s, %s, load before %g", m.CPU, m.Cores, float64(m.MemoryBytes)/1e9, m.Kernel, m.Platform, m.Load)},
		{"program", r.Versions.Program + ", " + revision},
		{"built with", fmt.Sprintf("%s, raft %s, pebble %s, libp2p %s", r.Versions.Go, r.Versions.Raft, r.Versions.Pebble, r.Versions.Libp2p)},
		{"seed", strconv.FormatUint(r.Settings.Seed, 10)},
		{"begun", fmt.Sprintf("%s, took %.0f s", r.Begun.Format("2006-01-02 15:04:05Z"), r.Seconds)},
	}
	return Table{Title: "Facts", Rows: rows}
}

func (r *Report) remarks() Table {
	t := Table{Title: "Notes"}
	for _, note := range r.Notes {
		t.Rows = append(t.Rows, []string{note})
	}
	for _, p := range r.Phases {
		if len(p.Errors) > 0 {
			t.Rows = append(t.Rows, []string{p.Name() + ": not all transactions got a final answer (" + counts(p.Errors) + "); its latencies are at least what they say"})
		}
		if p.Overloaded {
			t.Rows = append(t.Rows, []string{p.Name() + ": the network does not hold this rate; its CPU time per transaction cannot be told from this window"})
		}
	}
	return t
}

// String shows both figures.
func (d Disk) String() string {
	return fmt.Sprintf("%s KB/tx/node (%s in files)", figure(d.Allocated/1000), figure(d.Length/1000))
}

// byNode shows the CPU time of each node; a star marks the one that led.
func byNode(nodes []NodeFigures) string {
	var parts []string
	for _, n := range nodes {
		text := n.CPU.String()
		if n.Leading {
			text += "*"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// figure shows three digits, or all before the point.
func figure(v float64) string {
	switch size := math.Abs(v); {
	case size >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

func counts(of map[string]int) string {
	if len(of) == 0 {
		return "0"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%d %s", of[name], name))
	}
	return strings.Join(parts, ", ")
}
