// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/node/api"
)

func TestTheOpenAPIDocumentIsPinned(t *testing.T) {
	raw, err := json.Marshal(api.Document())
	must(t, err)
	var text bytes.Buffer
	must(t, json.Indent(&text, raw, "", "  "))
	text.WriteByte('\n')
	golden(t, "openapi.json", text.Bytes())
}

func TestTheNodeServesItsOpenAPIDocument(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/openapi.json", "/openapi-3.0.json"} {
		a := w.send(t, http.MethodGet, path, nil, nil)
		if a.status != http.StatusOK || !bytes.Contains(a.body, []byte(`"/v1/encumbrance"`)) {
			t.Fatalf("%s: %d %.200s", path, a.status, a.body)
		}
	}
	for _, path := range []string{"/docs", "/schemas/Problem.json"} {
		if a := w.send(t, http.MethodGet, path, nil, nil); a.status != http.StatusNotFound {
			t.Fatalf("%s is served: %d", path, a.status)
		}
	}
}

func TestEveryReferenceInTheDocumentLeadsSomewhere(t *testing.T) {
	doc := api.Document()
	raw, err := json.Marshal(doc)
	must(t, err)
	for _, part := range strings.Split(string(raw), `"$ref":"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if doc.Components.Schemas.Map()[name] == nil {
			t.Errorf("no schema %s", name)
		}
	}
	for path, item := range doc.Paths {
		if item.Get == nil && item.Post == nil || strings.ToLower(path) != path {
			t.Errorf("path %s", path)
		}
	}
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(name, got, 0o644))
		return
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed; look at the difference after go test -update", name)
	}
}
