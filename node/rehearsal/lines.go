// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"github.com/pelletier/go-toml/v2/unstable"
)

// lines says where in a file its parts begin. The order in a file settles what
// comes first where two parts have one time, and TOML's decoder does not tell it.
type lines struct {
	steps, checks []int
	cast          map[string]int
}

// linesOf looks through a file that was decoded without an error. Parts that are
// written in another way than [[step]] and [[check]] are not found.
func linesOf(text []byte) lines {
	out := lines{cast: make(map[string]int)}
	p := new(unstable.Parser)
	p.Reset(text)
	inCast := false
	member := func(name string, line int) {
		if _, known := out.cast[name]; !known {
			out.cast[name] = line
		}
	}
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable && e.Kind != unstable.KeyValue {
			continue
		}
		var key []string
		line := 0
		for it := e.Key(); it.Next(); {
			if line == 0 {
				line = p.Shape(it.Node().Raw).Start.Line
			}
			key = append(key, string(it.Node().Data))
		}
		switch {
		case e.Kind == unstable.KeyValue && inCast:
			member(key[0], line)
		case e.Kind == unstable.KeyValue:
		case e.Kind == unstable.ArrayTable && len(key) == 1 && key[0] == "step":
			out.steps = append(out.steps, line)
		case e.Kind == unstable.ArrayTable && len(key) == 1 && key[0] == "check":
			out.checks = append(out.checks, line)
		case key[0] == "cast" && len(key) > 1:
			member(key[1], line)
		}
		if e.Kind != unstable.KeyValue {
			inCast = len(key) == 1 && key[0] == "cast"
		}
	}
	return out
}

// at gives the line of the i-th part, or 0.
func at(lines []int, i int) int {
	if i < len(lines) {
		return lines[i]
	}
	return 0
}
