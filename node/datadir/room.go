// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"fmt"

	"github.com/ipledger/ipledger/internal/database"
)

// RoomOf says how much room there is and should be.
func RoomOf(dir string, space database.Space, want uint64) string {
	return fmt.Sprintf("%s has %s free of %s, the reserve is %s", dir, SizeText(space.Free), SizeText(space.Total), SizeText(want))
}

// SizeText gives a number of bytes for people.
func SizeText(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
