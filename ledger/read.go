// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/binary"
	"reflect"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/ipledger/ipledger/ledger/keys"
)

// maxItems bounds the elements of one list, as the general decoder does.
const maxItems = 1 << 17

// maxShared bounds the bytes of a value whose texts are cut from one copy of it.
// Who keeps a text of it keeps all of them.
const maxShared = 1 << 10

// A reader reads one value in one pass. It goes by the type's form, so each byte
// it takes is the only one that could stand there: fields by ascending key, none
// missing that must be there, none there that would be left out, every head in its
// shortest form.
type reader struct {
	raw  []byte
	at   int
	text string // raw, once a short value was found to hold text
	// keep lets the value share memory with raw.
	keep bool
}

// decodeForm reads into v, a pointer, and tells whether raw is the encoding of a
// value of its type. If not, *v is zero, or the type has no form and *v is as it
// was.
func decodeForm(raw []byte, v any, keep bool) bool {
	switch v := v.(type) {
	case *Hash:
		*v = Hash{}
		return len(raw) == 2+len(v) && readHash(raw, v)
	}
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return false
	}
	target = target.Elem()
	f := formOf(target.Type())
	if f == nil {
		return false
	}
	target.SetZero()
	r := reader{raw: raw, keep: keep}
	if r.value(f, target, 0) && r.at == len(raw) {
		return true
	}
	target.SetZero()
	return false
}

// head takes a head of the given major type, in its shortest form.
func (r *reader) head(major byte) (uint64, bool) {
	b := r.raw[r.at:]
	if len(b) == 0 || b[0]>>5 != major {
		return 0, false
	}
	switch info := b[0] & 31; {
	case info <= maxShort:
		r.at++
		return uint64(info), true
	case info == 24 && len(b) >= 2:
		r.at += 2
		return uint64(b[1]), b[1] > maxShort
	case info == 25 && len(b) >= 3:
		r.at += 3
		n := binary.BigEndian.Uint16(b[1:])
		return uint64(n), n >= 1<<8
	case info == 26 && len(b) >= 5:
		r.at += 5
		n := binary.BigEndian.Uint32(b[1:])
		return uint64(n), n >= 1<<16
	case info == 27 && len(b) >= 9:
		r.at += 9
		n := binary.BigEndian.Uint64(b[1:])
		return n, n >= 1<<32
	}
	return 0, false
}

// content takes a byte string or text.
func (r *reader) content(major byte) ([]byte, bool) {
	n, ok := r.head(major)
	if !ok || n > uint64(len(r.raw)-r.at) {
		return nil, false
	}
	from := r.at
	r.at += int(n)
	return r.raw[from:r.at:r.at], true
}

// value takes a value; depth is the number of arrays and maps around it.
func (r *reader) value(f *form, v reflect.Value, depth int) bool {
	switch f.kind {
	case boolForm:
		if r.at == len(r.raw) || r.raw[r.at]&^1 != itemFalse {
			return false
		}
		v.SetBool(r.raw[r.at] == itemTrue)
		r.at++
		return true
	case intForm:
		n, ok := r.readInt()
		if !ok || v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
		return true
	case uintForm:
		n, ok := r.head(majorUint)
		if !ok || v.OverflowUint(n) {
			return false
		}
		v.SetUint(n)
		return true
	case textForm:
		s, ok := r.readText()
		if ok {
			v.SetString(s)
		}
		return ok
	case bytesForm:
		s, ok := r.content(majorBytes)
		if ok {
			v.SetBytes(r.own(s))
		}
		return ok
	case hashForm:
		if !readHash(r.raw[r.at:], v.Addr().Interface().(*Hash)) {
			return false
		}
		r.at += 2 + len(Hash{})
		return true
	case keyForm:
		return depth < maxDepth && r.key(v.Addr().Interface().(*keys.PublicKey))
	case rawForm:
		rest, err := checkItem(r.raw[r.at:], depth)
		if err != nil {
			return false
		}
		from := r.at
		r.at = len(r.raw) - len(rest)
		v.SetBytes(r.own(r.raw[from:r.at:r.at]))
		return true
	case pointerForm:
		p := reflect.New(f.elem.typ)
		v.Set(p)
		return r.value(f.elem, p.Elem(), depth)
	case listForm:
		return r.list(f, v, depth)
	default:
		return r.record(f, v, nil, depth)
	}
}

func (r *reader) readText() (string, bool) {
	s, ok := r.content(majorText)
	if !ok || !isNormal(s) {
		return "", false
	}
	return r.string(s), true
}

