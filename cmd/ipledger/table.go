// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

// A table is what a person reads: aligned columns, where a Chinese character
// takes two places.
type table struct {
	head []string // none for a list of facts
	rows [][]string
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// fact adds a name and its value, unless the value is empty.
func (t *table) fact(name, value string) {
	if value != "" {
		t.add(name, value)
	}
}

func (t *table) write(w io.Writer, bold bool) error {
	rows := t.rows
	if len(t.head) > 0 {
		rows = append([][]string{t.head}, rows...)
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], places(printable(cell)))
		}
	}
	var out bytes.Buffer
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = printable(cell)
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-places(cell)+2))
			}
		}
		text := strings.TrimRight(line.String(), " ")
		if bold && n == 0 && len(t.head) > 0 {
			text = "\x1b[1m" + text + "\x1b[0m"
		}
		out.WriteString(text + "\n")
	}
	_, err := w.Write(out.Bytes())
	return err
}

// places counts the columns a text takes in a terminal.
func places(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// printable makes text safe to show in a terminal: what comes from a file or a
// node must not move the cursor or turn the direction of writing.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// show prints the answer of a command: v as JSON, or t.
func (e *env) show(v any, t *table) error {
	e.answered = true
	if e.output != "json" {
		return wrote(t.write(e.Stdout, e.colourful()))
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	_, err = e.Stdout.Write(append(text, '\n'))
	return wrote(err)
}

// An answerError says that what a command has to tell did not reach standard
// output.
type answerError struct{ err error }

func (a *answerError) Error() string { return fmt.Sprintf("write the answer: %v", a.err) }

func (a *answerError) Unwrap() error { return a.err }

func wrote(err error) error {
	if err != nil {
		return &answerError{err}
	}
	return nil
}

// colourful tells whether standard output is a terminal that may be coloured
// (no-color.org).
func (e *env) colourful() bool {
	return isTerminal(e.Stdout) && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"
}

// watched tells whether a person reads standard error as it is written.
func (e *env) watched() bool { return isTerminal(e.Stderr) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// clockTime shows a time of the ledger, in ms since 1970 UTC, as people in
// China read it.
func clockTime(ms int64) string {
	return time.UnixMilli(ms).In(shanghai()).Format("2006-01-02T15:04:05.000-07:00")
}
