// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"cmp"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A serial is what numbers of a legal day are counted by.
type serial struct {
	kind identifier.RecordKind
	area string
}

// AreaOf is the area in which records of an organisation are numbered: that of its seat
// or, if it has none in this country, the network's home.
func (v *View) AreaOf(p Party) string { return cmp.Or(p.AreaCode, v.Parameters().Area) }

// NextNumber assigns the next platform number of a kind, area and legal day, or
// refuses when the day's serials are used up. As all writes of a refused
// transaction are dropped, a refused transaction takes no number.
func (v *View) NextNumber(kind identifier.RecordKind, area string) (string, *Refusal) {
	today := v.Today()
	key, ok := v.known.serials[serial{kind, area}]
	if !ok {
		key = "serials/" + string(kind) + "/" + area + "/" + today.Compact()
		v.known.serials[serial{kind, area}] = key
	}
	last, _ := Load[uint64](v, key)
	number, err := identifier.NewPlatformNumber(kind, area, today, last+1)
	if err != nil {
		return "", Refuse(ledger.Failure{Code: EState, Subject: key, Reason: ReasonLength})
	}
	Store(v, key, last+1)
	return number, nil
}
