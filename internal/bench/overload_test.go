// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// slow is a node that answers one request after the other, each in the given
// time, and every fourth with 429.
func slow(t *testing.T, each time.Duration) string {
	var one sync.Mutex
	n := 0
	return fakeNode(t, func() (int, string) {
		one.Lock()
		defer one.Unlock()
		time.Sleep(each)
		if n++; n%4 == 0 {
			return http.StatusTooManyRequests, `{"code": "E_BUSY"}`
		}
		return http.StatusOK, saysFinal
	})
}

func TestUnderMoreThanTheNetworkHoldsEveryTransactionIsCountedOnceAndNoneIsPriced(t *testing.T) {
	p := plan{workers: 8, interval: 5 * time.Millisecond, lead: 100 * time.Millisecond, window: 600 * time.Millisecond, patience: 200 * time.Millisecond}
	// What is due is known before anything is sent; carryOut checks that it is all there.
	got, _ := carryOut(t, p, Phase{Loop: Open, Nodes: []NodeFigures{}}, anything(), slow(t, 20*time.Millisecond))
	if got.Errors["E_BUSY"] == 0 || got.Errors["not sent in time"] == 0 || got.Final == 0 || got.Behind == 0 || got.FinalInWindow == 0 {
		t.Errorf("counted %+v", got)
	}
	if !got.Overloaded || got.PerSecond.Told() || got.ServerCPU.Told() || got.LoaderCPU.Told() {
		t.Errorf("a rate of four times what the node does has figures: %v tx/s, %v ms", got.PerSecond, got.ServerCPU)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again Phase
	if err := json.Unmarshal(text, &again); err != nil || again.PerSecond.Told() || !strings.Contains(string(text), `"server_cpu_ms_per_tx":null`) {
		t.Errorf("in JSON: %s, %v", text, err)
	}
}

func TestARateThatTheNetworkHoldsIsPriced(t *testing.T) {
	p := plan{workers: 50, interval: 10 * time.Millisecond, lead: 100 * time.Millisecond, window: 600 * time.Millisecond, patience: time.Second}
	address := fakeNode(t, func() (int, string) { return http.StatusOK, saysFinal })
	got, _ := carryOut(t, p, Phase{Loop: Open}, anything(), address)
	if got.Overloaded || !got.PerSecond.Told() || !got.LoaderCPU.Told() {
		t.Errorf("no figures: %+v", got)
	}
}

func TestAnOpenLoopThatRunsDryAccountsForWhatWasDue(t *testing.T) {
	address := fakeNode(t, func() (int, string) { return http.StatusOK, saysFinal })
	pool := &claims{}
	for range 10 {
		pool.pool = append(pool.pool, anything().request)
	}
	carryOut(t, plan{workers: 4, interval: 5 * time.Millisecond, window: time.Minute, patience: time.Second}, Phase{Loop: Open}, pool, address)
}

func TestCountsThatDoNotAddUpAreNoFigures(t *testing.T) {
	p := plan{workers: 1, interval: 100 * time.Millisecond}
	window := span{0, time.Second}
	ten := func() []*worker {
		w := &worker{turn: 10}
		for i := range 10 {
			w.sent = append(w.sent, sample{due: time.Duration(i) * p.interval, request: &request{}})
		}
		return []*worker{w}
	}
	for name, c := range map[string]struct {
		change func(*Phase, *worker)
		adds   bool
	}{
		"all ten":            {func(*Phase, *worker) {}, true},
		"one lost":           {func(_ *Phase, w *worker) { w.sent, w.turn = w.sent[1:], 9 }, false},
		"one not noted":      {func(_ *Phase, w *worker) { w.turn++ }, false},
		"one counted twice":  {func(_ *Phase, w *worker) { w.sent, w.turn = append(w.sent, w.sent[0]), 11 }, false},
		"one without an end": {func(p *Phase, _ *worker) { p.Submitted++ }, false},
	} {
		workers := ten()
		phase := Phase{Loop: Open, Seconds: 1}
		c.change(&Phase{}, workers[0])
		phase.countEndings(workers, window)
		c.change(&phase, &worker{sent: make([]sample, 1)})
		if err := phase.addUp(p, workers, window); (err == nil) != c.adds {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAClosedLoopListsWhatIsUnderWayWhenTheWindowEnds(t *testing.T) {
	got, _ := carryOut(t, plan{workers: 3, window: 300 * time.Millisecond}, Phase{Loop: Closed}, anything(), slow(t, 20*time.Millisecond))
	if got.Behind < 1 || got.Behind > 3 {
		t.Errorf("%d are under way at the end, want up to 3", got.Behind)
	}
	if got.Overloaded || !got.PerSecond.Told() {
		t.Error("a closed loop sends no more than the network holds")
	}
}
