// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/ipledger/ipledger/ledger/keys"
)

// encodeForm gives the encoding of v if its type has a form and nothing in it
// needs the general codec.
func encodeForm(v any) ([]byte, bool) {
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if !value.IsValid() {
		return nil, false
	}
	f := formOf(value.Type())
	if f == nil {
		return nil, false
	}
	return encodeWith(func(b []byte) ([]byte, bool) { return f.appendValue(b, value) })
}

// encodeWith gives what write appends in bytes of its own.
func encodeWith(write func(b []byte) ([]byte, bool)) ([]byte, bool) {
	scratch := scratches.Get().(*[]byte)
	out, ok := write((*scratch)[:0])
	encoded := bytes.Clone(out)
	if cap(out) <= 2*MaxBody { // a whole batch is not kept for the next small value
		*scratch = out
		scratches.Put(scratch)
	}
	return encoded, ok
}

// scratches are for encodings on the way.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// appendValue appends the encoding of v. It gives up on what only the general
// codec knows how to treat: a key of no known algorithm, a part that is carried
// undecoded and is not in the profile.
func (f *form) appendValue(b []byte, v reflect.Value) ([]byte, bool) {
	switch f.kind {
	case boolForm:
		if v.Bool() {
			return append(b, itemTrue), true
		}
		return append(b, itemFalse), true
	case intForm:
		return appendInt(b, v.Int()), true
	case uintForm:
		return appendHead(b, majorUint, v.Uint()), true
	case textForm:
		return appendText(b, v.String()), true
	case bytesForm:
		return appendBytes(b, v.Bytes()), true
	case hashForm:
		if v.CanAddr() {
			return appendBytes(b, v.Bytes()), true
		}
		h := v.Interface().(Hash)
		return appendBytes(b, h[:]), true
	case keyForm:
		if v.CanAddr() {
			b, err := v.Addr().Interface().(*keys.PublicKey).AppendCBOR(b)
			return b, err == nil
		}
		b, err := v.Interface().(keys.PublicKey).AppendCBOR(b)
		return b, err == nil
	case rawForm:
		raw := cbor.RawMessage(v.Bytes())
		return append(b, raw...), CheckProfile(raw) == nil
	case pointerForm:
		if v.IsNil() {
			return b, false
		}
		return f.elem.appendValue(b, v.Elem())
	case listForm:
		b = appendHead(b, majorArray, uint64(v.Len()))
		for i := range v.Len() {
			var ok bool
			if b, ok = f.elem.appendValue(b, v.Index(i)); !ok {
				return b, false
			}
		}
		return b, true
	default:
		return f.appendRecord(b, v, nil)
	}
}

// appendRecord appends the encoding of the record v, or of that in the slots of a room.
func (f *form) appendRecord(b []byte, v reflect.Value, slots []slot) ([]byte, bool) {
	start, count := len(b), 0
	b = append(b, 0)
	var own slot
	for i := range f.fields {
		field, s := &f.fields[i], &own
		if slots != nil {
			s = &slots[i]
		} else {
			own.field = v.Field(field.index)
		}
		if field.optional && s.empty() {
			continue
		}
		var ok bool
		if b, ok = s.append(append(b, field.head...), field.form); !ok {
			return b, false
		}
		count++
	}
	if count > maxShort {
		return b, false
	}
	b[start] = majorMap<<5 | byte(count)
	return b, true
}

// isEmpty tells whether an optional field is left out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

// maxShort is the largest argument that takes no bytes of its own.
const maxShort = 23

// appendHead appends the first bytes of an item, in the shortest form.
func appendHead(b []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg <= maxShort:
		return append(b, major|byte(arg))
	case arg < 1<<8:
		return append(b, major|24, byte(arg))
	case arg < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(arg))
	case arg < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), arg)
}

func appendText(b []byte, text string) []byte {
	return append(appendHead(b, majorText, uint64(len(text))), text...)
}

func appendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, majorInt, uint64(-(n + 1)))
	}
	return appendHead(b, majorUint, uint64(n))
}

func appendBytes(b, content []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(content))), content...)
}
