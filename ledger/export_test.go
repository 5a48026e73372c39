// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import "reflect"

// HasForm tells whether the type of v is read and written by its form.
func HasForm(v any) bool {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return formOf(t) != nil
}

// DecodeForm and EncodeForm go by the form of v's type alone, DecodeGeneral and
// EncodeGeneral by the general codec alone.
func DecodeForm(raw []byte, v any) bool { return decodeForm(raw, v, false) }

func DecodeKept(raw []byte, v any) bool { return decodeForm(raw, v, true) }

// DecodeInRoom and EncodeInRoom go by a room for the type that v points to, which must be
// a record.
func DecodeInRoom(raw []byte, v any) bool {
	to := reflect.ValueOf(v).Elem()
	f := formOf(to.Type())
	m := newRoom(f)
	read := m.read(f, raw)
	to.Set(reflect.ValueOf(m.value).Elem())
	return read
}

func EncodeInRoom(v any) ([]byte, bool) {
	from := reflect.ValueOf(v).Elem()
	f := formOf(from.Type())
	m := newRoom(f)
	reflect.ValueOf(m.value).Elem().Set(from)
	return m.write(f)
}

// IsRecord tells whether v points to a record.
func IsRecord(v any) bool { return formOf(reflect.TypeOf(v).Elem()).kind == recordForm }

func DecodeGeneral(raw []byte, v any) error { return decodeGeneral(raw, MaxFile, v) }

func EncodeForm(v any) ([]byte, bool) { return encodeForm(v) }

func EncodeGeneral(v any) ([]byte, error) { return encoder.Marshal(v) }

func IsNormal(s []byte) bool { return isNormal(s) }

// Contradict, Breaks and Hides are what Check asks of what is signed.
func Contradict(a, b SignedVote) bool { return contradict(a, b) }

func Breaks(v SignedVote, s Statement) bool { return breaks(v, s) }

func Hides(s Statement, v SignedVote) bool { return hides(s, v) }
