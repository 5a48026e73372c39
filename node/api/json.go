// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A jsonReader reads the body of a request once, from left to right, and
// strictly: what two readers may understand differently is refused. So there is
// one value and nothing after it, names are exact and come once, texts are valid
// Unicode, and nothing is null. encoding/json is laxer on each of these, and the
// bytes that people sign are made from what is read here. The decoder holds the
// text to RFC 7493; fields, types and bounds are held here.
//
// It goes on after a wrong value, to tell all of them, and ends where the decoder
// does. What its methods return then is not to be used: see end.
type jsonReader struct {
	body     []byte
	in       *jsontext.Decoder // of body
	broken   bool              // nothing more is read
	failures []ledger.Failure
}

// Bounds of a body.
const (
	maxJSONDepth    = 16
	maxJSONFailures = 16 // more are not told
)

// decoders that are not in use.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

func newJSONReader(body []byte) *jsonReader {
	in := decoders.Get().(*jsontext.Decoder)
	in.Reset(bytes.NewBuffer(body))
	return &jsonReader{body: body, in: in}
}

// release gives back the decoder of a reader that is not used any more. What was
// read stays.
func (r *jsonReader) release() {
	r.in.Reset(bytes.NewBuffer(nil)) // lets go of the body
	decoders.Put(r.in)
	r.in = nil
}

// end tells what is wrong, nil if nothing is.
func (r *jsonReader) end() error {
	if !r.broken {
		if second, err := r.in.ReadValue(); err == nil {
			r.breakOff(ReasonJSON, "", r.in.InputOffset()-int64(len(second)))
		} else if err != io.EOF {
			r.endedBy(err)
		}
	}
	if len(r.failures) > 0 {
		return refused(http.StatusBadRequest, r.failures...)
	}
	return nil
}

// fail notes that the value read last is wrong.
func (r *jsonReader) fail(reason string) { r.failAt(len(r.failures), reason, r.in.StackPointer()) }

// failAt notes a failure at a place among the others.
func (r *jsonReader) failAt(place int, reason string, value jsontext.Pointer) {
	if r.broken || place == maxJSONFailures {
		return
	}
	r.failures = slices.Insert(r.failures, place, ledger.Failure{Code: contracts.EFormat, Field: r.field(value), Reason: reason})
	r.failures = r.failures[:min(len(r.failures), maxJSONFailures)]
}

// breakOff notes that the text cannot be read on from the byte at.
func (r *jsonReader) breakOff(reason string, value jsontext.Pointer, at int64) {
	r.broken = true
	// What was noted before may follow from the fault and is not told.
	r.failures = []ledger.Failure{{Code: contracts.EFormat, Field: r.field(value), Subject: fmt.Sprintf("byte %d", at), Reason: reason}}
}

// endedBy notes where the decoder ended, and why.
func (r *jsonReader) endedBy(err error) {
	var fault *jsontext.SyntacticError
	switch {
	case !errors.As(err, &fault): // there is no value at all
		r.breakOff(ReasonJSON, "", int64(len(r.body)))
	case errors.Is(err, jsontext.ErrDuplicateName):
		r.breakOff(contracts.ReasonRepeated, fault.JSONPointer, fault.ByteOffset)
	case r.isUnicode(fault):
		r.breakOff(ReasonUnicode, fault.JSONPointer, fault.ByteOffset)
	default:
		r.breakOff(ReasonJSON, fault.JSONPointer, fault.ByteOffset)
	}
}

// isUnicode tells whether a fault is broken Unicode, which has no name in the
// library: a decoder that allows it gets further.
func (r *jsonReader) isUnicode(fault *jsontext.SyntacticError) bool {
	lax := jsontext.NewDecoder(bytes.NewBuffer(r.body), jsontext.AllowInvalidUTF8(true))
	var err error
	for err == nil {
		err = lax.SkipValue()
	}
	var next *jsontext.SyntacticError
	return !errors.As(err, &next) || next.ByteOffset > fault.ByteOffset
}

