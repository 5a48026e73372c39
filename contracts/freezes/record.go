// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package freezes

import (
	"cmp"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A Record is the member-level record of a freeze with all orders of its chain.
type Record struct {
	FreezeNo   string           `cbor:"1,keyasint" json:"freeze_no"`
	RightID    string           `cbor:"2,keyasint" json:"right_id"`
	Space      identifier.Space `cbor:"3,keyasint" json:"space"`
	Number     string           `cbor:"4,keyasint" json:"number"`
	Court      string           `cbor:"5,keyasint" json:"court"`                               // its name
	CourtID    string           `cbor:"10,keyasint,omitempty" json:"court_party_id,omitempty"` // if it takes part in the ledger
	Scope      string           `cbor:"6,keyasint,omitempty" json:"scope,omitempty"`
	Against    string           `cbor:"7,keyasint,omitempty" json:"against,omitempty"` // party id of the owner it is directed against
	RecordedBy string           `cbor:"8,keyasint" json:"recorded_by"`                 // party id
	Orders     []Order          `cbor:"9,keyasint" json:"orders"`                      // the first, its renewals, the lifting
}

// The kinds of orders.
const (
	Freezing = "FREEZE"
	Renewal  = "RENEWAL"
	Lifting  = "LIFT"
)

// An Order is one paper of a court, as the registrar received it.
type Order struct {
	Kind        string      `cbor:"1,keyasint" json:"kind"`
	DocNo       string      `cbor:"2,keyasint" json:"doc_no"`
	ReceivedAt  int64       `cbor:"3,keyasint" json:"received_at"`               // at the registrar, ms since 1970 UTC
	Until       string      `cbor:"4,keyasint,omitempty" json:"until,omitempty"` // last day
	Transaction ledger.Hash `cbor:"5,keyasint" json:"transaction"`
	RecordedAt  int64       `cbor:"6,keyasint" json:"recorded_at"` // block time
	RecordedBy  string      `cbor:"7,keyasint" json:"recorded_by"` // party id

	// What holds in place of what was recorded.
	CorrectedBy *ledger.Hash `cbor:"8,keyasint,omitempty" json:"corrected_by,omitempty"` // transaction of the newest correction
	HeldFrom    int64        `cbor:"9,keyasint,omitempty" json:"corrected_received_at,omitempty"`
	HeldUntil   string       `cbor:"10,keyasint,omitempty" json:"corrected_until,omitempty"`
}

// Since is the time of the receipt as it is known now; of a lifting, of the end.
func (o Order) Since() int64 { return cmp.Or(o.HeldFrom, o.ReceivedAt) }

// LastDay is the last day as it is known now, "" of a lifting.
func (o Order) LastDay() string { return cmp.Or(o.HeldUntil, o.Until) }

// maxOrders bounds the chain of one freeze: with half a year each it lasts half a
// century.
const maxOrders = 100

// RecordKey is the state key of a freeze.
func RecordKey(freezeNo string) string { return "freezes/" + freezeNo }
