// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import "slices"

// A Move is what an entry changed in one field of a record. It is kept with the entry,
// so that a later one can put right what the entry should not have said.
type Move struct {
	Field  string `cbor:"1,keyasint" json:"field"`
	Before Value  `cbor:"2,keyasint" json:"before"`
	After  Value  `cbor:"3,keyasint" json:"after"`
}

// A Value is what one field holds: a text, a time in ms since 1970 UTC or a list. The
// empty one is that of an absent field.
type Value struct {
	Text string   `cbor:"1,keyasint,omitempty" json:"text,omitempty"`
	Time int64    `cbor:"2,keyasint,omitempty" json:"time,omitempty"`
	List []string `cbor:"3,keyasint,omitempty" json:"list,omitempty"`
}

// Same tells whether two values are one.
func (v Value) Same(other Value) bool {
	return v.Text == other.Text && v.Time == other.Time && slices.Equal(v.List, other.List)
}

// A part is a field of a record that events move, other than its facts, which say
// themselves which event began and which ended them.
type part struct {
	field string
	get   func(r *Record) Value
	set   func(r *Record, v Value)
}

// parts are all of them.
var parts = []part{
	{"base_state", func(r *Record) Value { return Value{Text: string(r.BaseState)} }, func(r *Record, v Value) { r.BaseState = BaseState(v.Text) }},
	timePart("ended_from", func(r *Record) *int64 { return &r.EndedFrom }),
	timePart("ended_at", func(r *Record) *int64 { return &r.EndedAt }),
	textPart("replaced_by", func(r *Record) *string { return &r.ReplacedBy }),
	listPart("owners", func(r *Record) *[]string { return &r.Owners }),
	listPart("outside_owners", func(r *Record) *[]string { return &r.Outsiders }),
	listPart("owners_before", func(r *Record) *[]string { return &r.OwnersBefore }),
	listPart("outside_owners_before", func(r *Record) *[]string { return &r.OutsidersBefore }),
	timePart("owners_since", func(r *Record) *int64 { return &r.OwnersSince }),
	timePart("owners_at", func(r *Record) *int64 { return &r.OwnersAt }),
	textPart("fee_status", func(r *Record) *string { return &r.FeeStatus }),
	timePart("fee_status_at", func(r *Record) *int64 { return &r.FeeStatusAt }),
	textPart("fee_due", func(r *Record) *string { return &r.FeeDue }),
	textPart("fee_deadline", func(r *Record) *string { return &r.FeeDeadline }),
	timePart("fee_ledger_at", func(r *Record) *int64 { return &r.FeeLedgerAt }),
	textPart("expiry_date", func(r *Record) *string { return &r.ExpiryDate }),
	textPart("renewal_ends", func(r *Record) *string { return &r.RenewalEnds }),
	textPart("twin", func(r *Record) *string { return &r.Twin }),
	textPart("struck_claims", func(r *Record) *string { return &r.StruckClaims }),
}

func textPart(field string, at func(r *Record) *string) part {
	return part{field, func(r *Record) Value { return Value{Text: *at(r)} }, func(r *Record, v Value) { *at(r) = v.Text }}
}

func timePart(field string, at func(r *Record) *int64) part {
	return part{field, func(r *Record) Value { return Value{Time: *at(r)} }, func(r *Record, v Value) { *at(r) = v.Time }}
}

func listPart(field string, at func(r *Record) *[]string) part {
	return part{field, func(r *Record) Value { return Value{List: *at(r)} }, func(r *Record, v Value) { *at(r) = v.List }}
}

// movesOf lists the parts in which two versions of a record differ.
func movesOf(before, after Record) (moves []Move) {
	for _, p := range parts {
		if was, is := p.get(&before), p.get(&after); !was.Same(is) {
			moves = append(moves, Move{Field: p.field, Before: was, After: is})
		}
	}
	return moves
}

// takeBack puts what moves have changed back to what it was. It names the first field
// that something else has moved since, and changes nothing more then.
func (r *Record) takeBack(moves []Move) (movedSince string) {
	for _, m := range moves {
		i := slices.IndexFunc(parts, func(p part) bool { return p.field == m.Field })
		if i < 0 || !parts[i].get(r).Same(m.After) {
			return m.Field
		}
		parts[i].set(r, m.Before)
	}
	return ""
}
