// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestIdentityNumbersAreFoundInText(t *testing.T) {
	for _, text := range []string{
		"110101199001010015",
		"51010419880229001X",
		"51010419880229001x",
		"法定代表人身份证110101199001010015。",
		"id:110101199001010015,tel 13800138000",
		"110101 19900101 0015",
		"110101-19900101-001-5",
		"1 1 0 1 0 1 1 9 9 0 0 1 0 1 0 0 1 5",
		"51010419880229001-X",
		"51010419880229001 X",
		"51010419880229001Xiaoming",
		"110101199001010015X",
		"１１０１０１１９９００１０１００１５",
		"①①０１０１1990-01-01 0015",
		"110101\u00a019900101\u20090015",
		"🯱🯱🯰🯱🯰🯱1990🯰🯱🯰🯱🯰🯰🯱🯵",
		"110101\u201119900101\u20130015",
		"110101\u200b199001010015",
		"1\ufe0f\u20e3" + "10101199001010015",
		"13800138000 110101199001010015",
		"2026-03-12 110101199001010015 2026-03-12",
		"110101199001010015 13800138000",
		"110101\n19900101\n0015",
		"\xff110101199001010015\xff",
		strings.Repeat("0 ", 5000) + "110101199001010015",
	} {
		if !identifier.FindResidentID(text) {
			t.Errorf("nothing found in %.60q", text)
		}
	}
}

func TestOtherTextIsLeftAlone(t *testing.T) {
	for _, text := range []string{
		"", "X", "质押担保", "13800138000",
		"110101199001010010",  // check character
		"510104198502290018",  // no such day
		"010101199001010015",  // leading zero
		"9110101199001010015", // within a longer run
		"1101011990010100150",
		"951010419880229001X",
		"62 1101011990010100156",
		"11010119900101001",    // too short
		"110101/19900101/0015", // not spaces or hyphens
		"110101.19900101.0015",
		"PLG-510100-20260312-0000042-K",
		"ZL 2018 1 0234567.3, ZL 2020 2 0556677.4",
		"CNY 5,000,000.00",
		"91510100MA6CA1R24N",
		"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
		strings.Repeat("1", 20000),
		strings.Repeat("1 ", 20000),
	} {
		if identifier.FindResidentID(text) {
			t.Errorf("found an identity number in %.60q", text)
		}
	}
}

func TestTheDetectorAgreesWithItsVectors(t *testing.T) {
	v := decode[vectors](t, readVectors(t)["resident_id_detector"])
	for _, value := range v.Valid {
		if !identifier.FindResidentID("见 " + value + " 号") {
			t.Errorf("%s not found", value)
		}
	}
	for _, invalid := range v.Invalid {
		if identifier.FindResidentID(invalid.Value) {
			t.Errorf("%s found: %s", invalid.Value, invalid.Reason)
		}
	}
}

// The published data itself must hold no identity number where it is not asked to.
func TestNoPublishedNumberLooksLikeAnIdentityNumber(t *testing.T) {
	for name, data := range readVectors(t) {
		if name == "resident_id_detector" {
			continue
		}
		if text, _ := json.Marshal(data); identifier.FindResidentID(string(text)) {
			t.Errorf("%s holds an identity number", name)
		}
	}
}