func (r *reader) readInt() (int64, bool) {
	negative := r.at < len(r.raw) && r.raw[r.at]>>5 == majorInt
	major := byte(majorUint)
	if negative {
		major = majorInt
	}
	arg, ok := r.head(major)
	n := int64(arg)
	if !ok || n < 0 {
		return 0, false
	}
	if negative {
		n = -1 - n
	}
	return n, true
}

// key takes a public key, an array of two; keys says what is one.
func (r *reader) key(key *keys.PublicKey) bool {
	const head = 4 // the array, the algorithm, a byte string of less than 256
	if len(r.raw)-r.at < head {
		return false
	}
	end := r.at + head + int(r.raw[r.at+head-1])
	if end > len(r.raw) {
		return false
	}
	content := r.raw[r.at:end]
	r.at = end
	var err error
	*key, err = keys.DecodePublicKey(r.string(content))
	return err == nil
}

// listHead takes the head of a list of a form. What is claimed to be there costs nothing
// until there are bytes for it.
func (r *reader) listHead(f *form, depth int) (int, bool) {
	n, ok := r.head(majorArray)
	if !ok || depth >= maxDepth || n > maxItems || n > uint64((len(r.raw)-r.at)/f.elem.least) {
		return 0, false
	}
	return int(n), true
}

func (r *reader) list(f *form, v reflect.Value, depth int) bool {
	n, ok := r.listHead(f, depth)
	if !ok {
		return false
	}
	if n == 0 {
		v.Set(reflect.MakeSlice(f.typ, 0, 0)) // empty, and not nil
		return true
	}
	v.Grow(n)
	v.SetLen(n)
	for i := range n {
		if !r.value(f.elem, v.Index(i), depth+1) {
			return false
		}
	}
	return true
}

// record takes a record into v, or into the slots of a room.
func (r *reader) record(f *form, v reflect.Value, slots []slot, depth int) bool {
	left, ok := r.head(majorMap)
	if !ok || depth >= maxDepth {
		return false
	}
	for i := range f.fields {
		field := &f.fields[i]
		if left == 0 {
			return i >= f.needed
		}
		if !r.take(field.head) {
			if field.optional {
				continue
			}
			return false
		}
		left--
		if field.optional && !field.pointer && r.atEmpty() {
			return false
		}
		if slots != nil {
			ok = r.slot(field.form, &slots[i])
		} else {
			ok = r.value(field.form, v.Field(field.index), depth+1)
		}
		if !ok {
			return false
		}
	}
	return left == 0
}

// first takes the fields of a record that begins with those of f.
func (r *reader) first(f *form, v reflect.Value) bool {
	if n, ok := r.head(majorMap); !ok || n < uint64(len(f.fields)) {
		return false
	}
	for _, field := range f.fields {
		if !r.take(field.head) || !r.value(field.form, v.Field(field.index), 1) {
			return false
		}
	}
	return true
}

// take takes exactly these bytes.
func (r *reader) take(head string) bool {
	if len(r.raw)-r.at < len(head) || string(r.raw[r.at:r.at+len(head)]) != head {
		return false
	}
	r.at += len(head)
	return true
}

// atEmpty tells whether the next item is one that an optional field leaves out.
func (r *reader) atEmpty() bool {
	if r.at == len(r.raw) {
		return false
	}
	switch r.raw[r.at] {
	case majorUint << 5, majorBytes << 5, majorText << 5, majorArray << 5, itemFalse:
		return true
	}
	return false
}

// string gives what was taken last as a string.
func (r *reader) string(s []byte) string {
	if len(r.raw) > maxShared {
		return string(s)
	}
	if r.text == "" {
		r.text = string(r.raw)
	}
	return r.text[r.at-len(s) : r.at]
}

// own gives bytes that the value may keep.
func (r *reader) own(s []byte) []byte {
	if r.keep {
		return s
	}
	return append(make([]byte, 0, len(s)), s...)
}

// readHash takes a hash from the beginning of raw.
func readHash(raw []byte, h *Hash) bool {
	if len(raw) < 2+len(h) || raw[0] != majorBytes<<5|24 || int(raw[1]) != len(h) {
		return false
	}
	copy(h[:], raw[2:])
	return true
}

// isNormal tells whether s is UTF-8 text in normal form C. Of ASCII and Han
// characters every text is; others are looked up.
func isNormal(s []byte) bool {
	i := 0
	for i+8 <= len(s) && binary.NativeEndian.Uint64(s[i:])&0x8080_8080_8080_8080 == 0 {
		i += 8
	}
	for i < len(s) {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, size := utf8.DecodeRune(s[i:])
		if c < 0x4e00 || c > 0x9fff {
			return utf8.Valid(s) && norm.NFC.IsNormal(s)
		}
		i += size
	}
	return true
}
