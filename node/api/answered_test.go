// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/node/api"
)

func TestARequestThatFailsIsCountedUnderItsRoute(t *testing.T) {
	told := make(chan api.Answered, 8)
	w := newWorld(t, func(c *api.Config) { c.Answered = func(a api.Answered) { told <- a } })
	var fault any
	w.status = func(*api.Status) {
		if fault != nil {
			panic(fault)
		}
	}
	signed := func() *http.Request {
		r, err := http.NewRequest(http.MethodGet, w.server.URL+"/v1/status", nil)
		must(t, err)
		must(t, api.SignRequest(r, nil, w.key(BA, contracts.Maker), w.clock(), ""))
		return r
	}
	for _, c := range []struct {
		fault  any
		status int
	}{{nil, http.StatusOK}, {"a fault of this program", http.StatusInternalServerError}, {http.ErrAbortHandler, api.Aborted}} {
		fault = c.fault
		a, err := (&http.Client{Transport: new(http.Transport)}).Do(signed())
		if (err != nil) != (c.status == api.Aborted) {
			t.Fatalf("%v: %v", c.fault, err)
		}
		if err == nil {
			a.Body.Close()
		}
		if got := <-told; got.Route != "/v1/status" || got.Status != c.status || got.Organisation != BA {
			t.Errorf("%v: %+v", c.fault, got)
		}
	}
}

func TestScrapesOfOtherMachinesAreCounted(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.Limits = api.Limits{ReadRate: 1, ReadBurst: 2}
		c.Metrics = http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { fmt.Fprintln(out, "up 1") })
	})
	for _, c := range []struct {
		address string
		last    int
	}{{"192.0.2.1:1", 429}, {"[2001:db8::1]:1", 429}, {"127.0.0.1:1", 200}, {"[::1]:1", 200}, {"[::ffff:127.0.0.9]:1", 200}} {
		for i := range 4 {
			want := 200
			if i >= 2 {
				want = c.last
			}
			if out := w.from(c.address, "/metrics"); out.Code != want || want == 429 && out.Header().Get("Retry-After") == "" {
				t.Errorf("scrape %d from %s: %d, want %d", i, c.address, out.Code, want)
			}
		}
	}
	if out := w.from("192.0.2.1:1", "/v1/status"); out.Code != 429 {
		t.Errorf("a scrape is no read of its address: %d", out.Code)
	}
}
