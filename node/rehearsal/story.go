// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A Story is what a file tells: who there is, and what they do and see.
type Story struct {
	File        string
	Title       string
	Description string
	Parts       []Part // in the order in which they are played

	cast    *cast
	genesis genesis
}

// A Part is a step or a check.
type Part struct {
	Number int // among the steps, or the checks, of the file
	Line   int // in the file; 0: not known
	At     time.Time
	Step   *Step  // nil: it is a check
	Check  *Check // nil: it is a step
}

// Name is "step 3" or "check 1".
func (p Part) Name() string { return english.part(p) }

func (p Part) expectation() Expectation {
	if p.Step != nil {
		return p.Step.Expect
	}
	return p.Check.Expect
}

// A Step is one transaction.
type Step struct {
	As     []Signatory
	Actor  string // the member that acts, see actor
	Method contracts.Method
	Args   map[string]any // as in the file, less the terms
	Sealed map[string]any // terms that only a commitment stands for; nil: none are told
	Joins  bool           // it is in the block of the step before
	Expect Expectation
	Save   map[string]string // paths into the result by the names that later parts use
}

// A Check is one request to the API.
type Check struct {
	Query  string // path and parameters, as in the file
	As     *Person
	Status int // HTTP status; 0: whatever goes with the expectation
	Expect Expectation
	Want   map[string]any // as in the file
}

// A Fault says what is wrong with a story.
type Fault struct {
	File string
	Line int    // 0: not known
	Part string // "step 3"; empty: none
	Text string
}

func (f *Fault) Error() string {
	text := f.File
	if f.Line > 0 {
		text += fmt.Sprintf(":%d", f.Line)
	}
	if f.Part != "" {
		text += ": " + f.Part
	}
	return text + ": " + f.Text
}

// Unwrap gives the class.
func (f *Fault) Unwrap() error { return ledger.ErrInvalid }

// fault says what is wrong with a part of the story.
func (s *Story) fault(p Part, err error) *Fault {
	return &Fault{File: s.File, Line: p.Line, Part: p.Name(), Text: err.Error()}
}
