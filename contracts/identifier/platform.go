// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"fmt"
	"slices"
)

const platformName = "platform_number"

// RecordKind is the first part of a platform number: what it numbers.
type RecordKind string

// The kinds of record that have a platform number.
const (
	RightRecord       RecordKind = "IPR"
	PledgeRecord      RecordKind = "PLG"
	CertificateRecord RecordKind = "CRT"
	LoanRecord        RecordKind = "LON"
	ValuationRecord   RecordKind = "VAL"
	ConsentRecord     RecordKind = "CON"
	FreezeRecord      RecordKind = "FRZ"
	DisposalRecord    RecordKind = "DSP"
	ClaimRecord       RecordKind = "CLM"
	ApplicationRecord RecordKind = "APP"
	PoolRecord        RecordKind = "POL"
	QueryRecord       RecordKind = "QRY"
)

// MaxSerial is the highest serial of a kind, area and day.
const MaxSerial = 9_999_999

// Known tells whether k is one of the kinds above.
func (k RecordKind) Known() bool {
	return slices.Contains([]RecordKind{
		RightRecord, PledgeRecord, CertificateRecord, LoanRecord, ValuationRecord, ConsentRecord,
		FreezeRecord, DisposalRecord, ClaimRecord, ApplicationRecord, PoolRecord, QueryRecord,
	}, k)
}

// Platform is what a platform number says.
type Platform struct {
	Canonical string // such as "PLG-510100-20260312-0000042-K"
	Kind      RecordKind
	Area      string // GB/T 2260 code, 6 digits
	Date      Date
	Serial    uint64 // of this kind, area and day, up to MaxSerial
}

// PlatformNumber checks a number of this ledger: kind, area, date, serial and a
// check character, ISO 7064 MOD 37,36 over the 24 characters before it. The date
// may lie ahead. Errors: FORMAT, TYPE, DATE, CHECK.
func PlatformNumber(value string) (Platform, error) {
	text, err := fold(platformName, value)
	if err != nil {
		return Platform{}, err
	}
	if len(text) != 29 || text[3] != '-' || text[10] != '-' || text[19] != '-' || text[27] != '-' {
		return Platform{}, malformed(value)
	}
	kind, area, date, serial, check := text[:3], text[4:10], text[11:19], text[20:27], text[28:]
	if !letters(kind) || !digits(area) || !digits(date) || !digits(serial) || !letters(check) && !digits(check) {
		return Platform{}, malformed(value)
	}
	p := Platform{Canonical: text, Kind: RecordKind(kind), Area: area, Date: compactDate(date), Serial: uint64(number(serial))}
	if !p.Kind.Known() {
		return Platform{}, refuse(platformName, BadType, value, "unknown record type", "未知的记录类型")
	}
	if !p.Date.Valid() {
		return Platform{}, refuse(platformName, NoDate, value, "the date does not exist", "日期不存在")
	}
	if want := hybrid(36, text[:27]); check != want {
		return Platform{}, wrongCheck(platformName, value, want)
	}
	return p, nil
}

func malformed(value string) error {
	return refuse(platformName, Format, value, "want the form PLG-510100-20260312-0000042-K", "格式应如 PLG-510100-20260312-0000042-K")
}

// letters tells whether a text is of capital letters only.
func letters(text string) bool {
	for i := range len(text) {
		if text[i] < 'A' || text[i] > 'Z' {
			return false
		}
	}
	return true
}

// NewPlatformNumber makes the number of a record. It refuses an unknown kind
// (TYPE), an area that is not 6 digits or a serial above MaxSerial (FORMAT) and a
// day that does not exist (DATE): all of them can come from a transaction.
func NewPlatformNumber(kind RecordKind, area string, date Date, serial uint64) (string, error) {
	switch {
	case len(area) != 6 || !digits(area):
		return "", refuse(platformName, Format, area, "the area must be 6 digits", "地区代码应为 6 位数字")
	case serial > MaxSerial:
		return "", refuse(platformName, Format, fmt.Sprint(serial), "the serial has more than 7 digits", "序号超过 7 位")
	case !kind.Known():
		return "", refuse(platformName, BadType, string(kind), "unknown record type", "未知的记录类型")
	case !date.Valid():
		return "", refuse(platformName, NoDate, date.String(), "the date does not exist", "日期不存在")
	}
	var room [32]byte
	b := append(append(append(append(room[:0], kind...), '-'), area...), '-')
	b = append(date.appendCompact(b), '-')
	b = append(appendNumber(b, int(serial), 7), '-')
	return string(append(b, hybrid(36, string(b))...)), nil
}
