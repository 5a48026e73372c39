// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func operatorsPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pageShows compares the metrics of a scrape with those of the page.
func pageShows(t *testing.T, series map[string]string) {
	t.Helper()
	page := map[string]bool{}
	for _, name := range regexp.MustCompile("`(ipledger_[a-z0-9_]+)`").FindAllStringSubmatch(operatorsPage(t), -1) {
		page[name[1]] = false
	}
	for s := range series {
		name, _, _ := strings.Cut(s, "{")
		if !strings.HasPrefix(name, "ipledger_") {
			continue
		}
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if _, ok := page[base]; !ok {
			t.Errorf("docs/operations.md does not show %s", base)
		}
		page[base] = true
	}
	for name, seen := range page {
		// Alarms and TLS are there only once there is something to tell.
		if !seen && !strings.HasPrefix(name, "ipledger_tls_") && name != "ipledger_consensus_alarms_total" {
			t.Errorf("docs/operations.md shows %s, which the node does not", name)
		}
	}
}
