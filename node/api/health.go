// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// live says that the process answers; a supervisor restarts it if not.
func (s *server) live(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ok")
}

// Bounds of what a ready node may show.
const (
	freshness = 3 * time.Minute  // age of the newest FINAL block; an idle network makes one a minute
	maxLag    = 64               // blocks that the others have FINAL and this node does not
	maxAhead  = 10 * time.Second // of a block's time, before this node's clock is wrong
)

// A finding is one thing that readiness depends on.
type finding struct {
	name, found string
	ok          bool
}

// ready says whether a balancer should send requests here: what is read is new,
// and what is submitted can become FINAL. With verbose it says why.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	findings := s.findings(s.Node.Status())
	good := true
	for _, f := range findings {
		good = good && f.ok
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, verbose := r.URL.Query()["verbose"]
	for _, f := range findings {
		if verbose {
			fmt.Fprintf(w, "[%s] %s: %s\n", map[bool]string{true: "+", false: "-"}[f.ok], f.name, f.found)
		}
	}
	fmt.Fprintln(w, map[bool]string{true: "ready", false: "not ready"}[good])
}

func (s *server) findings(st Status) []finding {
	head := s.Node.Head().Header
	age := s.Clock().Sub(time.UnixMilli(head.Time)).Truncate(time.Second)
	connected, others := 0, []uint64{}
	for _, v := range st.Validators {
		if v.Name == st.Name {
			continue
		}
		others = append(others, v.PeerFinal)
		if v.Connected {
			connected++
		}
	}
	need, faulty := 0, 0
	if set, err := s.Trust.Set(st.Set); err == nil {
		need, faulty = int(set.Quorum())-1, len(set.Members)-int(set.Quorum())
	}
	var lag uint64
	// So many may be wrong about how far they are; one more may not.
	slices.SortFunc(others, func(a, b uint64) int { return cmp.Compare(b, a) })
	if faulty < len(others) && others[faulty] > head.Height {
		lag = others[faulty] - head.Height
	}
	clock := "not behind the newest FINAL block"
	if age < -maxAhead {
		clock = fmt.Sprintf("%v behind the newest FINAL block: set this machine's clock", -age)
	}
	all := []finding{
		{"serving", map[bool]string{true: "draining: this node is about to end", false: "takes requests"}[st.Draining], !st.Draining},
		{"phase", st.Phase, st.Phase == PhaseActive || st.Phase == PhaseObserver},
		{"final", fmt.Sprintf("height %d", head.Height), head.Height > 0},
		{"fresh", fmt.Sprintf("newest FINAL block is %v old", age), age <= freshness},
		{"clock", clock, age >= -maxAhead},
		{"lag", fmt.Sprintf("%d blocks behind the others", lag), lag <= maxLag},
		{"disk", heldText(st.Held, ReasonDisk, "room enough"), !st.Held.is(ReasonDisk)},
		{"data", heldText(st.Held, ReasonDamaged, "no damage found"), !st.Held.is(ReasonDamaged)},
		{"rules", heldText(st.Held, ReasonRules, "those of the next block are known"), !st.Held.is(ReasonRules)},
	}
	if st.Phase == PhaseObserver {
		return append(all, finding{"members", fmt.Sprintf("%d connected, 1 needed to follow", connected), connected >= min(1, len(others))})
	}
	leader := "none known"
	if st.Leader != nil {
		leader = *st.Leader
	}
	return append(all,
		finding{"leader", leader, st.Leader != nil},
		finding{"quorum", fmt.Sprintf("%d other validators connected, %d needed", connected, need), connected >= need})
}

func (h *Held) is(reason string) bool { return h != nil && h.Reason == reason }

func heldText(h *Held, reason, otherwise string) string {
	if h.is(reason) {
		return h.Detail
	}
	return otherwise
}
