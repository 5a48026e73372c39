// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A traitor is a member that runs the same core as everybody, and misbehaves at
// its edges: in what it sends, in what its core gets to hear, and in what it gives
// to those who fetch blocks. So it knows all that a member knows, holds a key of
// the set, and is elected as others are. At healing it ceases, and its core, which
// may have been told lies and has told them, goes on from there.
type traitor struct {
	dice
	n    *node
	does []behaviour
	zeal float64 // how often it does what it could do

	splits bool   // it has done what may make two of Raft's log
	grants bool   // it has granted two elections in one term
	half   uint64 // members that it shows its other face, one bit each
	head   []byte // of its messages: kind and group
	proof  []byte // of its newest election
	kept   []consensus.Send
	rivals map[string][]byte // by the batch that one is the rival of
	lies   map[ledger.Vote]ledger.SignedVote
}

// A behaviour is one way of betraying. What it does is told by its second result.
type behaviour struct {
	name   string
	splits bool // may make two of Raft's log
	send   func(*traitor, consensus.Send) ([]consensus.Send, bool)
	hear   func(*traitor, consensus.Event) (consensus.Event, bool)
	serve  func(*traitor, uint64, []consensus.CertifiedBlock) ([]consensus.CertifiedBlock, bool)
}

// behaviours are all that a seed chooses from.
var behaviours = slices.Concat(equivocation, forgery, withholding, lies, faithlessness, confusion, raftAttacks)

// Behaviours gives their names.
func Behaviours() (names []string) {
	for _, b := range behaviours {
		names = append(names, b.name)
	}
	return names
}

// Faults gives the names of all faults that are not betrayals.
func Faults() (names []string) {
	for _, f := range faults {
		names = append(names, f.name)
	}
	return names
}

func newTraitor(n *node) *traitor {
	d := newDice(n.w.o, "traitor", int(n.id))
	t := &traitor{
		dice:   d,
		n:      n,
		zeal:   oneOf(d, 0.05, 0.3, 1),
		half:   1 + d.Uint64N(1<<len(n.w.nodes)-2),
		rivals: make(map[string][]byte),
		lies:   make(map[ledger.Vote]ledger.SignedVote),
	}
	may := behaviours
	if d.chance(0.5) {
		may = slices.DeleteFunc(slices.Clone(may), func(b behaviour) bool { return b.splits })
	} else if d.chance(0.5) {
		t.does = append(t.does, equivocation...) // all at once: two batches, and votes for both
	}
	for range 1 + d.IntN(4) {
		t.does = append(t.does, may[d.IntN(len(may))])
	}
	if n.w.o.Only != nil {
		t.does = slices.DeleteFunc(slices.Clone(behaviours), func(b behaviour) bool { return !n.w.chosen(b.name) })
	}
	t.does = slices.DeleteFunc(t.does, func(b behaviour) bool { return !n.w.wanted(b.name) })
	return t
}

// acts notes that a behaviour was shown.
func (t *traitor) acts(b behaviour) {
	t.n.w.count("treason: "+b.name, 1)
	t.n.w.report.Treason++
	t.splits = t.splits || b.splits
}

// idle tells that the traitor behaves, for now or for good.
func (t *traitor) idle() bool { return t.n.w.healed || !t.chance(t.zeal) }

// send sends what the traitor sends in the place of s.
func (t *traitor) send(s consensus.Send) {
	t.remember(s)
	out := []consensus.Send{s}
	for _, b := range t.does {
		if b.send == nil || t.idle() {
			continue
		}
		var next []consensus.Send
		acted := false
		for _, s := range out {
			instead, acts := b.send(t, s)
			next, acted = append(next, instead...), acted || acts
		}
		if acted {
			t.acts(b)
			out = next
		}
	}
	for _, s := range out {
		t.n.w.links.send(t.n, s)
	}
}

// hear gives what reaches the traitor's core in the place of e, nil for nothing.
func (t *traitor) hear(e consensus.Event) consensus.Event {
	for _, b := range t.does {
		if b.hear == nil || t.idle() {
			continue
		}
		instead, acts := b.hear(t, e)
		if acts {
			t.acts(b)
			if e = instead; e == nil {
				return nil
			}
		}
	}
	return e
}

// serve gives what the traitor answers to who fetches blocks from height on.
func (t *traitor) serve(height uint64, got []consensus.CertifiedBlock) []consensus.CertifiedBlock {
	for _, b := range t.does {
		if b.serve == nil || t.idle() {
			continue
		}
		instead, acts := b.serve(t, height, got)
		if acts {
			t.acts(b)
			got = instead
		}
	}
	return got
}

// maxKept is how many of its messages a traitor keeps. Which ones is left to
// chance, so that some are old.
const maxKept = 256

// remember takes from an own message what the traitor may want later.
func (t *traitor) remember(s consensus.Send) {
	if len(t.kept) < maxKept {
		t.kept = append(t.kept, s)
	} else if t.chance(0.1) {
		t.kept[t.IntN(maxKept)] = s
	}
	if skip, ok := attachment(s.Data); ok {
		t.head = s.Data[:messageHead:messageHead]
		if skip > 200 { // longer than a grant
			t.proof = s.Data[messageHead+2 : messageHead+skip]
		}
	}
}

// other tells whether a member is shown the traitor's other face.
func (t *traitor) other(m consensus.Member) bool { return t.half>>m&1 == 1 }

// one is the usual result of a behaviour: another message in the place of one.
func one(s consensus.Send) []consensus.Send { return []consensus.Send{s} }

// nothing is the result of a behaviour that does not act.
func nothing(s consensus.Send) ([]consensus.Send, bool) { return one(s), false }
