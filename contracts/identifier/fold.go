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
		{Lo: 0x02B0, Hi: 0x02B8, Stride: 1}, // raised letters
		{Lo: 0x02E0, Hi: 0x02E4, Stride: 1},
		{Lo: 0x1D2C, Hi: 0x1DBF, Stride: 1},
		{Lo: 0x2000, Hi: 0x2064, Stride: 1}, // spaces, dashes
		{Lo: 0x2070, Hi: 0x2071, Stride: 1}, // superscripts and subscripts
		{Lo: 0x2074, Hi: 0x208E, Stride: 1},
		{Lo: 0x2090, Hi: 0x209C, Stride: 1},
		{Lo: 0x20A8, Hi: 0x20A8, Stride: 1}, // rupee sign
		{Lo: 0x2100, Hi: 0x218B, Stride: 1}, // letterlike symbols, number forms
		{Lo: 0x2212, Hi: 0x2212, Stride: 1}, // minus sign
		{Lo: 0x2460, Hi: 0x24FF, Stride: 1}, // enclosed letters and digits
		{Lo: 0x2C7C, Hi: 0x2C7D, Stride: 1}, // a lowered and a raised letter
		{Lo: 0x2F00, Hi: 0x2FD5, Stride: 1}, // radicals, among them those of 甘 and 黑
		{Lo: 0x3000, Hi: 0x3020, Stride: 1}, // ideographic space, punctuation
		{Lo: 0x3250, Hi: 0x33FF, Stride: 1}, // enclosed and squared forms
		{Lo: 0x4E00, Hi: 0x9FFF, Stride: 1}, // Han, no folding
		{Lo: 0xA7F2, Hi: 0xA7F4, Stride: 1}, // raised letters
		{Lo: 0xFA30, Hi: 0xFA6D, Stride: 1}, // Han that stand for others, among them for 冀
		{Lo: 0xFA70, Hi: 0xFAD9, Stride: 1},
		{Lo: 0xFB00, Hi: 0xFB06, Stride: 1}, // joined letters
		{Lo: 0xFE10, Hi: 0xFE19, Stride: 1}, // forms of vertical text
		{Lo: 0xFE30, Hi: 0xFE4F, Stride: 1},
		{Lo: 0xFE50, Hi: 0xFE52, Stride: 1}, // small forms
		{Lo: 0xFE54, Hi: 0xFE66, Stride: 1},
		{Lo: 0xFF01, Hi: 0xFF5E, Stride: 1}, // full-width forms
	},
	R32: []unicode.Range32{
		{Lo: 0x107A5, Hi: 0x107A5, Stride: 1}, // a raised letter
		{Lo: 0x1D400, Hi: 0x1D7FF, Stride: 1}, // mathematical letters and digits
		{Lo: 0x1F100, Hi: 0x1F10A, Stride: 1}, // digits with comma or full stop
		{Lo: 0x1F12B, Hi: 0x1F14F, Stride: 1}, // circled and squared letters
		{Lo: 0x1F16A, Hi: 0x1F16C, Stride: 1},
		{Lo: 0x1F190, Hi: 0x1F190, Stride: 1},
		{Lo: 0x1F210, Hi: 0x1F23B, Stride: 1}, // squared Han
		{Lo: 0x1FBF0, Hi: 0x1FBF9, Stride: 1}, // digits of seven segments
		{Lo: 0x2F800, Hi: 0x2FA1D, Stride: 1}, // Han that stand for others
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
