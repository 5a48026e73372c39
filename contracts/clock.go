// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// CheckTime refuses a time, in ms since 1970 UTC, that lies after the block's or before
// the earliest that it can have, and names which of them it is. Whoever has typed a wrong
// time sees what it was held against.
func (v *View) CheckTime(field string, at, earliest int64, r *Refusal) {
	switch {
	case at > v.Time():
		r.Add(ledger.Failure{Code: EClock, Field: field, Subject: identifier.TimeText(v.Time()), Reason: ReasonFuture})
	case at < earliest:
		r.Add(ledger.Failure{Code: EClock, Field: field, Subject: identifier.TimeText(earliest), Reason: ReasonTooEarly})
	}
}
