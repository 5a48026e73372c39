// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/registry"
)

// The shape of a story's file. Whatever else stands in one is a fault.
type (
	storyFile struct {
		Title       string                `toml:"title"`
		Description string                `toml:"description"`
		Parameters  map[string]any        `toml:"parameters"`
		Cast        map[string]memberFile `toml:"cast"`
		Steps       []stepFile            `toml:"step"`
		Checks      []checkFile           `toml:"check"`
	}
	memberFile struct {
		Role         string `toml:"role"`
		Kind         string `toml:"kind"` // another name of role
		USCC         string `toml:"uscc"`
		LEI          string `toml:"lei"` // of one that has no credit code
		Name         string `toml:"name"`
		Organisation string `toml:"organisation"` // another name of name
		NameEN       string `toml:"name_en"`
		Area         string `toml:"area"`
		Joins        bool   `toml:"joins"`
	}
	stepFile struct {
		At     any               `toml:"at"`
		As     any               `toml:"as"`
		Call   string            `toml:"call"`
		Args   map[string]any    `toml:"args"`
		Sealed map[string]any    `toml:"sealed"`
		Expect any               `toml:"expect"`
		Save   map[string]string `toml:"save"`
		Joins  bool              `toml:"same_block"`
	}
	checkFile struct {
		At     any            `toml:"at"`
		As     any            `toml:"as"`
		Query  string         `toml:"query"`
		Status int            `toml:"status"`
		Expect any            `toml:"expect"`
		Want   map[string]any `toml:"want"`
	}
)

// MaxStory bounds the file of a story in bytes.
const MaxStory = 1 << 20

// Read reads a story; file is the name that faults tell. Errors are *Fault: what is
// wrong with a story by itself is found here and not while it is played.
func Read(file string, text []byte) (*Story, error) {
	var f storyFile
	if err := decode(file, text, &f); err != nil {
		return nil, err
	}
	at := linesOf(text)
	s := &Story{File: file, Title: cmp.Or(strings.TrimSpace(f.Title), file), Description: strings.TrimSpace(f.Description)}
	var err error
	if s.cast, err = newCast(file, f.Cast, at.cast); err != nil {
		return nil, err
	}
	if s.Parts, err = s.parts(f, at); err != nil {
		return nil, err
	}
	if s.genesis, err = newGenesis(s, f.Parameters); err != nil {
		return nil, &Fault{File: file, Text: err.Error()}
	}
	return s, s.tryAll()
}

// parts puts steps and checks in the order in which they are played: that of time,
// and where times are equal that of the file.
func (s *Story) parts(f storyFile, lines lines) ([]Part, error) {
	var parts []Part
	for i, step := range f.Steps {
		p := Part{Number: i + 1, Line: at(lines.steps, i), Step: new(Step)}
		if err := s.readStep(&p, step); err != nil {
			return nil, s.fault(p, err)
		}
		parts = append(parts, p)
	}
	for i, check := range f.Checks {
		p := Part{Number: i + 1, Line: at(lines.checks, i), Check: new(Check)}
		if err := s.readCheck(&p, check); err != nil {
			return nil, s.fault(p, err)
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		return nil, &Fault{File: s.File, Text: "a story has at least one [[step]] or [[check]]"}
	}
	slices.SortStableFunc(parts, func(a, b Part) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Line, b.Line))
	})
	return parts, s.checkBlocks(parts)
}

// checkBlocks checks that what shares a block comes at one time, with nothing between.
func (s *Story) checkBlocks(parts []Part) error {
	for i, p := range parts {
		if p.Step == nil || !p.Step.Joins {
			continue
		}
		if i == 0 || parts[i-1].Step == nil || !parts[i-1].At.Equal(p.At) {
			return s.fault(p, errors.New("same_block: no step of the same time stands before it"))
		}
	}
	return nil
}

func (s *Story) readStep(p *Part, f stepFile) error {
	var known bool
	if p.At, known = momentOf(f.At); !known {
		return atFault(f.At)
	}
	signers, err := namesOf(f.As)
	if err != nil {
		return err
	}
	if len(signers) == 0 {
		return errors.New("as is missing: who signs?")
	}
	for _, name := range signers {
		one, err := s.cast.signatory(name)
		if err != nil {
			return fmt.Errorf("as: %w", err)
		}
		p.Step.As = append(p.Step.As, one)
	}
	if p.Step.Method, known = newest(f.Call); !known {
		return fmt.Errorf("call: there is no method %q%s", f.Call, near(f.Call))
	}
	if f.Sealed != nil && !mayseal(p.Step.Method) {
		return fmt.Errorf("sealed: %s has no sealed part", f.Call)
	}
	if p.Step.Expect, err = expectationOf(f.Expect); err != nil {
		return err
	}
	p.Step.Args, p.Step.Sealed, p.Step.Save, p.Step.Joins = f.Args, f.Sealed, f.Save, f.Joins
	p.Step.Actor = s.cast.actor(p.Step.Method.Rule, p.Step.As)
	if err := p.Step.settle(*p); err != nil {
		return err
	}
	return s.checkSave(*p.Step)
}

// near names the methods of the contract that was meant.
func near(call string) string {
	contract, _, _ := strings.Cut(call, ".")
	var names []string
	for _, m := range registry.New().Methods() {
		if m.Contract == contract && !slices.Contains(names, m.FullName()) {
			names = append(names, m.FullName())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}

func (s *Story) checkSave(step Step) error {
	for name, path := range step.Save {
		switch {
		case !isSaveName(name):
			return fmt.Errorf("save: %q is no name: want letters, digits and underscores", name)
		case s.cast.members[name] != nil:
			return fmt.Errorf("save: %q is one of the cast", name)
		case path == "":
			return fmt.Errorf("save: %s needs the name of a field of the result", name)
		}
	}
	return nil
}

func (s *Story) readCheck(p *Part, f checkFile) error {
	var known bool
	if p.At, known = momentOf(f.At); !known {
		return atFault(f.At)
	}
	if !strings.HasPrefix(f.Query, "/") {
		return fmt.Errorf("query: %q is no path of the API such as /v1/rights/$right", f.Query)
	}
	names, err := namesOf(f.As)
	switch {
	case err != nil:
		return err
	case len(names) > 1:
		return errors.New("as: one person asks")
	case len(names) == 1:
		person, err := s.cast.person(names[0])
		if err != nil {
			return fmt.Errorf("as: %w", err)
		}
		p.Check.As = &person
	}
	if f.Status != 0 && (f.Status < 100 || f.Status > 599) {
		return fmt.Errorf("status: %d is no status of HTTP", f.Status)
	}
	if p.Check.Expect, err = expectationOf(f.Expect); err != nil {
		return err
	}
	p.Check.Query, p.Check.Status, p.Check.Want = f.Query, f.Status, f.Want
	return nil
}

// namesOf reads a name or a list of names.
func namesOf(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []any:
		names := make([]string, len(v))
		for i := range v {
			name, ok := v[i].(string)
			if !ok {
				return nil, fmt.Errorf("as: %v is no name", v[i])
			}
			names[i] = name
		}
		return names, nil
	}
	return nil, fmt.Errorf("as: %v is no list of names", v)
}

// words joins what is not empty.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
