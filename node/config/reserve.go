// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ipledger/ipledger/ledger"
)

// Bounds of the reserve that follows from the size of a file system.
const (
	reserveShare = 20 // a twentieth
	minReserve   = 64 << 20
	maxReserve   = 512 << 20
)

// A Reserve is how many bytes are to stay free; negative follows from the size of
// the file system, and 0 is none.
type Reserve int64

const automatic Reserve = -1

// ParseReserve reads "auto", "off", or a number of bytes with KiB, MiB or GiB.
func ParseReserve(text string) (Reserve, error) {
	switch text {
	case "", "auto":
		return automatic, nil
	case "off":
		return 0, nil
	}
	number, unit := text, int64(1)
	for ending, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if n, ok := strings.CutSuffix(text, ending); ok {
			number, unit = strings.TrimSpace(n), size
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%w: disk_reserve %q: want auto, off, or a size such as 256MiB", ledger.ErrInvalid, text)
	}
	return Reserve(n * unit), nil
}

// Of gives the reserve of a file system of total bytes.
func (r Reserve) Of(total uint64) uint64 {
	if r >= 0 {
		return uint64(r)
	}
	return min(max(total/reserveShare, minReserve), maxReserve)
}
