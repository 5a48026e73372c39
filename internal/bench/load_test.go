// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// repeat is a workload that sends the same request for ever.
type repeat struct{ request *request }

func (f repeat) do(w *worker, due time.Time) bool {
	w.submit(f.request, due)
	return true
}

// anything is a request that the fake nodes of these tests answer.
func anything() repeat {
	return repeat{&request{raw: []byte("POST /v1/transactions HTTP/1.1\r\nHost: ipledger\r\nContent-Length: 0\r\n\r\n"), size: 300}}
}

// fakeNode answers every request with what the function says.
func fakeNode(t *testing.T, answer func() (status int, body string)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		status, body := answer()
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

const saysFinal = `{"status": "FINAL", "height": 7, "outcome": {"result": {"right_id": "x"}}}`

// stalling is a node that answers at once, but for one stall of the given length
// that begins some time after its first request.
func stalling(t *testing.T, after, length time.Duration) string {
	var once sync.Once
	var first time.Time
	return fakeNode(t, func() (int, string) {
		once.Do(func() { first = time.Now() })
		if since := time.Since(first); since >= after && since < after+length {
			time.Sleep(after + length - since)
		}
		return http.StatusOK, saysFinal
	})
}

// carryOut carries out a plan and gives the phase with its counts and latencies.
func carryOut(t *testing.T, p plan, phase Phase, work workload, addresses ...string) (Phase, []*worker) {
	t.Helper()
	var before, after snapshot
	workers := p.loop(t.Context(), work, addresses, func() { before.at = time.Now() }, func() { after.at = time.Now() })
	phase.fill(workers, before, after)
	if err := phase.addUp(p, workers, windowOf(workers, before, after)); err != nil {
		t.Error(err)
	}
	return phase, workers
}

// Both loops meet a node that stalls for half of the window. Who waits for
// answers before sending more sees the stall in one request of each worker; who
// keeps the rate sees it in half of all.
func TestAnOpenLoopShowsAStallInEveryTransactionThatWasDueInIt(t *testing.T) {
	const stall = 400 * time.Millisecond
	open := plan{workers: 4, interval: 2 * time.Millisecond, window: 2 * stall, patience: 5 * time.Second}
	got, workers := carryOut(t, open, Phase{Loop: Open}, anything(), stalling(t, stall/2, stall))

	if got.P99 < ms(stall)*8/10 {
		t.Errorf("p99 is %.0f ms, though the node stalled for %v", got.P99, stall)
	}
	slow := 0
	latencies := got.latencies(workers, span{0, time.Hour})
	for _, d := range latencies {
		if d > stall/4 {
			slow++
		}
	}
	// Those due in the first three quarters of the stall waited longer than a quarter.
	if want := len(latencies) / 4; slow < want {
		t.Errorf("%d of %d transactions show the stall, want at least %d: it counts from the due time", slow, len(latencies), want)
	}

	closed := plan{workers: 1, window: 2 * stall}
	got, workers = carryOut(t, closed, Phase{Loop: Closed}, anything(), stalling(t, stall/2, stall))
	slow = 0
	for _, d := range got.latencies(workers, span{0, time.Hour}) {
		if d > stall*9/10 {
			slow++
		}
	}
	if slow != 1 {
		t.Errorf("the closed loop of one shows the stall %d times, want once", slow)
	}
}

func TestWhatWasDueAndNeverSentIsAnErrorOfTheOpenLoop(t *testing.T) {
	release := make(chan struct{})
	address := fakeNode(t, func() (int, string) {
		<-release
		return http.StatusOK, saysFinal
	})
	time.AfterFunc(400*time.Millisecond, func() { close(release) })
	p := plan{workers: 2, interval: 10 * time.Millisecond, window: 200 * time.Millisecond, patience: 50 * time.Millisecond}
	got, workers := carryOut(t, p, Phase{Loop: Open}, anything(), address)
	due := 0
	for _, w := range workers {
		due += len(w.sent)
	}
	if due < 20 {
		t.Errorf("%d transactions are accounted for, 20 were due", due)
	}
	if got.Errors["not sent in time"] < 10 {
		t.Errorf("errors: %v, want most of the 20 that were due", got.Errors)
	}
	latencies := got.latencies(workers, span{0, time.Hour})
	if len(latencies) != due || got.P50 < 100 {
		t.Errorf("%d of %d latencies, p50 %.0f ms: what was never sent must count as slow", len(latencies), due, got.P50)
	}
}

func TestAnOpenLoopOpensNoMoreConnectionsThanItNeeds(t *testing.T) {
	var most, now atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, saysFinal)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			most.Store(max(most.Load(), now.Add(1)))
		case http.StateClosed:
			now.Add(-1)
		}
	}
	server.Start()
	defer server.Close()
	p := plan{workers: 500, interval: 5 * time.Millisecond, window: 500 * time.Millisecond, patience: time.Second}
	carryOut(t, p, Phase{Loop: Open}, anything(), strings.TrimPrefix(server.URL, "http://"))
	if most.Load() > 50 {
		t.Errorf("%d connections for a rate that a few can serve", most.Load())
	}
}

