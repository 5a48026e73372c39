// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
)

// profile is the table of what the encoding is and is not. A reason is part of
// the message of the refusal; none means accepted.
var profile = []struct{ name, hex, reason string }{
	{"zero", "00", ""},
	{"23, the last in one byte", "17", ""},
	{"24, the first in two", "1818", ""},
	{"the greatest integer", "1bffffffffffffffff", ""},
	{"the least integer", "3bffffffffffffffff", ""},
	{"false", "f4", ""},
	{"true", "f5", ""},
	{"no bytes", "40", ""},
	{"no text", "60", ""},
	{"Chinese text", "6fe79fa5e8af86e4baa7e69d83e5b180", ""},
	{"a composed letter", "62c3a9", ""},
	{"a combining mark alone", "62cc81", ""},
	{"no elements", "80", ""},
	{"no pairs", "a0", ""},
	{"bytes that are no text", "42fffe", ""},
	{"keys in order, 23 before 24", "a21700181800", ""},
	{"keys in order, 255 before 256", "a218ff0019010000", ""},
	{"eight levels", "818181818181818100", ""},
	{"eight levels, maps among them", "a101a10181a101a10181a101a10100", ""},

	{"nine levels, maps among them", "a101a10181a101a10181a101a1018100", "deeper"},
	{"nothing", "", "ends early"},
	{"one byte after it", "0000", "1 bytes after"},
	{"two values", "8080", "1 bytes after"},
	{"integer cut off", "18", "ends early"},
	{"long integer cut off", "1b00000001000000", "ends early"},
	{"bytes cut off", "43ffff", "ends early"},
	{"text cut off", "6361", "ends early"},
	{"array cut off", "8200", "ends early"},
	{"map without its value", "a101", "ends early"},
	{"map without its second pair", "a20100", "ends early"},
	{"0 in two bytes", "1800", "shortest"},
	{"23 in two bytes", "1817", "shortest"},
	{"255 in three bytes", "1900ff", "shortest"},
	{"65535 in five bytes", "1a0000ffff", "shortest"},
	{"2^32-1 in nine bytes", "1b00000000ffffffff", "shortest"},
	{"-1 in two bytes", "3800", "shortest"},
	{"length of bytes in two bytes", "580100", "shortest"},
	{"length of text in two bytes", "780161", "shortest"},
	{"length of array in two bytes", "980100", "shortest"},
	{"length of map in two bytes", "b8010000", "shortest"},
	{"key in two bytes", "a1180100", "shortest"},
	{"reserved length 28", "1c", "reserved"},
	{"reserved length 29", "5d", "reserved"},
	{"reserved length 30", "9e", "reserved"},
	{"indefinite bytes", "5f4100ff", "indefinite"},
	{"indefinite text", "7f6161ff", "indefinite"},
	{"indefinite array", "9f00ff", "indefinite"},
	{"indefinite map", "bf0000ff", "indefinite"},
	{"break", "ff", "indefinite"},
	{"break in an array", "81ff", "indefinite"},
	{"keys out of order", "a202000100", "ascending"},
	{"keys in the order of length first", "a21818001700", "ascending"},
	{"key twice", "a201000100", "ascending"},
	{"key twice, other values", "a201000101", "ascending"},
	{"key twice, not side by side", "a3010002000100", "ascending"},
	{"text key", "a1616100", "not an unsigned integer"},
	{"negative key", "a12000", "not an unsigned integer"},
	{"bytes key", "a1410000", "not an unsigned integer"},
	{"array key", "a18000", "not an unsigned integer"},
	{"bool key", "a1f400", "not an unsigned integer"},
	{"date as text", "c074323031332d30332d32315432303a30343a30305a", "tag"},
	{"date as number", "c100", "tag"},
	{"big number", "c24101", "tag"},
	{"negative big number", "c34101", "tag"},
	{"self-described", "d9d9f700", "tag"},
	{"embedded", "d8184100", "tag"},
	{"half float", "f93c00", "float"},
	{"float", "fa3f800000", "float"},
	{"double", "fb3ff0000000000000", "float"},
	{"not a number", "f97e00", "float"},
	{"null", "f6", "null"},
	{"null in an array", "81f6", "null"},
	{"null in a map", "a100f6", "null"},
	{"undefined", "f7", "undefined"},
	{"simple value 0", "e0", "null or undefined"},
	{"simple value 19", "f3", "null or undefined"},
	{"simple value 24, reserved", "f818", "null or undefined"},
	{"simple value 255", "f8ff", "null or undefined"},
	{"false in two bytes", "f814", "shortest"},
	{"text that is not UTF-8", "61ff", "UTF-8"},
	{"text cut in a character", "61e7", "UTF-8"},
	{"overlong slash", "62c0af", "UTF-8"},
	{"surrogate", "63eda080", "UTF-8"},
	{"beyond Unicode", "64f4908080", "UTF-8"},
	{"a decomposed letter", "6365cc81", "normal form C"},
	{"the Kelvin sign", "63e284aa", "normal form C"},
	{"a compatibility ideograph", "63efa480", "normal form C"},
	{"marks out of order", "6561cc81cca3", "normal form C"},
	{"Hangul in parts", "66e18480e185a1", "normal form C"},
	{"nine levels", "81818181818181818100", "deeper"},
	{"nine levels, the last one empty", "818181818181818180", "deeper"},
	{"nine levels of maps", "a100a100a100a100a100a100a100a100a0", "deeper"},
	{"nine levels, hidden in a second element", "8200818181818181818180", "deeper"},
	{"bytes of 2^64-1", "5bffffffffffffffff", "ends early"},
	{"text of 2^63", "7b8000000000000000", "ends early"},
	{"array of 2^64-1", "9bffffffffffffffff", "ends early"},
	{"map of 2^64-1", "bbffffffffffffffff", "ends early"},
	{"array of 2^32 with one element", "9b000000010000000000", "ends early"},
	{"bytes of 2^31 in a map", "a1005a80000000", "ends early"},
}

