// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A form is how the values of one Go type are written. Nearly all that a node
// decodes and encodes is of types that have one, and goes through reader and
// appendValue; the rest, and all bytes that a reader refuses, go through the
// general codec, which alone says what is wrong. Both are held to one another by
// tests: what a reader takes, the general codec takes for the same value, but for
// lists of more than 131,072 items in a value that is kept raw: those of a body,
// which is smaller, cannot be so long.
type form struct {
	kind   formKind
	typ    reflect.Type
	elem   *form       // of a list or a pointer
	fields []formField // of a record, by ascending key
	needed int         // of a record: fields after so many are all optional
	least  int         // bytes of its shortest encoding
	rooms  sync.Pool   // of a record
}

type formField struct {
	head     string // the encoded key
	index    int
	optional bool // left out if it is empty
	pointer  bool // and empty means nil
	form     *form
}

type formKind uint8

const (
	boolForm formKind = iota
	intForm
	uintForm
	textForm
	bytesForm
	listForm
	recordForm
	pointerForm
	hashForm
	keyForm
	rawForm
)

// forms are those of the types met so far, nil for a type that has none.
var forms sync.Map // reflect.Type to *form

// formOf gives the form of a type, nil if it has none.
func formOf(t reflect.Type) *form {
	if known, ok := forms.Load(t); ok {
		return known.(*form)
	}
	f := newForm(t, nil)
	forms.Store(t, f)
	return f
}

// newForm makes the form of a type that is a part of the types around it. Types
// that hold themselves have none.
func newForm(t reflect.Type, around []reflect.Type) *form {
	switch {
	case slices.Contains(around, t):
		return nil
	case t == reflect.TypeFor[Hash]():
		return &form{kind: hashForm, typ: t, least: 2 + len(Hash{})}
	case t == reflect.TypeFor[keys.PublicKey]():
		return &form{kind: keyForm, typ: t, least: 4 + 32}
	case t == reflect.TypeFor[cbor.RawMessage]():
		return &form{kind: rawForm, typ: t, least: 1}
	case writesItself(t):
		return nil
	}
	f := &form{typ: t, least: 1}
	around = append(slices.Clip(around), t)
	switch t.Kind() {
	case reflect.Bool:
		f.kind = boolForm
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.kind = intForm
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		f.kind = uintForm
	case reflect.String:
		f.kind = textForm
	case reflect.Pointer:
		f.kind, f.elem = pointerForm, newForm(t.Elem(), around)
		if f.elem == nil || f.elem.kind == pointerForm {
			return nil
		}
		f.least = f.elem.least
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			f.kind = bytesForm
			return f
		}
		if f.kind, f.elem = listForm, newForm(t.Elem(), around); f.elem == nil {
			return nil
		}
	case reflect.Struct:
		f.kind = recordForm
		if !f.addFields(around) {
			return nil
		}
		f.rooms.New = func() any { return newRoom(f) }
	default:
		return nil
	}
	return f
}

// addFields tells whether every field of a struct has a key of its own and a form.
func (f *form) addFields(around []reflect.Type) bool {
	taken := make(map[uint64]bool)
	keyed := make([]uint64, 0, f.typ.NumField())
	for i := range f.typ.NumField() {
		field := f.typ.Field(i)
		number, options, _ := strings.Cut(field.Tag.Get("cbor"), ",")
		key, err := strconv.ParseUint(number, 10, 16)
		if err != nil || !field.IsExported() || field.Anonymous || taken[key] || options != "keyasint" && options != "keyasint,omitempty" {
			return false
		}
		of := newForm(field.Type, around)
		if of == nil {
			return false
		}
		optional := strings.HasSuffix(options, "omitempty")
		switch of.kind {
		case recordForm, rawForm:
			if optional { // the general codec looks into it to tell whether it is empty
				return false
			}
		case hashForm, keyForm:
			optional = false // they are never empty
		}
		taken[key] = true
		at, _ := slices.BinarySearch(keyed, key)
		keyed = slices.Insert(keyed, at, key)
		head := string(appendHead(nil, majorUint, key))
		f.fields = slices.Insert(f.fields, at, formField{
			head: head, index: i, optional: optional, pointer: of.kind == pointerForm, form: of,
		})
		if !optional {
			f.least += len(head) + of.least
		}
	}
	for i, field := range f.fields {
		if !field.optional {
			f.needed = i + 1
		}
	}
	return true
}

// writesItself tells whether a type has methods that the general codec would ask
// for its encoding.
func writesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return slices.ContainsFunc([]reflect.Type{
		reflect.TypeFor[cbor.Marshaler](), reflect.TypeFor[cbor.Unmarshaler](),
		reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}, p.Implements)
}

// checkClaims refuses a list, in an item of the profile, that says it has more
// elements of v's type than there are bytes for. The general decoder makes room
// for all of them at once, and the shortest item there is would take the room of
// a vote with its signature.
func checkClaims(b []byte, v any) error {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer {
		return nil
	}
	f := formOf(t.Elem())
	if f == nil {
		return nil
	}
	_, err := f.claims(b)
	return err
}

// claims goes through the item that b begins with, as far as it is of this form,
// and gives what follows it.
func (f *form) claims(b []byte) (rest []byte, err error) {
	if f.kind == pointerForm {
		return f.elem.claims(b)
	}
	major, n, rest, err := checkHead(b)
	switch {
	case err != nil:
	case f.kind == listForm && major == majorArray:
		if n > uint64(len(rest)/f.elem.least) {
			return nil, fmt.Errorf("a list of %d has room for %d", n, len(rest)/f.elem.least)
		}
		for ; n > 0 && err == nil; n-- {
			rest, err = f.elem.claims(rest)
		}
		return rest, err
	case f.kind == recordForm && major == majorMap:
		for ; n > 0 && err == nil; n-- {
			head := rest
			if rest, err = checkItem(head, 0); err != nil {
				break
			}
			head = head[:len(head)-len(rest)]
			if i := slices.IndexFunc(f.fields, func(field formField) bool { return field.head == string(head) }); i >= 0 {
				rest, err = f.fields[i].form.claims(rest)
			} else {
				rest, err = checkItem(rest, 0)
			}
		}
		return rest, err
	}
	return checkItem(b, 0)
}
