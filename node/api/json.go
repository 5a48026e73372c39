// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A jsonReader reads the body of a request once, from left to right, and
// strictly: what two readers may understand differently is refused. So there is
// one value and nothing after it, names are exact and come once, texts are valid
// Unicode, and nothing is null. encoding/json is laxer on each of these, and the
// bytes that people sign are made from what is read here.
//
// It goes on after a wrong value, to tell all of them, and ends at bytes that are
// not JSON. What its methods return then is not to be used: see end.
type jsonReader struct {
	text     []byte
	at       int
	broken   bool // not JSON: nothing more is read
	depth    int
	path     []step
	failures []ledger.Failure
}

// A step leads into a value: to a name of an object, or to an element of a list.
type step struct {
	name  []byte // nil: an element
	index int
}

// Bounds of a body.
const (
	maxJSONDepth    = 16
	maxJSONFailures = 16 // more are not told
)

// end tells what is wrong, nil if nothing is.
func (r *jsonReader) end() error {
	if r.space(); r.at < len(r.text) {
		r.breakOff(ReasonJSON)
	}
	if len(r.failures) > 0 {
		return refused(http.StatusBadRequest, r.failures...)
	}
	return nil
}

// fail notes that the present value, or its part name, is wrong.
func (r *jsonReader) fail(reason, name string) {
	if r.broken || len(r.failures) == maxJSONFailures {
		return
	}
	r.failures = append(r.failures, ledger.Failure{Code: contracts.EFormat, Field: r.field(name), Reason: reason})
}

// breakOff notes that the text cannot be read on from here.
func (r *jsonReader) breakOff(reason string) {
	if r.broken {
		return
	}
	r.broken = true
	// What was noted before may follow from the fault and is not told.
	r.failures = []ledger.Failure{{
		Code: contracts.EFormat, Field: r.field(""), Subject: fmt.Sprintf("byte %d", r.at), Reason: reason,
	}}
}

// field is the path of the present value, "body" for the whole.
func (r *jsonReader) field(name string) string {
	var out strings.Builder
	for _, s := range r.path {
		switch {
		case s.name == nil:
			fmt.Fprintf(&out, "[%d]", s.index)
			continue
		case out.Len() > 0:
			out.WriteByte('.')
		}
		out.WriteString(told(s.name))
	}
	if name != "" && out.Len() > 0 {
		out.WriteByte('.')
	}
	out.WriteString(name)
	if out.Len() == 0 {
		return "body"
	}
	return out.String()
}

// space passes over blanks and tells the next byte, 0 at the end.
func (r *jsonReader) space() byte {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take passes over one expected byte.
func (r *jsonReader) take(c byte) bool {
	if r.broken {
		return false
	}
	if r.space() != c || r.at == len(r.text) {
		return false
	}
	r.at++
	return true
}

// object reads an object. member reads the value of a name it knows and returns
// false for others. The names in required must come.
func (r *jsonReader) object(required []string, member func(name []byte) bool) {
	if !r.open('{') {
		return
	}
	seen := names{}
	for first := true; !r.take('}'); first = false {
		if !first && !r.take(',') || r.broken {
			r.breakOff(ReasonJSON)
			return
		}
		if r.space(); r.broken {
			return
		}
		name, ok := r.string()
		if !ok || !r.take(':') {
			r.breakOff(ReasonJSON)
			return
		}
		if !seen.add(name) {
			r.fail(contracts.ReasonRepeated, told(name))
			r.skip()
			continue
		}
		r.path = append(r.path, step{name: name})
		if !member(name) {
			r.fail(contracts.ReasonUnknown, "")
			r.skip()
		}
		if r.broken {
			return
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.depth--
	for _, name := range required {
		if !seen.has(name) {
			r.fail(contracts.ReasonMissing, name)
		}
	}
}

// list reads an array of least to most elements.
func (r *jsonReader) list(least, most int, element func(i int)) {
	if !r.open('[') {
		return
	}
	n := 0
	for ; !r.take(']'); n++ {
		if n > 0 && !r.take(',') || r.broken {
			r.breakOff(ReasonJSON)
			return
		}
		r.path = append(r.path, step{index: n})
		if n < most {
			element(n)
		} else {
			r.skip()
		}
		if r.broken {
			return
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.depth--
	if (n < least || n > most) && !r.broken {
		// Told first: what is wrong with the elements matters less.
		r.failures = slices.Insert(r.failures, 0, ledger.Failure{Code: contracts.EFormat, Field: r.field(""), Reason: contracts.ReasonLength})
		r.failures = r.failures[:min(len(r.failures), maxJSONFailures)]
	}
}

// open begins an object or an array; a value of another type is passed over.
func (r *jsonReader) open(bracket byte) bool {
	if r.take(bracket) {
		if r.depth++; r.depth > maxJSONDepth {
			r.breakOff(ReasonDepth)
		}
		return !r.broken
	}
	r.otherType()
	return false
}

// otherType passes over a value that is not of the wanted type.
func (r *jsonReader) otherType() {
	r.fail(contracts.ReasonType, "")
	r.skip()
}

// told is a name from outside as a message shows it.
func told(name []byte) string {
	if len(name) == 0 {
		return `""`
	}
	return printable(string(name))
}

// names are the names of one object.
type names struct {
	few   [12][]byte
	count int             // of few
	many  map[string]bool // those that found no place in few
}

func (n *names) has(name string) bool {
	for _, one := range n.few[:n.count] {
		if string(one) == name {
			return true
		}
	}
	return n.many[name]
}

// add is false for a name that was there.
func (n *names) add(name []byte) bool {
	switch {
	case n.has(string(name)):
		return false
	case n.count < len(n.few):
		n.few[n.count] = name
		n.count++
	case n.many == nil:
		n.many = map[string]bool{string(name): true}
	default:
		n.many[string(name)] = true
	}
	return true
}
