// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
)

// A Comparison holds two reports against each other, figure by figure.
type Comparison struct {
	Format  string  `json:"format"`
	Old     *Report `json:"old"`
	New     *Report `json:"new"`
	Figures []Ratio `json:"figures"`
	Only    []Only  `json:"only"` // phases that one report alone has

	// Notes say what else differs, so that a ratio may be of that.
	Notes []string `json:"notes"`
}

// A Ratio is one figure of both reports.
type Ratio struct {
	Phase string  `json:"phase"` // "" for the whole run
	Name  string  `json:"name"`  // as in the reports
	Old   Figure  `json:"old"`
	New   Figure  `json:"new"`
	Ratio float64 `json:"ratio"` // new by old; 0 if the old one is 0 or one is untold
}

// An Only names a phase without a counterpart.
type Only struct {
	Report string `json:"report"` // old or new
	Phase  string `json:"phase"`
}

// comparisonFormat is the first field of every comparison in JSON.
const comparisonFormat = "ipledger-bench-comparison/1"

// ReadReport reads a report in JSON. Errors wrap ledger.ErrInvalid.
func ReadReport(raw []byte) (*Report, error) {
	var version struct{ Format string }
	if err := json.Unmarshal(raw, &version); err != nil {
		return nil, fmt.Errorf("%w: it is no report of a benchmark: %w", ledger.ErrInvalid, err)
	}
	if version.Format != Format {
		return nil, fmt.Errorf("%w: its format is %q, this program reads %q", ledger.ErrInvalid, version.Format, Format)
	}
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%w: it is no report of a benchmark: %w", ledger.ErrInvalid, err)
	}
	var all any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("%w: it is no report of a benchmark: %w", ledger.ErrInvalid, err)
	}
	if where := negative(all, ""); where != "" {
		return nil, fmt.Errorf("%w: %s is below 0, which was never measured", ledger.ErrInvalid, where)
	}
	return &r, nil
}

