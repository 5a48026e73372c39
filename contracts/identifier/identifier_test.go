// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func TestFutureIsMeasuredFromTheGivenDate(t *testing.T) {
	newYear := identifier.Date{Year: 2027, Month: 1, Day: 1}
	for name, value := range map[string]string{
		"patent_number":       withCheck("202710601862"),
		"software_number":     "2027SR1234567",
		"works_number":        "川作登字-2027-F-00000001",
		"ic_layout_number":    "BS." + withCheck("27500145"),
		"cnipa_pledge_number": "Y2027510000001",
	} {
		reject(t, name, value, identifier.Year)
		if _, err := identifier.Check(name, value, newYear); err != nil {
			t.Errorf("on %v: %v", newYear, err)
		}
	}
}

func TestRegistersWithoutCheckDigits(t *testing.T) {
	for _, value := range []string{"1", "12345678z", "g12345", "G1234567A"} {
		accept(t, "trademark_number", value)
	}
	for _, value := range []string{"0", "G0123456", "G12345678", "123AB", "A123"} {
		reject(t, "trademark_number", value, identifier.Format)
	}
	accept(t, "software_number", "1992sr0001")
	reject(t, "software_number", "1991SR0001", identifier.Year)
	reject(t, "software_number", "2023SR123", identifier.Format)
	accept(t, "cnipa_pledge_number", "y2021980007535")
	reject(t, "cnipa_pledge_number", "Y1921980007535", identifier.Format)
	reject(t, "plant_variety_number", "CNA19191001234", identifier.Format)
	reject(t, "plant_variety_number", "18150123", identifier.Format)
}

func TestAWorkIsNumberedAsItsProvincePrints(t *testing.T) {
	for spelling, want := range map[string]string{
		"国作登字-2023-f-00004567": "国作登字-2023-F-00004567",
		"黔作登字-2023-F-00004567": "黔作登字-2023-F-00004567",
		"贵作登字-2023-F-00004567": "贵作登字-2023-F-00004567",
		"渝作登字－2023－Ｆ－00004567": "渝作登字-2023-F-00004567",
		"⿊作登字-2023-F-00004567": "黑作登字-2023-F-00004567", // a radical for the character
	} {
		if got := accept(t, "works_number", spelling); got != want {
			t.Errorf("%s: canonical %s", spelling, got)
		}
	}
	for _, value := range []string{"成作登字-2023-F-00004567", "作登字-2023-F-00004567", "川作登字-2023-M-00004567", "川国作登字-2023-F-00004567"} {
		reject(t, "works_number", value, identifier.Format)
	}
}

func TestDotsOfALayoutNumberDoNotMatter(t *testing.T) {
	for _, spelling := range []string{"BS.08500145.7", "BS08500145.7", "bs.085001457", "BS085001457"} {
		if got := accept(t, "ic_layout_number", spelling); got != "BS.085001457" {
			t.Errorf("%s: canonical %s", spelling, got)
		}
	}
}

func TestOrganisationCheckCanBeWaivedAndTheOtherNot(t *testing.T) {
	const code = "91510100MA6CA1R20A"
	reject(t, "uscc", code, identifier.OrgCheck)
	if got, err := identifier.USCCOrgCheckWaived(strings.ToLower(code)); err != nil || got != code {
		t.Errorf("waived: %q, %v", got, err)
	}
	if _, err := identifier.USCCOrgCheckWaived("91510100MA6CA1R20B"); class(err) != identifier.CheckSum {
		t.Errorf("waived with a wrong 18th character: %v", err)
	}
	reject(t, "uscc", "91510100MA6CA1R230", identifier.CheckSum) // both wrong
}

