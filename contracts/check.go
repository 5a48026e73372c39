// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

func wrongField(path, reason string) ledger.Failure {
	if path == "" {
		path = "args"
	}
	return ledger.Failure{Code: EFormat, Field: path, Reason: reason}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// element is the path of a list's element.
func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// A walk through arguments is at a path in them. Paths are written only where
// there is a refusal to note them in.
type walk struct {
	path  string
	notes *Refusal // nil: only whether anything is wrong is asked
}

func (w walk) field(name string) walk {
	if w.notes != nil {
		w.path = join(w.path, name)
	}
	return w
}

func (w walk) element(i int) walk {
	if w.notes != nil {
		w.path = element(w.path, i)
	}
	return w
}

// wrong notes what is wrong here and is false.
func (w walk) wrong(reason string) bool {
	if w.notes != nil {
		w.notes.Add(wrongField(w.path, reason))
	}
	return false
}

// named gives an object in JSON with its fields under their own names, where some stand
// under another. A field that stands under two is noted.
func (s *shape) named(text []byte, r *Refusal) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return text
	}
	renamed := false
	for _, f := range s.fields {
		for _, alias := range f.aliases {
			value, given := fields[alias]
			if !given {
				continue
			}
			if _, twice := fields[f.name]; twice {
				r.Add(wrongField(f.name, ReasonRepeated))
			}
			delete(fields, alias)
			fields[f.name], renamed = value, true
		}
	}
	if !renamed {
		return text
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return text
	}
	return out
}

// checkJSON finds unknown, missing and null fields and values of another type.
// encoding/json alone matches names in any case and takes null for absent.
func (s *shape) checkJSON(text []byte, path string, r *Refusal) {
	s = s.plain()
	switch s.kind {
	case recordKind:
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil || fields == nil {
			r.Add(wrongField(path, ReasonType))
			return
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if s.fieldNamed(name) == nil {
				r.Add(wrongField(join(path, printable(name)), ReasonUnknown))
			}
		}
		for _, f := range s.fields {
			value, ok := fields[f.name]
			switch {
			case ok:
				f.shape.checkJSON(value, join(path, f.name), r)
			case !f.optional:
				r.Add(wrongField(join(path, f.name), ReasonMissing))
			}
		}
	case listKind:
		var elements []json.RawMessage
		if err := json.Unmarshal(text, &elements); err != nil || elements == nil {
			r.Add(wrongField(path, ReasonType))
			return
		}
		for i, e := range elements {
			s.elem.checkJSON(e, element(path, i), r)
		}
	case amountKind:
		var typed *string
		if json.Unmarshal(text, &typed) != nil || typed == nil {
			r.Add(wrongField(path, ReasonType))
		} else if _, err := identifier.ParseMinor(*typed); err != nil {
			r.Add(IdentifierFailure(err, path))
		}
	default:
		value := reflect.New(s.typ)
		if string(text) == "null" || json.Unmarshal(text, value.Interface()) != nil {
			r.Add(wrongField(path, ReasonType))
		} else if s.kind == textKind && !norm.NFC.IsNormalString(value.Elem().String()) {
			r.Add(wrongField(path, ReasonNormal))
		} else if s.kind == bytesKind && !isBase64(text, value.Elem().Bytes()) {
			r.Add(wrongField(path, ReasonValue))
		}
	}
}

// isBase64 tells whether text is the JSON string of content in the one base64 of it:
// encoding/json also reads some others.
func isBase64(text, content []byte) bool {
	return string(text) == `"`+base64.StdEncoding.EncodeToString(content)+`"`
}

func jsonFailure(err error) ledger.Failure {
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		return wrongField(typed.Field, ReasonType)
	}
	return wrongField("", ReasonEncoding)
}

// checkCBOR finds the same in encoded arguments, and fields that are present
// and empty where the one encoding leaves them out. It runs only on bytes that
// did not decode.
func (s *shape) checkCBOR(raw []byte, path string, r *Refusal) {
	s = s.plain()
	switch s.kind {
	case recordKind:
		var fields map[uint64]cbor.RawMessage
		if ledger.Decode(raw, ledger.MaxBody, &fields) != nil {
			r.Add(wrongField(path, ReasonType))
			return
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if s.fieldKeyed(key) == nil {
				r.Add(wrongField(join(path, fmt.Sprint(key)), ReasonUnknown))
			}
		}
		for _, f := range s.fields {
			value, ok := fields[f.key]
			switch {
			case ok && f.optional && isEmpty(value):
				r.Add(wrongField(join(path, f.name), ReasonEmpty))
			case ok:
				f.shape.checkCBOR(value, join(path, f.name), r)
			case !f.optional:
				r.Add(wrongField(join(path, f.name), ReasonMissing))
			}
		}
	case listKind:
		var elements []cbor.RawMessage
		if ledger.Decode(raw, ledger.MaxBody, &elements) != nil {
			r.Add(wrongField(path, ReasonType))
			return
		}
		for i, e := range elements {
			s.elem.checkCBOR(e, element(path, i), r)
		}
	default:
		if ledger.Decode(raw, ledger.MaxBody, reflect.New(s.typ).Interface()) != nil {
			r.Add(wrongField(path, ReasonType))
		}
	}
}

// isEmpty tells whether raw is what omitempty leaves out: zero, false, or a
// text, byte string, list or map without content.
func isEmpty(raw []byte) bool {
	if len(raw) != 1 {
		return false
	}
	switch raw[0] {
	case 0x00, 0x40, 0x60, 0x80, 0xa0, 0xf4:
		return true
	}
	return false
}

func (s *shape) fieldNamed(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *shape) fieldKeyed(key uint64) *field {
	for i := range s.fields {
		if s.fields[i].key == key {
			return &s.fields[i]
		}
	}
	return nil
}

