// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	partyName = "party"
	usccName  = "uscc"
	leiName   = "lei"
	cnapsName = "cnaps"
	pbocName  = "pboc_fi_code"
)

// creditAlphabet are the characters of a credit code; a character's place is its
// value.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditValues are the values of all bytes as characters of a credit code, -1 if
// they are none.
var creditValues = func() (values [256]int8) {
	for c := range values {
		values[c] = int8(strings.IndexByte(creditAlphabet, byte(c)))
	}
	return values
}()

// isCreditCode tells whether a text has the form of a credit code: the kinds of
// authority and organisation, an area of 6 digits, an organisation code of 9
// characters, whose last is a digit or X, and a check character.
func isCreditCode(text string) bool {
	if len(text) != 18 || strings.IndexByte("123456789ANY", text[0]) < 0 || text[1] == '0' || !digits(text[2:8]) ||
		text[16] != 'X' && !digits(text[16:17]) {
		return false
	}
	for i := range len(text) {
		if creditValues[text[i]] < 0 {
			return false
		}
	}
	return true
}

// USCC checks a unified social credit code 统一社会信用代码, both its own check
// character (the 18th) and that of the organisation code within it (the 17th).
// Errors: FORMAT, CHECK, ORGCHECK. Sources: GB 32100-2015, GB 11714-1997.
func USCC(value string) (string, error) {
	text, err := USCCOrgCheckWaived(value)
	if err != nil {
		return "", err
	}
	if want := organisationCheck(text[8:16]); text[16:17] != want {
		return "", refuse(usccName, OrgCheck, value, "wrong check character of the organisation code (17th), must be "+want, "组织机构代码校验码(第 17 位)错误,应为 "+want)
	}
	return text, nil
}

// USCCOrgCheckWaived is USCC without the check of the 17th character. It is for
// codes an IP office has confirmed from the register, where some such codes stand.
// Errors: FORMAT, CHECK.
func USCCOrgCheckWaived(value string) (string, error) {
	text, err := matching(usccName, value, isCreditCode, "want 18 characters of digits and letters other than I, O, S, V, Z", "应为 18 位数字或大写字母(不含 I、O、S、V、Z)")
	if err != nil {
		return "", err
	}
	if want := creditCheck(text[:17]); text[17:] != want {
		return "", wrongCheck(usccName, value, want)
	}
	return text, nil
}

// creditCheck is the 18th character: weights are the powers of 3 mod 31, which is
// prime, so every wrong character and every swap of neighbours is found.
func creditCheck(text string) string {
	sum, weight := 0, 1
	for i := range len(text) {
		sum += int(creditValues[text[i]]) * weight
		weight = weight * 3 % 31
	}
	c := (31 - sum%31) % 31
	return creditAlphabet[c : c+1]
}

// organisationCheck is the 17th character, by GB 11714.
func organisationCheck(text string) string {
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += alphanumeric(text[i]) * weight
	}
	return digitOrX((11 - sum%11) % 11)
}

var leiPattern = regexp.MustCompile(`^[0-9A-Z]{18}\d{2}$`)

// LEI checks a legal entity identifier. Errors: FORMAT, CHECK.
// Sources: ISO 17442, ISO 7064 MOD 97-10.
func LEI(value string) (string, error) {
	text, err := matching(leiName, value, leiPattern.MatchString, "want 18 digits or letters and 2 check digits", "应为 18 位数字或字母加 2 位校验码")
	if err != nil {
		return "", err
	}
	// The remainder alone decides: 00, 01 and 99 pass where 97, 98 and 02, which
	// have the same remainder, would be computed.
	if mod97(text) != 1 {
		return "", wrongCheck(leiName, value, fmt.Sprintf("%02d", 98-mod97(text[:18]+"00")))
	}
	return text, nil
}

// leiLength tells an LEI from a credit code, which has 18 characters.
const leiLength = 20

// PartyID checks what names an organisation wherever one is named: its unified social
// credit code or, of one that has none, its LEI. The 17th character of a credit code
// was judged when the organisation was registered. Errors: FORMAT, CHECK.
func PartyID(value string) (string, error) {
	text, err := fold(partyName, value)
	switch {
	case err != nil:
		return "", err
	case len(text) == leiLength:
		return LEI(value)
	case isCreditCode(text):
		return USCCOrgCheckWaived(value)
	}
	return "", refuse(partyName, Format, value, "want a unified social credit code of 18 characters, or an LEI of 20", "应为 18 位统一社会信用代码或 20 位法人机构识别编码（LEI）")
}

// IsLEI tells of a party id whether it is an LEI.
func IsLEI(partyID string) bool { return len(partyID) == leiLength }

var cnapsPattern = regexp.MustCompile(`^[1-9]\d{11}$`)

// CNAPS checks a bank number of the payment system 支付系统行号: bank (3 digits),
// city (4), branch (4) and a check digit, ISO 7064 MOD 11,10.
// Errors: FORMAT, CHECK.
func CNAPS(value string) (string, error) {
	text, err := matching(cnapsName, value, cnapsPattern.MatchString, "want 12 digits, the first not 0", "应为 12 位数字,首位不为 0")
	if err != nil {
		return "", err
	}
	if want := hybrid(10, text[:11]); text[11:] != want {
		return "", wrongCheck(cnapsName, value, want)
	}
	return text, nil
}

var pbocPattern = regexp.MustCompile(`^[A-Z]\d{13}$`)

// FinancialInstitutionCode checks the form of a PBOC financial institution code
// 金融机构编码; the rule of its check digit is not published.
// Errors: FORMAT. Source: JR/T 0124.
func FinancialInstitutionCode(value string) (string, error) {
	return matching(pbocName, value, pbocPattern.MatchString, "want a letter and 13 digits", "应为 1 位字母加 13 位数字")
}
