// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// An item is a CBOR item taken apart, so that it can be written in other ways.
type item struct {
	major    byte
	arg      uint64
	content  []byte  // of bytes and text
	elements []*item // of arrays; of maps keys and values in turn
	write    func(*item) []byte
}

// parse takes apart an item of the profile.
func parse(raw []byte) (*item, []byte) {
	it := &item{major: raw[0] >> 5, arg: uint64(raw[0] & 31)}
	rest := raw[1:]
	if size := it.arg; it.major < 7 && size >= 24 {
		n := 1 << (size - 24)
		var wide [8]byte
		copy(wide[8-n:], rest[:n])
		it.arg, rest = binary.BigEndian.Uint64(wide[:]), rest[n:]
	}
	count := it.arg
	switch it.major {
	case 2, 3:
		it.content, rest = rest[:count], rest[count:]
	case 5:
		count *= 2
		fallthrough
	case 4:
		for range count {
			var e *item
			e, rest = parse(rest)
			it.elements = append(it.elements, e)
		}
	}
	return it, rest
}

// bytes writes the item, as it was unless write says otherwise.
func (it *item) bytes() []byte {
	if it.write != nil {
		return it.write(it)
	}
	return it.plain()
}

func (it *item) plain() []byte { return it.with(head(it.major, it.arg)) }

func (it *item) with(head []byte) []byte {
	out := append(slices.Clone(head), it.content...)
	for _, e := range it.elements {
		out = append(out, e.bytes()...)
	}
	return out
}

func (it *item) all() []*item {
	all := []*item{it}
	for _, e := range it.elements {
		all = append(all, e.all()...)
	}
	return all
}

func head(major byte, arg uint64) []byte {
	for _, form := range [...]struct {
		info  byte
		limit uint64
	}{{24, 1 << 8}, {25, 1 << 16}, {26, 1 << 32}} {
		if arg < 24 {
			return []byte{major<<5 | byte(arg)}
		}
		if arg < form.limit {
			return wide(major, form.info, arg)
		}
	}
	return wide(major, 27, arg)
}

func wide(major, info byte, arg uint64) []byte {
	b := binary.BigEndian.AppendUint64([]byte{major<<5 | info}, arg)
	return slices.Delete(b, 1, 9-1<<(info-24))
}

// otherForms are the ways to write an item that other readers of CBOR take for
// the same value, or a value much like it.
func otherForms(it *item) map[string]func(*item) []byte {
	forms := map[string]func(*item) []byte{
		"null":          func(*item) []byte { return []byte{0xf6} },
		"undefined":     func(*item) []byte { return []byte{0xf7} },
		"tag":           func(it *item) []byte { return append([]byte{0xd9, 0xd9, 0xf7}, it.plain()...) },
		"in an array":   func(it *item) []byte { return append([]byte{0x81}, it.plain()...) },
		"left out":      func(*item) []byte { return nil },
		"written twice": func(it *item) []byte { return append(it.plain(), it.plain()...) },
	}
	if it.major < 7 {
		for _, info := range []byte{24, 25, 26, 27} {
			if it.arg < 1<<(8<<(info-24)) || info == 27 {
				if long := wide(it.major, info, it.arg); !bytes.Equal(long, head(it.major, it.arg)) {
					forms[fmt.Sprintf("length in form %d", info)] = func(it *item) []byte { return it.with(long) }
				}
			}
		}
	}
	switch it.major {
	case 0, 1:
		forms["big number"] = func(it *item) []byte {
			return append([]byte{0xc2 | it.major, 0x48}, binary.BigEndian.AppendUint64(nil, it.arg)...)
		}
		forms["double"] = func(*item) []byte { return []byte{0xfb, 0x40, 0x59, 0, 0, 0, 0, 0, 0} }
	case 2, 3:
		forms["indefinite"] = func(it *item) []byte {
			return append(append([]byte{it.major<<5 | 31}, it.plain()...), 0xff)
		}
		forms["text for bytes"] = func(it *item) []byte { return it.with(head(it.major^1, it.arg)) }
		forms["array of its bytes"] = func(it *item) []byte {
			out := head(4, it.arg)
			for _, b := range it.content {
				out = append(out, head(0, uint64(b))...)
			}
			return out
		}
	case 4:
		forms["indefinite"] = func(it *item) []byte { return append(it.with([]byte{0x9f}), 0xff) }
	case 5:
		forms["indefinite"] = func(it *item) []byte { return append(it.with([]byte{0xbf}), 0xff) }
		forms["keys turned round"] = func(it *item) []byte {
			out := head(5, it.arg)
			for i := len(it.elements) - 2; i >= 0; i -= 2 {
				out = append(append(out, it.elements[i].bytes()...), it.elements[i+1].bytes()...)
			}
			return out
		}
		// A field more, among them those that are left out when empty.
		for key := range uint64(14) {
			if slices.ContainsFunc(it.elements, func(e *item) bool { return e.major == 0 && e.arg == key }) {
				forms[fmt.Sprintf("key %d twice", key)] = func(it *item) []byte { return insert(it, key, []byte{0}) }
				continue
			}
			for _, value := range [][]byte{{0}, {0x20}, {0x40}, {0x60}, {0x80}, {0xa0}, {0xf4}, {0xf6}} {
				forms[fmt.Sprintf("key %d with %x", key, value)] = func(it *item) []byte { return insert(it, key, value) }
			}
		}
	}
	return forms
}

