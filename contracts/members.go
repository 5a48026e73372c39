// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// MembersKey is the state key of the Members.
const MembersKey = "consortium/members"

// Members are the organisations that came with the genesis or by a vote: all but
// those that one member alone may register. It is kept so that a ballot need not look
// at every borrower there is. Whether a member votes follows from its own record.
type Members struct {
	Parties []string `cbor:"1,keyasint" json:"parties"` // party ids, ascending
}

// Registrable are the kinds of organisations that one member alone may bring in.
func Registrable() []PartyRole { return []PartyRole{Borrower, Pledgor, Coowner, Valuer} }

// with gives the members and one more.
func (m Members) with(partyID string) Members {
	at, known := slices.BinarySearch(m.Parties, partyID)
	if !known {
		m.Parties = slices.Insert(slices.Clone(m.Parties), at, partyID)
	}
	return m
}

// AddMember notes that an organisation is a member.
func AddMember(v *View, partyID string) {
	members, _ := Load[Members](v, MembersKey)
	Store(v, MembersKey, members.with(partyID))
}

// Electorate lists the organisations that vote at a block's time, ascending: active
// members of a kind in Voters, but for foreign ones. An error is a failure to read the state.
func Electorate(r Reader, at int64) ([]string, error) {
	var members Members
	if err := readRecord(r, MembersKey, &members); err != nil {
		return nil, err
	}
	var voters []string
	for _, id := range members.Parties {
		var party Party
		if err := readRecord(r, PartyKey(id), &party); err != nil {
			return nil, err
		}
		if party.ActiveAt(at) && party.Votes() {
			voters = append(voters, id)
		}
	}
	return voters, nil
}

// readRecord reads a record that every state holds.
func readRecord(r Reader, key string, record any) error {
	raw, ok, err := r.Get(key)
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", key, err)
	case !ok:
		return fmt.Errorf("%w: the state holds no %s", ledger.ErrCorrupt, key)
	}
	if err := ledger.Decode(raw, ledger.MaxValue, record); err != nil {
		return fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err)
	}
	return nil
}
