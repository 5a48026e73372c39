// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"github.com/ipledger/ipledger/contracts"
)

// string reads a text, also the empty one, at the present byte.
func (r *jsonReader) string() ([]byte, bool) {
	begin := r.at
	out, next, reason := unquote(r.text[begin:])
	if reason != "" {
		r.at += next
		r.breakOff(reason)
		return nil, false
	}
	r.at += next
	return out, true
}

// isText tells whether a text comes next.
func (r *jsonReader) isText() bool { return !r.broken && r.space() == '"' }

// value reads a text of at most max bytes, nil if there is none.
func (r *jsonReader) value(max int) []byte {
	if !r.isText() {
		r.otherType()
		return nil
	}
	out, ok := r.string()
	if ok && len(out) > max {
		r.fail(contracts.ReasonLength, "")
		return nil
	}
	return out
}

// chars reads a text of at most max bytes.
func (r *jsonReader) chars(max int) string { return string(r.value(max)) }

// base64 reads bytes in standard base64 with padding, at most max of them.
func (r *jsonReader) base64(max int) []byte {
	text := r.value(math.MaxInt)
	if text == nil {
		return nil
	}
	if len(text) > base64.StdEncoding.EncodedLen(max) {
		r.fail(contracts.ReasonLength, "")
		return nil
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(out, text)
	// The decoder passes over line ends.
	if err != nil || bytes.ContainsAny(text, "\r\n") {
		r.fail(ReasonBase64, "")
		return nil
	}
	return out[:n]
}

// integer reads a number without sign, fraction and exponent.
func (r *jsonReader) integer() uint64 {
	r.space()
	begin := r.at
	r.skip()
	if r.broken {
		return 0
	}
	text := string(r.text[begin:r.at])
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err == nil:
		return n
	case text[0] == '-' || strings.Trim(text, "0123456789") == "":
		r.fail(contracts.ReasonValue, "")
	default:
		r.fail(contracts.ReasonType, "")
	}
	return 0
}

// raw reads any value and gives its text.
func (r *jsonReader) raw() []byte {
	r.space()
	begin := r.at
	r.skip()
	if r.broken {
		return nil
	}
	return r.text[begin:r.at]
}

// skip reads any value. It is held to the same rules.
func (r *jsonReader) skip() {
	if r.broken {
		return
	}
	switch c := r.space(); {
	case c == '{':
		r.object(nil, func([]byte) bool { r.skip(); return true })
	case c == '[':
		r.list(0, math.MaxInt, func(int) { r.skip() })
	case c == '"':
		r.string()
	default:
		n := scalar(r.text[r.at:])
		if r.at += n; n == 0 {
			r.breakOff(ReasonJSON)
		}
	}
}
