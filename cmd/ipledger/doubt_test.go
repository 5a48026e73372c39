// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// A command that is called again makes another transaction: its reference is
// random. So who gets no answer to one that was sent must look, and not repeat.
func TestATransactionWithoutAnAnswerIsToBeLookedUp(t *testing.T) {
	id := ledger.Hash{7}
	for _, c := range []struct {
		name    string
		sent    string // answer to the submission; "" breaks the connection
		receipt string // likewise to the question for the receipt
		code    string
	}{
		{"the connection breaks", "", "", "UNREACHABLE"},
		{"something else answers", "<html>", "", "UNREACHABLE"},
		{"the receipt does not come", `{"id":"` + id.String() + `","status":"FINAL","outcome":{"status":"FINAL"}}`, "", "UNREACHABLE"},
		{"the node refuses", `{"code":"E_UNAVAILABLE","detail":"not taken"}`, "", "E_UNAVAILABLE"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := c.receipt
			if r.Method == http.MethodPost {
				answer = c.sent
			}
			switch {
			case answer == "":
				panic(http.ErrAbortHandler)
			case c.code == "E_UNAVAILABLE":
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusServiceUnavailable)
			default:
				w.Header().Set("Content-Type", "application/json")
			}
			_, _ = w.Write([]byte(answer))
		}))
		for lang, says := range map[string]string{"en": "do not submit it anew", "zh": "请勿重新提交"} {
			var out, talk bytes.Buffer
			e := &env{Stdout: &out, Stderr: &talk, output: "json", lang: lang}
			s := sending{client: &api.Client{BaseURL: server.URL}, id: id}
			exit := e.report(&cobra.Command{Use: "submit"}, e.send(t.Context(), s, api.Submission{}))
			if exit != exitUnreachable || !strings.Contains(out.String(), `"`+c.code+`"`) {
				t.Errorf("%s: exit code %d, %s", c.name, exit, out.String())
			}
			doubt := c.code == "UNREACHABLE"
			_, told, _ := strings.Cut(talk.String(), "\n") // the first line names the transaction in any case
			if strings.Contains(told, says) != doubt || strings.Contains(told, "ipledger tx wait "+id.String()) != doubt {
				t.Errorf("%s: %s is told %s", c.name, lang, told)
			}
			if doubt && !strings.Contains(out.String(), id.String()) {
				t.Errorf("%s: the transaction is not named in %s", c.name, out.String())
			}
		}
		server.Close()
	}
}