// insert writes a map with one more pair at the place of its key.
func insert(it *item, key uint64, value []byte) []byte {
	out := head(5, it.arg+1)
	done := false
	for i := 0; i < len(it.elements); i += 2 {
		if e := it.elements[i]; !done && e.arg >= key {
			out, done = append(append(out, head(0, key)...), value...), true
		}
		out = append(append(out, it.elements[i].bytes()...), it.elements[i+1].bytes()...)
	}
	if !done {
		out = append(append(out, head(0, key)...), value...)
	}
	return out
}

// Whatever else CBOR offers to write a value of ours in, at whatever place, is
// refused.
func TestAValueHasOneEncoding(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		for _, s := range specimens(w) {
			whole, rest := parse(s.raw)
			if len(rest) > 0 || !bytes.Equal(whole.bytes(), s.raw) {
				t.Fatalf("%s: taken apart and put together it is %x", s.name, whole.bytes())
			}
			for _, it := range whole.all() {
				for form, write := range otherForms(it) {
					it.write = write
					other := whole.bytes()
					if bytes.Equal(other, s.raw) {
						continue // one pair turned round
					}
					if v := s.into(); ledger.Decode(other, ledger.MaxFile, v) == nil && sameOrSmuggled(s, v, other) {
						t.Errorf("%s: accepted with %x as %s:\n%x", s.name, it.plain(), form, other)
					}
				}
				it.write = nil
			}
		}
	})
}

// sameOrSmuggled tells whether other means what the specimen means, or differs
// from what its own value encodes as. A field that turns an empty optional one
// into, say, the number 0 never does: such a value is another value.
func sameOrSmuggled(s specimen, v any, other []byte) bool {
	honest := s.into()
	if err := ledger.Decode(s.raw, ledger.MaxFile, honest); err != nil {
		return true
	}
	return meaning(v) == meaning(honest) || !bytes.Equal(ledger.Encode(v), other)
}

// No two byte strings near an honest one are accepted as one value, where empty
// and absent are one.
func TestTwoEncodingsAreTwoValues(t *testing.T) {
	for _, name := range suites {
		all := specimens(newWorld(t, name, 4))
		seen := make([]map[string]string, len(all))
		for i := range seen {
			seen[i] = map[string]string{}
		}
		rapid.Check(t, func(t *rapid.T) {
			i := rapid.IntRange(0, len(all)-1).Draw(t, "specimen")
			raw := slices.Clone(all[i].raw)
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				at := rapid.IntRange(0, len(raw)-1).Draw(t, "place")
				with := rapid.SliceOfN(rapid.Byte(), 0, 2).Draw(t, "bytes")
				raw = slices.Replace(raw, at, at+rapid.IntRange(0, min(2, len(raw)-at)).Draw(t, "cut"), with...)
				if len(raw) == 0 {
					return
				}
			}
			v := all[i].into()
			if ledger.Decode(raw, ledger.MaxFile, v) != nil {
				return
			}
			if again := ledger.Encode(v); !bytes.Equal(again, raw) {
				t.Fatalf("%s: accepted %x, which encodes as %x", all[i].name, raw, again)
			}
			what := meaning(v)
			if first, ok := seen[i][what]; ok && first != string(raw) {
				t.Fatalf("%s: %x and %x are both accepted as %s", all[i].name, first, raw, what)
			}
			seen[i][what] = string(raw)
		})
	}
}

// meaning writes a value down so that nil and empty look alike.
func meaning(v any) string {
	var b strings.Builder
	write(&b, reflect.ValueOf(v))
	return b.String()
}

