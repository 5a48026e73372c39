// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import "unicode"

// Fold normalises a value that is known to be short and foldable.
func Fold(value string) string {
	folded, err := fold("test", value)
	if err != nil {
		panic(err)
	}
	return folded
}

// Foldable lists the characters beyond ASCII that are folded, in order.
func Foldable() (all []rune) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if isFoldable(r) {
			all = append(all, r)
		}
	}
	return all
}

// SearchResidentID is FindResidentID without its short way for most texts.
func SearchResidentID(text string) bool { return searchResidentID(text) }

// IsCreditCode and CutPatent are the short ways to what the patterns say.
func IsCreditCode(text string) bool { return isCreditCode(text) }

func CutPatent(text string) (serial, check string, ok bool) { return cutPatent(text) }

// CutPatentByPattern is CutPatent without its short way.
func CutPatentByPattern(text string) (serial, check string, ok bool) {
	m := patentPattern.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return m[1] + m[2] + m[3] + m[4] + m[5] + m[6], m[7], true
}
