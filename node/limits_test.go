// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/config"
)

func TestLimitsAreTheDefaultsUnlessTheyAreWritten(t *testing.T) {
	c := newCluster(t, "ed25519")
	file := filepath.Join(c.configs[0].Dir, "node.toml")
	plain, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	load := func(more string, env map[string]string) (config.Config, error) {
		t.Helper()
		if err := os.WriteFile(file, append([]byte(more), plain...), 0o644); err != nil {
			t.Fatal(err)
		}
		return config.Load(c.configs[0].Dir, func(name string) string { return env[name] })
	}
	if cfg, err := load("", nil); err != nil || bytes.Contains(plain, []byte("rate_")) || *cfg.RateAddress != 100 || *cfg.RateAddressBurst != 400 || *cfg.RateOrganisation != 500 ||
		*cfg.RateOrganisationBurst != 1000 || *cfg.WaitingOrganisation != 4096 || *cfg.Waiting != 16384 {
		t.Fatalf("without a word about limits they are %+v %v, and the file says\n%s", cfg, err, plain)
	}
	cfg, err := load("rate_address = 0\nrate_organisation = 2.5\nrate_organisation_burst = 7\n", map[string]string{"IPLEDGER_RATE_ORGANISATION_BURST": "9", "IPLEDGER_WAITING": "3"})
	if err != nil || *cfg.RateAddress != 0 || *cfg.RateOrganisation != 2.5 || *cfg.RateOrganisationBurst != 9 || *cfg.Waiting != 3 {
		t.Fatalf("%+v %v", cfg, err)
	}
	for _, c := range []struct {
		more string
		env  map[string]string
	}{
		{"rate_address = -1\n", nil}, {"waiting = -5\n", nil}, {"rate_address = nan\n", nil}, {"rate_address = inf\n", nil},
		{"", map[string]string{"IPLEDGER_RATE_ADDRESS": "many"}}, {"", map[string]string{"IPLEDGER_WAITING_ORGANISATION": "1.5"}},
	} {
		if _, err := load(c.more, c.env); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%q %v: %v", c.more, c.env, err)
		}
	}
	if _, err := load("rate_address = 1\nrate_address_burst = 1\n", nil); err != nil {
		t.Fatal(err)
	}
	c.start(0)
	status := func() int {
		a, err := http.Get("http://" + c.configs[0].APIListen + "/v1/methods")
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		return a.StatusCode
	}
	if first, second := status(), status(); first != http.StatusOK || second != http.StatusTooManyRequests {
		t.Errorf("%d, then %d", first, second)
	}
}
