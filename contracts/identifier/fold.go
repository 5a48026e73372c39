// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxValue bounds a typed value in bytes, before any work is done on it.
const maxValue = 128

// foldable are the characters beyond ASCII that are folded. Unicode promises that
// the normal form of an assigned character never changes, but each version
// assigns new characters that fold to digits and letters, and the tables come
// with the toolchain: two builds would disagree about a number that uses them.
// Hence this list of blocks that are settled: every character below is assigned,
// or reserved for good, since Unicode 15.0 at the latest.
var foldable = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0080, Hi: 0x024F, Stride: 1}, // Latin-1, Latin extended
		{Lo: 0x2000, Hi: 0x2064, Stride: 1}, // spaces, dashes
		{Lo: 0x2070, Hi: 0x2071, Stride: 1}, // superscripts and subscripts
		{Lo: 0x2074, Hi: 0x208E, Stride: 1},
		{Lo: 0x2090, Hi: 0x209C, Stride: 1},
		{Lo: 0x2100, Hi: 0x218B, Stride: 1}, // letterlike symbols, number forms
		{Lo: 0x2212, Hi: 0x2212, Stride: 1}, // minus sign
		{Lo: 0x2460, Hi: 0x24FF, Stride: 1}, // enclosed letters and digits
		{Lo: 0x3000, Hi: 0x3020, Stride: 1}, // ideographic space, punctuation
		{Lo: 0x3250, Hi: 0x33FF, Stride: 1}, // enclosed and squared forms
		{Lo: 0x4E00, Hi: 0x9FFF, Stride: 1}, // Han, no folding
		{Lo: 0xFE50, Hi: 0xFE52, Stride: 1}, // small forms
		{Lo: 0xFE54, Hi: 0xFE66, Stride: 1},
		{Lo: 0xFF01, Hi: 0xFF5E, Stride: 1}, // full-width forms
	},
	R32: []unicode.Range32{
		{Lo: 0x1D400, Hi: 0x1D7FF, Stride: 1}, // mathematical letters and digits
		{Lo: 0x1F100, Hi: 0x1F10A, Stride: 1}, // digits with comma or full stop
	},
}

func isFoldable(r rune) bool { return r < utf8.RuneSelf || unicode.Is(foldable, r) }

// fold normalises a typed value: NFKC, trimmed, upper-case. Only a-z are raised:
// no other letter may turn into one of a number.
func fold(typeName, value string) (string, error) {
	if len(value) > maxValue {
		return "", refuse(typeName, Format, value, "longer than 128 bytes", "超过 128 字节")
	}
	if isASCII(value) { // nothing to normalise, the short way to the same text
		return strings.ToUpper(strings.TrimSpace(value)), nil
	}
	if !utf8.ValidString(value) {
		return "", refuse(typeName, Format, value, "not valid UTF-8", "不是有效的 UTF-8 文本")
	}
	for _, r := range value {
		if !isFoldable(r) {
			return "", refuse(typeName, Format, value, "holds a character no such number has", "含有不允许的字符")
		}
	}
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(norm.NFKC.String(value))), nil
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
