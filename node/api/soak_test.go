// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/node/api"
)

// TestManyClientsLeaveNothingBehind lets many clients do good and bad things at
// once, slow ones among them: every answer is one that was meant, and afterwards
// the process has the goroutines and about the memory that it had before.
// IPLEDGER_HTTP_SOAK=3s makes it 500 clients for that time.
func TestManyClientsLeaveNothingBehind(t *testing.T) {
	clients, during := 64, 400*time.Millisecond
	if text := os.Getenv("IPLEDGER_HTTP_SOAK"); text != "" {
		var err error
		clients = 500
		during, err = time.ParseDuration(text)
		must(t, err)
	}
	w := newWorld(t, func(c *api.Config) {
		c.Limits = api.Limits{ReadRate: 1e6, ReadBurst: 1e6, OrganisationRate: 1e6, OrganisationBurst: 1e6, OrganisationWaiting: 2, Waiting: 4}
	})
	w.confirmed(invention)
	w.manual = true
	d, err := w.draft(RX, "rights.claim", claim(patentNumber(1)))
	must(t, err)
	submission, err := json.Marshal(w.signed(d))
	must(t, err)
	w.server.Close() // its place is taken by one that cuts slow clients
	server := httptest.NewUnstartedServer(w.server.Config.Handler)
	server.Config.ReadHeaderTimeout, server.Config.ReadTimeout = 200*time.Millisecond, 300*time.Millisecond
	server.Start()
	goroutines, memory := runtime.NumGoroutine(), heap()

	var answers [600]atomic.Int64
	var dawdled, oversized atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(during)
	for i := range clients {
		transport := &http.Transport{DisableCompression: true}
		client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
		key := w.key([]string{BA, BB, RX, IPO}[i%4], contracts.Maker)
		all.Go(func() {
			defer transport.CloseIdleConnections()
			for n := 0; time.Now().Before(end); n++ {
				status := 0
				switch (i + n) % 8 {
				case 0:
					status = request(t, client, "GET", server.URL+"/v1/status", nil, nil)
				case 1:
					status = request(t, client, "GET", server.URL+"/v1/encumbrance?type=PATENT&number="+invention+"&proof=true", nil, nil)
				case 2:
					status = request(t, client, "GET", server.URL+"/v1/blocks?limit=3", nil, func(r *http.Request) { must(t, api.SignRequest(r, nil, key, w.clock(), "")) })
				case 3:
					status = request(t, client, "POST", server.URL+"/v1/transactions?timeout=20ms", submission, func(r *http.Request) { must(t, api.SignRequest(r, submission, key, w.clock(), "")) })
				case 4:
					status = request(t, client, "GET", server.URL+"/v1/nothing", nil, nil)
				case 5:
					status = request(t, client, "POST", server.URL+"/v1/drafts", someDraft, func(r *http.Request) {
						must(t, api.SignRequest(r, someDraft, keyOf(t, w.trust.Suite, "stranger"), w.clock(), ""))
					})
				case 6:
					oversized.Add(1)
					status = request(t, client, "POST", server.URL+"/v1/transactions", bytes.Repeat([]byte("x"), api.MaxRequest+1), nil)
				case 7:
					dawdled.Add(1)
					dawdle(t, server.Listener.Addr().String(), n)
				}
				answers[status].Add(1)
			}
		})
	}
	all.Wait()
	sent := int64(0)
	for status := range answers {
		sent += answers[status].Load()
	}
	for status := range answers {
		switch n := answers[status].Load(); status {
		case 0: // the slow ones, and large bodies whose connection was cut while they were sent
			if most := dawdled.Load() + oversized.Load(); n > most {
				t.Errorf("%d of %d requests have no answer; %d are not to have one or may be cut", n, sent, most)
			}
		case 200, 202, 403, 404, 413, 429:
		default:
			if n > 0 {
				t.Errorf("%d answers with status %d", n, status)
			}
		}
	}
	for _, status := range []int{200, 202, 403, 404, 413, 429} {
		if answers[status].Load() == 0 {
			t.Errorf("no answer with status %d", status)
		}
	}
	server.Close()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before\n%s", n, goroutines, allStacks())
	}
	// What is kept of a request is its nonce and its caller's place in the limiters.
	if now, slack := heap(), uint64(4<<20+256*sent); now > memory+slack {
		t.Errorf("the heap has grown by %d KiB after %d requests, want %d at most", (now-memory)>>10, sent, slack>>10)
	}
}

// request sends one request and gives the status, 0 if the connection was cut.
func request(t *testing.T, client *http.Client, method, url string, body []byte, change func(*http.Request)) int {
	r, err := http.NewRequest(method, url, bytes.NewReader(body))
	must(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	a, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer a.Body.Close()
	_, _ = io.Copy(io.Discard, a.Body)
	return a.StatusCode
}

// dawdle begins a request and does not end it: the server must.
func dawdle(t *testing.T, address string, n int) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	if n%2 == 0 {
		fmt.Fprint(c, "GET /v1/status HTTP/1.1\r\nHost: node\r\nX-Slow: ")
	} else {
		fmt.Fprint(c, "POST /v1/drafts HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	}
	_, _ = io.Copy(io.Discard, c)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func allStacks() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}
