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
	"github.com/ipledger/ipledger/node/datadir"
)

func TestANodeOfAnotherAgeIsRefusedInBothLanguages(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/version" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"program":"ipledger","version":"9.0.0","api_versions":[7]}`)
	}))
	defer server.Close()
	for lang, says := range map[string]string{
		"en": "the node (9.0.0) speaks version 7 of the API and this program 1; nothing was changed; use a newer ipledger",
		"zh": "节点（9.0.0）支持的接口版本为 7，本程序支持 1；未作任何变更；请使用更新的 ipledger",
	} {
		if code, out := runQuietly("status", "--url", server.URL, "--lang", lang); code != exitFailure || !strings.Contains(out, says) {
			t.Errorf("%s: exit code %d: %s", lang, code, out)
		}
	}
}

func TestADatabaseOfANewerVersionIsExplained(t *testing.T) {
	v := judge(&datadir.Fault{Dir: "x", Database: "ledger", Err: fmt.Errorf("ledger database x: %w: it has format 9", store.ErrNewer)})
	if v.code != exitFailure || !strings.Contains(v.en, "Nothing was changed.") || !strings.Contains(v.en, "Run the version that has used this directory last") ||
		!strings.Contains(v.title, "更新版本") || !strings.Contains(v.zh, "未作任何变更") {
		t.Errorf("%+v", v)
	}
}