func TestTheRemainderOfALEIDecides(t *testing.T) {
	// Each pair leaves the same remainder; the standard computes the first.
	for _, pair := range [][2]string{{"02", "99"}, {"97", "00"}, {"98", "01"}} {
		found := false
		for i := 0; i < 26*26 && !found; i++ {
			stem := "3003000000000000" + string(rune('A'+i%26)) + string(rune('A'+i/26))
			if _, err := identifier.LEI(stem + pair[0]); err == nil {
				found = true
				accept(t, "lei", stem+pair[1])
				reject(t, "lei", stem+"50", identifier.CheckSum)
			}
		}
		if !found {
			t.Errorf("no stem with check digits %s", pair[0])
		}
	}
}

func TestPlatformNumberIsReadAsItWasMade(t *testing.T) {
	date := identifier.Date{Year: 2026, Month: 3, Day: 12}
	made, err := identifier.NewPlatformNumber(identifier.PledgeRecord, "510100", date, 42)
	if err != nil || made != "PLG-510100-20260312-0000042-K" {
		t.Fatalf("made %q, %v", made, err)
	}
	p, err := identifier.PlatformNumber(" plg-510100-20260312-0000042-k")
	if want := (identifier.Platform{Canonical: made, Kind: identifier.PledgeRecord, Area: "510100", Date: date, Serial: 42}); err != nil || p != want {
		t.Errorf("read %+v, %v", p, err)
	}
	reject(t, "platform_number", "ABC-510100-20260230-0000042-0", identifier.BadType)
	reject(t, "platform_number", "PLG-510100-20260230-0000042-0", identifier.NoDate)
	reject(t, "platform_number", "PLG-510100-00000101-0000042-0", identifier.NoDate)
	reject(t, "platform_number", "PLG510100202603120000042K", identifier.Format)
}

func TestPlatformNumberIsNotMadeFromNonsense(t *testing.T) {
	date := identifier.Date{Year: 2026, Month: 3, Day: 12}
	for _, c := range []struct {
		kind   identifier.RecordKind
		area   string
		date   identifier.Date
		serial uint64
		want   identifier.Class
	}{
		{"ABC", "510100", date, 1, identifier.BadType},
		{identifier.LoanRecord, "51010", date, 1, identifier.Format},
		{identifier.LoanRecord, "51010X", date, 1, identifier.Format},
		{identifier.LoanRecord, "510100", identifier.Date{Year: 2026, Month: 2, Day: 29}, 1, identifier.NoDate},
		{identifier.LoanRecord, "510100", date, identifier.MaxSerial + 1, identifier.Format},
	} {
		if made, err := identifier.NewPlatformNumber(c.kind, c.area, c.date, c.serial); class(err) != c.want || made != "" {
			t.Errorf("%+v: made %q, %v", c, made, err)
		}
	}
}

func TestRightsShareNumberSpaces(t *testing.T) {
	for _, c := range []struct {
		right     identifier.RightType
		value     string
		space     identifier.Space
		canonical string
	}{
		{identifier.PatInv, "ZL 2018 1 0234567.3", identifier.PatentSpace, "2018102345673"},
		{identifier.PatUM, "202220765432.1", identifier.PatentSpace, "2022207654321"},
		{identifier.TM, "5678901", identifier.MarkSpace, "5678901"},
		{identifier.TMCert, "5678901", identifier.MarkSpace, "5678901"},
		{identifier.TMColl, "5678901", identifier.MarkSpace, "5678901"},
		{identifier.CopySoft, "2023SR1234567", identifier.SoftwareSpace, "2023SR1234567"},
		{identifier.CopyWork, "川作登字-2023-F-00004567", identifier.WorkSpace, "川作登字-2023-F-00004567"},
		{identifier.ICLayout, "BS.08500145.7", identifier.LayoutSpace, "BS.085001457"},
		{identifier.PlantVar, "CNA20211005678", identifier.VarietySpace, "CNA20211005678"},
	} {
		space, canonical, err := identifier.RightNumber(c.right, c.value, today)
		if err != nil || space != c.space || canonical != c.canonical {
			t.Errorf("%s %s: got %s %s, %v", c.right, c.value, space, canonical, err)
		}
	}
	for _, c := range []struct {
		right identifier.RightType
		value string
		want  identifier.Class
	}{
		{identifier.PatUM, "201810234567.3", identifier.Kind},
		{identifier.PatInv, "202220765432.1", identifier.Kind},
		{identifier.PatInv, "201810234567.4", identifier.CheckSum},
		{identifier.TM, "012345678", identifier.Format},
		{"ROYALTY", "1", identifier.BadType},
		{"", "1", identifier.BadType},
	} {
		if _, _, err := identifier.RightNumber(c.right, c.value, today); class(err) != c.want {
			t.Errorf("%s %s: got %v, want class %s", c.right, c.value, err, c.want)
		}
	}
	if _, err := identifier.Space("NOWHERE").Check("1", today); class(err) != identifier.BadType {
		t.Errorf("unknown space: %v", err)
	}
}

