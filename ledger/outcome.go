// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

// A Status is what became of a transaction in its block.
type Status uint8

// The statuses of an outcome.
const (
	Final    Status = 1 // it took effect
	Rejected Status = 2 // a rule of the contract refused it; nothing changed but its reference
	Void     Status = 3 // a mark only: duplicate, early or expired; nothing at all changed
)

func (s Status) String() string {
	switch s {
	case Final:
		return "FINAL"
	case Rejected:
		return "REJECTED"
	case Void:
		return "VOID"
	}
	return "UNKNOWN"
}

// An Outcome is the certified result of one transaction: a leaf under the
// header's receipts root. Index and Count are its place in the block and bind
// the length of both trees, which RFC 6962 roots alone do not.
type Outcome struct {
	Transaction Hash      `cbor:"1,keyasint"`
	Index       uint64    `cbor:"2,keyasint"`
	Count       uint64    `cbor:"3,keyasint"`
	Status      Status    `cbor:"4,keyasint"`
	Code        string    `cbor:"5,keyasint,omitempty"` // E_…: the first failed rule
	Ground      string    `cbor:"6,keyasint,omitempty"` // R…, T…, C…: the registrar's ground
	Details     []Failure `cbor:"7,keyasint,omitempty"` // every failed rule
	Result      []byte    `cbor:"8,keyasint,omitempty"` // typed by the method
	Events      []Event   `cbor:"9,keyasint,omitempty"`
}

// OutcomeOf tells which transaction an encoded outcome is of, without reading
// the rest. It is for bytes that this program stored.
func OutcomeOf(raw []byte) (Hash, bool) {
	const head = 4 // the map, key 1, a byte string of 32
	if len(raw) < head+len(Hash{}) || raw[0]>>5 != majorMap || raw[1] != 1 || raw[2] != majorBytes<<5|24 || int(raw[3]) != len(Hash{}) {
		return Hash{}, false
	}
	return Hash(raw[head : head+len(Hash{})]), true
}

// A Failure is one rule that a transaction broke.
type Failure struct {
	Code    string `cbor:"1,keyasint" json:"code"`
	Ground  string `cbor:"2,keyasint,omitempty" json:"ground,omitempty"`
	Field   string `cbor:"3,keyasint,omitempty" json:"field,omitempty"`      // path into the arguments
	Subject string `cbor:"4,keyasint,omitempty" json:"subject,omitempty"`    // the right, pledge or party it is about
	Reason  string `cbor:"5,keyasint,omitempty" json:"reason,omitempty"`     // finer than the code: RESERVATION
	Message string `cbor:"6,keyasint,omitempty" json:"message,omitempty"`    // English
	ZH      string `cbor:"7,keyasint,omitempty" json:"message_zh,omitempty"` // Chinese
}

// An Event tells observers that a record changed.
type Event struct {
	Kind    string `cbor:"1,keyasint" json:"kind"`    // right.confirmed, pledge.effective, …
	Subject string `cbor:"2,keyasint" json:"subject"` // the record's number or id
}
