// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

func of(round uint64, b Block) Prepared { return Prepared{Epoch: Epoch{1, round}, Block: b} }

// A fork of two heights above FINAL.
var (
	otherEleven = block(11, 'B', final)
	otherTwelve = block(12, 'B', otherEleven)
	thirteen    = block(13, 'A', twelve)
	head        = of(0, final)
	set         = ledger.ValidatorSet{Number: 1, Members: make([]ledger.Validator, 4)}
)

func state(validator uint64, highest Prepared, kept ...Prepared) Statement {
	return State(Epoch{1, 3}, validator, highest, kept)
}

func TestAStatementTellsOfTheNewestEpochAboveTheHighestCertificate(t *testing.T) {
	s := state(2, of(1, final), of(0, twelve), of(2, otherTwelve), of(1, twelve), of(2, eleven), of(2, final), of(3, thirteen))
	want := []Prepared{of(2, eleven), of(2, otherTwelve)}
	if !slices.Equal(s.Prepared, want) || s.Highest != of(1, final) || s.Validator != 2 || s.Epoch != (Epoch{1, 3}) {
		t.Errorf("%+v", s)
	}
	if err := s.Check(8); err != nil {
		t.Error(err)
	}
}

func TestAStatementOfAWrongFormIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Statement){
		"a certificate of its own round":         func(s *Statement) { s.Highest.Epoch.Round = 3 },
		"a prepare certificate of its own round": func(s *Statement) { s.Prepared[1].Epoch.Round = 3 },
		"one of another set":                     func(s *Statement) { s.Prepared[1].Epoch.Set = 0 },
		"one at the highest certificate":         func(s *Statement) { s.Prepared[0] = of(0, final) },
		"two of one height":                      func(s *Statement) { s.Prepared[0] = of(0, otherTwelve) },
		"one beyond the window":                  func(s *Statement) { s.Prepared[1].Block.Height = 19 },
	} {
		s := state(0, head, of(0, eleven), of(0, twelve))
		if err := s.Check(8); err != nil {
			t.Fatal(err)
		}
		spoil(&s)
		if s.Check(8) == nil {
			t.Errorf("a statement with %s passes", name)
		}
	}
}

func TestCarriedIsTheChainOfTheHighestEpochs(t *testing.T) {
	for name, c := range map[string]struct {
		statements []Statement
		base       Block
		carried    []Block
	}{
		"nothing was prepared": {
			[]Statement{state(0, head), state(1, head), state(2, head)}, final, nil,
		},
		"one of them holds the certificates": {
			[]Statement{state(0, head), state(1, head, of(0, eleven), of(1, twelve)), state(2, head)}, final, []Block{eleven, twelve},
		},
		"each of them holds another": {
			[]Statement{state(0, head, of(0, twelve)), state(1, head, of(0, eleven)), state(2, head, of(1, thirteen))},
			final, []Block{eleven, twelve, thirteen},
		},
		"the higher epoch wins": {
			[]Statement{state(0, head, of(0, eleven)), state(1, head, of(1, otherEleven)), state(2, head, of(0, eleven))},
			final, []Block{otherEleven},
		},
		"a child of another block is dropped": {
			[]Statement{state(0, head, of(0, eleven), of(0, twelve)), state(1, head, of(1, otherEleven)), state(2, head)},
			final, []Block{otherEleven},
		},
		"a higher epoch that is no child hides one that is": {
			[]Statement{state(0, head, of(1, eleven), of(0, twelve)), state(1, head, of(1, otherTwelve)), state(2, head)},
			final, []Block{eleven},
		},
		"a gap ends it": {
			[]Statement{state(0, head, of(0, twelve)), state(1, head), state(2, head)}, final, nil,
		},
		"it begins at the highest certificate": {
			[]Statement{state(0, head, of(0, eleven), of(0, twelve)), state(1, of(1, otherEleven)), state(2, head, of(1, otherTwelve))},
			otherEleven, []Block{otherTwelve},
		},
		"two of one epoch, which takes more than a third of the set": {
			[]Statement{state(0, head, of(1, otherEleven)), state(1, head, of(1, eleven)), state(2, head)}, final, []Block{eleven},
		},
	} {
		for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			mixed := []Statement{c.statements[order[0]], c.statements[order[1]], c.statements[order[2]]}
			if base, carried := Carry(mixed); base != c.base || !slices.Equal(carried, c.carried) {
				t.Errorf("%s, in the order %v: base %v, carried %v", name, order, base, carried)
			}
		}
	}
}

func TestACommitKeepsTheCertificateOfItsBlock(t *testing.T) {
	if kept := KeptFor(of(2, twelve)); !slices.Equal(kept, []Prepared{of(2, twelve)}) {
		t.Errorf("kept: %v", kept)
	}
	if !of(2, eleven).Supersedes(of(1, otherEleven)) || of(1, eleven).Supersedes(of(1, otherEleven)) || of(0, eleven).Supersedes(of(1, eleven)) {
		t.Error("what is kept is not of the newest epoch")
	}
}

func TestAStartThatDoesNotFollowIsRefused(t *testing.T) {
	type offer struct {
		start      Start
		signer     uint64
		statements []Statement
	}
	offered := func() *offer {
		return &offer{
			Start{Epoch: Epoch{1, 3}, Base: final, Carried: []Block{eleven, twelve}}, 3,
			[]Statement{state(0, head, of(0, eleven)), state(1, head, of(1, twelve)), state(3, head)},
		}
	}
	check := func(o *offer) error { return o.start.Check(set, o.signer, 8, o.statements) }
	if err := check(offered()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*offer){
		"signed by another":              func(o *offer) { o.signer = 2 },
		"of another set":                 func(o *offer) { o.start.Epoch.Set = 2 },
		"of round 0":                     func(o *offer) { o.start.Epoch.Round, o.signer = 0, 0 },
		"of too few statements":          func(o *offer) { o.statements = o.statements[:2] },
		"of too many":                    func(o *offer) { o.statements = append(o.statements, state(2, head)) },
		"of one statement twice":         func(o *offer) { o.statements[2] = o.statements[1] },
		"of statements out of order":     func(o *offer) { slices.Reverse(o.statements) },
		"of a stranger's statement":      func(o *offer) { o.statements[2].Validator = 4 },
		"of another round's statement":   func(o *offer) { o.statements[1].Epoch.Round = 2 },
		"of a statement of a wrong form": func(o *offer) { o.statements[1].Prepared[0].Epoch.Round = 3 },
		"that carries less":              func(o *offer) { o.start.Carried = o.start.Carried[:1] },
		"that carries nothing":           func(o *offer) { o.start.Carried = nil },
		"that carries more":              func(o *offer) { o.start.Carried = append(o.start.Carried, thirteen) },
		"that carries another block":     func(o *offer) { o.start.Carried[0] = otherEleven },
		"on another base":                func(o *offer) { o.start.Base = eleven },
	} {
		o := offered()
		spoil(o)
		if check(o) == nil {
			t.Errorf("a START %s passes", name)
		}
	}
}
