// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package bench

import (
	"errors"
	"io/fs"
	"math"
	"time"
)

func ownCPU() (time.Duration, error) {
	return 0, errors.New("own CPU time: this system does not tell it as Unix does")
}

func allocated(info fs.FileInfo) int64 { return info.Size() }

func openFiles() (uint64, error) { return math.MaxUint64, nil }
