// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

type (
	word   string
	number uint8
)

// A sample has a field of every kind that a form knows.
type sample struct {
	Last   bool              `cbor:"300,keyasint"`
	Flag   bool              `cbor:"1,keyasint,omitempty"`
	Int    int64             `cbor:"2,keyasint"`
	Short  int8              `cbor:"3,keyasint,omitempty"`
	Uint   uint64            `cbor:"4,keyasint"`
	Number number            `cbor:"5,keyasint,omitempty"`
	Text   string            `cbor:"6,keyasint"`
	Word   word              `cbor:"7,keyasint,omitempty"`
	Bytes  []byte            `cbor:"8,keyasint"`
	More   keys.Signature    `cbor:"9,keyasint,omitempty"`
	Words  []word            `cbor:"10,keyasint"`
	Parts  []part            `cbor:"11,keyasint,omitempty"`
	One    *part             `cbor:"12,keyasint,omitempty"`
	Time   *int64            `cbor:"23,keyasint,omitempty"`
	Hash   ledger.Hash       `cbor:"24,keyasint,omitempty"`
	Hashes []ledger.Hash     `cbor:"25,keyasint"`
	Key    keys.PublicKey    `cbor:"26,keyasint"`
	Raw    cbor.RawMessage   `cbor:"27,keyasint"`
	Rows   [][]byte          `cbor:"28,keyasint,omitempty"`
	Texts  []string          `cbor:"29,keyasint"`
	Notes  []string          `cbor:"30,keyasint,omitempty"`
	Raws   []cbor.RawMessage `cbor:"255,keyasint"`
	Within part              `cbor:"256,keyasint"`
}

type part struct {
	Name string         `cbor:"1,keyasint,omitempty"`
	Key  keys.PublicKey `cbor:"2,keyasint"`
	Deep [][][][]number `cbor:"3,keyasint,omitempty"`
}

func sampleGen() *rapid.Generator[sample] {
	text := rapid.Map(rapid.StringN(0, 10, 300), func(s string) string { return norm.NFC.String(s) })
	words := rapid.Map(text, func(s string) word { return word(s) })
	some := rapid.SliceOfN(rapid.Byte(), 0, 40)
	hash := rapid.Map(rapid.SliceOfN(rapid.Byte(), 32, 32), func(b []byte) ledger.Hash { return ledger.Hash(b) })
	key := rapid.Map(hash, func(h ledger.Hash) keys.PublicKey {
		if h[0]%2 == 0 {
			return keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(h[:])}
		}
		return keys.PublicKey{Algorithm: keys.SM2, Bytes: "\x02" + string(h[:])}
	})
	raw := rapid.Map(valueGen(2), func(v any) cbor.RawMessage {
		if raw := ledger.Encode(v); ledger.CheckProfile(raw) == nil {
			return raw
		}
		return cbor.RawMessage{0}
	})
	parts := rapid.Custom(func(t *rapid.T) part {
		p := part{Name: text.Draw(t, "name"), Key: key.Draw(t, "key")}
		if rapid.Bool().Draw(t, "deep") {
			p.Deep = [][][][]number{{{{1, 0}, nil}}, nil}
		}
		return p
	})
	return rapid.Custom(func(t *rapid.T) sample {
		return sample{
			Last: rapid.Bool().Draw(t, "last"), Flag: rapid.Bool().Draw(t, "flag"),
			Int:   rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, -1, 0, math.MaxInt64})).Draw(t, "int"),
			Short: rapid.Int8().Draw(t, "short"), Uint: rapid.Uint64().Draw(t, "uint"),
			Number: number(rapid.Byte().Draw(t, "number")),
			Text:   text.Draw(t, "text"), Word: words.Draw(t, "word"),
			Bytes: some.Draw(t, "bytes"), More: some.Draw(t, "more"),
			Words: rapid.SliceOfN(words, 0, 30).Draw(t, "words"),
			Texts: rapid.SliceOfN(text, 0, 3).Draw(t, "texts"), Notes: rapid.SliceOfN(text, 0, 3).Draw(t, "notes"),
			Parts: rapid.SliceOfN(parts, 0, 2).Draw(t, "parts"),
			One:   rapid.Ptr(parts, true).Draw(t, "one"), Time: rapid.Ptr(rapid.Int64(), true).Draw(t, "time"),
			Hash: hash.Draw(t, "hash"), Hashes: rapid.SliceOfN(hash, 0, 2).Draw(t, "hashes"),
			Key: key.Draw(t, "key"), Raw: raw.Draw(t, "raw"), Rows: rapid.SliceOfN(some, 0, 2).Draw(t, "rows"),
			Raws: rapid.SliceOfN(raw, 0, 2).Draw(t, "raws"), Within: parts.Draw(t, "within"),
		}
	})
}

