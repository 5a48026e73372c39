// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import "slices"

// A Gap is a time in which the ledger said by mistake that a pledge had been cancelled.
// What it took in meanwhile relied on that, and stands; so does the pledge.
type Gap struct {
	Since int64 `cbor:"1,keyasint" json:"since"` // at the register: the end that was told
	From  int64 `cbor:"2,keyasint" json:"from"`  // block time at which it was told
	Until int64 `cbor:"3,keyasint" json:"until"` // block time at which it was annulled
}

// MaxGaps bounds the gaps of one pledge at one right.
const MaxGaps = 8

// gapOf gives the newest gap of the pledge in which something was told.
func (e PledgeEntry) gapOf(toldAt int64) (Gap, bool) {
	for _, g := range slices.Backward(e.Gaps) {
		if g.From <= toldAt && toldAt <= g.Until {
			return g, true
		}
	}
	return Gap{}, false
}

// unasked tells whether something that is true since a time was told in a gap of the
// pledge as of after its end, and so without its pledgees.
func (e PledgeEntry) unasked(since, toldAt int64) bool {
	g, found := e.gapOf(toldAt)
	return found && g.Since <= since
}
