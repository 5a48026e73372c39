// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

// A Property is what must hold in every state.
type Property string

// The properties.
const (
	OneChain     Property = "no two different blocks of one height are FINAL"
	OnePrepared  Property = "no two different blocks of one height have prepare certificates of one round"
	Ancestors    Property = "the parent of a certified block is certified, or prepared by a quorum in the same round"
	CarriedFinal Property = "a START carries every block that became FINAL in an earlier round"
	CarriedChain Property = "what a START carries is a chain on its base"
)

// Properties are all of them.
func Properties() []Property {
	return []Property{OneChain, OnePrepared, Ancestors, CarriedFinal, CarriedChain}
}

// holds tells whether a property holds in a state.
func (w *world) holds(p Property, s *state) bool {
	switch p {
	case OneChain:
		for _, f := range w.final(s, w.rounds) {
			if f.len() > 1 {
				return false
			}
		}
		return true
	case OnePrepared:
		for r := range w.rounds {
			for _, p := range s.prepared[r] {
				if p.len() > 1 {
					return false
				}
			}
		}
		return true
	case Ancestors:
		return w.ancestors(s)
	}
	return w.starting(p, s)
}

// starting tells whether a property of START records holds.
func (w *world) starting(p Property, s *state) bool {
	for r := 1; r < w.rounds; r++ {
		final := w.final(s, r)
		for i := range s.node {
			st := s.node[i].start[r]
			if st.open && (p == CarriedChain && !w.chain(st) || p == CarriedFinal && !w.includes(st, final)) {
				return false
			}
		}
	}
	return true
}

// final gives the blocks that the certificates of the first rounds make FINAL.
func (w *world) final(s *state, rounds int) (f [maxHeights]names) {
	for r := range rounds {
		for h := range w.heights {
			f[h] |= s.certified[r][h]
		}
	}
	f[1].all(func(b name) bool {
		f[0] |= 1 << w.parent(b)
		return true
	})
	return f
}

func (w *world) ancestors(s *state) bool {
	good := true
	for r := range w.rounds {
		s.certified[r][1].all(func(b name) bool {
			p := w.parent(b)
			good = s.prepared[r][0].has(p)
			for e := 0; e <= r && !good; e++ {
				good = s.certified[e][0].has(p)
			}
			return good
		})
	}
	return good
}

// path gives the blocks that a START stands for: its base with what is below,
// and what it carries. The chain ends where something else lies in between.
func (w *world) path(st start) (p [maxHeights]name) {
	if st.height > 0 {
		p[st.height-1] = st.base
	}
	if st.height == 2 {
		p[0] = w.parent(st.base)
	}
	for i, b := range st.carried {
		if b != 0 {
			p[int(st.height)+i] = b
		}
	}
	return p
}

func (w *world) chain(st start) bool {
	p := w.path(st)
	return p[1] == 0 || p[0] == w.parent(p[1])
}

func (w *world) includes(st start, final [maxHeights]names) bool {
	for h, b := range w.path(st) {
		if final[h]&^(1<<b) != 0 {
			return false
		}
	}
	return true
}
