// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A shape is what a Go type looks like from outside, in CBOR and in JSON. It
// comes from the type's tags:
//
//	cbor:"3,keyasint,omitempty"   number of the field; omitempty: may be absent
//	json:"filing_date,omitempty"  name of the field
//	schema:"format=date"          a typed identifier, see formats
//	schema:"enum=A|B,max=9"       allowed values; most characters of a text or bytes of a byte string
//	schema:"alias=source"         other names of the field in JSON; bytes know numbers only
//
// A text without a format or an enum is free text.
type shape struct {
	kind   kind
	typ    reflect.Type
	elem   *shape  // of a list or a pointer
	fields []field // of a record
}

type field struct {
	name     string
	key      uint64
	index    int
	optional bool
	aliases  []string
	shape    *shape
	limits   limits
}

// limits bound a value; those of a list's texts and of the list itself are
// declared together.
type limits struct {
	format   string
	enum     []string
	optional bool // the field may be absent
	max      int  // characters of a text or bytes of a byte string, 0: defaultMaxText
	items    int  // elements of a list, 0: defaultMaxItems
}

const (
	defaultMaxText  = 256
	defaultMaxItems = 256
)

type kind int

const (
	textKind kind = iota
	intKind
	amountKind
	uintKind
	boolKind
	bytesKind
	hashKind
	keyKind
	listKind
	recordKind
	pointerKind
)

// shapeOf derives the shape of a type and panics on one that has none, which
// only a programmer can cause.
func shapeOf(t reflect.Type) *shape {
	s := &shape{typ: t}
	switch {
	case t == reflect.TypeFor[ledger.Hash]():
		s.kind = hashKind
	case t == reflect.TypeFor[keys.PublicKey]():
		s.kind = keyKind
	case t == reflect.TypeFor[Amount]():
		s.kind = amountKind
	case t.Kind() == reflect.String:
		s.kind = textKind
	case t.Kind() == reflect.Int64:
		s.kind = intKind
	case t.Kind() == reflect.Uint64:
		s.kind = uintKind
	case t.Kind() == reflect.Bool:
		s.kind = boolKind
	case t == reflect.TypeFor[[]byte]():
		s.kind = bytesKind
	case t.Kind() == reflect.Slice:
		s.kind, s.elem = listKind, shapeOf(t.Elem())
	case t.Kind() == reflect.Pointer:
		s.kind, s.elem = pointerKind, shapeOf(t.Elem())
	case t.Kind() == reflect.Struct:
		s.kind = recordKind
		for i := range t.NumField() {
			s.fields = append(s.fields, fieldOf(t, i))
		}
	default:
		panic(fmt.Sprintf("contracts: %v has no shape", t))
	}
	return s
}

func fieldOf(t reflect.Type, i int) field {
	f := t.Field(i)
	number, options, _ := strings.Cut(f.Tag.Get("cbor"), ",")
	key, err := strconv.ParseUint(number, 10, 16)
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if err != nil || name == "" || !strings.HasPrefix(options, "keyasint") {
		panic(fmt.Sprintf("contracts: field %s of %v lacks its cbor number or json name", f.Name, t))
	}
	out := field{
		name:     name,
		key:      key,
		index:    i,
		optional: strings.HasSuffix(options, "omitempty"),
		shape:    shapeOf(f.Type),
	}
	out.limits.optional = out.optional
	for _, option := range strings.Split(f.Tag.Get("schema"), ",") {
		what, value, _ := strings.Cut(option, "=")
		switch what {
		case "":
		case "format":
			out.limits.format = value
			if _, ok := patternOf(value); !ok {
				panic(fmt.Sprintf("contracts: field %s of %v has the unknown format %s", f.Name, t, value))
			}
		case "alias":
			out.aliases = strings.Split(value, "|")
		case "enum":
			out.limits.enum = strings.Split(value, "|")
		case "max":
			out.limits.max = atoi(value)
		case "items":
			out.limits.items = atoi(value)
		default:
			panic(fmt.Sprintf("contracts: field %s of %v has the unknown schema option %s", f.Name, t, what))
		}
	}
	return out
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("contracts: %q is no number", s))
	}
	return n
}

// plain sees through pointers.
func (s *shape) plain() *shape {
	for s.kind == pointerKind {
		s = s.elem
	}
	return s
}

// document is the JSON schema (draft 2020-12) of the shape.
func (s *shape) document() json.RawMessage {
	text, err := json.Marshal(s.schema(limits{}))
	if err != nil {
		panic(fmt.Sprintf("contracts: schema of %v: %v", s.typ, err))
	}
	return text
}

// schema builds the document as maps, which encoding/json writes with their
// keys sorted.
func (s *shape) schema(l limits) map[string]any {
	switch s.kind {
	case textKind:
		out := map[string]any{"type": "string"}
		switch {
		case l.enum != nil:
			out["enum"] = l.enum
		case l.format != "":
			out["format"] = l.format
			if pattern, _ := patternOf(l.format); pattern != "" {
				out["pattern"] = pattern
			}
		}
		if l.enum == nil {
			out["maxLength"] = l.maxText()
		}
		return out
	case intKind:
		return map[string]any{"type": "integer"}
	case amountKind:
		return map[string]any{"type": "string", "format": "amount", "pattern": `^(0|[1-9]\d{0,15})$`}
	case uintKind:
		return map[string]any{"type": "integer", "minimum": 0}
	case boolKind:
		return map[string]any{"type": "boolean"}
	case bytesKind:
		return map[string]any{"type": "string", "contentEncoding": "base64", "maxLength": base64.StdEncoding.EncodedLen(l.maxText())}
	case hashKind:
		return map[string]any{"type": "string", "format": "hash", "pattern": "^[0-9a-f]{64}$"}
	case keyKind:
		return map[string]any{"type": "string", "format": "public-key", "pattern": "^(ed25519:[0-9a-f]{64}|sm2:[0-9a-f]{66})$"}
	case listKind:
		return map[string]any{"type": "array", "items": s.elem.schema(l), "maxItems": l.maxItems()}
	case pointerKind:
		return s.elem.schema(l)
	}
	properties, required := map[string]any{}, []string{}
	for _, f := range s.fields {
		p := f.shape.schema(f.limits)
		p["x-cbor-key"] = f.key
		if f.aliases != nil {
			p["x-aliases"] = f.aliases
		}
		properties[f.name] = p
		if !f.optional {
			required = append(required, f.name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (l limits) maxText() int {
	if l.max > 0 {
		return l.max
	}
	return defaultMaxText
}

func (l limits) maxItems() int {
	if l.items > 0 {
		return l.items
	}
	return defaultMaxItems
}

// toJSON gives the JSON view of an encoded value of this shape.
func (s *shape) toJSON(raw []byte, limit int) (json.RawMessage, error) {
	value := reflect.New(s.typ)
	if err := ledger.Decode(raw, limit, value.Interface()); err != nil {
		return nil, fmt.Errorf("decode %v: %w", s.typ, err)
	}
	text, err := json.Marshal(value.Interface())
	if err != nil {
		return nil, fmt.Errorf("show %v: %w", s.typ, err)
	}
	return text, nil
}
