// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"regexp"
	"strconv"
	"strings"
)

const moneyName = "money"

// MaxMinor is the greatest amount of the ledger, in minor units.
const MaxMinor = 9_000_000_000_000_000

// Exponent gives the decimals of a currency's minor unit (ISO 4217); ok is false
// for a currency the ledger does not know.
func Exponent(currency string) (decimals int, ok bool) {
	switch currency {
	case "CNY", "USD", "EUR", "HKD", "SGD", "GBP":
		return 2, true
	case "JPY", "KRW":
		return 0, true
	case "KWD":
		return 3, true
	}
	return 0, false
}

var moneyPattern = regexp.MustCompile(`^([A-Z]{3}) ((?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*))(?:\.(\d+))?$`)

// ParseMoney reads an amount as people write it, "CNY 5,000,000.00", in minor
// units. Errors: FORMAT, CURRENCY, SCALE, RANGE, the first that applies.
func ParseMoney(text string) (minor int64, currency string, err error) {
	folded, err := fold(moneyName, text)
	if err != nil {
		return 0, "", err
	}
	m := moneyPattern.FindStringSubmatch(folded)
	if m == nil {
		return 0, "", refuse(moneyName, Format, text, "want a currency and an amount, such as CNY 5,000,000.00", "格式应如 CNY 5,000,000.00")
	}
	currency = m[1]
	decimals, ok := Exponent(currency)
	if !ok {
		return 0, "", refuse(moneyName, Currency, text, "not a currency of the ledger", "不支持的币种")
	}
	if len(m[3]) > decimals {
		return 0, "", refuse(moneyName, Scale, text, "more decimals than the currency has", "小数位数超过该币种的最小单位")
	}
	amount := strings.ReplaceAll(m[2], ",", "") + m[3] + strings.Repeat("0", decimals-len(m[3]))
	minor, err = strconv.ParseInt(amount, 10, 64)
	if err != nil || minor > MaxMinor {
		return 0, "", refuse(moneyName, Range, text, "more than the ledger holds", "金额超出上限")
	}
	return minor, currency, nil
}

var minorPattern = regexp.MustCompile(`^(?:0|[1-9]\d*)$`)

// ParseMinor reads an amount in minor units, a decimal integer. Errors: FORMAT, SCALE of
// one with decimals, RANGE.
func ParseMinor(text string) (int64, error) {
	whole, decimals, point := strings.Cut(text, ".")
	switch {
	case !minorPattern.MatchString(whole), point && !digits(decimals):
		return 0, refuse(moneyName, Format, text, "want minor units as a decimal integer, such as 500000000", "应为以最小货币单位表示的十进制整数，如 500000000")
	case point:
		return 0, refuse(moneyName, Scale, text, "minor units have no decimals", "最小货币单位不带小数")
	}
	minor, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || minor > MaxMinor {
		return 0, refuse(moneyName, Range, text, "more than the ledger holds", "金额超出上限")
	}
	return minor, nil
}
