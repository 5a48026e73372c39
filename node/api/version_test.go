// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

func TestANodeSaysWhatItSpeaks(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Formats = api.CurrentFormats() })
	got, err := w.client().Speech(t.Context())
	must(t, err)
	if got.Program != "ipledger" || got.Version != "1.0.0-test" || fmt.Sprint(got.API) != "[1]" || got.Formats.Receipt != ledger.ReceiptFormat || got.Formats.LedgerDatabase == 0 {
		t.Errorf("%+v", got)
	}
}

// A node of another age knows no path below /v1. The client finds out why.
func TestANodeOfAnotherAgeIsExplained(t *testing.T) {
	for speaks, says := range map[string]string{"[2,3]": "use a newer ipledger", "[0]": "ask a node that was upgraded", "[]": "use a newer ipledger"} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/version" {
				http.NotFound(w, r)
				return
			}
			fmt.Fprintf(w, `{"program":"ipledger","version":"9.0.0","api_versions":%s,"later":{}}`, speaks)
		}))
		_, err := (&api.Client{BaseURL: node.URL}).Status(t.Context())
		var other *api.VersionError
		if !errors.As(err, &other) || !strings.Contains(err.Error(), says) || !strings.Contains(other.Chinese(), "9.0.0") {
			t.Errorf("a node that speaks %s: %v", speaks, err)
		}
		node.Close()
	}
}

func TestVersionsAreAskedForOnlyWhenAPathIsUnknown(t *testing.T) {
	w := newWorld(t)
	var asked atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			asked.Add(1)
		}
		w.server.Config.Handler.ServeHTTP(out, r)
	}))
	defer front.Close()
	c := &api.Client{BaseURL: front.URL}
	if _, err := c.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Party(t.Context(), JG); !errors.Is(err, ledger.ErrNotFound) {
		t.Fatal(err)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the version was asked for %d times, of a node that answers", n)
	}
}
