// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"github.com/ipledger/ipledger/consensus/rules"
)

// startsKey is all that the STARTs of a round can be made of.
type startsKey struct {
	round     uint8
	promised  [honest]bool
	told      [honest][maxHeights]cert
	prepared  [maxRounds][maxHeights]names
	certified [maxRounds][maxHeights]names
}

// offers gives the STARTs of round r that can be made: from the statements of
// just enough honest nodes and one of the Byzantine validator, which reports any
// certificates that exist. More honest statements in place of that one give
// nothing else, as it can say the same as they.
func (w *world) offers(s *state, r int) []offer {
	k := startsKey{round: uint8(r)}
	for i := range s.node {
		if int(s.node[i].promise) >= r {
			k.promised[i], k.told[i] = true, s.node[i].told[r]
		}
	}
	for e := range r {
		k.prepared[e], k.certified[e] = s.prepared[e], s.certified[e]
	}
	found, ok := w.starts[k]
	if ok {
		return found
	}
	seen := make(map[start]bool)
	w.lies(&k, func(lie offer, byzantine rules.Statement) {
		for _, order := range w.permutations {
			statements, o := []rules.Statement{byzantine}, lie
			for _, i := range order[:w.need] {
				if !k.promised[i] {
					break
				}
				o.of[i], o.tells[i] = true, k.told[i]
				statements = append(statements, w.statement(r, uint64(i), rules.Prepared{Block: genesis}, k.told[i]))
			}
			if len(statements) != w.need+1 {
				continue
			}
			base, carried := w.rules.Carry(statements)
			o.start = start{open: true, height: uint8(base.Height), base: named(base)}
			for i, b := range carried {
				o.start.carried[i] = named(b)
			}
			if !seen[o.start] {
				seen[o.start] = true
				found = append(found, o)
			}
		}
	})
	w.starts[k] = found
	return found
}

func (w *world) statement(r int, validator uint64, highest rules.Prepared, told [maxHeights]cert) rules.Statement {
	var kept []rules.Prepared
	for h, c := range told {
		if c.block != 0 {
			kept = append(kept, w.certificate(c, h+1))
		}
	}
	return rules.State(rules.Epoch{Round: uint64(r)}, validator, highest, kept)
}

// lies calls visit with everything that the Byzantine validator can state: any
// certificate or none, and at each height any prepare certificate or none. Where
// votes are told and not certificates, it may name any block.
func (w *world) lies(k *startsKey, visit func(offer, rules.Statement)) {
	choices := [maxHeights][]cert{}
	highest := []rules.Prepared{{Block: genesis}}
	for h := range w.heights {
		choices[h] = []cert{{}}
		for e := range int(k.round) {
			may := k.prepared[e][h]
			if w.rules.OnePhase {
				may = w.children(0) // such rules are searched in one height only
			}
			may.all(func(b name) bool {
				choices[h] = append(choices[h], cert{b, uint8(e)})
				return true
			})
			k.certified[e][h].all(func(b name) bool {
				highest = append(highest, w.certificate(cert{b, uint8(e)}, h+1))
				return true
			})
		}
	}
	if w.heights == 1 {
		choices[1] = []cert{{}}
	}
	for _, top := range highest {
		for _, one := range choices[0] {
			for _, two := range choices[1] {
				o := offer{lie: [maxHeights]cert{one, two}, above: uint8(top.Block.Height), on: named(top.Block)}
				visit(o, w.statement(int(k.round), honest, top, o.lie))
			}
		}
	}
}