// field is the path of a value as messages have it, "body" for the whole.
func (r *jsonReader) field(at jsontext.Pointer) string {
	var out strings.Builder
	level := 0
	for name := range at.Tokens() {
		if level++; level <= r.in.StackDepth() {
			if kind, _ := r.in.StackIndex(level); kind == jsontext.KindBeginArray {
				out.WriteString("[" + name + "]")
				continue
			}
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		out.WriteString(told(name))
	}
	if out.Len() == 0 {
		return "body"
	}
	return out.String()
}

// told is a name from outside as a message shows it.
func told(name string) string {
	if name == "" {
		return `""`
	}
	return printable(name)
}

// next reads one token; the reader is broken if there is none.
func (r *jsonReader) next() (t jsontext.Token) {
	if r.broken {
		return t
	}
	t, err := r.in.ReadToken()
	if err != nil {
		r.endedBy(err)
	} else if r.in.StackDepth() > maxJSONDepth {
		r.breakOff(ReasonDepth, r.in.StackPointer(), r.in.InputOffset())
	}
	return t
}

// more tells whether there is one more member or element. It reads the end of
// the object or list, if not.
func (r *jsonReader) more() bool {
	switch r.in.PeekKind() {
	case jsontext.KindEndObject, jsontext.KindEndArray, jsontext.KindInvalid:
		r.next()
		return false
	}
	return !r.broken
}

// take reads a token that is of one of these kinds. A value of another kind is
// refused and passed over.
func (r *jsonReader) take(kinds ...jsontext.Kind) (t jsontext.Token, ok bool) {
	if slices.Contains(kinds, r.in.PeekKind()) {
		t = r.next()
		return t, !r.broken
	}
	r.skip()
	r.fail(contracts.ReasonType)
	return t, false
}

// skip passes over any value.
func (r *jsonReader) skip() { r.leave(r.in.StackDepth()) }

// leave reads on to the end of a value that lies at this depth.
func (r *jsonReader) leave(depth int) {
	for r.next(); !r.broken && r.in.StackDepth() > depth; {
		r.next()
	}
}

// object reads an object. member reads the value of a name it knows and returns
// false for others. The names in required must come.
func (r *jsonReader) object(required []string, member func(name string) bool) {
	if _, ok := r.take(jsontext.KindBeginObject); !ok {
		return
	}
	var seen uint // a bit for each of required
	for r.more() {
		name := r.next().String()
		if r.broken {
			return
		}
		if i := slices.Index(required, name); i >= 0 {
			seen |= 1 << i
		}
		if !member(name) {
			r.fail(contracts.ReasonUnknown)
			r.skip()
		}
	}
	for i, name := range required {
		if seen&(1<<i) == 0 {
			r.failAt(len(r.failures), contracts.ReasonMissing, r.in.StackPointer().AppendToken(name))
		}
	}
}

// list reads an array of least to most elements.
func (r *jsonReader) list(least, most int, element func()) {
	if _, ok := r.take(jsontext.KindBeginArray); !ok {
		return
	}
	before, n := len(r.failures), 0
	for ; r.more(); n++ {
		if n < most {
			element()
		} else {
			r.skip()
		}
	}
	if (n < least || n > most) && !r.broken {
		r.failAt(before, contracts.ReasonLength, r.in.StackPointer()) // before what is wrong with the elements
	}
}

// raw reads an object and gives its text.
func (r *jsonReader) raw() []byte {
	if _, ok := r.take(jsontext.KindBeginObject); !ok {
		return nil
	}
	begin := r.in.InputOffset() - 1
	r.leave(r.in.StackDepth() - 1)
	if r.broken {
		return nil
	}
	return r.body[begin:r.in.InputOffset()]
}

// chars reads a text of at most max bytes.
func (r *jsonReader) chars(max int) string {
	t, ok := r.take(jsontext.KindString)
	if !ok {
		return ""
	}
	out := t.String()
	if len(out) > max {
		r.fail(contracts.ReasonLength)
		return ""
	}
	return out
}

// base64 reads bytes in standard base64 with padding, at most max of them.
func (r *jsonReader) base64(max int) []byte {
	text := r.chars(base64.StdEncoding.EncodedLen(max))
	out, err := base64.StdEncoding.Strict().DecodeString(text)
	// The decoder passes over line ends.
	if err != nil || strings.ContainsAny(text, "\r\n") {
		r.fail(ReasonBase64)
		return nil
	}
	return out
}

// integer reads a number without sign, fraction and exponent.
func (r *jsonReader) integer() uint64 {
	t, ok := r.take(jsontext.KindNumber)
	if !ok {
		return 0
	}
	text := t.String()
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err == nil:
		return n
	case strings.ContainsAny(text, ".eE"):
		r.fail(contracts.ReasonType)
	default:
		r.fail(contracts.ReasonValue)
	}
	return 0
}
