// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote reads the text that begins with the quotation mark at text[0]. next is
// the length read, or the place of the fault if there is a reason.
func unquote(text []byte) (out []byte, next int, reason string) {
	if len(text) == 0 || text[0] != '"' {
		return nil, 0, ReasonJSON
	}
	// Most texts hold nothing to replace and are given as they stand.
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			if !utf8.Valid(text[1:i]) {
				return nil, 1 + invalidAt(text[1:i]), ReasonUnicode
			}
			return text[1:i], i + 1, ""
		case c == '\\':
			return unescape(text, i)
		case c < ' ':
			return nil, i, ReasonJSON
		}
	}
	return nil, len(text), ReasonJSON
}

// unescape is unquote from the first backslash on.
func unescape(text []byte, first int) (out []byte, next int, reason string) {
	if !utf8.Valid(text[1:first]) {
		return nil, 1 + invalidAt(text[1:first]), ReasonUnicode
	}
	out = append(out, text[1:first]...)
	for i := first; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			return out, i + 1, ""
		case c < ' ':
			return nil, i, ReasonJSON
		case c == '\\':
			char, n, reason := escape(text[i:])
			if reason != "" {
				return nil, i, reason
			}
			out = utf8.AppendRune(out, char)
			i += n
		default:
			char, n := utf8.DecodeRune(text[i:])
			if char == utf8.RuneError && n == 1 {
				return nil, i, ReasonUnicode
			}
			out = append(out, text[i:i+n]...)
			i += n
		}
	}
	return nil, len(text), ReasonJSON
}

// escape reads one escape of n bytes.
func escape(text []byte) (char rune, n int, reason string) {
	if len(text) < 2 {
		return 0, 0, ReasonJSON
	}
	if at := strings.IndexByte(`"\/bfnrt`, text[1]); at >= 0 {
		return rune("\"\\/\b\f\n\r\t"[at]), 2, ""
	}
	char, ok := unit(text)
	switch {
	case !ok:
		return 0, 0, ReasonJSON
	case !utf16.IsSurrogate(char):
		return char, 6, ""
	}
	low, ok := unit(text[6:])
	if char = utf16.DecodeRune(char, low); !ok || char == utf8.RuneError {
		return 0, 0, ReasonUnicode // one half of a pair
	}
	return char, 12, ""
}

// unit reads \uXXXX.
func unit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		char, n := utf8.DecodeRune(text[i:])
		if char == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

// scalar gives the length of the number or literal that text begins with, 0 if
// there is none.
func scalar(text []byte) int {
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(string(text[:min(len(text), len(word))]), word) {
			return len(word)
		}
	}
	at := 0
	digits := func() bool {
		begin := at
		for at < len(text) && text[at] >= '0' && text[at] <= '9' {
			at++
		}
		return at > begin
	}
	next := func(set string) bool {
		if at < len(text) && strings.IndexByte(set, text[at]) >= 0 {
			at++
			return true
		}
		return false
	}
	next("-")
	if !next("0") && !digits() {
		return 0
	}
	if next(".") && !digits() {
		return 0
	}
	if next("eE") {
		if next("+-"); !digits() {
			return 0
		}
	}
	return at
}
