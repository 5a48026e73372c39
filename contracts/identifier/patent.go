// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import "regexp"

const (
	patentName      = "patent_number"
	publicationName = "publication_number"
)

// Patent is what a patent or patent application number says.
type Patent struct {
	Canonical string    // digits and check character, such as "2018102345673"
	Right     RightType // PatInv, PatUM or PatDes, by the kind digit
	Year      int       // of application
	PCT       bool      // entered from an international application
}

// The spaces are those of the printed certificate, ZL 2018 1 0234567.3.
var patentPattern = regexp.MustCompile(`^(?:(?:ZL|CN) ?)?(?:(\d{4}) ?(\d) ?(\d{7})|(\d{2}) ?(\d) ?(\d{5}))\.?([0-9X])$`)

// longNumbersBegan is the first day on which numbers of 12 digits were given.
var longNumbersBegan = Date{2003, 10, 1}

// PatentNumber checks a patent number 专利号, which is the application number;
// the prefix ZL proves nothing about grant. Twelve digits and a check character
// were given since 2003-10-01, eight and one until the day before; the numbers
// of 1985-88 printed without a check character are refused. Errors: FORMAT, KIND,
// YEAR, CHECK. Source: ZC 0006-2003.
func PatentNumber(value string, asOf Date) (Patent, error) {
	text, err := fold(patentName, value)
	if err != nil {
		return Patent{}, err
	}
	serial, check, ok := cutPatent(text)
	if !ok {
		return Patent{}, refuse(patentName, Format, value, "want 12 or 8 digits and a check character", "应为 12 位或 8 位数字加 1 位校验码")
	}
	long, years := len(serial) == 12, 2
	if long {
		years = 4
	}

	var p Patent
	kind := serial[years : years+1]
	switch kind {
	case "1", "8":
		p.Right = PatInv
	case "2", "9":
		p.Right = PatUM
	case "3":
		p.Right = PatDes
	default:
		return Patent{}, refuse(patentName, Kind, value, "the kind digit must be 1, 2, 3, 8 or 9", "申请种类号应为 1、2、3、8 或 9")
	}
	p.PCT = kind == "8" || kind == "9"

	p.Year = number(serial[:years])
	switch {
	case long && (p.Year < 2003 || asOf.Before(longNumbersBegan)):
		return Patent{}, refuse(patentName, Year, value, "numbers of 12 digits began in October 2003", "12 位申请号自 2003 年 10 月启用")
	case !long && p.Year >= 85:
		p.Year += 1900
	case !long && p.Year <= 3:
		p.Year += 2000
	case !long:
		return Patent{}, refuse(patentName, Year, value, "numbers of 8 digits were given from 1985 to September 2003", "8 位申请号仅用于 1985 年至 2003 年 9 月")
	}
	if p.Year > asOf.Year {
		return Patent{}, futureYear(patentName, value)
	}

	if want := PatentCheck(serial); check != want {
		return Patent{}, wrongCheck(patentName, value, want)
	}
	p.Canonical = serial + check
	return p, nil
}

// cutPatent gives the digits of a folded number, year, kind and serial, and its
// check character. Nearly all come as 201810234567.3, which costs little to see.
func cutPatent(text string) (serial, check string, ok bool) {
	const size = 12
	if last := len(text) - 1; (last == size || last == size+1 && text[size] == '.') && digits(text[:size]) {
		if c := text[last]; c >= '0' && c <= '9' || c == 'X' {
			return text[:size], text[last:], true
		}
	}
	m := patentPattern.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return m[1] + m[2] + m[3] + m[4] + m[5] + m[6], m[7], true
}

var publicationPattern = regexp.MustCompile(`^CN([1-3])\d{6,8}([ABCUYSD])\d?$`)

// PublicationNumber checks a publication number 公开(公告)号. It has no check
// character and is for search only, never a key. The first digit and the letter
// both tell the kind and must agree: 1 with A, B, C; 2 with U, Y; 3 with S, D.
// Errors: FORMAT, KIND. Source: ZC 0007, ZC 0008.
func PublicationNumber(value string) (string, error) {
	text, err := fold(publicationName, value)
	if err != nil {
		return "", err
	}
	m := publicationPattern.FindStringSubmatch(text)
	if m == nil {
		return "", refuse(publicationName, Format, value, "want CN, 7 to 9 digits from 1, 2 or 3, and a kind letter", "应为 CN 加 7 至 9 位数字(首位 1、2 或 3)加文献种类代码")
	}
	kindOf := map[string]string{"A": "1", "B": "1", "C": "1", "U": "2", "Y": "2", "S": "3", "D": "3"}
	if kindOf[m[2]] != m[1] {
		return "", refuse(publicationName, Kind, value, "the first digit and the kind letter contradict each other", "首位数字与文献种类代码不一致")
	}
	return text, nil
}
