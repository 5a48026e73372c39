// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"fmt"
	"unicode/utf8"
)

// Class is the kind of fault found in a value.
type Class string

// The classes, in the order in which they are reported when several apply.
const (
	Format   Class = "FORMAT"   // not the shape of such a number
	Kind     Class = "KIND"     // a kind digit or letter that does not exist or contradicts the claimed type
	Year     Class = "YEAR"     // a year in which no such number was given, or a future one
	NoDate   Class = "DATE"     // a date that does not exist
	BadType  Class = "TYPE"     // a record type or identifier type that does not exist
	CheckSum Class = "CHECK"    // the check character does not fit
	OrgCheck Class = "ORGCHECK" // the 17th character of a credit code does not fit, although the 18th does

	Currency Class = "CURRENCY" // not a currency of the ledger
	Scale    Class = "SCALE"    // more decimals than the currency has
	Range    Class = "RANGE"    // beyond MaxMinor
)

// Code gives the stable error code of a class: E_FORMAT, E_CHECKDIGIT or
// E_AMOUNT. It is "" for a string that is no class.
func (c Class) Code() string {
	switch c {
	case Format, BadType, Kind, Year, NoDate:
		return "E_FORMAT"
	case CheckSum, OrgCheck:
		return "E_CHECKDIGIT"
	case Currency, Scale, Range:
		return "E_AMOUNT"
	}
	return ""
}

// Error says why a value was refused. All errors of this package are *Error.
type Error struct {
	Type     string // the identifier type, such as "patent_number", or "money" or "date"
	Class    Class
	Value    string // what was typed; empty if it is withheld, too long or not UTF-8
	Reason   string // in English
	ReasonZH string // in Chinese
}

func (e *Error) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("checking %s: %s", e.Type, e.Reason)
	}
	return fmt.Sprintf("checking %s %q: %s", e.Type, e.Value, e.Reason)
}

// Message gives the reason for a reader: "zh" in Chinese, else in English.
func (e *Error) Message(lang string) string {
	if lang == "zh" {
		return e.ReasonZH
	}
	return e.Reason
}

// refuse makes the error for value. People paste identity numbers into the wrong
// field, and errors travel into outcomes and logs: such a value is withheld.
func refuse(typeName string, class Class, value, reason, reasonZH string) error {
	if typeName == residentIDName || len(value) > maxValue || !utf8.ValidString(value) || FindResidentID(value) {
		value = ""
	}
	return &Error{Type: typeName, Class: class, Value: value, Reason: reason, ReasonZH: reasonZH}
}

// wrongCheck is the refusal of a value whose check character should be want.
func wrongCheck(typeName, value, want string) error {
	return refuse(typeName, CheckSum, value, "wrong check character, must be "+want, "校验码错误,应为 "+want)
}

func futureYear(typeName, value string) error {
	return refuse(typeName, Year, value, "the year is in the future", "年份晚于当前日期")
}