func TestClassesHaveCodes(t *testing.T) {
	for class, code := range map[identifier.Class]string{
		identifier.Format: "E_FORMAT", identifier.BadType: "E_FORMAT", identifier.Kind: "E_FORMAT",
		identifier.Year: "E_FORMAT", identifier.NoDate: "E_FORMAT",
		identifier.CheckSum: "E_CHECKDIGIT", identifier.OrgCheck: "E_CHECKDIGIT",
		identifier.Scale: "E_AMOUNT", identifier.Currency: "E_AMOUNT", identifier.Range: "E_AMOUNT", "": "",
	} {
		if class.Code() != code {
			t.Errorf("%q has code %q, want %q", class, class.Code(), code)
		}
	}
}

func TestErrorsSpeakBothLanguages(t *testing.T) {
	_, err := identifier.Check("patent_number", "201710601862.4", today)
	var e *identifier.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if got, want := e.Error(), `checking patent_number "201710601862.4": wrong check character, must be 3`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := e.Message("zh"), "校验码错误,应为 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := e.Message("en"), "wrong check character, must be 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := identifier.Check("no_such_type", "1", today); class(err) != identifier.BadType {
		t.Errorf("unknown type: %v", err)
	}
}

func TestErrorsNeverRepeatAnIdentityNumber(t *testing.T) {
	const id = "110101199001010015"
	for _, name := range identifier.Types() {
		for _, value := range []string{id, id + ".", "X " + id} {
			if _, err := identifier.Check(name, value, today); err != nil && strings.Contains(err.Error(), id) {
				t.Errorf("%v", err)
			}
		}
	}
	_, err := identifier.Check("resident_id_detector", "110101199001010010", today)
	if strings.Contains(err.Error(), "11010119900101001") || strings.Contains(err.Error(), "must be") {
		t.Errorf("%v", err)
	}
}

func TestAnOrganisationIsNamedByItsCreditCodeOrItsLEI(t *testing.T) {
	for value, want := range map[string]string{
		"91510100ma6ca1r24n":    "91510100MA6CA1R24N",
		" 549300sgbank00000183": "549300SGBANK00000183",
		"５４9300SGBANK00000183":  "549300SGBANK00000183",
	} {
		got, err := identifier.PartyID(value)
		if err != nil || got != want || identifier.IsLEI(got) != (len(got) == 20) {
			t.Errorf("%q: %q %v", value, got, err)
		}
	}
	for value, want := range map[string]identifier.Class{
		"91510100MA6CA1R240":   identifier.CheckSum,
		"549300SGBANK00000184": identifier.CheckSum,
		"549300SGBANK000001A3": identifier.Format, // letters for check digits
		"549300SGBANK0000018":  identifier.Format,
		"":                     identifier.Format,
		"成都":                   identifier.Format,
	} {
		if got, err := identifier.PartyID(value); class(err) != want {
			t.Errorf("%q: %q %v, want %s", value, got, err, want)
		}
	}
}