// checkCodecs fails unless both codecs take raw for the same value of the type that
// into makes, or both refuse it, and write that value in the same way.
func checkCodecs(t interface{ Fatalf(string, ...any) }, raw []byte, into func() any) {
	fast, general, kept := into(), into(), into()
	taken, err := ledger.DecodeForm(raw, fast), ledger.DecodeGeneral(raw, general)
	if taken != (err == nil) {
		t.Fatalf("%T: %x by form %v, in general %v", fast, raw, taken, err)
	}
	if record := into(); ledger.IsRecord(record) {
		if ledger.DecodeInRoom(raw, record) != taken || taken && !reflect.DeepEqual(record, fast) {
			t.Fatalf("%T: %x in a room\n%#v\nand else %v\n%#v", fast, raw, record, taken, fast)
		}
		if again, ok := ledger.EncodeInRoom(record); taken && (!ok || !bytes.Equal(again, raw)) {
			t.Fatalf("%T: %x in a room is written as %x", fast, raw, again)
		}
	}
	if !taken {
		if !reflect.ValueOf(fast).Elem().IsZero() {
			t.Fatalf("%T: %x refused, and left %v", fast, raw, fast)
		}
		return
	}
	if !reflect.DeepEqual(fast, general) {
		t.Fatalf("%T: %x by form\n%#v\nin general\n%#v", fast, raw, fast, general)
	}
	if !ledger.DecodeKept(raw, kept) || !reflect.DeepEqual(kept, fast) {
		t.Fatalf("%T: %x kept is\n%#v\nand else\n%#v", fast, raw, kept, fast)
	}
	checkWriters(t, fast)
	checkWriters(t, reflect.ValueOf(fast).Elem().Interface())
}

func checkWriters(t interface{ Fatalf(string, ...any) }, v any) {
	general, err := ledger.EncodeGeneral(v)
	fast, ok := ledger.EncodeForm(v)
	if !ok || err != nil || !bytes.Equal(fast, general) {
		t.Fatalf("%#v: by form %x %v, in general %x %v", v, fast, ok, general, err)
	}
}

// mutate changes a few bytes.
func mutate(t *rapid.T, raw []byte) []byte {
	raw = slices.Clone(raw)
	for range rapid.IntRange(1, 3).Draw(t, "changes") {
		at := rapid.IntRange(0, len(raw)).Draw(t, "place")
		with := rapid.SliceOfN(rapid.Byte(), 0, 2).Draw(t, "bytes")
		raw = slices.Replace(raw, at, at+rapid.IntRange(0, min(2, len(raw)-at)).Draw(t, "cut"), with...)
	}
	return raw
}

func TestBothCodecsAgree(t *testing.T) {
	into := func() any { return new(sample) }
	rapid.Check(t, func(t *rapid.T) {
		v := sampleGen().Draw(t, "value")
		checkWriters(t, v)
		checkWriters(t, &v)
		raw := ledger.Encode(v)
		if !ledger.DecodeForm(raw, new(sample)) {
			t.Fatalf("%x refused", raw)
		}
		checkCodecs(t, raw, into)
		checkCodecs(t, mutate(t, raw), into)
	})
}

func TestBothCodecsAgreeOnWhatIsSigned(t *testing.T) {
	for _, name := range suites {
		for _, s := range specimens(newWorld(t, name, 4)) {
			if !ledger.HasForm(s.into()) {
				t.Errorf("%s has no form", s.name)
			}
			checkCodecs(t, s.raw, s.into)
			whole, _ := parse(s.raw)
			for _, it := range whole.all() {
				for _, write := range otherForms(it) {
					it.write = write
					checkCodecs(t, whole.bytes(), s.into)
				}
				it.write = nil
			}
			rapid.Check(t, func(t *rapid.T) { checkCodecs(t, mutate(t, s.raw), s.into) })
		}
	}
}

// Every item of the table of the encoding, as a value of every kind of type.
func TestBothCodecsAgreeOnTheProfile(t *testing.T) {
	kinds := map[string]func() any{
		"bool": func() any { return new(bool) }, "int": func() any { return new(int64) }, "int8": func() any { return new(int8) },
		"uint": func() any { return new(uint64) }, "uint8": func() any { return new(uint8) }, "text": func() any { return new(string) },
		"bytes": func() any { return new([]byte) }, "texts": func() any { return new([]string) }, "lists": func() any { return new([][]uint64) },
		"hash": func() any { return new(ledger.Hash) }, "key": func() any { return new(keys.PublicKey) }, "raw": func() any { return new(cbor.RawMessage) },
		"raws": func() any { return new([]cbor.RawMessage) }, "part": func() any { return new(part) }, "parts": func() any { return new([]part) },
		"pointer": func() any { return new(*part) },
	}
	hash := ledger.Encode(ledger.Hash{7})
	for _, c := range profile {
		raw := unhex(t, c.hex)
		checkCodecs(t, slices.Concat(hash, raw), kinds["hash"])
		for _, into := range kinds {
			checkCodecs(t, raw, into)
			checkCodecs(t, append([]byte{0x81}, raw...), into)
		}
	}
}

