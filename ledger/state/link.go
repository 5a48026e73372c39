// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// A Link leads from one validator set to the next: the boundary block that the
// old set made FINAL, and the record of the new set in its state. Links are a
// file of their own, which a verifier keeps and extends.
type Link struct {
	Set   []byte           `cbor:"1,keyasint"` // encoded ledger.ValidatorSet
	Proof Proof            `cbor:"2,keyasint"`
	Block ledger.Certified `cbor:"3,keyasint"`
}

// Extend gives the trust that follows from t by links in ascending order. Each
// must be certified by the set before it. Refusals are *ledger.VerifyError; t is
// not changed.
func Extend(t ledger.Trust, links []Link) (ledger.Trust, error) {
	out := ledger.Trust{Network: t.Network, Sets: slices.Clone(t.Sets), Boundaries: maps.Clone(t.Boundaries)}
	if out.Boundaries == nil {
		out.Boundaries = make(map[uint64]ledger.Header)
	}
	for _, l := range links {
		number := uint64(len(out.Sets))
		if err := l.Block.Check(out); err != nil {
			return ledger.Trust{}, fmt.Errorf("link to set %d: %w", number, err)
		}
		bad := func(format string, args ...any) (ledger.Trust, error) {
			return ledger.Trust{}, &ledger.VerifyError{
				Reason: ledger.BadLink,
				Detail: fmt.Sprintf("link to set %d: ", number) + fmt.Sprintf(format, args...),
			}
		}
		if l.Block.Header.Set != number-1 {
			return bad("its block is of set %d, not of the last known set", l.Block.Header.Set)
		}
		if err := VerifyInclusion(t.Suite, l.Block.Header.StateRoot, ledger.SetKey(number), l.Set, l.Proof); err != nil {
			return bad("%v", err)
		}
		var set ledger.ValidatorSet
		if err := ledger.Decode(l.Set, ledger.MaxValue, &set); err != nil {
			return bad("%v", err)
		}
		if set.Number != number {
			return bad("its record is of set %d", set.Number)
		}
		if err := set.Check(t.Suite); err != nil {
			return bad("%v", err)
		}
		out.Sets = append(out.Sets, set)
		out.Boundaries[number-1] = l.Block.Header
	}
	return out, nil
}
