// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const residentIDName = "resident_id_detector"

var residentPattern = regexp.MustCompile(`^[1-9]\d{16}[0-9X]$`)

// residentID checks a resident identity number 公民身份号码. It exists to recognise
// them; the ledger stores none. Errors: FORMAT, DATE, CHECK. Source: GB 11643.
func residentID(value string) (string, error) {
	text, err := matching(residentIDName, value, residentPattern.MatchString, "want 17 digits and a check character", "应为 17 位数字加校验码")
	if err != nil {
		return "", err
	}
	if !compactDate(text[6:14]).Valid() {
		return "", refuse(residentIDName, NoDate, value, "the date of birth does not exist", "出生日期不存在")
	}
	if text[17] != residentCheck(text) {
		// The right character is not named: it would complete the number.
		return "", refuse(residentIDName, CheckSum, value, "wrong check character", "校验码错误")
	}
	return text, nil
}

// residentCheck is the check character of the first 17 digits.
func residentCheck(text string) byte {
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(text[i]-'0') * weight
	}
	return "10X98765432"[sum%11]
}

// FindResidentID tells whether free text holds a resident identity number. Texts
// that do are refused, since what is on the ledger cannot be forgotten. It is not
// for a typed identifier that passed its own check: some credit codes look like
// one.
//
// Spaces and hyphens between digits are looked through, and the number may begin
// and end at any of them, so that neither grouping its digits nor a telephone
// number before it hides it. Within a longer unbroken run of digits nothing is
// found: that is an account number, or a serial.
func FindResidentID(text string) bool {
	return !tooFewDigits(text) && searchResidentID(text)
}

func searchResidentID(text string) bool {
	text = foldText(text)
	var characters [64]byte // room for most texts, and no work for the collector
	var starts [64]bool
	chain := chain{characters: characters[:0], starts: starts[:0]}
	if len(text) > len(characters) {
		chain.characters, chain.starts = make([]byte, 0, len(text)), make([]bool, 0, len(text))
	}
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			chain.add(byte(r))
		case (r == 'X' || r == 'x') && len(chain.characters) > 0:
			chain.add('X')
			if chain.holdsResidentID() {
				return true
			}
			chain.reset()
		case isSeparator(r):
			chain.broken = true
		default:
			if chain.holdsResidentID() {
				return true
			}
			chain.reset()
		}
	}
	return chain.holdsResidentID()
}

// tooFewDigits tells that a text of ASCII and Han characters, which no folding
// changes, holds less than the 17 digits of a number: nearly every text there is.
func tooFewDigits(text string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case r >= utf8.RuneSelf && (r < 0x4E00 || r > 0x9FFF):
			return false
		}
	}
	return digits < 17
}

// chain is a sequence of digits with nothing but separators between them; an X
// can only be its last character. There is room for every character of the text.
type chain struct {
	characters []byte
	starts     []bool // of the same length and room: whether a separator, or nothing, comes before the character
	broken     bool   // a separator came after the last character
}

func (c *chain) add(character byte) {
	n := len(c.characters)
	c.characters, c.starts = c.characters[:n+1], c.starts[:n+1]
	c.characters[n], c.starts[n] = character, c.broken || n == 0
	c.broken = false
}

func (c *chain) reset() {
	c.characters, c.starts, c.broken = c.characters[:0], c.starts[:0], false
}

func (c *chain) holdsResidentID() bool {
	for i := 0; i+18 <= len(c.characters); i++ {
		end := i + 18
		if !c.starts[i] || end < len(c.characters) && !c.starts[end] && c.characters[end] != 'X' {
			continue
		}
		window := c.characters[i:end]
		if window[0] != '0' && window[17] == residentCheck(string(window)) && compactDate(string(window[6:14])).Valid() {
			return true
		}
	}
	return false
}

// foldText brings text of any length to NFKC. Characters that show nothing are
// dropped; those without a settled folding become one that ends a chain.
func foldText(text string) string {
	if isASCII(text) {
		return text
	}
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(invisible, r):
			return -1
		case isFoldable(r):
			return r
		}
		return utf8.RuneError
	}, text))
}

// invisible are marks and format characters that leave digits readable.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00AD, Hi: 0x00AD, Stride: 1}, // soft hyphen
		{Lo: 0x0300, Hi: 0x036F, Stride: 1}, // combining marks
		{Lo: 0x200B, Hi: 0x200F, Stride: 1}, // zero width, direction
		{Lo: 0x202A, Hi: 0x202E, Stride: 1}, // direction
		{Lo: 0x2060, Hi: 0x2064, Stride: 1}, // word joiner, invisible operators
		{Lo: 0x20D0, Hi: 0x20F0, Stride: 1}, // combining marks for symbols
		{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1}, // variation selectors
		{Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1}, // zero width no-break space
	},
}

// isSeparator tells white space and the hyphens, dashes and minus sign that NFKC
// leaves.
func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || r == '-' || 0x2010 <= r && r <= 0x2015 || r == 0x2212
}
