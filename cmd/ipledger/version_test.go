// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger/store"
)

func TestANodeOfAnotherAgeIsRefusedInBothLanguages(t *testing.T) {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/version" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"program":"ipledger","version":"9.0.0","api_versions":[7]}`)
	}))
	defer node.Close()
	for lang, says := range map[string]string{
		"en": "the node (9.0.0) speaks version 7 of the API and this program 1; nothing was changed; use a newer ipledger",
		"zh": "节点（9.0.0）支持的接口版本为 7，本程序支持 1；未作任何变更；请使用更新的 ipledger",
	} {
		if code, out := runQuietly("status", "--url", node.URL, "--lang", lang); code != exitFailure || !strings.Contains(out, says) {
			t.Errorf("%s: exit code %d: %s", lang, code, out)
		}
	}
}

func TestADatabaseOfANewerVersionIsExplained(t *testing.T) {
	v := judge(fmt.Errorf("ledger database x: %w: it has format 2", store.ErrNewer))
	if v.code != exitFailure || !strings.Contains(v.en, "that version") || !strings.Contains(v.zh, "更新版本") {
		t.Errorf("%+v", v)
	}
}