// negative names a field of a report that is below 0, and "" if there is none. A
// database may shrink, and so the growth of one may be below 0.
func negative(value any, path string) string {
	switch v := value.(type) {
	case float64:
		if v < 0 {
			return path
		}
	case []any:
		for i, item := range v {
			if where := negative(item, fmt.Sprintf("%s[%d]", path, i)); where != "" {
				return where
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if strings.HasPrefix(name, "disk_") {
				continue
			}
			if where := negative(v[name], strings.TrimPrefix(path+"."+name, ".")); where != "" {
				return where
			}
		}
	}
	return ""
}

// Comparable refuses settings under which the figures would be of something
// else. Errors wrap ledger.ErrInvalid.
func (s Settings) Comparable(other Settings) error {
	switch {
	case s.Workload != other.Workload:
		return fmt.Errorf("%w: one report is of the workload %q, the other of %q", ledger.ErrInvalid, s.Workload, other.Workload)
	case s.Nodes != other.Nodes:
		return fmt.Errorf("%w: one report is of %d nodes, the other of %d", ledger.ErrInvalid, s.Nodes, other.Nodes)
	case s.Suite != other.Suite:
		return fmt.Errorf("%w: one report is of the suite %s, the other of %s", ledger.ErrInvalid, s.Suite, other.Suite)
	case s.Bad != other.Bad:
		return fmt.Errorf("%w: in one run %g of the claims had a wrong signature, in the other %g (--bad)", ledger.ErrInvalid, s.Bad, other.Bad)
	case s.Profiled != other.Profiled:
		return fmt.Errorf("%w: one run was profiled, the other not (--profile)", ledger.ErrInvalid)
	}
	return nil
}

// differences say what else than the program may have changed the figures.
func differences(old, now *Report) []string {
	notes := []string{}
	note := func(same bool, format string, args ...any) {
		if !same {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	a, b := old.Settings, now.Settings
	note(a.Seconds == b.Seconds, "the windows were of %g s and %g s", a.Seconds, b.Seconds)
	note(a.WarmUp == b.WarmUp, "the warm-ups were of %g s and %g s", a.WarmUp, b.WarmUp)
	m, n := old.Machine, now.Machine
	note(m.CPU == n.CPU && m.Cores == n.Cores && m.MemoryBytes == n.MemoryBytes && m.Platform == n.Platform,
		"the machines were %s and %s: no ratio tells what the program changed", m, n)
	return notes
}

// Compare holds a new report against an old one, phase by phase. Errors wrap
// ledger.ErrInvalid.
func Compare(old, now *Report) (*Comparison, error) {
	if err := old.Settings.Comparable(now.Settings); err != nil {
		return nil, err
	}
	c := &Comparison{Format: comparisonFormat, Old: old, New: now, Only: []Only{}, Notes: differences(old, now)}
	for _, p := range old.Phases {
		i := slices.IndexFunc(now.Phases, func(q Phase) bool { return q.Name() == p.Name() })
		if i < 0 {
			c.Only = append(c.Only, Only{"old", p.Name()})
			continue
		}
		c.add(p.Name(), p.figures(), now.Phases[i].figures())
	}
	for _, p := range now.Phases {
		if !slices.ContainsFunc(old.Phases, func(q Phase) bool { return q.Name() == p.Name() }) {
			c.Only = append(c.Only, Only{"new", p.Name()})
		}
	}
	if len(c.Figures) == 0 {
		return nil, fmt.Errorf("%w: the reports have no phase in common", ledger.ErrInvalid)
	}
	c.add("", old.figures(), now.figures())
	return c, nil
}

// A named is a figure with its name in JSON.
type named struct {
	name  string
	value float64
}

func (c *Comparison) add(phase string, old, now []named) {
	for i, f := range old {
		r := Ratio{Phase: phase, Name: f.name, Old: Figure(f.value), New: Figure(now[i].value)}
		if r.Old.Told() && r.New.Told() && r.Old != 0 {
			r.Ratio = float64(r.New / r.Old)
		}
		c.Figures = append(c.Figures, r)
	}
}

// figures are the figures of a phase that are compared.
func (p Phase) figures() []named {
	list := []named{
		{"tx_per_second", float64(p.PerSecond)},
		{"p50_ms", p.P50},
		{"p99_ms", p.P99},
		{"server_cpu_ms_per_tx", float64(p.ServerCPU)},
		{"loader_cpu_ms_per_tx", float64(p.LoaderCPU)},
		{"other_cores", p.OtherCores},
		{"blocks_per_second", p.Blocks},
		{"tx_per_block", p.PerBlock},
		{"consensus_syncs_per_block_node", p.ConsensusSyncs},
		{"ledger_syncs_per_block_node", p.LedgerSyncs},
		{"disk_per_tx_node.allocated_bytes", p.Disk.Allocated},
		{"disk_per_tx_node.length_bytes", p.Disk.Length},
		{"rss_bytes", float64(p.RSS)},
	}
	if p.Workload == Pledge {
		var u Units
		if p.Units != nil {
			u = *p.Units
		}
		list = append(list, named{"units.per_second", u.PerSecond}, named{"units.p50_ms", u.P50}, named{"units.p99_ms", u.P99}, named{"units.server_cpu_ms", u.ServerCPU})
	}
	return list
}

// figures are the figures of a whole run that are compared.
func (r *Report) figures() []named {
	return []named{
		{"idle.cores", r.Idle.Cores},
		{"whole.peak_rss_bytes", float64(r.Whole.PeakRSS)},
		{"whole.disk_per_tx_node.allocated_bytes", r.Whole.Disk.Allocated},
		{"whole.disk_per_tx_node.length_bytes", r.Whole.Disk.Length},
		{"whole.disk_per_tx_node_stopped.allocated_bytes", r.Whole.DiskStopped.Allocated},
		{"whole.disk_per_tx_node_stopped.length_bytes", r.Whole.DiskStopped.Length},
	}
}

// Tables shows the comparison.
func (c *Comparison) Tables() []Table {
	figures := Table{Title: "Old and new", Head: []string{"PHASE", "FIGURE", "OLD", "NEW", "NEW/OLD"}}
	for _, f := range c.Figures {
		phase, ratio := f.Phase, "-"
		if phase == "" {
			phase = "whole run"
		}
		if f.Ratio != 0 {
			ratio = fmt.Sprintf("%.3f", f.Ratio)
		}
		figures.Rows = append(figures.Rows, []string{phase, f.Name, f.Old.String(), f.New.String(), ratio})
	}
	facts := Table{Title: "Of what", Head: []string{"", "OLD", "NEW"}, Rows: [][]string{
		{"begun", c.Old.Begun.Format("2006-01-02 15:04:05Z"), c.New.Begun.Format("2006-01-02 15:04:05Z")},
		{"revision", c.Old.Versions.Revision, c.New.Versions.Revision},
		{"machine", c.Old.Machine.CPU, c.New.Machine.CPU},
		{"window s", figure(c.Old.Settings.Seconds), figure(c.New.Settings.Seconds)},
		{"wrong signatures", figure(c.Old.Settings.Bad), figure(c.New.Settings.Bad)},
		{"profiled", fmt.Sprint(c.Old.Settings.Profiled), fmt.Sprint(c.New.Settings.Profiled)},
	}}
	for _, o := range c.Only {
		facts.Rows = append(facts.Rows, []string{"only in the " + o.Report + " one", o.Phase, ""})
	}
	if len(c.Notes) == 0 {
		return []Table{figures, facts}
	}
	care := Table{Title: "The two runs were not alike"}
	for _, n := range c.Notes {
		care.Rows = append(care.Rows, []string{n})
	}
	return []Table{care, figures, facts}
}
