// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAListThatIsCutOffSaysSo(t *testing.T) {
	pages := map[string][]int{"": {1, 2}, "a": {3, 4}, "b": {5}}
	next := map[string]string{"": "a", "a": "b"}
	for _, c := range []struct{ limit, items, more int }{{0, 5, 0}, {1, 1, 1}, {2, 2, 1}, {3, 3, 1}, {4, 4, 1}, {5, 5, 0}, {6, 5, 0}} {
		var talk bytes.Buffer
		items, err := collect(&env{Stderr: &talk}, c.limit, func(cursor string) ([]int, string, error) { return pages[cursor], next[cursor], nil })
		if err != nil || len(items) != c.items || strings.Count(talk.String(), "--limit 0 shows all") != c.more {
			t.Errorf("limit %d: %v, %v, %q", c.limit, items, err, &talk)
		}
	}
	_, err := collect(&env{}, 0, func(string) ([]int, string, error) { return []int{1}, "a", nil })
	if judge(err).code != exitUnreachable {
		t.Errorf("a node that gives one page for ever: %v", err)
	}
}
