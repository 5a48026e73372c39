// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// A blow is what a cycle does to its nodes.
type blow int

const (
	killed       blow = iota // SIGKILL
	frozen                   // SIGSTOP, later SIGCONT
	frozenKilled             // SIGSTOP, later SIGKILL
)

func (b blow) String() string { return [...]string{"SIGKILL", "SIGSTOP", "SIGSTOP+SIGKILL"}[b] }

// A cycle is one fault that the network has to bear. All of it is drawn from the
// seed; who leads at the moment of the blow is asked then.
type cycle struct {
	blow    blow
	two     bool          // strikes two nodes, which leaves no quorum
	leader  bool          // one of them leads; otherwise none does
	again   bool          // kills the same nodes once more while they recover
	calm    time.Duration // load before the blow
	apart   time.Duration // between the blows on two nodes
	down    time.Duration // from the blow to the restart, at least
	recover time.Duration // from the restart to the second kill, below killSoon
	choice  []int         // the nodes in the order in which they are chosen
}

// killSoon is how soon after its restart a node is killed in a cycle that kills
// again.
const killSoon = time.Second

func (c cycle) String() string {
	text := c.blow.String()
	if c.two {
		text += ", two nodes"
	}
	if c.leader {
		text += ", the leader"
	}
	if c.again {
		text += ", again"
	}
	return text
}

// share is how many of n cycles there must at least be of two nodes, of the
// leader, and of a kill soon after a restart.
func share(n int) int { return (n + 3) / 4 }

// schedule draws n cycles. Of those that kill, and not only freeze, share(n) and
// a fifth more are of each kind that there must be enough of, or all.
func schedule(seed uint64, nodes, n int) []cycle {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	blows := make([]blow, n)
	for i := range n / 5 {
		blows[2*i], blows[2*i+1] = frozen, frozenKilled
	}
	r.Shuffle(n, func(i, j int) { blows[i], blows[j] = blows[j], blows[i] })
	// A leader that was frozen leads no longer when it is killed.
	kills, atOnce := n-n/5, n-2*(n/5)
	enough := share(n) + share(n)/5
	two, again, leader := deck(r, kills, enough), deck(r, kills, enough), deck(r, atOnce, enough)

	cycles := make([]cycle, n)
	for i := range cycles {
		c := cycle{
			blow:    blows[i],
			calm:    upTo(r, 300*time.Millisecond),
			apart:   upTo(r, 300*time.Millisecond),
			down:    upTo(r, 800*time.Millisecond),
			recover: upTo(r, killSoon*8/10),
			choice:  r.Perm(nodes),
		}
		c.two, c.leader = r.IntN(3) == 0, r.IntN(3) == 0
		if c.blow != frozen {
			kills--
			c.two, c.again = two[kills], again[kills]
		}
		if c.blow == killed {
			atOnce--
			c.leader = leader[atOnce]
		}
		cycles[i] = c
	}
	return cycles
}

// deck is n cards in random order, some of them marked.
func deck(r *rand.Rand, n, marked int) []bool {
	cards := make([]bool, n)
	for i := range min(n, marked) {
		cards[i] = true
	}
	r.Shuffle(n, func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
	return cards
}

func upTo(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(most)))
}

func TestAScheduleHasEnoughOfEachKindOfKill(t *testing.T) {
	for n := 1; n <= 250; n++ {
		for seed := range uint64(20) {
			var two, leader, again, freezes int
			for _, c := range schedule(seed, 4, n) {
				if c.blow == frozen {
					freezes++
					if c.again {
						t.Fatalf("seed %d of %d cycles: a frozen node has no restart after which it could be killed", seed, n)
					}
					continue
				}
				two, again = two+count(c.two), again+count(c.again)
				leader += count(c.leader && c.blow == killed)
			}
			if least := share(n); two < least || leader < least || again < least {
				t.Fatalf("seed %d of %d cycles: %d kill two nodes, %d the leader, %d soon after a restart; want %d of each", seed, n, two, leader, again, least)
			}
			if freezes != n/5 {
				t.Fatalf("seed %d of %d cycles: %d only freeze, want %d", seed, n, freezes, n/5)
			}
		}
	}
	if a, b := schedule(7, 4, 50), schedule(7, 4, 50); fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("one seed gives two schedules")
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
