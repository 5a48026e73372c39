// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"
	"testing"
)

func TestLeastFindsTheFewThatMatter(t *testing.T) {
	all := make([]int, 100)
	for i := range all {
		all[i] = i
	}
	tries := 0
	got := least(all, func(some []int) bool {
		tries++
		return slices.Contains(some, 3) && slices.Contains(some, 41) && slices.Contains(some, 97)
	})
	if !slices.Equal(got, []int{3, 41, 97}) {
		t.Errorf("left are %v", got)
	}
	if tries > 100 {
		t.Errorf("%d tries", tries)
	}
}