func TestProfile(t *testing.T) {
	for _, c := range profile {
		raw, err := hex.DecodeString(c.hex)
		noError(t, err)
		var v cbor.RawMessage
		for _, err := range []error{ledger.CheckProfile(raw), ledger.Decode(raw, len(raw), &v)} {
			switch {
			case c.reason == "" && err != nil:
				t.Errorf("%s: %x refused: %v", c.name, raw, err)
			case c.reason != "" && err == nil:
				t.Errorf("%s: %x accepted", c.name, raw)
			case c.reason != "" && (!errors.Is(err, ledger.ErrEncoding) || !strings.Contains(err.Error(), c.reason)):
				t.Errorf("%s: %x refused as %v, want %q", c.name, raw, err, c.reason)
			}
		}
	}
}

func TestLimitIsInclusive(t *testing.T) {
	raw := ledger.Encode(make([]byte, 100))
	var v []byte
	if err := ledger.Decode(raw, len(raw), &v); err != nil {
		t.Error(err)
	}
	if err := ledger.Decode(raw, len(raw)-1, &v); !errors.Is(err, ledger.ErrEncoding) {
		t.Errorf("one byte above the limit: %v", err)
	}
}

// A length costs nothing until its bytes are there.
func TestHugeLengthsAllocateNothing(t *testing.T) {
	targets := map[string]func() any{
		"bytes":  func() any { return new([]byte) },
		"hashes": func() any { return new([]ledger.Hash) },
		"text":   func() any { return new(string) },
		"batch":  func() any { return new(ledger.Batch) },
	}
	for _, head := range []string{"5b", "7b", "9b", "bb"} {
		for _, length := range []string{"00000000ffffffff", "000000ffffffffff", "7fffffffffffffff", "ffffffffffffffff"} {
			raw, err := hex.DecodeString(head + length + "00")
			noError(t, err)
			for name, into := range targets {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if ledger.Decode(raw, ledger.MaxFile, into()) == nil {
					t.Errorf("%x accepted as %s", raw, name)
				}
				runtime.ReadMemStats(&after)
				if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<16 {
					t.Errorf("%x as %s: %d bytes allocated", raw, name, spent)
				}
			}
		}
	}
}

// Bytes that claim to be many small elements must not grow without bound when
// they are decoded into large ones.
func TestSmallElementsGrowLittle(t *testing.T) {
	const n = 1 << 20
	raw := append([]byte{0x9a, 0, n >> 16, 0, 0}, bytes.Repeat([]byte{0xa0}, n)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var headers []ledger.Header
	if ledger.Decode(raw, ledger.MaxFile, &headers) == nil {
		t.Error("a million empty headers accepted")
	}
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 64<<20 {
		t.Errorf("%d bytes of input: %d allocated", len(raw), spent)
	}
}

// reference decodes into general values and knows nothing of the profile but
// how to encode: an opinion of its own on what the one encoding is.
var reference = func() cbor.EncMode {
	m, err := cbor.EncOptions{
		Sort:          cbor.SortBytewiseLexical,
		BigIntConvert: cbor.BigIntConvertShortest,
	}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

// checkFixedPoint fails if raw is accepted and is not what encoding its value gives.
func checkFixedPoint(t interface{ Fatalf(string, ...any) }, raw []byte) (accepted bool) {
	if ledger.CheckProfile(raw) != nil {
		return false
	}
	var v any
	if err := cbor.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%x accepted, and is no CBOR: %v", raw, err)
	}
	again, err := reference.Marshal(v)
	if err != nil {
		t.Fatalf("%x accepted, and cannot be encoded: %v", raw, err)
	}
	if !bytes.Equal(again, raw) {
		t.Fatalf("%x accepted, its value encodes as %x", raw, again)
	}
	return true
}

// valueGen draws values of the profile, at most depth levels of them.
func valueGen(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.Map(rapid.Uint64(), func(u uint64) any { return u }),
		rapid.Map(rapid.Int64(), func(i int64) any { return i }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(b []byte) any { return b }),
		rapid.Map(rapid.StringN(0, 30, 100), func(s string) any { return s }),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	return rapid.OneOf(append(leaves,
		rapid.Map(rapid.SliceOfN(valueGen(depth-1), 0, 4), func(a []any) any { return a }),
		rapid.Map(rapid.MapOfN(rapid.Uint64(), valueGen(depth-1), 0, 4), func(m map[uint64]any) any { return m }),
	)...)
}

// Texts drawn at random need not be in normal form; whatever else Encode writes
// is in the profile, and a change of one byte gives another value or none.
func TestEncodedValuesAreInTheProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := ledger.Encode(valueGen(3).Draw(t, "value"))
		if err := ledger.CheckProfile(raw); err != nil && !strings.Contains(err.Error(), "normal form") {
			t.Fatalf("%x: %v", raw, err)
		}
		checkFixedPoint(t, raw)
		i := rapid.IntRange(0, len(raw)-1).Draw(t, "place")
		raw[i] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		checkFixedPoint(t, raw)
	})
}

func FuzzCheckProfile(f *testing.F) {
	for _, c := range profile {
		raw, err := hex.DecodeString(c.hex)
		noError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) { checkFixedPoint(t, raw) })
}
