// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/consensus"
)

// A watched is a lookout of a network of four with a clock of its own.
type watched struct {
	*lookout
	log bytes.Buffer
	now time.Time
}

func newWatched() *watched {
	w := &watched{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	w.lookout = &lookout{quorum: 3, logger: NewLogger(&w.log, slog.LevelInfo), metrics: newMetrics("test")}
	return w
}

// sees shows the lookout the same for a span, tick by tick, and gives what it said.
func (w *watched) sees(s consensus.Status, connected int, span time.Duration) string {
	w.log.Reset()
	for end := w.now.Add(span); w.now.Before(end); w.now = w.now.Add(100 * time.Millisecond) {
		w.observe(s, connected, w.now)
	}
	return w.log.String()
}

// shows gives the value of a gauge.
func (w *watched) shows(t *testing.T, name string) float64 {
	t.Helper()
	all, err := w.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.GetName() == name {
			return one.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

func TestANodeThatIsCutOffSaysSoOnceAndWhenThatIsOver(t *testing.T) {
	fine := consensus.Status{Phase: consensus.Active, HasLeader: true, Final: 7}
	leaderless := fine
	leaderless.HasLeader = false
	for name, c := range map[string]struct {
		status    consensus.Status
		connected int
	}{
		"no quorum":             {fine, 1},
		"no leader":             {leaderless, 3},
		"nobody to begin with":  {consensus.Status{Phase: consensus.Joining, Final: 7}, 0},
		"neither one nor other": {leaderless, 0},
	} {
		w := newWatched()
		if said := w.sees(fine, 3, time.Minute); said != "" {
			t.Errorf("%s: a node that reaches all says %s", name, said)
		}
		if said := w.sees(c.status, c.connected, 3*time.Second); said != "" {
			t.Errorf("%s: during an election it says %s", name, said)
		}
		if said := w.sees(fine, 2, time.Minute); said != "" {
			t.Errorf("%s: a node that reaches a quorum says %s", name, said)
		}
		said := w.sees(c.status, c.connected, time.Minute)
		if strings.Count(said, "\n") != 1 || !strings.Contains(said, `"level":"WARN","msg":"cut off`) || !strings.Contains(said, `"height":7`) || !strings.Contains(said, "与网络隔离") {
			t.Errorf("%s: a node that is cut off for a minute says %s", name, said)
		}
		if got := w.shows(t, "ipledger_node_cut_off_seconds"); got < 59 || got > 60 {
			t.Errorf("%s: the metric shows %v seconds, want a minute", name, got)
		}
		if said := w.sees(fine, 2, time.Minute); strings.Count(said, "\n") != 1 || !strings.Contains(said, "a quorum is reached again") {
			t.Errorf("%s: afterwards it says %s", name, said)
		}
		if got := w.shows(t, "ipledger_node_cut_off_seconds"); got != 0 {
			t.Errorf("%s: afterwards the metric shows %v seconds", name, got)
		}
	}
}

func TestAnObserverIsNotCutOff(t *testing.T) {
	for _, phase := range []consensus.Phase{consensus.Observer, consensus.Halted} {
		if said := newWatched().sees(consensus.Status{Phase: phase, Mempool: 3}, 0, time.Minute); said != "" {
			t.Errorf("a node that is %s says %s", phase, said)
		}
	}
}

func TestAStandstillIsToldOnlyWhileTransactionsWait(t *testing.T) {
	w := newWatched()
	s := consensus.Status{Phase: consensus.Active, HasLeader: true, Final: 7}
	if said := w.sees(s, 3, time.Hour); said != "" {
		t.Errorf("an idle node says %s", said)
	}
	s.Mempool = 5
	for range 100 { // a block each second, and always more that waits
		s.Final++
		if said := w.sees(s, 3, time.Second); said != "" {
			t.Fatalf("a node at work says %s", said)
		}
	}
	said := w.sees(s, 3, time.Minute)
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, `"level":"WARN","msg":"standstill`) || !strings.Contains(said, `"waiting":5`) {
		t.Errorf("a node where nothing becomes FINAL for a minute says %s", said)
	}
	if got := w.shows(t, "ipledger_block_stalled_seconds"); got < 59 || got > 61 {
		t.Errorf("the metric shows %v seconds, want a minute", got)
	}
	s.Final++
	if said := w.sees(s, 3, time.Second); strings.Count(said, "\n") != 1 || !strings.Contains(said, "blocks become FINAL again") {
		t.Errorf("afterwards it says %s", said)
	}
	if got := w.shows(t, "ipledger_block_stalled_seconds"); got >= 1 {
		t.Errorf("afterwards the metric shows %v seconds", got)
	}
}
