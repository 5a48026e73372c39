// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

// block gives a block of a height by one letter, on another.
func block(height uint64, letter byte, parent Block) Block {
	return Block{Height: height, Hash: ledger.Hash{byte(height), letter}, Parent: parent.Hash}
}

// A stand is a node in round 2 of set 1 that may PREPARE and COMMIT a block of
// height 12: 10 is FINAL, and 11 is prepared by it and by a quorum.
type stand struct {
	Voter
	vote     ledger.Vote
	parent   ledger.Hash
	prepared ledger.Hash
	below    Below
	before   *ledger.Vote
}

var (
	final  = block(10, 'F', Block{})
	eleven = block(11, 'A', final)
	twelve = block(12, 'A', eleven)
)

func good() *stand {
	return &stand{
		Voter: Voter{
			Promise: Epoch{1, 2},
			Start:   Start{Epoch: Epoch{1, 2}, Base: block(9, 'F', Block{})},
			Final:   final,
			Kept:    10,
			KeptOf:  Epoch{1, 2},
			Window:  8,
		},
		vote:     ledger.Vote{Set: 1, Round: 2, Height: 12, Block: twelve.Hash},
		parent:   twelve.Parent,
		prepared: twelve.Hash,
		below:    Below{Prepared: eleven.Hash, Committed: eleven.Hash},
	}
}

func (s *stand) say(kind ledger.VoteKind) Verdict {
	s.vote.Kind = kind
	if kind == ledger.Commit {
		return s.Commit(s.vote, s.parent, s.prepared, s.below, s.before)
	}
	return s.Prepare(s.vote, s.parent, s.below, s.before)
}

var kinds = []ledger.VoteKind{ledger.Prepare, ledger.Commit}

func TestNoVoteOfEitherKind(t *testing.T) {
	for name, spoil := range map[string]func(*stand){
		"below a promise":                         func(s *stand) { s.Promise.Round = 3 },
		"in another round than that of the START": func(s *stand) { s.vote.Round = 3 },
		"in another set":                          func(s *stand) { s.vote.Set = 2 },
		"in a round that a certificate has left":  func(s *stand) { s.KeptOf.Round = 3 },
		"with a ledger that was put back":         func(s *stand) { s.Kept = 11 },
		"at FINAL":                                func(s *stand) { s.Final = twelve },
		"at the base of the round":                func(s *stand) { s.Start.Base = twelve },
		"beyond the window":                       func(s *stand) { s.Window = 1 },
		"above a boundary block":                  func(s *stand) { s.Last = 11 },
		"on a parent that nobody prepared":        func(s *stand) { s.below = Below{} },
		"on another parent than the prepared one": func(s *stand) { s.parent = block(11, 'B', final).Hash },
		"on no parent":                            func(s *stand) { s.parent, s.below = ledger.Hash{}, Below{} },
		"on FINAL with a gap":                     func(s *stand) { s.parent, s.below = final.Hash, Below{} },
	} {
		for _, kind := range kinds {
			s := good()
			if got := s.say(kind); got != Sign {
				t.Fatalf("the good %v: verdict %d", kind, got)
			}
			spoil(s)
			if got := s.say(kind); got != Wait {
				t.Errorf("%v %s: verdict %d", kind, name, got)
			}
		}
	}
}

func TestFinalParentNeedsNoOtherSupport(t *testing.T) {
	for _, kind := range kinds {
		s := good()
		s.vote.Height, s.vote.Block, s.parent, s.prepared, s.below = 11, eleven.Hash, final.Hash, eleven.Hash, Below{}
		if got := s.say(kind); got != Sign {
			t.Errorf("%v: verdict %d", kind, got)
		}
		s.Last = 11
		if got := s.say(kind); got != Sign {
			t.Errorf("%v of the boundary block: verdict %d", kind, got)
		}
	}
}

func TestCommitNeedsThePrepareCertificateOfItsBlock(t *testing.T) {
	s := good()
	for _, spoiled := range []ledger.Hash{{}, block(12, 'B', eleven).Hash} {
		s.prepared = spoiled
		if got := s.say(ledger.Commit); got != Wait {
			t.Errorf("with %v: verdict %d", spoiled, got)
		}
	}
}

func TestEachVoteNeedsTheOwnOneOfItsKindForTheParent(t *testing.T) {
	s := good()
	s.below.Committed = ledger.Hash{}
	if s.say(ledger.Prepare) != Sign || s.say(ledger.Commit) != Wait {
		t.Error("COMMIT takes the own PREPARE of the parent for a COMMIT")
	}
	s = good()
	s.below.Prepared = ledger.Hash{}
	if s.say(ledger.Prepare) != Wait || s.say(ledger.Commit) != Sign {
		t.Error("PREPARE takes the own COMMIT of the parent for a PREPARE")
	}
}

func TestWhatIsCarriedIsVotedFirst(t *testing.T) {
	s := good()
	s.Start = Start{Epoch: Epoch{1, 2}, Base: final, Carried: []Block{eleven, twelve}}
	if got := s.say(ledger.Prepare); got != Sign {
		t.Errorf("the carried block: verdict %d", got)
	}
	s.vote.Block = block(12, 'B', eleven).Hash
	if got := s.say(ledger.Prepare); got != Wait {
		t.Errorf("another block in its place: verdict %d", got)
	}
	s.Start.Carried = s.Start.Carried[:1]
	if got := s.say(ledger.Prepare); got != Sign {
		t.Errorf("another block above what is carried: verdict %d", got)
	}
}

func TestASecondVoteIsARepetitionOrAContradiction(t *testing.T) {
	for _, kind := range kinds {
		s := good()
		s.say(kind)
		same := s.vote
		s.before, s.Promise.Round = &same, 3 // what was signed may be repeated for ever
		if got := s.say(kind); got != Signed {
			t.Errorf("the same %v: verdict %d", kind, got)
		}
		s.vote.Block = block(12, 'B', eleven).Hash
		if got := s.say(kind); got != Contradiction {
			t.Errorf("another %v: verdict %d", kind, got)
		}
	}
}
