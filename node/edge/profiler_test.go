// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

func TestProfilesAreServedOnLoopbackOnlyAndOnlyIfAskedFor(t *testing.T) {
	if p, err := OpenProfiler(""); p != nil || err != nil {
		t.Errorf("without an address: %v, %v", p, err)
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:6060", "[2001:db8::1]:6060", "localhost", "example.org:6060"} {
		if _, err := OpenProfiler(address); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%q: %v, want it refused as invalid", address, err)
		}
	}

	p, err := OpenProfiler("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	answer, err := http.Get("http://" + p.listener.Addr().String() + "/debug/pprof/goroutine?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !strings.Contains(string(text), "goroutine profile") {
		t.Errorf("it answers %d %.40q, %v", answer.StatusCode, text, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
