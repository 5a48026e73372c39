// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"github.com/ipledger/ipledger/consensus"
)

// confusion is everything that makes no sense, or did once.
var confusion = []behaviour{
	{name: "old messages again", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		old := t.kept[t.IntN(len(t.kept))] // perhaps of an earlier life and many terms ago
		if t.chance(0.3) {
			old.To = s.To // perhaps meant for another
		}
		return []consensus.Send{s, old}, true
	}},
	{name: "messages in disorder", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		t.later(s, t.between(0, 3_000_000))
		return nil, true
	}},
	{name: "other bytes", splits: true, send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if s.Class == consensus.Transactions || len(s.Data) <= messageHead {
			return nothing(s)
		}
		s.Data = slices.Clone(s.Data)
		for range 1 + t.IntN(3) {
			s.Data[t.IntN(len(s.Data))] = byte(t.IntN(256))
		}
		return one(s), true
	}},
	{name: "half a message", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if s.Class == consensus.Transactions || len(s.Data) == 0 {
			return nothing(s)
		}
		s.Data = s.Data[:t.IntN(len(s.Data))]
		return one(s), true
	}},
	{name: "messages of another kind", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if s.Class == consensus.Transactions || len(s.Data) <= messageHead {
			return nothing(s)
		}
		s.Data = slices.Clone(s.Data)
		s.Data[0] = byte(t.IntN(16))
		return one(s), true
	}},
	{name: "messages of another group", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if s.Class == consensus.Transactions || len(s.Data) <= messageHead {
			return nothing(s)
		}
		s.Data = slices.Clone(s.Data)
		s.Data[1+t.IntN(messageHead-1)] ^= 1
		return one(s), true
	}},
}
