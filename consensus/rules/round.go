// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rules

// An Intent is the wish of a validator to begin a round with some members as
// Raft voters.
type Intent struct {
	Epoch  Epoch
	Voters uint32 // bit i for the member in place i
}

// Agreed gives the intent of the highest epoch that a quorum shares, from the
// newest intent of each member: whoever sees that promises and makes a statement.
func Agreed(intents []*Intent, quorum int) (agreed Intent, ok bool) {
	for _, candidate := range intents {
		if candidate == nil {
			continue
		}
		count := 0
		for _, i := range intents {
			if i != nil && *i == *candidate {
				count++
			}
		}
		if count >= quorum && (!ok || candidate.Epoch.Compare(agreed.Epoch) > 0) {
			agreed, ok = *candidate, true
		}
	}
	return agreed, ok
}

// Next is the round that a validator wishes for: the one after every round that
// it is in, or has promised. Those below can no longer begin with its help.
func Next(current, promise Epoch) Epoch {
	if promise.Compare(current) > 0 {
		current = promise
	}
	return Epoch{current.Set, current.Round + 1}
}

// maxDoublings bounds the patience of a validator to 64 times the first.
const maxDoublings = 6

// Patience is how long a validator waits for progress before it wishes for
// another round. It doubles with each round in which nothing became FINAL, so
// that in the end all wait for the same one for long enough.
func Patience(first uint64, barren int) uint64 { return first << min(max(barren, 0), maxDoublings) }

// Due tells whether a validator wishes for another round with the Raft voters of
// this one: FINAL has not moved for the time of its patience although work waits
// and a quorum, this node included, is connected. Without a quorum a new round
// would have no more progress than this one.
func Due(quiet, patience uint64, waiting bool, connected, quorum int) bool {
	return waiting && connected >= quorum && quiet >= patience
}
