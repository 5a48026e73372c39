// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"maps"
	"slices"
)

// NewOverlay is a layer of writes above a reader.
func NewOverlay(below Reader, writes map[string][]byte) Reader {
	o := newOverlay(below, 0)
	for _, key := range slices.Sorted(maps.Keys(writes)) {
		o.put(key, writes[key])
	}
	return o
}