// checkValue tells whether decoded arguments keep to their limits. Texts of a
// format are checked by the methods that read them, except dates.
func (s *shape) checkValue(v reflect.Value, w walk) bool {
	good := true
	for i := range s.fields {
		f := &s.fields[i]
		good = f.shape.checkLimits(v.Field(f.index), &f.limits, w.field(f.name)) && good
	}
	return good
}

func (s *shape) checkLimits(v reflect.Value, l *limits, w walk) bool {
	good := true
	switch s.kind {
	case pointerKind:
		return v.IsNil() || s.elem.checkLimits(v.Elem(), l, w)
	case recordKind:
		return s.checkValue(v, w)
	case listKind:
		if v.Len() > l.maxItems() {
			return w.wrong(ReasonLength)
		}
		each := *l
		each.optional = false
		for i := range v.Len() {
			good = s.elem.checkLimits(v.Index(i), &each, w.element(i)) && good
		}
	case textKind:
		return checkText(v.String(), l, w)
	case amountKind:
		if class := Amount(v.Int()).whyNot(); class != "" {
			if w.notes != nil {
				w.notes.Add(ledger.Failure{Code: class.Code(), Field: w.path, Reason: string(class)})
			}
			return false
		}
	case bytesKind:
		if v.Len() > l.maxText() {
			return w.wrong(ReasonLength)
		}
	}
	return good
}

// checkText bounds a text. An empty one is an absent one where the field may be
// absent; it is none of the values of a list.
func checkText(text string, l *limits, w walk) bool {
	switch {
	case text == "" && l.enum != nil && !l.optional:
		return w.wrong(ReasonValue)
	case utf8.RuneCountInString(text) > l.maxText():
		return w.wrong(ReasonLength)
	case text == "":
	case strings.TrimSpace(text) == "":
		return w.wrong(ReasonEmpty)
	case l.enum != nil && !slices.Contains(l.enum, text):
		return w.wrong(ReasonValue)
	case l.format == "date":
		if _, err := identifier.ParseDate(text); err != nil {
			if w.notes != nil {
				w.notes.Add(IdentifierFailure(err, w.path))
			}
			return false
		}
	case hasControl(text):
		return w.wrong(ReasonValue)
	}
	return true
}

// hasControl finds characters that a line of a certificate cannot show: controls,
// ends of lines, and those that show nothing or turn the direction of writing, by
// which one name would pass for another.
func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsControl(c) || c >= 0x200b && c <= 0x200f || c >= 0x2028 && c <= 0x202e || c >= 0x2060 && c <= 0x206f || c == 0xfeff
	})
}

// printable cuts a name that came from outside to what a message can show.
func printable(name string) string {
	if len(name) > 64 || hasControl(name) || identifier.FindResidentID(name) {
		return "?"
	}
	return name
}

// IdentifierFailure tells in a refusal why package identifier refused the value
// of a field.
func IdentifierFailure(err error, path string) ledger.Failure {
	var e *identifier.Error
	if !errors.As(err, &e) {
		return wrongField(path, ReasonValue)
	}
	return ledger.Failure{Code: e.Class.Code(), Field: path, Reason: string(e.Class)}
}

// patternOf gives the pattern of a format of typed texts, "" where a pattern
// would say too little, and whether the format is known.
func patternOf(format string) (pattern string, known bool) {
	switch format {
	case "date":
		return `^\d{4}-\d{2}-\d{2}$`, true
	case "area":
		return `^\d{6}$`, true
	case "uscc", "lei", "cnaps", "pboc_fi_code", "party", "person", "right", "right_number", "patent_number", "platform_number", "cnipa_pledge_number":
		return "", true
	}
	return "", false
}

// checkPrivacy refuses a resident identity number in any text of the arguments.
// What is written to a ledger cannot be erased, so nodes refuse such a
// transaction before it reaches a block. A typed identifier that passes its own
// check is not looked at, since some credit codes look like one.
func (s *shape) checkPrivacy(v reflect.Value, l limits, path string, today identifier.Date, r *Refusal) {
	switch s.kind {
	case pointerKind:
		if !v.IsNil() {
			s.elem.checkPrivacy(v.Elem(), l, path, today, r)
		}
	case recordKind:
		for _, f := range s.fields {
			f.shape.checkPrivacy(v.Field(f.index), f.limits, join(path, f.name), today, r)
		}
	case listKind:
		for i := range v.Len() {
			s.elem.checkPrivacy(v.Index(i), l, element(path, i), today, r)
		}
	case textKind:
		if text := v.String(); identifier.FindResidentID(text) && !isTyped(text, l, today) {
			r.Add(ledger.Failure{Code: EPrivacy, Field: path})
		}
	}
}

// anyText tells whether found holds for any text of a value.
func (s *shape) anyText(v reflect.Value, found func(text string) bool) bool {
	switch s.kind {
	case pointerKind:
		return !v.IsNil() && s.elem.anyText(v.Elem(), found)
	case recordKind:
		for i := range s.fields {
			if s.fields[i].shape.anyText(v.Field(s.fields[i].index), found) {
				return true
			}
		}
	case listKind:
		for i := range v.Len() {
			if s.elem.anyText(v.Index(i), found) {
				return true
			}
		}
	case textKind:
		return found(v.String())
	}
	return false
}

// isTyped tells whether the text is an identifier of its declared format.
func isTyped(text string, l limits, today identifier.Date) bool {
	var err error
	switch l.format {
	case "":
		return l.enum != nil
	case "uscc":
		_, err = identifier.USCCOrgCheckWaived(text)
	case "party":
		_, err = identifier.PartyID(text)
	case "date", "area":
		return len(text) < 17
	default:
		_, err = identifier.Check(l.format, text, today)
	}
	return err == nil
}
