// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

// NewOverlay is a layer of writes above a reader.
func NewOverlay(below Reader, writes map[string][]byte) Reader {
	return &overlay{below: below, writes: writes}
}
