// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"regexp"
	"strings"
)

const (
	trademarkName   = "trademark_number"
	softwareName    = "software_number"
	worksName       = "works_number"
	layoutName      = "ic_layout_number"
	varietyName     = "plant_variety_number"
	cnipaPledgeName = "cnipa_pledge_number"
	statutoryName   = "statutory_no"
)

var trademarkPattern = regexp.MustCompile(`^(?:[1-9]\d{0,7}|G[1-9]\d{4,6})[A-Z]?$`)

// TrademarkNumber checks a trademark registration number 商标注册号; G marks an
// international one, a letter at the end a part of a divided one. One number may
// span several Nice classes. Errors: FORMAT.
func TrademarkNumber(value string) (string, error) {
	return matching(trademarkName, value, trademarkPattern.MatchString, "want up to 8 digits, or G and 5 to 7 digits, and perhaps a letter", "应为 1 至 8 位数字,或 G 加 5 至 7 位数字,末尾可带一个字母")
}

var softwarePattern = regexp.MustCompile(`^(\d{4})SR\d{4,7}$`)

// SoftwareNumber checks a software registration number 软件著作权登记号; the
// certificate number 软著登字第…号 is another field. Errors: FORMAT, YEAR.
func SoftwareNumber(value string, asOf Date) (string, error) {
	text, err := matching(softwareName, value, softwarePattern.MatchString, "want a year, SR, and 4 to 7 digits", "应为 4 位年份加 SR 加 4 至 7 位数字")
	if err != nil {
		return "", err
	}
	switch year := number(text[:4]); {
	case year < 1992:
		return "", refuse(softwareName, Year, value, "registration began in 1992", "软件著作权登记始于 1992 年")
	case year > asOf.Year:
		return "", futureYear(softwareName, value)
	}
	return text, nil
}

var worksPattern = regexp.MustCompile(`^[国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新港澳台]作登字-(\d{4})-[A-L]-\d{8}$`)

// WorksNumber checks a works registration number 作品登记号: 国 or the short name
// of a province, the year, a class letter and the serial. Five provinces have two
// short names. Either is read and kept, for what an office prints is its number:
// Guizhou prints 黔. Errors: FORMAT, YEAR.
func WorksNumber(value string, asOf Date) (string, error) {
	text, err := fold(worksName, value)
	if err != nil {
		return "", err
	}
	m := worksPattern.FindStringSubmatch(text)
	if m == nil {
		return "", refuse(worksName, Format, value, "want the form 川作登字-2023-F-00004567", "格式应如 川作登字-2023-F-00004567")
	}
	if number(m[1]) > asOf.Year {
		return "", futureYear(worksName, value)
	}
	return text, nil
}

var layoutPattern = regexp.MustCompile(`^BS\.?((\d{2})5\d{5})\.?([0-9X])$`)

// LayoutNumber checks an IC layout registration number 布图设计登记号. Prints differ
// in their dots; the canonical form is that of the later ones, BS.225612348.
// Errors: FORMAT, YEAR, CHECK.
func LayoutNumber(value string, asOf Date) (string, error) {
	text, err := fold(layoutName, value)
	if err != nil {
		return "", err
	}
	m := layoutPattern.FindStringSubmatch(text)
	if m == nil {
		return "", refuse(layoutName, Format, value, "want BS., the year, 5, five digits and a check character", "应为 BS. 加 2 位年份、数字 5、5 位序号和校验码")
	}
	if 2000+number(m[2]) > asOf.Year {
		return "", futureYear(layoutName, value)
	}
	if want := PatentCheck(m[1]); m[3] != want {
		return "", wrongCheck(layoutName, value, want)
	}
	return "BS." + m[1] + m[3], nil
}

var varietyPattern = regexp.MustCompile(`^(?:CNA\d{8}\.\d|CNA20\d{9}|(?:19|20)\d{6})$`)

// PlantVarietyNumber checks the form of a plant variety number 品种权号, of
// agriculture (CNA) or forestry; the rule of its check digit is not published.
// Errors: FORMAT.
func PlantVarietyNumber(value string) (string, error) {
	return matching(varietyName, value, varietyPattern.MatchString, "want CNA and 8 digits, a dot and a digit; CNA20 and 9 digits; or 8 digits", "应为 CNA 加 8 位数字加点加 1 位数字,或 CNA20 加 9 位数字,或 8 位数字")
}

var cnipaPledgePattern = regexp.MustCompile(`^Y20\d{11}$`)

// CNIPAPledgeNumber checks the number under which the patent office registered a
// pledge 质押登记号: Y, the year, the office (2 digits) and a serial (7 digits).
// The form without Y, used before 2011, is refused. Errors: FORMAT, YEAR.
func CNIPAPledgeNumber(value string, asOf Date) (string, error) {
	text, err := matching(cnipaPledgeName, value, cnipaPledgePattern.MatchString, "want Y, the year, and 9 digits", "应为 Y 加 4 位年份加 9 位数字")
	if err != nil {
		return "", err
	}
	if number(text[1:5]) > asOf.Year {
		return "", futureYear(cnipaPledgeName, value)
	}
	return text, nil
}

// matching folds value and requires a form; what it gives is the canonical form
// of the numbers that have nothing but a form.
func matching(typeName, value string, fits func(text string) bool, reason, reasonZH string) (string, error) {
	text, err := fold(typeName, value)
	if err != nil {
		return "", err
	}
	if !fits(text) {
		return "", refuse(typeName, Format, value, reason, reasonZH)
	}
	return text, nil
}

var registrationPattern = regexp.MustCompile(`^[\p{Han}A-Z0-9][\p{Han}A-Z0-9()〔〕\[\]./ -]{1,62}[\p{Han}A-Z0-9)〕\]]$`)

// RegistrationNumber brings a pledge registration number of a registrar whose numbers
// have no published form to one spelling: blanks are kept where they part two letters or
// digits alone, since elsewhere some type them and some do not. Errors: FORMAT.
func RegistrationNumber(value string) (string, error) {
	text, err := fold(statutoryName, value)
	if err != nil {
		return "", err
	}
	closed := ""
	for _, word := range strings.Fields(text) {
		if closed != "" && isWordByte(closed[len(closed)-1]) && isWordByte(word[0]) {
			closed += " "
		}
		closed += word
	}
	if !registrationPattern.MatchString(closed) {
		return "", refuse(statutoryName, Format, value, "want 3 to 64 letters, digits, Chinese characters and signs such as - and /", "应为 3 至 64 位字母、数字、汉字及连字符等符号")
	}
	return closed, nil
}

// isWordByte tells whether a byte is a letter or digit of ASCII.
func isWordByte(b byte) bool { return 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' }
