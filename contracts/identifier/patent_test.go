// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestOnePatentHasOneCanonicalForm(t *testing.T) {
	for _, spelling := range []string{
		"201810234567.3", "2018102345673", "ZL201810234567.3", "CN201810234567.3", "zl2018102345673",
		"ZL 2018 1 0234567.3", "  ZL 201810234567.3\n", "ZL 2018 1 0234567.3", "ZL　2018　1　0234567．3",
		"２０１８１０２３４５６７３", "𝟐𝟎𝟏𝟖𝟏𝟎𝟐𝟑𝟒𝟓𝟔𝟕.3",
	} {
		if got := accept(t, "patent_number", spelling); got != "2018102345673" {
			t.Errorf("%q: canonical %q", spelling, got)
		}
	}
	if got := accept(t, "patent_number", "cn 2019 1 0334455.x"); got != "201910334455X" {
		t.Errorf("canonical %q", got)
	}
}

func TestSpacesStandOnlyWhereCertificatesPrintThem(t *testing.T) {
	for _, value := range []string{"Z L201810234567.3", "20 1810234567.3", "2018 1 0234 567.3", "2018 1 0234567 .3", "2018 1 0234567. 3", "2018-1-0234567.3", "ZLCN2018102345673"} {
		reject(t, "patent_number", value, identifier.Format)
	}
	reject(t, "uscc", "91510100 MA6CA1R24N", identifier.Format)
	reject(t, "cnaps", "1021 0009 9996", identifier.Format)
}

func TestKindDigitDecidesTheRight(t *testing.T) {
	for _, c := range []struct {
		value string
		right identifier.RightType
		pct   bool
		year  int
	}{
		{"201710601862.3", identifier.PatInv, false, 2017},
		{"202080012345.2", identifier.PatInv, true, 2020},
		{"202220765432.1", identifier.PatUM, false, 2022},
		{withCheck("202290765432"), identifier.PatUM, true, 2022},
		{"2023301122330", identifier.PatDes, false, 2023},
		{"98112345.7", identifier.PatInv, false, 1998},
		{withCheck("85100001"), identifier.PatInv, false, 1985},
		{withCheck("03299999"), identifier.PatUM, false, 2003},
		{withCheck("00812345"), identifier.PatInv, true, 2000},
		{withCheck("200310100001"), identifier.PatInv, false, 2003},
		{withCheck("202610100001"), identifier.PatInv, false, 2026},
	} {
		p, err := identifier.PatentNumber(c.value, today)
		if err != nil || p.Right != c.right || p.PCT != c.pct || p.Year != c.year {
			t.Errorf("%s: got %+v, %v", c.value, p, err)
		}
	}
}

func TestPatentFaultsInOrder(t *testing.T) {
	for value, want := range map[string]identifier.Class{
		"201740601862.X":          identifier.Kind, // check right
		"200140601862.0":          identifier.Kind, // year and check wrong too
		"200110601862.9":          identifier.Year, // check wrong too
		withCheck("200210601862"): identifier.Year,
		withCheck("202710601862"): identifier.Year, // tomorrow's
		withCheck("04112345"):     identifier.Year,
		withCheck("84112345"):     identifier.Year,
		withCheck("98412345"):     identifier.Kind,
		"98112345.8":              identifier.CheckSum,
		"98112345":                identifier.Format,
		"":                        identifier.Format,
		"2018102345673\x00":       identifier.Format,
		"201810234567٣":           identifier.Format, // a digit, but not one of ours
		"20181023456\ufeff73":     identifier.Format,
		"201810234567\xff":        identifier.Format,
		strings.Repeat("2", 129):  identifier.Format,
		strings.Repeat(" ", 129):  identifier.Format,
	} {
		reject(t, "patent_number", value, want)
	}
}

// The long form began on 2003-10-01, in the middle of a year that both forms share.
func TestLongPatentNumbersBeganInOctober2003(t *testing.T) {
	long, short := withCheck("200310100001"), withCheck("03100001")
	for text, want := range map[string]identifier.Class{"2003-01-01": identifier.Year, "2003-09-30": identifier.Year, "2003-10-01": "", "2026-11-22": ""} {
		day := date(t, text)
		if _, err := identifier.PatentNumber(long, day); class(err) != want {
			t.Errorf("%s as of %s: %v, want class %q", long, text, err, want)
		}
		if _, err := identifier.PatentNumber(short, day); err != nil {
			t.Errorf("%s as of %s: %v", short, text, err)
		}
	}
	for text, want := range map[string]identifier.Class{"1984-12-31": identifier.Year, "1985-01-01": "", "2002-12-31": ""} {
		if _, err := identifier.PatentNumber(withCheck("85100001"), date(t, text)); class(err) != want {
			t.Errorf("a number of 1985 as of %s: %v, want class %q", text, err, want)
		}
	}
}

func TestPublicationLetterAgreesWithItsDigit(t *testing.T) {
	for _, value := range []string{"CN108765432A", "cn108765432b8", "CN1234567C", "CN201234567U", "CN2123456Y", "CN307654321S", "CN3012345D"} {
		accept(t, "publication_number", value)
	}
	for _, value := range []string{"CN108765432U", "CN201234567A", "CN307654321B", "CN1234567S"} {
		reject(t, "publication_number", value, identifier.Kind)
	}
	reject(t, "publication_number", "CN1087654321A", identifier.Format)
}