func write(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		write(b, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fmt.Fprintf(b, "%s{", v.Type().Field(i).Name)
			write(b, v.Field(i))
			b.WriteByte('}')
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(b, "%d[", v.Len())
		for i := range v.Len() {
			write(b, v.Index(i))
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	default:
		fmt.Fprintf(b, "%#v", v.Interface())
	}
}

// A hash is 32 bytes and always there: marked omitempty or not, it is never left
// out, so a zero hash has one form.
func TestAHashIsNeverLeftOut(t *testing.T) {
	type record struct {
		Hash ledger.Hash    `cbor:"1,keyasint,omitempty"`
		Key  keys.PublicKey `cbor:"2,keyasint,omitempty"`
	}
	key := newWorld(t, "ed25519", 1).validators[0].Public()
	raw := ledger.Encode(record{Key: key})
	var v record
	if err := ledger.Decode(raw, 100, &v); err != nil || v.Key != key {
		t.Errorf("with a zero hash: %v", err)
	}
	without := append([]byte{0xa1}, raw[1+3+32:]...)
	if err := ledger.CheckProfile(without); err != nil {
		t.Fatal(err)
	}
	if ledger.Decode(without, 100, &v) == nil || ledger.Decode(without, 100, new(record)) == nil {
		t.Error("accepted without its hash")
	}
	for _, n := range []int{0, 1, 31, 33, 64} {
		if ledger.Decode(ledger.Encode(make([]byte, n)), 100, new(ledger.Hash)) == nil {
			t.Errorf("%d bytes are taken for a hash", n)
		}
	}
}

// What is decoded does not share memory with where it came from: a caller may
// reuse its buffer.
func TestDecodedValuesOwnTheirBytes(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	for _, s := range specimens(w) {
		v, raw := s.into(), slices.Clone(s.raw)
		noError(t, ledger.Decode(raw, ledger.MaxFile, v))
		clear(raw)
		if !bytes.Equal(ledger.Encode(v), s.raw) {
			t.Errorf("%s: changed with the buffer it was decoded from", s.name)
		}
	}
	tx := w.signed(w.body(1))
	raw := slices.Clone(tx.Bytes())
	decoded, err := ledger.DecodeTransaction(w.trust.Network, raw)
	noError(t, err)
	clear(raw)
	if !bytes.Equal(decoded.Bytes(), tx.Bytes()) || !bytes.Equal(decoded.BodyBytes(), tx.BodyBytes()) || !ledger.CheckSignatures(w.trust.Network, nil, decoded)[0] {
		t.Error("transaction changed with the buffer it was decoded from")
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range suites {
		for _, s := range specimens(newWorld(f, name, 4)) {
			f.Add(s.raw)
		}
	}
	w := newWorld(f, "ed25519", 4)
	kinds := specimens(w)
	f.Fuzz(func(t *testing.T, raw []byte) {
		checkCodecs(t, raw, func() any { return new(sample) })
		for _, s := range kinds {
			checkCodecs(t, raw, s.into)
			v := s.into()
			if ledger.Decode(raw, ledger.MaxFile, v) == nil && !bytes.Equal(ledger.Encode(v), raw) {
				t.Fatalf("%s: %x accepted and not a fixed point", s.name, raw)
			}
		}
		if tx, err := ledger.DecodeTransaction(w.trust.Network, raw); err == nil && !bytes.Equal(tx.Bytes(), raw) {
			t.Fatalf("%x: transaction not as it came", raw)
		}
		if b, err := ledger.OpenBatch(w.trust.Network, w.trust.Sets[0], raw); (b == nil) != (err != nil) {
			t.Fatalf("%x: %v, %v", raw, b, err)
		}
		if v, err := ledger.VerifyReceipt(w.trust, raw); (v == nil) != (err != nil) || err != nil && ledger.ReasonOf(err) == "" {
			t.Fatalf("%x: %v, %v", raw, v, err)
		}
	})
}

// TestAListCostsWhatItsBytesAllow: a list is refused before there is room for all
// the elements that it says it has.
func TestAListCostsWhatItsBytesAllow(t *testing.T) {
	const items = 60_000
	raw := append(wide(4, 25, items), bytes.Repeat([]byte{0}, items)...)
	in := func(around ...byte) []byte { return append(around, raw...) }
	for name, c := range map[string]struct {
		raw []byte
		v   any
	}{
		"votes":                 {raw, new([]ledger.SignedVote)},
		"signers":               {in(0xa2, 1, 0, 2), new(ledger.Certificate)},
		"in a record":           {in(0xa1, 3, 0xa2, 1, 0, 2), new(ledger.Certified)},
		"before what is no key": {append(in(0xa2, 2), 0x18, 99, 0), new(ledger.Certificate)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := ledger.Decode(c.raw, ledger.MaxFile, c.v)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ledger.ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
		if cost := after.TotalAlloc - before.TotalAlloc; cost > 16*items {
			t.Errorf("%s: %d bytes cost %d", name, len(c.raw), cost)
		}
	}
}
