// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"net/http"
	"time"
)

// live says that the process answers; a supervisor restarts it if not.
func (s *server) live(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ok")
}

// freshness is how old the newest FINAL block of a ready node may be. An idle
// network makes a block a minute.
const freshness = 3 * time.Minute

// ready says whether a balancer should send requests here: the node orders or
// follows, and its newest FINAL block is young. With verbose it says why.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	head, st := s.Node.Head(), s.Node.Status()
	age := s.Clock().Sub(time.UnixMilli(head.Header.Time)).Truncate(time.Second)
	checks := []struct {
		name, found string
		ok          bool
	}{
		{"phase", st.Phase, st.Phase == PhaseActive || st.Phase == PhaseObserver},
		{"final", fmt.Sprintf("height %d", head.Header.Height), head.Header.Height > 0},
		{"fresh", fmt.Sprintf("newest FINAL block is %v old", age), age <= freshness},
	}
	good := true
	for _, c := range checks {
		good = good && c.ok
	}
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, verbose := r.URL.Query()["verbose"]
	for _, c := range checks {
		if verbose {
			fmt.Fprintf(w, "[%s] %s: %s\n", map[bool]string{true: "+", false: "-"}[c.ok], c.name, c.found)
		}
	}
	fmt.Fprintln(w, map[bool]string{true: "ready", false: "not ready"}[good])
}
