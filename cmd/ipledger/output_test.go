// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// TestAReceiptThatCannotBeWrittenLeavesTheOutcomeTold settles a transaction whose
// folder for the receipt went away after it was submitted.
func TestAReceiptThatCannotBeWrittenLeavesTheOutcomeTold(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, "ed25519")
	t.Chdir(dir)
	n, err := readGenesis("genesis.json")
	check(t, err)
	file, err := os.ReadFile("receipt")
	check(t, err)
	v, err := ledger.VerifyReceipt(n.trust, file)
	check(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/cbor")
		_, _ = w.Write(file)
	}))
	defer server.Close()
	id := v.Transaction.ID()
	for lang, says := range map[string]string{"en": "do not submit anew", "zh": "请勿重新提交"} {
		var out, talk bytes.Buffer
		e := &env{Stdout: &out, Stderr: &talk, Getenv: os.Getenv, Now: time.Now, output: "table", lang: lang}
		s := sending{client: &api.Client{BaseURL: server.URL}, network: n, id: id, receipt: "gone/receipt"}
		code := e.report(&cobra.Command{}, e.settle(t.Context(), s))
		if code != exitFailure {
			t.Errorf("exit code %d", code)
		}
		tells(t, out.String(), "FINAL", id.String())
		tells(t, talk.String(), says, "gone/receipt", "FINAL", "ipledger receipt get "+id.String()+" --out ")
		if strings.Contains(out.String(), "gone/receipt") {
			t.Errorf("a file that is not there is told:\n%s", &out)
		}
	}
}
