// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts"
)

type memory map[string][]byte

func (m memory) Get(key string) ([]byte, bool, error) { v, ok := m[key]; return v, ok, nil }

func (m memory) Iterate(prefix string, fn func(string, []byte) bool) error {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(key, prefix) && !fn(key, m[key]) {
			break
		}
	}
	return nil
}

func TestAnOverlayReadsLikeOneState(t *testing.T) {
	keys := rapid.SampledFrom([]string{"a", "a/1", "a/2", "a/3", "b", "b/1"})
	rapid.Check(t, func(rt *rapid.T) {
		below, whole := memory{}, memory{}
		for i, key := range rapid.SliceOf(keys).Draw(rt, "below") {
			below[key] = fmt.Append(nil, i)
		}
		maps.Copy(whole, below)
		writes := map[string][]byte{}
		for i, key := range rapid.SliceOf(keys).Draw(rt, "writes") {
			writes[key] = fmt.Append(nil, "new", i)
		}
		maps.Copy(whole, writes)
		layer := contracts.NewOverlay(below, writes)
		stop := rapid.IntRange(1, 7).Draw(rt, "stop")
		walk := func(r contracts.Reader) (got []string) {
			if err := r.Iterate("a/", func(key string, value []byte) bool {
				got = append(got, key+"="+string(value))
				return len(got) < stop
			}); err != nil {
				rt.Fatal(err)
			}
			return got
		}
		if a, b := walk(layer), walk(whole); !slices.Equal(a, b) {
			rt.Fatalf("%v, want %v", a, b)
		}
	})
}
