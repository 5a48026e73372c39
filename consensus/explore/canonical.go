// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"bytes"
	"crypto/sha256"
	"slices"
)

// A renaming says what became of the honest nodes and blocks of a state when it
// was put into its canonical form.
type renaming struct {
	node   [honest]uint8                           // old place, by new place
	blocks [maxHeights][1 + maxNames*maxNames]name // new name, by old name
}

// A writing is all of a state, for comparison.
type writing [honest*(1+maxRounds*(2+maxHeights)+6*maxRounds*maxHeights+2*maxHeights+2*maxRounds*maxHeights) +
	6*maxRounds*maxHeights]byte

// A fingerprint is a hash of a state. Of two states with one of them the second
// would be taken for seen; among a billion that has a chance of one in 10^20.
type fingerprint [16]byte

// canonical gives the one state that stands for all that differ from s in the
// names of honest nodes and of blocks only. Blocks are named in the order in
// which they occur, for each order of the nodes; the least of these is taken.
func (w *world) canonical(s *state) (best state, print fingerprint, how renaming) {
	var least writing
	same := [honest]bool{1: s.node[0] == s.node[1], 2: s.node[1] == s.node[2]}
	for k, p := range w.permutations {
		if same[1] && before(p, 1, 0) || same[2] && before(p, 2, 1) {
			continue // the same as with the two the other way round
		}
		t := *s
		for i, old := range p {
			t.node[i] = s.node[old]
		}
		b := baptism{w: w}
		b.state(&t)
		text := t.write()
		if k == 0 || bytes.Compare(text[:], least[:]) < 0 {
			best, least, how = t, text, renaming{p, b.finish()}
		}
	}
	return best, least.hash(), how
}

// before tells whether node a stands before node b in an order.
func before(order [honest]uint8, a, b uint8) bool {
	return slices.Index(order[:], a) < slices.Index(order[:], b)
}

// A baptism gives new names in the order in which it meets the old ones.
type baptism struct {
	w      *world
	to     [maxHeights][1 + maxNames*maxNames]name
	given  name               // at height 1
	ofPair [1 + maxNames]name // children named, by new name of the parent
}

func (b *baptism) one(h int, old name) name {
	if old == 0 || b.to[h][old] != 0 {
		return b.to[h][old]
	}
	if h == 0 {
		b.given++
		b.to[0][old] = b.given
		return b.given
	}
	p := b.one(0, b.w.parent(old))
	b.ofPair[p]++
	b.to[1][old] = (p-1)*name(b.w.names) + b.ofPair[p]
	return b.to[1][old]
}

func (b *baptism) set(h int, s *names) {
	if *s == 0 {
		return
	}
	var out names
	s.all(func(old name) bool {
		out |= 1 << b.one(h, old)
		return true
	})
	*s = out
}

func (b *baptism) cert(h int, c *cert) { c.block = b.one(h, c.block) }

func (b *baptism) state(s *state) {
	for r := range s.prepared {
		for h := range maxHeights {
			b.set(h, &s.certified[r][h])
			b.set(h, &s.prepared[r][h])
		}
	}
	for i := range s.node {
		n := &s.node[i]
		for r := range n.start {
			st := &n.start[r]
			if st.height > 0 {
				st.base = b.one(int(st.height)-1, st.base)
			}
			for k := range st.carried {
				if st.carried[k] != 0 {
					st.carried[k] = b.one(int(st.height)+k, st.carried[k])
				}
			}
			for h := range maxHeights {
				b.set(h, &n.prepare[r][h])
				b.set(h, &n.commit[r][h])
				b.cert(h, &n.told[r][h])
			}
		}
		for h := range n.kept {
			b.cert(h, &n.kept[h])
		}
	}
}

// finish names what did not occur, so that nothing loses its name.
func (b *baptism) finish() [maxHeights][1 + maxNames*maxNames]name {
	for h := range b.w.heights {
		b.w.candidates(h+1, func(old name) { b.one(h, old) })
	}
	return b.to
}

func (t *writing) hash() fingerprint {
	sum := sha256.Sum256(t[:])
	return fingerprint(sum[:16])
}

func (s *state) print() fingerprint {
	t := s.write()
	return t.hash()
}

// write writes down all of a state.
func (s *state) write() (f writing) {
	at := 0
	put := func(v ...byte) { at += copy(f[at:], v) }
	set := func(s names) { put(byte(s), byte(s>>8), byte(s>>16)) }
	for r := range s.prepared {
		for h := range maxHeights {
			set(s.prepared[r][h])
			set(s.certified[r][h])
		}
	}
	for i := range s.node {
		n := &s.node[i]
		put(n.promise)
		for r := range n.start {
			st := n.start[r]
			opened := byte(0)
			if st.open {
				opened = 1
			}
			put(opened|st.height<<1, byte(st.base))
			for h := range maxHeights {
				put(byte(st.carried[h]))
				set(n.prepare[r][h])
				set(n.commit[r][h])
				put(byte(n.told[r][h].block), n.told[r][h].round)
			}
		}
		for h := range n.kept {
			put(byte(n.kept[h].block), n.kept[h].round)
		}
	}
	return f
}
