// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"slices"

	"github.com/ipledger/ipledger/consensus/rules"
	"github.com/ipledger/ipledger/ledger"
)

// Rules are the functions that honest nodes follow. Ours are those of package
// rules; a broken variant has one of them replaced.
type Rules struct {
	Quorum     func(ledger.ValidatorSet) int
	Prepare    func(n rules.Voter, v ledger.Vote, parent ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict
	Commit     func(n rules.Voter, v ledger.Vote, parent, prepared ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict
	KeptFor    func(own rules.Prepared) []rules.Prepared
	Supersedes func(p, kept rules.Prepared) bool
	Carry      func([]rules.Statement) (rules.Block, []rules.Block)

	// OnePhase makes a certificate of PREPAREs alone; a statement then names the
	// votes of its validator, which a Byzantine one can invent.
	OnePhase bool
}

// Ours are the rules as they stand.
func Ours() Rules {
	return Rules{
		Quorum:     ledger.ValidatorSet.Quorum,
		Prepare:    rules.Voter.Prepare,
		Commit:     rules.Voter.Commit,
		KeptFor:    rules.KeptFor,
		Supersedes: rules.Prepared.Supersedes,
		Carry:      rules.Carry,
	}
}

// A Variant is our rules with one of them broken.
type Variant struct {
	Name            string
	Heights, Rounds int      // that suffice to see it
	Broken          Property // what shows it
	Rules           func() Rules
	Slow            bool // with very many states in any order of deeds
}

// Variants are the mistakes that the search must find.
func Variants() []Variant {
	return []Variant{
		{"one vote is a certificate's, and the block with most votes is carried", 1, 2, OneChain, func() Rules {
			r := Ours()
			r.OnePhase, r.Carry = true, carryPlurality
			return r
		}, false},
		{"any prepare certificate is carried, not that of the highest epoch", 1, 3, OneChain, func() Rules {
			r := Ours()
			r.Carry = carryBy(func(a, b rules.Prepared) bool { return false }, true) // the first in the statements
			return r
		}, false},
		{"the prepare certificate of the lowest epoch is carried", 1, 3, OneChain, func() Rules {
			r := Ours()
			r.Carry = carryBy(func(a, b rules.Prepared) bool { return b.Supersedes(a) }, true)
			return r
		}, false},
		{"the first prepare certificate of a height is kept, not the newest", 1, 3, OneChain, func() Rules {
			r := Ours()
			r.Supersedes = func(rules.Prepared, rules.Prepared) bool { return false }
			return r
		}, false},
		{"what is carried need not have the parent below it", 2, 3, CarriedChain, func() Rules {
			r := Ours()
			r.Carry = carryBy(rules.Prepared.Supersedes, false)
			return r
		}, false},
		{"nothing looks at the parent of what is carried: neither START nor PREPARE nor COMMIT", 2, 3, OneChain, func() Rules {
			r := Ours()
			r.Carry = carryBy(rules.Prepared.Supersedes, false)
			carried := func(n rules.Voter, v ledger.Vote) bool {
				c, ok := n.Start.At(v.Height)
				return ok && c.Hash == v.Block
			}
			r.Prepare = func(n rules.Voter, v ledger.Vote, parent ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict {
				if carried(n, v) {
					below.Prepared = parent
				}
				return n.Prepare(v, parent, below, before)
			}
			r.Commit = func(n rules.Voter, v ledger.Vote, parent, prepared ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict {
				if carried(n, v) {
					below.Committed = parent
				}
				return n.Commit(v, parent, prepared, below, before)
			}
			return r
		}, false},
		{"COMMIT does not ask for the own COMMIT of the parent", 2, 2, OneChain, func() Rules {
			r := Ours()
			r.Commit = func(n rules.Voter, v ledger.Vote, parent, prepared ledger.Hash, _ rules.Below, before *ledger.Vote) rules.Verdict {
				return n.Commit(v, parent, prepared, rules.Below{Committed: parent}, before)
			}
			return r
		}, false},
		{"COMMIT does not ask for the prepare certificate of its block", 1, 2, OneChain, func() Rules {
			r := Ours()
			r.Commit = func(n rules.Voter, v ledger.Vote, parent, _ ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict {
				return n.Commit(v, parent, v.Block, below, before)
			}
			return r
		}, true},
		{"COMMIT keeps no prepare certificate", 1, 2, OneChain, func() Rules {
			r := Ours()
			r.KeptFor = func(rules.Prepared) []rules.Prepared { return nil }
			return r
		}, false},
		{"a promise is forgotten", 1, 2, OneChain, func() Rules {
			r := Ours()
			r.Prepare = func(n rules.Voter, v ledger.Vote, parent ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict {
				n.Promise = rules.Epoch{}
				return n.Prepare(v, parent, below, before)
			}
			r.Commit = func(n rules.Voter, v ledger.Vote, parent, prepared ledger.Hash, below rules.Below, before *ledger.Vote) rules.Verdict {
				n.Promise = rules.Epoch{}
				return n.Commit(v, parent, prepared, below, before)
			}
			return r
		}, false},
		{"PREPARE is signed twice in an epoch", 1, 2, OneChain, func() Rules {
			r := Ours()
			r.Carry = carryBy(rules.Prepared.Supersedes, true) // of two of one epoch any one, not that of the lower hash
			r.Prepare = func(n rules.Voter, v ledger.Vote, parent ledger.Hash, below rules.Below, _ *ledger.Vote) rules.Verdict {
				return n.Prepare(v, parent, below, nil)
			}
			return r
		}, true},
		{"the quorum is one too small", 1, 1, OneChain, func() Rules {
			r := Ours()
			r.Quorum = func(s ledger.ValidatorSet) int { return s.Quorum() - 1 }
			return r
		}, true},
	}
}

// carryBy is Carry with another choice among the certificates of a height.
func carryBy(first func(a, b rules.Prepared) bool, parent bool) func([]rules.Statement) (rules.Block, []rules.Block) {
	return func(statements []rules.Statement) (base rules.Block, carried []rules.Block) {
		base, _ = rules.Carry(statements)
		for top := base; ; {
			var best *rules.Prepared
			for _, s := range statements {
				for _, p := range s.Prepared {
					if p.Block.Height == top.Height+1 && (best == nil || first(p, *best)) {
						best = &p
					}
				}
			}
			if best == nil || parent && best.Block.Parent != top.Hash {
				return base, carried
			}
			top = best.Block
			carried = append(carried, top)
		}
	}
}

// carryPlurality is Carry by the number of votes that are told of.
func carryPlurality(statements []rules.Statement) (base rules.Block, carried []rules.Block) {
	base, _ = rules.Carry(statements)
	for top := base; ; {
		var told []rules.Block
		for _, s := range statements {
			for _, p := range s.Prepared {
				if p.Block.Height == top.Height+1 && p.Block.Parent == top.Hash {
					told = append(told, p.Block)
				}
			}
		}
		if len(told) == 0 {
			return base, carried
		}
		count := func(b rules.Block) (n int) {
			for _, t := range told {
				if t == b {
					n++
				}
			}
			return n
		}
		top = slices.MaxFunc(told, func(a, b rules.Block) int { return count(a) - count(b) })
		carried = append(carried, top)
	}
}
