// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import "reflect"

// A room is a value that records of one type are read into, or written from, one after
// another. It is zero in between. What reflection has to be asked about its fields is
// asked once.
type room struct {
	value any    // a pointer to the form's type
	slots []slot // of the form's fields
}

// A slot is where a field of a room is. One of the commonest types is reached by a pointer
// of that type, which costs a fraction of reflection.
type slot struct {
	text   *string
	number *int64
	count  *uint64
	texts  *[]string
	field  reflect.Value
}

func newRoom(f *form) *room {
	value := reflect.New(f.typ)
	m := &room{value: value.Interface(), slots: make([]slot, len(f.fields))}
	for i, field := range f.fields {
		at := value.Elem().Field(field.index)
		p := at.Addr()
		m.slots[i] = slot{pointer[string](p), pointer[int64](p), pointer[uint64](p), pointer[[]string](p), at}
	}
	return m
}

// pointer gives a pointer as one to its underlying type, nil if it has another.
func pointer[T any](p reflect.Value) *T {
	to := reflect.TypeFor[*T]()
	if !p.CanConvert(to) {
		return nil
	}
	return p.Convert(to).Interface().(*T)
}

// read tells whether raw is the encoding of a record of the form, which the room has then.
// If not, the room has anything.
func (m *room) read(f *form, raw []byte) bool {
	r := reader{raw: raw}
	return r.record(f, reflect.Value{}, m.slots, 0) && r.at == len(raw)
}

// write gives the encoding of what the room has.
func (m *room) write(f *form) ([]byte, bool) {
	return encodeWith(func(b []byte) ([]byte, bool) { return f.appendRecord(b, reflect.Value{}, m.slots) })
}

// slot takes the value of a field of a record that no other is around.
func (r *reader) slot(f *form, s *slot) (ok bool) {
	switch {
	case s.text != nil:
		*s.text, ok = r.readText()
	case s.number != nil:
		*s.number, ok = r.readInt()
	case s.count != nil:
		*s.count, ok = r.head(majorUint)
	case s.texts != nil:
		var n int
		if n, ok = r.listHead(f, 1); !ok {
			return false
		}
		list := make([]string, n)
		for i := range list {
			if list[i], ok = r.readText(); !ok {
				return false
			}
		}
		*s.texts, ok = list, true
	default:
		return r.value(f, s.field, 1)
	}
	return ok
}

// empty tells whether an optional field is left out.
func (s *slot) empty() bool {
	switch {
	case s.text != nil:
		return *s.text == ""
	case s.number != nil:
		return *s.number == 0
	case s.count != nil:
		return *s.count == 0
	case s.texts != nil:
		return len(*s.texts) == 0
	}
	return isEmpty(s.field)
}

// append appends the encoding of a field.
func (s *slot) append(b []byte, f *form) ([]byte, bool) {
	switch {
	case s.text != nil:
		return appendText(b, *s.text), true
	case s.number != nil:
		return appendInt(b, *s.number), true
	case s.count != nil:
		return appendHead(b, majorUint, *s.count), true
	case s.texts != nil:
		b = appendHead(b, majorArray, uint64(len(*s.texts)))
		for _, text := range *s.texts {
			b = appendText(b, text)
		}
		return b, true
	}
	return f.appendValue(b, s.field)
}
