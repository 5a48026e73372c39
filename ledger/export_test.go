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

func DecodeGeneral(raw []byte, v any) error { return decodeGeneral(raw, MaxFile, v) }

func EncodeForm(v any) ([]byte, bool) { return encodeForm(v) }

func EncodeGeneral(v any) ([]byte, error) { return encoder.Marshal(v) }

func IsNormal(s []byte) bool { return isNormal(s) }

// Contradict, Breaks and Hides are what Check asks of what is signed.
func Contradict(a, b SignedVote) bool { return contradict(a, b) }

func Breaks(v SignedVote, s Statement) bool { return breaks(v, s) }

func Hides(s Statement, v SignedVote) bool { return hides(s, v) }