// What Encode cannot write in the profile it leaves to the general codec, which
// says so.
func TestWhatHasNoFormIsWrittenInGeneral(t *testing.T) {
	type nothing struct {
		Key *keys.PublicKey `cbor:"1,keyasint"`
	}
	type loop struct {
		Next []loop `cbor:"1,keyasint"`
	}
	type plain struct{ Name string }
	type twice struct {
		A string `cbor:"1,keyasint"`
		B string `cbor:"1,keyasint"`
	}
	for _, v := range []any{map[uint64]string{1: "a"}, loop{}, plain{"a"}, twice{}, struct{ At any }{1}, 1.5} {
		if ledger.HasForm(v) {
			t.Errorf("%T has a form", v)
		}
	}
	for _, v := range []any{nothing{}, sample{}, part{Key: keys.PublicKey{Algorithm: "none"}}, cbor.RawMessage{0xff}, cbor.RawMessage(nil)} {
		if raw, ok := ledger.EncodeForm(v); ok {
			t.Errorf("%#v is written as %x", v, raw)
		}
	}
}

// A decoded value does not keep what was there before.
func TestDecodingForgetsWhatWasThere(t *testing.T) {
	raw := ledger.Encode(ledger.Event{Kind: "a", Subject: "b"})
	v := struct {
		Kind    string   `cbor:"1,keyasint"`
		Subject string   `cbor:"2,keyasint"`
		More    []string `cbor:"3,keyasint,omitempty"`
	}{More: []string{"old"}}
	noError(t, ledger.Decode(raw, len(raw), &v))
	if v.More != nil || v.Kind != "a" {
		t.Errorf("%+v", v)
	}
}

// The first fields of a record are read without a look at what follows, and never taken
// for others.
func TestTheFirstFieldsAreReadAlone(t *testing.T) {
	type beginning struct {
		Flag bool  `cbor:"2,keyasint"`
		Int  int64 `cbor:"3,keyasint"`
	}
	whole := ledger.Encode(struct {
		Flag bool     `cbor:"2,keyasint"`
		Int  int64    `cbor:"3,keyasint"`
		Rest []string `cbor:"4,keyasint"`
	}{true, -7, []string{"a"}})
	for cut := range whole {
		first, err := ledger.DecodeFirst[beginning](whole[:cut])
		if enough := cut >= len("\xa3\x02\xf5\x03\x26"); enough != (err == nil) || enough && first != (beginning{true, -7}) || !enough && first != (beginning{}) {
			t.Errorf("%x: %+v, %v", whole[:cut], first, err)
		}
	}
	for _, other := range []string{"", "a0", "a102f5", "a203260426", "a202f50426", "a2022603f5", "8202f5", "f6"} {
		if first, err := ledger.DecodeFirst[beginning](unhex(t, other)); err == nil || first != (beginning{}) {
			t.Errorf("%s is taken for %+v", other, first)
		}
	}
}

func TestNormalFormIsThatOfUnicode(t *testing.T) {
	check := func(s string) {
		if want := utf8.ValidString(s) && norm.NFC.IsNormalString(s); ledger.IsNormal([]byte(s)) != want {
			t.Fatalf("%q: want %v", s, want)
		}
	}
	for c := rune(0); c <= utf8.MaxRune; c++ {
		check(string(c))
		if c%16 == 0 || c < 0x3100 {
			check("知" + string(c) + "a")
			check("12345678" + string(c))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(rapid.String().Draw(t, "text"))
		check(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
	})
}

func BenchmarkCodec(b *testing.B) {
	w := newWorld(b, "ed25519", 4)
	for _, s := range specimens(w) {
		if !slices.Contains([]string{"body", "outcome", "header"}, s.name) {
			continue
		}
		b.Run(fmt.Sprintf("decode/%s", strings.ToLower(s.name)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := ledger.Decode(s.raw, ledger.MaxFile, s.into()); err != nil {
					b.Fatal(err)
				}
			}
		})
		v := s.into()
		noError(b, ledger.Decode(s.raw, ledger.MaxFile, v))
		b.Run(fmt.Sprintf("encode/%s", strings.ToLower(s.name)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ledger.Encode(v)
			}
		})
	}
}
