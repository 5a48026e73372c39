// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

func TestTheEnvironmentCanAskForProfiles(t *testing.T) {
	dir := t.TempDir()
	text := "name = \"node1\"\np2p_listen = [\"/ip4/127.0.0.1/tcp/0\"]\napi_listen = \"127.0.0.1:0\"\npassphrase_file = \"p\"\n"
	if err := os.WriteFile(filepath.Join(dir, configFile), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for variable, want := range map[string]string{"": "", "127.0.0.1:6060": "127.0.0.1:6060"} {
		c, err := LoadConfig(dir, func(name string) string {
			if name == "IPLEDGER_PROFILE_LISTEN" {
				return variable
			}
			return ""
		})
		if err != nil || c.ProfileListen != want {
			t.Errorf("with %q: %q, %v", variable, c.ProfileListen, err)
		}
	}
}

func TestProfilesAreServedOnLoopbackOnlyAndOnlyIfAskedFor(t *testing.T) {
	if p, err := newProfiler(""); p != nil || err != nil {
		t.Errorf("without an address: %v, %v", p, err)
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:6060", "[2001:db8::1]:6060", "localhost", "example.org:6060"} {
		if _, err := newProfiler(address); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%q: %v, want it refused as invalid", address, err)
		}
	}

	p, err := newProfiler("127.0.0.1:0")
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
