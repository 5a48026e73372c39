// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"hash/crc32"
	"math/rand/v2"
)

// Dice are one generator of a history. There are several, so that what one of
// them is asked for changes nothing of what the others give: a history without
// its third strike has the same fourth one, the same clients and the same
// traitors.
type dice struct{ *rand.Rand }

// newDice gives the dice that a seed has for something.
func newDice(o Options, what string, number int) dice {
	which := uint64(crc32.ChecksumIEEE([]byte(what)))<<32 | uint64(o.Nodes)<<24 | uint64(number)
	return dice{rand.New(rand.NewPCG(o.Seed, which))}
}

func (d dice) between(low, high int64) int64 { return low + d.Int64N(high-low) }

func (d dice) chance(p float64) bool { return d.Float64() < p }

// oneOf gives one of some values.
func oneOf[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }
