// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/rehearsal"
)

func rehearseCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "rehearse STORY.toml [STORY.toml ...]",
		Short: "Play a story on a throw-away ledger whose clock jumps months",
		Long: `Play a story on a throw-away ledger of one node, whose clock jumps to the time
of each step: to try a rule before a vote, to train clerks, to write acceptance
tests. Every outcome is read from a receipt that was verified. The ledger is gone
afterwards.

Exit codes: 0, all is as written; 1, at the first difference, which is shown;
2, a story cannot be read. docs/stories/README.md says how one is written.`,
		Example: `  ipledger rehearse docs/stories/claim-confirmed-stale.toml
  ipledger rehearse docs/stories/*.toml -o json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error { return e.rehearse(cmd.Context(), files) },
	}
}

// rehearse plays stories one after the other, up to the first that is not as
// written. All are read before any is played.
func (e *env) rehearse(ctx context.Context, files []string) error {
	stories := make([]*rehearsal.Story, len(files))
	for i, file := range files {
		text, err := readFile(file)
		if err != nil {
			return usageError{err} // exit code 1 says that the ledger did otherwise
		}
		if stories[i], err = rehearsal.Read(file, text); err != nil {
			return err
		}
	}
	answers := []rehearsalAnswer{}
	o := rehearsal.Options{Chinese: e.lang == "zh"}
	if e.output != "json" {
		o.Tell = func(line string) error {
			_, err := fmt.Fprintln(e.Stdout, printable(line))
			return wrote(err)
		}
		// A reader that has gone away must not keep the ledger from being removed.
		signal.Ignore(syscall.SIGPIPE)
	}
	differs := false
	for i, story := range stories {
		if i > 0 && o.Tell != nil {
			if err := o.Tell(""); err != nil {
				return err
			}
		}
		report, err := rehearsal.Play(ctx, story, o)
		if err != nil {
			return fmt.Errorf("rehearse %s: %w", story.File, err)
		}
		answers = append(answers, rehearsalAnswerOf(report))
		if differs = report.Difference() != nil; differs {
			break
		}
	}
	if e.output == "json" {
		if err := e.show(answers, nil); err != nil {
			return err
		}
	}
	if differs {
		return errAnswered
	}
	return nil
}

// rehearsalAnswer is the JSON form of a story that was played.
type rehearsalAnswer struct {
	File      string          `json:"file"`
	Title     string          `json:"title"`
	AsWritten bool            `json:"as_written"`
	Steps     int             `json:"steps"` // that were played
	Checks    int             `json:"checks"`
	Blocks    uint64          `json:"blocks"`
	Parts     []rehearsedPart `json:"parts"`
}

type rehearsedPart struct {
	Part        string           `json:"part"` // "step 3"
	Line        int              `json:"line,omitempty"`
	At          string           `json:"at"`   // as written
	Time        string           `json:"time"` // of the block
	As          []string         `json:"as,omitempty"`
	Call        string           `json:"call,omitempty"`
	Query       string           `json:"query,omitempty"`
	Code        string           `json:"code"` // "" if nothing was refused
	Ground      string           `json:"ground,omitempty"`
	Details     []ledger.Failure `json:"details"`
	Transaction *ledger.Hash     `json:"transaction,omitempty"`
	Height      uint64           `json:"height,omitempty"`
	Result      json.RawMessage  `json:"result,omitempty"`
	Receipt     []byte           `json:"receipt,omitempty"` // the file, which was verified
	Status      int              `json:"status,omitempty"`  // of HTTP
	Answer      json.RawMessage  `json:"answer,omitempty"`
	Saved       map[string]any   `json:"saved,omitempty"`
	Differences []difference     `json:"differences"`
}

type difference struct {
	What   string `json:"what"`
	Wanted string `json:"wanted"`
	Got    string `json:"got"`
}

func rehearsalAnswerOf(r *rehearsal.Report) rehearsalAnswer {
	a := rehearsalAnswer{File: r.Story.File, Title: r.Story.Title, AsWritten: r.Difference() == nil, Blocks: r.Blocks, Parts: []rehearsedPart{}}
	a.Steps, a.Checks = r.Count()
	for _, p := range r.Played {
		one := rehearsedPart{
			Part: p.Part.Name(), Line: p.Part.Line, At: p.Part.At.Format(time.RFC3339Nano), Time: p.Time.In(p.Part.At.Location()).Format(time.RFC3339Nano),
			Code: p.Code, Ground: p.Ground, Details: append([]ledger.Failure{}, p.Details...), Height: p.Height, Result: p.Result,
			Receipt: p.Receipt, Query: p.Asked, Status: p.Status, Answer: p.Answer, Saved: p.Saved, Differences: []difference{},
		}
		if s := p.Part.Step; s != nil {
			one.Call = s.Method.FullName()
			for _, person := range s.As {
				one.As = append(one.As, person.String())
			}
		} else if p.Part.Check.As != nil {
			one.As = []string{p.Part.Check.As.String()}
		}
		if p.Certified() {
			one.Transaction = &p.Transaction
		}
		for _, d := range p.Differences {
			one.Differences = append(one.Differences, difference(d))
		}
		a.Parts = append(a.Parts, one)
	}
	return a
}
