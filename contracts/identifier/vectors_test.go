// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// today is the date the vectors were written for.
var today = identifier.Date{Year: 2026, Month: 11, Day: 22}

type vectors struct {
	Valid   []string
	Invalid []struct {
		Value, Reason string
		Code          identifier.Class
	}
}

func readVectors(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile("testdata/identifiers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func decode[T any](t *testing.T, data json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func class(err error) identifier.Class {
	var e *identifier.Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

// accept requires value to be a valid number of the type with a canonical form
// that is a fixed point, and gives that form.
func accept(t *testing.T, typeName, value string) string {
	t.Helper()
	canonical, err := identifier.Check(typeName, value, today)
	if err != nil {
		t.Errorf("%v", err)
		return ""
	}
	if again, err := identifier.Check(typeName, canonical, today); err != nil || again != canonical {
		t.Errorf("%s %q: canonical %q becomes %q, %v", typeName, value, canonical, again, err)
	}
	return canonical
}

func reject(t *testing.T, typeName, value string, want identifier.Class) {
	t.Helper()
	canonical, err := identifier.Check(typeName, value, today)
	if got := class(err); got != want || canonical != "" {
		t.Errorf("%s %q: got %q, class %s (%v), want class %s", typeName, value, canonical, got, err, want)
	}
}

func TestEveryVectorIsJudgedAsPublished(t *testing.T) {
	all := readVectors(t)
	for _, name := range identifier.Types() {
		v := decode[vectors](t, all[name])
		if len(v.Valid) < 4 || len(v.Invalid) < 4 {
			t.Errorf("%s: %d valid and %d invalid vectors", name, len(v.Valid), len(v.Invalid))
		}
		for _, value := range v.Valid {
			accept(t, name, value)
		}
		for _, invalid := range v.Invalid {
			reject(t, name, invalid.Value, invalid.Code)
		}
	}
}

func TestNoVectorTypeIsLeftOut(t *testing.T) {
	others := []string{"parties", "money", "sm3", "interest_act360"}
	for name := range readVectors(t) {
		if _, known := identifier.Lookup(name); !known && !slices.Contains(others, name) {
			t.Errorf("%s has vectors and no check", name)
		}
	}
}

func TestPartiesOfTheStoriesHaveGoodCodes(t *testing.T) {
	for party, code := range decode[map[string]string](t, readVectors(t)["parties"]) {
		if canonical := accept(t, "uscc", code); canonical != code {
			t.Errorf("%s: canonical %q of %q", party, canonical, code)
		}
	}
}

func TestNumbersOfTheStoriesAreGood(t *testing.T) {
	for name, values := range map[string][]string{
		"patent_number": {"201610777888.9", "201710888999.1", "201910334455.X", "202010118822.5", "202020556677.4",
			"202110500007.X", "202111223344.5", "202220765432.1", "202310101010.3"},
		"platform_number": {"CLM-510100-20270301-0000018-I", "CRT-510100-20260312-0000016-2", "PLG-510100-20251121-0000009-B",
			"PLG-510100-20260312-0000001-1", "PLG-510100-20260325-0000002-H", "PLG-510100-20260605-0000006-2",
			"PLG-510100-20260715-0000015-I", "PLG-510100-20260810-0000010-P", "QRY-510100-20260720-0000017-E"},
		"cnaps":                {"313651000010", "313653000021", "314651000034"},
		"plant_variety_number": {"CNA20211005678"},
		"lei":                  {"549300SGBANK00000183"},
	} {
		for _, value := range values {
			accept(t, name, value)
		}
	}
}

func TestMoneyVectors(t *testing.T) {
	v := decode[struct {
		Valid []struct {
			Cur, Text string
			Minor     int64
		}
		Invalid []struct {
			Cur, Text string
			Code      identifier.Class
		}
	}](t, readVectors(t)["money"])
	for _, m := range v.Valid {
		minor, currency, err := identifier.ParseMoney(m.Cur + " " + m.Text)
		if err != nil || minor != m.Minor || currency != m.Cur {
			t.Errorf("%s %s: got %d %s, %v", m.Cur, m.Text, minor, currency, err)
		}
	}
	for _, m := range v.Invalid {
		if _, _, err := identifier.ParseMoney(m.Cur + " " + m.Text); class(err) != m.Code {
			t.Errorf("%s %s: got %v, want class %s", m.Cur, m.Text, err, m.Code)
		}
	}
}
