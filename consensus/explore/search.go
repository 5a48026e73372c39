// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

// A Search is what to explore, and how.
type Search struct {
	Heights, Rounds int // at most 2 and 4
	Names           int // blocks that Raft may give on one parent, at most 4
	Rules           Rules
	Judge           []Property
	InOrder         bool // every deed in the order of rounds, see the package comment
	Early           bool // if in order: a node may promise the next round in the midst of this one
	Limit           int  // states after which it gives up, 0 for none

	each func(*state) // called with each state
}

// A Result is what a search found.
type Result struct {
	States int      // canonical ones
	Depth  int      // deeds to the farthest of them
	Broken Property // what does not hold, or ""
	Trace  []string // the deeds that lead there
	Whole  bool     // every state was seen
}

// A visited is a state that was reached, and how at the least number of deeds.
type visited struct {
	state     *state // nil once all that follows from it was visited
	certified [maxRounds][maxHeights]names
	before    *visited
	action    action
	how       renaming
	deeds     int
}

// reach makes a visited of the state that an action leads to.
func reach(before *visited, n next, s state, how renaming) *visited {
	v := &visited{state: &s, certified: s.certified, before: before, action: n.action, how: how}
	if before != nil {
		v.deeds = before.deeds
	}
	if n.action.deed != nothing {
		v.deeds++
	}
	return v
}

// Run explores until a property is broken or there is nothing new.
func (q Search) Run() Result {
	w := newWorld(q.Heights, q.Rounds, q.Names, q.Rules)
	run := &run{Search: q, w: w}
	s := w.first()
	root, print, how := w.canonical(&s)
	run.result.States = 1
	if q.InOrder {
		run.inOrder(reach(nil, next{}, root, how))
	} else {
		run.freely(reach(nil, next{}, root, how), print)
	}
	return run.result
}

type run struct {
	Search
	w      *world
	result Result
}

// judge ends the search if a state is bad.
func (r *run) judge(v *visited) bool {
	if r.each != nil {
		r.each(v.state)
	}
	r.result.Depth = max(r.result.Depth, v.deeds)
	for _, p := range r.Judge {
		if !r.w.holds(p, v.state) {
			r.result.Broken, r.result.Trace = p, r.w.trace(v)
			return false
		}
	}
	return true
}

// freely is a breadth-first search in which every node may do anything at any time.
func (r *run) freely(root *visited, print fingerprint) {
	seen := map[fingerprint]bool{print: true}
	for frontier := []*visited{root}; len(frontier) > 0; {
		var further []*visited
		for _, v := range frontier {
			good := true
			r.w.anything(v.state, func(n next) {
				if !good {
					return
				}
				s, print, how := r.w.canonical(&n.state)
				if seen[print] {
					return
				}
				seen[print] = true
				r.result.States++
				c := reach(v, n, s, how)
				further = append(further, c)
				good = r.judge(c)
			})
			if !good || r.Limit > 0 && r.result.States > r.Limit {
				return
			}
			v.state = nil
		}
		frontier = further
	}
	r.result.Whole = true
}

// anything calls visit with every state that one deed leads to.
func (w *world) anything(s *state, visit func(next)) {
	for i := range honest {
		w.promise(s, i, int(s.node[i].promise)+1, visit)
		for r := range w.rounds {
			w.accept(s, i, r, visit)
			for h := 1; h <= w.heights; h++ {
				w.prepareVote(s, i, r, h, visit)
				w.commitVote(s, i, r, h, visit)
			}
		}
	}
}

// A stage is one kind of deed in one round, for one height.
type stage struct {
	deed          deed
	round, height int
}

// stages are all deeds in an order that none needs a later one.
func (w *world) stages() (all []stage) {
	for r := range w.rounds {
		if r > 0 {
			all = append(all, stage{deed: accepts, round: r})
		}
		for h := 1; h <= w.heights; h++ {
			all = append(all, stage{prepares, r, h}, stage{commits, r, h})
		}
		all = append(all, stage{deed: promises, round: r + 1})
	}
	return all
}

// inOrder searches stage by stage, in each node by node: each does one of the
// deeds of the stage, or none.
func (r *run) inOrder(root *visited) {
	layer := []*visited{root}
	for _, g := range r.w.stages() {
		for i := range honest {
			index := make(map[fingerprint]*visited, len(layer))
			var further []*visited
			add := func(v *visited, n next, boundary bool) {
				s, how := n.state, r.w.unchanged()
				var print fingerprint
				if boundary {
					r.w.forget(&s, g)
					s, print, how = r.w.canonical(&s)
				} else {
					print = s.print()
				}
				c := reach(v, n, s, how)
				if old := index[print]; old != nil {
					if c.deeds < old.deeds {
						*old = *c
					}
					return
				}
				index[print] = c
				further = append(further, c)
			}
			for _, v := range layer {
				r.stage(v.state, i, g, func(n next) { add(v, n, i == honest-1) })
				v.state = nil
			}
			layer = further
			r.result.States += len(layer)
			if !r.judgeLayer(layer) || r.Limit > 0 && r.result.States > r.Limit {
				return
			}
		}
	}
	r.result.Whole = true
}

// judgeLayer judges the states of a layer, those with the fewest deeds first.
func (r *run) judgeLayer(layer []*visited) bool {
	var bad *visited
	for _, v := range layer {
		if r.each != nil {
			r.each(v.state)
		}
		for _, p := range r.Judge {
			if (bad == nil || v.deeds < bad.deeds) && !r.w.holds(p, v.state) {
				bad = v
			}
		}
		r.result.Depth = max(r.result.Depth, v.deeds)
	}
	return bad == nil || r.judge(bad)
}

// stage calls visit with what node i may do in a stage: nothing, or one deed. It
// may also promise the next round before, as it may do at any time.
func (r *run) stage(s *state, i int, g stage, visit func(next)) {
	w := r.w
	if g.deed == promises {
		promised := false
		w.promise(s, i, g.round, func(n next) {
			promised = true
			visit(n) // not to promise is to promise and to say nothing
		})
		if !promised {
			visit(next{state: *s})
		}
		return
	}
	visit(next{state: *s})
	w.do(s, i, g, visit)
	if g.deed != accepts && r.Early {
		w.promise(s, i, g.round+1, func(n next) {
			visit(n)
			w.do(&n.state, i, g, func(m next) {
				m.action.promised = true
				visit(m)
			})
		})
	}
}

// do calls visit with what node i may do in a stage. It tries to vote twice.
func (w *world) do(s *state, i int, g stage, visit func(next)) {
	switch g.deed {
	case accepts:
		w.accept(s, i, g.round, visit)
	case prepares:
		w.prepareVote(s, i, g.round, g.height, func(n next) {
			visit(n)
			w.prepareVote(&n.state, i, g.round, g.height, func(m next) {
				m.action.first = n.action.block
				visit(m)
			})
		})
	case commits:
		w.commitVote(s, i, g.round, g.height, visit)
	}
}
