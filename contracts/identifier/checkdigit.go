// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import "strconv"

// alphanumeric gives 0-9 for digits and 10-35 for A-Z, the values ISO 7064 and
// GB 11714 use. The caller has matched a pattern that admits nothing else.
func alphanumeric(c byte) int {
	if c <= '9' {
		return int(c - '0')
	}
	return int(c-'A') + 10
}

// PatentCheck is the check character of the digits of a patent or IC layout
// (ZC 0006-2003): weights 2 to 9, again from 2, left to right; sum mod 11; 10 is X.
// The weights are prime to 11 and neighbours differ, so every wrong digit and
// every swap of neighbours is found.
func PatentCheck(digits string) string {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (2 + i%8)
	}
	return digitOrX(sum % 11)
}

func digitOrX(n int) string {
	if n == 10 {
		return "X"
	}
	return strconv.Itoa(n)
}

// hybrid is the check character of an ISO 7064 hybrid system MOD m+1,m over the
// first m of 0-9A-Z: MOD 11,10 for digits, MOD 37,36 for digits and letters. Hyphens are
// not counted.
func hybrid(m int, text string) string {
	p := m
	for i := range len(text) {
		if text[i] == '-' {
			continue
		}
		s := p + alphanumeric(text[i]) // at most 2m-1
		if s > m {
			s -= m
		}
		if p = 2 * s; p > m {
			p -= m + 1
		}
	}
	c := (m + 1 - p) % m
	return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[c : c+1]
}

// mod97 is the remainder of a text of 0-9A-Z read as ISO 7064 MOD 97-10 reads it:
// letters count as two digits, 10 to 35.
func mod97(text string) int {
	r := 0
	for i := range len(text) {
		v := alphanumeric(text[i])
		if v < 10 {
			r = (r*10 + v) % 97
		} else {
			r = (r*100 + v) % 97
		}
	}
	return r
}
