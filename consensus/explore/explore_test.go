// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"os"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/consensus/rules"
)

// checkWhole expects a known number of states. That guards against a search that passes
// because it has lost its way; a change of the rules may well change it.
func checkWhole(t *testing.T, q Search, known int) {
	t.Helper()
	q.Rules, q.Judge = Ours(), Properties()
	r := q.Run()
	if r.Broken != "" {
		t.Fatalf("%s: does not hold, after %d states:\n%s", r.Broken, r.States, strings.Join(r.Trace, "\n"))
	}
	if !r.Whole || r.States != known {
		t.Errorf("%d states, whole: %v; there are %d", r.States, r.Whole, known)
	}
	t.Logf("%d heights, %d rounds, %d blocks on each parent: %d states, at most %d deeds deep", q.Heights, q.Rounds, q.Names, r.States, r.Depth)
}

func TestOurRulesHoldInTwoHeightsAndThreeRounds(t *testing.T) {
	checkWhole(t, Search{Heights: 2, Rounds: 3, Names: 3, InOrder: true}, 148391)
}

func TestOurRulesHoldWhenPromisesComeInTheMidstOfARound(t *testing.T) {
	checkWhole(t, Search{Heights: 1, Rounds: 3, Names: 3, InOrder: true, Early: true}, 7443)
	checkWhole(t, Search{Heights: 2, Rounds: 2, Names: 2, InOrder: true, Early: true}, 11709)
}

func TestOurRulesHoldInAnyOrderOfDeeds(t *testing.T) {
	checkWhole(t, Search{Heights: 1, Rounds: 2, Names: 3}, 6199)
}

func TestOurRulesHoldInOneHeightAndFourRounds(t *testing.T) {
	checkWhole(t, Search{Heights: 1, Rounds: 4, Names: 4, InOrder: true}, 17027)
}

// TestOurRulesHoldAtLength takes four minutes of one core and 2 GB.
func TestOurRulesHoldAtLength(t *testing.T) {
	if os.Getenv("IPLEDGER_EXPLORE") == "" {
		t.Skip("set IPLEDGER_EXPLORE=1 for the long search")
	}
	checkWhole(t, Search{Heights: 1, Rounds: 3, Names: 2}, 1767572)
	checkWhole(t, Search{Heights: 2, Rounds: 2, Names: 1}, 1254315)
	checkWhole(t, Search{Heights: 2, Rounds: 4, Names: 4, InOrder: true}, 5604987)
}

func TestEveryBrokenRuleIsFound(t *testing.T) {
	for _, v := range Variants() {
		t.Run(strings.ReplaceAll(v.Name, " ", "_"), func(t *testing.T) {
			q := Search{Heights: v.Heights, Rounds: v.Rounds, Names: 2, Rules: v.Rules(), Judge: []Property{v.Broken},
				InOrder: true, Early: v.Rounds < 3}
			r := q.Run()
			if r.Broken != v.Broken {
				t.Fatalf("not found in %d states", r.States)
			}
			t.Logf("%s: this does not hold, after %d states:\n%s", v.Broken, r.States, strings.Join(r.Trace, "\n"))
		})
	}
}

// TestTheOrderOfRoundsLosesNothing: whatever can become FINAL in any order of
// deeds can also in the order of rounds, with our rules and with broken ones.
func TestTheOrderOfRoundsLosesNothing(t *testing.T) {
	all := append(Variants(), Variant{Name: "our rules", Heights: 1, Rounds: 2, Rules: Ours})
	for _, v := range all {
		if v.Heights > 1 || v.Rounds > 2 {
			continue // in any order there are too many states
		}
		if v.Slow && os.Getenv("IPLEDGER_EXPLORE") == "" {
			continue
		}
		outcomes := func(inOrder bool) map[fingerprint]string {
			w := newWorld(1, 2, 2, v.Rules())
			found := make(map[fingerprint]string)
			q := Search{Heights: 1, Rounds: 2, Names: 2, Rules: v.Rules(), InOrder: inOrder, Early: true}
			q.each = func(s *state) {
				only, print, _ := w.canonical(&state{certified: s.certified})
				found[print] = strings.Join(w.certified(w.legend(), state{}.certified, reach(nil, next{}, only, w.unchanged())), " ")
			}
			if r := q.Run(); !r.Whole {
				t.Fatalf("%s: not whole", v.Name)
			}
			return found
		}
		free, ordered := outcomes(false), outcomes(true)
		for print, text := range free {
			if _, ok := ordered[print]; !ok {
				t.Errorf("%s: only in any order of deeds: %s", v.Name, text)
			}
		}
		for print, text := range ordered {
			if _, ok := free[print]; !ok {
				t.Errorf("%s: only in the order of rounds: %s", v.Name, text)
			}
		}
		t.Logf("%s: %d outcomes", v.Name, len(free))
	}
}

// TestEveryStartFollowsFromItsStatements: what nodes are offered in the search
// passes the check that the core makes of a START, and is all that does.
func TestEveryStartFollowsFromItsStatements(t *testing.T) {
	w := newWorld(2, 3, 2, Ours())
	s := w.first()
	s.prepared[0], s.prepared[1] = [maxHeights]names{1 << 1, 1 << 1}, [maxHeights]names{1 << 2, 0}
	for i := range s.node {
		s.node[i].promise = 2
	}
	s.node[0].told[2] = [maxHeights]cert{{1, 0}, {1, 0}}
	s.node[1].told[2] = [maxHeights]cert{{2, 1}, {}}
	texts := make(map[string]bool)
	for _, o := range w.offers(&s, 2) {
		texts[w.says(w.legend(), o.start)] = true
		var statements []rules.Statement
		for i, of := range o.of {
			if of {
				statements = append(statements, w.statement(2, uint64(i), rules.Prepared{Block: genesis}, o.tells[i]))
			}
		}
		statements = append(statements, w.statement(2, honest, rules.Prepared{Block: genesis}, o.lie))
		if err := w.started(o.start, 2).Check(w.set, 2, 8, statements); err != nil {
			t.Errorf("a START that %s: %v", w.says(w.legend(), o.start), err)
		}
	}
	for _, want := range []string{"begins at genesis and carries A, A1", "begins at genesis and carries B"} {
		if !texts[want] {
			t.Errorf("no START %s, of %v", want, texts)
		}
	}
	if len(texts) != 2 {
		t.Errorf("STARTs: %v", texts)
	}
}
