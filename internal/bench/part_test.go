// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// aWindow is one of 10 s in which four nodes made 100 blocks.
func aWindow() (nodes []Node, before, after snapshot) {
	before = snapshot{at: time.Unix(1000, 0), height: 100}
	after = snapshot{at: time.Unix(1010, 0), height: 200}
	for i := range 4 {
		nodes = append(nodes, Node{Name: fmt.Sprintf("node%d", i+1)})
		before.cpu = append(before.cpu, time.Second)
		after.cpu = append(after.cpu, 5*time.Second)
		after.reach = append(after.reach, 200)
	}
	return nodes, before, after
}

func TestANodeThatDidNotTakePartLeavesNoFigures(t *testing.T) {
	for name, c := range map[string]struct {
		change func(before, after *snapshot)
		want   string // of the error; "": none
	}{
		"all take part":             {func(_, _ *snapshot) {}, ""},
		"a second behind":           {func(_, a *snapshot) { a.reach[3] -= 10 }, ""},
		"stopped in the window":     {func(_, a *snapshot) { a.reach[3] -= 60 }, "node4 did not take part: at the end of the window it was 60 blocks behind"},
		"stopped and few blocks":    {func(_, a *snapshot) { a.cpu[1] = 1200 * time.Millisecond }, "node2 did not take part: it used 200ms"},
		"a cheap node":              {func(_, a *snapshot) { a.cpu[1] = 2500 * time.Millisecond }, ""},
		"too short to be judged":    {func(b, a *snapshot) { b.cpu, a.cpu = make([]time.Duration, 4), []time.Duration{tick, tick, tick, 0} }, ""},
		"a leader that does it all": {func(_, a *snapshot) { a.cpu[0] = 9 * time.Second }, ""},
	} {
		nodes, before, after := aWindow()
		c.change(&before, &after)
		err := tookPart(nodes, before, after)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

const counters = "ipledger_block_height %d\nipledger_consensus_sync_seconds_count 1\nipledger_block_commit_seconds_count 1\n"

func TestAPhaseEndsWhenEveryNodeHoldsTheLastBlock(t *testing.T) {
	answers := map[string]string{"/metrics": fmt.Sprintf(counters, 7)}
	c, _ := network(t, answers)
	if err := c.catchUp(t.Context(), ofOne(sample{height: 7})); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := c.catchUp(ctx, ofOne(sample{height: 8})); err == nil || !strings.Contains(err.Error(), "node1 did not take part") {
		t.Errorf("a node that never gets there: %v", err)
	}
}

func TestANodeThatDoesNotAnswerIsNamed(t *testing.T) {
	c, _ := network(t, map[string]string{"/metrics": fmt.Sprintf(counters, 7)})
	c.Network[1].URL = "http://127.0.0.1:1"
	var s snapshot
	if err := s.readMetrics(t.Context(), c.Network); err == nil || !strings.Contains(err.Error(), "node2 did not take part") {
		t.Errorf("it is not missed: %v", err)
	}
}
