// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// Options say how a story is played.
type Options struct {
	Tell    func(line string) error // takes the transcript as it comes; nil: nobody does
	Chinese bool                    // the language of the ledger's words in it
}

// A Report is what became of a story.
type Report struct {
	Story   *Story
	Genesis []byte       // the file that receipts are verified with
	Trust   ledger.Trust // what follows from it
	Played  []Played     // up to the first part that is not as written
	Blocks  uint64
}

// Difference is the part that is not as written, or nil.
func (r *Report) Difference() *Played {
	if n := len(r.Played); n > 0 && len(r.Played[n-1].Differences) > 0 {
		return &r.Played[n-1]
	}
	return nil
}

// Count gives the numbers of steps and of checks that were played.
func (r *Report) Count() (steps, checks int) {
	for _, p := range r.Played {
		if p.Part.Step != nil {
			steps++
		}
	}
	return steps, len(r.Played) - steps
}

// Played is what became of one part.
type Played struct {
	Part        Part
	Time        time.Time        // of the block it was in, or was read from
	Code        string           // of the refusal, "" if there was none
	Ground      string           // of the first detail
	Details     []ledger.Failure // with their texts
	Saved       map[string]any   // by name
	Differences []Difference     // none: it is as written

	told  string // what matters of a step's arguments
	index uint64 // of a step, within its block

	// Of a step. One that was refused before it came into a block has no receipt.
	Transaction ledger.Hash
	Height      uint64
	Result      json.RawMessage
	Receipt     []byte // file that was verified with the genesis

	// Of a check.
	Asked  string // path and parameters
	Status int
	Answer json.RawMessage
}

// Certified tells whether a step has its outcome in a block.
func (p Played) Certified() bool { return p.Receipt != nil }

// A Difference is what a part wanted and what it got.
type Difference struct {
	What        string // ending, or the place in the answer
	Wanted, Got string
}

// A player plays one story.
type player struct {
	story *Story
	stage *stage
	names names
	tell  *transcript
}

// Play plays a story on a ledger of its own, to its end or to the first part that
// is not as written. An error is a fault of the story that only its play could
// show, of the machine, or of Tell, or the end of ctx.
func Play(ctx context.Context, s *Story, o Options) (r *Report, err error) {
	p := &player{
		story: s, names: names{cast: s.cast, saved: make(map[string]any)},
		tell: &transcript{tell: o.Tell, language: language(o.Chinese)},
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.stage, err = raise(s.genesis); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stage.close()) }()
	r = &Report{Story: s, Genesis: s.genesis.file, Trust: s.genesis.trust}
	p.tell.begin(s)
	for rest := s.Parts; len(rest) > 0 && r.Difference() == nil; {
		n := 1
		for n < len(rest) && rest[n].Step != nil && rest[n].Step.Joins {
			n++
		}
		all, err := p.play(ctx, rest[:n])
		if err != nil {
			return nil, err
		}
		rest, r.Blocks = rest[n:], p.stage.node.Head().Header.Height
		for _, played := range all {
			r.Played = append(r.Played, played)
			if p.tell.part(played); p.tell.err != nil {
				return nil, p.tell.err
			}
			if len(played.Differences) > 0 {
				break
			}
		}
	}
	p.tell.end(r)
	return r, p.tell.err
}

// play plays a check, or the steps of one block.
func (p *player) play(ctx context.Context, parts []Part) ([]Played, error) {
	all := make([]Played, len(parts))
	for i, part := range parts {
		all[i].Part = part
	}
	if check := parts[0].Check; check != nil {
		return all, p.check(ctx, *check, &all[0])
	}
	return all, p.steps(ctx, all)
}

// failuresOf gives the broken rules for which a transaction was refused before it
// came into a block; an error of another kind is none.
func failuresOf(err error) ([]ledger.Failure, bool) {
	var refusal *contracts.Refusal
	var field *ledger.FieldError
	switch {
	case errors.As(err, &refusal) && refusal.Refuses():
		return refusal.Failures, true
	case errors.As(err, &field):
		return []ledger.Failure{{Code: contracts.EFormat, Field: field.Field, Reason: field.Reason}}, true
	}
	return nil, false
}

// refuse notes the rules that were broken, with the ledger's words for them.
func (p *Played) refuse(failures []ledger.Failure) {
	if p.Time.IsZero() {
		p.Time = p.Part.At
	}
	for _, f := range failures {
		if f.Message == "" {
			f.Message, f.ZH = contracts.Text(f.Code, f.Ground, f.Reason)
		}
		p.Details = append(p.Details, f)
	}
	if len(failures) > 0 {
		p.Code, p.Ground = failures[0].Code, failures[0].Ground
	}
}

// compare holds what came against what was expected.
func (p *Played) compare(e Expectation) {
	if !e.metBy(p.broken()) {
		p.Differences = append(p.Differences, Difference{What: ending, Wanted: e.in(english), Got: p.end(english)})
	}
}

// broken are the rules that were broken; the code of a receipt stands with them.
func (p *Played) broken() []ledger.Failure {
	if p.Code == "" || slices.ContainsFunc(p.Details, func(f ledger.Failure) bool { return f.Code == p.Code && f.Ground == p.Ground }) {
		return p.Details
	}
	return append([]ledger.Failure{{Code: p.Code, Ground: p.Ground}}, p.Details...)
}

// save keeps what later parts use. That a result lacks it is a difference.
func (p *player) save(step Step, played *Played) error {
	if len(step.Save) == 0 || len(played.Differences) > 0 {
		return nil
	}
	var result any
	if played.Result != nil {
		var err error
		if result, err = decodeJSON(played.Result); err != nil {
			return err
		}
	}
	if played.Code != "" { // as written: it has no result, whatever the story thinks
		for _, name := range sorted(step.Save) {
			if path := step.Save[name]; path != savedTransaction && path != savedHeight {
				return p.story.fault(played.Part, fmt.Errorf("save: a step that is refused has no result, only %s and %s", savedTransaction, savedHeight))
			}
		}
	}
	played.Saved = make(map[string]any)
	for _, name := range sorted(step.Save) {
		path := step.Save[name]
		value, found := walk(result, strings.Split(path, "."))
		if !found {
			value, found = otherwise(step.Method.Contract, result, path)
		}
		switch {
		case found:
		case path == savedTransaction && played.Certified():
			value = played.Transaction.String()
		case path == savedHeight && played.Certified():
			value = json.Number(fmt.Sprint(played.Height))
		default:
			got := noReceipt
			if played.Certified() {
				got = brief(played.Result)
			}
			played.Differences = append(played.Differences, Difference{What: "save " + name, Wanted: path, Got: got})
			continue
		}
		played.Saved[name], p.names.saved[name] = value, value
	}
	return nil
}
