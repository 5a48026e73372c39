// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/internal/bench"
)

// showMeasured prints the report, and how it compares with an old one if there is
// one.
func showMeasured(e *env, old, report *bench.Report) error {
	if old == nil {
		return e.showTables(report, report.Tables())
	}
	comparison, err := bench.Compare(old, report)
	if err != nil {
		return errors.Join(e.showTables(report, report.Tables()), err)
	}
	return e.showTables(comparison, append(report.Tables(), comparison.Tables()...))
}

// writeReport writes a report to a file; none is asked for if path is empty.
func writeReport(path string, report *bench.Report) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return writeOutput(path, append(text, '\n'))
}

// onlyCompare refuses flags of a run when two reports are compared: nothing is
// measured, and so they would say nothing.
func onlyCompare(cmd *cobra.Command) error {
	flags := cmd.Flags()
	allowed := 0
	for _, name := range []string{"compare", "output", "lang"} {
		if flags.Changed(name) {
			allowed++
		}
	}
	if flags.NFlag() > allowed {
		return wrongCall("two reports are compared without a run: only --compare, --output and --lang go with them")
	}
	return nil
}

// oldReport reads the report to compare with, nil if none is asked for. It is
// refused before anything is measured if it does not fit.
func (f benchFlags) oldReport(s bench.Settings) (*bench.Report, error) {
	if f.compare == "" {
		return nil, nil
	}
	old, err := readReport(f.compare)
	if err != nil {
		return nil, err
	}
	if err := old.Settings.Comparable(s); err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", f.compare, err)}
	}
	return old, nil
}

// readReport reads the report of a run. Whatever is wrong with it, the command
// was called with the wrong file.
func readReport(path string) (*bench.Report, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{fmt.Errorf("read report: %w", err)}
	}
	r, err := bench.ReadReport(raw)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return r, nil
}

// compareReports compares the reports of two earlier runs.
func compareReports(e *env, oldPath, newPath string) error {
	if oldPath == "" {
		return wrongCall("a report needs another to be compared with: --compare OLD")
	}
	old, err := readReport(oldPath)
	if err != nil {
		return err
	}
	now, err := readReport(newPath)
	if err != nil {
		return err
	}
	comparison, err := bench.Compare(old, now)
	if err != nil {
		return usageError{fmt.Errorf("%s and %s: %w", oldPath, newPath, err)}
	}
	return e.showTables(comparison, comparison.Tables())
}

// showTables prints an answer of several tables: v as JSON, or the tables.
func (e *env) showTables(v any, tables []bench.Table) error {
	if e.output == "json" {
		return e.show(v, nil)
	}
	for i, part := range tables {
		title := part.Title
		if i > 0 {
			title = "\n" + title
		}
		if _, err := fmt.Fprintln(e.Stdout, title); err != nil {
			return wrote(err)
		}
		t := newTable(part.Head...)
		t.rows = part.Rows
		if err := e.show(nil, t); err != nil {
			return err
		}
	}
	return nil
}
