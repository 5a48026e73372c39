// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"slices"
	"strings"
)

// A legend gives the nodes and blocks of a canonical state the names that they
// had from the beginning of a trace.
type legend struct {
	node   [honest]string
	blocks [maxHeights][1 + maxNames*maxNames]string
}

func (w *world) legend() (l legend) {
	for i := range l.node {
		l.node[i] = fmt.Sprint("node ", i+1)
	}
	l.blocks[0][0], l.blocks[1][0] = "no block", "no block"
	w.candidates(1, func(b name) { l.blocks[0][b] = string(rune('A' + b - 1)) })
	w.candidates(2, func(b name) {
		l.blocks[1][b] = fmt.Sprintf("%s%d", l.blocks[0][w.parent(b)], (int(b)-1)%w.names+1)
	})
	return l
}

func (l legend) renamed(how renaming) legend {
	out := l
	for i, old := range how.node {
		out.node[i] = l.node[old]
	}
	for h := range how.blocks {
		for old, b := range how.blocks[h] {
			if b != 0 {
				out.blocks[h][b] = l.blocks[h][old]
			}
		}
	}
	return out
}

func (w *world) unchanged() (how renaming) {
	for i := range how.node {
		how.node[i] = uint8(i)
	}
	for h := range how.blocks {
		for b := range how.blocks[h] {
			how.blocks[h][b] = name(b)
		}
	}
	return how
}

// trace tells how a state came about, and what is wrong with it.
func (w *world) trace(v *visited) []string {
	var path []*visited
	for ; v != nil; v = v.before {
		path = append(path, v)
	}
	slices.Reverse(path)
	l := w.legend().renamed(path[0].how)
	used := w.used(path)
	var lines []string
	for i, v := range path[1:] {
		a := v.action
		if a.deed != nothing && (a.deed != promises || used[promised{l.node[a.node], a.round}]) {
			lines = append(lines, w.sentence(l, a))
		}
		lines = append(lines, w.certified(l, path[i].certified, v)...)
		l = l.renamed(v.how)
	}
	return lines
}

// A promised is a promise of a node, as a trace names it.
type promised struct {
	node  string
	round uint8
}

// used gives the promises of a path that something came of.
func (w *world) used(path []*visited) map[promised]bool {
	used := make(map[promised]bool)
	l := w.legend().renamed(path[0].how)
	for _, v := range path[1:] {
		a := v.action
		if a.deed == accepts {
			used[promised{l.node[a.node], a.round}] = true
			for i, of := range a.offer.of {
				if of {
					used[promised{l.node[i], a.round}] = true
				}
			}
		}
		l = l.renamed(v.how)
	}
	return used
}

// certified tells which certificates are new in a state, in the names of before.
func (w *world) certified(l legend, before [maxRounds][maxHeights]names, v *visited) (lines []string) {
	after := l.renamed(v.how)
	for r := range w.rounds {
		for h := range w.heights {
			var had []string
			before[r][h].all(func(b name) bool { had = append(had, l.blocks[h][b]); return true })
			v.certified[r][h].all(func(b name) bool {
				if text := after.blocks[h][b]; !slices.Contains(had, text) {
					lines = append(lines, fmt.Sprintf("With the Byzantine vote there is a certificate of round %d: %s is FINAL at height %d.", r, text, h+1))
				}
				return true
			})
		}
	}
	return lines
}

func (w *world) sentence(l legend, a action) string {
	who := l.node[a.node]
	switch a.deed {
	case promises:
		return fmt.Sprintf("%s promises round %d and makes its statement.", capital(who), a.round)
	case accepts:
		return fmt.Sprintf("%s accepts a START of round %d that %s, %s.", capital(who), a.round, w.says(l, a.offer.start), w.source(l, a.offer))
	}
	verb := "PREPARE"
	if a.deed == commits {
		verb = "COMMIT"
	}
	what := l.blocks[a.height-1][a.block]
	if a.first != 0 {
		what = l.blocks[a.height-1][a.first] + " and another for " + what
	}
	text := fmt.Sprintf("%s signs %s for %s at height %d in round %d", capital(who), verb, what, a.height, a.round)
	if a.promised {
		text += fmt.Sprintf(", after it has promised round %d", a.round+1)
	}
	return text + "."
}

func (w *world) says(l legend, s start) string {
	base := "begins at genesis"
	if s.height > 0 {
		base = "begins at " + l.blocks[s.height-1][s.base]
	}
	var carried []string
	for i, b := range s.carried {
		if b != 0 {
			carried = append(carried, l.blocks[int(s.height)+i][b])
		}
	}
	if carried == nil {
		return base + " and carries nothing"
	}
	return base + " and carries " + strings.Join(carried, ", ")
}

func (w *world) source(l legend, o offer) string {
	var parts []string
	for i, of := range o.of {
		if of {
			parts = append(parts, fmt.Sprintf("%s (%s)", l.node[i], w.tells(l, o.tells[i])))
		}
	}
	lie := w.tells(l, o.lie)
	if o.above > 0 {
		lie = "the certificate of " + l.blocks[o.above-1][o.on] + ", " + lie
	}
	return fmt.Sprintf("from the statements of %s and of the Byzantine node (%s)", strings.Join(parts, ", "), lie)
}

func (w *world) tells(l legend, told [maxHeights]cert) string {
	what := "prepare certificate"
	if w.rules.OnePhase {
		what = "vote"
	}
	var parts []string
	for h, c := range told {
		if c.block != 0 {
			parts = append(parts, fmt.Sprintf("%s of round %d for %s", what, c.round, l.blocks[h][c.block]))
		}
	}
	if parts == nil {
		return "no " + what
	}
	return strings.Join(parts, ", ")
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
