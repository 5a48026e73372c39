// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// Prepared is a prepare certificate. The certificate itself does not name the
// parent: the block's header goes with it.
type Prepared struct {
	Epoch Epoch
	Block Block
}

// Supersedes tells that p takes the place of what is kept for the same height:
// the newest epoch speaks.
func (p Prepared) Supersedes(kept Prepared) bool { return p.Epoch.Compare(kept.Epoch) > 0 }

// KeptFor gives the prepare certificates that are synced together with a COMMIT:
// that of its block. Those of its ancestors were synced with the COMMITs for them.
// So whatever becomes FINAL, with all its ancestors, is in the statements of any
// quorum.
func KeptFor(own Prepared) []Prepared { return []Prepared{own} }

// A Statement is what a validator says as it promises to vote in no epoch below
// Epoch. The promise is synced before it is sent; one is given for each epoch.
type Statement struct {
	Epoch     Epoch
	Validator uint64
	Highest   Prepared   // block and epoch of its highest certificate, which is one of COMMITs
	Prepared  []Prepared // above it, one for a height, ascending
}

// State makes a statement of what a validator has kept.
func State(e Epoch, validator uint64, highest Prepared, kept []Prepared) Statement {
	s := Statement{Epoch: e, Validator: validator, Highest: highest}
	for _, p := range kept {
		if p.Block.Height <= highest.Block.Height || p.Epoch.Compare(e) >= 0 {
			continue
		}
		i, found := slices.BinarySearchFunc(s.Prepared, p.Block.Height, func(q Prepared, h uint64) int {
			return cmp.Compare(q.Block.Height, h)
		})
		switch {
		case !found:
			s.Prepared = slices.Insert(s.Prepared, i, p)
		case p.Supersedes(s.Prepared[i]):
			s.Prepared[i] = p
		}
	}
	return s
}

// Check tells what is wrong with the form of a statement.
func (s Statement) Check(window uint64) error {
	if s.Highest.Epoch.Compare(s.Epoch) >= 0 {
		return fmt.Errorf("certificate of round %d in a statement for round %d", s.Highest.Epoch.Round, s.Epoch.Round)
	}
	last := s.Highest.Block.Height
	for _, p := range s.Prepared {
		switch {
		case p.Epoch.Set != s.Epoch.Set || p.Epoch.Round >= s.Epoch.Round:
			return fmt.Errorf("prepare certificate of set %d, round %d in a statement for set %d, round %d",
				p.Epoch.Set, p.Epoch.Round, s.Epoch.Set, s.Epoch.Round)
		case p.Block.Height <= last:
			return fmt.Errorf("prepare certificate of height %d after height %d", p.Block.Height, last)
		case p.Block.Height > s.Highest.Block.Height+window:
			return fmt.Errorf("prepare certificate of height %d, FINAL is %d", p.Block.Height, s.Highest.Block.Height)
		}
		last = p.Block.Height
	}
	return nil
}

// Carry gives what a round begins with: the block of the highest certificate in
// the statements, and above it at each height the block of the prepare
// certificate of the highest epoch, until there is none or it is no child of the
// block below. It depends on the statements and not on their order.
//
// Two certificates of one epoch and height for two blocks take more than a third
// of the set; the lower hash is taken then, so that all do the same.
func Carry(statements []Statement) (base Block, carried []Block) {
	for _, s := range statements {
		b := s.Highest.Block
		if c := cmp.Compare(b.Height, base.Height); c > 0 || c == 0 && (base == Block{} || less(b, base)) {
			base = b
		}
	}
	for top := base; ; {
		best, found := best(statements, top.Height+1)
		if !found || best.Block.Parent != top.Hash {
			return base, carried
		}
		top = best.Block
		carried = append(carried, top)
	}
}

// best gives the prepare certificate of the highest epoch for a height.
func best(statements []Statement, height uint64) (best Prepared, found bool) {
	for _, s := range statements {
		for _, p := range s.Prepared {
			if p.Block.Height == height &&
				(!found || p.Supersedes(best) || p.Epoch == best.Epoch && less(p.Block, best.Block)) {
				best, found = p, true
			}
		}
	}
	return best, found
}

func less(a, b Block) bool { return bytes.Compare(a.Hash[:], b.Hash[:]) < 0 }

// A Start is what a round begins with. That of round 0 carries nothing.
type Start struct {
	Epoch   Epoch
	Base    Block   // of the highest certificate in the statements
	Carried []Block // to be voted on before anything else, ascending from the base
}

// At gives the block that the round carries at a height.
func (s Start) At(height uint64) (Block, bool) {
	if height <= s.Base.Height || height-s.Base.Height > uint64(len(s.Carried)) {
		return Block{}, false
	}
	return s.Carried[height-s.Base.Height-1], true
}

// Starter is the place of the validator that signs the START of a round.
func Starter(round uint64, set ledger.ValidatorSet) uint64 { return round % uint64(len(set.Members)) }

// Check tells why a START signed by a validator does not follow from the
// statements with it. Signatures and certificates were checked before. A node
// takes the first START of a round that passes, syncs it, and takes no other.
func (s Start) Check(set ledger.ValidatorSet, signer uint64, window uint64, statements []Statement) error {
	switch {
	case s.Epoch.Set != set.Number || s.Epoch.Round == 0:
		return fmt.Errorf("no START of set %d, round %d follows from statements", s.Epoch.Set, s.Epoch.Round)
	case signer != Starter(s.Epoch.Round, set):
		return fmt.Errorf("START of round %d is signed by validator %d, not %d", s.Epoch.Round, signer, Starter(s.Epoch.Round, set))
	case len(statements) != set.Quorum():
		return fmt.Errorf("%d statements, needed are exactly %d", len(statements), set.Quorum())
	}
	for i, one := range statements {
		if one.Validator >= uint64(len(set.Members)) || i > 0 && one.Validator <= statements[i-1].Validator {
			return fmt.Errorf("statement of validator %d is a stranger's, repeated or out of order", one.Validator)
		}
		if one.Epoch != s.Epoch {
			return fmt.Errorf("statement of validator %d is for another round", one.Validator)
		}
		if err := one.Check(window); err != nil {
			return fmt.Errorf("statement of validator %d: %w", one.Validator, err)
		}
	}
	base, carried := Carry(statements)
	if s.Base != base || !slices.Equal(s.Carried, carried) {
		return errors.New("the START does not carry what the statements say")
	}
	return nil
}