func TestOnlyFINALCountsAndEveryOtherAnswerIsShown(t *testing.T) {
	answers := []struct {
		status int
		body   string
	}{
		{http.StatusOK, saysFinal},
		{http.StatusOK, `{"status": "REJECTED", "code": "E_STATE"}`},
		{http.StatusAccepted, `{"status": "ORDERED"}`},
		{http.StatusBadRequest, `{"status": 400, "code": "E_SIGNATURE"}`},
		{http.StatusTooManyRequests, `{"status": 429, "code": "E_BUSY"}`},
		{http.StatusServiceUnavailable, `{"status": 503, "code": "E_UNAVAILABLE"}`},
		{http.StatusOK, `no json`},
	}
	var n atomic.Int64
	address := fakeNode(t, func() (int, string) {
		a := answers[int(n.Add(1)-1)%len(answers)]
		return a.status, a.body
	})
	w := &worker{begun: time.Now(), conns: connsOf(t.Context(), 0, 1, []string{address})}
	defer w.close()
	for range answers {
		anything().do(w, time.Now())
	}
	var p Phase
	p.countEndings([]*worker{w}, span{0, time.Hour})
	got := fmt.Sprint(p.Submitted, p.Final, p.Rejected, p.Refused, p.Errors)
	want := "7 1 map[E_STATE:1] map[E_SIGNATURE:1] map[E_BUSY:1 E_UNAVAILABLE:1 ORDERED:1 connection failed:1]"
	if got != want {
		t.Errorf("counted %s\n   want %s", got, want)
	}
}

func TestAClosedLoopThatRunsDryEndsItsWindow(t *testing.T) {
	address := fakeNode(t, func() (int, string) { return http.StatusOK, saysFinal })
	pool := &claims{}
	for range 10 {
		pool.pool = append(pool.pool, anything().request)
	}
	begun := time.Now()
	_, workers := carryOut(t, plan{workers: 2, window: time.Minute}, Phase{Loop: Closed}, pool, address)
	if sent := len(workers[0].sent) + len(workers[1].sent); sent != 10 || time.Since(begun) > 30*time.Second {
		t.Errorf("%d sent after %v", sent, time.Since(begun))
	}
}

func TestALostConnectionIsAnErrorAndTheNextRequestOpensAnother(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, saysFinal)
	}))
	defer server.Close()
	w := &worker{begun: time.Now(), conns: connsOf(t.Context(), 0, 1, []string{strings.TrimPrefix(server.URL, "http://")})}
	defer w.close()
	for range 2 {
		anything().do(w, time.Now())
	}
	if w.sent[0].end != failed || w.sent[0].what != "connection closed" || w.sent[1].end != final {
		t.Errorf("endings: %s, %s", w.sent[0].answer(), w.sent[1].answer())
	}
	if kindOf(errors.New("x")) != "connection failed" {
		t.Error("an unknown error has no kind")
	}
}

func TestPercentiles(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for _, c := range []struct {
		of   []time.Duration
		p    int
		want time.Duration
	}{
		{nil, 99, 0},
		{hundred[:1], 50, 1},
		{hundred[:1], 99, 1},
		{hundred[:2], 50, 1},
		{hundred[:3], 50, 2},
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 100, 100},
		{slices.Concat(hundred, hundred[99:]), 99, 100},
	} {
		if got := percentile(c.of, c.p); got != c.want {
			t.Errorf("percentile %d of %d values is %d, want %d", c.p, len(c.of), got, c.want)
		}
	}
}
